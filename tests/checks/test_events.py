"""Events from outside: one finding for what is the same, counted, healed, never doubled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from check_making import NOON, endpoint, target
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from jingwei.accounts.models import AuditEntry, User
from jingwei.assets.models import Target
from jingwei.checks.actions import BadInputError
from jingwei.checks.actions.events import FUTURE, Event, Taken, fingerprint, take
from jingwei.checks.models import Finding
from jingwei.terms import Result

LATER = NOON + timedelta(hours=1)


def event(**given: Any) -> Event:
    """An alert about the array."""
    known: dict[str, Any] = {
        "source": "alertmanager", "same": "a1", "about": ("HW-016-1",), "result": Result.ABNORMAL,
        "title": "磁盘将满", "detail": "/data 97 %", "at": NOON,
    }  # fmt: skip
    return Event(**known | given)


@pytest.fixture
def array(db: None) -> Target:
    target("SITE-1", "site")
    return target("HW-016-1", "storage")


def test_an_alert_is_one_finding_of_the_thing_it_names(array: Target) -> None:
    assert take([event()], LATER) == Taken(opened=1)
    [found] = Finding.objects.all()
    assert (found.target, found.origin, found.item) == (array, "event", "event.alertmanager")
    assert (found.reading, found.detail, found.opened_at) == ("磁盘将满", "/data 97 %", NOON)
    assert (found.times, found.last_at, found.cause_id) == (1, NOON, None)


def test_the_same_told_again_changes_nothing_and_later_news_are_counted(array: Target) -> None:
    take([event()], LATER)
    assert take([event(), event()], LATER) == Taken(ignored=2)
    assert take([event(at=LATER, title="磁盘 99 %")], LATER) == Taken(repeated=1)
    found = Finding.objects.get()
    assert (found.times, found.last_at, found.opened_at) == (2, LATER, NOON)
    assert found.reading == "磁盘 99 %"


def test_resolved_heals_once_and_a_late_repetition_does_not_open_it_again(array: Target) -> None:
    take([event()], LATER)
    healed = event(at=NOON + timedelta(minutes=5), resolved=True)
    assert take([healed], LATER) == Taken(healed=1)
    assert Finding.objects.get().closed_at == NOON + timedelta(minutes=5)
    assert take([healed], LATER) == Taken(ignored=1)
    assert take([event()], LATER) == Taken(ignored=1)
    assert take([event(at=LATER)], LATER) == Taken(opened=1)
    assert Finding.objects.filter(closed_at__isnull=True).count() == 1


def test_an_old_healing_does_not_close_a_new_finding(array: Target) -> None:
    take([event(at=LATER)], LATER)
    assert take([event(at=NOON, resolved=True)], LATER) == Taken(ignored=1)
    assert Finding.objects.get().closed_at is None


def test_ten_thousand_log_lines_of_one_kind_are_one_finding_with_a_count(array: Target) -> None:
    one = event(source="syslog", same="h|sshd|Failed password", counted=True)
    batches = [[replace(one, times=2500, at=NOON + timedelta(seconds=n))] for n in range(4)]
    for batch in batches:
        take(batch, LATER)
    found = Finding.objects.get()
    assert (found.times, found.last_at) == (10_000, NOON + timedelta(seconds=3))


def test_a_worse_level_is_kept_and_a_better_one_is_not_taken(array: Target) -> None:
    take([event(result=Result.ATTENTION)], LATER)
    take([event(result=Result.ABNORMAL)], LATER)
    take([event(result=Result.ATTENTION, at=LATER)], LATER)
    assert Finding.objects.get().result == "abnormal"


@pytest.mark.parametrize(
    ("about", "key"),
    [
        (("hw-016-1",), "HW-016-1"),
        (("nobody", "10.1.2.3:9100"), "HW-016-1"),
        (("https://10.1.2.3:8443/metrics",), "HW-016-1"),
        (("[fd00::5]:9100",), "ROOM-01"),
        (("fd00::5",), "ROOM-01"),
        (("10.9.9.9",), "SITE-1"),  # two things behind it
        (("10.1.2",), "SITE-1"),
        ((), "SITE-1"),
    ],
)
def test_the_thing_is_found_by_its_key_or_by_an_address_of_its_own(
    array: Target, about: tuple[str, ...], key: str
) -> None:
    room = target("ROOM-01", "room")
    endpoint(array, address="10.1.2.3")
    endpoint(room, address="fd00::5")
    for number, other in enumerate((array, room)):
        endpoint(other, "snmp", 161 + number, address="10.9.9.9")
    take([event(about=about)], LATER)
    assert Finding.objects.get().target.key == key


def test_a_register_without_a_place_refuses_and_writes_nothing(db: None) -> None:
    target("HW-016-1", "storage")
    with pytest.raises(BadInputError, match="没有站点"):
        take([event(), event(same="b", about=())], LATER)
    assert not Finding.objects.exists()


def test_a_clock_far_ahead_is_cut_to_ours(array: Target) -> None:
    take([event(at=LATER + timedelta(days=400))], LATER)
    assert Finding.objects.get().opened_at == LATER + FUTURE


def test_what_opens_or_heals_stands_in_the_audit_chain_and_repetitions_do_not(
    array: Target,
) -> None:
    user = User.objects.create_user("alerts", password="Right-Horse-9", role="first_line")
    take([event()], LATER, by=user)
    take([event()], LATER, by=user)
    [entry] = AuditEntry.objects.filter(action="event.take")
    assert entry.after == {"opened": 1, "healed": 0, "repeated": 0, "ignored": 0}


def test_long_texts_are_cut_and_fit(array: Target) -> None:
    take([event(title="长" * 10_000, detail="x" * 10_000, same="s" * 10_000)], LATER)
    found = Finding.objects.get()
    assert (len(found.reading), len(found.detail), len(found.fingerprint)) == (300, 5000, 64)


def test_fingerprints_of_two_sources_never_meet() -> None:
    marks = {fingerprint(event(source=source)) for source in ("grafana", "alertmanager", "zabbix")}
    assert len(marks) == 3


class Histories(TestCase):
    """Whatever comes in whatever order: at most one is open, and none heals before it opens."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.booleans(), st.booleans()),
            max_size=12,
        )
    )
    def test_any_order_leaves_a_sound_history(
        self, told: list[tuple[str, int, bool, bool]]
    ) -> None:
        Target.objects.get_or_create(key="SITE-1", kind="site", defaults={"label": "site"})
        Finding.objects.all().delete()
        for same, minute, resolved, counted in told:
            take(
                [event(same=same, about=(), at=NOON + timedelta(minutes=minute),
                       resolved=resolved, counted=counted)],
                LATER,
            )  # fmt: skip
        for same in "ab":
            mine = Finding.objects.filter(fingerprint=fingerprint(event(same=same)))
            assert mine.filter(closed_at__isnull=True).count() <= 1
            for found in mine:
                assert found.closed_at is None or found.closed_at >= found.opened_at
