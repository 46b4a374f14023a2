"""The desk's forms on its pages: the buttons of a ticket and of a period, and figures."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.assets.models import Person
from jingwei.contract.models import Contract
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import Attendance, Kind, Ticket
from jingwei.reports import kinds, periodic
from jingwei.reports.models import Report
from jingwei.sla.measures.periods import add_months

pytestmark = pytest.mark.django_db
PAPERS = {
    Kind.SERVICE_REQUEST: ("work-order",), Kind.DISTRIBUTION: ("work-order",),
    Kind.CHANGE: ("change-record", "precheck"), Kind.EOS_NOTICE: ("eos-notice",),
    Kind.SPARE_PART: ("spare-parts",), Kind.TRAINING: ("training",), Kind.COMPLAINT: (),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _contract(world: World, settings: Any, tmp_path: Path) -> None:
    """One that holds today, whenever that is."""
    settings.JINGWEI_DATA = tmp_path
    first = world.today.replace(day=1)
    Contract.objects.create(
        code="jingan-2022", title="静安区区域卫生信息平台日常运维", client="信息中心",
        period_start=first, period_end=add_months(first, 12) - timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def engineer(sign_in: SignIn) -> Client:
    return sign_in("first_line")


def ticket(kind: Kind) -> Ticket:
    by = User.objects.filter(role="first_line").latest("pk")
    return desk.open_ticket(Intake(kind=kind, title="一件事"), by, timezone.now())


@pytest.mark.parametrize("kind", list(PAPERS))
def test_a_ticket_offers_its_own_papers_and_no_other(engineer: Client, kind: Kind) -> None:
    page = engineer.get(reverse("ticket", args=[ticket(kind).number])).content.decode()
    for each in kinds.KINDS.values():
        assert (f'name="kind" value="{each.name}"' in page) is (each.name in PAPERS[kind]), (
            each.name
        )


def test_the_button_of_a_ticket_builds_its_paper(engineer: Client) -> None:
    held = ticket(Kind.SERVICE_REQUEST)
    data = {"kind": "work-order", "period": held.number}
    page = engineer.post(reverse("report-build-period"), data, follow=True)
    made = Report.objects.get()
    assert made.number == f"JAWS-FW-{held.number}-01"
    assert page.redirect_chain[-1][0] == reverse("report", args=[made.pk])
    assert "服务请求工单" in page.content.decode()


def test_who_may_not_build_sees_no_button(engineer: Client, sign_in: SignIn) -> None:
    held = ticket(Kind.CHANGE)
    page = sign_in("client_approver").get(reverse("ticket", args=[held.number])).content.decode()
    assert 'value="change-record"' not in page


@pytest.mark.parametrize(("page", "kind"), [("roster", "staffing"), ("effort", "dev-ledger")])
def test_a_page_of_a_period_offers_its_ledger(
    world: World, engineer: Client, page: str, kind: str
) -> None:
    shown = engineer.get(reverse(page)).content.decode()
    subject = periodic.proposed(world.today)[kinds.of(kind).span]
    assert f'value="{kind}"' in shown
    assert f'value="{subject}"' in shown
    Contract.objects.update(period_end=world.today - timedelta(days=1),
                            period_start=world.today - timedelta(days=30))  # fmt: skip
    assert f'value="{kind}"' not in engineer.get(reverse(page)).content.decode()


def test_the_reports_page_offers_every_ledger_and_takes_a_ticket_too(engineer: Client) -> None:
    shown = engineer.get(reverse("reports")).content.decode()
    for kind in kinds.LEDGERS:
        assert f'<option value="{kind.name}">' in shown
    assert 'maxlength="40"' in shown
    held = ticket(Kind.SPARE_PART)
    data = {"kind": "spare-parts", "period": f" {held.number} "}
    engineer.post(reverse("report-build-period"), data)
    assert Report.objects.get().number == f"JAWS-BJ-{held.number}-01"


@pytest.mark.parametrize("period", ["", "x", "GD-2022-99999", "2022\x00", "9" * 5000])
def test_a_wrong_period_is_told_and_builds_nothing(engineer: Client, period: str) -> None:
    data = {"kind": "staffing", "period": period}
    page = engineer.post(reverse("report-build-period"), data, follow=True)
    assert "应写成" in "".join(map(str, page.context["messages"]))
    assert not Report.objects.exists()


def test_a_figure_of_a_ledger_opens_its_rows(world: World, engineer: Client) -> None:
    by = User.objects.filter(role="first_line").latest("pk")
    who = Person.objects.create(name="王磊", line="first")
    now = timezone.now()
    Attendance.objects.create(
        person=who, date=world.today, came_at=now, entered_at=now, by=by, source="测试"
    )
    subject = periodic.proposed(world.today)["monthly"]
    engineer.post(reverse("report-build-period"), {"kind": "staffing", "period": subject})
    made = Report.objects.get()
    shown = engineer.get(reverse("report", args=[made.pk])).content.decode()
    assert reverse("report-figures", args=[made.pk]) in shown
    rows = engineer.get(reverse("report-figures", args=[made.pk]) + "?rows=presence")
    assert rows.status_code == 200
    assert world.today.isoformat() in rows.content.decode()


def test_a_form_without_figures_has_no_page_of_rows(engineer: Client) -> None:
    data = {"kind": "work-order", "period": ticket(Kind.SERVICE_REQUEST).number}
    engineer.post(reverse("report-build-period"), data)
    where = reverse("report-figures", args=[Report.objects.get().pk]) + "?rows=tickets"
    assert engineer.get(where).status_code == 404
