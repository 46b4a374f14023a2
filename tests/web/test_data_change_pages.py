"""数据修改 on the pages: the report, every step, the printed form, what keeps coming back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from form_making import made, page, send, text_of
from web_making import SignIn, World

from jingwei.accounts.queries import entries, verify_chain
from jingwei.desk.models import DataChange, Kind, State, Ticket

REPORT = {
    "title": "更正科室代码", "purpose": "modify", "application": "APP-10", "reporter": "孙",
    "sealed_by": "陈主任", "cause": "录入错误", "text": "登记时选错科室", "unit": "市北医院",
    "tables": "doc，id=7", "personal": "不含", "correction": "不涉及收费和病历",
    "script": "UPDATE doc SET dept = 2 WHERE id = 7", "expected_rows": "1",
    "rollback_script": "UPDATE doc SET dept = 1 WHERE id = 7",
    "count_query": "SELECT count(*) FROM doc WHERE id = 7",
}  # fmt: skip


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in("first_line", full_name="王磊")


@pytest.fixture
def gu(world: World, sign_in: SignIn) -> Client:
    return sign_in("client_approver", full_name="顾主任")


def draft(engineer: Client, **more: Any) -> Ticket:
    return made(send(engineer, "data-change-new", **{**REPORT, **more}))


def window() -> dict[str, str]:
    now = timezone.localtime(timezone.now())
    return {
        "window_start": (now - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
        "window_end": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
    }


def step(client: Client, ticket: Ticket, name: str, **facts: Any) -> Any:
    return send(client, "ticket-data-step", ticket, step=name, **facts)


def executing(engineer: Client, gu: Client) -> Ticket:
    ticket = draft(engineer)
    for client, name, facts in (
        (engineer, "apply", {}), (gu, "review", {}), (gu, "approve", window()),
        (engineer, "back_up", {"backup_ref": "BK-1"}),
        (engineer, "execute", {"session_ref": "BH-1"}),
    ):  # fmt: skip
        response = step(client, ticket, name, **facts)
        assert response.status_code == 302, (name, text_of(response))
    return ticket


def test_other_rows_than_expected_are_refused_on_the_page_and_only_rolled_back(
    engineer: Client, gu: Client
) -> None:
    ticket = executing(engineer, gu)
    refused = step(engineer, ticket, "finish", actual_rows="40", images_ref="IMG-1")
    assert refused.status_code == 422
    assert "实际 40 行，预期 1 行：不一致，须回滚" in text_of(refused)
    last = entries("ticket", ticket.number).first()
    assert last is not None
    assert (last.action, last.succeeded) == ("ticket.finish", False), "the attempt is on record"
    assert (
        step(engineer, ticket, "roll_back", actual_rows="40", reason="行数不符").status_code == 302
    )
    ticket.refresh_from_db()
    assert ticket.state == State.ROLLED_BACK
    assert "已按规定回滚" in page(engineer, ticket)
    assert verify_chain().intact


def test_the_page_says_who_may_not_before_he_fills_anything_in(
    engineer: Client, gu: Client
) -> None:
    ticket = executing(engineer, gu)
    step(engineer, ticket, "finish", actual_rows="1", images_ref="IMG-1")
    text = page(engineer, ticket)
    assert "复核须由执行人以外的人作出" in text
    assert step(engineer, ticket, "check").status_code == 422
    assert step(gu, ticket, "check").status_code == 403


def test_the_provider_does_not_approve_by_a_crafted_form(engineer: Client, gu: Client) -> None:
    ticket = draft(engineer)
    step(engineer, ticket, "apply")
    assert step(engineer, ticket, "review").status_code == 403
    assert step(engineer, ticket, "no-such-step").status_code == 403
    ticket.refresh_from_db()
    assert ticket.state == State.APPLIED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"script": ""}, "请填写脚本"), ({"rollback_script": ""}, "请填写回滚脚本"),
        ({"count_query": "DELETE FROM doc"}, "须为 SELECT 查询"),
        ({"expected_rows": "-1"}, "error"), ({"expected_rows": "许多"}, "预期行数须为整数"),
        ({"correction": "可冲正，不应改库"}, "改走业务冲正"), ({"unit": ""}, "请填写申请单位"),
        ({"purpose": "extract"}, "请填写销毁期限"),
        ({"purpose": "extract", "expires_on": "2026-12-31"}, "请填写取数字段"),
        ({"application": "APP-99"}, "error"), ({"purpose": "drop"}, "error"),
        ({"script": "x" * 100_001}, "error"), ({"expected_rows": "9" * 30}, "error"),
    ],
)  # fmt: skip
def test_a_report_with_faults_is_told(engineer: Client, changed: dict[str, Any], said: str) -> None:
    response = send(engineer, "data-change-new", **{**REPORT, **changed})
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Ticket.objects.exists()


def test_an_extraction_says_what_for_and_when_it_is_destroyed(engineer: Client) -> None:
    more = {
        "purpose": "extract", "fields_wanted": "机构、科室、人次", "masking": "姓名隐去",
        "medium": "加密光盘", "expires_on": "2026-12-31", "rollback_script": "",
    }  # fmt: skip
    refused = send(engineer, "data-change-new", **{**REPORT, **more})
    assert "提取数据须填写取数用途" in text_of(refused)
    ticket = draft(engineer, **more, use="统计公报")
    held = DataChange.objects.get(ticket=ticket)
    assert (held.fields, held.expires_on) == ("机构、科室、人次", date(2026, 12, 31))
    assert send(
        engineer, "ticket-data-destruction", ticket, destruction_ref="XH-1"
    ).status_code == 302  # fmt: skip
    assert "XH-1" in page(engineer, ticket)


def test_a_draft_is_edited_until_it_is_applied_for(engineer: Client) -> None:
    ticket = draft(engineer)
    where = reverse("data-change-edit", args=(ticket.number,))
    assert "UPDATE doc SET dept = 2" in text_of(engineer.get(where))
    sent = {**REPORT, "cause": "接口重复", "title": "换个题目", "version": ticket.version}
    assert engineer.post(where, sent).status_code == 302
    held = DataChange.objects.get(ticket=ticket)
    assert held.cause == "接口重复"
    assert held.ticket.title == "更正科室代码", "the ticket's own lines stay"
    assert engineer.post(where, sent).status_code == 422, "the version is old"
    step(engineer, ticket, "apply")
    assert engineer.post(where, {**sent, "version": ticket.version + 1}).status_code == 422


def test_the_printed_form_has_every_signature_and_no_frame_of_ours(engineer: Client) -> None:
    ticket = draft(engineer)
    text = text_of(engineer.get(reverse("data-change-print", args=(ticket.number,))))
    for who in (
        "单位负责人（签章）",
        "信息中心审核",
        "信息中心批准（盖章）",
        "执行人",
        "复核人",
        "申请人验证",
        "归档号",
    ):
        assert who in text
    assert "doc，id=7" in text
    assert engineer.get(reverse("data-change-print", args=("GD-2026-99999",))).status_code == 404


def test_what_is_fixed_three_times_is_offered_as_a_problem_once(
    engineer: Client, gu: Client
) -> None:
    for _ in range(3):
        draft(engineer)
    text = text_of(engineer.get(reverse("data-changes")))
    assert "反复修改，疑为缺陷" in text
    assert "建问题单" not in text_of(gu.get(reverse("data-changes")))
    asked = {"system": "APP-10", "cause": "录入错误"}
    assert send(engineer, "data-change-problem", **{**asked, "cause": "别的"}).status_code == 422
    problem = made(send(engineer, "data-change-problem", **asked))
    assert problem.kind == Kind.PROBLEM
    assert len(problem.form.values["incidents"].split()) == 3
    assert send(engineer, "data-change-problem", **asked).status_code == 422
    assert problem.number in text_of(engineer.get(reverse("data-changes")))
    assert "录入错误" in text_of(engineer.get(reverse("data-change-months")))


@pytest.mark.parametrize("month", ["", "2026-13", "0001-01", "9999-12", "x", "2026-1'", "2099-12"])
def test_any_month_can_be_asked_for(engineer: Client, month: str) -> None:
    assert engineer.get(reverse("data-change-months"), {"month": month}).status_code == 200


def test_the_list_is_filtered(engineer: Client) -> None:
    ticket = draft(engineer)
    where = reverse("data-changes")
    assert ticket.number in text_of(engineer.get(where, {"q": "录入 PACS", "state": "draft"}))
    assert "没有符合条件" in text_of(engineer.get(where, {"q": "没有的", "purpose": "extract"}))
