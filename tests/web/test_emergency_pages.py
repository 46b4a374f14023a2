"""The pages of emergencies: declare, tap, call, tick, agree, end; the live page; the plans."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, Person
from jingwei.emergency import actions, queries
from jingwei.emergency.actions import Declaration
from jingwei.emergency.models import (
    Drill,
    DrillKind,
    Emergency,
    EntryKind,
    Level,
    Plan,
    PlanStep,
    Stage,
)
from jingwei.reports.models import Report
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    """A plan with two steps."""
    made = Plan.objects.create(
        key="pacs-down", version=1, title="PACS 不可用", scope="区域PACS", signs="调阅失败\n白屏",
        level=1, digest="0", loaded_at=timezone.now(),
    )  # fmt: skip
    for number in (1, 2):
        PlanStep.objects.create(
            plan=made, position=number, phase="first", text=f"查看第 {number} 台", who="一线"
        )
    return made


def declare(client: Client, world: World, **more: Any) -> Any:
    """Send the form as filled in."""
    application = Application.objects.get(code="APP-10")
    given = {
        "application": application.pk, "title": "区域PACS 全部机构无法调阅", "level": 1,
        "damage": "业务中断",
    }  # fmt: skip
    return client.post(reverse("emergency-declare"), {**given, **more})


@pytest.fixture
def event(world: World, sign_in: SignIn, plan: Plan) -> Emergency:
    """An event as an engineer declared it."""
    Person.objects.create(name="陈经理", line="manager", phone="13800000001")
    response = declare(sign_in(), world, plan=plan.pk)
    assert response.status_code == 302, response.content.decode()
    return Emergency.objects.get()


def send(client: Client, event: Emergency, name: str, **data: Any) -> Any:
    """One act with the version as it stands."""
    event.refresh_from_db()
    where = reverse(f"emergency-{name}", args=[event.number])
    return client.post(where, {"version": event.version, **data})


def page(client: Client, event: Emergency) -> str:
    """The event's page."""
    return client.get(reverse("emergency", args=[event.number])).content.decode()


def test_one_form_starts_the_clocks_and_opens_the_fault(event: Emergency, sign_in: SignIn) -> None:
    assert (event.level, event.stage) == (Level.ONE, Stage.OPEN)
    assert event.ticket is not None
    assert event.ticket.severity == "outage"
    assert "点名的核心系统" in event.importance
    shown = page(sign_in(), event)
    assert len(re.findall(r"data-due=", shown)) >= 2
    assert "级别待甲方同意" in shown
    assert 'href="tel:13800000001"' in shown


def test_a_form_that_lacks_a_title_keeps_what_was_typed(world: World, sign_in: SignIn) -> None:
    response = declare(sign_in(), world, title="", text="三家医院打不开")
    assert response.status_code == 422
    shown = response.content.decode()
    assert "请填写标题" in shown
    assert "三家医院打不开" in shown
    assert Emergency.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("occurred_at", "0001-01-01T00:00", "年份应在"),
        ("occurred_at", "9999-12-31T23:59", "年份应在"),
        ("reported_at", "2098-01-01T00:00", "晚于当前时间"),
        ("title", "x" * 10_000, "200"),
        ("title", "a\x00b", "空字符"),
        ("ticket", "GD-1999-00001", "没有单号"),
        ("disaster", "on", "请填写发生时间"),
        ("level", "7", "7"),
    ],
)
def test_bad_input_is_told_beside_its_field(
    world: World, sign_in: SignIn, field: str, value: str, said: str
) -> None:
    response = declare(sign_in(), world, **{field: value})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Emergency.objects.count() == 0


def test_the_same_system_is_not_declared_twice(
    event: Emergency, world: World, sign_in: SignIn
) -> None:
    response = declare(sign_in(), world)
    assert response.status_code == 422
    assert f"{event.number}“" in response.content.decode()
    assert Emergency.objects.count() == 1


def test_the_level_is_suggested_with_its_reason(world: World, sign_in: SignIn) -> None:
    pacs = Application.objects.get(code="APP-10")
    shown = sign_in().get(reverse("emergency-suggest"), {"application": pacs.pk}).content.decode()
    assert "建议一级" in shown
    assert "L689" in shown
    assert re.search(r'value="1"[^>]*checked', shown)


def test_one_tap_notes_the_instant_at_the_ticket(event: Emergency, sign_in: SignIn) -> None:
    client = sign_in()
    assert send(client, event, "note", instant="phone_responded").status_code == 302
    assert event.ticket is not None
    noted = event.ticket.events.filter(instant=Instant.PHONE_RESPONDED)
    assert noted.count() == 1
    assert event.entries.filter(kind=EntryKind.INSTANT).count() == 0
    assert "✓ 已响应" in page(client, event)


def test_a_correction_wants_a_reason_and_keeps_what_was_typed(
    event: Emergency, sign_in: SignIn
) -> None:
    client = sign_in()
    send(client, event, "note", instant="arrived")
    response = send(client, event, "note", instant="arrived")
    assert response.status_code == 422
    assert "更正到场时间的原因" in response.content.decode()
    assert send(client, event, "note", instant="arrived", reason="核对门禁").status_code == 302


def test_a_page_somebody_else_has_overtaken_is_told_so(event: Emergency, sign_in: SignIn) -> None:
    client = sign_in()
    send(client, event, "note", instant="phone_responded")
    where = reverse("emergency-level", args=[event.number])
    response = client.post(where, {"version": 1, "level": 2, "reason": "影响收窄"})
    assert response.status_code == 409
    shown = response.content.decode()
    assert "已被他人修改" in shown
    assert "影响收窄" in shown


def test_steps_are_ticked_or_skipped_with_a_reason(
    event: Emergency, sign_in: SignIn, plan: Plan
) -> None:
    client = sign_in()
    first, second = plan.steps.all()
    assert send(client, event, "step", step=first.pk, done="yes").status_code == 302
    response = send(client, event, "step", step=second.pk, done="no")
    assert response.status_code == 422
    send(client, event, "step", step=second.pk, done="no", reason="备机已接管")
    shown = page(client, event)
    assert "✓ 已执行" in shown
    assert "未执行：备机已接管" in shown


def test_the_call_tree_tells_who_was_reached_when(event: Emergency, sign_in: SignIn) -> None:
    client, callee = sign_in(), event.callees.get()
    send(client, event, "call", callee=callee.pk, reached="no")
    assert "呼叫 1 次未接通" in page(client, event)
    send(client, event, "call", callee=callee.pk, reached="yes")
    assert "接通" in page(client, event)
    send(client, event, "callee", person="华为工程师", role="原厂工程师", phone="400-822-9999")
    assert event.callees.count() == 2
    foreign = send(client, event, "call", callee=999, reached="yes")
    assert foreign.status_code == 422


def test_the_client_agrees_and_ends_and_the_provider_cannot(
    event: Emergency, sign_in: SignIn
) -> None:
    engineer, client = sign_in(), sign_in(Role.CLIENT_APPROVER)
    declared = event.entries.get(kind=EntryKind.DECLARED)
    refused = send(engineer, event, "answer", asked=declared.pk, granted="yes")
    assert refused.status_code == 403
    assert send(client, event, "answer", asked=declared.pk, granted="yes").status_code == 302
    assert "甲方已同意级别" in page(engineer, event)
    assert send(engineer, event, "end").status_code == 422
    send(engineer, event, "note", instant="restored")
    assert send(engineer, event, "end", reason="已恢复").status_code == 302
    asked = event.entries.get(kind=EntryKind.END)
    shown = page(client, event)
    assert "确认终止" in shown
    send(client, event, "answer", asked=asked.pk, granted="yes")
    event.refresh_from_db()
    assert event.stage == Stage.ENDED
    assert send(engineer, event, "note", instant="diagnosed").status_code == 422


def test_a_refusal_needs_its_reason(event: Emergency, sign_in: SignIn) -> None:
    client = sign_in(Role.CLIENT_APPROVER)
    declared = event.entries.get(kind=EntryKind.DECLARED)
    response = send(client, event, "answer", asked=declared.pk, granted="no")
    assert response.status_code == 422
    send(client, event, "answer", asked=declared.pk, granted="no", reason="应为二级")
    assert "甲方不同意级别" in page(client, event)


def test_only_the_client_withdraws(event: Emergency, sign_in: SignIn) -> None:
    assert send(sign_in(), event, "withdraw", reason="误报").status_code == 403
    send(sign_in(Role.CLIENT_ADMIN), event, "withdraw", reason="误报")
    event.refresh_from_db()
    assert event.stage == Stage.WITHDRAWN
    assert "已撤销" in page(sign_in(), event)


def test_the_cause_and_the_exclusion_are_shown(event: Emergency, sign_in: SignIn) -> None:
    engineer, client = sign_in(), sign_in(Role.CLIENT_APPROVER)
    assert "未分类（计入）" in page(engineer, event)
    assert send(engineer, event, "exclude", reason="L684").status_code == 422
    send(engineer, event, "cause", cause=Cause.BUSINESS_SYSTEM, reason="软件缺陷")
    send(engineer, event, "exclude", reason="属业务系统故障 L684")
    asked = event.entries.get(kind=EntryKind.EXCLUDE)
    send(client, event, "answer", asked=asked.pk, granted="yes")
    assert "不计入：" in page(engineer, event)


def test_the_live_page_needs_no_login_and_shows_no_numbers(
    event: Emergency, sign_in: SignIn
) -> None:
    send(sign_in(), event, "message", text="已联系 13912345678 王工，身份证 310106199001011234")
    for name in ("live", "live-now"):
        response = Client().get(reverse(name, args=[event.token]))
        shown = response.content.decode()
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert "139****5678" in shown
        assert "13912345678" not in shown
        assert "310106199001011234" not in shown
        assert "13800000001" not in shown
        assert "data-due" in shown
    assert Client().get(reverse("live", args=["nobody-has-this"])).status_code == 404


def test_an_open_event_stands_on_top_of_every_page(event: Emergency, sign_in: SignIn) -> None:
    shown = sign_in().get(reverse("findings")).content.decode()
    assert "band-emergency" in shown
    assert event.number in shown
    assert "band-emergency" not in Client().get(reverse("login")).content.decode()
    wall = sign_in(Role.VISITOR).get(reverse("wall")).content.decode()
    assert "一级应急响应事件" in wall
    assert 'class="event"' in wall


def test_a_drill_stands_there_in_another_colour_and_in_no_list(
    world: World, sign_in: SignIn, plan: Plan, make_user: Any
) -> None:
    manager = make_user(Role.MANAGER, username="chen")
    now = timezone.now()
    drill = Drill.objects.create(
        number="YL-2026-001", title="PACS 演练", kind=DrillKind.TABLETOP, scenario="pacs", level=1,
        plan=plan, planned_at=now, background="演练", created_at=now, created_by=manager,
    )  # fmt: skip
    event = actions.declare(
        Declaration(title="PACS 演练", level=Level.ONE, importance="演练", hours="演练",
                    damage="演练", drill=drill, detected_at=now),
        manager, now,
    )  # fmt: skip
    client = sign_in()
    shown = client.get(reverse("emergencies")).content.decode()
    assert "band-drill" in shown
    assert "band-emergency" not in shown
    assert "没有应急事件" in shown
    assert "不是真实事件" in page(client, event)
    assert "24 小时预算" not in page(client, event)
    assert "不是真实事件" in Client().get(reverse("live", args=[event.token])).content.decode()


def test_the_list_shows_levels_clocks_and_duration(event: Emergency, sign_in: SignIn) -> None:
    client = sign_in()
    shown = client.get(reverse("emergencies")).content.decode()
    assert event.number in shown
    for query, there in (({"level": "2"}, False), ({"stage": "open"}, True), ({"q": "PACS"}, True)):
        found = event.number in client.get(reverse("emergencies"), query).content.decode().replace(
            f'<a href="{reverse("emergency", args=[event.number])}">{event.number}</a></aside>', ""
        )
        assert found is there, query


def test_the_moving_part_holds_clocks_and_story(event: Emergency, sign_in: SignIn) -> None:
    shown = sign_in().get(reverse("emergency-now", args=[event.number])).content.decode()
    assert "data-due" in shown
    assert "启动应急" in shown
    assert "<html" not in shown


def test_the_report_is_drafted_and_opens(event: Emergency, sign_in: SignIn) -> None:
    client = sign_in()
    response = send(client, event, "report")
    made = Report.objects.get(kind="emergency")
    assert response["Location"] == reverse("report", args=[made.pk])
    shown = client.get(response["Location"]).content.decode()
    assert "应急事件处置报告" in shown
    assert event.number in shown
    assert (
        "应急事件处置报告" in client.get(reverse("reports"), {"kind": "emergency"}).content.decode()
    )
    assert client.get(reverse("report-rows", args=[made.pk])).status_code == 404


def test_plans_are_found_by_sign_and_read(plan: Plan, world: World, sign_in: SignIn) -> None:
    client = sign_in()
    assert "PACS 不可用" in client.get(reverse("plans"), {"q": "白屏"}).content.decode()
    assert "没有符合" in client.get(reverse("plans"), {"q": "漏水"}).content.decode()
    shown = client.get(reverse("plan", args=[plan.key])).content.decode()
    assert "先期处置" in shown
    assert "查看第 1 台" in shown
    assert client.get(reverse("plan", args=["nothing"])).status_code == 404


def test_who_may_not_declare_is_refused(world: World, sign_in: SignIn) -> None:
    for role in (Role.AUDIT_ADMIN, Role.INSTITUTION, Role.VISITOR, Role.SECURITY_ADMIN):
        assert declare(sign_in(role), world).status_code == 403, role
    assert Emergency.objects.count() == 0


def test_the_client_may_declare_and_has_then_agreed(world: World, sign_in: SignIn) -> None:
    assert declare(sign_in(Role.CLIENT_APPROVER), world).status_code == 302
    assert queries.facts_of(Emergency.objects.get()).agreed is True


def test_a_time_of_three_days_ago_is_stamped_late(world: World, sign_in: SignIn) -> None:
    past = timezone.localtime(timezone.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    client = sign_in()
    declare(client, world, detected_at=past, reported_at=past, at=past)
    event = Emergency.objects.get()
    assert event.entries.get(kind=EntryKind.DECLARED).late
    assert "补录" in page(client, event)
