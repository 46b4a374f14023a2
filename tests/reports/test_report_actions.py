"""A report's life: built, submitted, signed; frozen; and a new version that says why."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx as reader
import pytest
from django.db import IntegrityError, connection, transaction
from report_making import NOW, Day, behind

from jingwei.accounts import queries as accounts
from jingwei.accounts.models import User
from jingwei.checks.actions import Answer, write_answers
from jingwei.checks.models import FindingNote
from jingwei.reports import actions, files, queries
from jingwei.reports.canonical import file_sha256, sha256
from jingwei.reports.document import Note
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.fonts import FontsMissingError
from jingwei.reports.models import Report, ReportFile, ReportState
from jingwei.reports.snapshot import document_of, thaw
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
FRIDAY = NOW.date()
LATER = NOW + timedelta(minutes=30)


def build(by: User | str = "命令行") -> Report:
    return actions.build_daily(FRIDAY, by, NOW)


def change(day: Day) -> None:
    """The room cools down, and the check says so."""
    write_answers(
        day.run, [Answer("room.temperature", day.room.pk, Result.NORMAL, "机房温度 24 ℃")], LATER
    )


def test_a_report_has_the_number_of_its_day(day: Day, engineer: User) -> None:
    made = build(engineer)
    assert (made.number, made.version, made.state) == ("JAWS-RJ-20261120-01", 1, "draft")
    assert made.created_by == "王磊"
    assert made.sha256 == sha256(made.snapshot)


def test_building_twice_without_a_change_is_building_once(day: Day) -> None:
    assert build().pk == build().pk
    assert Report.objects.count() == 1


def test_a_draft_is_followed_and_never_changed(day: Day) -> None:
    first = build()
    before = first.snapshot
    change(day)
    second = actions.build_daily(FRIDAY, "命令行", LATER)
    assert (second.number, second.version) == (first.number, 2)
    assert second.reason == "更新数据后重新生成"
    assert Report.objects.get(pk=first.pk).snapshot == before


def test_a_follow_up_is_a_change_too(day: Day) -> None:
    first = build()
    FindingNote.objects.create(finding=day.hot, at=LATER, by_name="王磊", text="已恢复制冷")
    assert queries.outdated(first)
    assert actions.build_daily(FRIDAY, "命令行", LATER).version == 2


def test_a_day_to_come_has_no_report(day: Day) -> None:
    with pytest.raises(ReportError, match="2026-11-21 还没有到"):
        actions.build_daily(FRIDAY + timedelta(days=1), "命令行", NOW)
    assert not Report.objects.exists()


def test_today_is_today_in_shanghai(day: Day) -> None:
    night = NOW.replace(hour=0, minute=5)  # still the day before in UTC
    assert actions.build_daily(FRIDAY, "命令行", night).period_start == FRIDAY


def test_a_day_that_was_not_run_gives_a_report_that_says_so(day: Day) -> None:
    made = actions.build_daily(FRIDAY - timedelta(days=1), "命令行", NOW)
    sheet = thaw(made).sheet
    assert all(answer.result is Result.UNCHECKED for answer in sheet.answers)


def test_submitting_keeps_the_files_with_their_hashes(day: Day, engineer: User) -> None:
    made = actions.submit(build(engineer), engineer, LATER)
    assert made.state == ReportState.SUBMITTED
    kept = {file.format: file for file in made.files.all()}
    assert set(kept) == {"docx", "pdf", "xlsx"}
    for suffix, file in kept.items():
        path = queries.folder() / file.path
        assert path.name == f"JAWS-RJ-20261120-01-V1.{suffix}"
        assert file_sha256(path) == file.sha256


def test_what_was_submitted_no_longer_says_draft(day: Day, engineer: User, tmp_path: Path) -> None:
    draft = build(engineer)
    word = next(path for path in actions.render(draft, tmp_path, ["docx"]))
    assert "草稿" in reader.Document(str(word)).sections[0].header.paragraphs[0].text
    actions.submit(draft, engineer, LATER)
    word = next(path for path in actions.render(draft, tmp_path, ["docx"]))
    assert "草稿" not in reader.Document(str(word)).sections[0].header.paragraphs[0].text


def test_the_client_signs_what_was_submitted(day: Day, engineer: User, client_side: User) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    actions.sign(made, client_side, LATER)
    made.refresh_from_db()
    assert made.state == ReportState.SIGNED
    assert [(step.state, step.by_name, step.opinion) for step in made.steps.all()] == [
        ("submitted", "王磊", ""), ("signed", "张主任", "同意")
    ]  # fmt: skip


def test_a_rerun_never_changes_a_signed_report(day: Day, engineer: User, client_side: User) -> None:
    made = actions.sign(actions.submit(build(engineer), engineer, NOW), client_side, NOW)
    before, digest = made.snapshot, made.sha256
    assert build(engineer).pk == made.pk  # nothing changed: the same report
    change(day)
    with pytest.raises(FrozenError, match="已签收，不再改动"):
        actions.build_daily(FRIDAY, engineer, LATER)
    held = Report.objects.get(pk=made.pk)
    assert (held.snapshot, held.sha256, held.state) == (before, digest, "signed")
    assert Report.objects.count() == 1


def test_a_new_version_says_why_and_the_signed_one_stays(
    day: Day, engineer: User, client_side: User
) -> None:
    made = actions.sign(actions.submit(build(engineer), engineer, NOW), client_side, NOW)
    change(day)
    second = actions.new_version(made, "机房温度复测更正", engineer, LATER)
    assert (second.version, second.state, second.reason) == (2, "draft", "机房温度复测更正")
    revisions = [(entry.version, entry.text) for entry in thaw(second).issue.revisions]
    assert revisions == [("V1", "初稿（已签收）"), ("V2", "机房温度复测更正")]
    assert Report.objects.get(pk=made.pk).state == "signed"
    assert queries.verify(Report.objects.get(pk=made.pk)).ok


def test_a_new_version_without_a_reason_is_refused(day: Day, engineer: User) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    with pytest.raises(ReportError, match="原因"):
        actions.new_version(made, "  ", engineer, LATER)
    assert Report.objects.count() == 1


def test_drafts_nobody_submitted_are_one_line_of_the_revisions(day: Day, engineer: User) -> None:
    build(engineer)
    for reading in ("25 ℃", "26 ℃", "27 ℃"):
        write_answers(
            day.run, [Answer("room.temperature", day.room.pk, Result.NORMAL, reading)], LATER
        )
        last = actions.build_daily(FRIDAY, engineer, LATER)
    revisions = [(entry.version, entry.text) for entry in thaw(last).issue.revisions]
    assert revisions == [("V1～V3", "草稿，未提交"), ("V4", "更新数据后重新生成")]


def test_a_returned_report_is_followed_by_one_that_names_the_objection(
    day: Day, engineer: User, client_side: User
) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    actions.return_(made, "缺复核人", client_side, LATER)
    change(day)
    second = actions.build_daily(FRIDAY, engineer, LATER)
    assert second.reason == "V1 被退回后修改：缺复核人"
    assert Report.objects.get(pk=made.pk).state == "returned"


def test_returning_without_a_reason_is_refused(day: Day, engineer: User, client_side: User) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    with pytest.raises(ReportError, match="原因"):
        actions.return_(made, "", client_side, LATER)
    assert Report.objects.get(pk=made.pk).state == "submitted"


@pytest.mark.parametrize("role", ["first_line", "manager", "system_admin", "visitor"])
def test_only_the_client_signs(
    day: Day, engineer: User, make_user: Callable[..., User], role: str
) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    with pytest.raises(ReportError, match="不能签收报告"):
        actions.sign(made, make_user(role), LATER)
    with pytest.raises(ReportError, match="不能退回报告"):
        actions.return_(made, "x", make_user(role), LATER)
    assert Report.objects.get(pk=made.pk).state == "submitted"


@pytest.mark.parametrize("role", ["second_line", "client_approver", "visitor"])
def test_not_everybody_submits(
    day: Day, engineer: User, make_user: Callable[..., User], role: str
) -> None:
    with pytest.raises(ReportError, match="不能提交报告"):
        actions.submit(build(engineer), make_user(role), LATER)


def test_nothing_is_done_twice(day: Day, engineer: User, client_side: User) -> None:
    made = build(engineer)
    with pytest.raises(FrozenError, match="只有“已提交”"):
        actions.sign(made, client_side, NOW)
    actions.submit(made, engineer, NOW)
    with pytest.raises(FrozenError, match="已提交"):
        actions.submit(made, engineer, NOW)
    actions.sign(made, client_side, NOW)
    with pytest.raises(FrozenError, match="已签收"):
        actions.return_(made, "晚了", client_side, NOW)
    assert made.steps.count() == 2


def test_of_two_people_who_press_at_once_the_second_is_told(
    day: Day, engineer: User, client_side: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    stale = Report.objects.get(pk=made.pk)
    actions.sign(made, client_side, NOW)
    monkeypatch.setattr(Report, "refresh_from_db", lambda self: None)
    with pytest.raises(FrozenError, match="刚被他人处理"):
        actions.return_(stale, "同时", client_side, NOW)
    assert Report.objects.get(pk=made.pk).state == "signed"


def test_only_the_newest_draft_is_submitted(day: Day, engineer: User) -> None:
    first = build(engineer)
    change(day)
    actions.build_daily(FRIDAY, engineer, LATER)
    with pytest.raises(ReportError, match="请提交最新一版"):
        actions.submit(first, engineer, LATER)


def test_only_the_newest_version_is_signed(day: Day, engineer: User, client_side: User) -> None:
    first = actions.submit(build(engineer), engineer, NOW)
    actions.new_version(first, "更正", engineer, LATER)
    with pytest.raises(ReportError, match="请处理最新一版"):
        actions.sign(first, client_side, LATER)


def test_two_builds_at_once_give_two_versions_and_no_broken_number(
    day: Day, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(engineer)
    change(day)
    real, seen = queries.newest, []

    def late(number: str) -> Report | None:
        """The first look finds what another build is about to outdate."""
        found = real(number)
        if not seen:
            seen.append(found)
            other = Report.objects.get(pk=found.pk)  # type: ignore[union-attr]
            other.pk, other.version = None, 2
            other.save()
        return found

    monkeypatch.setattr(queries, "newest", late)
    made = actions.build_daily(FRIDAY, engineer, LATER)
    assert seen
    assert sorted(Report.objects.values_list("version", flat=True)) in ([1, 2], [1, 2, 3])
    assert made.version == Report.objects.order_by("-version")[0].version


def test_a_build_that_always_meets_another_gives_up_in_words(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(*args: Any) -> Report:
        raise IntegrityError

    monkeypatch.setattr("jingwei.reports.actions.building._build", collide)
    with pytest.raises(ReportError, match="请稍后再试"):
        build()


def test_every_step_is_in_the_audit_log_with_the_hash(
    day: Day, engineer: User, client_side: User
) -> None:
    made = actions.submit(build(engineer), engineer, NOW, address="10.0.0.7")
    actions.sign(made, client_side, LATER)
    entries = list(accounts.entries("report", "JAWS-RJ-20261120-01 V1"))
    assert [entry.action for entry in entries] == ["report.sign", "report.submit", "report.build"]
    assert {entry.after["sha256"] for entry in entries} == {made.sha256}
    assert entries[1].address == "10.0.0.7"


def test_a_full_disk_leaves_a_draft_and_nothing_else(
    day: Day, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(engineer)

    def full(folder: Path, contents: dict[str, bytes]) -> list[Path]:
        raise ReportError("写不了文件夹：设备上没有空间")

    monkeypatch.setattr(files, "write_all", full)
    with pytest.raises(ReportError, match="没有空间"):
        actions.submit(made, engineer, NOW)
    held = Report.objects.get(pk=made.pk)
    assert held.state == "draft"
    assert not held.steps.exists()
    assert not ReportFile.objects.exists()


def test_without_fonts_nothing_is_submitted(
    day: Day, engineer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build(engineer)

    def none() -> None:
        raise FontsMissingError("没有字体")

    monkeypatch.setattr("jingwei.reports.fonts.find", none)
    with pytest.raises(FontsMissingError):
        actions.submit(made, engineer, NOW)
    assert Report.objects.get(pk=made.pk).state == "draft"


def test_a_submitted_report_is_handed_out_byte_for_byte(
    day: Day, engineer: User, tmp_path: Path
) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    for path in actions.render(made, tmp_path):
        assert path.read_bytes() == (queries.folder() / path.name).read_bytes()


def test_the_kept_files_are_what_the_snapshot_says(day: Day, engineer: User) -> None:
    made = actions.submit(build(engineer), engineer, NOW)
    again = files.produce(document_of(Report.objects.get(pk=made.pk)))
    for file in made.files.all():
        assert again[file.format] == (queries.folder() / file.path).read_bytes()


def test_the_database_refuses_to_change_what_a_report_says(day: Day) -> None:
    made = build()
    for change_ in ({"snapshot": {}}, {"sha256": "0" * 64}, {"number": "X"}, {"version": 9}):
        with pytest.raises(IntegrityError, match="只可新增"), transaction.atomic():
            Report.objects.filter(pk=made.pk).update(**change_)


def test_the_database_refuses_to_take_a_signature_back(
    day: Day, engineer: User, client_side: User
) -> None:
    made = actions.sign(actions.submit(build(engineer), engineer, NOW), client_side, NOW)
    for state in ("draft", "submitted", "returned"):
        with pytest.raises(IntegrityError, match="签收不可撤回"), transaction.atomic():
            Report.objects.filter(pk=made.pk).update(state=state)


def test_the_guard_stands_in_the_database(db: None) -> None:
    table = "sqlite_master WHERE type = 'trigger' AND name" if connection.vendor == "sqlite" else (
        "pg_trigger WHERE tgname"
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} = 'report_fixed'")
        assert cursor.fetchone()[0] == 1


def test_a_version_kept_before_there_were_workbooks_has_its_tables_drawn_from_its_snapshot(
    day: Day, engineer: User
) -> None:
    made = actions.submit(build(engineer), engineer, LATER)
    before = actions.contents_of(made, ("xlsx",))
    behind("DELETE FROM reports_reportfile WHERE format = 'xlsx'")
    assert actions.contents_of(made, ("xlsx",)) == before


def test_the_paper_names_the_newest_link_of_the_chain_and_an_old_one_without_it_still_draws(
    day: Day,
) -> None:
    actions.build_daily(FRIDAY, "命令行", NOW)
    newest = accounts.newest_link()
    change(day)
    later = actions.build_daily(FRIDAY, "命令行", LATER)
    assert newest is not None
    printed = f"{newest[0]}:{newest[1]}"
    notes = [block.text for block in document_of(later).blocks if isinstance(block, Note)]
    assert any(note.endswith(printed) for note in notes)
    del later.snapshot["issue"]["link"]
    notes = [block.text for block in document_of(later).blocks if isinstance(block, Note)]
    assert not any("审计链" in note for note in notes)
