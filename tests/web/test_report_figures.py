"""A number of a periodic report opens its rows; what names no rows is not found."""

import re
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
from jingwei.desk.models import Kind, Ticket
from jingwei.reports import actions, periodic
from jingwei.reports.models import Report
from jingwei.sla.measures.periods import add_months
from jingwei.terms.incident import Severity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Path) -> None:
    settings.JINGWEI_DATA = tmp_path


@pytest.fixture
def engineer(sign_in: SignIn) -> Client:
    return sign_in("first_line")


@pytest.fixture
def ticket(world: World, engineer: Client) -> Ticket:
    """A fault of this month, in a contract that holds today."""
    first = world.today.replace(day=1)
    Contract.objects.create(
        code="jingan-2022", title="静安区区域卫生信息平台日常运维", client="信息中心",
        period_start=first, period_end=add_months(first, 12) - timedelta(days=1),
    )  # fmt: skip
    by = User.objects.get(role="first_line")
    now = timezone.now()
    return desk.open_ticket(
        Intake(kind=Kind.INCIDENT, title="<b>PACS</b> 打不开", severity=Severity.DEGRADED,
               reported_at=now), by, now,
    )  # fmt: skip


@pytest.fixture
def report(world: World, ticket: Ticket) -> Report:
    subject = periodic.proposed(world.today)["monthly"]
    return actions.build("monthly", subject, "测试", timezone.now())


def links(page: str) -> list[str]:
    """Where the numbers of a report lead."""
    found = re.findall(r'href="([^"]*/figures/[^"]*)"', page)
    return [each.replace("&amp;", "&") for each in found]


def test_every_number_of_a_report_opens_a_page_of_rows(
    report: Report, ticket: Ticket, engineer: Client
) -> None:
    page = engineer.get(reverse("report", args=[report.pk])).content.decode()
    found = links(page)
    assert len(found) > 5
    for where in sorted(set(found)):
        assert engineer.get(where).status_code == 200, where
    faults = next(where for where in found if "kind=%E6%95%85%E9%9A%9C" in where)
    shown = engineer.get(faults).content.decode()
    assert ticket.number in shown
    assert reverse("ticket", args=[ticket.number]) in shown
    assert "<b>PACS</b>" not in shown


def test_rows_nothing_fits_say_so(report: Report, engineer: Client) -> None:
    where = reverse("report-figures", args=[report.pk]) + "?rows=tickets&kind=没有"
    assert "没有对应的行" in engineer.get(where).content.decode()


@pytest.mark.parametrize(
    "asked", ["", "?rows=people", "?rows=__class__", "?rows=", "?rows=tickets%20"]
)
def test_what_names_no_rows_is_not_found(report: Report, engineer: Client, asked: str) -> None:
    assert engineer.get(reverse("report-figures", args=[report.pk]) + asked).status_code == 404


@pytest.mark.parametrize(
    "asked", ["password=x", "__class__=x", "page=99999999", "number=%ED%A0%80"]
)
def test_what_names_no_field_is_passed_over(report: Report, engineer: Client, asked: str) -> None:
    where = reverse("report-figures", args=[report.pk]) + f"?rows=tickets&{asked}"
    assert engineer.get(where).status_code == 200


def test_a_report_there_is_not_and_a_daily_one_have_no_figures(
    report: Report, engineer: Client
) -> None:
    assert engineer.get(reverse("report-figures", args=[99_999])).status_code == 404
    report.pk, report.kind, report.version = None, "daily", 9  # type: ignore[assignment]
    report.save(force_insert=True)
    where = reverse("report-figures", args=[report.pk]) + "?rows=tickets"
    assert engineer.get(where).status_code == 404


def test_who_may_not_see_reports_sees_no_rows(report: Report, sign_in: SignIn) -> None:
    where = reverse("report-figures", args=[report.pk]) + "?rows=tickets"
    assert sign_in("visitor").get(where).status_code == 403


def test_charts_stand_on_the_page_as_pictures_with_their_numbers(
    report: Report, engineer: Client
) -> None:
    page = engineer.get(reverse("report", args=[report.pk])).content.decode()
    assert page.count('<svg class="doc-chart"') == page.count("查看数据")
    assert "style=" not in page.partition("<article")[2].partition("</article>")[0]
