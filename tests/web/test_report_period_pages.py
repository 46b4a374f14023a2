"""The form for periodic reports on the reports page, and what a periodic report's page shows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.contract.models import Contract
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import Kind
from jingwei.reports import actions, kinds, periodic, queries
from jingwei.reports.models import Report, ReportState
from jingwei.sla.measures.periods import add_months
from jingwei.terms.incident import Severity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Path) -> None:
    settings.JINGWEI_DATA = tmp_path


@pytest.fixture(autouse=True)
def _contract(world: World) -> None:
    """One that holds today, whenever that is."""
    first = world.today.replace(day=1)
    Contract.objects.create(
        code="jingan-2022", title="静安区区域卫生信息平台日常运维", client="信息中心",
        period_start=first, period_end=add_months(first, 12) - timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def engineer(sign_in: SignIn) -> Client:
    return sign_in("first_line")


def post(client: Client, **data: str) -> tuple[str, str]:
    """The page a form leads to, and its messages."""
    response = client.post(reverse("report-build-period"), data, follow=True)
    assert response.status_code == 200
    told = "\n".join(str(message) for message in response.context["messages"])
    return str(response.content.decode()), told


def test_the_page_offers_the_periods_that_hold_today(world: World, engineer: Client) -> None:
    page = engineer.get(reverse("reports")).content.decode()
    assert "生成定期报告" in page
    offered = periodic.proposed(world.today)
    assert {"monthly", "quarterly", "annual"} <= set(offered)
    for subject in offered.values():
        assert f'value="{subject}"' in page


@pytest.mark.parametrize("kind", ["monthly", "quarterly", "annual"])
def test_a_report_is_built_and_shown(world: World, engineer: Client, kind: str) -> None:
    subject = periodic.proposed(world.today)[kind]
    page, _ = post(engineer, kind=kind, period=subject)
    made = Report.objects.get()
    assert made.kind == kind
    assert made.number == kinds.of(kind).number(subject)
    assert made.number in page
    assert "签收" in page
    assert "待服务方填写" in page
    listed = engineer.get(reverse("reports"), {"kind": kind}).content.decode()
    assert made.number in listed


def test_what_a_person_has_to_write_is_red_on_the_page(world: World, engineer: Client) -> None:
    page, _ = post(engineer, kind="annual", period=periodic.proposed(world.today)["annual"])
    assert '<p class="doc-text doc-abnormal">优化调整建议：（待服务方填写）</p>' in page


@pytest.mark.parametrize(
    ("kind", "period", "said"),
    [
        ("monthly", "2022-13", "应写成"),
        ("quarterly", "x" * 10_000, "应写成"),
        ("annual", "", "应写成"),
        ("annual", "2999", "没有合同覆盖"),
        ("daily", "2022-11-07", "请选择"),
        ("fault", "GD-2022-00001", "没有单号"),
        ("", "2022", "请选择"),
    ],
)
def test_bad_input_is_told_and_builds_nothing(
    world: World, engineer: Client, kind: str, period: str, said: str
) -> None:
    _, told = post(engineer, kind=kind, period=period)
    assert said in told
    assert not Report.objects.exists()


def test_the_client_sees_the_list_but_not_the_form(world: World, sign_in: SignIn) -> None:
    approver = sign_in("client_approver")
    assert "生成定期报告" not in approver.get(reverse("reports")).content.decode()
    refused = approver.post(reverse("report-build-period"), {"kind": "annual", "period": "2022"})
    assert refused.status_code == 403


def test_a_form_sent_twice_builds_once(world: World, engineer: Client) -> None:
    data = {"kind": "monthly", "period": periodic.proposed(world.today)["monthly"],
            "once": "same-key"}  # fmt: skip
    post(engineer, **data)
    post(engineer, **data)
    assert Report.objects.count() == 1


def made_ready(made: Report) -> None:
    """Every place written, and read by somebody else."""
    writer = User.objects.get(username="u-first_line")
    reader = User.objects.create(username="reader", role="second_line")
    for each in queries.asked(made):
        actions.state_place(made, each.place.key, "本期无", writer, timezone.now())
    actions.review(made, reader, timezone.now())


def test_a_submitted_one_is_shown_and_its_files_can_be_had(world: World, engineer: Client) -> None:
    subject = periodic.proposed(world.today)["quarterly"]
    post(engineer, kind="quarterly", period=subject)
    made = Report.objects.get()
    engineer.post(reverse("report-submit", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == ReportState.DRAFT  # nobody has read it yet
    made_ready(made)
    engineer.post(reverse("report-submit", args=[made.pk]))
    made.refresh_from_db()
    assert made.state == ReportState.SUBMITTED
    for suffix, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        got = engineer.get(reverse("report-file", args=[made.pk, suffix]))
        assert got.content.startswith(start)
    fresh = engineer.get(reverse("report-fresh", args=[made.pk]))
    assert fresh.status_code == 200


def test_a_faults_page_leads_to_its_report(world: World, engineer: Client) -> None:
    by = User.objects.filter(role="first_line").latest("pk")
    now = timezone.now()
    ticket = desk.open_ticket(
        Intake(Kind.INCIDENT, "PACS 打不开", severity=Severity.OUTAGE, reported_at=now), by, now
    )
    page = engineer.get(reverse("ticket", args=[ticket.number])).content.decode()
    assert "生成故障处理报告" in page
    shown, _ = post(engineer, kind="fault", period=ticket.number)
    made = Report.objects.get()
    assert (made.kind, made.number) == ("fault", f"JAWS-GZ-{ticket.number}-01")
    assert "PACS 打不开" in shown
