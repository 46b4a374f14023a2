"""What becomes of a symptom when its cause ends, is not seen, or is told late."""

from datetime import timedelta

import pytest
from check_making import NOON, check, missed, person, saw, silence, target

from jingwei.assets.models import Dependency
from jingwei.checks import queries
from jingwei.checks.actions import Seen, record, stoppage
from jingwei.checks.models import Check, CheckState, Finding, Maintenance
from jingwei.terms import Reading, Reason, Result

pytestmark = pytest.mark.django_db

UP = {"reading": "system.uptime", "label": "已运行", "unit": "d", "missing": "abnormal"}
PAGE = {"reading": "http.status", "label": "状态码", "crit": "!= 200"}


class Pair:
    """A server others need, an application that needs it, and a room that is nobody's business."""

    def __init__(self) -> None:
        server, app = target("S1", "server"), target("APP", "application")
        Dependency.objects.create(dependent=app, needs=server, kind="host")
        dead = [{"kind": "host", "reading": "", "is": "", "silent": True}]
        self.server = check(server, "server.online", [UP], breaks=dead)
        self.app = check(app, "app.available", [PAGE], suffers=["host"])
        self.room = check(target("ROOM-01"))

    def both_dead(self) -> None:
        """Both findings stand, the application's behind the server's."""
        record([missed(self.server, confirmed=True)])
        record([self.page(500, 1)])
        assert self.cause_of_app() == self.server.pk

    def page(self, status: int, seconds: int) -> Seen:
        """The application answers so, confirmed."""
        at = NOON + timedelta(seconds=seconds)
        return saw(self.app, Reading("http.status", status), at=at, confirmed=True)

    def alive(self, seconds: int) -> Seen:
        """The server answers."""
        at = NOON + timedelta(seconds=seconds)
        return saw(self.server, Reading("system.uptime", 9, "d"), at=at)

    def cause_of_app(self) -> int | None:
        """The check behind whose finding the application's stands; None: it is a root."""
        found = Finding.objects.get(check_ref=self.app, closed_at__isnull=True)
        return found.cause.check_ref_id if found.cause else None


@pytest.fixture
def pair() -> Pair:
    return Pair()


def roots() -> set[int | None]:
    return set(queries.findings(roots=True).values_list("check_ref_id", flat=True))


def ours(of: Check, seconds: int) -> Seen:
    return silence(of, NOON + timedelta(seconds=seconds), ours=True)


def test_a_symptom_nobody_can_see_any_more_comes_out_when_its_cause_is_gone(pair: Pair) -> None:
    pair.both_dead()
    for number in range(3):
        record([ours(pair.app, 10 + number)])
    assert CheckState.objects.get(check_ref=pair.app).result == Result.UNCHECKED
    assert roots() == {pair.server.pk}, "unseen, but what explained it still stands"
    record([pair.alive(20)])
    record([ours(pair.app, 30)])
    assert roots() == {pair.app.pk}, "open, explained by nothing: people must see it"


def test_a_symptom_switched_off_comes_out_when_its_cause_heals(pair: Pair) -> None:
    pair.both_dead()
    stoppage.stop(pair.app, "改造", person(), NOON + timedelta(seconds=5))
    assert roots() == {pair.server.pk}
    record([pair.alive(20)])
    assert roots() == {pair.app.pk}
    assert queries.open_counts().total == 1


def test_a_cause_we_failed_to_ask_once_still_explains(pair: Pair) -> None:
    pair.both_dead()
    record([ours(pair.server, 10)])
    record([pair.page(500, 11)])
    assert pair.cause_of_app() == pair.server.pk
    assert roots() == {pair.server.pk}


def test_a_failure_of_our_own_leaves_the_words_of_a_finding_alone(pair: Pair) -> None:
    hot = saw(pair.room, Reading("room.temperature", 31.0, "°C"), confirmed=True)
    record([hot])
    before = Finding.objects.values("reading", "threshold", "detail", "result").get()
    assert "31" in before["reading"]
    record([ours(pair.room, 10)])
    assert Finding.objects.values("reading", "threshold", "detail", "result").get() == before


def test_what_we_failed_to_ask_when_maintenance_ended_opens_nothing_yet(pair: Pair) -> None:
    """A finding in words of the collector would send people to the wrong thing."""
    Maintenance.objects.create(
        target=pair.room.target, start=NOON, end=NOON + timedelta(hours=1), reason="换机", by="王"
    )
    hot = Reading("room.temperature", 31.0, "°C")
    record([saw(pair.room, hot, at=NOON + timedelta(minutes=5), confirmed=True)])
    record([ours(pair.room, 3700)])
    assert not Finding.objects.exists()
    record([saw(pair.room, hot, at=NOON + timedelta(minutes=70))])
    assert "31" in Finding.objects.get().reading


def test_a_switchs_old_verdict_told_late_hides_nobody() -> None:
    switch, server = target("SW", "switch"), target("S1", "server")
    Dependency.objects.create(dependent=server, needs=switch, kind="network")
    breaks = [{"kind": "network", "reading": "", "is": "", "silent": False}]
    path = check(switch, "network.online", [UP], breaks=breaks)
    behind = check(server, "server.online", [UP])
    minute = timedelta(minutes=1)
    record([saw(path, Reading("system.uptime", 9, "d"), at=NOON + 5 * minute)])
    late = missed(path, at=NOON, confirmed=True)
    record([late, missed(behind, at=NOON + 6 * minute, confirmed=True)])
    assert CheckState.objects.get(check_ref=behind).result == Result.ABNORMAL
    assert Finding.objects.get().check_ref_id == behind.pk


def test_a_dead_switch_we_failed_to_ask_in_the_same_batch_still_explains_silence() -> None:
    switch, server = target("SW", "switch"), target("S1", "server")
    Dependency.objects.create(dependent=server, needs=switch, kind="network")
    breaks = [{"kind": "network", "reading": "", "is": "", "silent": False}]
    path = check(switch, "network.online", [UP], breaks=breaks)
    behind = check(server, "server.online", [UP])
    record([missed(path, confirmed=True)])
    at = NOON + timedelta(minutes=1)
    unasked = missed(path, Reason.COLLECTOR, at, confirmed=True)
    record([unasked, missed(behind, at=at, confirmed=True)])
    assert CheckState.objects.get(check_ref=behind).result == Result.UNCHECKED
    assert roots() == {path.pk}


def test_a_cause_that_comes_back_takes_its_symptom_behind_it_again(pair: Pair) -> None:
    pair.both_dead()
    record([pair.alive(20)])
    record([pair.page(500, 21)])
    assert roots() == {pair.app.pk}
    record([missed(pair.server, at=NOON + timedelta(seconds=40), confirmed=True)])
    assert pair.cause_of_app() == pair.server.pk
    assert Finding.objects.filter(check_ref=pair.server).count() == 2
    assert Finding.objects.filter(check_ref=pair.app).count() == 1, "one symptom, seen all along"


def test_two_that_need_each_other_leave_one_of_them_in_sight() -> None:
    one, two = target("A", "server"), target("B", "server")
    Dependency.objects.create(dependent=one, needs=two, kind="host")
    Dependency.objects.create(dependent=two, needs=one, kind="host")
    dead = [{"kind": "host", "reading": "", "is": "", "silent": False}]
    checks = [check(of, "server.online", [UP], breaks=dead) for of in (one, two)]
    record([missed(of, confirmed=True) for of in checks])
    assert Finding.objects.count() >= 1
    assert len(roots()) >= 1


def test_what_healed_and_could_then_not_be_asked_in_one_batch_is_healed(pair: Pair) -> None:
    hot, cool = (Reading("room.temperature", value, "°C") for value in (31.0, 24.0))
    record([saw(pair.room, hot, confirmed=True)])
    well = saw(pair.room, cool, at=NOON + timedelta(seconds=5))
    record([well, ours(pair.room, 10)])
    assert CheckState.objects.get(check_ref=pair.room).result == Result.NORMAL
    assert Finding.objects.get().closed_at is not None
