"""Senders of logs and events: known by names and addresses as they are written, and as they end."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from check_making import NOON, check, endpoint, later, target
from hypothesis import given
from hypothesis import strategies as st

from jingwei.assets.models import Target
from jingwei.checks.actions import calls
from jingwei.checks.actions.events import Event, Taken, fingerprint, take
from jingwei.checks.models import Check, CheckState, Finding
from jingwei.terms import Result

pytestmark = pytest.mark.django_db


def sender(key: str, address: str, **extra: Any) -> Check:
    """A check of somebody's log."""
    thing = target(key, "server")
    place = endpoint(thing, "syslog", 514, address=address)
    return check(thing, "log.arrives", (), endpoint=place, **extra)


def last_call(of: Check) -> datetime | None:
    return CheckState.objects.get(check_ref=of).last_call


def test_lines_are_noted_for_their_sender_alone() -> None:
    one, two = sender("S1", "10.0.0.1"), sender("S2", "10.0.0.2")
    assert calls.log_lines({"10.0.0.1": NOON}) == 1
    assert (last_call(one), last_call(two)) == (NOON, None)


@pytest.mark.parametrize("heard", ["HOST-A", "host-a", "Host-A"])
def test_a_host_name_is_the_same_in_any_case(heard: str) -> None:
    one = sender("S1", "Host-a")
    assert calls.log_lines({heard: NOON}) == 1
    assert last_call(one) == NOON


@pytest.mark.parametrize("order", [1, -1])
def test_one_sender_written_in_two_ways_is_heard_at_the_later_time(order: int) -> None:
    one = sender("S1", "host-a")
    told = [("HOST-A", later(5)), ("host-a", NOON)][::order]
    calls.log_lines(dict(told))
    assert last_call(one) == later(5)


@pytest.mark.parametrize(("minutes", "moved"), [(-5, 0), (0, 0), (1, 1)])
def test_a_line_out_of_order_does_not_move_the_clock_back(minutes: float, moved: int) -> None:
    one = sender("S1", "10.0.0.1")
    calls.log_lines({"10.0.0.1": NOON})
    assert calls.log_lines({"10.0.0.1": later(minutes)}) == moved
    assert last_call(one) == later(max(minutes, 0))


def test_an_address_of_several_things_says_nothing_of_any() -> None:
    one, two = sender("S1", "10.0.0.1"), sender("S2", "10.0.0.1")
    assert calls.log_lines({"10.0.0.1": NOON}) == 0
    assert last_call(one) is last_call(two) is None


def test_a_check_that_is_off_neither_hears_nor_makes_an_address_ambiguous() -> None:
    one = sender("S1", "10.0.0.1")
    off = sender("S2", "10.0.0.1", enabled=False)
    assert calls.log_lines({"10.0.0.1": NOON}) == 1
    assert (last_call(one), last_call(off)) == (NOON, None)


@pytest.mark.parametrize("heard", [{}, {"": NOON}, {"10.9.9.9": NOON}, {"x" * 10_000: NOON}])
def test_strangers_are_nobody(heard: dict[str, datetime]) -> None:
    one = sender("S1", "10.0.0.1")
    assert calls.log_lines(heard) == 0
    assert last_call(one) is None


# -- events: which thing is meant


def event(**given: Any) -> Event:
    known: dict[str, Any] = {
        "source": "zabbix", "same": "t1", "about": ("10.0.0.1",), "result": Result.ABNORMAL,
        "title": "口断", "detail": "eth0", "at": NOON,
    }  # fmt: skip
    return Event(**known | given)


@pytest.fixture
def site() -> Target:
    return target("SITE-1", "site")


def test_who_took_over_an_address_is_meant_not_who_left_it(site: Target) -> None:
    old, new = target("OLD", "server"), target("NEW", "server")
    for thing in (old, new):
        endpoint(thing, "snmp", 161, address="10.0.0.1")
    Target.objects.filter(pk=old.pk).update(valid_to=date(2026, 1, 1))
    take([event()], NOON)
    assert Finding.objects.get().target == new


def test_an_address_whose_owner_has_left_is_the_sites(site: Target) -> None:
    old = target("OLD", "server")
    endpoint(old, "snmp", 161, address="10.0.0.1")
    Target.objects.filter(pk=old.pk).update(valid_to=date(2026, 1, 1))
    take([event()], NOON)
    assert Finding.objects.get().target == site


@pytest.mark.parametrize(
    "about", [(), ("",), ("   ",), ("://",), ("[",), ("\x00",), ("x" * 10_000,)]
)
def test_a_name_that_is_none_is_the_sites(site: Target, about: tuple[str, ...]) -> None:
    target("S1", "server")
    assert take([event(about=about)], NOON) == Taken(opened=1)
    assert Finding.objects.get().target == site


def test_the_better_name_is_taken_when_both_are_known(site: Target) -> None:
    best, other = target("S1", "server"), target("S2", "server")
    endpoint(other, "snmp", 161, address="10.0.0.1")
    take([event(about=("s1", "10.0.0.1"))], NOON)
    assert Finding.objects.get().target == best


# -- events: healed, told again, out of order


def test_resolved_without_a_beginning_is_left_and_opens_nothing(site: Target) -> None:
    assert take([event(resolved=True)], NOON) == Taken(ignored=1)
    assert not Finding.objects.exists()


def test_fire_and_resolve_in_one_call_heal_at_once(site: Target) -> None:
    both = [event(), event(resolved=True, at=later(1))]
    assert take(both, later(2)) == Taken(opened=1, healed=1)
    found = Finding.objects.get()
    assert (found.opened_at, found.closed_at) == (NOON, later(1))


def test_the_same_state_beginning_anew_is_a_second_finding(site: Target) -> None:
    take([event(), event(resolved=True, at=later(1))], later(2))
    assert take([event(at=later(3))], later(4)) == Taken(opened=1)
    assert Finding.objects.count() == 2
    assert take([event(resolved=True, at=later(2))], later(5)) == Taken(ignored=1), "older"
    assert Finding.objects.filter(closed_at__isnull=True).get().opened_at == later(3)


@pytest.mark.parametrize(
    "odd",
    [
        {"title": "断\x00开"}, {"detail": "a\x00b"}, {"same": "\ud800"}, {"title": "\ud800断"},
        {"detail": "\udfff"}, {"source": "z\x00"}, {"title": "长" * 10_000},
        {"detail": "长" * 10_000}, {"source": "s" * 10_000}, {"title": "", "detail": ""},
    ],
)  # fmt: skip
def test_an_odd_text_loses_no_other_event_of_its_call(site: Target, odd: dict[str, str]) -> None:
    assert take([event(), event(**({"same": "t2"} | odd))], NOON) == Taken(opened=2)


def test_the_level_of_an_event_comes_back_worse_after_it_was_healed(site: Target) -> None:
    take([event(result=Result.ATTENTION), event(resolved=True, at=later(1))], later(2))
    take([event(at=later(3))], later(4))
    levels = Finding.objects.order_by("opened_at").values_list("result", flat=True)
    assert list(levels) == [Result.ATTENTION, Result.ABNORMAL]


@given(st.text(), st.text(), st.text(), st.text())
def test_only_the_same_of_the_same_source_has_the_same_fingerprint(
    source: str, same: str, other_source: str, other_same: str
) -> None:
    left = fingerprint(event(source=source.replace("\0", ""), same=same))
    right = fingerprint(event(source=other_source.replace("\0", ""), same=other_same))
    alike = (source.replace("\0", ""), same) == (other_source.replace("\0", ""), other_same)
    assert (left == right) is alike
    assert len(left) == 64


def test_a_sender_whose_clock_is_ahead_can_still_heal(site: Target) -> None:
    ahead = NOON + timedelta(days=30)
    take([event(at=ahead)], NOON)
    assert take([event(resolved=True, at=ahead + timedelta(minutes=1))], later(1)) == Taken(
        healed=1
    )
