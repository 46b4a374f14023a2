"""Whatever is changed, deleted or overwritten behind the platform's back is named: every kind."""

from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from contract_making import at
from django.db import connection
from django.utils import timezone
from test_contract_verify import NOW, behind, engineer, evidence  # noqa: F401 - fixtures

from jingwei.accounts.models import AuditEntry, User
from jingwei.assets.models import Person, Target
from jingwei.checks.models import (
    Attachment,
    Check,
    DailySummary,
    Finding,
    FindingNote,
    ItemResult,
    RoutineRun,
    Series,
    StateChange,
)
from jingwei.contract import actions, queries
from jingwei.contract.actions import Done
from jingwei.contract.evidence import BY_NAME, KINDS, Evidence, digest
from jingwei.contract.models import (
    Appraisal,
    AppraisalStep,
    Contract,
    Document,
    DutyRecord,
    DutySheet,
    Seal,
)
from jingwei.desk.models import (
    Attendance,
    Effort,
    EndOfService,
    GuardPeriod,
    Leave,
    Shift,
    SparePart,
    StaffChange,
    Ticket,
    WorkEntry,
)
from jingwei.desk.models.append_only import AppendOnly
from jingwei.emergency.models import (
    Drill,
    DrillGap,
    DrillReading,
    Emergency,
    EmergencyEntry,
    Plan,
)

pytestmark = pytest.mark.django_db
LONG_AGO = NOW - timedelta(days=30)
# Rows this file writes past the actions, so that they have no link or file of their own.
BY_HAND_HERE = {"ticket", "duty-sheet", "answer-file"}


@pytest.fixture
def everything(evidence: Ticket, engineer: User) -> Ticket:  # noqa: F811
    """At least one row of every kind of evidence, sealed."""
    person = Person.objects.create(name="王", line="first", user=engineer)
    thing = Target.objects.create(key="HW-1", kind="storage", label="存储")
    contract = Contract.objects.get(code="seaside")
    _desk(evidence, engineer, person, thing)
    _checks(thing)
    _emergency(engineer)
    sheet = Appraisal.objects.create(**_filled(
        Appraisal, contract=contract, by=engineer, form={}, lines=[], coverage=[],
    ))  # fmt: skip
    AppraisalStep.objects.create(**_filled(AppraisalStep, appraisal=sheet, by=engineer))
    record = DutyRecord.objects.get()
    DutySheet(record=record, routine="monthly", began_at=NOW, tablet_at=NOW).save()
    actions.confirm_duty(record, True, User.objects.get(username="gu"), NOW)
    actions.seal(NOW)
    return evidence


def _desk(ticket: Ticket, by: User, person: Person, thing: Target) -> None:
    WorkEntry.objects.create(**_filled(WorkEntry, ticket=ticket, by=by, by_name="王"))
    SparePart.objects.create(**_filled(SparePart, ticket=ticket, target=thing, by=by))
    Effort.objects.create(**_filled(Effort, ticket=ticket, person=person, by=by))
    EndOfService.objects.create(**_filled(EndOfService, by=by))
    Attendance.objects.create(**_filled(Attendance, person=person, by=by))
    Leave.objects.create(**_filled(
        Leave, person=person, stand_in=_other_person(), asked_by=by, answered_at=LONG_AGO,
        answered_by=by,
    ))  # fmt: skip
    StaffChange.objects.create(**_filled(
        StaffChange, leaving=person, asked_by=by, answered_at=LONG_AGO, answered_by=by,
    ))  # fmt: skip
    period = GuardPeriod.objects.create(**_filled(GuardPeriod))
    Shift.objects.create(**_filled(Shift, person=person, period=period))


def _other_person() -> Person:
    return Person.objects.create(name="李", line="first")


def _checks(thing: Target) -> None:
    check = Check.objects.create(**_filled(Check, target=thing))
    run = RoutineRun.objects.create(**_filled(
        RoutineRun, date=date(2025, 3, 3), finished_at=LONG_AGO,
    ))  # fmt: skip
    result = ItemResult.objects.create(**_filled(ItemResult, run=run, target=thing))
    Attachment.objects.create(**_filled(Attachment, item_result=result, path="", sha256=""))
    StateChange.objects.create(**_filled(StateChange, check_ref=check))
    series = Series.objects.create(**_filled(Series, check_ref=check))
    DailySummary.objects.create(**_filled(DailySummary, series=series, date=date(2025, 3, 3)))
    finding = Finding.objects.create(**_filled(Finding, target=thing, closed_at=LONG_AGO))
    FindingNote.objects.create(**_filled(FindingNote, finding=finding))


def _emergency(by: User) -> None:
    event = Emergency.objects.create(**_filled(Emergency, declared_by=by))
    EmergencyEntry.objects.create(**_filled(EmergencyEntry, emergency=event, by=by))
    plan = Plan.objects.create(**_filled(Plan))
    drill = Drill.objects.create(**_filled(Drill, plan=plan, created_by=by, ended_at=LONG_AGO))
    DrillReading.objects.create(**_filled(DrillReading, drill=drill))
    DrillGap.objects.create(**_filled(DrillGap, drill=drill))


def _filled(model: Any, **given: object) -> dict[str, object]:
    """Given values, and something plausible for every column that has none of its own."""
    values: dict[str, object] = dict(given)
    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in values or field.has_default() or field.null:
            continue
        kind = field.get_internal_type()
        if kind in {"CharField", "TextField"}:
            values[field.name] = "x"
        elif kind == "DateTimeField":
            values[field.name] = LONG_AGO + timedelta(days=field.name == "end")
        elif kind == "DateField":
            values[field.name] = LONG_AGO.date()
        elif kind != "ForeignKey":
            values[field.name] = 1
    return values


def named() -> list[tuple[str, str, str]]:
    return [(each.kind, each.key, each.why) for each in queries.verify().broken]


def _other(kind: Evidence) -> tuple[str, object]:
    """A column of the seal and another value for it."""
    for name in reversed(kind.columns):
        field = kind.model._meta.get_field(name.removesuffix("_id"))
        text = field.get_internal_type() in {"CharField", "TextField"}
        if text and not field.unique:  # type: ignore[union-attr]
            return field.column, "被改"  # type: ignore[union-attr]
    times = [n for n in kind.columns if n.endswith("_at") or n == "at"]
    if times:
        return times[0], NOW - timedelta(days=99)
    numbers = [n for n in kind.columns if n in {"bad", "ticket_id", "size", "skew"}]
    return numbers[0], 4242


def test_every_table_that_is_only_added_to_is_evidence_or_named_here() -> None:
    """A new append-only table has to say whether it proves something."""
    from django.apps import apps  # noqa: PLC0415

    mine = {kind.model for kind in KINDS}
    rest = {
        model.__name__
        for model in apps.get_models()
        if issubclass(model, AppendOnly) and model not in mine
    }
    proven_elsewhere = {
        "ReportStep",
        "ReportFile",
        "ReportStatement",
        "ReportTemplate",
    }  # reports.queries.verify
    no_evidence = {"Seal", "TicketTarget", "Article", "Delivery"}
    assert rest <= proven_elsewhere | no_evidence


def test_every_kind_is_there_and_whole(everything: Ticket) -> None:
    assert {seal.kind for seal in Seal.objects.all()} == set(BY_NAME)
    assert [each for each in named() if each[0] not in BY_HAND_HERE] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_changed_row_of_every_kind_is_named_with_what_was_expected(
    everything: Ticket, kind: Evidence
) -> None:
    row = kind.model._default_manager.order_by("pk").first()
    assert row is not None
    before = set(named())
    column, value = _other(kind)
    table = kind.model._meta.db_table
    behind(f'UPDATE {table} SET "{column}" = %s WHERE id = %s', value, row.pk)
    new = list(set(named()) - before)
    assert any(
        (name, key) == (kind.name, str(row.pk)) and "应为" in why for name, key, why in new
    ), new


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_deleted_row_of_every_kind_is_named(everything: Ticket, kind: Evidence) -> None:
    row = kind.model._default_manager.order_by("pk").last()
    assert row is not None
    with connection.constraint_checks_disabled():
        behind(f"DELETE FROM {kind.model._meta.db_table} WHERE id = %s", row.pk)
    assert any(key == str(row.pk) and "被删除" in why for _, key, why in named()), kind.name
    _forget_constraints()


def _forget_constraints() -> None:
    """The row's referers hang in the air: the test's transaction is thrown away, not checked."""
    connection.needs_rollback = True


def test_a_seal_rewritten_with_its_row_is_found_by_the_chain(everything: Ticket) -> None:
    held = Seal.objects.get(kind="attendance")
    row = Attendance.objects.get()
    behind("UPDATE desk_attendance SET reason = 'y' WHERE id = %s", row.pk)
    forged = digest(
        list(Attendance.objects.values_list(*BY_NAME["attendance"].columns).get(pk=row.pk))
    )
    behind("UPDATE contract_seal SET digests = %s WHERE id = %s", f"{row.pk}:{forged}", held.pk)
    assert any((kind, key) == ("seal", str(held.pk)) for kind, key, _ in named())


def test_a_seal_that_is_gone_is_missed(everything: Ticket) -> None:
    held = Seal.objects.get(kind="leave")
    behind("DELETE FROM contract_seal WHERE id = %s", held.pk)
    assert ("seal", str(held.pk), "封存记录已不存在（leave，1 行）") in named()


def test_sealing_twice_seals_once_and_new_rows_get_their_own(
    everything: Ticket,
    engineer: User,  # noqa: F811
) -> None:
    assert actions.seal(NOW) == 0
    contract = Contract.objects.get(code="seaside")
    actions.record_duty(contract, Done("round", NOW, "k2", "normal"), engineer, NOW)
    assert actions.seal(NOW) == 1
    assert Seal.objects.filter(kind="duty").count() == 2


def test_what_a_room_still_changes_is_no_tampering(everything: Ticket) -> None:
    before = named()
    Finding.objects.update(acknowledged_at=NOW)
    ItemResult.objects.update(current=False)
    Ticket.objects.update(title="另一个标题", version=9)
    assert named() == before


def test_an_open_leave_and_a_running_drill_are_not_sealed_yet(
    evidence: Ticket,  # noqa: F811
    engineer: User,  # noqa: F811
) -> None:
    person = Person.objects.create(name="王", line="first", user=engineer)
    Leave.objects.create(
        **_filled(Leave, person=person, stand_in=_other_person(), asked_by=engineer)
    )
    Drill.objects.create(
        **_filled(Drill, plan=Plan.objects.create(**_filled(Plan)), created_by=engineer)
    )
    actions.seal(NOW)
    assert not Seal.objects.filter(kind__in=("leave", "drill")).exists()


def test_the_seal_is_a_link_of_the_chain(everything: Ticket) -> None:
    links = AuditEntry.objects.filter(action="contract.seal")
    assert links.count() == Seal.objects.count()
    assert {link.actor for link in links} == {"系统"}


def test_a_file_overwritten_on_disk_is_named(everything: Ticket, settings: Any) -> None:
    paper = Document.objects.exclude(path="").get()
    place = Path(settings.MEDIA_ROOT) / paper.path
    place.write_bytes(b"%PDF-1.7 other")
    assert any(
        (kind, key) == ("document", str(paper.pk)) and "SHA-256" in why
        for kind, key, why in named()
    )


def test_the_same_row_has_the_same_hash_whatever_the_zone() -> None:
    moment = at("2025-04-20 10:00")
    assert digest([moment, 1]) == digest([moment.astimezone(timezone.get_fixed_timezone(0)), 1])
    assert digest(["a"]) != digest(["b"])


def test_thousands_of_rows_are_sealed_and_looked_at_quickly(
    evidence: Ticket,  # noqa: F811
) -> None:
    thing = Target.objects.create(key="HW-1", kind="storage", label="存储")
    run = RoutineRun.objects.create(**_filled(RoutineRun))
    ItemResult.objects.bulk_create(
        [
            ItemResult(run=run, target=thing, item=f"i{n}", result="normal", at=NOW,
                       source="automatic", reading=f"{n} ℃")
            for n in range(5000)
        ],
        batch_size=500,
    )  # fmt: skip
    began = perf_counter()
    assert actions.seal(NOW) >= 5000
    sealed_in = perf_counter() - began
    began = perf_counter()
    assert queries.verify().rows >= 5000
    assert (sealed_in, perf_counter() - began) < (10.0, 10.0)
    assert Seal.objects.filter(kind="answer").count() == 3
