"""Forms over the interface: what there is to fill in, a ticket opened with one, filled in later."""

from typing import Any

import pytest
from api_making import Caller, contact, hospital, outage, person, refused, taken_down

from jingwei.assets.models import Application, System
from jingwei.desk import forms
from jingwei.desk.models import Ticket, TicketForm

pytestmark = pytest.mark.django_db
VALUES = {
    "purpose": "月报", "application": "APP-08", "measures": "门诊人次", "detail": "",
    "period_from": "2026-10-01", "period_to": "2026-10-31", "needed_by": "2026-11-30",
}  # fmt: skip


@pytest.fixture
def wang() -> Caller:
    """A first-line engineer's program; one application is known."""
    system = System.objects.create(number=1, name="区域PACS")
    Application.objects.create(
        code="APP-08", short="PACS", row_no=8, name="区域PACS", system=system, coverage="all"
    )
    return Caller(person())


def statistics(**more: Any) -> dict[str, Any]:
    """A request for statistics, with its form filled as far as it must be."""
    form = forms.by_id("statistics")
    assert form is not None
    detail = form.field("detail")
    assert detail is not None
    values = VALUES | {"detail": detail.choices[0]} | more
    return {
        "kind": "service_request", "title": "十月门诊统计",
        "form": {"form": "statistics", "values": values},
    }  # fmt: skip


def test_every_declared_form_is_listed_with_its_fields(wang: Caller) -> None:
    told = {each["id"]: each for each in wang.get("/forms").json()}
    assert set(told) == {form.id for form in forms.FORMS}
    fields = {each["name"]: each for each in told["statistics"]["fields"]}
    assert (fields["application"]["coded"], fields["purpose"]["required"]) == (True, True)
    assert fields["detail"]["choices"]
    refused(Caller(contact(hospital())).get("/forms"), 403)


def test_a_ticket_is_opened_with_its_form(wang: Caller) -> None:
    made = wang.post("/tickets", statistics())
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert told["form"]["form"] == "statistics"
    assert told["form"]["values"]["measures"] == "门诊人次"
    assert told["application"]["code"] == "APP-08", "what both ask for, the form answers"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"purpose": ""}, "purpose"),
        ({"application": "APP-99"}, "application"),
        ({"period_from": "0001-13-01"}, "period_from"),
        ({"detail": "别的"}, "detail"),
        ({"nonsense": "x"}, "nonsense"),
        ({"purpose": ["x"]}, "purpose"),
    ],
)
def test_every_wrong_field_of_a_form_is_named_and_nothing_is_written(
    wang: Caller, wrong: dict[str, Any], field: str
) -> None:
    told = refused(wang.post("/tickets", statistics(**wrong)), 422)
    assert field in {each["field"] for each in told["errors"]}
    assert not Ticket.objects.exists()


def test_a_value_no_database_keeps_is_told(wang: Caller) -> None:
    for value in ("a\0b", "\ud800", {"a": 1}, "长" * 6000, 10**400):
        refused(wang.post("/tickets", statistics(purpose=value)), 422)
    assert not TicketForm.objects.exists()


def test_a_form_is_filled_in_later_and_the_rest_stays(wang: Caller) -> None:
    told = wang.post("/tickets", statistics()).json()
    where = f"/tickets/{told['number']}/form"
    body = {"form": "statistics", "values": {"query_ref": "Q-7"}}
    answer = wang.post(where, body, if_match=f'"{told["version"]}"')
    assert answer.status_code == 200, answer.content.decode()
    values = answer.json()["form"]["values"]
    assert (values["query_ref"], values["measures"]) == ("Q-7", "门诊人次")
    refused(wang.post(where, body, if_match=f'"{told["version"]}"'), 412)
    refused(wang.post(where, body), 428)


def test_an_incident_has_no_form_and_an_unknown_one_is_told(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/form"
    refused(wang.post(where, {"form": "statistics", "values": {}}, if_match='"1"'), 422)
    body = taken_down(form={"form": "wish", "values": {}})
    assert refused(wang.post("/tickets", body), 422)["field"] == "form"
