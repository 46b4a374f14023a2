"""Tickets over the interface: who sees which, found, paged, opened, taken from step to step."""

from datetime import timedelta
from typing import Any

import pytest
from api_making import Caller, contact, hospital, moment, outage, person, refused, taken_down
from django.test import Client
from django.utils import timezone

from jingwei.accounts.models import AuditEntry
from jingwei.assets.models import Application, Site, System
from jingwei.desk import actions
from jingwei.desk.models import Kind, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Caller:
    """A first-line engineer's program."""
    return Caller(person())


def test_a_program_opens_a_ticket_and_is_told_its_number_place_and_version(wang: Caller) -> None:
    hospital()
    made = wang.post("/tickets", taken_down(institution="H01", reporter="林", phone="021-1"))
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert made["Location"] == f"/api/tickets/{told['number']}"
    assert made["ETag"].startswith(f'"{told["version"]}-')
    assert told["institution"] == {"code": "H01", "name": "静安中心医院"}
    ticket = Ticket.objects.get(number=told["number"])
    assert (ticket.created_by, ticket.channel, ticket.state) == (wang.user, "phone", "new")
    assert [each["instant"] for each in told["log"] if each["instant"]] == ["reported"]
    assert AuditEntry.objects.filter(action="ticket.opened", actor="wang").exists()


def test_an_answer_holds_both_calendars_and_the_steps_that_lead_on(wang: Caller) -> None:
    told = wang.post("/tickets", taken_down()).json()
    assert {(each["name"], each["calendar"]) for each in told["clocks"]} == {
        (name, calendar) for name in ("phone", "on_site", "repair") for calendar in ("5x8", "7x24")
    }
    assert [each["step"] for each in told["steps"]] == ["accept"], "cancelling is the client's"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "一" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"text": "长" * 10_000}, "text"),
        ({"severity": None}, "severity"),
        ({"severity": "terrible"}, "severity"),
        ({"kind": "data_change", "severity": None}, "kind"),
        ({"reported_at": None}, "reported_at"),
        ({"reported_at": "2026-11-23T09:00:00"}, "reported_at"),
        ({"reported_at": "0001-01-01T00:00:00Z"}, "reported_at"),
        ({"reported_at": "9999-12-31T23:59:59Z"}, "reported_at"),
        ({"reported_at": "2099-01-01T00:00:00Z"}, "at"),
        ({"reported_at": "soon"}, "reported_at"),
        ({"institution": "H99"}, "institution"),
        ({"application": "APP-\0"}, "application"),
        ({"target": "HW-404"}, "target"),
        ({"parent": "GD-2026-00099"}, "parent"),
        ({"phone": "1" * 33}, "phone"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    wang: Caller, wrong: dict[str, Any], field: str
) -> None:
    told = refused(wang.post("/tickets", taken_down(**wrong)), 422)
    assert told["field"] == field
    assert not Ticket.objects.exists()


def test_a_body_that_is_no_json_or_no_object_is_told(wang: Caller) -> None:
    assert "JSON" in refused(wang.post("/tickets", "{"), 400)["detail"]
    refused(wang.post("/tickets", "[]"), 422)
    refused(wang.post("/tickets", b"\xff\xfe"), 400)
    assert not Ticket.objects.exists()


def test_a_body_of_more_than_a_megabyte_is_not_read(wang: Caller) -> None:
    told = refused(wang.post("/tickets", taken_down(text="长" * 400_000)), 413)
    assert "1 MB" in told["detail"]


def test_a_read_only_token_and_a_stranger_write_nothing(wang: Caller) -> None:
    reading = Caller(wang.user, write=False)
    assert "只读" in refused(reading.post("/tickets", taken_down()), 403)["detail"]
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/transitions"
    refused(reading.post(where, {"step": "accept"}, if_match='"1"'), 403)
    assert reading.get(f"/tickets/{ticket.number}").status_code == 200
    answer = Client().post("/api/tickets", "{}", content_type="application/json")
    assert answer["WWW-Authenticate"] == "Bearer"
    refused(answer, 401)


def test_a_browsers_session_needs_the_csrf_token_and_a_password_of_its_own(
    wang: Caller,
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(wang.user, backend="django.contrib.auth.backends.ModelBackend")
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    told = refused(browser.post("/api/tickets", "{}", **sent), 403)  # type: ignore[arg-type]
    assert "CSRF" in told["detail"]
    assert browser.get("/api/tickets").status_code == 200
    wang.user.must_change_password = True
    wang.user.save()
    assert "初始密码" in refused(browser.get("/api/tickets"), 403)["detail"]


def test_a_token_of_the_client_opens_nothing_and_cannot_work(wang: Caller) -> None:
    client = Caller(person("gu", "client_approver"))
    refused(client.post("/tickets", taken_down()), 403)
    ticket = outage(wang.user)
    told = refused(
        client.post(f"/tickets/{ticket.number}/worklog", {"text": "看过"}, if_match='"1"'), 403
    )
    assert "处理工单" in told["detail"]
    for role in ("visitor", "audit_admin"):
        refused(Caller(person(role, role)).get("/tickets"), 403)


def test_tickets_are_paged_by_a_cursor_that_holds_while_new_ones_come(wang: Caller) -> None:
    first = [outage(wang.user).number for _ in range(5)]
    page = wang.get("/tickets", {"limit": 2}).json()
    assert [each["number"] for each in page["items"]] == first[:2:-1]
    outage(wang.user)
    seen = [each["number"] for each in page["items"]]
    while page["next"]:
        page = wang.get("/tickets", {"limit": 2, "cursor": page["next"]}).json()
        seen += [each["number"] for each in page["items"]]
    assert seen == first[::-1], "none twice, none left out"


@pytest.mark.parametrize("cursor", ["x", "====", "MXwx", "OTk5OS0wMS0wMXwx", "\0", "8J+YgA=="])
def test_a_cursor_nobody_gave_out_is_told(wang: Caller, cursor: str) -> None:
    assert refused(wang.get("/tickets", {"cursor": cursor}), 422)["field"] == "cursor"


def test_tickets_are_found_by_word_kind_state_severity_institution_and_owner(
    wang: Caller,
) -> None:
    place = hospital()
    here = outage(wang.user, institution=place, title="影像调阅失败")
    other = outage(wang.user, title="打印机卡纸")
    actions.assign(other, wang.user, wang.user, timezone.now(), version=other.version)
    for query, expected in (
        ({"q": "影像"}, here), ({"institution": "H01"}, here), ({"q": other.number}, other),
        ({"mine": "true"}, other), ({"q": "静安中心"}, here),
    ):  # fmt: skip
        got = wang.get("/tickets", query).json()["items"]
        assert [each["number"] for each in got] == [expected.number], query
    assert len(wang.get("/tickets", {"kind": "incident", "state": "new"}).json()["items"]) == 2
    assert wang.get("/tickets", {"severity": "degraded"}).json()["items"] == []
    assert refused(wang.get("/tickets", {"kind": "wish"}), 422)["field"] == "kind"
    assert refused(wang.get("/tickets", {"institution": "H77"}), 422)["field"] == "institution"


def test_a_fault_is_taken_from_call_to_close_by_program_and_client(wang: Caller) -> None:
    client = Caller(person("gu", "client_approver"))
    told = wang.post("/tickets", taken_down()).json()
    number, start = told["number"], moment(told["log"][-1]["at"])

    def act(by: Caller, what: str, body: dict[str, Any]) -> dict[str, Any]:
        nonlocal told
        answer = by.post(f"/tickets/{number}/{what}", body, if_match=f'"{told["version"]}"')
        assert answer.status_code < 300, answer.content.decode()
        told = answer.json()
        return told

    act(wang, "transitions", {"step": "accept"})
    act(wang, "assignment", {"assignee": "wang"})
    assert told["assignee"] == {"code": "wang", "name": "姓wang"}
    act(wang, "transitions", {"step": "start"})
    for minutes, name in ((1, "phone_responded"), (2, "arrived"), (4, "restored")):
        at = (start + timedelta(minutes=minutes)).isoformat()
        act(wang, "instants", {"instant": name, "at": at})
    act(wang, "worklog", {"text": "重启服务", "minutes": 20})
    assert told["work"][0]["text"] == "重启服务"
    act(wang, "transitions", {"step": "resolve", "facts": {"solution": "已重启"}})
    act(client, "transitions", {"step": "confirm"})
    act(wang, "transitions", {"step": "close"})
    assert (told["state"], told["ended"], told["solution"]) == ("closed", True, "已重启")
    wall = {each["name"]: each["state"] for each in told["clocks"] if each["calendar"] == "7x24"}
    assert wall == {"phone": "met", "on_site": "met", "repair": "met"}
    refused(wang.post(f"/tickets/{number}/worklog", {"text": "再记"},
                      if_match=f'"{told["version"]}"'), 422)  # fmt: skip


def test_a_step_the_table_does_not_have_is_403_and_audited(wang: Caller) -> None:
    ticket = outage(wang.user)
    for step in ("close", "confirm", "fly", "cancel"):
        where = f"/tickets/{ticket.number}/transitions"
        told = refused(wang.post(where, {"step": step, "reason": "因"}, if_match='"1"'), 403)
        assert told["field"] in {"step", "by"}
        entry = AuditEntry.objects.filter(action=f"ticket.{step}", succeeded=False).get()
        assert (entry.actor, entry.object_key) == ("wang", ticket.number)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.version) == ("new", 1)


def test_the_provider_cannot_confirm_for_the_client_nor_call_himself_back(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/instants"
    at = timezone.now().isoformat()
    refused(wang.post(where, {"instant": "confirmed", "at": at}, if_match='"1"'), 403)
    early = (timezone.now() - timedelta(hours=3)).isoformat()
    told = refused(wang.post(where, {"instant": "arrived", "at": early}, if_match='"1"'), 422)
    assert "到场早于报修" in told["detail"]


def test_an_instant_entered_days_late_is_taken_and_stamped(wang: Caller) -> None:
    ticket = outage(wang.user, ago=4 * 24 * 60)
    at = (timezone.now() - timedelta(days=3)).isoformat()
    told = wang.post(
        f"/tickets/{ticket.number}/instants", {"instant": "phone_responded", "at": at},
        if_match='"1"',
    ).json()  # fmt: skip
    assert told["log"][-1]["late"] is True


def test_a_fault_solved_from_afar_says_so(wang: Caller) -> None:
    ticket = outage(wang.user)
    body = {"remote": True, "reason": "远程重启"}
    told = wang.post(f"/tickets/{ticket.number}/remote", body, if_match='"1"').json()
    assert told["log"][-1]["value"] == "远程解决"


def test_nobody_unknown_or_unfit_gets_a_ticket(wang: Caller) -> None:
    ticket = outage(wang.user)
    person("gu", "client_approver")
    where = f"/tickets/{ticket.number}/assignment"
    unknown = refused(wang.post(where, {"assignee": "nobody"}, if_match='"1"'), 422)
    assert unknown["field"] == "assignee"
    refused(wang.post(where, {"assignee": "gu"}, if_match='"1"'), 403)
    refused(wang.post(where, {}, if_match='"1"'), 422)


def test_an_institutions_contact_sees_reports_and_searches_his_own_only(wang: Caller) -> None:
    mine, theirs = hospital(), hospital("H02", "市北医院")
    lin = Caller(contact(mine))
    own = outage(wang.user, institution=mine, title="本院故障")
    foreign = outage(wang.user, institution=theirs, title="他院故障")
    inner = outage(
        wang.user, institution=mine, kind=Kind.DEV_EFFORT, severity=None, reported_at=None
    )
    actions.log_work(own, "内部记录：口令", wang.user, timezone.now())
    assert [each["number"] for each in lin.get("/tickets").json()["items"]] == [own.number]
    for text in ("他院", "口令"):
        assert lin.get("/tickets", {"q": text}).json()["items"] == []
    assert len(lin.get("/tickets", {"q": "本院", "open": "true"}).json()["items"]) == 1
    for hidden in (foreign, inner):
        assert "没有单号" in refused(lin.get(f"/tickets/{hidden.number}"), 404)["detail"]
        refused(lin.get(f"/tickets/{hidden.number}/clocks"), 404)
    told = lin.get(f"/tickets/{own.number}").json()
    assert (told["work"], told["steps"]) == ([], [])
    assert {each["kind"] for each in told["log"]} <= {"opened", "state", "instant", "message"}


def test_a_contact_reports_for_his_own_house_and_for_no_other(wang: Caller) -> None:
    mine = hospital()
    hospital("H02", "市北医院")
    lin = Caller(contact(mine))
    body = {"title": "挂号打不开", "impact": "institution", "urgency": "stopped"}
    told = lin.post("/tickets", body)
    assert told.status_code == 201, told.content.decode()
    assert told.json()["institution"]["code"] == "H01"
    refused(lin.post("/tickets", body | {"institution": "H02"}), 403)
    lone = Caller(person("lone", "institution"))
    refused(lone.post("/tickets", body), 403)
    assert lone.get("/tickets").json()["items"] == []


def test_a_ticket_is_refused_under_a_number_that_is_none(wang: Caller) -> None:
    for number in ("GD-2026-99999", "1", "GD-2026-00001%00", "..%2F..", "x" * 300):
        response = wang.get(f"/tickets/{number}")
        assert response.status_code in {404, 422}
        assert response["Content-Type"].startswith("application/problem+json")


def test_an_unknown_address_is_told_as_a_problem(wang: Caller) -> None:
    assert refused(wang.get("/nothing/here"), 404)["detail"] == "接口没有这个地址"
    refused(Client().post("/api/nothing"), 404)


def test_a_ticket_names_application_and_site_by_their_codes(wang: Caller) -> None:
    system = System.objects.create(number=1, name="区域PACS")
    Application.objects.create(
        code="APP-08", short="PACS", row_no=8, name="区域PACS", system=system, coverage="all"
    )
    Site.objects.create(code="SITE-1", name="永和路数据中心")
    told = wang.post("/tickets", taken_down(application="APP-08", site="SITE-1")).json()
    assert told["application"]["code"] == "APP-08"
    assert told["site"]["name"] == "永和路数据中心"
