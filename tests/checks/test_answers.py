"""The sheet: what checks answer, what people answer, and that neither overwrites in silence."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import check_making as making
import pytest
from check_making import NOON, later

from jingwei.accounts.models import AuditEntry, User
from jingwei.assets.models import Target
from jingwei.calendars import actions as calendars
from jingwei.checks import actions, queries
from jingwei.checks.actions import Answer, BadInputError, Upload, routine, write_answers
from jingwei.checks.models import Attachment, Finding, FindingNote, ItemResult, RoutineRun
from jingwei.terms import SHANGHAI, Result

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.fixture
def room() -> Target:
    return making.target()


@pytest.fixture
def run(room: Target) -> RoutineRun:
    return routine.ensure_run("daily", DAY, NOON)


@pytest.fixture
def wang() -> User:
    return making.person()


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def temperature(room: Target, result: Result = Result.NORMAL, reading: str = "24 ℃") -> Answer:
    return Answer("room.temperature", room.pk, result, reading, "18–27 ℃")


def current(run: RoutineRun, item: str = "room.temperature") -> ItemResult:
    return ItemResult.objects.get(run=run, item=item, current=True)


# -- automatic answers


def test_an_answer_that_changed_is_appended_and_the_old_one_stays(
    run: RoutineRun, room: Target
) -> None:
    write_answers(run, [temperature(room)], NOON)
    written = write_answers(run, [temperature(room, Result.ABNORMAL, "29.4 ℃")], later(5))
    assert written.added == 1
    rows = list(ItemResult.objects.order_by("id"))
    assert [(row.result, row.current) for row in rows] == [("normal", False), ("abnormal", True)]


def test_an_answer_that_did_not_change_is_not_written_again(run: RoutineRun, room: Target) -> None:
    write_answers(run, [temperature(room)], NOON)
    written = write_answers(run, [temperature(room)], later(5))
    assert (written.added, written.unchanged) == (0, 1)
    assert ItemResult.objects.count() == 1


def test_a_persons_answer_is_kept_and_the_contradiction_is_told(
    run: RoutineRun, room: Target, wang: User
) -> None:
    write_answers(run, [temperature(room, Result.UNCHECKED, "")], NOON)
    actions.answer_item(run, "room.temperature", room, Result.NORMAL, by=wang, now=later(1))
    written = write_answers(run, [temperature(room, Result.ABNORMAL, "29.4 ℃")], later(5))
    assert [answer.result for answer in written.kept] == [Result.ABNORMAL]
    assert (current(run).result, current(run).by_name) == (Result.NORMAL, "王工")


def test_a_confirmation_holds_while_only_the_digits_tremble(
    run: RoutineRun, room: Target, wang: User
) -> None:
    write_answers(run, [temperature(room)], NOON)
    actions.confirm_item(run, "room.temperature", room, by=wang, now=later(1))
    write_answers(run, [temperature(room, reading="24.1 ℃")], later(5))
    assert current(run).by_name == "王工"
    write_answers(run, [temperature(room, Result.ABNORMAL, "29.4 ℃")], later(6))
    changed = current(run)
    assert (changed.result, changed.by_name) == (Result.ABNORMAL, "")
    assert "王工" in changed.note
    assert "正常" in changed.note


def test_what_is_written_after_its_day_is_late(run: RoutineRun, room: Target, wang: User) -> None:
    write_answers(run, [temperature(room)], NOON)
    assert not current(run).late
    midnight = datetime(2026, 11, 24, 0, 0, tzinfo=SHANGHAI)
    answered = actions.answer_item(run, "room.walk", room, Result.NORMAL, by=wang, now=midnight)
    assert answered.late


@pytest.mark.parametrize(
    ("hour", "minute", "late"), [(8, 30, False), (8, 31, True), (23, 59, True)]
)
def test_what_a_person_enters_after_the_sheets_time_is_late(
    run: RoutineRun, room: Target, wang: User, hour: int, minute: int, late: bool
) -> None:
    entered = NOON.replace(hour=hour, minute=minute)
    row = actions.answer_item(run, "room.walk", room, Result.NORMAL, by=wang, now=entered)
    assert row.late is late


def test_who_answered_in_time_and_corrects_it_the_same_day_is_not_late(
    run: RoutineRun, room: Target, wang: User
) -> None:
    for hour in (8, 10):
        row = actions.answer_item(
            run, "room.walk", room, Result.NORMAL, by=wang, now=NOON.replace(hour=hour)
        )
        assert not row.late
    again = NOON.replace(day=24, hour=7)
    row = actions.answer_item(run, "room.walk", room, Result.NORMAL, by=wang, now=again)
    assert row.late, "after its day everything is"


def test_what_a_worker_asks_again_after_the_sheets_time_is_not_late(
    run: RoutineRun, room: Target
) -> None:
    write_answers(run, [temperature(room)], NOON.replace(hour=16))
    assert not current(run).late


# -- people


def test_a_manual_answer_with_a_photo_is_stored_by_hash_and_audited(
    run: RoutineRun, room: Target, wang: User, settings: Any
) -> None:
    row = actions.answer_item(
        run, "room.walk", room, Result.NORMAL, note="无异响", files=[Upload("机房.png", PNG)],
        by=wang, now=NOON,
    )  # fmt: skip
    file = Attachment.objects.get(item_result=row)
    assert (file.name, file.media_type, file.size) == ("机房.png", "image/png", len(PNG))
    assert (Path(settings.MEDIA_ROOT) / file.path).read_bytes() == PNG
    assert AuditEntry.objects.filter(action="routine.answer", actor="wang").exists()


@pytest.mark.parametrize("result", [Result.ABNORMAL, Result.ATTENTION])
def test_an_abnormal_answer_without_a_note_is_refused_and_nothing_is_stored(
    run: RoutineRun, room: Target, wang: User, result: Result
) -> None:
    with pytest.raises(BadInputError, match="后续检查") as caught:
        actions.answer_item(run, "room.walk", room, result, note="  ", by=wang, now=NOON)
    assert caught.value.field == "note"
    assert not ItemResult.objects.exists()
    assert not Finding.objects.exists()


def test_an_abnormal_answer_opens_a_finding_and_the_next_adds_to_it(
    run: RoutineRun, room: Target, wang: User
) -> None:
    first = actions.answer_item(
        run, "room.walk", room, Result.ATTENTION, note="风扇异响", by=wang, now=NOON
    )
    second = actions.answer_item(
        run, "room.walk", room, Result.ABNORMAL, note="更响了", by=wang, now=later(60)
    )
    finding = Finding.objects.get()
    assert first.finding == second.finding == finding
    assert (finding.result, finding.origin) == (Result.ABNORMAL, "routine")
    assert FindingNote.objects.get().text == "更响了"


def test_a_normal_answer_the_next_day_closes_the_finding_a_person_opened(
    run: RoutineRun, room: Target, wang: User
) -> None:
    actions.answer_item(run, "room.walk", room, Result.ABNORMAL, note="漏水", by=wang, now=NOON)
    tomorrow = routine.ensure_run("daily", DAY + timedelta(days=1), later(24 * 60))
    row = actions.answer_item(
        tomorrow, "room.walk", room, Result.NORMAL, by=wang, now=later(24 * 60)
    )
    assert row.finding is None
    assert Finding.objects.get().closed_at == later(24 * 60)
    assert "复查正常" in FindingNote.objects.get().text


@pytest.mark.parametrize(("item", "field"), [("no.such", "item"), ("ups.load", "target")])
def test_an_answer_the_routine_does_not_owe_is_refused(
    run: RoutineRun, room: Target, wang: User, item: str, field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        actions.answer_item(run, item, room, Result.NORMAL, by=wang, now=NOON)
    assert caught.value.field == field


def test_unchecked_and_not_applicable_need_a_reason(
    run: RoutineRun, room: Target, wang: User
) -> None:
    for result in (Result.UNCHECKED, Result.NOT_APPLICABLE):
        with pytest.raises(BadInputError, match="原因"):
            actions.answer_item(run, "room.walk", room, result, by=wang, now=NOON)
    row = actions.answer_item(
        run, "room.walk", room, Result.UNCHECKED, note="机房装修，不能进入", by=wang, now=NOON
    )
    assert row.reason == "机房装修，不能进入"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.png", b"", "空"),
        ("a.exe", b"MZ\x90\x00" + b"\x00" * 50, "不支持"),
        ("a.svg", b"<svg onload='x'/>", "不支持"),
        ("a.html", b"<!DOCTYPE html><script>", "不支持"),
        ("a.txt", "￾".encode("utf-16"), "不支持"),
        ("big.txt", b"a" * (10 * 1024 * 1024 + 1), "10 MB"),
    ],
)  # fmt: skip
def test_a_file_that_may_not_be_stored_is_named_and_nothing_is_written(
    run: RoutineRun, room: Target, wang: User, name: str, data: bytes, said: str, settings: Any
) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        actions.answer_item(
            run, "room.walk", room, Result.NORMAL, files=[Upload(name, data)], by=wang, now=NOON
        )
    assert name in caught.value.message
    assert not ItemResult.objects.exists()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_confirming_gives_an_automatic_answer_a_name(
    run: RoutineRun, room: Target, wang: User
) -> None:
    write_answers(run, [temperature(room)], NOON)
    row = actions.confirm_item(run, "room.temperature", room, by=wang, now=later(1))
    assert (row.source, row.by_name, row.result, row.reading) == (
        "automatic", "王工", Result.NORMAL, "24 ℃",
    )  # fmt: skip
    assert actions.confirm_item(run, "room.temperature", room, by=wang, now=later(2)) == row


def test_what_is_unchecked_cannot_be_confirmed(run: RoutineRun, room: Target, wang: User) -> None:
    with pytest.raises(BadInputError, match="没有可确认"):
        actions.confirm_item(run, "room.temperature", room, by=wang, now=NOON)
    write_answers(
        run, [Answer("room.temperature", room.pk, Result.UNCHECKED, reason="无地址")], NOON
    )
    with pytest.raises(BadInputError, match="无地址"):
        actions.confirm_item(run, "room.temperature", room, by=wang, now=NOON)


def test_a_finding_can_be_opened_from_a_row_and_then_closed_by_a_person(
    run: RoutineRun, room: Target, wang: User
) -> None:
    write_answers(run, [temperature(room)], NOON)
    row = current(run)
    with pytest.raises(BadInputError, match="说明"):
        actions.open_finding_from_item(row, " ", wang, NOON)
    finding = actions.open_finding_from_item(row, "读数与温度计不符", wang, NOON)
    assert finding.result == Result.ATTENTION
    assert actions.open_finding_from_item(current(run), "已报修", wang, later(1)) == finding
    actions.acknowledge(finding, wang, later(2))
    assert finding.acknowledged_by == wang
    actions.note(finding, "厂家已到", wang, later(3))
    actions.close(finding, "校准完成", wang, later(4))
    assert finding.closed_at == later(4)
    assert [note.text for note in finding.notes.all()] == [
        "已报修", "厂家已到", "处理完成：校准完成",
    ]  # fmt: skip
    with pytest.raises(BadInputError, match="已关闭"):
        actions.close(finding, "再次", wang, later(5))


def test_a_finding_of_a_check_is_not_closed_by_hand(room: Target, wang: User) -> None:
    check = making.check(room)
    actions.record([making.saw(check, making.celsius(30), confirmed=True)])
    with pytest.raises(BadInputError, match="自动关闭"):
        actions.close(Finding.objects.get(), "好了", wang, later(1))


def test_the_first_acknowledgement_counts(room: Target, wang: User) -> None:
    check = making.check(room)
    actions.record([making.saw(check, making.celsius(30), confirmed=True)])
    finding = Finding.objects.get()
    actions.acknowledge(finding, wang, later(1))
    actions.acknowledge(finding, making.person("li", "李工"), later(2))
    assert (finding.acknowledged_by, finding.acknowledged_at) == (wang, later(1))


# -- runs


def test_asking_for_a_routine_twice_is_asking_once(room: Target, wang: User) -> None:
    first = actions.request_routine("daily", DAY, wang, NOON)
    second = actions.request_routine("daily", DAY, wang, later(1))
    assert first == second
    assert second.due == NOON
    assert AuditEntry.objects.filter(action="routine.request").count() == 1


def test_a_day_to_come_and_an_unknown_routine_are_refused(wang: User) -> None:
    with pytest.raises(BadInputError, match="还没有到"):
        actions.request_routine("daily", DAY + timedelta(days=1), wang, NOON)
    with pytest.raises(queries.UnknownRoutineError, match="daily"):
        actions.request_routine("dayly", DAY, wang, NOON)
    assert not RoutineRun.objects.exists()


def test_a_run_is_confirmed_once_and_only_when_the_checks_are_done(
    run: RoutineRun, wang: User
) -> None:
    with pytest.raises(BadInputError, match="尚未完成"):
        actions.confirm_run(run, wang, NOON)
    routine.finish(run, NOON)
    actions.confirm_run(run, wang, later(1))
    assert (run.by_name, run.confirmed_at) == ("王工", later(1))
    assert not queries.signed_late(run)
    with pytest.raises(BadInputError, match="王工"):
        actions.confirm_run(run, wang, later(2))


def test_a_sheet_confirmed_the_next_working_day_is_signed_late(run: RoutineRun, wang: User) -> None:
    routine.finish(run, NOON)
    assert not queries.signed_late(run)
    actions.confirm_run(run, wang, later(24 * 60))
    assert queries.signed_late(run)


def test_a_weekend_is_automatic_only_and_an_unpublished_day_is_not() -> None:
    calendars.seed(NOON)
    saturday = routine.ensure_run("daily", date(2026, 11, 21), NOON)
    assert (saturday.working_day, saturday.automatic_only) == (False, True)
    monday = routine.ensure_run("daily", DAY, NOON)
    assert (monday.working_day, monday.automatic_only) == (True, False)
    future = datetime(2031, 1, 6, 12, tzinfo=SHANGHAI)
    unknown = routine.ensure_run("daily", date(2031, 1, 4), future)
    assert (unknown.working_day, unknown.automatic_only) == (None, False)


def test_the_head_of_the_sheet_takes_known_fields_only(run: RoutineRun, wang: User) -> None:
    actions.set_header(run, {"weather": "多云 12 ℃"}, wang, NOON)
    actions.set_header(run, {"present": "4"}, wang, NOON)
    assert run.header == {"weather": "多云 12 ℃", "present": "4"}
    with pytest.raises(BadInputError, match="表头"):
        actions.set_header(run, {"mood": "好"}, wang, NOON)


def test_days_on_which_nothing_ran_get_their_sheet_and_nothing_is_invented(room: Target) -> None:
    routine.ensure_run("daily", date(2026, 11, 19), NOON - timedelta(days=4))
    asked = queries.routine("daily")
    missed = routine.record_missed_days(asked, NOON)
    assert missed == [date(2026, 11, day) for day in (20, 21, 22)]
    board = queries.board("daily", date(2026, 11, 21))
    assert board.counts.unchecked == board.counts.planned > 0
    assert dict(board.unchecked_reasons).keys() == {"当日系统未运行，未能检查"}
    assert all(row.late for row in board.rows)
    assert routine.record_missed_days(asked, NOON) == []


def test_a_first_day_has_no_missed_days_before_it() -> None:
    assert routine.record_missed_days(queries.routine("daily"), NOON) == []
