"""The story of an event in order, who was called, which steps were done; what it costs of 24 h."""

from datetime import datetime, timedelta

import pytest
from emergency_making import EVE, at, client, declared, drill, note, people, person, plan

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.emergency import actions, queries
from jingwei.emergency.models import Emergency, EntryKind
from jingwei.emergency.queries.budget import length
from jingwei.sla.availability import Downtime, Term
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
YEAR = Term(at("2022-10-31 00:00"), at("2023-10-31 00:00"))


@pytest.fixture
def wang() -> User:
    people()
    return person()


def lines(event: Emergency) -> list[tuple[str, str]]:
    return [(line.what, line.text) for line in queries.timeline(event)]


def spell(by: User, start: datetime, hours: float) -> Emergency:
    """An event of so many hours."""
    event = declared(by, start)
    note(event, Instant.RESTORED, start + timedelta(hours=hours), by)
    return event


# -- the story


def test_the_story_is_in_the_order_things_happened_not_were_written(wang: User) -> None:
    event = declared(wang)
    actions.message(event, "第二", wang, EVE + 9 * MINUTE, at=EVE + 8 * MINUTE)
    actions.message(event, "第一", wang, EVE + 10 * MINUTE, at=EVE + 5 * MINUTE)
    said = [line.text for line in queries.timeline(event) if line.kind == EntryKind.MESSAGE]
    assert said == ["第一", "第二"]


def test_what_is_written_later_than_half_an_hour_is_marked(wang: User) -> None:
    event = declared(wang)
    actions.message(event, "补记", wang, EVE + HOUR, at=EVE + 29 * MINUTE)
    actions.message(event, "当时", wang, EVE + HOUR, at=EVE + 31 * MINUTE)
    late = {line.text: line.late for line in queries.timeline(event)}
    assert (late["补记"], late["当时"]) == (True, False)


def test_an_instant_of_the_ticket_stands_once_with_the_tickets_number(wang: User) -> None:
    event = declared(wang)
    note(event, Instant.ARRIVED, EVE + 40 * MINUTE, wang)
    assert event.ticket is not None
    arrivals = [line for line in queries.timeline(event) if line.what == Instant.ARRIVED.label]
    assert [line.source for line in arrivals] == [event.ticket.number]


def test_a_correction_follows_what_it_corrects_and_both_stay(wang: User) -> None:
    event = declared(wang)
    note(event, Instant.ARRIVED, EVE + 40 * MINUTE, wang)
    note(event, Instant.ARRIVED, EVE + 45 * MINUTE, wang, reason="看错表", now=EVE + HOUR)
    first, second = [line for line in queries.timeline(event) if line.what == Instant.ARRIVED.label]
    assert (first.corrects, second.corrects, second.reason) == (False, True, "看错表")


def test_the_clients_word_is_told_as_yes_or_no(wang: User) -> None:
    event, gu = declared(wang), client()
    note(event, Instant.RESTORED, EVE + HOUR, wang)
    asked = actions.ask_end(event, wang, EVE + HOUR, version=event.version)
    actions.answer(event, asked, False, gu, EVE + HOUR, version=event.version, reason="仍慢")
    answer = next(line for line in queries.timeline(event) if line.kind == EntryKind.ANSWER)
    assert answer.text.endswith("：不同意")
    assert (answer.granted, answer.reason) == (False, "仍慢")


def test_a_cause_is_told_in_its_words_not_by_its_code(wang: User) -> None:
    event = declared(wang)
    actions.classify(event, Cause.HARDWARE, "控制器坏", wang, EVE + HOUR, version=event.version)
    assert Cause.HARDWARE.label in [text for _, text in lines(event)]
    assert Cause.HARDWARE.value not in [text for _, text in lines(event)]


def test_a_drill_says_which_instant_the_system_measured(wang: User) -> None:
    chen = person("chen", Role.MANAGER)
    event = declared(chen, drill=drill(chen))
    actions.measured(event, "探针变红", EVE + MINUTE, EVE + MINUTE, instant=Instant.DIAGNOSED)
    told = [line.text for line in queries.timeline(event) if line.kind == EntryKind.MEASURED]
    assert told == [f"{Instant.DIAGNOSED.label}：探针变红"]


# -- calls and steps


def test_who_was_called_in_vain_is_reached_when_he_answers(wang: User) -> None:
    event = declared(wang)
    callee = event.callees.get(name="周二线")
    actions.call(event, callee, False, wang, EVE + MINUTE, reason="关机")
    knot = next(
        one for one in queries.call_tree(event, queries.facts_of(event)) if one.callee == callee
    )
    assert (len(knot.calls), knot.reached_at) == (1, None)
    for minutes in (6, 4):  # written down in another order than it happened
        when = EVE + minutes * MINUTE
        actions.call(event, callee, True, wang, EVE + 7 * MINUTE, at=when)
    knot = next(
        one for one in queries.call_tree(event, queries.facts_of(event)) if one.callee == callee
    )
    assert knot.reached_at == EVE + 4 * MINUTE


def test_who_has_left_is_not_on_the_list_and_the_maker_can_be_added(wang: User) -> None:
    event = declared(wang)
    assert "旧同事" not in event.callees.values_list("name", flat=True)
    made = actions.add_callee(event, "钱工", "厂商工程师", " 400-1 ", wang, EVE + MINUTE)
    tree = queries.call_tree(event, queries.facts_of(event))
    assert (tree[-1].callee, made.phone) == (made, "400-1")


@pytest.mark.parametrize(
    ("field", "given"),
    [("name", (" ", "厂商", "1")), ("role", ("钱工", "", "1")), ("phone", ("钱", "厂商", "1" * 33)),
     ("name", ("长" * 65, "厂商", "1")), ("name", ("a\0", "厂商", "1"))],
)  # fmt: skip
def test_a_callee_without_name_or_duty_is_refused(
    wang: User, field: str, given: tuple[str, str, str]
) -> None:
    event = declared(wang)
    before = event.callees.count()
    with pytest.raises(actions.BadInputError) as told:
        actions.add_callee(event, *given, wang, EVE)
    assert told.value.field == field
    assert event.callees.count() == before


def test_a_step_left_out_says_why_and_may_be_done_after_all(wang: User) -> None:
    event, used = declared(wang), plan()
    actions.use_plan(event, used, wang, EVE, version=event.version)
    first = used.steps.get(position=1)
    with pytest.raises(actions.BadInputError, match="未执行的原因"):
        actions.step(event, first, False, wang, EVE + MINUTE)
    actions.step(event, first, False, wang, EVE + MINUTE, reason="门禁坏")
    with pytest.raises(actions.BadInputError, match="已记录"):
        actions.step(event, first, False, wang, EVE + 2 * MINUTE, reason="门禁坏")
    with pytest.raises(actions.BadInputError, match="更改的原因"):
        actions.step(event, first, True, wang, EVE + 2 * MINUTE)
    actions.step(event, first, True, wang, EVE + 3 * MINUTE, reason="门禁已修")
    ticked = queries.plan_steps(event, queries.facts_of(event))
    assert ticked[0].entry is not None
    assert ticked[0].entry.granted
    assert [one.entry for one in ticked[1:]] == [None, None]


def test_without_a_plan_there_are_no_steps(wang: User) -> None:
    event = declared(wang)
    assert queries.plan_steps(event, queries.facts_of(event)) == []


# -- the 24 hours


def test_two_events_at_once_are_counted_once_and_their_sum_stands_beside(wang: User) -> None:
    spell(wang, at("2023-01-10 10:00"), 2)
    spell(wang, at("2023-01-10 11:00"), 2)
    now = at("2023-02-01 00:00")
    assert queries.budget(YEAR, now).used == 3 * HOUR
    assert length(queries.downtimes(YEAR.start, YEAR.end), now) == 4 * HOUR


def test_what_still_is_down_counts_up_to_now(wang: User) -> None:
    declared(wang, at("2023-01-10 10:00"))
    assert queries.budget(YEAR, at("2023-01-10 13:00")).used == 3 * HOUR


def test_a_recovery_the_client_disputes_is_none(wang: User) -> None:
    event, gu = spell(wang, at("2023-01-10 10:00"), 1), client()
    asked = actions.ask_end(event, wang, at("2023-01-10 11:00"), version=event.version)
    actions.answer(
        event, asked, False, gu, at("2023-01-10 11:30"), version=event.version, reason="仍慢"
    )
    assert queries.downtime_of(event, queries.facts_of(event)).end is None
    assert queries.budget(YEAR, at("2023-01-10 14:00")).used == 4 * HOUR


def test_only_what_touches_the_span_is_in_it(wang: User) -> None:
    event = spell(wang, at("2023-01-10 10:00"), 2)
    for start, end, inside in (
        ("2023-01-10 11:00", "2023-01-10 11:01", True),
        ("2023-01-10 12:00", "2023-01-11 00:00", False),
        ("2023-01-09 00:00", "2023-01-10 10:00", False),
    ):
        found = [each.emergency for each in queries.spells(at(start), at(end))]
        assert found == ([event] if inside else []), start


def test_the_length_of_nothing_is_nothing() -> None:
    assert length([], EVE) == timedelta()
    still = Downtime(EVE, None, Cause.UNCLASSIFIED, "")
    assert length([still], EVE + HOUR) == HOUR
