"""A call taken down: who is meant, what is suggested, what is alike, what the caller gets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, ago, at_of, fault, make_desk, signed_in, text_of, typed
from web_making import SignIn

from jingwei.assets.models import Institution
from jingwei.desk.models import Channel, EventKind, Kind, Ticket
from jingwei.terms.incident import Instant, Severity


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


@pytest.fixture
def wang(desk: Desk) -> Client:
    return signed_in(desk.wang)


def call(**more: Any) -> dict[str, Any]:
    """What the form sends; None leaves a field out."""
    given = {
        "institution": "H-2 静安区中心医院", "application": "APP-20", "title": "看不到图像",
        "impact": "institution", "urgency": "stopped", "severity": "", "severity_reason": "",
        "occurred_at": "", "reported_at": typed(timezone.now()), "channel": "phone",
        "reporter": "周医生", "phone": "13800001111", "kind": "incident", "text": "", **more,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def save(client: Client, **more: Any) -> Any:
    return client.post(reverse("intake"), call(**more))


def newest() -> Ticket:
    return Ticket.objects.order_by("-pk")[0]


def test_a_call_becomes_a_ticket_and_the_caller_gets_number_and_link(
    desk: Desk, wang: Client
) -> None:
    response = save(wang, occurred_at=typed(ago(30)))
    made = newest()
    assert response["Location"] == reverse("intake-done", args=[made.number])
    shown = text_of(wang.get(response["Location"]))
    assert f'<p class="number-big">{made.number}</p>' in shown
    assert f"http://testserver{reverse('tracking', args=[made.token])}" in shown
    assert (made.institution, made.application) == (desk.south, desk.pacs)
    assert (made.impact, made.urgency, made.severity) == ("institution", "stopped", "outage")
    assert made.channel == Channel.PHONE
    assert at_of(made, Instant.OCCURRED) < at_of(made, Instant.REPORTED)


def test_the_suggestion_and_its_reason_are_in_the_log(wang: Client) -> None:
    save(wang, urgency="limited")
    graded = newest().events.get(kind=EventKind.SEVERITY)
    assert graded.value == Severity.DEGRADED
    assert graded.reason.startswith("建议：单个机构 × 功能受限 → 影响生产运行")


def test_another_severity_than_suggested_needs_a_reason(wang: Client) -> None:
    before = Ticket.objects.count()
    response = save(wang, severity="no_impact")
    assert response.status_code == 422
    assert "建议为“造成生产运行中断”，改选请写明理由" in text_of(response)
    assert Ticket.objects.count() == before
    save(wang, severity="no_impact", severity_reason="只是演示环境")
    assert newest().severity == Severity.NO_IMPACT
    assert newest().events.get(kind=EventKind.SEVERITY).reason == "只是演示环境"


@pytest.mark.parametrize("text", ["sb", "SBYY", "市北", "H-1", "市北医院", "h-1 市北医院"])
def test_an_institution_is_meant_by_letters_name_or_code(
    desk: Desk, wang: Client, text: str
) -> None:
    assert save(wang, institution=text).status_code == 302
    assert newest().institution == desk.north


def test_an_ambiguous_institution_names_whom_it_may_mean(wang: Client) -> None:
    response = save(wang, institution="医院")
    assert response.status_code == 422
    assert "可能是：市北医院、静安区中心医院" in text_of(response)
    unknown = save(wang, institution="不存在的")
    assert "没有名称、代码或拼音首字母含“不存在的”的机构" in text_of(unknown)


def test_two_letters_offer_whose_initials_begin_so_first(desk: Desk, wang: Client) -> None:
    Institution.objects.create(code="A-0", name="中心市北分院", area="N", kind="other")
    shown = text_of(wang.get(reverse("intake-institutions"), {"q": "sb"}))
    assert shown.index("市北医院") < shown.index("中心市北分院")
    assert 'data-value="H-1 市北医院"' in shown
    assert 'role="option"' in shown
    nobody = text_of(wang.get(reverse("intake-institutions"), {"q": "<b>"}))
    assert "没有含“&lt;b&gt;”的机构" in nobody


def test_the_institutions_own_systems_come_first_and_all_can_be_chosen(
    desk: Desk, wang: Client
) -> None:
    where = reverse("intake-systems")
    own = text_of(wang.get(where, {"with": "H-1 市北医院"}))
    assert "区域PACS" in own
    assert "全员人口库" not in own
    other = text_of(wang.get(where, {"with": "sb", "q": "人口"}))
    assert 'data-value="APP-03 全员人口库"' in other
    everything = text_of(wang.get(where, {"with": "nobody"}))
    assert everything.index("全员人口库") < everything.index("区域PACS")
    both = text_of(wang.get(where, {"with": "H-1", "q": "APP"}))
    assert both.index("区域PACS") < both.index("全员人口库")
    assert "没有含“x”的系统" in text_of(wang.get(where, {"q": "x"}))
    assert save(wang, application="人口").status_code == 302
    assert newest().application == desk.his


def test_similar_open_tickets_are_shown_while_typing(desk: Desk, wang: Client) -> None:
    where = reverse("intake-similar")
    by_system = text_of(wang.get(where, {"application": "APP-20"}))
    by_words = text_of(wang.get(where, {"title": "PACS 片子调不出来"}))
    for shown in (by_system, by_words):
        assert f"同一故障，归入 {desk.ticket.number}" in shown
    assert "没有相似的工单" in text_of(wang.get(where, {"title": "打印机卡纸"}))
    assert "输入机构、系统或现象后显示" in text_of(wang.get(where))


def test_the_suggestion_is_shown_while_choosing_and_asks_about_an_emergency(
    desk: Desk, wang: Client
) -> None:
    given = {"impact": "district", "urgency": "stopped", "application": "APP-20"}
    shown = text_of(wang.get(reverse("intake-similar"), given))
    assert "造成生产运行中断" in shown
    assert "P1" in shown
    assert "应急事件" in shown
    plain = text_of(wang.get(reverse("intake-similar"), {**given, "application": "APP-03"}))
    assert "应急事件" not in plain


def test_one_tap_puts_the_same_fault_under_its_parent(desk: Desk, wang: Client) -> None:
    assert save(wang, parent=desk.ticket.number).status_code == 302
    assert newest().parent == desk.ticket
    shown = text_of(wang.get(reverse("intake-done", args=[newest().number])))
    assert f'已归入 <a href="{reverse("ticket", args=[desk.ticket.number])}">' in shown


def test_a_parent_that_is_none_or_no_top_is_refused(desk: Desk, wang: Client) -> None:
    missing = save(wang, parent="GD-1999-00001")
    assert missing.status_code == 422
    assert "没有单号为 GD-1999-00001 的工单" in text_of(missing)
    save(wang, parent=desk.ticket.number)
    child = newest()
    under_a_child = save(wang, parent=child.number)
    assert under_a_child.status_code == 422
    assert f"请归入最上层的故障单（{child.number}）" in text_of(under_a_child)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "请填写现象"),
        ({"title": "a\0b"}, "空字符"),
        ({"title": "长" * 10_000}, "200"),
        ({"urgency": ""}, "请选择紧急程度"),
        ({"urgency": "soon"}, "选择一个有效的选项"),
        ({"reported_at": ""}, "必填"),
        ({"reported_at": "0001-01-01T00:00"}, "过早"),
        ({"reported_at": "9999-12-31T23:59"}, "晚于当前时间"),
        ({"reported_at": "yesterday"}, "有效的日期"),
        ({"occurred_at": "9999-12-31T23:59"}, "晚于当前时间"),
        ({"application": "APP"}, "可能是：全员人口库、区域PACS"),
        ({"application": "APP-99"}, "没有名称、代码或拼音首字母含“APP-99”的系统"),
        ({"target": "HW-999-9"}, "登记里没有“HW-999-9”"),
        ({"kind": "data_change"}, "选择一个有效的选项"),
        ({"channel": "finding"}, "选择一个有效的选项"),
        ({"phone": "1" * 33}, "32"),
        ({"site": "SITE-9"}, "选择一个有效的选项"),
    ],
)
def test_bad_input_is_told_and_nothing_is_half_written(
    wang: Client, given: dict[str, str], said: str
) -> None:
    before = Ticket.objects.count()
    response = save(wang, **given)
    assert response.status_code == 422
    assert said in text_of(response)
    assert Ticket.objects.count() == before
    assert "周医生" in text_of(response), "nothing typed is lost"


def test_reported_before_it_happened_is_refused_beside_the_field(wang: Client) -> None:
    response = save(wang, occurred_at=typed(ago(5)), reported_at=typed(ago(50)))
    assert response.status_code == 422
    assert "发生时间不能晚于发现或报修时间" in text_of(response)


def test_a_request_is_not_graded(wang: Client) -> None:
    save(wang, kind="service_request", urgency="", severity="outage")
    made = newest()
    assert (made.kind, made.severity, made.urgency) == (Kind.SERVICE_REQUEST, "", "")


def test_the_form_offers_now_as_the_time_of_the_report(wang: Client) -> None:
    shown = text_of(wang.get(reverse("intake")))
    assert f'value="{typed(timezone.now())[:15]}' in shown
    assert "autofocus" in shown


def test_enter_saves_and_never_files_it_under_another(desk: Desk, wang: Client) -> None:
    """The first submit button of a form is what Enter presses."""
    shown = text_of(save(wang, title=""))
    fault(desk.wang, desk.south, desk.pacs)
    assert shown.index('name="parent" value=""') < shown.index('id="similar"')


@pytest.mark.parametrize(
    "name", ["intake", "intake-institutions", "intake-systems", "intake-similar"]
)
def test_only_the_desk_takes_calls(desk: Desk, sign_in: SignIn, name: str) -> None:
    for role in ("client_approver", "institution", "visitor"):
        assert sign_in(role).get(reverse(name)).status_code == 403, role
    assert Client().get(reverse(name)).status_code == 302


def test_an_unknown_number_has_no_receipt(wang: Client) -> None:
    assert wang.get(reverse("intake-done", args=["GD-1999-00001"])).status_code == 404
