"""Made-up years of events, replayed through the room and through a slow count of minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from emergency_making import at, client, declared, drill, note, person, publish

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.emergency import actions, queries
from jingwei.emergency.models import EntryKind
from jingwei.sla.availability import Term
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db
START = at("2022-11-01 00:00")
YEAR = Term(START, at("2023-11-01 00:00"))
EXCLUDED = (Cause.BUSINESS_SYSTEM, Cause.BUSINESS_DEPLOYMENT, Cause.NETWORK_DEPLOYMENT)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Story:
    """One event as it is told to the room. Minutes are from the alarm, None: never."""

    alarm: datetime
    respond: int | None
    arrive: int | None
    restore: int | None
    cause: Cause | None
    excluded: bool
    withdrawn: bool
    is_drill: bool


def _story(dice: Random) -> Story:
    restore = dice.choice([None, *range(30, 400, 17)])
    cause = dice.choice([None, *Cause])
    return Story(
        alarm=START + timedelta(minutes=dice.randrange(60 * 24 * 3)),
        respond=dice.choice([None, 1, 4, 5, 6, 30]), arrive=dice.choice([None, 20, 59, 60, 61]),
        restore=restore, cause=cause, excluded=cause in EXCLUDED and dice.random() < 0.5,
        withdrawn=dice.random() < 0.1, is_drill=dice.random() < 0.15,
    )  # fmt: skip


def _told(story: Story, number: int, wang: User, gu: User, chen: User, now: datetime) -> None:
    """The story through the room's own actions, written down afterwards."""
    more = {"drill": drill(chen, f"YL-2023-{number:03d}")} if story.is_drill else {}
    by = chen if story.is_drill else wang
    event = declared(by, story.alarm, now=now, at=story.alarm, title=f"事件 {number}", **more)
    for name, minutes in (
        (Instant.PHONE_RESPONDED, story.respond), (Instant.ARRIVED, story.arrive),
        (Instant.RESTORED, story.restore),
    ):  # fmt: skip
        if minutes is not None:
            note(event, name, story.alarm + minutes * MINUTE, by, now=now)
    if story.cause is not None and not story.is_drill:
        actions.classify(event, story.cause, "查明", wang, now, version=event.version)
    if story.excluded and not story.is_drill:
        asked = actions.ask_exclusion(event, "L684", wang, now, version=event.version)
        actions.answer(event, asked, True, gu, now, version=event.version)
    if story.withdrawn:
        actions.withdraw(event, "误报", gu, now, version=event.version)


def _minutes(story: Story, now: datetime) -> set[int]:
    """Every minute the story was down, counted one by one."""
    end = now if story.restore is None else story.alarm + story.restore * MINUTE
    first = int((story.alarm - START) / MINUTE)
    return set(range(first, int((min(end, now) - START) / MINUTE)))


@pytest.mark.parametrize("seed", [3, 17, 2022])
def test_the_24_hours_equal_a_count_of_minutes(seed: int) -> None:
    publish()
    dice = Random(seed)
    wang, gu, chen = person(), client(), person("chen", Role.MANAGER)
    now = START + timedelta(days=4)
    stories = [_story(dice) for _ in range(14)]
    for number, story in enumerate(stories):
        _told(story, number, wang, gu, chen, now)
    real = [each for each in stories if not each.is_drill and not each.withdrawn]
    counted = [_minutes(each, now) for each in real if not each.excluded]
    everything = set().union(*(_minutes(each, now) for each in real))
    used = set().union(*counted)
    found = queries.budget(YEAR, now)
    assert found.used == len(used) * MINUTE
    assert found.sum == sum(len(each) for each in counted) * MINUTE
    assert found.excluded == (len(everything) - len(used)) * MINUTE
    assert found.left == timedelta(hours=24) - found.used
    assert len(queries.spells(YEAR.start, YEAR.end)) == len(real)


@pytest.mark.parametrize("seed", [5, 29])
def test_the_clocks_equal_a_plain_comparison(seed: int) -> None:
    publish()
    dice = Random(seed)
    wang, gu, chen = person(), client(), person("chen", Role.MANAGER)
    now = START + timedelta(days=4)
    stories = [_story(dice) for _ in range(10)]
    for number, story in enumerate(stories):
        _told(story, number, wang, gu, chen, now)
    events = {row.title: row for real in (True, False) for row in queries.events(real=real)}
    for number, story in enumerate(stories):
        found = queries.clocks(events[f"事件 {number}"], now)
        if story.withdrawn:
            assert found.wall == ()
            continue
        expected = [
            _plain(story.respond, 5), _plain(story.arrive, 60),
        ]  # fmt: skip
        assert [each.state for each in found.wall] == expected, story
        assert [each.due for each in found.wall] == [
            story.alarm + 5 * MINUTE, story.alarm + 60 * MINUTE,
        ]  # fmt: skip


def _plain(minutes: int | None, limit: int) -> ClockState:
    if minutes is None:
        return ClockState.OVERDUE
    return ClockState.MET if minutes <= limit else ClockState.BREACHED


def test_reading_the_story_writes_nothing_and_two_readings_agree() -> None:
    publish()
    wang = person()
    event = declared(wang)
    note(event, Instant.PHONE_RESPONDED, event.declared_at + 3 * MINUTE, wang)
    entries = event.entries.count()
    now = event.declared_at + timedelta(hours=1)
    assert queries.clocks(event, now) == queries.clocks(event, now)
    assert queries.timeline(event) == queries.timeline(event)
    assert queries.facts_of(event) == queries.facts_of(event)
    assert event.entries.count() == entries


def test_the_story_is_in_order_of_what_happened_and_names_its_source() -> None:
    wang = person()
    event = declared(wang, plan=None)
    start = event.declared_at
    note(event, Instant.ARRIVED, start + 40 * MINUTE, wang, now=start + 50 * MINUTE)
    actions.message(event, "看到双控告警", wang, start + 50 * MINUTE, at=start + 41 * MINUTE)
    note(event, Instant.ARRIVED, start + 38 * MINUTE, wang, now=start + 60 * MINUTE, reason="门禁")
    lines = queries.timeline(event)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    arrivals = [line for line in lines if line.what == "到场"]
    assert [line.corrects for line in arrivals] == [True, False]
    assert event.ticket is not None
    assert {line.source for line in arrivals} == {event.ticket.number}
    seen = next(line for line in lines if line.kind == EntryKind.MESSAGE)
    assert (seen.source, seen.text, seen.late) == ("", "看到双控告警", False)
