"""Requests, changes, data changes, development and notices played by the desk's actions."""

from datetime import datetime, timedelta
from typing import Any

from jingwei.desk import actions as desk
from jingwei.desk import forms
from jingwei.desk.forms import Field, Type
from jingwei.desk.models import Channel, Effort, Kind, Purpose, Ticket
from jingwei.region.year import facts
from jingwei.region.year.places import FIRST_LINE, PLAIN, SERVER
from jingwei.run.year.clockwork import Story
from jingwei.run.year.stage import Stage
from jingwei.terms import SHANGHAI

_KNOWN = {
    Type.INSTITUTION: "INST-H01", Type.INSTITUTIONS: ["INST-H01"], Type.APPLICATION: PLAIN,
    Type.DATABASE: "DB-01", Type.TARGET: SERVER, Type.PERSON: FIRST_LINE[0], Type.NUMBER: "10",
}  # fmt: skip
_HOUR = timedelta(hours=1)


def values(form_id: str, at: datetime) -> dict[str, Any]:
    """Something for every field the provider owes a form, in the field's own type."""
    form = forms.by_id(form_id)
    assert form is not None  # noqa: S101 - the simulator names forms that are there
    owed = (one for one in form.fields if (one.required or one.closing) and not one.client)
    return {one.name: _value(one, at) for one in owed}


def _value(one: Field, at: datetime) -> Any:
    if one.type is Type.CHOICE:
        return one.choices[0]
    if one.type is Type.DATE:
        return at.date().isoformat()
    if one.type is Type.DATETIME:
        later = one.name in ("window_to", "ended_at", "left_at", "answered_at")
        return (at + _HOUR * later).astimezone(SHANGHAI).isoformat()
    return _KNOWN.get(one.type, "演示")


def request(stage: Stage, fact: facts.Request) -> Story:
    """Opened with its form filled in, resolved, confirmed; or left where the fact leaves it."""
    yield fact.opened
    intake = desk.Intake(
        kind=Kind.SERVICE_REQUEST, title=f"【演示】{fact.key}",
        channel=Channel.PHONE if fact.by_phone else Channel.OTHER,
    )  # fmt: skip
    given = values(fact.form, fact.opened) | dict(fact.values)
    ticket = desk.open_request(fact.form, given, intake, stage.engineer, fact.opened)
    stage.numbers[fact.key] = ticket.number
    _go(stage, ticket, "accept", fact.opened)
    _go(stage, ticket, "start", fact.opened)
    yield from _worked(stage, ticket, fact)
    if fact.resolved is not None:
        yield fact.resolved
        _go(stage, ticket, "resolve", fact.resolved, reason="演示",
            facts={"solution": "演示：已完成"})  # fmt: skip
    if fact.confirmed is not None:
        yield fact.confirmed
        desk.advance(ticket, "confirm", stage.client, fact.confirmed, version=ticket.version)


def _worked(stage: Stage, ticket: Ticket, fact: facts.Request) -> Story:
    """The person-days, on the evening of their day; a wrong one is undone the same evening."""
    who = stage.people[FIRST_LINE[0]]
    wrong = [(fact.undone, True)] if fact.undone else []
    booked = [*((each, False) for each in fact.days), *wrong]
    for (day, number), undo in sorted(booked):
        at = datetime(day.year, day.month, day.day, 18, tzinfo=SHANGHAI)
        yield at
        made: Effort = desk.book(
            ticket, who, day, number, "演示", stage.engineer, at, version=ticket.version
        )
        if undo:
            desk.undo(ticket, made, "演示：登记有误", stage.engineer, at, version=ticket.version)


def change(stage: Stage, fact: facts.Change) -> Story:
    """A change along its guarded way: nothing is touched before the client's word."""
    yield fact.opened
    given = values(fact.form, fact.opened)
    if not fact.kept_structure:
        given["communication"] = "改变"
    ticket = desk.open_request(
        fact.form, given,
        desk.Intake(kind=Kind.CHANGE, title=f"【演示】{fact.key}", channel=Channel.OTHER),
        stage.engineer, fact.opened,
    )  # fmt: skip
    stage.numbers[fact.key] = ticket.number
    if fact.resolved is None:  # what is written down at the end is not there yet
        desk.fill(ticket, {"watched": "", "archive": ""}, stage.engineer, fact.opened,
                  version=ticket.version)  # fmt: skip
    _go(stage, ticket, "accept", fact.opened)
    if fact.approved is not None:
        yield fact.approved
        desk.advance(ticket, "approve", stage.client, fact.approved, version=ticket.version)
        desk.advance(
            ticket, "sign_precheck", stage.client, fact.approved, version=ticket.version,
            facts={"precheck_ref": "演示-检查"},
        )  # fmt: skip
    if fact.started is not None:
        yield fact.started
        _go(stage, ticket, "start", fact.started)
    if fact.resolved is not None:
        yield fact.resolved
        _go(stage, ticket, "resolve", fact.resolved, facts={"solution": "演示：已完成"})
    if fact.confirmed is not None:
        yield fact.confirmed
        desk.advance(ticket, "confirm", stage.client, fact.confirmed, version=ticket.version)


def data_change(stage: Stage, fact: facts.DataChange) -> Story:
    """The form from the application to the applicant's word."""
    yield fact.opened
    form = desk.Form(
        Purpose.EXTRACT if fact.extract else Purpose.MODIFY, "演示", "演示负责人",
        "UPDATE demo SET a = 1", "SELECT count(*) FROM demo", 1, "UPDATE demo SET a = 0",
        fields="数量", masking="不含个人信息", medium="专网", expires_on=fact.opened.date(),
    )  # fmt: skip
    ticket = desk.open_data_change(
        desk.Intake(kind=Kind.DATA_CHANGE, title=f"【演示】{fact.key}", channel=Channel.OTHER),
        form, stage.engineer, fact.opened,
    )  # fmt: skip
    stage.numbers[fact.key] = ticket.number
    window = {"window_start": fact.opened, "window_end": fact.executed + _HOUR}
    _data(stage, ticket, "apply", fact.opened)
    _data(stage, ticket, "review", fact.opened, client=True)
    if fact.oral:
        _data(stage, ticket, "approve_orally", fact.opened, reason="演示：紧急",
              facts={**window, "oral_by": "演示甲方"})  # fmt: skip
    else:
        _data(stage, ticket, "approve", fact.opened, client=True, facts=window)
    yield fact.executed
    _data(stage, ticket, "back_up", fact.executed, facts={"backup_ref": "演示-备份"})
    _data(stage, ticket, "execute", fact.executed, facts={"session_ref": "演示-会话"})
    _data(stage, ticket, "finish", fact.executed, facts={"actual_rows": 1, "images_ref": "演示"})
    if fact.verified is not None:
        yield fact.verified
        desk.data_step(ticket, "check", stage.second, fact.verified, version=ticket.version)
        _data(stage, ticket, "verify", fact.verified, client=True,
              facts={"verified_by": "演示申请人"})  # fmt: skip


def _data(
    stage: Stage, ticket: Ticket, step: str, at: datetime, *, client: bool = False,
    reason: str = "", facts: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    by = stage.client if client else stage.engineer
    desk.data_step(ticket, step, by, at, version=ticket.version, reason=reason, facts=facts)


def notice(stage: Stage, fact: facts.Notice) -> Story:
    """A maker's announcement, and the notice of it the client confirms, or nobody writes."""
    yield fact.recorded
    row = desk.record_end_of_service(
        "演示厂商",
        fact.model,
        fact.ends if fact.unmade else None,
        fact.ends,
        "演示公告",
        stage.manager,
        fact.recorded,
    )
    if fact.told is None:
        return
    yield fact.told
    ticket = desk.open_eos_notice(row, "演示影响", "演示建议", stage.manager, fact.told)
    for step in ("accept", "start"):
        _go(stage, ticket, step, fact.told)
    _go(stage, ticket, "resolve", fact.told, facts={"solution": "演示：已通知"})
    if fact.confirmed is not None:
        yield fact.confirmed
        desk.advance(ticket, "confirm", stage.client, fact.confirmed, version=ticket.version)


def _go(
    stage: Stage, ticket: Ticket, step: str, at: datetime, *, reason: str = "",
    facts: dict[str, str] | None = None,
) -> None:  # fmt: skip
    desk.advance(
        ticket, step, stage.engineer, at, version=ticket.version, reason=reason, facts=facts
    )
