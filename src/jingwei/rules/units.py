"""The units a reading or a rule may carry, and how people see them.

Rules never convert: a rule in "s" on a reading in "ms" is an error in content, and a reading
that arrives in another unit than its rule expects is not judged at all.
"""

from difflib import get_close_matches

from jingwei.terms import Value

# Unit -> how it is shown. "" is for words, states and yes/no.
UNITS: dict[str, str] = {
    "": "",
    "ms": "ms",
    "s": "s",
    "min": "min",
    "h": "h",
    "d": "天",
    "%": "%",
    "°C": "℃",
    "B": "B",
    "kB": "kB",
    "MB": "MB",
    "GB": "GB",
    "TB": "TB",
    "V": "V",
    "A": "A",
    "W": "W",
    "VA": "VA",
    "Hz": "Hz",
    "rpm": "rpm",
    "count": "",
    "kbit/s": "kbit/s",
    "Mbit/s": "Mbit/s",
    "/s": "/s",
    "dBm": "dBm",
}


def known(unit: str) -> bool:
    """True when `unit` is one of the units readings may carry."""
    return unit in UNITS


def expected(unit: str) -> str:
    """What to tell someone who wrote an unknown unit: a near one, and all there are."""
    near = get_close_matches(unit, [name for name in UNITS if name], n=1, cutoff=0.3)
    hint = f"是不是 “{near[0]}”？" if near else ""
    return f"{hint}可用单位：{'、'.join(name for name in UNITS if name)}，或空"


def number(value: float) -> str:
    """A number as people write it: no needless zeros, four significant decimals at most."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    if abs(value) >= 100:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2f}".rstrip("0").rstrip(".")


def shown(value: Value, unit: str = "") -> str:
    """A value with its unit in words people read: 29.4 ℃, 是, pre-fail."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    text = number(value)
    suffix = UNITS.get(unit, unit)
    return f"{text} {suffix}" if suffix else text
