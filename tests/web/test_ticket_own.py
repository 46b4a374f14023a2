"""An institution's own contact: his institution, and nothing of any other."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from ticket_making import Desk, fault, make_desk, signed_in, text_of
from web_making import SignIn

from jingwei.accounts.models import AuditEntry
from jingwei.desk.models import InstitutionContact, Kind, Ticket
from jingwei.terms.incident import Severity


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def report(client: Client, **more: Any) -> Any:
    given = {
        "application": "APP-20", "title": "登不上", "impact": "person", "urgency": "limited",
        "phone": "8899", "reporter": "", "occurred_at": "", "text": "", **more,
    }  # fmt: skip
    return client.post(reverse("own-report"), given)


def test_a_contact_reports_for_his_own_institution(desk: Desk) -> None:
    client = signed_in(desk.hospital)
    response = report(client, institution="H-2", severity="outage")
    made = Ticket.objects.order_by("-pk")[0]
    assert response["Location"] == reverse("own-done", args=[made.number])
    assert made.institution == desk.north, "whatever else the form was made to send"
    assert (made.kind, made.severity) == (Kind.INCIDENT, Severity.DEGRADED)
    assert made.reporter == "市北信息科"
    assert made.number in text_of(client.get(response["Location"]))


def test_he_sees_the_tickets_of_his_institution_only(desk: Desk) -> None:
    other = fault(desk.wang, desk.south, desk.pacs, title="别家的事")
    client = signed_in(desk.hospital)
    shown = text_of(client.get(reverse("own-tickets")))
    assert desk.ticket.number in shown
    assert other.number not in shown
    assert client.get(reverse("own-done", args=[other.number])).status_code == 404
    assert client.get(reverse("ticket", args=[desk.ticket.number])).status_code == 403


def test_a_login_without_an_institution_reports_nothing(desk: Desk) -> None:
    InstitutionContact.objects.all().delete()
    client = signed_in(desk.hospital)
    assert "尚未登记所属机构" in text_of(client.get(reverse("own-tickets")))
    assert report(client).status_code == 403
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "请填写现象"), ({"urgency": ""}, "请选择紧急程度"),
        ({"phone": ""}, "请留联系电话"), ({"application": "APP-03"}, "有效的选项"),
        ({"occurred_at": "9999-12-31T23:59"}, "晚于当前时间"), ({"text": "长" * 6000}, "5000"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_writes_nothing(desk: Desk, given: dict[str, str], said: str) -> None:
    response = report(signed_in(desk.hospital), **given)
    assert response.status_code == 422
    assert said in text_of(response)
    assert Ticket.objects.count() == 1


def test_ten_reports_in_an_hour_are_enough(desk: Desk) -> None:
    client = signed_in(desk.hospital)
    codes = [report(client, title=f"第 {n} 次").status_code for n in range(11)]
    assert codes == [302] * 10 + [422]


def test_only_contacts_report_so(desk: Desk, sign_in: SignIn) -> None:
    for role in ("first_line", "client_approver", "visitor", "system_admin"):
        for name in ("own-tickets", "own-report"):
            assert sign_in(role).get(reverse(name)).status_code == 403, (role, name)


def test_a_contact_starts_at_his_own_page(desk: Desk) -> None:
    from web_making import PASSWORD  # noqa: PLC0415

    response = Client().post(reverse("login"), {"username": "shibei", "password": PASSWORD})
    assert response["Location"] == reverse("own-tickets")


def test_an_administrator_says_whose_contact_a_login_is(desk: Desk, sign_in: SignIn) -> None:
    admin = sign_in("system_admin")
    assert "shibei" in text_of(admin.get(reverse("contacts")))
    where = reverse("contact-set", args=[desk.hospital.pk])
    assert admin.post(where, {"institution": "H-2"}).status_code == 302
    assert InstitutionContact.objects.get(user=desk.hospital).institution == desk.south
    admin.post(where, {"institution": ""})
    assert not InstitutionContact.objects.exists()
    entries = AuditEntry.objects.filter(action="user.institution").order_by("sequence")
    assert [entry.object_key for entry in entries] == ["shibei", "shibei"]
    assert admin.post(where, {"institution": "H-9"}).status_code == 404
    engineer = reverse("contact-set", args=[desk.wang.pk])
    assert admin.post(engineer, {"institution": "H-1"}).status_code == 422
    assert signed_in(desk.wang).post(where, {"institution": "H-1"}).status_code == 403
