"""What events call for, and what was granted when: cases the simulated years found wrong."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import FILES, at, person, write_contract

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Target
from jingwei.checks.models import Finding
from jingwei.contract import actions, queries
from jingwei.contract.models import Ambiguity, Contract
from jingwei.desk import actions as desk
from jingwei.desk.actions import leave as leaves
from jingwei.desk.models import (
    EndOfService,
    Kind,
    SparePart,
    SupportLevel,
    Ticket,
    TicketForm,
)
from jingwei.sla.measures.facts import DoneFact
from jingwei.terms.incident import Instant, Severity
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db
NOW = at("2025-04-20 18:00")
MORNING = at("2025-04-20 09:00")
HOUR = timedelta(hours=1)


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    return Contract.objects.get(code="seaside")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def approver() -> User:
    return person("gu", Role.CLIENT_APPROVER)


def fault(by: User, **given: Any) -> Ticket:
    intake = desk.Intake(kind=Kind.INCIDENT, title="停机", severity=Severity.OUTAGE,
                         reported_at=MORNING, **given)  # fmt: skip
    return desk.open_ticket(intake, by, MORNING)


def go(ticket: Ticket, step: str, by: User, **given: Any) -> None:
    desk.advance(ticket, step, by, NOW, version=ticket.version, **given)


def done(contract: Contract, duty: str) -> list[DoneFact]:
    return [each for each in queries.gather(contract, NOW).done if each.duty == duty]


def test_a_value_for_a_paper_reaches_only_the_measures_that_know_it(
    tmp_path: Path, settings: Any, approver: User
) -> None:
    """The client names a day for a report whose sections are judged as well: it crashed."""
    settings.JINGWEI_CONTENT = tmp_path
    section = """
[[obligation]]
id = "seaside.section"
position = 9
clause = "第三条"
lines = [5]
text = "月报须有建议"
kind = "document"
phase = "operation"
proof = "auto"
measure = "document.section"
arguments = { document = "monthly", section = "advice" }
evidence = ["月报"]
reports = ["monthly"]
"""
    folder = write_contract(tmp_path / "contracts", all=FILES["obligations/all.toml"] + section)
    actions.load(folder, date(2025, 4, 1))
    held = Contract.objects.get(code="seaside")
    question = Ambiguity.objects.get(key="B02")
    actions.settle(question, approver, MORNING, reason="函", about="monthly", value=5)
    found = {row.obligation.key: row.assessment.verdict for row in queries.assess_all(held, NOW)}
    assert found["seaside.section"].standing is Standing.NO_EVIDENCE
    assert found["seaside.report"].standing is Standing.BREACHED


def test_a_fault_the_client_sent_back_has_not_ended(
    seaside: Contract, engineer: User, approver: User
) -> None:
    ticket = fault(engineer)
    go(ticket, "accept", engineer)
    go(ticket, "start", engineer)
    for instant in (Instant.ARRIVED, Instant.RESTORED):
        desk.note_instant(ticket, instant, NOW, engineer, NOW, version=ticket.version)
    go(ticket, "resolve", engineer, facts={"solution": "好了"})
    assert queries.gather(seaside, NOW).tickets[0].ended_at == NOW
    go(ticket, "reject", approver, reason="没有好")
    assert queries.gather(seaside, NOW).tickets[0].ended_at is None


def test_a_field_of_a_form_is_no_mark_that_the_data_itself_says(
    seaside: Contract, engineer: User
) -> None:
    """The notice's field 厂商 is called `maker`: it made every notice a call to a maker."""
    ticket = desk.open_ticket(desk.Intake(kind=Kind.EOS_NOTICE, title="停产"), engineer, MORNING)
    values = {"maker": "甲厂", "model": "M1", "what": "停止支持", "phone": "1"}
    TicketForm.objects.create(ticket=ticket, form="eos_notice", values=values)
    marks = queries.gather(seaside, NOW).tickets[0].marks
    assert "maker" not in marks
    assert "model" in marks


def test_a_notice_of_a_release_says_so(seaside: Contract, engineer: User) -> None:
    ticket = desk.open_ticket(desk.Intake(kind=Kind.EOS_NOTICE, title="补丁"), engineer, MORNING)
    values = {"maker": "甲厂", "model": "M1", "what": "新补丁或新版本"}
    TicketForm.objects.create(ticket=ticket, form="eos_notice", values=values)
    assert "release" in queries.gather(seaside, NOW).tickets[0].marks


def test_an_announcement_calls_for_a_notice_the_client_confirms(
    seaside: Contract, engineer: User, approver: User
) -> None:
    row = desk.record_end_of_service(
        "甲厂", "M1", None, date(2025, 8, 1), "公告", engineer, MORNING
    )
    (call,) = done(seaside, "end-of-service")
    assert (call.ref.key, done(seaside, "eos-notice")) == (f"eos-{row.pk}", [])
    ticket = desk.open_eos_notice(row, "影响", "建议", engineer, MORNING)
    (answer,) = done(seaside, "eos-notice")
    assert (answer.about, answer.confirmed_at) == (call.ref.key, None)
    for step, by in (("accept", engineer), ("start", engineer)):
        go(ticket, step, by)
    go(ticket, "resolve", engineer, facts={"solution": "已通知"})
    go(ticket, "confirm", approver)
    assert done(seaside, "eos-notice")[0].confirmed_at == NOW


def test_raising_a_fault_to_the_maker_says_that_he_was_needed_and_called(
    seaside: Contract, engineer: User
) -> None:
    ticket = fault(engineer)
    desk.escalate(ticket, SupportLevel.MAKER, "修不好", engineer, NOW, version=ticket.version)
    (needed,), (called,) = done(seaside, "maker-needed"), done(seaside, "maker-called")
    assert called.about == needed.ref.key == ticket.number


@pytest.mark.parametrize(
    ("item", "call"),
    [("room.temperature", "room-breach"), ("room.humidity", "room-breach"), ("room.leak", "leak")],
)
def test_a_finding_of_the_room_calls_for_what_the_tender_says(
    seaside: Contract, item: str, call: str
) -> None:
    room = Target.objects.create(key="ROOM-09", kind="room", label="机房", order=1)
    found = Finding.objects.create(target=room, item=item, origin="check", result="abnormal",
                                   opened_at=MORNING)  # fmt: skip
    assert [each.ref.key for each in done(seaside, call)] == [f"finding-{found.pk}"]


def test_an_upgrade_that_was_begun_needs_the_clients_word_before(
    seaside: Contract, engineer: User, approver: User
) -> None:
    ticket = desk.open_ticket(desk.Intake(kind=Kind.CHANGE, title="升级"), engineer, MORNING)
    TicketForm.objects.create(ticket=ticket, form="change_rebuild", values={})
    go(ticket, "accept", engineer)
    go(ticket, "approve", approver)
    go(ticket, "sign_precheck", approver, facts={"precheck_ref": "JQ-1"})
    assert queries.gather(seaside, NOW).consents == ()
    go(ticket, "start", engineer)
    (held,) = queries.gather(seaside, NOW).consents
    assert (held.subject, held.granted_at, held.effective_at) == ("change", NOW, NOW)


def leave(engineer: User, start: Any, asked: Any, *, late: bool = False) -> Any:
    who = Person.objects.create(name="王工", line=Person.Line.FIRST, user=engineer)
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    wish = leaves.Wish(who, start, start + 8 * HOUR, "看病", "市内", "1", other, entered_late=late)
    return leaves.ask_leave(wish, engineer, asked)


def test_leave_told_afterwards_and_refused_was_taken_all_the_same(
    seaside: Contract, engineer: User, approver: User
) -> None:
    made = leave(engineer, MORNING, MORNING + HOUR, late=True)
    leaves.answer_leave(made, False, approver, NOW, opinion="不同意")
    assert queries.gather(seaside, NOW).consents[0].effective


def test_leave_refused_before_it_began_was_not_taken(
    seaside: Contract, engineer: User, approver: User
) -> None:
    made = leave(engineer, MORNING + 24 * HOUR, MORNING)
    leaves.answer_leave(made, False, approver, NOW, opinion="不同意")
    assert not queries.gather(seaside, NOW).consents[0].effective


def test_whom_the_client_wants_gone_today_is_no_change_without_his_consent(
    seaside: Contract, approver: User
) -> None:
    who = Person.objects.create(name="王工", line=Person.Line.FIRST)
    wish = leaves.Replacement(who, "李工", "1", "同等", MORNING.date(), "甲方要求")
    leaves.ask_change(wish, approver, MORNING)
    (held,) = queries.gather(seaside, NOW).consents
    assert held.subject == "staff-change-client"
    assert held.asked_at < held.effective_at


@pytest.mark.parametrize(("hour", "allowed"), [("00:30", True), ("07:59", True), ("12:00", True)])
def test_a_used_part_is_allowed_from_the_first_hour_of_the_day_its_support_ends(
    seaside: Contract, engineer: User, hour: str, allowed: bool
) -> None:
    """A day is a day in Shanghai: its first eight hours are still yesterday in UTC."""
    day = date(2025, 4, 20)
    ended = EndOfService.objects.create(
        maker="甲厂", model="M1", production_ends=day, support_ends=day, source="公告", at=MORNING,
        by=engineer, by_name="王工",
    )  # fmt: skip
    device = Target.objects.create(key="HW-099-1", kind="server", label="服务器", order=1)
    SparePart.objects.create(
        ticket=fault(engineer), target=device, name="电源", maker="甲厂", model="M1",
        serial_out="A", serial_in="B", origin="second_hand", fitted_at=at(f"{day} {hour}"),
        entered_at=NOW, by=engineer, by_name="王工", end_of_service=ended,
    )  # fmt: skip
    assert queries.gather(seaside, NOW).parts[0].allowed is allowed


def test_a_copy_over_its_originals_own_days_counts_before_it(seaside: Contract) -> None:
    day = date(2025, 4, 20)
    moved = Contract.objects.create(
        code="seaside-demo", title="演示", client="甲", period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31), copy_of=seaside,
    )  # fmt: skip
    assert queries.current(day) == seaside
    assert queries.current(date(2026, 1, 1)) == moved
    played = Contract.objects.create(
        code="seaside-year", title="演示", client="甲", period_start=seaside.period_start,
        period_end=seaside.period_end, copy_of=seaside,
    )  # fmt: skip
    assert queries.current(day) == played
    assert queries.current(day, demonstration=False) == seaside
