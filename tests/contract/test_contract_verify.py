"""Whoever changes evidence behind the platform's back is found, and what he changed is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person, write_contract
from django.db import connection

from jingwei.accounts import guard
from jingwei.accounts import queries as accounts
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.checks.actions.files import Upload
from jingwei.contract import actions, queries
from jingwei.contract.actions import Done, Paper
from jingwei.contract.models import Ambiguity, Contract, DocumentStep
from jingwei.desk import actions as desk
from jingwei.desk.models import FileKind, Kind, Purpose, Ticket
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
NOW = at("2025-04-20 10:00")
MORNING = at("2025-04-20 09:00")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def evidence(tmp_path: Path, settings: Any, engineer: User) -> Ticket:
    """A ticket with its log and a photo, a paper, a duty and a decision, all written properly."""
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    contract = Contract.objects.get(code="seaside")
    client = person("gu", Role.CLIENT_APPROVER)
    ticket = desk.open_ticket(
        desk.Intake(kind=Kind.INCIDENT, title="停机", severity=Severity.OUTAGE,
                    reported_at=MORNING),
        engineer, MORNING,
    )  # fmt: skip
    for instant, when in ((Instant.PHONE_RESPONDED, "09:10"), (Instant.ARRIVED, "09:40")):
        desk.note_instant(
            ticket, instant, at(f"2025-04-20 {when}"), engineer, NOW, version=ticket.version
        )
    desk.attach(ticket, FileKind.PHOTO, [Upload("a.jpg", b"\xff\xd8\xff\xe0a")], "", engineer, NOW)
    paper = actions.file_paper(
        contract, Paper("nda", "保密协议", upload=Upload("n.pdf", b"%PDF-1.7 n")), engineer, NOW
    )
    actions.note_step(paper, DocumentStep.Kind.CONFIRMED, client, NOW)
    photo = Upload("b.jpg", b"\xff\xd8\xff\xe0b")
    actions.record_duty(
        contract, Done("round", NOW, "k", "normal", uploads=(photo,)), engineer, NOW
    )
    question = Ambiguity.objects.get(key="B01")
    actions.settle(question, client, NOW, reading="working", reason="纪要")
    return ticket


def behind(statement: str, *values: object) -> None:
    """Whoever owns the database takes the guards away, changes a row, and sets them again."""
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor)
        cursor.execute(statement, values)
        guard.stand(cursor.execute, connection.vendor)


def found() -> list[tuple[str, str]]:
    return [(each.kind, each.why) for each in queries.verify().broken]


def test_what_was_written_properly_holds(evidence: Ticket) -> None:
    answer = queries.verify()
    assert answer.broken == ()
    assert (answer.files, answer.rows) == (3, evidence.events.count() + 4)
    assert answer.links >= 10


def test_a_link_noted_on_paper_shows_a_chain_that_was_cut_off_or_rewritten(
    evidence: Ticket,
) -> None:
    noted = accounts.newest_link()
    assert noted is not None
    assert queries.verify(witness=noted).broken == ()
    (other,) = queries.verify(witness=(noted[0], "0" * 64)).broken
    assert (other.kind, other.why) == ("audit", "与链外留存的哈希不一致")
    behind("DELETE FROM accounts_auditentry WHERE sequence = %s", noted[0])
    assert accounts.verify_chain().intact  # the chain alone cannot show it
    assert ("audit", f"缺少链外留存的第 {noted[0]} 条") in [
        (each.kind, each.why) for each in queries.verify(witness=noted).broken
    ]


PROMPT = "UPDATE desk_ticketevent SET late = %s WHERE instant = 'phone_responded'"
LATER = "UPDATE desk_ticketevent SET at = %s WHERE instant = 'arrived'"


@pytest.mark.parametrize(
    ("statement", "values", "kind", "why"),
    [
        (LATER, (at("2025-04-20 09:20"),), "ticket", "时间与审计链不同"),
        ("UPDATE desk_ticketevent SET value = 'no_impact' WHERE kind = 'severity'", (), "ticket",
         "value 与审计链不同"),
        (PROMPT, (False,), "ticket", "late 与审计链不同"),
        ("DELETE FROM desk_ticketevent WHERE instant = 'arrived'", (), "ticket", "审计链"),
        ("UPDATE contract_document SET sha256 = 'x'", (), "document", "sha256 与审计链不同"),
        ("UPDATE contract_document SET title = 'x'", (), "document", "title 与审计链不同"),
        ("UPDATE contract_documentstep SET at = %s", (at("2025-03-20 10:00"),), "document-step",
         "at 与审计链不同"),
        ("UPDATE contract_dutyrecord SET at = %s", (at("2025-03-20 10:00"),), "duty",
         "at 与审计链不同"),
        ("UPDATE contract_dutyrecord SET result = 'abnormal'", (), "duty", "result 与审计链不同"),
        ("UPDATE contract_decision SET reading = 'natural'", (), "decision", "裁定与审计链不同"),
        ("UPDATE accounts_auditentry SET reason = 'x' WHERE sequence = 2", (), "audit", ""),
    ],
)  # fmt: skip
def test_each_changed_row_is_named(
    evidence: Ticket, statement: str, values: tuple[object, ...], kind: str, why: str
) -> None:
    behind(statement, *values)
    kinds = found()
    assert any(each == kind and why in said for each, said in kinds), kinds


def test_a_line_smuggled_into_the_log_is_found(evidence: Ticket, engineer: User) -> None:
    from jingwei.desk.models import EventKind, TicketEvent  # noqa: PLC0415

    TicketEvent(
        ticket=evidence, kind=EventKind.INSTANT, instant=Instant.RESTORED, at=NOW, entered_at=NOW,
        by=engineer, by_name="王",
    ).save()  # fmt: skip
    assert ("ticket", f"日志 {evidence.events.count()} 条") in [
        (kind, why.split("，")[0]) for kind, why in found()
    ]


def _overwrite(place: Path) -> None:
    place.write_bytes(b"%PDF-1.7 other")


@pytest.mark.parametrize(
    ("act", "why"), [(_overwrite, "SHA-256 不同"), (Path.unlink, "文件不在数据目录中")]
)
def test_each_changed_or_lost_file_is_named(
    evidence: Ticket, settings: Any, act: Callable[[Path], None], why: str
) -> None:
    for place in sorted(Path(settings.MEDIA_ROOT).rglob("*")):
        if place.is_file():
            act(place)
    named = [kind for kind, said in found() if why in said]
    assert sorted(named) == ["document", "duty-file", "ticket-file"]


def test_a_guard_that_was_taken_away_is_named(evidence: Ticket) -> None:
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor)
    try:
        assert ("guard", "只可追加的保护已被拆除") in found()
    finally:
        with connection.cursor() as cursor:
            guard.stand(cursor.execute, connection.vendor)


def test_a_record_without_its_link_is_no_evidence(evidence: Ticket, engineer: User) -> None:
    from jingwei.contract.models import DutyRecord  # noqa: PLC0415

    DutyRecord(
        contract=Contract.objects.get(), duty="round", at=NOW, entered_at=NOW, result="normal",
        key="smuggled", by=engineer, by_name="王",
    ).save()  # fmt: skip
    assert ("duty", "审计链中没有这条记录") in found()


def test_a_data_change_and_its_amended_form_are_whole(engineer: User) -> None:
    form = desk.Form(
        purpose=Purpose.MODIFY, cause="录入错误", sealed_by="陈主任", script="UPDATE doc SET a = 2",
        expected_rows=1, rollback_script="UPDATE doc SET a = 1", count_query="SELECT 1",
    )  # fmt: skip
    intake = desk.Intake(kind=Kind.DATA_CHANGE, title="更正科室代码")
    ticket = desk.open_data_change(intake, form, engineer, MORNING)
    again = replace(form, expected_rows=2)
    desk.edit_form(ticket, again, engineer, NOW, version=ticket.version)
    assert AuditEntry.objects.filter(action="ticket.form").count() == 2
    assert queries.verify().broken == ()
