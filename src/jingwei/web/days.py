"""A day as somebody writes it in an address or a form."""

from datetime import date

EARLIEST, LATEST = 2000, 2100  # years: time zones and calendars hold in between


def read(text: str, what: str = "日期") -> date:
    """The day. Raises ValueError in words when it is none, or lies before or after all use."""
    text = text.strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{what}“{text[:20]}”无法识别，应为 YYYY-MM-DD，例如 2026-03-01") from None
    if not EARLIEST <= day.year < LATEST:
        raise ValueError(f"{what}“{text[:20]}”应在 {EARLIEST} 年至 {LATEST - 1} 年之间")
    return day
