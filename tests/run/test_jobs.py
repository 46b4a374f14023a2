"""Jobs: made of a check once, kept until something of it changes, never made of half."""

from typing import Any

import pytest
from check_making import HOT, NOON, celsius, check, endpoint, saw, target

from jingwei.assets import actions as assets
from jingwei.assets.models import Endpoint
from jingwei.checks.models import Check, CheckState, Observation, Series
from jingwei.run import jobs
from jingwei.run.desk import DatabaseDesk
from jingwei.terms import Endpoint as Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Check:
    of = target()
    place = endpoint(of, "tcp", 502)
    return check(of, probe="tcp", endpoint=place, options={})


def made(loader: jobs.Loader, of: Check) -> jobs.Job:
    (job,) = loader.load({of.pk: None})
    return job


def test_a_job_has_what_asking_needs(room: Check) -> None:
    job = made(jobs.Loader(), room)
    assert (job.key, job.item, job.problem) == ("ROOM-01:room.temperature", room.item, "")
    assert (job.target.key, job.target.address, job.options.port) == ("ROOM-01", "127.0.0.1", 502)
    assert [rule.reading for rule in job.rules] == ["room.temperature"]


def test_what_did_not_change_is_made_once(room: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    loader, count = jobs.Loader(), 0
    make = jobs.make

    def counted(row: jobs.Row) -> jobs.Job:
        nonlocal count
        count += 1
        return make(row)

    monkeypatch.setattr(jobs, "make", counted)
    assert made(loader, room) == made(loader, room)
    assert count == 1
    CheckState.objects.update(memory={"x|": {"raw": 4}})
    assert made(loader, room).memory == {"x|": {"raw": 4}}  # of the state, not of the check
    assert count == 1


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"timeout": 9}, "timeout"),
        ({"retries": 4}, "retries"),
        ({"rules": [HOT | {"crit": "> 40"}]}, "rules"),
        ({"on_error": "unchecked"}, "on_error"),
        ({"probe": "nothing"}, "problem"),
    ],
)
def test_a_check_that_changed_is_made_anew(room: Check, change: Any, seen: str) -> None:
    loader = jobs.Loader()
    before = made(loader, room)
    Check.objects.filter(pk=room.pk).update(**change)
    after = made(loader, room)
    assert getattr(after, seen) != getattr(before, seen)
    assert after == made(jobs.Loader(), room)


def test_an_endpoint_that_moved_is_asked_where_it_is(room: Check) -> None:
    loader = jobs.Loader()
    made(loader, room)
    Endpoint.objects.update(address="127.0.0.9", port=1502)
    job = made(loader, room)
    assert (job.target.address, job.options.port) == ("127.0.0.9", 1502)
    Check.objects.update(endpoint=None)
    assert made(loader, room).problem != ""


def test_a_new_password_is_used_at_once() -> None:
    of = target("SW-1", "switch")
    loader = jobs.Loader()

    def named(community: str) -> None:
        place = Place("SW-1", "snmp", "127.0.0.1", 161, {}, {"community": community})
        assets.set_endpoints([place], demo=True, actor="test", now=NOON)

    named("first")
    asks = check(of, "network.online", probe="snmp", endpoint=Endpoint.objects.get(),
                 options={"get": [{"reading": "a", "oid": "1.3.6.1.2.1.1.3.0"}]})  # fmt: skip
    assert made(loader, asks).target.secrets == {"community": "first"}
    named("second")
    assert made(loader, asks).target.secrets == {"community": "second"}


def test_disabled_checks_and_unknown_ids_are_left_out_and_the_order_is_kept(room: Check) -> None:
    other = check(target("HW-002-1", "ups"), "ups.load", name="load")
    off = check(target("HW-003-1", "ups"), "ups.load", name="off", enabled=False)
    found = jobs.load([other.pk, 999_999, off.pk, room.pk])
    assert [job.check_id for job in found] == [other.pk, room.pk]


@pytest.mark.django_db(transaction=True)
def test_a_series_that_is_gone_is_made_again_and_no_result_is_lost(
    room: Check,
) -> None:
    desk = DatabaseDesk("worker", lambda: NOON)
    desk._record([saw(room, celsius(24))])
    Observation.objects.all().delete()
    Series.objects.all().delete()
    desk._record([saw(room, celsius(25), at=NOON.replace(hour=13))])
    assert Observation.objects.filter(series__name="room.temperature").get().value == 25
    desk.close()


def test_what_was_just_read_is_trusted_and_what_moves_is_read_anew(room: Check) -> None:
    loader = jobs.Loader(trusted=60)
    (first,) = loader.load({room.pk: NOON})
    Check.objects.filter(pk=room.pk).update(timeout=99)
    (again,) = loader.load({room.pk: None})
    assert (first.due, again.due, again.timeout) == (NOON, None, first.timeout)

    lasting = [{**HOT, "for": "5 min"}]
    Check.objects.filter(pk=room.pk).update(rules=lasting)
    fresh = jobs.Loader(trusted=60)
    fresh.load({room.pk: None})
    CheckState.objects.filter(pk=room.pk).update(memory={"temperature|": {"crit": 7.0}})
    (moved,) = fresh.load({room.pk: None})
    assert moved.memory == {"temperature|": {"crit": 7.0}}
