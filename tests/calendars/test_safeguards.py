"""Safeguard periods (重保期): entered by the client, ended with a reason, never deleted."""

from datetime import date, datetime

import pytest

from jingwei.accounts import queries as accounts
from jingwei.calendars import actions, queries
from jingwei.calendars.errors import CalendarError
from jingwei.calendars.models import Safeguard
from jingwei.terms import SHANGHAI

NOW = datetime(2026, 11, 1, 8, 30, tzinfo=SHANGHAI)
EXPO = date(2026, 11, 5), date(2026, 11, 10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def expo() -> Safeguard:
    """The import expo."""
    return actions.add_safeguard(*EXPO, "进博会", by="李四", now=NOW)


@pytest.mark.parametrize(
    ("day", "inside"),
    [(4, False), (5, True), (7, True), (10, True), (11, False)],
)
def test_both_ends_are_inside(expo: Safeguard, day: int, inside: bool) -> None:
    assert (queries.safeguard(date(2026, 11, day)) == expo) is inside


def test_the_latest_begun_counts_when_two_overlap(expo: Safeguard) -> None:
    inner = actions.add_safeguard(date(2026, 11, 7), EXPO[1], "选举日", by="李四", now=NOW)
    assert queries.safeguard(date(2026, 11, 6)) == expo
    assert queries.safeguard(date(2026, 11, 8)) == inner


def test_entering_one_is_audited(expo: Safeguard) -> None:
    entry = accounts.entries("safeguard", str(expo.pk)).get()
    assert (entry.actor, entry.action) == ("李四", "safeguard.add")
    assert entry.after == {"start": "2026-11-05", "end": "2026-11-10", "name": "进博会"}


@pytest.mark.parametrize(
    ("start", "end", "name", "why"),
    [
        (EXPO[1], EXPO[0], "进博会", "早于开始日期"),
        (*EXPO, "  ", "请填写重保期名称"),
        (*EXPO, "长" * 65, "最长 64 字"),
    ],
)
def test_an_impossible_period_is_refused(start: date, end: date, name: str, why: str) -> None:
    with pytest.raises(CalendarError, match=why):
        actions.add_safeguard(start, end, name, by="李四", now=NOW)
    assert not Safeguard.objects.exists()


def test_its_end_moves_with_a_reason_and_an_audit_entry(expo: Safeguard) -> None:
    actions.end_safeguard(expo, date(2026, 11, 8), reason="提前结束", by="李四", now=NOW)
    assert queries.safeguard(date(2026, 11, 9)) is None
    entry = accounts.entries(action="safeguard.end").get()
    assert (entry.before, entry.after) == ({"end": "2026-11-10"}, {"end": "2026-11-08"})
    assert entry.reason == "提前结束"


@pytest.mark.parametrize(
    ("end", "reason", "why"),
    [(date(2026, 11, 4), "x", "早于开始日期"), (date(2026, 11, 8), " ", "请写明调整原因")],
)
def test_an_end_before_the_start_or_without_reason_is_refused(
    expo: Safeguard, end: date, reason: str, why: str
) -> None:
    with pytest.raises(CalendarError, match=why):
        actions.end_safeguard(expo, end, reason=reason, by="李四", now=NOW)
    expo.refresh_from_db()
    assert expo.end == EXPO[1]


def test_a_period_reads_well(expo: Safeguard) -> None:
    assert str(expo) == "进博会 2026-11-05–2026-11-10"
