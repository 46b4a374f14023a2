"""Sheets filled late, twice and while checks run: yesterday's word decides nothing of today."""

from datetime import date, timedelta

import check_making as making
import pytest
from check_making import NOON, celsius, check, later, saw

from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.actions import Answer, BadInputError, claim, record, routine, write_answers
from jingwei.checks.models import Finding, FindingNote, ItemResult, RoutineRun
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
ITEM = "room.temperature"


@pytest.fixture
def room() -> Target:
    return making.target()


@pytest.fixture
def wang() -> User:
    return making.person()


@pytest.fixture
def li() -> User:
    return making.person("li", "李工")


def sheet(days_ago: int = 0) -> RoutineRun:
    return routine.ensure_run("daily", DAY - timedelta(days=days_ago), NOON)


def answer(
    run: RoutineRun,
    room: Target,
    result: Result,
    by: User,
    minutes: float = 0,
    note: str = "见现场",
) -> ItemResult:
    return actions.answer_item(run, ITEM, room, result, note=note, by=by, now=later(minutes))


def test_yesterdays_sheet_filled_late_does_not_heal_what_was_found_today(
    room: Target, wang: User
) -> None:
    answer(sheet(), room, Result.ABNORMAL, wang)
    answer(sheet(1), room, Result.NORMAL, wang, 30)
    found = Finding.objects.get()
    assert found.closed_at is None, "it was fine yesterday; it is not today"
    answer(sheet(), room, Result.NORMAL, wang, 60)
    found.refresh_from_db()
    assert found.closed_at == later(60)


def test_yesterdays_finding_is_healed_by_todays_word_and_says_which_day(
    room: Target, wang: User
) -> None:
    answer(sheet(1), room, Result.ATTENTION, wang)
    Finding.objects.update(opened_at=later(-24 * 60))
    answer(sheet(), room, Result.NORMAL, wang, 5)
    assert Finding.objects.get().closed_at == later(5)
    assert "2026-11-23 复查正常" in FindingNote.objects.latest("id").text


@pytest.mark.parametrize("before", [Result.ATTENTION, Result.ABNORMAL])
def test_a_milder_word_does_not_make_a_finding_milder(
    room: Target, wang: User, before: Result
) -> None:
    answer(sheet(), room, before, wang)
    answer(sheet(), room, Result.ATTENTION, wang, 1)
    assert Finding.objects.get().result == before


@pytest.mark.parametrize("word", [Result.UNCHECKED, Result.NOT_APPLICABLE])
def test_not_looking_heals_nothing(room: Target, wang: User, word: Result) -> None:
    answer(sheet(), room, Result.ABNORMAL, wang)
    answer(sheet(), room, word, wang, 1, "门锁着")
    assert Finding.objects.get().closed_at is None


def test_a_persons_normal_does_not_close_what_a_check_holds_open(room: Target, wang: User) -> None:
    one = check(room, ITEM)
    record([saw(one, celsius(30), confirmed=True)])
    found = Finding.objects.get()
    run = sheet()
    row = Answer(ITEM, room.pk, Result.ABNORMAL, "30 ℃", finding_id=found.pk)
    write_answers(run, [row], NOON)
    answer(run, room, Result.NORMAL, wang, 5)
    found.refresh_from_db()
    assert found.closed_at is None


def test_a_third_answer_keeps_two_that_do_not_count(room: Target, wang: User, li: User) -> None:
    for minute, (result, by) in enumerate(
        [(Result.NORMAL, wang), (Result.ABNORMAL, li), (Result.NORMAL, wang)]
    ):
        answer(sheet(), room, result, by, minute)
    rows = ItemResult.objects.order_by("id")
    assert [(row.result, row.current, row.by_name) for row in rows] == [
        ("normal", False, "王工"), ("abnormal", False, "李工"), ("normal", True, "王工"),
    ]  # fmt: skip


def test_two_sheets_of_one_day_are_one(room: Target) -> None:
    assert sheet().pk == sheet().pk
    assert RoutineRun.objects.count() == 1


# -- asked again while signed


def done(run: RoutineRun) -> None:
    """As a worker ends it."""
    claim.claim_run("w", later(1), later(9))
    routine.begin(run, later(1))
    routine.finish(run, later(2))
    claim.release_run(run.pk, "w", done=True)
    run.refresh_from_db()


def test_a_sheet_whose_checks_run_again_cannot_be_confirmed_meanwhile(
    room: Target, wang: User
) -> None:
    run = actions.request_routine("daily", DAY, wang, NOON)
    done(run)
    again = actions.request_routine("daily", DAY, wang, later(10))
    with pytest.raises(BadInputError, match="尚未完成"):
        actions.confirm_run(again, wang, later(11))
    claim.claim_run("w", later(11), later(19))
    routine.finish(again, later(12))
    claim.release_run(again.pk, "w", done=True)
    actions.confirm_run(again, wang, later(13))
    assert again.confirmed_at == later(13)


def test_the_second_to_confirm_is_told_who_was_first(room: Target, wang: User, li: User) -> None:
    run = actions.request_routine("daily", DAY, wang, NOON)
    done(run)
    seen_by_li = RoutineRun.objects.get(pk=run.pk)
    actions.confirm_run(run, wang, later(3))
    with pytest.raises(BadInputError, match="王工"):
        actions.confirm_run(seen_by_li, li, later(4))
    run.refresh_from_db()
    assert (run.confirmed_by, run.confirmed_at) == (wang, later(3))


@pytest.mark.parametrize(("hours", "late"), [(0, False), (11.9, False), (12, True), (24, True)])
def test_a_sheet_signed_past_midnight_of_shanghai_is_signed_late(
    room: Target, wang: User, hours: float, *, late: bool
) -> None:
    run = sheet()
    routine.finish(run, NOON)
    actions.confirm_run(run, wang, NOON + timedelta(hours=hours))
    assert queries.signed_late(run) is late


def test_a_run_a_dead_worker_left_is_taken_by_the_next_and_told_as_running(
    room: Target, wang: User
) -> None:
    run = actions.request_routine("daily", DAY, wang, NOON)
    assert claim.claim_run("dead", NOON, later(5)) == run.pk
    routine.begin(run, NOON)
    assert claim.claim_run("b", later(4), later(9)) is None
    assert queries.board("daily", DAY).progress == "running"
    assert claim.claim_run("b", later(5), later(9)) == run.pk
    assert not claim.extend_run(run.pk, "dead", later(30))
    assert claim.extend_run(run.pk, "b", later(30))
    assert claim.claim_run("c", later(20), later(40)) is None


def test_a_run_given_back_undone_is_due_for_the_next(room: Target, wang: User) -> None:
    run = actions.request_routine("daily", DAY, wang, NOON)
    claim.claim_run("a", NOON, later(5))
    claim.release_run(run.pk, "a", done=False)
    assert claim.claim_run("b", NOON, later(5)) == run.pk
    claim.release_run(run.pk, "a", done=True)
    run.refresh_from_db()
    assert (run.leased_by, run.due) == ("b", NOON), "a has nothing to say any more"


def test_missed_days_are_told_for_a_month_at_most_and_once(room: Target) -> None:
    asked = queries.routine("daily")
    sheet(100)
    missed = routine.record_missed_days(asked, NOON)
    assert missed == [DAY - timedelta(days=31 - number) for number in range(31)]
    assert routine.record_missed_days(asked, NOON) == []
    rows = ItemResult.objects.filter(run__date=missed[0])
    assert {row.result for row in rows} == {"unchecked"}
    assert all(row.late for row in rows)
