"""The one place that reads the wall clock; everything below `run` is told what time it is."""

from datetime import UTC, date, datetime

from jingwei.terms import SHANGHAI


def now() -> datetime:
    """This instant, aware."""
    return datetime.now(UTC)


def today() -> date:
    """The date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def local(at: datetime) -> datetime:
    """The same instant as people in Shanghai write it."""
    return at.astimezone(SHANGHAI)
