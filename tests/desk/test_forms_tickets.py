"""Tickets with forms: opened whole or not at all, filled in by whose word it is."""

from datetime import date
from typing import Any

import pytest
from desk_making import (
    MORNING,
    application,
    client,
    go,
    institution,
    later,
    person,
    publish,
    target,
)
from desk_making import request as plain_request

from jingwei.accounts.models import User
from jingwei.accounts.queries import entries, verify_chain
from jingwei.assets.models import Person, Target
from jingwei.desk import actions, forms, queries
from jingwei.desk.actions import (
    BadFormError,
    BadInputError,
    ForbiddenError,
    Intake,
    StaleError,
)
from jingwei.desk.completion import answer_due
from jingwei.desk.models import EventKind, Kind, State, Ticket, TicketForm

pytestmark = pytest.mark.django_db
IMPORT: dict[str, object] = {
    "institution": "H01", "application": "APP-08", "business": "门诊处方",
    "period_from": "2022-11-01", "period_to": "2022-11-03", "why": "接口中断三天",
    "source": "机构导出文件", "expected": "1200",
}  # fmt: skip
REST: dict[str, object] = {
    "virus_scan": "已查杀，无异常", "imported": "1198", "rejected": "2", "backup_ref": "BK-7",
    "verified_by": "中心医院 孙",
}  # fmt: skip


@pytest.fixture
def wang() -> User:
    """An engineer, in a register with a hospital, a system, a server and himself."""
    institution()
    application()
    target("HW-016-1")
    Person.objects.create(name="王磊", line="first")
    return person()


def intake(kind: Kind = Kind.SERVICE_REQUEST, **more: Any) -> Intake:
    """What the desk writes down."""
    return Intake(kind=kind, title="补传三天处方", **more)


def opened(wang: User, **more: object) -> Ticket:
    """A data import."""
    return actions.open_request("data_import", IMPORT | more, intake(), wang, MORNING)


def working(ticket: Ticket, wang: User) -> None:
    """Taken up."""
    go(ticket, "accept", wang)
    go(ticket, "start", wang)


def fill(ticket: Ticket, by: User, **values: object) -> TicketForm:
    """Fill in with the version as it stands."""
    return actions.fill(ticket, values, by, later(5), version=ticket.version)


def test_ticket_and_form_are_opened_together(wang: User) -> None:
    ticket = opened(wang)
    held = TicketForm.objects.get(ticket=ticket)
    assert (held.form, held.values["expected"]) == ("data_import", "1200")
    assert (ticket.kind, ticket.institution.code) == (Kind.SERVICE_REQUEST, "H01")  # type: ignore[union-attr]
    assert ticket.application.code == "APP-08"  # type: ignore[union-attr]
    line = ticket.events.get(kind=EventKind.FORM)
    assert line.value.startswith("数据手工导入：数据所属机构")


def test_every_wrong_field_is_told_and_nothing_is_opened(wang: User) -> None:
    with pytest.raises(BadFormError) as refused:
        opened(wang, institution="H99", expected="很多", period_to="2022-10-01", source="")
    assert set(refused.value.errors) == {"institution", "expected", "period_to", "source"}
    assert not Ticket.objects.exists()


def test_the_form_says_the_kind_whatever_the_intake_said(wang: User) -> None:
    ticket = actions.open_request("data_import", IMPORT, intake(Kind.CHANGE), wang, MORNING)
    assert ticket.kind == Kind.SERVICE_REQUEST


def test_a_ticket_that_is_refused_leaves_no_form(wang: User) -> None:
    with pytest.raises(BadInputError, match="标题"):
        actions.open_request("data_import", IMPORT, Intake(Kind.CHANGE, " "), wang, MORNING)
    assert not TicketForm.objects.exists()


@pytest.mark.parametrize("form_id", ["nothing", "", "data_change", "x" * 500])
def test_an_unknown_form_and_the_guarded_one_are_refused(wang: User, form_id: str) -> None:
    with pytest.raises(BadInputError, match="没有表单"):
        actions.open_request(form_id, {}, intake(), wang, MORNING)


def test_the_client_does_not_open_requests_in_the_providers_name(wang: User) -> None:
    with pytest.raises(ForbiddenError):
        opened(client())


def test_what_is_filled_in_later_is_audited_before_and_after(wang: User) -> None:
    ticket = opened(wang)
    fill(ticket, wang, imported="1198", expected="1201")
    held = TicketForm.objects.get(ticket=ticket)
    assert (held.values["imported"], held.values["business"]) == ("1198", "门诊处方")
    entry = entries("ticket", ticket.number).first()
    assert entry is not None
    assert entry.before["values"] == {"expected": "1200", "imported": None}
    assert entry.after["values"] == {"expected": "1201", "imported": "1198"}
    assert verify_chain().intact


def test_an_emptied_field_is_empty_unless_it_was_required(wang: User) -> None:
    ticket = opened(wang, rejects="编码不符")
    assert "rejects" not in fill(ticket, wang, rejects="").values
    with pytest.raises(BadFormError, match="请填写业务种类"):
        fill(ticket, wang, business=" ")


def test_two_people_filling_in_one_form_do_not_overwrite_each_other(wang: User) -> None:
    ticket = opened(wang)
    seen = ticket.version
    fill(ticket, wang, imported="1")
    with pytest.raises(StaleError):
        actions.fill(ticket, {"imported": "2"}, person("li"), later(6), version=seen)
    assert TicketForm.objects.get(ticket=ticket).values["imported"] == "1"


def test_an_institution_that_was_closed_since_stops_no_later_word(wang: User) -> None:
    ticket = opened(wang)
    type(ticket.institution).objects.update(valid_to="2022-11-08")  # type: ignore[union-attr]
    assert fill(ticket, wang, imported="3").values["institution"] == "H01"
    with pytest.raises(BadFormError, match="登记里没有机构"):
        fill(ticket, wang, institution="H01")


def test_an_unfinished_form_holds_the_ticket_until_it_is_filled_in(wang: User) -> None:
    ticket = opened(wang)
    working(ticket, wang)
    with pytest.raises(BadInputError, match="表单尚未填完：请选择病毒查杀、请填写实际导入条数"):
        go(ticket, "resolve", wang, facts={"solution": "已导入"})
    fill(ticket, wang, **REST)
    go(ticket, "resolve", wang, facts={"solution": "已导入"})
    assert ticket.state == State.RESOLVED
    with pytest.raises(BadInputError, match="表单不能再改"):
        fill(ticket, wang, imported="1200")


def test_a_ticket_taken_down_without_a_form_gets_one_of_its_kind(wang: User) -> None:
    ticket = plain_request(wang)
    with pytest.raises(BadInputError, match="表单应为：数据手工导入、"):
        fill(ticket, wang, **IMPORT)
    with pytest.raises(BadInputError, match="表单应为"):
        actions.fill(ticket, {}, wang, MORNING, version=ticket.version, form_id="training")
    actions.fill(ticket, IMPORT, wang, MORNING, version=ticket.version, form_id="data_import")
    assert ticket.form.form == "data_import"
    problem = plain_request(wang, Kind.PROBLEM)
    made = fill(problem, wang, incidents="GD-2022-00001", pattern="同一原因", owner="王磊")
    assert made.form == "problem", "the only form of its kind needs no naming"


def test_the_clients_word_is_the_clients(wang: User) -> None:
    values: dict[str, object] = {
        "maker": "华为", "model": "5500V3", "what": "停产", "source": "公告 1", "impact": "无备件",
        "advice": "更换",
    }  # fmt: skip
    with pytest.raises(ForbiddenError, match="甲方决定由甲方填写"):
        actions.open_request("eos_notice", values | {"decision": "升级"}, intake(), wang, MORNING)
    ticket = actions.open_request("eos_notice", values, intake(), wang, MORNING)
    with pytest.raises(ForbiddenError, match="由甲方填写"):
        fill(ticket, wang, decision="升级")
    with pytest.raises(ForbiddenError, match="建议由维保商填写"):
        fill(ticket, client(), advice="不用管")
    assert fill(ticket, client("ma"), decision="暂缓").values["decision"] == "暂缓"


def test_nobody_writes_into_the_form_of_a_closed_ticket(wang: User) -> None:
    ticket = opened(wang)
    working(ticket, wang)
    fill(ticket, wang, **REST)
    go(ticket, "resolve", wang, facts={"solution": "已导入"})
    gu = client()
    go(ticket, "confirm", gu)
    go(ticket, "close", wang)
    with pytest.raises(BadInputError, match="不能再改"):
        fill(ticket, gu)


def change(**more: object) -> dict[str, object]:
    """A relocation, filled in whole."""
    return {
        "target": "HW-016-1", "place_from": "A1-10", "place_to": "B2-10", "power": "PDU-1、PDU-2",
        "cables": "两端换标签", "grade": "重大", "plan": "停机、搬、起机", "affected": "PACS 全区",
        "structure": "不改变", "communication": "不改变", "management": "不改变",
        "window_from": "2022-11-12T22:00", "window_to": "2022-11-13T02:00",
        "rollback": "凌晨 1 点未起机即搬回", "engineer": "王磊", **more,
    }  # fmt: skip


def test_a_change_does_not_start_before_its_health_check_is_signed(wang: User) -> None:
    ticket = actions.open_request("change_relocation", change(), intake(), wang, MORNING)
    gu = client()
    assert ticket.target == Target.objects.get(key="HW-016-1")
    go(ticket, "accept", wang)
    with pytest.raises(ForbiddenError):
        go(ticket, "start", wang)
    go(ticket, "approve", gu)
    with pytest.raises(ForbiddenError):
        go(ticket, "start", wang)
    with pytest.raises(ForbiddenError):
        go(ticket, "sign_precheck", wang, facts={"precheck_ref": "JAWS-JQ-1"})
    with pytest.raises(BadInputError, match="健康检查报告编号"):
        go(ticket, "sign_precheck", gu)
    go(ticket, "sign_precheck", gu, facts={"precheck_ref": "JAWS-JQ-1"})
    go(ticket, "start", wang)
    assert ticket.state == State.WORKING


def test_a_change_window_ends_after_it_begins(wang: User) -> None:
    wrong = change(window_to="2022-11-12T21:59")
    with pytest.raises(BadFormError, match="时间窗结束不能早于时间窗开始"):
        actions.open_request("change_relocation", wrong, intake(), wang, MORNING)


@pytest.mark.parametrize(
    "form", [one for one in forms.FORMS if one.kind is not Kind.DATA_CHANGE], ids=lambda one: one.id
)
def test_every_form_can_be_opened_with_what_it_requires(wang: User, form: forms.Form) -> None:
    samples = {
        forms.Type.NUMBER: "1", forms.Type.DATE: "2022-11-07",
        forms.Type.DATETIME: "2022-11-07T09:00",
        forms.Type.INSTITUTION: "H01", forms.Type.INSTITUTIONS: ["H01"],
        forms.Type.APPLICATION: "app-08", forms.Type.TARGET: "hw-016-1 服务器",
        forms.Type.PERSON: "王磊",
    }  # fmt: skip
    values: dict[str, object] = {
        field.name: field.choices[0] if field.choices else samples.get(field.type, "有")
        for field in form.fields if field.required
    }  # fmt: skip
    ticket = actions.open_request(form.id, values, intake(), wang, MORNING)
    assert ticket.kind == form.kind
    assert set(ticket.form.values) == set(values)


@pytest.mark.parametrize(
    ("received", "answered", "due", "late"),
    [
        ("2022-11-07T09:00", "2022-11-14T17:00", date(2022, 11, 14), False),
        ("2022-11-07T09:00", "2022-11-15T08:00", date(2022, 11, 14), True),
        ("2022-11-04T20:00", None, date(2022, 11, 11), False),
        ("2022-10-28T09:00", None, date(2022, 11, 4), True),
        ("2023-01-19T09:00", None, date(2023, 1, 31), False),
        ("2031-01-06T09:00", None, None, False),
    ],
)
def test_a_complaint_is_answered_within_five_working_days(
    wang: User, received: str, answered: str | None, due: date | None, late: bool
) -> None:
    publish()
    values: dict[str, object] = {
        "complainant": "中心医院 孙", "received_at": received, "about": "响应慢",
        "text": "等了一天",
    }  # fmt: skip
    if answered:
        values["answered_at"] = answered
    ticket = actions.open_request("complaint", values, intake(), wang, MORNING)
    found = answer_due(ticket, MORNING)
    assert found is not None
    assert (found.due, found.late) == (due, late)


def test_another_ticket_has_no_answer_due(wang: User) -> None:
    assert answer_due(opened(wang), MORNING) is None


def test_requests_are_counted_by_the_tenders_nine_kinds(wang: User) -> None:
    today = MORNING.date()
    assert [(one.label, one.opened) for one in queries.requests_by_form(today, today)] == [
        (form.label, 0) for form in forms.REQUESTS
    ], "nothing asked is 0, not left out"
    done = opened(wang)
    working(done, wang)
    fill(done, wang, **REST)
    go(done, "resolve", wang, facts={"solution": "已导入"})
    go(opened(wang), "cancel", client(), reason="不做了")
    plain_request(wang)
    plain_request(wang, Kind.PROBLEM)
    found = queries.requests_by_form(today, today)
    first, last = found[0], found[-1]
    assert (first.label, first.opened, first.done, first.cancelled) == ("数据手工导入", 2, 1, 1)
    assert (last.label, last.opened, len(found)) == ("未填表单", 1, 10)
    assert all(one.opened == 0 for one in queries.requests_by_form(date(2023, 1, 1), today))
