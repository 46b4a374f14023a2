"""One fault, one finding: what stands behind what, what cannot be reached, and what stays apart."""

from datetime import datetime, timedelta

import pytest
from check_making import NOON, check, missed, person, saw, silence, target

from jingwei.assets.models import Dependency, Target
from jingwei.checks import queries
from jingwei.checks.actions import maintenance, record
from jingwei.checks.models import Check, CheckState, Finding, StateChange
from jingwei.terms import Reading, Reason, Result

pytestmark = pytest.mark.django_db

BAD_PAGE = {"reading": "http.status", "label": "状态码", "crit": "!= 200"}
UP = {"reading": "system.uptime", "label": "已运行", "unit": "d", "missing": "abnormal"}
SOURCE = {"reading": "ups.source", "label": "输出来源", "crit": "not in normal"}
NO_OUTPUT = {"kind": "power", "reading": "ups.source", "is": "in none", "silent": False}


def breaking(kind: str) -> list[dict[str, object]]:
    return [{"kind": kind, "reading": "", "is": "", "silent": False}]


def needs(dependent: Target, giver: Target, kind: str) -> None:
    Dependency.objects.create(dependent=dependent, needs=giver, kind=kind)


class World:
    """A UPS, a switch fed by it, two servers behind the switch, a database, an application."""

    def __init__(self) -> None:
        self.things = {
            key: target(key, kind, order=order)
            for order, (key, kind) in enumerate(
                [("UPS", "ups"), ("SW", "switch"), ("S1", "server"), ("S2", "server"),
                 ("DB", "database"), ("APP", "application")]
            )
        }  # fmt: skip
        of = self.things
        needs(of["SW"], of["UPS"], "power")
        for server in ("S1", "S2"):
            needs(of[server], of["SW"], "network")
        needs(of["DB"], of["S1"], "host")
        needs(of["APP"], of["DB"], "database")
        self.ups = check(of["UPS"], "ups.output", [SOURCE], breaks=[NO_OUTPUT])
        self.switch = check(of["SW"], "network.online", [UP], breaks=breaking("network"))
        self.s1 = check(of["S1"], "server.online", [UP], breaks=breaking("host"))
        self.s2 = check(of["S2"], "server.online", [UP], breaks=breaking("host"))
        self.db = check(
            of["DB"], "db.connection", [UP], breaks=breaking("database"), suffers=["host"]
        )
        self.app = check(of["APP"], "app.available", [BAD_PAGE], suffers=["database", "host"])
        self.certificate = check(of["APP"], "app.certificate", [UP], name="certificate")


@pytest.fixture
def world() -> World:
    return World()


def strike(*checks: Check, start: datetime = NOON, every: int = 20, times: int = 3) -> datetime:
    """Each is silent so many times, in turn. Returns the last instant."""
    at = start
    for _ in range(times):
        record([silence(one, at=at) for one in checks])
        at += timedelta(seconds=every)
    return at - timedelta(seconds=every)


def page(of: Check, status: int, at: datetime, times: int = 3) -> None:
    for number in range(times):
        record([saw(of, Reading("http.status", status), at=at + timedelta(seconds=20 * number))])


def alive(of: Check, at: datetime) -> None:
    record([saw(of, Reading("system.uptime", 9, "d"), at=at)])


def finding_of(one: Check) -> Finding:
    return Finding.objects.get(check_ref=one, closed_at__isnull=True)


def roots() -> set[str]:
    held = Finding.objects.filter(closed_at__isnull=True, cause__isnull=True)
    return set(held.values_list("target__key", flat=True))


def test_what_is_silent_behind_a_dead_switch_is_unchecked_with_the_reason(world: World) -> None:
    at = strike(world.switch)
    strike(world.s1, world.s2, start=at + timedelta(seconds=5))
    assert roots() == {"SW"}
    assert Finding.objects.count() == 1
    state = CheckState.objects.get(check_ref=world.s1)
    assert state.result == Result.UNCHECKED
    assert state.reason == "不可达：switch SW（SW）network.online异常，网络路径中断"
    assert not StateChange.objects.filter(check_ref=world.s1, after=Result.ABNORMAL).exists()


def test_who_refuses_behind_a_dead_switch_is_reached_and_has_a_fault_of_its_own(
    world: World,
) -> None:
    at = strike(world.switch)
    for number in range(3):
        record([missed(world.s1, Reason.REFUSED, at + timedelta(seconds=5 + 20 * number))])
    assert roots() == {"SW", "S1"}


def test_a_switch_only_doubted_is_doubted_for_those_behind_it_too(world: World) -> None:
    record([silence(world.switch)])
    strike(world.s1, start=NOON + timedelta(seconds=1))
    assert Finding.objects.count() == 0
    assert CheckState.objects.get(check_ref=world.s1).result == Result.UNCHECKED


def test_a_switch_that_was_fine_after_all_hides_nobody_for_long(world: World) -> None:
    record([silence(world.switch)])
    record([silence(world.s1, at=NOON + timedelta(seconds=1))])
    alive(world.switch, NOON + timedelta(seconds=20))
    strike(world.s1, start=NOON + timedelta(seconds=30))
    assert roots() == {"S1"}


def test_a_symptom_seen_first_stands_behind_its_cause_when_that_is_seen(world: World) -> None:
    at = strike(world.s1, world.s2)
    assert roots() == {"S1", "S2"}
    strike(world.switch, start=at + timedelta(seconds=5))
    assert roots() == {"SW"}
    assert finding_of(world.s1).cause == finding_of(world.switch)


def test_when_the_cause_heals_only_what_is_still_bad_comes_out(world: World) -> None:
    at = strike(world.s1, world.s2)
    at = strike(world.switch, start=at + timedelta(seconds=5))
    alive(world.switch, at + timedelta(seconds=20))
    assert finding_of(world.s1).cause is not None, "not asked since: nothing new is known"
    alive(world.s2, at + timedelta(seconds=30))
    record([silence(world.s1, at=at + timedelta(seconds=31))])
    assert roots() == {"S1"}
    assert finding_of(world.s1).cause is None


def test_a_fault_that_was_there_long_before_is_not_hidden_by_a_later_one(world: World) -> None:
    strike(world.s1)
    strike(world.switch, start=NOON + timedelta(minutes=30))
    assert roots() == {"S1", "SW"}
    record([silence(world.s1, at=NOON + timedelta(minutes=32))])
    assert roots() == {"S1", "SW"}


def test_an_application_with_a_dead_database_stands_behind_its_server(world: World) -> None:
    at = strike(world.s1)
    page(world.app, 500, at + timedelta(seconds=60))
    assert roots() == {"S1"}, "its database is on that server, whatever its own check says"
    at = strike(world.db, start=at + timedelta(seconds=200))
    assert finding_of(world.db).cause == finding_of(world.s1)
    assert finding_of(world.app).cause == finding_of(world.s1)


def test_an_application_waits_while_its_database_is_in_doubt(world: World) -> None:
    record([silence(world.db)])
    page(world.app, 500, NOON + timedelta(seconds=1))
    assert Finding.objects.count() == 0
    strike(world.db, start=NOON + timedelta(seconds=60), times=2)
    record([saw(world.app, Reading("http.status", 500), at=NOON + timedelta(seconds=100))])
    assert roots() == {"DB"}
    assert finding_of(world.app).cause == finding_of(world.db)


def test_a_fault_the_cause_cannot_explain_stays_one_of_its_own(world: World) -> None:
    strike(world.db)
    at = NOON + timedelta(seconds=90)
    record([saw(world.certificate, at=at, confirmed=True)])
    assert roots() == {"DB", "APP"}


def test_a_ups_on_battery_takes_nothing_one_without_output_the_power(world: World) -> None:
    record([saw(world.ups, Reading("ups.source", "battery"), confirmed=True)])
    at = strike(world.switch, start=NOON + timedelta(seconds=10))
    assert roots() == {"UPS", "SW"}
    record([saw(world.ups, Reading("ups.source", "none"), at=at + timedelta(seconds=5))])
    assert roots() == {"UPS"}
    assert finding_of(world.switch).cause == finding_of(world.ups)


def test_what_hangs_on_something_under_maintenance_opens_nothing(world: World) -> None:
    maintenance.add(
        world.things["DB"], NOON, NOON + timedelta(hours=1), "升级数据库", person(), NOON
    )
    strike(world.db, start=NOON + timedelta(seconds=1))
    page(world.app, 500, NOON + timedelta(seconds=100))
    assert Finding.objects.count() == 0
    record([silence(world.db, at=NOON + timedelta(minutes=61))])
    record([saw(world.app, Reading("http.status", 500), at=NOON + timedelta(minutes=62))])
    assert roots() == {"DB"}


def test_the_first_silence_has_what_it_needs_asked_at_once(world: World) -> None:
    later = NOON + timedelta(minutes=4)
    CheckState.objects.update(due=later)
    record([silence(world.s1)])
    due = dict(CheckState.objects.values_list("check_ref__target__key", "due"))
    assert due["SW"] == due["UPS"] == NOON
    assert due["S2"] == due["APP"] == later, "these it does not need"


def test_a_neighbour_asked_just_now_is_not_asked_again(world: World) -> None:
    alive(world.switch, NOON - timedelta(seconds=5))
    due = CheckState.objects.get(check_ref=world.switch).due
    record([silence(world.s1)])
    assert CheckState.objects.get(check_ref=world.switch).due == due


def test_a_failure_of_our_own_is_nobodys_cause(world: World) -> None:
    record([silence(world.switch, ours=True)])
    strike(world.s1, start=NOON + timedelta(seconds=1))
    assert roots() == {"S1"}


def test_a_disabled_check_breaks_nothing(world: World) -> None:
    strike(world.switch)
    Check.objects.filter(pk=world.switch.pk).update(enabled=False)
    strike(world.s1, start=NOON + timedelta(minutes=1))
    assert "S1" in roots()


def test_what_a_dead_server_takes_from_whom_is_said_with_the_finding(world: World) -> None:
    at = strike(world.s1)
    page(world.app, 500, at + timedelta(seconds=60))
    found = queries.impact(finding_of(world.s1))
    assert [(one.target.key, one.lost) for one in found.affected] == [
        ("APP", "数据库"), ("DB", "主机"),
    ]  # fmt: skip
    assert [one.target.key for one in found.symptoms] == ["APP"]
    assert found.shared == 0


def test_who_has_another_switch_to_lean_on_is_only_counted(world: World) -> None:
    second = target("SW2", "switch")
    for server in ("S1", "S2"):
        needs(world.things[server], second, "network")
    strike(world.switch)
    found = queries.impact(finding_of(world.switch))
    assert found.affected == []
    assert found.shared == 2


def test_a_healed_finding_and_one_by_hand_take_nothing(world: World) -> None:
    at = strike(world.s1)
    held = finding_of(world.s1)
    alive(world.s1, at + timedelta(seconds=20))
    held.refresh_from_db()
    assert queries.impact(held) == queries.Impact([], (), 0)
    by_hand = Finding.objects.create(
        target=world.things["SW"], item="network.online", origin=Finding.Origin.ROUTINE,
        result="attention", opened_at=NOON,
    )  # fmt: skip
    assert queries.impact(by_hand) == queries.Impact([], (), 0)


def test_lists_and_counts_of_roots_leave_out_what_stands_behind(world: World) -> None:
    at = strike(world.s1)
    page(world.app, 500, at + timedelta(seconds=60))
    assert queries.open_counts().total == 1
    assert [one.target.key for one in queries.findings(roots=True)] == ["S1"]
    assert {one.target.key for one in queries.findings()} == {"S1", "APP"}
