"""Faults, emergencies and drills played by the desk's and the emergency room's actions."""

from datetime import datetime

from jingwei.assets.models import Application, Site, Target
from jingwei.desk import actions as desk
from jingwei.desk.models import Channel, Kind, Origin, SupportLevel, Ticket
from jingwei.emergency import actions as emergency
from jingwei.emergency.actions import drill_runs, drills
from jingwei.emergency.models import (
    DrillKind,
    Emergency,
    EmergencyEntry,
    EntryKind,
    Level,
    Plan,
)
from jingwei.region.year import facts
from jingwei.region.year.draft import MINUTE
from jingwei.run.drills import scenarios
from jingwei.run.year.clockwork import Story
from jingwei.run.year.stage import Stage
from jingwei.terms.incident import Instant

HOME = "SITE-1"
Moments = list[tuple[datetime, str]]


def fault(stage: Stage, fact: facts.Fault) -> Story:
    """One fault in the order of its moments: `at` of every step is when it is written down."""
    yield fact.reported
    ticket = desk.open_ticket(
        desk.Intake(
            kind=Kind.INCIDENT, title=f"【演示】{fact.key}", severity=fact.severity,
            channel=Channel.PHONE if fact.by_phone else Channel.OTHER,
            application=_application(fact.application), target=_target(fact.target),
            site=Site.objects.get(code=HOME), occurred_at=fact.occurred, reported_at=fact.reported,
        ),
        stage.engineer, fact.reported,
    )  # fmt: skip
    stage.numbers[fact.key] = ticket.number
    _go(ticket, "accept", stage, fact.reported)
    for at, step in sorted(_moments(fact), key=lambda each: each[0]):
        yield at
        _STEPS[step](stage, ticket, fact, at)


def _moments(fact: facts.Fault) -> Moments:
    moments: list[tuple[datetime | None, str]] = [
        (fact.phone, "phone"), (_attended(fact), "arrive"),
        (fact.regrade.at if fact.regrade else None, "regrade"),
        (fact.pause.start if fact.pause else None, "pause"),
        (fact.pause.end if fact.pause and fact.pause.granted else None, "resume"),
        (_helped(fact), "escalate"), (fact.part.at if fact.part else None, "part"),
        (fact.restored, "restore"), (fact.reopened, "reject"), (fact.confirmed, "confirm"),
        (fact.cancelled, "cancel"),
    ]  # fmt: skip
    return [(at, step) for at, step in moments if at is not None]


def _attended(fact: facts.Fault) -> datetime | None:
    """When the arrival is written down: not before the report."""
    if fact.arrived is None:
        return fact.restored - MINUTE if fact.restored else None
    return max(fact.arrived, fact.reported)


def _helped(fact: facts.Fault) -> datetime | None:
    return _attended(fact) if fact.level else None


def _phone(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    _note(ticket, Instant.PHONE_RESPONDED, at, stage, at)


def _arrive(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    if fact.arrived is None:
        desk.set_remote(ticket, True, "演示：远程解决", stage.engineer, at, version=ticket.version)
    else:
        _note(ticket, Instant.ARRIVED, fact.arrived, stage, at, resident=fact.resident)
    if not fact.resident:
        _go(ticket, "start", stage, at)


def _regrade(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    assert fact.regrade is not None  # noqa: S101 - its moment is only there with it
    asked = desk.regrade(
        ticket, fact.regrade.to, "演示：影响变化", stage.engineer, at, version=ticket.version
    )
    _answered(stage, ticket, asked.pk, at, granted=fact.regrade.granted)


def _pause(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    assert fact.pause is not None  # noqa: S101 - as above
    asked = desk.pause(ticket, at, "演示：等待用户", stage.engineer, at, version=ticket.version)
    _answered(stage, ticket, asked.pk, at, granted=fact.pause.granted)


def _answered(stage: Stage, ticket: Ticket, asked: int, at: datetime, *, granted: bool) -> None:
    event = ticket.events.get(pk=asked)
    desk.answer(
        ticket, event, granted, stage.client, at, version=ticket.version,
        reason="" if granted else "演示：不同意",
    )  # fmt: skip


def _resume(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    desk.resume(ticket, at, stage.engineer, at, version=ticket.version)


def _escalate(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    level = SupportLevel(fact.level)
    desk.escalate(ticket, level, "演示：一线未能解决", stage.engineer, at, version=ticket.version)


def _part(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    assert fact.part is not None  # noqa: S101 - as above
    assert ticket.target is not None  # noqa: S101 - parts go into devices
    part = desk.Part(
        ticket.target, "电源模块", "演示厂商", fact.part.model, f"{ticket.number}-OUT",
        f"{ticket.number}-IN", Origin.SECOND_HAND if fact.part.second_hand else Origin.GENUINE, at,
    )  # fmt: skip
    desk.fit_part(ticket, part, stage.engineer, at, version=ticket.version)


def _restore(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    if fact.resident:
        _go(ticket, "start", stage, at)
    _note(ticket, Instant.RESTORED, at, stage, at)
    if fact.cause is not None:
        desk.classify(ticket, fact.cause, "演示", stage.engineer, at, version=ticket.version)
    if fact.excluded is not None:
        asked = desk.exclude(ticket, "演示：不应计入", stage.manager, at, version=ticket.version)
        _answered(stage, ticket, asked.pk, at, granted=fact.excluded)
    _go(ticket, "resolve", stage, at, facts={"solution": "演示：已恢复"})


def _reject(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    desk.advance(
        ticket, "reject", stage.client, at, version=ticket.version, reason="演示：仍有问题"
    )


def _confirm(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    desk.advance(ticket, "confirm", stage.client, at, version=ticket.version)


def _cancel(stage: Stage, ticket: Ticket, fact: facts.Fault, at: datetime) -> None:
    desk.advance(ticket, "cancel", stage.client, at, version=ticket.version, reason="演示：误报")


_STEPS = {
    "phone": _phone, "arrive": _arrive, "regrade": _regrade, "pause": _pause, "resume": _resume,
    "escalate": _escalate, "part": _part, "restore": _restore, "reject": _reject,
    "confirm": _confirm, "cancel": _cancel,
}  # fmt: skip


def event(stage: Stage, fact: facts.Emergency) -> Story:
    """One emergency and the fault behind it, from the alarm to the client's word."""
    yield fact.reported
    row = emergency.declare(
        emergency.Declaration(
            title=f"【演示】{fact.key}", level=Level(fact.level), importance="核心系统",
            hours="工作时段", damage="业务中断", disaster=fact.disaster,
            application=_application(fact.application), site=Site.objects.get(code=HOME),
            occurred_at=fact.occurred, detected_at=fact.detected, reported_at=fact.reported,
        ),
        stage.manager, fact.reported,
    )  # fmt: skip
    stage.numbers[fact.key] = row.number
    ticket = row.ticket
    assert ticket is not None  # noqa: S101 - a real event has its fault
    stage.numbers[f"{fact.key}/fault"] = ticket.number
    if fact.withdrawn:
        yield fact.responded
        emergency.withdraw(row, "演示：误报", stage.client, fact.responded, version=row.version)
        ticket.refresh_from_db()
        _cancel(stage, ticket, None, fact.responded)  # type: ignore[arg-type]  # not looked at
        return
    _go(ticket, "accept", stage, fact.reported)
    moments: list[tuple[datetime | None, str]] = [
        (fact.responded, "respond"), (fact.arrived, "arrive"), (fact.diagnosed, "diagnose"),
        (fact.graded, "grade"), (fact.restored, "restore"), (fact.ended, "end"),
    ]  # fmt: skip
    for at, step in sorted((m for m in moments if m[0]), key=lambda each: each[0]):  # type: ignore[arg-type, return-value]  # None is left out
        assert at is not None  # noqa: S101 - just filtered
        yield at
        row.refresh_from_db()
        ticket.refresh_from_db()
        _event_step(stage, row, ticket, fact, step, at)


_INSTANTS = {
    "respond": Instant.PHONE_RESPONDED, "arrive": Instant.ARRIVED, "diagnose": Instant.DIAGNOSED,
}  # fmt: skip


def _event_step(
    stage: Stage, row: Emergency, ticket: Ticket, fact: facts.Emergency, step: str, at: datetime
) -> None:
    if step in _INSTANTS:
        emergency.note(row, _INSTANTS[step], at, stage.engineer, at, version=row.version)
        if step == "arrive":
            ticket.refresh_from_db()
            _go(ticket, "start", stage, at)
    elif step == "grade":
        _entry_answered(stage, row, EntryKind.DECLARED, at, granted=True)
    elif step == "restore":
        emergency.note(row, Instant.RESTORED, at, stage.engineer, at, version=row.version)
        emergency.classify(row, fact.cause, "演示", stage.manager, at, version=row.version)
        if fact.excluded is not None:
            emergency.ask_exclusion(row, "演示", stage.manager, at, version=row.version)
            _entry_answered(stage, row, EntryKind.EXCLUDE, at, granted=fact.excluded)
        ticket.refresh_from_db()
        _go(ticket, "resolve", stage, at, facts={"solution": "演示：已恢复"})
    else:
        emergency.ask_end(row, stage.manager, at, version=row.version)
        _entry_answered(stage, row, EntryKind.END, at, granted=True)
        ticket.refresh_from_db()
        desk.advance(ticket, "confirm", stage.client, at, version=ticket.version)


def _entry_answered(
    stage: Stage, row: Emergency, kind: EntryKind, at: datetime, *, granted: bool
) -> None:
    asked: EmergencyEntry = row.entries.filter(kind=kind).latest("id")
    emergency.answer(
        row, asked, granted, stage.client, at, version=row.version,
        reason="" if granted else "演示：不同意",
    )  # fmt: skip


def drill(stage: Stage, fact: facts.Drill) -> Story:
    """A tabletop drill, held or broken off."""
    yield fact.started
    scenario = scenarios.read()["database"]
    outline = drills.Outline(
        f"演示演练 {fact.key}", DrillKind.TABLETOP, Plan.objects.get(key=scenario.plan), 2,
        fact.started, "演示", scenario.roles, scenario.targets, scenario.script,
    )  # fmt: skip
    row = drills.plan_drill(outline, scenario, stage.manager, fact.started)
    stage.numbers[fact.key] = row.number
    drills.start_drill(row, scenario, stage.manager, fact.started, version=row.version)
    yield fact.ended
    row.refresh_from_db()
    if fact.aborted:
        drill_runs.abort_drill(row, "演示：中止", stage.manager, fact.ended)
    else:
        drills.end_tabletop(row, stage.manager, fact.ended, version=row.version)


def _go(ticket: Ticket, step: str, stage: Stage, at: datetime, **given: object) -> None:
    desk.advance(ticket, step, stage.engineer, at, version=ticket.version, **given)  # type: ignore[arg-type]  # `facts` only


def _note(
    ticket: Ticket, instant: Instant, happened: datetime, stage: Stage, at: datetime, *,
    resident: bool = False,
) -> None:  # fmt: skip
    desk.note_instant(
        ticket, instant, happened, stage.engineer, at, version=ticket.version, resident=resident
    )


def _application(code: str) -> Application | None:
    return Application.objects.get(code=code) if code else None


def _target(key: str) -> Target | None:
    return Target.objects.get(key=key) if key else None
