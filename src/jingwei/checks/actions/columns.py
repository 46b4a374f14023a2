"""Instants as columns hold them, for statements written by hand: the checks' every second."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection


def moment(held: datetime | None) -> datetime | None:
    """An instant as the database driver hands it out; SQLite's knows no zone, and keeps UTC."""
    return held.replace(tzinfo=UTC) if held is not None and held.tzinfo is None else held


def adapter() -> Callable[[datetime | None], datetime | str | None]:
    """What makes a parameter of an instant, as Django's own does, at a fifth of its cost."""
    return _text if connection.vendor == "sqlite" else _same


def _same(at: datetime | None) -> datetime | None:
    return at


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
