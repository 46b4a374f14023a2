"""我的工作 and 可用性与时限: what is to be done first, and figures that open to their rows."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, fault, make_desk, send, signed_in

from jingwei.assets.models import Application, Person
from jingwei.checks.models import RoutineRun
from jingwei.contract.models import Contract
from jingwei.desk import actions
from jingwei.desk.models import Leave
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity
from jingwei.web.pages import mywork

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def text(response: Any) -> str:
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def block(page: str, name: str) -> str:
    """The part of the page under one heading."""
    start = page.find(f'id="{name}"')
    return page[start : page.find("</section>", start)] if start >= 0 else ""


def test_what_ran_out_stands_before_what_is_mine_and_the_rest(desk: Desk) -> None:
    late = fault(desk.wang, desk.north, desk.pacs, reported_at=timezone.now() - timedelta(days=40))
    actions.assign(late, desk.wang, desk.wang, timezone.now(), version=late.version)
    page = text(signed_in(desk.wang).get(reverse("my-work")))
    assert page.index('id="overdue"') < page.index('id="mine"') < page.index('id="team"')
    assert late.number in block(page, "overdue")
    assert late.number in block(page, "mine")
    assert desk.ticket.number not in block(page, "mine")
    assert desk.ticket.number in block(page, "free")


def test_one_tap_takes_a_ticket(desk: Desk) -> None:
    client = signed_in(desk.wang)
    assert "我来处理" in text(client.get(reverse("my-work")))
    send(client, desk.ticket, "take")
    page = text(client.get(reverse("my-work")))
    assert desk.ticket.number in block(page, "mine")
    assert block(page, "free") == ""


def test_the_live_part_is_no_whole_page(desk: Desk) -> None:
    answer = signed_in(desk.wang).get(reverse("my-work"), headers={"HX-Request": "true"})
    assert "<html" not in text(answer)
    assert desk.ticket.number in text(answer)


def test_the_client_sees_first_what_waits_for_his_word(desk: Desk) -> None:
    actions.regrade(
        desk.ticket, Severity.DEGRADED, "只影响一个科室", desk.wang, timezone.now(),
        version=desk.ticket.version,
    )  # fmt: skip
    person = Person.objects.create(name="王磊", line=Person.Line.FIRST, user=desk.wang)
    Leave.objects.create(
        person=person, start=timezone.now() + timedelta(days=3),
        end=timezone.now() + timedelta(days=4), reason="看病", whereabouts="市内", phone="1",
        asked_at=timezone.now(), asked_by=desk.wang,
    )  # fmt: skip
    page = text(signed_in(desk.gu).get(reverse("my-work")))
    assert page.index('id="waiting"') < page.index('id="team"')
    assert "只影响一个科室" in block(page, "waiting")
    assert "看病" in block(page, "waiting")
    assert "待您答复" in page
    assert "我来处理" not in page


def test_an_institution_contact_has_no_desk(desk: Desk) -> None:
    assert signed_in(desk.hospital).get(reverse("my-work")).status_code == 403


def contract() -> Contract:
    today = timezone.now().astimezone(SHANGHAI).date()
    return Contract.objects.create(
        code="x",
        title="某区运维",
        client="某中心",
        period_start=today - timedelta(days=200),
        period_end=today + timedelta(days=164),
    )


def watched() -> None:
    day = timezone.now().astimezone(SHANGHAI).date() - timedelta(days=190)
    moment = datetime(day.year, day.month, day.day, 8, 40, tzinfo=SHANGHAI)
    RoutineRun.objects.create(routine="daily", date=day, started_at=moment, finished_at=moment)


def down(desk: Desk, hours: float) -> None:
    """PACS was down for so long, a week ago."""
    began = timezone.now() - timedelta(days=7)
    Application.objects.filter(pk=desk.pacs.pk).update(core=Application.Core.YES)
    ticket = fault(desk.wang, desk.north, desk.pacs, occurred_at=began, reported_at=began)
    for instant, at in (
        (Instant.ARRIVED, began + timedelta(minutes=5)),
        (Instant.RESTORED, began + timedelta(hours=hours)),
    ):
        actions.note_instant(ticket, instant, at, desk.wang, timezone.now(), version=ticket.version)
    desk.ticket.application = None
    desk.ticket.save()


def figures(client: Client) -> str:
    return text(client.get(reverse("availability")))


def test_without_a_contract_there_is_nothing_to_judge(desk: Desk) -> None:
    assert "没有在服务期内的合同" in figures(signed_in(desk.gu))


def test_what_nobody_watched_is_no_data_and_never_a_hundred_percent(desk: Desk) -> None:
    contract()
    page = figures(signed_in(desk.gu))
    assert "无数据" in page
    assert "100.000" not in page


def test_downtime_is_counted_and_opens_to_its_ticket(desk: Desk) -> None:
    contract()
    watched()
    down(desk, 2)
    page = figures(signed_in(desk.gu))
    assert "2 小时 00 分" in page
    assert "99.977 %" in page
    assert "未分类（计入）" in page
    assert "GD-" in block(page, "outages")
    assert desk.pacs.name in block(page, "outages")


@pytest.mark.parametrize(("hours", "conflict"), [(8.7, False), (8.78, True), (8.9, False)])
def test_between_the_tenders_two_limits_the_conflict_is_said(
    desk: Desk, hours: float, conflict: bool
) -> None:
    contract()
    watched()
    down(desk, hours)
    assert ("口径冲突" in figures(signed_in(desk.gu))) is conflict


@pytest.mark.parametrize("kind", ["downtime", "emergency", "nonsense"])
def test_the_burn_down_has_a_point_a_day_and_its_limit(desk: Desk, kind: str) -> None:
    contract()
    watched()
    down(desk, 3)
    answer = signed_in(desk.gu).get(reverse("availability-history"), {"budget": kind})
    data = answer.json()
    points = data["lines"][0]["points"]
    assert len(points) == 191  # from the first day anybody watched
    assert points[-1][1] == (0.0 if kind == "emergency" else 3.0)
    assert data["limits"][0]["value"] == (24.0 if kind == "emergency" else 8.76)


def test_no_contract_has_no_burn_down(desk: Desk) -> None:
    answer = signed_in(desk.gu).get(reverse("availability-history"))
    assert answer.status_code == 404


def test_as_of_a_past_day_later_downtime_is_not_there(desk: Desk) -> None:
    contract()
    watched()
    down(desk, 2)
    past = timezone.now().astimezone(SHANGHAI).date() - timedelta(days=30)
    page = text(signed_in(desk.gu).get(reverse("availability"), {"as_of": past.isoformat()}))
    assert "监测期内核心设备没有停机" in page
    assert isinstance(past, date)


def test_a_cause_is_said_on_the_ticket_and_an_exclusion_waits_for_the_client(desk: Desk) -> None:
    engineer, approver = signed_in(desk.wang), signed_in(desk.gu)
    where = reverse("ticket", args=[desk.ticket.number])
    assert "未分类的停机计入" in text(engineer.get(where))
    send(engineer, desk.ticket, "classify", cause="hardware", reason="")
    assert "设备硬件故障" in text(engineer.get(where))
    refused = send(engineer, desk.ticket, "classify", cause="power", reason="")
    assert refused.status_code == 422
    assert "改变原因分类的依据" in refused.content.decode()
    send(engineer, desk.ticket, "exclude", reason="市政停电")
    assert "停机不计入" in text(approver.get(where))
    desk.ticket.refresh_from_db()
    asked = desk.ticket.events.get(kind="exclude")
    send(approver, desk.ticket, "answer", asked=asked.pk, granted="yes", reason="同意")
    assert "甲方同意不计入" in text(engineer.get(where))


def test_a_long_list_shows_the_most_urgent_and_counts_the_rest(desk: Desk) -> None:
    client = signed_in(desk.gu)
    for n in range(mywork.SHOWN + 4):
        fault(desk.wang, desk.north, desk.pacs, reported_at=timezone.now() - timedelta(minutes=n))
    page = text(client.get(reverse("my-work")))
    team = block(page, "team")
    assert f'<span class="count">{mywork.SHOWN + 5}</span>' in team
    assert team.count("<tr>") == mywork.SHOWN + 1
    assert "另有 5 件" in team


def test_twenty_more_tickets_are_no_more_queries(desk: Desk) -> None:
    client = signed_in(desk.gu)

    def asked() -> list[int]:
        counts = []
        for name in ("my-work", "roster", "compliance", "duties", "availability", "tickets"):
            with CaptureQueriesContext(connection) as queries:
                text(client.get(reverse(name)))
            counts.append(len(queries))
        return counts

    contract()
    asked()
    fault(desk.wang, desk.north, desk.pacs)
    few = asked()
    for _ in range(20):
        fault(desk.wang, desk.north, desk.pacs)
    assert asked() == few
