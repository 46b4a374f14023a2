"""Opening tickets: numbers, what must be known, findings, the same fault at several hospitals."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from desk_making import (
    MORNING,
    application,
    at,
    client,
    finding,
    go,
    incident,
    institution,
    later,
    person,
    request,
    resolved,
    site,
    target,
)
from django.db import connection

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import entries, verify_chain
from jingwei.accounts.roles import Role
from jingwei.desk import actions
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake, StaleError
from jingwei.desk.models import Channel, EventKind, Kind, State, Ticket, TicketFinding
from jingwei.terms.incident import Severity

pytestmark = pytest.mark.django_db


def test_the_caller_gets_a_number_and_a_link_nobody_can_guess() -> None:
    first, second = (incident(by) for by in [person()] * 2)
    assert (first.number, second.number) == ("GD-2022-00001", "GD-2022-00002")
    assert len(first.token) >= 32
    assert first.token != second.token


def test_the_year_of_a_number_is_the_year_in_shanghai() -> None:
    just_past_midnight = at("2023-01-01 00:30")
    assert incident(person(), just_past_midnight).number == "GD-2023-00001"


def test_each_year_counts_from_one() -> None:
    wang = person()
    incident(wang)
    assert incident(wang, at("2023-02-01 09:00")).number == "GD-2023-00001"


def test_a_ticket_that_was_refused_leaves_no_gap() -> None:
    wang = person()
    with pytest.raises(BadInputError):
        incident(wang, parent=request(wang))
    assert incident(wang).number == "GD-2022-00002"  # the request took 00001


@pytest.mark.django_db(transaction=True)
def test_two_desks_at_once_get_different_numbers() -> None:
    wang = person()

    def one(_: int) -> str:
        try:
            return incident(User.objects.get(pk=wang.pk)).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(one, range(12)))
    assert numbers == [f"GD-2022-{n:05d}" for n in range(1, 13)]
    assert verify_chain().intact


def test_an_incident_begins_with_its_severity_and_its_report() -> None:
    ticket = incident(person(), severity=Severity.DEGRADED, occurred_at=later(-20))
    assert ticket.state == State.NEW
    kinds = [event.kind for event in ticket.events.all()]
    assert kinds == ["opened", "severity", "instant", "instant"]
    assert ticket.severity == Severity.DEGRADED


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"severity": None}, "severity"),
        ({"reported": None}, "reported_at"),
        ({"reported": later(5), "now": MORNING}, "at"),
        ({"reported": MORNING.replace(tzinfo=None), "now": MORNING}, "at"),
        ({"occurred_at": later(1), "now": later(2)}, "occurred_at"),
    ],
)  # fmt: skip
def test_what_is_missing_or_contradicts_is_named(given: dict[str, object], field: str) -> None:
    values = {"reported": MORNING, "now": MORNING, **given}
    with pytest.raises(BadInputError) as refused:
        incident(person(), **values)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not refused.value.message.isascii()
    assert not Ticket.objects.exists()


def test_only_incidents_are_graded() -> None:
    with pytest.raises(BadInputError, match="只有故障单定级"):
        request(person(), severity=Severity.OUTAGE)


def test_a_data_change_needs_its_form() -> None:
    with pytest.raises(BadInputError, match="报告单"):
        request(person(), kind=Kind.DATA_CHANGE)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in ("incident", "data_change")])
def test_every_other_kind_is_opened_without_clocks(kind: Kind) -> None:
    ticket = request(person(), kind=kind)
    assert ticket.severity == ""
    assert ticket.get_kind_display() == kind.label


@pytest.mark.parametrize("role", [Role.CLIENT_ADMIN, Role.AUDIT_ADMIN, Role.VISITOR])
def test_who_does_not_handle_tickets_opens_none(role: str) -> None:
    with pytest.raises(ForbiddenError):
        incident(person("someone", role))


def test_an_account_that_has_ended_opens_none() -> None:
    gone = person()
    gone.is_active = False
    with pytest.raises(ForbiddenError):
        incident(gone)


def test_the_site_is_where_the_target_stands() -> None:
    assert incident(person(), target=target(of=site())).site == site()


def test_opening_is_in_the_audit_chain() -> None:
    ticket = incident(person())
    done = list(entries("ticket", ticket.number).values_list("action", flat=True))
    assert done == ["ticket.instant", "ticket.severity", "ticket.opened"]
    assert verify_chain().intact


def test_a_finding_becomes_an_incident_in_one_action() -> None:
    red = finding(target(of=site()))
    ticket = actions.open_from_finding(red, Severity.DEGRADED, person(), later(4))
    assert ticket.channel == Channel.FINDING
    assert ticket.target == red.target
    assert "磁盘 3 预故障" in ticket.title
    assert TicketFinding.objects.get().finding == red
    instants = dict(ticket.events.exclude(instant="").values_list("instant", "at"))
    assert instants == {"detected": MORNING, "reported": MORNING}


def test_a_finding_has_one_open_ticket() -> None:
    red, wang = finding(), person()
    first = actions.open_from_finding(red, Severity.DEGRADED, wang, later(4))
    with pytest.raises(BadInputError, match=first.number):
        actions.open_from_finding(red, Severity.DEGRADED, wang, later(5))
    go(first, "cancel", client(), later(6), reason="误报")
    assert actions.open_from_finding(red, Severity.DEGRADED, wang, later(7)).pk != first.pk


def test_a_healed_finding_needs_no_ticket() -> None:
    with pytest.raises(BadInputError, match="已恢复"):
        actions.open_from_finding(finding(closed_at=later(1)), Severity.OUTAGE, person(), later(2))


def test_a_finding_is_linked_once() -> None:
    wang, red = person(), finding()
    ticket = incident(wang)
    actions.link_finding(ticket, red, wang, later(1), version=1)
    with pytest.raises(BadInputError, match="已关联"):
        actions.link_finding(ticket, red, wang, later(2), version=2)


def test_the_same_fault_at_several_hospitals_has_one_parent() -> None:
    wang, pacs = person(), application()
    parent = incident(wang, application=pacs)
    calls = [incident(wang, institution=institution(f"H{n}", f"医院{n}")) for n in range(3)]
    for call in calls:
        actions.group(call, parent, wang, later(5), version=call.version)
    assert list(parent.children.order_by("pk")) == calls
    assert calls[0].events.last().kind == EventKind.LINK  # type: ignore[union-attr]


def test_a_group_is_one_level_deep_and_no_ring() -> None:
    wang = person()
    top, middle, low = (incident(wang) for _ in range(3))
    actions.group(middle, top, wang, MORNING, version=1)
    for child, parent in ((low, middle), (top, low), (top, middle), (low, low)):
        with pytest.raises(BadInputError) as refused:
            actions.group(child, parent, wang, MORNING, version=child.version)
        assert refused.value.field == "parent"
    assert Ticket.objects.filter(parent=None).count() == 2


def test_only_faults_are_grouped_and_only_under_open_ones() -> None:
    wang, gu = person(), client()
    with pytest.raises(BadInputError, match="只有故障单"):
        actions.group(incident(wang), request(wang), wang, MORNING, version=1)
    over = resolved(wang)
    go(over, "confirm", gu, later(110))
    go(over, "close", wang, later(111))
    with pytest.raises(BadInputError, match="已关闭"):
        actions.group(incident(wang), over, wang, later(112), version=1)


def test_a_report_entered_days_later_is_stamped_so() -> None:
    ticket = incident(person(), MORNING, MORNING + timedelta(days=3))
    reported = ticket.events.get(instant="reported")
    assert reported.late
    assert reported.entered_at - reported.at == timedelta(days=3)


def test_a_refusal_writes_nothing() -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(BadInputError):
        actions.open_ticket(Intake(kind=Kind.INCIDENT, title=""), person(), MORNING)
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_is_told_that_he_is_late() -> None:
    wang = person()
    ticket = incident(wang)

    def one(_: int) -> str:
        try:
            mine = Ticket.objects.get(pk=ticket.pk)
            actions.advance(mine, "accept", wang, later(1), version=1)
        except StaleError:
            return "stale"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["done", "stale"]
    assert ticket.events.filter(state=State.ACCEPTED).count() == 1
