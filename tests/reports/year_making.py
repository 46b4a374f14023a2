"""A piece of the contract year 2022/23 for the tests of periodic reports: records with a truth."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from desk_making import application, at, client, go, incident, later, note, person, publish
from django.conf import settings

from jingwei.accounts.models import User
from jingwei.assets.models import Person, Target
from jingwei.checks.models import Finding, ItemResult, RoutineRun
from jingwei.contract import actions
from jingwei.contract.models import Contract
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import Attendance, Effort, Kind, SparePart, Ticket
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Cause, Instant, Severity

NOW = at("2023-02-10 10:00")  # the first contract quarter is over


def contract() -> Contract:
    """The district's contract with all its obligations."""
    actions.load(Path(settings.JINGWEI_CONTENT) / "contracts" / "jingan-2022", date(2022, 11, 1))
    return Contract.objects.get(code="jingan-2022")


def year() -> tuple[User, User]:
    """The calendar, the contract, an engineer and the client."""
    publish()
    contract()
    return person(full_name="王磊"), client()


def outage(by: User, start: datetime, minutes: int, **more: object) -> Ticket:
    """A core system down for so long, arrived after an hour."""
    ticket = incident(by, start, occurred_at=start, **more)
    note(ticket, Instant.PHONE_RESPONDED, start + timedelta(minutes=5), by)
    note(ticket, Instant.ARRIVED, start + timedelta(minutes=60), by)
    note(ticket, Instant.RESTORED, start + timedelta(minutes=minutes), by)
    ticket.refresh_from_db()
    desk.classify(
        ticket, Cause.HARDWARE, "控制器", by, start + timedelta(minutes=minutes),
        version=ticket.version,
    )  # fmt: skip
    ticket.refresh_from_db()
    return ticket


def core() -> object:
    """A core application."""
    pacs = application()
    pacs.core = pacs.Core.YES
    pacs.save()
    return pacs


def full(by: User, approver: User) -> dict[str, Ticket]:
    """Two faults (one late), a request, a change, a part, efforts, a day checked, people."""
    pacs = core()
    good = outage(by, at("2022-11-07 09:00"), 90, application=pacs)
    go(good, "accept", by, later(95))
    go(good, "start", by, later(96))
    go(good, "resolve", by, later(100), facts={"solution": "更换控制器"})
    go(good, "confirm", approver, later(110))
    late = incident(by, at("2022-12-05 09:00"), severity=Severity.DEGRADED, title="慢 13812345678")
    note(late, Instant.PHONE_RESPONDED, at("2022-12-05 10:00"), by)
    asked = desk.open_ticket(
        Intake(kind=Kind.SERVICE_REQUEST, title="报表"), by, at("2022-12-06 09:00")
    )
    change = desk.open_ticket(Intake(kind=Kind.CHANGE, title="扩容"), by, at("2023-01-09 09:00"))
    thing = Target.objects.create(key="HW-016-1", kind="storage", label="存储 HW-016-1")
    SparePart.objects.create(
        ticket=good, target=thing, name="控制器", maker="华为", model="5500", serial_out="OLD-7",
        serial_in="NEW-7", origin="genuine", fitted_at=at("2022-11-07 10:00"),
        entered_at=at("2022-11-07 10:05"), by=by, by_name="王磊",
    )  # fmt: skip
    worker = Person.objects.create(name="王磊", line="first", user=by)
    for day, days in ((date(2022, 11, 8), "2.5"), (date(2023, 2, 2), "1.0")):
        Effort.objects.create(
            ticket=asked, person=worker, date=day, days=Decimal(days), work="接口",
            entered_at=at(f"{day} 18:00"), by=by,
        )  # fmt: skip
    Attendance.objects.create(
        person=worker, date=date(2022, 11, 7), came_at=at("2022-11-07 08:20"),
        entered_at=at("2022-11-07 08:20"), by=by,
    )  # fmt: skip
    checked(thing)
    return {"good": good, "late": late, "asked": asked, "change": change}


def checked(thing: Target) -> RoutineRun:
    """One finished daily check with a red answer, and its finding."""
    day = date(2022, 11, 7)
    run = RoutineRun.objects.create(
        routine="daily", date=day, working_day=True,
        started_at=at("2022-11-07 06:00"), finished_at=at("2022-11-07 06:05"),
    )  # fmt: skip
    for item, result in (("room.temperature", Result.ABNORMAL), ("room.humidity", Result.NORMAL),
                         ("room.leak", Result.UNCHECKED)):  # fmt: skip
        ItemResult.objects.create(
            run=run, item=item, target=thing, result=result, at=at("2022-11-07 06:01"),
        )  # fmt: skip
    Finding.objects.create(
        target=thing, item="room.temperature", origin=Finding.Origin.CHECK,
        result=Result.ABNORMAL, opened_at=at("2022-11-07 06:01"), reading="29.4",
        closed_at=datetime(2022, 11, 8, 9, tzinfo=SHANGHAI),
    )  # fmt: skip
    return run
