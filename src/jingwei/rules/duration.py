"""Durations as people write them in content: "30 s", "5 min", "1 h", "7 d"."""

import re

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LABELS = {"s": "秒", "min": "分钟", "h": "小时", "d": "天"}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")

EXPECTED = "应写成数字加单位 s、min、h 或 d，例如 “30 s”“5 min”“1 h”"


def parse(text: str) -> float:
    """Seconds of a written duration. Raises ValueError saying what was expected."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"时长 “{text}” 看不懂，{EXPECTED}")
    return float(found[1]) * _SECONDS[found[2]]


def text(seconds: float) -> str:
    """The shortest exact writing of a duration; `parse(text(x)) == x` for whole seconds."""
    unit, amount = _split(seconds)
    return f"{amount:g} {unit}" if amount < 1e5 else f"{amount:.0f} {unit}"


def shown(seconds: float) -> str:
    """The duration in Chinese: 10 分钟."""
    unit, amount = _split(seconds)
    return f"{amount:g} {_LABELS[unit]}"


def _split(seconds: float) -> tuple[str, float]:
    for unit in ("d", "h", "min"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return unit, seconds / _SECONDS[unit]
    return "s", seconds
