"""The guarded way of a data change: two people, a backup, the expected rows or nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from desk_making import (
    MORNING,
    at,
    client,
    data_change,
    form,
    later,
    person,
    publish,
    request,
    step,
)

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import entries, verify_chain
from jingwei.accounts.roles import Role
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake, StaleError
from jingwei.desk.models import DataChange, Kind, Purpose, State, Ticket

pytestmark = pytest.mark.django_db
WINDOW = {"window_start": MORNING, "window_end": later(120)}
DONE = {"actual_rows": 1, "images_ref": "IMG-1"}


class Cast:
    """Who takes part: an executor, a second engineer, two approvers of the client."""

    def __init__(self) -> None:
        self.wang, self.li = person(), person("li")
        self.gu, self.ma = client(), client("ma")


@pytest.fixture
def cast() -> Cast:
    """Four people."""
    return Cast()


def approved(cast: Cast, **more: Any) -> Ticket:
    """A form the client approved."""
    ticket = data_change(cast.wang, **more)
    step(ticket, "apply", cast.wang)
    step(ticket, "review", cast.gu)
    step(ticket, "approve", cast.gu, **WINDOW)
    return ticket


def executing(cast: Cast, **more: Any) -> Ticket:
    """A form that is being executed by 王."""
    ticket = approved(cast, **more)
    if more.get("medical_batch"):
        step(ticket, "approve_again", cast.ma)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    step(ticket, "execute", cast.wang, later(10), session_ref="BH-77")
    return ticket


def of(ticket: Ticket) -> DataChange:
    """The form as it stands."""
    return DataChange.objects.get(ticket=ticket)


def test_the_whole_way_from_draft_to_archive(cast: Cast) -> None:
    ticket = executing(cast)
    step(ticket, "finish", cast.wang, later(12), **DONE)
    step(ticket, "check", cast.li, later(20))
    step(ticket, "verify", cast.gu, later(30), verified_by="申请人孙")
    step(ticket, "archive", cast.wang, later(40))
    held = of(ticket)
    assert ticket.state == State.ARCHIVED
    assert (held.executed_by, held.checked_by) == (cast.wang, cast.li)
    assert (held.backup_ref, held.session_ref, held.actual_rows) == ("BK-1", "BH-77", 1)
    assert verify_chain().intact


def test_other_rows_than_expected_must_be_rolled_back_and_nothing_is_changed(cast: Cast) -> None:
    ticket = executing(cast)
    with pytest.raises(BadInputError, match="实际 40 行，预期 1 行"):
        step(ticket, "finish", cast.wang, later(12), actual_rows=40, images_ref="IMG-1")
    assert ticket.state == State.EXECUTING
    assert of(ticket).actual_rows is None
    step(ticket, "roll_back", cast.wang, later(13), actual_rows=40, reason="行数不符，已回滚")
    assert ticket.state == State.ROLLED_BACK
    assert of(ticket).actual_rows == 40
    step(ticket, "archive", cast.wang, later(14))
    assert ticket.ended


def test_the_attempt_with_other_rows_stays_in_the_audit_chain(cast: Cast) -> None:
    ticket = executing(cast)
    with pytest.raises(BadInputError):
        step(ticket, "finish", cast.wang, later(12), actual_rows=0, images_ref="IMG-1")
    entry = entries("ticket", ticket.number).first()
    assert entry is not None
    assert (entry.action, entry.succeeded) == ("ticket.finish", False)
    assert "实际 0 行" in entry.reason


@pytest.mark.parametrize("rows", [-1, "1", 1.0, True])
def test_a_row_count_is_a_whole_number(cast: Cast, rows: Any) -> None:
    with pytest.raises(BadInputError, match="整数"):
        step(executing(cast), "finish", cast.wang, later(12), actual_rows=rows, images_ref="I")


def test_an_expected_count_of_none_is_met_by_none(cast: Cast) -> None:
    ticket = executing(cast, expected_rows=0)
    step(ticket, "finish", cast.wang, later(12), actual_rows=0, images_ref="IMG-1")
    assert of(ticket).actual_rows == 0


def test_who_executed_does_not_check(cast: Cast) -> None:
    ticket = executing(cast)
    step(ticket, "finish", cast.wang, later(12), **DONE)
    with pytest.raises(BadInputError, match="复核人不能是执行人"):
        step(ticket, "check", cast.wang, later(13))
    assert ticket.state == State.EXECUTED
    step(ticket, "check", cast.li, later(14))
    assert ticket.state == State.CHECKED


def _becomes(user: User, role: str) -> None:
    user.role = role
    user.save()


def test_who_approved_does_not_execute_even_in_another_role(cast: Cast) -> None:
    ticket = approved(cast)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    _becomes(cast.gu, Role.FIRST_LINE)
    with pytest.raises(BadInputError, match="批准人不能执行"):
        step(ticket, "execute", cast.gu, later(5), session_ref="BH-1")


def test_who_executed_does_not_verify_even_in_another_role(cast: Cast) -> None:
    ticket = executing(cast)
    step(ticket, "finish", cast.wang, later(12), **DONE)
    step(ticket, "check", cast.li, later(13))
    _becomes(cast.wang, Role.CLIENT_APPROVER)
    with pytest.raises(BadInputError, match="执行人不能验证"):
        step(ticket, "verify", cast.wang, later(14), verified_by="孙")


def test_the_result_is_written_by_who_executed(cast: Cast) -> None:
    with pytest.raises(BadInputError, match="由执行人登记"):
        step(executing(cast), "finish", cast.li, later(12), **DONE)


@pytest.mark.parametrize(
    ("name", "facts", "field"),
    [
        ("approve", {}, "window_start"),
        ("approve", {"window_start": MORNING}, "window_end"),
        ("approve", {"window_start": later(5), "window_end": later(5)}, "window_end"),
        ("approve", {"window_start": later(-9), "window_end": later(-5)}, "window_end"),
        ("approve", {"window_start": "9:00", "window_end": later(5)}, "window_start"),
    ],
)
def test_an_approval_has_a_window(cast: Cast, name: str, facts: dict[str, Any], field: str) -> None:
    ticket = data_change(cast.wang)
    step(ticket, "apply", cast.wang)
    step(ticket, "review", cast.gu)
    with pytest.raises(BadInputError) as refused:
        step(ticket, name, cast.gu, **facts)
    assert refused.value.field == field
    assert ticket.state == State.REVIEWED


def test_no_backup_no_execution(cast: Cast) -> None:
    ticket = approved(cast)
    with pytest.raises(ForbiddenError, match="不能执行"):
        step(ticket, "execute", cast.wang, later(5), session_ref="BH-1")
    with pytest.raises(BadInputError, match="备份编号"):
        step(ticket, "back_up", cast.wang, backup_ref="  ")
    assert ticket.state == State.APPROVED


def test_a_backup_reference_that_went_missing_stops_the_execution(cast: Cast) -> None:
    ticket = approved(cast)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    DataChange.objects.filter(ticket=ticket).update(backup_ref="")
    with pytest.raises(BadInputError, match="没有备份编号"):
        step(ticket, "execute", cast.wang, later(5), session_ref="BH-1")


@pytest.mark.parametrize("minutes", [-1, 121])
def test_no_execution_outside_the_window(cast: Cast, minutes: float) -> None:
    ticket = approved(cast)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    with pytest.raises(BadInputError, match="不在批准的时间窗内"):
        step(ticket, "execute", cast.wang, later(minutes), session_ref="BH-1")


def test_execution_goes_through_the_bastion(cast: Cast) -> None:
    ticket = approved(cast)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    with pytest.raises(BadInputError, match="堡垒机会话号"):
        step(ticket, "execute", cast.wang, later(5))


def test_a_script_that_was_changed_after_the_application_is_not_executed(cast: Cast) -> None:
    ticket = approved(cast)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    DataChange.objects.filter(ticket=ticket).update(script="DELETE FROM doc")
    with pytest.raises(BadInputError, match="脚本与申请时不一致"):
        step(ticket, "execute", cast.wang, later(5), session_ref="BH-1")


def test_many_medical_records_need_a_second_approver_of_the_client(cast: Cast) -> None:
    ticket = approved(cast, medical_batch=True)
    with pytest.raises(BadInputError, match="另一位甲方"):
        step(ticket, "approve_again", cast.gu)
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    with pytest.raises(BadInputError, match="须先经二级批准"):
        step(ticket, "execute", cast.wang, later(5), session_ref="BH-1")


def test_a_second_approval_opens_the_way(cast: Cast) -> None:
    ticket = executing(cast, medical_batch=True)
    assert ticket.state == State.EXECUTING
    assert of(ticket).second_approved_by == cast.ma


def test_a_plain_change_has_no_second_approval(cast: Cast) -> None:
    with pytest.raises(BadInputError, match="只有批量"):
        step(approved(cast), "approve_again", cast.ma)


@pytest.mark.parametrize("name", ["review", "approve", "approve_again", "return", "verify"])
def test_the_provider_does_not_decide_for_the_client(cast: Cast, name: str) -> None:
    before: dict[str, Callable[[Ticket], None]] = {
        "approve": lambda ticket: step(ticket, "review", cast.gu),
        "approve_again": lambda ticket: (
            step(ticket, "review", cast.gu),
            step(ticket, "approve", cast.gu, **WINDOW),
        )[0],
    }
    ticket = data_change(cast.wang)
    step(ticket, "apply", cast.wang)
    before.get(name, lambda _: None)(ticket)
    with pytest.raises(ForbiddenError):
        step(ticket, name, cast.li, reason="好", verified_by="孙", **WINDOW)


def test_a_returned_form_needs_every_word_anew(cast: Cast) -> None:
    ticket = approved(cast)
    step(ticket, "return", cast.ma, reason="脚本过宽")
    held = of(ticket)
    assert ticket.state == State.RETURNED
    assert held.approved_by is None
    assert held.window_start is None
    actions.edit_form(
        ticket, form(script="UPDATE doc SET dept = 3 WHERE id = 7"), cast.wang, MORNING,
        version=ticket.version,
    )  # fmt: skip
    step(ticket, "apply", cast.wang)
    assert of(ticket).script_hash != ""


def test_what_was_applied_for_cannot_be_edited(cast: Cast) -> None:
    ticket = data_change(cast.wang)
    step(ticket, "apply", cast.wang)
    with pytest.raises(BadInputError, match="请先退回"):
        actions.edit_form(ticket, form(), cast.wang, MORNING, version=ticket.version)


def test_an_oral_approval_is_put_on_paper_by_the_next_working_day(cast: Cast) -> None:
    publish()
    friday = at("2022-11-04 17:00")
    ticket = data_change(cast.wang)
    step(ticket, "apply", cast.wang)
    window = {"window_start": friday, "window_end": at("2022-11-04 20:00")}
    step(ticket, "approve_orally", cast.wang, friday, oral_by="顾主任", reason="停诊", **window)
    assert of(ticket).paper_due == date(2022, 11, 7)
    assert [paper.ticket for paper in queries.papers_owed()] == [ticket]
    actions.complete_paper(ticket, "PZ-9", cast.gu, MORNING, version=ticket.version)
    assert list(queries.papers_owed()) == []
    with pytest.raises(BadInputError, match="没有待补办"):
        actions.complete_paper(ticket, "PZ-9", cast.gu, MORNING, version=ticket.version)


def test_the_provider_does_not_write_the_clients_paper(cast: Cast) -> None:
    ticket = data_change(cast.wang)
    with pytest.raises(ForbiddenError):
        actions.complete_paper(ticket, "PZ-9", cast.wang, MORNING, version=ticket.version)


def test_without_the_paper_nothing_is_archived(cast: Cast) -> None:
    ticket = data_change(cast.wang)
    step(ticket, "apply", cast.wang)
    step(ticket, "approve_orally", cast.wang, oral_by="顾主任", reason="停诊", **WINDOW)
    assert of(ticket).paper_due is None  # the year is not published
    step(ticket, "back_up", cast.wang, backup_ref="BK-1")
    step(ticket, "execute", cast.wang, later(5), session_ref="BH-1")
    step(ticket, "roll_back", cast.wang, later(6), reason="取消")
    with pytest.raises(BadInputError, match="尚未补办"):
        step(ticket, "archive", cast.wang, later(7))


EXTRACT = {
    "purpose": Purpose.EXTRACT, "fields": "科室、月份、人次", "masking": "不含个人信息",
    "medium": "加密光盘", "expires_on": date(2023, 1, 1), "rollback_script": "",
}  # fmt: skip


def test_an_extraction_is_archived_with_the_proof_of_its_destruction(cast: Cast) -> None:
    ticket = executing(cast, **EXTRACT)
    step(ticket, "finish", cast.wang, later(12), **DONE)
    step(ticket, "check", cast.li, later(13))
    step(ticket, "verify", cast.gu, later(14), verified_by="孙")
    with pytest.raises(BadInputError, match="销毁证明"):
        step(ticket, "archive", cast.wang, later(15))
    actions.note_destruction(ticket, "XH-1", cast.wang, later(16), version=ticket.version)
    step(ticket, "archive", cast.wang, later(17))
    assert ticket.ended


def test_a_modification_has_nothing_to_destroy(cast: Cast) -> None:
    ticket = data_change(cast.wang)
    with pytest.raises(BadInputError, match="只有提取数据"):
        actions.note_destruction(ticket, "XH-1", cast.wang, later(16), version=ticket.version)


@pytest.mark.parametrize("field", ["fields", "masking", "medium", "expires_on"])
def test_an_extraction_says_what_how_where_and_until_when(cast: Cast, field: str) -> None:
    empty = None if field == "expires_on" else ""
    with pytest.raises(BadInputError) as refused:
        data_change(cast.wang, **{**EXTRACT, field: empty})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cause", ""),
        ("sealed_by", " "),
        ("script", ""),
        ("rollback_script", ""),
        ("count_query", ""),
        ("count_query", "DELETE FROM doc"),
        ("expected_rows", -1),
    ],
)
def test_a_form_that_is_not_whole_is_refused_by_field(cast: Cast, field: str, value: Any) -> None:
    with pytest.raises(BadInputError) as refused:
        data_change(cast.wang, **{field: value})
    assert refused.value.field == field
    assert not Ticket.objects.exists()


def test_a_form_belongs_to_a_data_change(cast: Cast) -> None:
    with pytest.raises(BadInputError, match="只用于数据修改"):
        actions.open_data_change(Intake(kind=Kind.CHANGE, title="搬迁"), form(), cast.wang, MORNING)
    with pytest.raises(BadInputError, match="不是数据修改单"):
        step(request(cast.wang), "apply", cast.wang)


def test_two_on_one_form_the_second_is_told(cast: Cast) -> None:
    ticket = data_change(cast.wang)
    seen = ticket.version
    step(ticket, "apply", cast.wang)
    with pytest.raises(StaleError):
        actions.data_step(ticket, "cancel", cast.li, MORNING, version=seen, reason="不改了")
    assert ticket.state == State.APPLIED


def test_the_applicant_may_cancel_before_it_is_executed_and_not_after(cast: Cast) -> None:
    ticket = executing(cast)
    with pytest.raises(ForbiddenError):
        step(ticket, "cancel", cast.wang, reason="算了")
    other = approved(cast)
    step(other, "cancel", cast.wang, reason="算了")
    assert other.ended


def test_the_audit_chain_keeps_the_scripts_hash_and_never_its_text(cast: Cast) -> None:
    data_change(cast.wang)
    entry = AuditEntry.objects.get(action="ticket.form")
    assert len(entry.after["scripts"]) == 64
    assert "UPDATE" not in str(entry.after)
