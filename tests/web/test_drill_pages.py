"""The pages of drills: planned, changed, run, scored; who sees and does what."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.contract import actions as contract
from jingwei.desk.models import Ticket
from jingwei.emergency import actions as emergency
from jingwei.emergency import scenarios
from jingwei.emergency.actions import drill_runs
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.models import Drill, DrillState, Emergency, Plan
from jingwei.reports.models import Report
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
SHIPPED = Path(settings.JINGWEI_CONTENT) / "contracts" / "jingan-2022"


@pytest.fixture(autouse=True)
def _plans(world: World) -> None:
    emergency.load_plans(SHIPPED, timezone.now())


@pytest.fixture
def boss(sign_in: SignIn) -> Client:
    return sign_in("manager")


def filled(key: str = "pacs", **more: Any) -> dict[str, Any]:
    """The form as it stands for a scenario, some of it changed."""
    one = scenarios.read(Path(settings.JINGWEI_CONTENT))[key]
    plan = Plan.objects.get(key=one.plan, valid_to=None)
    data: dict[str, Any] = {
        "title": one.title, "kind": "region", "plan": plan.pk, "level": one.level,
        "planned_at": f"{timezone.localtime() + timedelta(days=7):%Y-%m-%dT14:00}",
        "background": one.background, "version": "1",
        "role-TOTAL_FORMS": len(one.roles), "role-INITIAL_FORMS": len(one.roles),
        "line-TOTAL_FORMS": len(one.script), "line-INITIAL_FORMS": len(one.script),
    }  # fmt: skip
    data |= {f"target_{name}": minutes for name, minutes in one.targets.items()}
    for number, (role, who) in enumerate(one.roles.items()):
        data |= {f"role-{number}-role": role, f"role-{number}-who": who}
    for number, line in enumerate(one.script):
        data |= {
            f"line-{number}-after": line.after, f"line-{number}-action": line.action,
            f"line-{number}-fault": f"{line.fault}@{line.target}" if line.fault else "",
            f"line-{number}-text": line.text,
        }  # fmt: skip
    return data | more


def plan_one(client: Client, **more: Any) -> Drill:
    """A drill in the plan, by the page."""
    response = client.post(reverse("drill-new", args=["pacs"]), filled(**more))
    assert response.status_code == 302, response.content.decode()
    return Drill.objects.latest("id")


def start(client: Client, drill: Drill, **more: Any) -> Any:
    """Press the button."""
    data = {"version": drill.version, "speed": "1"} | more
    return client.post(reverse("drill-start", args=[drill.number]), data)


def run(drill: Drill) -> None:
    """What its runner would do, at once."""
    now = timezone.now()
    held = drill_runs.claim_drill(now, now + timedelta(minutes=2))
    assert held is not None
    drill_runs.begin(held, now)
    inject = held.script.filter(action="inject").first()
    assert inject is not None
    drill_runs.line_done(held, inject, "已注入", now, now, occurred=True)
    drill_runs.detected(held, "PACS：正常 → 异常", now, now)
    drill_runs.store(held, [Read(now, "APP-10", "app.available", Result.ABNORMAL, "状态码 500")])


def ended(client: Client) -> Drill:
    """A drill that is over."""
    drill = plan_one(client)
    start(client, drill)
    run(drill)
    drill.refresh_from_db()
    drill_runs.finish(drill, timezone.now())
    drill.refresh_from_db()
    return drill


def page(client: Client, drill: Drill) -> str:
    """The drill's page."""
    response = client.get(reverse("drill", args=[drill.number]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_says_what_the_year_owes(boss: Client) -> None:
    contract.load(SHIPPED, timezone.localdate())
    contract.ensure_demo_copy(timezone.localdate())
    text = boss.get(reverse("drills")).content.decode()
    assert "0 / 2 次" in text
    assert "2 次" in text
    plan_one(boss)
    assert "1 次" in boss.get(reverse("drills")).content.decode()


def test_without_a_contract_the_duty_is_not_guessed(boss: Client) -> None:
    text = boss.get(reverse("drills")).content.decode()
    assert "没有生效的合同" in text
    assert "/ 2 次" not in text


def test_every_scenario_is_offered_and_filled_in(boss: Client) -> None:
    found = scenarios.read(Path(settings.JINGWEI_CONTENT))
    text = boss.get(reverse("drill-pick")).content.decode()
    for one in found.values():
        assert one.title in text
        response = boss.get(reverse("drill-new", args=[one.key]))
        assert response.status_code == 200
        assert one.script[1].text in response.content.decode()


def test_a_plan_is_saved_with_its_rows_in_the_order_of_their_seconds(boss: Client) -> None:
    late = filled(**{"line-TOTAL_FORMS": 10, "line-9-after": 15, "line-9-action": "tell",
                     "line-9-fault": "", "line-9-text": "插播"})  # fmt: skip
    response = boss.post(reverse("drill-new", args=["pacs"]), late)
    assert response.status_code == 302
    drill = Drill.objects.get()
    assert [row.after for row in drill.script.all()][:3] == [0, 15, 30]
    assert drill.targets["respond"] == 5


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "请填写名称"),
        ("planned_at", "0001-01-01T00:00", "三年之内"),
        ("planned_at", "9999-12-31T23:59", "三年之内"),
        ("planned_at", "明天", "请填写年月日和时分"),
        ("target_respond", "30", "5"),
        ("target_detect", "快", "整数"),
        ("line-1-after", "", "请填写秒数"),
        ("line-1-after", "-5", "0"),
        ("line-1-fault", "", "请选择故障"),
        ("line-1-fault", "db-down@DB-02", "有效"),
        ("line-6-text", "", "没有解除"),
        ("background", "a\0b", "空字符"),
        ("title", "x" * 10_000, "190"),
        ("role-0-who", "", "须同时填写"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_lost(
    boss: Client, field: str, value: str, said: str
) -> None:
    response = boss.post(reverse("drill-new", args=["pacs"]), filled(**{field: value}))
    text = response.content.decode()
    assert response.status_code == 422
    assert said in text
    assert "请一家医院实际调阅影像" in text  # the last row of the script is still there
    assert not Drill.objects.exists()


def test_two_rows_of_one_role_are_two_people(boss: Client) -> None:
    drill = plan_one(boss, **{"role-1-role": "指挥", "role-1-who": "副主任"})
    assert drill.roles["指挥"] == "项目负责人、副主任"


def test_a_plan_is_changed_and_a_stale_page_is_told(boss: Client) -> None:
    drill = plan_one(boss)
    edit = reverse("drill-edit", args=[drill.number])
    assert "请一家医院实际调阅影像" in boss.get(edit).content.decode()
    assert boss.post(edit, filled(title="改名")).status_code == 302
    response = boss.post(edit, filled(title="又改"))
    assert response.status_code == 422
    assert "已被他人修改" in response.content.decode()
    drill.refresh_from_db()
    assert drill.title == "改名"


def test_calling_off_asks_for_a_reason(boss: Client) -> None:
    drill = plan_one(boss)
    url = reverse("drill-cancel", args=[drill.number])
    boss.post(url, {"reason": "", "version": "1"})
    drill.refresh_from_db()
    assert drill.state == DrillState.PLANNED
    boss.post(url, {"reason": "重保期", "version": "1"})
    assert "重保期" in page(boss, drill)


def test_starting_shows_the_run_and_marks_it_as_a_drill(boss: Client) -> None:
    drill = plan_one(boss)
    assert start(boss, drill).status_code == 302
    text = page(boss, drill)
    assert "正在准备演练区域" in text
    assert "这是演练" in text
    event = Emergency.objects.get()
    assert event.title.startswith("【演练】")
    shown = boss.get(reverse("emergency", args=[event.number])).content.decode()
    assert "演练，不是真实事件" in shown


@pytest.mark.parametrize("speed", ["0", "61", "快", "", "nan"])
def test_a_wrong_speed_is_told(boss: Client, speed: str) -> None:
    drill = plan_one(boss)
    assert start(boss, drill, speed=speed).status_code == 422
    assert not Emergency.objects.exists()


def test_a_second_drill_waits_for_the_first(boss: Client) -> None:
    first, second = plan_one(boss), plan_one(boss)
    start(boss, first)
    response = start(boss, second)
    assert response.status_code == 422
    assert f"{first.number}正在进行" in response.content.decode()


def test_the_live_part_moves_and_asks_for_the_whole_page_at_the_end(boss: Client) -> None:
    drill = plan_one(boss)
    start(boss, drill)
    run(drill)
    live = reverse("drill-live", args=[drill.number])
    text = boss.get(live).content.decode()
    assert "系统测得" in text
    assert "状态码 500" in text
    drill.refresh_from_db()
    drill_runs.finish(drill, timezone.now())
    assert boss.get(live).headers["HX-Refresh"] == "true"


def test_an_engineer_ticks_what_was_expected_once(boss: Client, sign_in: SignIn) -> None:
    drill = plan_one(boss)
    start(boss, drill)
    run(drill)
    step = drill.script.filter(action="expect").first()
    assert step is not None
    url = reverse("drill-tick", args=[drill.number, step.pk])
    engineer = sign_in("first_line")
    assert engineer.post(url).status_code == 302
    assert engineer.post(url).status_code == 422
    step.refresh_from_db()
    assert step.done_at is not None


def test_a_tick_of_another_drill_is_not_found(boss: Client) -> None:
    one, two = plan_one(boss), plan_one(boss)
    step = two.script.filter(action="expect").first()
    assert step is not None
    assert boss.post(reverse("drill-tick", args=[one.number, step.pk])).status_code == 404


def test_stopping_needs_a_reason_and_shows_it(boss: Client) -> None:
    drill = plan_one(boss)
    start(boss, drill)
    url = reverse("drill-abort", args=[drill.number])
    assert boss.post(url, {"reason": ""}).status_code == 422
    assert boss.post(url, {"reason": "真实故障"}).status_code == 302
    text = page(boss, drill)
    assert "已中止" in text
    assert "真实故障" in text
    assert "成绩" not in text


def test_the_result_says_what_is_not_known_and_never_that_it_passed(boss: Client) -> None:
    text = page(boss, ended(boss))
    assert "未测得" in text
    assert "没有记录首次响应" in text
    assert "不合格" in text


def test_a_gap_of_the_result_is_a_ticket_in_one_tap(boss: Client) -> None:
    drill = ended(boss)
    url = reverse("drill-gap-ticket", args=[drill.number])
    text = "响应未测得：没有记录首次响应"
    assert text in page(boss, drill)
    assert boss.post(url, {"text": text, "kind": "problem"}).status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.kind == "problem"
    assert ticket.number in page(boss, drill)
    assert boss.post(url, {"text": text, "kind": "problem"}).status_code == 422
    assert Ticket.objects.count() == 1


def test_people_add_gaps_and_an_empty_one_is_told(boss: Client, sign_in: SignIn) -> None:
    drill = ended(boss)
    url = reverse("drill-gap", args=[drill.number])
    client = sign_in("client_approver")
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.post(url, {"text": "通知太慢"}).status_code == 302
    assert "通知太慢" in page(client, drill)


def test_the_report_is_drafted_of_a_drill_that_is_over(boss: Client) -> None:
    planned = plan_one(boss)
    url = reverse("drill-report", args=[planned.number])
    boss.post(url)
    assert not Report.objects.exists()
    boss.post(reverse("drill-cancel", args=[planned.number]), {"reason": "x", "version": "1"})
    drill = ended(boss)
    response = boss.post(reverse("drill-report", args=[drill.number]))
    made = Report.objects.get()
    assert made.number == f"JAWS-{drill.number}"
    assert response.headers["Location"] == reverse("report", args=[made.pk])


def test_the_client_sees_everything_and_plans_nothing(boss: Client, sign_in: SignIn) -> None:
    drill = ended(boss)
    client = sign_in("client_approver")
    assert "成绩" in page(client, drill)
    assert client.get(reverse("drills")).status_code == 200
    assert client.get(reverse("drill-pick")).status_code == 403
    assert client.post(reverse("drill-start", args=[drill.number])).status_code == 403
    assert client.post(reverse("drill-gap-ticket", args=[drill.number])).status_code == 403


@pytest.mark.parametrize("role", ["visitor", "institution", "audit_admin"])
def test_who_has_no_desk_sees_no_drill(boss: Client, sign_in: SignIn, role: str) -> None:
    drill = plan_one(boss)
    other = sign_in(role)
    for name in ("drills", "drill-pick"):
        assert other.get(reverse(name)).status_code == 403
    assert other.get(reverse("drill", args=[drill.number])).status_code == 403


@pytest.mark.parametrize("name", ["drill", "drill-live", "drill-edit"])
def test_a_drill_there_is_not_is_not_found(boss: Client, name: str) -> None:
    assert boss.get(reverse(name, args=["YL-1999-01"])).status_code == 404


def test_a_scenario_there_is_not_is_not_found(boss: Client) -> None:
    assert boss.get(reverse("drill-new", args=["ufo"])).status_code == 404


def test_a_drill_is_in_no_list_of_real_events(boss: Client) -> None:
    drill = ended(boss)
    text = boss.get(reverse("emergencies")).content.decode()
    rows = text[text.index("<main") :]
    assert f">{drill.number}<" not in rows
