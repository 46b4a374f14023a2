"""The units a reading may carry: the same words as `rules.units`, which a test holds together.

"" is for words, states and yes/no.
"""

UNITS: tuple[str, ...] = (
    *("", "ms", "s", "min", "h", "d"),
    *("%", "°C", "V", "A", "W", "VA", "Hz", "rpm", "dBm"),
    *("B", "kB", "MB", "GB", "TB", "kbit/s", "Mbit/s"),
    *("count", "/s"),
)
