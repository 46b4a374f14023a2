"""`region.json`: what a running region tells others about itself, its secrets included.

The file can outlive its region (SIGKILL), so it never counts alone: a region runs while it
holds the lock of its folder, which the kernel takes back whatever happens.
"""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jingwei.region.errors import RegionError
from jingwei.terms import Endpoint

_FILE, _LOCK = "region.json", "region.lock"
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Record:
    """A running region: its process, its network, its control door, its endpoints."""

    pid: int
    started: str
    network: str
    control: str
    port: int
    token: str
    endpoints: tuple[Endpoint, ...]


class Lock:
    """Held by the one region of a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        # Who only asks whether a region runs holds the lock for an instant: try a few times.
        for _ in range(_TRIES):
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(0.02)
            else:
                return
        os.close(self._descriptor)
        raise RegionError(f"{folder} 中的演示区域已在运行")

    def release(self) -> None:
        """Let another region have the folder."""
        os.close(self._descriptor)


def write(folder: Path, record: Record) -> None:
    """Write the file in one step, readable by its owner only."""
    path = folder / _FILE
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1))
    new.replace(path)


def remove(folder: Path) -> None:
    """Remove the file; harmless when it is not there."""
    (folder / _FILE).unlink(missing_ok=True)


def read(folder: Path) -> Record:
    """The record of the running region. Raises `RegionError` when none runs in `folder`."""
    try:
        document: dict[str, Any] = json.loads((folder / _FILE).read_text())
        document["endpoints"] = tuple(Endpoint(**row) for row in document["endpoints"])
        record = Record(**document)
    except FileNotFoundError:
        raise RegionError(_nothing_runs(folder)) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RegionError(f"{folder / _FILE} 无法读取：{error}") from None
    if not running(folder):
        raise RegionError(_nothing_runs(folder))
    return record


def running(folder: Path) -> bool:
    """Whether a region holds the lock of this folder."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _nothing_runs(folder: Path) -> str:
    return f"{folder} 中没有运行的演示区域；请先执行 jingwei region up"
