"""Verification finds what was changed behind our back; queries say what they are asked."""

from datetime import timedelta

import pytest
from django.db import connection
from report_making import NOW, Day

from jingwei.accounts.models import User
from jingwei.checks.actions import Answer, write_answers
from jingwei.reports import actions, queries
from jingwei.reports.canonical import sha256
from jingwei.reports.errors import ReportError
from jingwei.reports.models import Report
from jingwei.reports.snapshot import thaw
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
FRIDAY = NOW.date()


@pytest.fixture
def submitted(day: Day, engineer: User) -> Report:
    """The day's report, submitted."""
    made = actions.build_daily(FRIDAY, engineer, NOW)
    return actions.submit(made, engineer, NOW)


def forge(report: Report, **fields: object) -> Report:
    """What somebody with the database's password could do: drop the guard, then write."""
    with connection.cursor() as cursor:
        where = " ON reports_report" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS report_fixed{where}")
    Report.objects.filter(pk=report.pk).update(**fields)
    return Report.objects.get(pk=report.pk)


def test_a_report_nobody_touched_is_whole(submitted: Report) -> None:
    result = queries.verify(submitted)
    assert result.ok
    assert result.problems == ()


def test_a_draft_is_whole_without_files(day: Day) -> None:
    assert queries.verify(actions.build_daily(FRIDAY, "命令行", NOW)).ok


def test_a_changed_number_is_found(submitted: Report) -> None:
    snapshot = submitted.snapshot
    snapshot["data"]["sections"][0]["items"][0]["label"] = "别的"
    held = forge(submitted, snapshot=snapshot)
    assert queries.verify(held).problems == ("数据快照与 SHA-256 不符：内容被改动",)


def test_a_changed_number_with_its_hash_is_found_by_the_audit_log(submitted: Report) -> None:
    snapshot = submitted.snapshot
    snapshot["data"]["head"]["weather"] = "晴"
    held = forge(submitted, snapshot=snapshot, sha256=sha256(snapshot))
    assert queries.verify(held).problems == (
        "SHA-256 与审计日志所记不符：快照与散列可能一并被改动",
    )


def test_a_changed_file_is_found_and_not_handed_out(submitted: Report, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = queries.folder() / "JAWS-RJ-20261120-01-V1.pdf"
    path.write_bytes(path.read_bytes() + b"\n")
    problems = queries.verify(submitted).problems
    assert problems == ("定稿文件 JAWS-RJ-20261120-01-V1.pdf 的 SHA-256 不符：文件被改动",)
    with pytest.raises(ReportError, match="文件被改动"):
        actions.render(submitted, tmp_path)
    assert not list(tmp_path.glob("*.pdf"))


def test_a_missing_file_is_found(submitted: Report) -> None:
    (queries.folder() / "JAWS-RJ-20261120-01-V1.docx").unlink()
    assert "JAWS-RJ-20261120-01-V1.docx 读不了" in queries.verify(submitted).problems[0]


def test_a_state_without_its_step_is_found(submitted: Report) -> None:
    held = forge(submitted, state="signed")
    assert queries.verify(held).problems == ("状态与流转记录不符",)


def test_a_report_that_fails_verification_is_not_signed(
    submitted: Report, client_side: User
) -> None:
    path = queries.folder() / "JAWS-RJ-20261120-01-V1.pdf"
    path.write_bytes(b"%PDF-1.7 other")
    with pytest.raises(ReportError, match="校验未通过，不能签收"):
        actions.sign(submitted, client_side, NOW)
    assert Report.objects.get(pk=submitted.pk).state == "submitted"


def test_a_report_that_is_gone_is_missed(day: Day) -> None:
    actions.build_daily(FRIDAY, "命令行", NOW).delete()
    checked, gone = queries.verify_all()
    assert checked == []
    assert gone == ["JAWS-RJ-20261120-01 V1：审计日志有生成记录，数据库中已不存在"]


def test_one_number_is_verified_alone(day: Day) -> None:
    actions.build_daily(FRIDAY, "命令行", NOW)
    actions.build_daily(FRIDAY - timedelta(days=1), "命令行", NOW)
    checked, gone = queries.verify_all("JAWS-RJ-20261120-01")
    assert [result.report.number for result in checked] == ["JAWS-RJ-20261120-01"]
    assert gone == []


def test_a_draft_that_was_changed_is_not_drawn(day: Day, tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = actions.build_daily(FRIDAY, "命令行", NOW)
    held = forge(made, snapshot=made.snapshot | {"kind": "other"})
    with pytest.raises(ReportError, match="内容被改动"):
        actions.render(held, tmp_path)


def test_a_snapshot_that_is_none_of_ours_is_an_error_in_words(day: Day) -> None:
    made = actions.build_daily(FRIDAY, "命令行", NOW)
    with pytest.raises(ReportError, match="无法读取"):
        thaw(forge(made, snapshot={"issue": {}}))


def test_the_list_filters_and_leaves_snapshots_in_the_database(submitted: Report) -> None:
    actions.build_daily(FRIDAY - timedelta(days=1), "命令行", NOW)
    assert [held.period_start.day for held in queries.reports()] == [20, 19]
    assert [held.pk for held in queries.reports(state="submitted")] == [submitted.pk]
    assert [held.period_start.day for held in queries.reports(end=FRIDAY - timedelta(1))] == [19]
    assert queries.reports(text="20261119").count() == 1
    assert "snapshot" in queries.reports()[0].get_deferred_fields()


def test_the_list_shows_the_newest_version_unless_asked_for_all(
    submitted: Report, engineer: User
) -> None:
    second = actions.new_version(submitted, "更正", engineer, NOW)
    assert [held.pk for held in queries.reports(newest_only=True)] == [second.pk]
    assert [held.version for held in queries.reports()] == [2, 1]
    assert [held.version for held in queries.versions(second.number)] == [1, 2]


def test_a_number_opens_exactly_the_rows_it_counts(submitted: Report) -> None:
    sheet = thaw(submitted).sheet
    assert len(list(queries.rows(sheet))) == 5
    assert len(list(queries.rows(sheet, result="checked"))) == 3
    hot = list(queries.rows(sheet, section="room", result="abnormal"))
    assert [(row.item.id, row.answer.target) for row in hot] == [("room.temperature", "ROOM-01")]
    assert len(list(queries.rows(sheet, target="APP-01"))) == 2
    assert list(queries.rows(sheet, section="storage")) == []


def test_what_changed_between_versions_is_told(day: Day, engineer: User) -> None:
    first = actions.build_daily(FRIDAY, engineer, NOW)
    write_answers(
        day.run,
        [
            Answer("room.temperature", day.room.pk, Result.NORMAL, "24 ℃"),
            Answer("room.walk", day.room.pk, Result.NORMAL, "无异响"),
        ],
        NOW,
    )
    second = actions.build_daily(FRIDAY, engineer, NOW)
    changes = queries.changes(thaw(first).sheet, thaw(second).sheet)
    assert changes == [
        "ROOM-01 机房温度：异常 → 正常", "ROOM-01 机房巡视（声、光、味、漏水）：（无） → 正常"
    ]  # fmt: skip
