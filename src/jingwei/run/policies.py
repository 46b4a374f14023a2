"""What the desk does by itself (content/desk): read once, again only when the file changed."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from jingwei.desk import policies
from jingwei.desk.policies import Automatic, Watch
from jingwei.rules.document import ContentError

T = TypeVar("T")


def automatic() -> Automatic:
    """Which findings open tickets. Raises ContentError (file, line, what was expected)."""
    return _read(_automatic, "automatic.toml")


def watch() -> Watch:
    """When people are told. Raises ContentError (file, line, what was expected)."""
    return _read(_watch, "watch.toml")


def check() -> None:
    """Read both, so that a start stops at a mistake. Raises ContentError."""
    automatic()
    watch()


def _read(load: Callable[[Path, int], T], name: str) -> T:
    file = Path(settings.JINGWEI_CONTENT) / "desk" / name
    try:
        return load(file, file.stat().st_mtime_ns)
    except OSError as error:
        raise ContentError(str(file), 1, f"读不到文件：{error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ContentError(str(file), 1, "文件应为 UTF-8 编码") from None


@lru_cache(maxsize=2)
def _automatic(file: Path, changed: int) -> Automatic:
    del changed
    return policies.load_automatic(file)


@lru_cache(maxsize=2)
def _watch(file: Path, changed: int) -> Watch:
    del changed
    return policies.load_watch(file)
