"""Two hundred generated incidents through the desk: actions write, queries count, a slow
reference that looks at every minute agrees with every clock on both calendars.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from desk_making import client, note, person, publish, site
from slow_clock import Span, slow_due, slow_minutes

from jingwei.accounts.models import User
from jingwei.calendars import published
from jingwei.desk import actions, queries
from jingwei.desk.actions import Intake
from jingwei.desk.models import Kind, Ticket
from jingwei.sla.clock import ClockState
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
DAYS: dict[date, bool] = {day.date: day.working for day in published.days()}
NOW = datetime(2023, 10, 9, 9, 0, tzinfo=SHANGHAI)
MINUTES = {Severity.OUTAGE: 240, Severity.DEGRADED: 720, Severity.NO_IMPACT: 1440}
WORST = list(Severity)
Act = Callable[[Ticket, User, User], None]


@dataclass
class Story:
    """What happened to one incident, and what the reference needs to know of it."""

    reported: datetime
    severity: Severity
    acts: list[tuple[datetime, Act]] = field(default_factory=list)
    granted: list[Span] = field(default_factory=list)
    graded: list[Severity] = field(default_factory=list)
    times: dict[Instant, datetime] = field(default_factory=dict)
    resident: bool = False
    remote: bool = False

    def happens(self, when: datetime, act: Act) -> None:
        """One action at its time."""
        self.acts.append((when, act))


def story(rng: random.Random) -> Story:
    """An incident with whole-minute instants."""
    start = datetime(2022, 8, 1, tzinfo=SHANGHAI)
    reported = start + timedelta(minutes=rng.randrange(60 * 24 * 380))
    found = Story(reported, rng.choice(WORST))
    found.graded.append(found.severity)
    _instants(found, rng)
    _pauses(found, rng)
    _gradings(found, rng)
    return found


def _instants(found: Story, rng: random.Random) -> None:
    def after(first: datetime, *edges: int, most: int) -> datetime:
        return first + timedelta(minutes=rng.choice([*edges, rng.randrange(most)]))

    times = {Instant.REPORTED: found.reported}
    if rng.random() < 0.95:
        times[Instant.PHONE_RESPONDED] = after(found.reported, 29, 30, 31, most=120)
    way = rng.random()
    if way < 0.2:
        found.remote = True
    elif way < 0.4:
        found.resident = True
        times[Instant.ARRIVED] = found.reported - timedelta(minutes=rng.randrange(1, 300))
    elif way < 0.95:
        times[Instant.ARRIVED] = after(found.reported, 119, 120, 121, most=4000)
    if rng.random() < 0.9:
        base = max(found.reported, times.get(Instant.ARRIVED, found.reported))
        base = max(base, times.get(Instant.PHONE_RESPONDED, base))
        times[Instant.RESTORED] = after(base, 239, 240, 241, 720, 1440, most=6000)
    found.times = times
    for name, when in times.items():
        if name is not Instant.REPORTED:
            found.happens(max(when, found.reported), _noting(name, when, found))
    if found.remote:
        found.happens(found.reported, _from_afar)


def _noting(name: Instant, when: datetime, found: Story) -> Act:
    resident = found.resident and name is Instant.ARRIVED

    def act(ticket: Ticket, wang: User, gu: User) -> None:
        note(ticket, name, when, wang, now=max(when, found.reported), resident=resident)

    return act


def _from_afar(ticket: Ticket, wang: User, gu: User) -> None:
    actions.set_remote(ticket, True, "远程重启", wang, NOW, version=ticket.version)


def _pauses(found: Story, rng: random.Random) -> None:
    """Asked for one after the other; some granted, some refused, the last may still run."""
    when = found.reported
    for _ in range(rng.randrange(4)):
        when += timedelta(minutes=rng.randrange(1, 900))
        end = when + timedelta(minutes=rng.randrange(900))
        granted, open_end = rng.random() < 0.6, rng.random() < 0.1
        found.happens(when, _pausing(when, None if open_end else end, granted=granted))
        if granted:
            found.granted.append((when, None if open_end else end))
            if open_end:
                return
        when = end + timedelta(minutes=1)


def _pausing(start: datetime, end: datetime | None, *, granted: bool) -> Act:
    def act(ticket: Ticket, wang: User, gu: User) -> None:
        asked = actions.pause(ticket, start, "等待停机窗口", wang, start, version=ticket.version)
        actions.answer(
            ticket, asked, granted, gu, end or start, version=ticket.version, reason="按约定"
        )
        if granted and end is not None:
            actions.resume(ticket, end, wang, end, version=ticket.version)

    return act


def _gradings(found: Story, rng: random.Random) -> None:
    """The worst severity the client ever agreed to is judged; a refused one never counts."""
    now = found.severity
    for turn in range(rng.randrange(3)):
        other = rng.choice([each for each in WORST if each is not now])
        granted = rng.random() < 0.6
        found.happens(found.reported + timedelta(minutes=turn), _grading(other, granted=granted))
        if granted:
            found.graded.append(other)
            now = other


def _grading(severity: Severity, *, granted: bool) -> Act:
    def act(ticket: Ticket, wang: User, gu: User) -> None:
        asked = actions.regrade(ticket, severity, "影响有变", wang, NOW, version=ticket.version)
        actions.answer(ticket, asked, granted, gu, NOW, version=ticket.version, reason="现场核实")

    return act


def played(found: Story, wang: User, gu: User) -> Ticket:
    """The story told to the desk, in the order it happened."""
    ticket = actions.open_ticket(
        Intake(
            kind=Kind.INCIDENT, title="打不开", severity=found.severity,
            reported_at=found.reported, site=site(),
        ),
        wang, found.reported,
    )  # fmt: skip
    for _, act in sorted(found.acts, key=lambda pair: pair[0]):
        act(ticket, wang, gu)
    return ticket


Told = tuple[ClockState, datetime | None, timedelta | None]


def expected(found: Story, name: str, days: Mapping[date, bool] | None) -> Told:
    """State, deadline and time used of one clock, by the reference."""
    times = dict(found.times)
    if found.resident:  # there before the call: he came when he took it up, if he did
        taken = times.get(Instant.PHONE_RESPONDED)
        del times[Instant.ARRIVED]
        if taken is not None:
            times[Instant.ARRIVED] = taken
    worst = min(found.graded, key=WORST.index)
    begin, stop, allowed = {
        "phone": (Instant.REPORTED, Instant.PHONE_RESPONDED, 30),
        "on_site": (Instant.REPORTED, Instant.ARRIVED, 120),
        "repair": (Instant.ARRIVED, Instant.RESTORED, MINUTES[worst]),
    }[name]
    solved = Instant.RESTORED in times
    if Instant.ARRIVED not in times and name == "repair":
        if found.remote:
            return ClockState.NOT_APPLICABLE, None, None
        return (ClockState.DEFECT if solved else ClockState.NOT_STARTED), None, None
    if Instant.ARRIVED not in times and name == "on_site" and found.remote and solved:
        return ClockState.NOT_APPLICABLE, None, None
    return _counted(times[begin], times.get(stop), allowed, found.granted, days)


def _counted(
    start: datetime, stop: datetime | None, allowed: int, pauses: list[Span],
    days: Mapping[date, bool] | None,
) -> Told:  # fmt: skip
    end = stop or NOW
    within = [(low, min(high or end, end)) for low, high in pauses if low < end]
    used = slow_minutes(start, end, list(within), days)
    stands = stop is None and any(high is None for _, high in pauses)
    due = None if stands else slow_due(start, allowed, list(within), days)
    if stop is not None:
        state = ClockState.MET if used <= allowed else ClockState.BREACHED
    elif used > allowed:
        state = ClockState.OVERDUE
    else:
        state = ClockState.PAUSED if stands else ClockState.RUNNING
    return state, due, timedelta(minutes=used)


@pytest.mark.parametrize("batch", range(20))
def test_ten_incidents_through_the_desk_have_the_clocks_of_the_slow_reference(batch: int) -> None:
    publish()
    wang, gu = person(), client()
    for number in range(10):
        found = story(random.Random(batch * 10 + number))
        ticket = played(found, wang, gu)
        clocks = queries.clocks(Ticket.objects.get(pk=ticket.pk), NOW)
        assert clocks.severity == min(found.graded, key=WORST.index)
        for held, days in ((clocks.working, DAYS), (clocks.wall, None)):
            told = {each.limit.name: (each.state, each.due, each.used) for each in held}
            assert told == {name: expected(found, name, days) for name in told}, found
            assert set(told) == {"phone", "on_site", "repair"}


def test_the_stories_hold_every_kind_of_turn() -> None:
    found = [story(random.Random(seed)) for seed in range(200)]
    assert sum(each.remote for each in found) >= 20
    assert sum(each.resident for each in found) >= 20
    assert sum(len(each.granted) > 1 for each in found) >= 20
    assert sum(len(each.graded) > 1 for each in found) >= 20
    assert any(end is None for each in found for _, end in each.granted)
