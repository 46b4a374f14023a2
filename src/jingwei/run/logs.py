"""Jingwei's own logs: JSON lines in data/logs/jingwei.log, short human lines on stderr.

Configured once a process, by the command line. Several processes (pages, worker, region, a
command) write the same file: each line is one append, and who finds the file full rotates it
under a lock. Secrets are hidden in both.
"""

import fcntl
import logging
import os
import sys
import time
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from jingwei.accounts.mask import masked, masked_text
from jingwei.terms import SHANGHAI

FILE = "jingwei.log"
LONGEST = 20 * 1024 * 1024  # bytes of one file
KEPT = 20  # older files beside it: 400 MB, about a year of an ordinary district

# They log every request or every login at INFO, which the audit chain and observations hold.
_CHATTY = ("httpx", "httpcore", "pymodbus", "pynetdicom", "axes", "asyncio", "fontTools")


class Lines(logging.Handler):
    """A log file several processes append to; rotated by size, the newest in `.1`.

    Nothing is buffered: a line is one `write`, so lines never mix and a kill loses none.
    """

    def __init__(self, path: Path, longest: int = LONGEST, kept: int = KEPT) -> None:
        """Raises OSError when the file can't be opened."""
        super().__init__()
        self.path = path
        self._longest, self._kept, self._complained = longest, kept, float("-inf")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Append one line, into a fresh file when this one is full or was moved away."""
        try:
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            here = self._here()
            if here is None:
                self._reopen()
            elif here.st_size >= self._longest:
                self._rotate()
            os.write(self._file, line)
        except Exception:  # noqa: BLE001 - as every handler of logging does
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """A full disk must not stop the work: one line a minute on stderr, no traceback."""
        if time.monotonic() - self._complained >= 60:
            self._complained = time.monotonic()
            sys.stderr.write(f"日志无法写入 {self.path}：{sys.exc_info()[1]}\n")

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        super().close()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def _reopen(self) -> None:
        fresh = self._open()
        os.close(self._file)
        self._file = fresh

    def _here(self) -> os.stat_result | None:
        """What lies at the path, when it is still the file we hold."""
        try:
            here, held = self.path.stat(), os.fstat(self._file)
        except FileNotFoundError:
            return None
        return here if os.path.samestat(here, held) else None

    def _rotate(self) -> None:
        """Shift the files by one, once: whoever comes second finds a small file and goes on."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.path.exists() and self.path.stat().st_size >= self._longest:
                for number in range(self._kept - 1, 0, -1):
                    older = self.path.with_name(f"{self.path.name}.{number}")
                    if older.exists():
                        older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
            self._reopen()


class JsonLines(JsonFormatter):
    """One JSON object a line: time (Shanghai), level, logger, process, message, extras."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Our names first, then whatever the caller gave as `extra`."""
        log_data["time"] = _local(record).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["process"] = record.process
        super().add_fields(log_data, record, message_dict)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Nothing secret goes out."""
        cleaned: dict[str, Any] = masked(log_data)
        return cleaned


class HumanLines(logging.Formatter):
    """`09:12:03 WARNING engine: 消息`, a traceback below; colour only on a terminal."""

    _COLOURS = {"WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}

    def __init__(self, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        level = record.levelname
        if self._colour and level in self._COLOURS:
            level = f"\x1b[{self._COLOURS[level]}m{level}\x1b[0m"
        name = record.name.removeprefix("jingwei.")
        text = f"{_local(record):%H:%M:%S} {level} {name}: {record.getMessage()}"
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return masked_text(text)


def configure(folder: Path, *, console: int = logging.WARNING) -> None:
    """Set up logging for this process; called again it only changes the level on stderr.

    `folder` is the data folder, `console` the level people see. When the folder can't be written
    there are only the lines on stderr, and the first of them says so.
    """
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if getattr(handler, "jingwei", False)]
    if ours:
        ours[0].setLevel(console)
        return
    people = logging.StreamHandler()
    people.setFormatter(HumanLines(colour=sys.stderr.isatty() and "NO_COLOR" not in os.environ))
    people.setLevel(console)
    people.addFilter(_for_people)
    handlers: list[logging.Handler] = [people]
    problem = ""
    try:
        lines = Lines(folder / "logs" / FILE)
        lines.setFormatter(JsonLines())
        handlers.append(lines)
    except OSError as error:
        problem = f"日志文件夹 {folder / 'logs'} 无法写入（{error}），日志只显示在屏幕上"
    for handler in handlers:
        handler.jingwei = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    if problem:
        logging.getLogger("jingwei.logs").warning(problem)


def _for_people(record: logging.LogRecord) -> bool:
    """A page that was not found is the reader's mistake and stays in the file."""
    return record.levelno >= logging.ERROR or record.name != "django.request"


def _local(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, SHANGHAI)
