"""One line of the doctor's sheet."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How one thing is; stored as its value, shown as its label."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"ok": "正常", "warn": "注意", "bad": "故障"}[self.value]


@dataclass(frozen=True)
class Line:
    """What was looked at, how it is, and, unless it is fine, how to mend it."""

    name: str
    level: Level
    detail: str
    mend: str = ""


def ok(name: str, detail: str) -> Line:
    """It is fine."""
    return Line(name, Level.OK, detail)


def warn(name: str, detail: str, mend: str) -> Line:
    """It works, with limits."""
    return Line(name, Level.WARN, detail, mend)


def bad(name: str, detail: str, mend: str) -> Line:
    """It does not work."""
    return Line(name, Level.BAD, detail, mend)
