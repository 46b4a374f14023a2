"""Regions in processes of their own, as in real life."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jingwei.terms import Endpoint

Where = Callable[[str, str], Endpoint]
Launch = Callable[..., "subprocess.Popen[bytes]"]

_SERVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import region_peers
from jingwei.region import serve
serve(Path(sys.argv[1]), getattr(region_peers, sys.argv[3])(), seed=7)
"""
_START_SECONDS = 60.0


def launch(folder: Path, peers: str = "one_of_each") -> subprocess.Popen[bytes]:
    """Start a region and wait until it answers."""
    here = str(Path(__file__).parent)
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(folder), here, peers])
    end = time.monotonic() + _START_SECONDS
    while not (folder / "region.json").exists():
        assert process.poll() is None, "the region ended at its start"
        assert time.monotonic() < end, "the region did not start"
        time.sleep(0.05)
    return process


def terminate(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """Send a signal to a region and wait for its end."""
    process.send_signal(number)
    return process.wait(20)


@contextmanager
def running_region(peers: str = "one_of_each") -> Iterator[Path]:
    """A region for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="jingwei-region-test-"))
    process = launch(folder, peers)
    try:
        yield folder
    finally:
        if process.poll() is None:
            terminate(process)
        shutil.rmtree(folder)


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
