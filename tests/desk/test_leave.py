"""Leave and replacement: everything the tender asks for, the client's word before it begins."""

from datetime import date, timedelta
from typing import Any

import pytest
from desk_making import at, client, person, publish

from jingwei.accounts import queries as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.desk import actions  # noqa: F401 - the room's door stays importable
from jingwei.desk.actions import BadInputError, ForbiddenError
from jingwei.desk.actions import leave as leaves
from jingwei.desk.actions.leave import Replacement, Wish
from jingwei.desk.models import Asked, GuardPeriod, Leave, Notice, Shift, StaffChange
from jingwei.desk.queries import roster

pytestmark = pytest.mark.django_db
NOW = at("2023-01-10 09:00")  # a Tuesday
START, END = at("2023-01-16 08:30"), at("2023-01-17 17:30")


@pytest.fixture(autouse=True)
def calendar() -> None:
    publish(2023, 2023)


def staff(number: int, line: Person.Line, prefix: str) -> list[Person]:
    return [Person.objects.create(name=f"{prefix}{n}", line=line) for n in range(1, number + 1)]


@pytest.fixture
def team() -> list[Person]:
    staff(3, Person.Line.SECOND, "二线")
    return staff(4, Person.Line.FIRST, "驻场")


@pytest.fixture
def wang(team: list[Person]) -> User:
    made = person("wang", full_name="驻场1")
    team[0].user = made
    team[0].save()
    return made


def second(number: int = 1) -> Person:
    return Person.objects.get(name=f"二线{number}")


def wish(who: Person, **given: Any) -> Wish:
    facts: dict[str, Any] = {
        "person": who, "start": START, "end": END, "reason": "看病", "whereabouts": "市内",
        "phone": "139", "stand_in": second(),
    } | given  # fmt: skip
    return Wish(**facts)


def test_leave_is_asked_with_everything_the_tender_wants(team: list[Person], wang: User) -> None:
    made = leaves.ask_leave(wish(team[0]), wang, NOW)
    assert (made.state, made.asked_at, made.whereabouts) == (Asked.WAITING, NOW, "市内")
    assert accounts.entries("roster", f"leave-{made.pk}")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"whereabouts": ""}, "whereabouts"),
        ({"phone": ""}, "phone"),
        ({"stand_in": None}, "stand_in"),
        ({"end": START}, "end"),
        ({"end": START + timedelta(days=200)}, "end"),
        ({"start": NOW - timedelta(hours=1)}, "start"),
        ({"start": NOW}, "start"),
    ],
)
def test_a_leave_that_lacks_something_is_refused_by_its_field(
    team: list[Person], wang: User, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        leaves.ask_leave(wish(team[0], **given), wang, NOW)
    assert caught.value.field == field
    assert not Leave.objects.exists()


def test_nobody_stands_in_for_himself(team: list[Person], wang: User) -> None:
    with pytest.raises(BadInputError, match="本人"):
        leaves.ask_leave(wish(team[0], stand_in=team[0]), wang, NOW)


def test_what_was_not_asked_in_time_is_written_down_as_late(team: list[Person], wang: User) -> None:
    late = wish(team[0], start=NOW - timedelta(hours=3), entered_late=True)
    made = leaves.ask_leave(late, wang, NOW)
    assert made.asked_at > made.start


def test_one_asks_for_oneself_and_who_keeps_the_roster_for_others(
    team: list[Person], wang: User
) -> None:
    with pytest.raises(ForbiddenError, match="本人"):
        leaves.ask_leave(wish(team[1]), wang, NOW)
    manager = person("zhao", Role.MANAGER)
    assert leaves.ask_leave(wish(team[1]), manager, NOW).asked_by == manager


def test_two_leaves_of_one_person_do_not_overlap(team: list[Person], wang: User) -> None:
    leaves.ask_leave(wish(team[0]), wang, NOW)
    with pytest.raises(BadInputError, match="已有请假"):
        leaves.ask_leave(wish(team[0], start=at("2023-01-17 08:30")), wang, NOW)
    later = wish(team[0], start=END, end=END + timedelta(days=1))
    assert leaves.ask_leave(later, wang, NOW).pk


def test_who_is_away_himself_does_not_stand_in(team: list[Person], wang: User) -> None:
    manager, approver = person("zhao", Role.MANAGER), client()
    other = leaves.ask_leave(wish(second(), stand_in=second(2)), manager, NOW)
    leaves.answer_leave(other, True, approver, NOW)
    with pytest.raises(BadInputError, match="不能顶岗"):
        leaves.ask_leave(wish(team[0]), wang, NOW)


def test_only_the_client_agrees_and_once(team: list[Person], wang: User) -> None:
    made = leaves.ask_leave(wish(team[0]), wang, NOW)
    for someone in (wang, person("zhao", Role.MANAGER)):
        with pytest.raises(ForbiddenError):
            leaves.answer_leave(made, True, someone, NOW)
    approver = client()
    with pytest.raises(BadInputError, match="不同意的原因"):
        leaves.answer_leave(made, False, approver, NOW)
    leaves.answer_leave(made, True, approver, NOW + timedelta(hours=1))
    assert (made.state, made.answered_by) == (Asked.GRANTED, approver)
    with pytest.raises(BadInputError, match="已同意"):
        leaves.answer_leave(made, True, approver, NOW)


def test_consent_after_it_began_is_kept_as_late(team: list[Person], wang: User) -> None:
    made = leaves.ask_leave(wish(team[0]), wang, NOW)
    leaves.answer_leave(made, True, client(), START + timedelta(hours=1))
    assert made.answered_at is not None
    assert made.answered_at > made.start
    entry = accounts.entries("roster", f"leave-{made.pk}")
    assert any((each.after or {}).get("late") for each in entry)


def test_a_leave_is_taken_back_before_it_begins_only(team: list[Person], wang: User) -> None:
    made = leaves.ask_leave(wish(team[0]), wang, NOW)
    with pytest.raises(BadInputError, match="撤回原因"):
        leaves.withdraw_leave(made, "", wang, NOW)
    with pytest.raises(BadInputError, match="已经开始"):
        leaves.withdraw_leave(made, "好了", wang, START)
    leaves.withdraw_leave(made, "好了", wang, NOW)
    assert made.state == Asked.WITHDRAWN


def test_who_asks_is_told_to_those_who_answer(team: list[Person], wang: User) -> None:
    from jingwei.assets.credentials import seal  # noqa: PLC0415
    from jingwei.desk.models import NoticeChannel  # noqa: PLC0415

    NoticeChannel.objects.create(
        name="群", medium="webhook", address=seal({"url": "http://127.0.0.1/x"}, "群"), shown="…"
    )
    leaves.ask_leave(wish(team[0]), wang, NOW)
    assert Notice.objects.get().topic == "leave"


# ---- shortfalls before they happen


def short(first: str, last: str, also: list[Leave] | None = None) -> list[tuple[str, int, str]]:
    found = roster.shortfalls(date.fromisoformat(first), date.fromisoformat(last), also=also or ())
    return [(each.line, each.there, f"{each.start:%m-%d %H:%M}") for each in found]


def granted(who: Person, wang: User, **given: Any) -> Leave:
    manager = person(f"m{who.pk}", Role.MANAGER)
    made = leaves.ask_leave(wish(who, **given), manager, NOW)
    return leaves.answer_leave(made, True, client(f"c{who.pk}"), NOW)


def test_four_on_site_is_enough(team: list[Person]) -> None:
    assert short("2023-01-16", "2023-01-20") == []


def test_a_leave_that_is_only_asked_for_shows_what_it_would_leave(
    team: list[Person], wang: User
) -> None:
    asked = leaves.ask_leave(wish(team[0], stand_in=team[1]), wang, NOW)
    assert short("2023-01-16", "2023-01-20") == []
    assert short("2023-01-16", "2023-01-20", [asked]) == [("first", 3, "01-16 08:30")]


def test_a_second_line_stand_in_fills_the_place_and_is_missed_in_his_own(
    team: list[Person], wang: User
) -> None:
    granted(team[0], wang)
    assert short("2023-01-16", "2023-01-17") == [("second", 2, "01-16 08:30")]


def test_a_colleague_who_stands_in_was_there_already(team: list[Person], wang: User) -> None:
    granted(team[0], wang, stand_in=team[1])
    assert short("2023-01-16", "2023-01-17") == [("first", 3, "01-16 08:30")]


def test_weekends_and_holidays_need_nobody_on_site(team: list[Person], wang: User) -> None:
    granted(
        team[0], wang, stand_in=team[1], start=at("2023-01-21 00:00"), end=at("2023-01-27 23:59")
    )
    assert short("2023-01-21", "2023-01-27") == []


def test_the_make_up_saturday_after_the_festival_does(team: list[Person], wang: User) -> None:
    granted(
        team[0], wang, stand_in=team[1], start=at("2023-01-21 00:00"), end=at("2023-01-28 12:00")
    )
    assert short("2023-01-21", "2023-01-29") == [("first", 3, "01-28 08:30")]


def test_half_a_day_is_short_for_half_a_day(team: list[Person], wang: User) -> None:
    granted(
        team[0], wang, stand_in=team[1], start=at("2023-01-16 13:00"), end=at("2023-01-16 17:30")
    )
    found = roster.shortfalls(date(2023, 1, 16), date(2023, 1, 16))
    assert [(f"{s.start:%H:%M}", f"{s.end:%H:%M}") for s in found] == [("13:00", "17:30")]


def test_a_year_that_is_not_published_says_nothing(team: list[Person]) -> None:
    Person.objects.filter(line=Person.Line.FIRST).delete()
    assert short("2024-01-02", "2024-01-05") == []


def test_a_7x24_period_needs_two_at_every_moment(team: list[Person]) -> None:
    period = GuardPeriod.objects.create(
        name="防疫", start=at("2023-02-01 00:00"), end=at("2023-02-02 00:00"),
        declared_at=NOW, declared_by="顾",
    )  # fmt: skip
    for who, low, high in (
        (0, "02-01 00:00", "02-02 00:00"), (1, "02-01 00:00", "02-01 12:00"),
        (2, "02-01 13:00", "02-02 00:00"),
    ):  # fmt: skip
        Shift.objects.create(
            person=team[who],
            period=period,
            start=at(f"2023-{low}"),
            entered_by="x",
            end=at(f"2023-{high}"),
        )
    assert short("2023-02-01", "2023-02-01") == [("guard", 1, "02-01 12:00")]
    assert roster.fewest_by_day(period, at("2023-02-03 00:00")) == [(date(2023, 2, 1), 1)]
    assert roster.fewest_by_day(period, at("2023-02-01 11:00")) == [(date(2023, 2, 1), 2)]


def test_being_on_call_is_not_being_there(team: list[Person]) -> None:
    period = GuardPeriod.objects.create(
        name="防疫", start=at("2023-02-01 00:00"), end=at("2023-02-01 08:00"), needed=1,
        declared_at=NOW, declared_by="顾",
    )  # fmt: skip
    Shift.objects.create(person=team[0], period=period, start=period.start, end=period.end,
                         on_call=True, entered_by="x")  # fmt: skip
    assert short("2023-02-01", "2023-02-01") == [("guard", 0, "02-01 00:00")]


def test_a_day_shows_who_is_due_and_who_is_away(team: list[Person], wang: User) -> None:
    granted(team[0], wang)
    day = roster.on_duty(date(2023, 1, 16))
    assert (day.working, len(day.due), [x.person for x in day.leaves]) == (True, 4, [team[0]])
    assert roster.on_duty(date(2023, 1, 22)).due == ()
    assert roster.on_duty(date(2024, 1, 2)).working is None


# ---- replacement


def replacement(who: Person, **given: Any) -> Replacement:
    facts: dict[str, Any] = {
        "leaving": who, "joining_name": "新工", "joining_phone": "138", "qualification": "PMP",
        "on": date(2023, 2, 1), "reason": "调动",
    } | given  # fmt: skip
    return Replacement(**facts)


def test_nobody_is_replaced_without_the_client(team: list[Person]) -> None:
    made = leaves.ask_change(replacement(team[0]), person("zhao", Role.MANAGER), NOW)
    assert leaves.carry_out_changes(at("2023-02-01 09:00")) == 0
    leaves.answer_change(made, True, client(), NOW)
    assert leaves.carry_out_changes(at("2023-01-31 09:00")) == 0
    assert leaves.carry_out_changes(at("2023-02-01 00:05")) == 1
    assert leaves.carry_out_changes(at("2023-02-01 09:00")) == 0
    names = [p.name for p in roster.people(Person.Line.FIRST, date(2023, 2, 1))]
    assert sorted(names) == ["新工", "驻场2", "驻场3", "驻场4"]
    team[0].refresh_from_db()
    assert team[0].valid_to == date(2023, 1, 31)


def test_what_the_client_asks_for_he_has_agreed_to(team: list[Person]) -> None:
    made = leaves.ask_change(replacement(team[0]), client(), NOW)
    assert (made.client_asked, made.state) == (True, Asked.GRANTED)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"joining_name": " "}, "joining_name"),
        ({"qualification": ""}, "qualification"),
        ({"reason": ""}, "reason"),
        ({"on": date(2023, 1, 10)}, "on"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused(
    team: list[Person], given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        leaves.ask_change(replacement(team[0], **given), person("zhao", Role.MANAGER), NOW)
    assert caught.value.field == field
    assert not StaffChange.objects.exists()


def test_an_engineer_does_not_replace_his_colleagues(team: list[Person], wang: User) -> None:
    with pytest.raises(ForbiddenError):
        leaves.ask_change(replacement(team[1]), wang, NOW)


def test_a_refused_replacement_changes_nothing(team: list[Person]) -> None:
    made = leaves.ask_change(replacement(team[0]), person("zhao", Role.MANAGER), NOW)
    leaves.answer_change(made, False, client(), NOW, opinion="不同意")
    assert leaves.carry_out_changes(at("2023-03-01 09:00")) == 0


def test_a_replacement_whose_day_came_while_it_waited_is_carried_out_with_the_answer(
    team: list[Person],
) -> None:
    made = leaves.ask_change(replacement(team[0]), person("zhao", Role.MANAGER), NOW)
    leaves.answer_change(made, True, client(), at("2023-02-03 09:00"))
    team[0].refresh_from_db()
    assert team[0].valid_to == date(2023, 1, 31)
