"""What the desk proves: marks from what people filled in, what a change and a fault called for."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person, write_contract

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, Person, Site, System
from jingwei.contract import actions, queries
from jingwei.contract.models import Contract
from jingwei.desk import actions as desk
from jingwei.desk.actions import leave as leaves
from jingwei.desk.models import Channel, Kind, SupportLevel, Ticket, TicketForm
from jingwei.emergency import actions as emergency
from jingwei.emergency.models import Level
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Cause, Instant, Severity

pytestmark = pytest.mark.django_db
NOW = at("2025-04-20 18:00")
MORNING = at("2025-04-20 09:00")


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    Site.objects.create(code="SITE-1", name="主机房")
    return Contract.objects.get(code="seaside")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def approver() -> User:
    return person("gu", Role.CLIENT_APPROVER)


def pacs() -> Application:
    system = System.objects.create(number=8, name="影像")
    return Application.objects.create(
        code="APP-08", short="pacs", row_no=8, name="区域PACS", system=system, core="yes"
    )


def fault(by: User, **given: Any) -> Ticket:
    intake = desk.Intake(
        **{
            "kind": Kind.INCIDENT, "title": "停机", "severity": Severity.OUTAGE,
            "reported_at": MORNING, "occurred_at": MORNING, **given,
        }
    )  # fmt: skip
    return desk.open_ticket(intake, by, MORNING)


def go(ticket: Ticket, step: str, by: User, **given: Any) -> None:
    desk.advance(ticket, step, by, NOW, version=ticket.version, **given)


def change(by: User, approver: User, **values: str) -> Ticket:
    """A change that was checked, carried out, confirmed."""
    ticket = desk.open_ticket(desk.Intake(kind=Kind.CHANGE, title="扩容"), by, MORNING)
    TicketForm.objects.create(
        ticket=ticket, form="change_expansion",
        values={
            "structure": "不改变", "communication": "不改变", "management": "不改变",
            "done": "已扩", "verified": "可用", "watched": "七天", "archive": "台账", **values,
        },
    )  # fmt: skip
    go(ticket, "accept", by)
    go(ticket, "approve", approver)
    go(ticket, "sign_precheck", approver, facts={"precheck_ref": "JQ-1"})
    go(ticket, "start", by)
    return ticket


def test_a_fault_has_its_clocks_its_channel_and_its_severity(
    seaside: Contract, engineer: User
) -> None:
    fault(engineer, channel=Channel.PHONE)
    held = queries.gather(seaside, NOW).tickets[0]
    assert (held.severity, "phone" in held.marks) == ("outage", True)
    assert {c.name for c in held.clocks} == {"phone", "on_site", "repair"}
    overdue = [c for c in held.clocks if c.name == "phone" and c.calendar == "7x24"]
    assert overdue[0].state is ClockState.OVERDUE


def test_a_change_calls_for_its_check_and_is_followed_by_what_its_form_says(
    seaside: Contract, engineer: User, approver: User
) -> None:
    ticket = change(engineer, approver)
    facts = queries.gather(seaside, NOW)
    about = {(d.duty, d.about) for d in facts.done}
    assert about == {
        ("change", ""), ("change-check", ticket.number), ("change-watch", ticket.number),
        ("register-update", ticket.number),
    }  # fmt: skip
    check = next(d for d in facts.done if d.duty == "change-check")
    assert check.confirmed_at is not None
    assert "structure-kept" in facts.tickets[0].marks


@pytest.mark.parametrize("aspect", ["structure", "communication", "management"])
def test_a_change_of_the_whole_system_says_so(
    seaside: Contract, engineer: User, approver: User, aspect: str
) -> None:
    change(engineer, approver, **{aspect: "改变"})
    assert "structure-kept" not in queries.gather(seaside, NOW).tickets[0].marks


def test_what_was_not_watched_is_not_said_to_be(
    seaside: Contract, engineer: User, approver: User
) -> None:
    change(engineer, approver, watched="", archive="")
    assert {d.duty for d in queries.gather(seaside, NOW).done} == {"change", "change-check"}


def test_a_fault_the_first_line_gives_up_is_escalated(seaside: Contract, engineer: User) -> None:
    ticket = fault(engineer)
    desk.escalate(ticket, SupportLevel.SECOND, "查不出原因", engineer, NOW, version=ticket.version)
    facts = queries.gather(seaside, NOW)
    assert {d.duty for d in facts.done} == {"unsolved", "escalation"}
    assert "second-line" in facts.tickets[0].marks


def test_downtime_counts_once_restored_with_its_cause(seaside: Contract, engineer: User) -> None:
    ticket = fault(engineer, application=pacs())
    for instant, when in ((Instant.ARRIVED, "09:30"), (Instant.RESTORED, "11:00")):
        desk.note_instant(
            ticket, instant, at(f"2025-04-20 {when}"), engineer, NOW, version=ticket.version
        )
    desk.classify(ticket, Cause.HARDWARE, "", engineer, NOW, version=ticket.version)
    ((ref, down),) = queries.gather(seaside, NOW).downtimes
    assert (ref.key, down.cause) == (ticket.number, Cause.HARDWARE)
    assert down.end is not None
    assert down.end - down.start == timedelta(hours=2)


def test_an_emergency_is_a_fact_with_its_own_clocks_and_grading(
    seaside: Contract, engineer: User, approver: User
) -> None:
    declared = emergency.declare(
        emergency.Declaration(
            title="PACS 停机", level=Level.ONE, importance="核心", hours="工作时间", damage="中断",
            application=pacs(), occurred_at=MORNING, reported_at=MORNING,
        ),
        engineer, MORNING,
    )  # fmt: skip
    held = queries.gather(seaside, NOW).emergencies[0]
    assert (held.ref.key, held.level, held.graded) == (declared.number, 1, False)
    assert {"emergency_respond", "emergency_arrive"} <= {c.name for c in held.clocks}


def test_leave_is_a_fact_with_when_it_was_asked_and_granted(
    seaside: Contract, engineer: User, approver: User
) -> None:
    who = Person.objects.create(name="王工", line=Person.Line.FIRST, user=engineer)
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    wish = leaves.Wish(who, NOW + timedelta(days=2), NOW + timedelta(days=3), "看病", "市内", "1",
                       other)  # fmt: skip
    made = leaves.ask_leave(wish, engineer, NOW)
    later = NOW + timedelta(hours=1)
    leaves.answer_leave(made, True, approver, later)
    (held,) = queries.gather(seaside, later).consents
    assert (held.subject, held.asked_at, held.granted_at) == ("leave", NOW, later)
    assert held.complete


def test_what_happened_before_the_term_is_no_fact_of_it(seaside: Contract, engineer: User) -> None:
    desk.open_ticket(
        desk.Intake(kind=Kind.SERVICE_REQUEST, title="早"), engineer, at("2025-03-14 23:59")
    )
    assert queries.gather(seaside, NOW).tickets == ()
