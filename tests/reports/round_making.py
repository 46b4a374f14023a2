"""A small register and rounds somebody made, for the tests of reports about duties."""

from datetime import date
from typing import Any

from desk_making import at
from year_making import year

from jingwei.accounts.models import User
from jingwei.assets.models import (
    Application,
    AssetRow,
    Coverage,
    Dependency,
    Institution,
    PowerCord,
    Room,
    Site,
    System,
    Target,
    Unit,
)
from jingwei.checks.models import Check, DailySummary, Finding, Series, StateChange
from jingwei.contract.models import Contract, DutyConfirmation, DutyFile, DutyRecord, DutySheet
from jingwei.desk.actions import Intake, open_ticket
from jingwei.desk.models import Kind, Ticket
from jingwei.reports.document import Document, Heading, KeyValues, Note, Paragraph, Table
from jingwei.terms import Result

IN_Q1 = at("2023-01-12 09:30")
AFTER = at("2023-02-10 10:00")  # the first contract quarter is over
ELEMENTS = {
    "content": "逐台查看面板、电源、风扇", "time": "09:00～09:30", "running": "业务正常",
    "health": "正常 5 项", "advice": "下次更换风扇",
}  # fmt: skip


def row(number: int, kind: str, site: Site, name: str, quantity: int = 1, zone: str = "") -> None:
    """One row of the hardware list with its units and their targets."""
    held = AssetRow.objects.create(
        code=f"HW-{number:03}", row_no=number, site=site, category="硬件", name_raw=name, name=name,
        purchase_raw="2019.05", purchase_month=date(2019, 5, 1), warranty_years=3,
        quantity=quantity, tender_status="过保", kind=kind, zone=zone,
    )  # fmt: skip
    for one in range(1, quantity + 1):
        unit = Unit.objects.create(code=f"HW-{number:03}-{one}", row=held, number=one)
        Target.objects.create(
            key=unit.code, kind=kind, label=f"{name} {unit.code}", unit=unit, order=number
        )


def register() -> None:
    """A server, two UPS, a firewall at two sites; a room; two applications, one with a host."""
    first = Site.objects.create(code="SITE-1", name="永和路数据中心")
    second = Site.objects.create(code="SITE-2", name="容灾备份")
    row(1, "server", first, "服务器 R740")
    row(46, "ups", first, "UPS 120K", quantity=2)
    row(20, "firewall", second, "防火墙 F1000", zone="外网区")
    Room.objects.create(code="ROOM-01", name="永和路机房", site=first)
    Target.objects.create(key="ROOM-01", kind="room", label="永和路机房", order=1)
    system = System.objects.create(number=1, name="区域平台")
    for number, name in ((1, "区域平台一期"), (8, "区域PACS")):
        app = Application.objects.create(
            code=f"APP-{number:02}", short=f"a{number}", row_no=number, name=name, system=system,
            coverage="全区", coverage_raw="全区",
        )  # fmt: skip
        Target.objects.create(key=app.code, kind="application", label=name, application=app)
    Dependency.objects.create(
        dependent=Target.objects.get(key="APP-08"), needs=Target.objects.get(key="HW-001-1"),
        kind="host",
    )  # fmt: skip
    hospital = Institution.objects.create(code="H01", name="静安中心医院", area="S",
                                          kind="hospital-l2")  # fmt: skip
    Coverage.objects.create(application=Application.objects.get(code="APP-08"),
                            institution=hospital)  # fmt: skip


def world() -> tuple[User, User]:
    """The contract year, the register, an engineer and the client."""
    people = year()
    register()
    return people


def done(duty: str, by: User, moment: str = "2023-01-12 09:30", **more: Any) -> DutyRecord:
    """A duty somebody did and wrote down."""
    given: dict[str, Any] = {"fields": {}, "result": "normal", "object": "", "about": ""} | more
    return DutyRecord.objects.create(
        contract=Contract.objects.get(code="jingan-2022"), duty=duty, at=at(moment),
        entered_at=at(moment), key=f"{duty} {moment} {given['object']} {given['about']}", by=by,
        by_name=by.full_name or by.username, **given,
    )  # fmt: skip


def answered(record: DutyRecord, by: User, *, granted: bool = True, note: str = "") -> None:
    """The client's word on it."""
    DutyConfirmation.objects.create(
        record=record, granted=granted, note=note, at=record.at, by=by, by_name="顾主任"
    )


def photographed(record: DutyRecord, name: str = "面板.jpg") -> DutyFile:
    """A photo to it."""
    return DutyFile.objects.create(
        record=record, name=name, media_type="image/jpeg", size=3, sha256="ab" * 32, path="ab/x"
    )


def sheet(record: DutyRecord, *lines: tuple[str, Result, str]) -> DutySheet:
    """A sheet filled in front of it."""
    rows = [
        {"item": f"inspect.{n}", "label": label, "standard": "无告警", "result": result.value,
         "reading": "", "note": note}
        for n, (label, result, note) in enumerate(lines)
    ]  # fmt: skip
    return DutySheet.objects.create(
        record=record, routine="quarterly", began_at=record.at, tablet_at=record.at, answers=rows
    )


def watched(
    key: str, item: str, after: Result, moment: str = "2023-01-05 08:00", name: str = ""
) -> Check:
    """A check that came to a verdict."""
    made = Check.objects.create(
        key=f"{key}:{item}:{name}", target=Target.objects.get(key=key), item=item, label=item,
        probe="icmp.ping",
    )  # fmt: skip
    StateChange.objects.create(
        check_ref=made, at=at(moment), before=Result.UNCHECKED, after=after, reading="x"
    )
    return made


def measured(check: Check, name: str, unit: str, day: date, low: float, high: float) -> None:
    """One day of readings."""
    series, _ = Series.objects.get_or_create(check_ref=check, name=name, unit=unit)
    DailySummary.objects.create(
        series=series, date=day, count=288, bad=2, unchecked=4, minimum=low, maximum=high,
        mean=(low + high) / 2, last=high,
    )  # fmt: skip


def hot(key: str = "HW-001-1", item: str = "server.thermal", **more: Any) -> None:
    """A finding of the first quarter that nobody healed."""
    Finding.objects.create(
        target=Target.objects.get(key=key), item=item, origin=Finding.Origin.CHECK,
        result=Result.ABNORMAL, opened_at=at("2023-01-06 08:00"), reading="x", **more,
    )  # fmt: skip


def opened(by: User, kind: Kind, title: str, **more: Any) -> Ticket:
    """A ticket of December 2022."""
    return open_ticket(Intake(kind=kind, title=title, **more), by, at("2022-12-06 09:00"))


def fed(code: str, *pdus: str) -> None:
    """The cords of a unit."""
    unit = Unit.objects.get(code=code)
    for number, pdu in enumerate(pdus, start=1):
        PowerCord.objects.create(unit=unit, number=number, pdu=pdu)


def said(document: Document) -> str:
    """Everything a document says, in order."""
    texts = [document.cover.notice, *(f"{name} {text}" for name, text in document.cover.facts)]
    for block in document.blocks:
        if isinstance(block, Heading | Paragraph | Note):
            texts.append(block.text)
        elif isinstance(block, Table):
            texts.append(block.caption)
            texts += [" ".join(cell.text for cell in row.cells) for row in block.rows]
        elif isinstance(block, KeyValues):
            texts += [f"{name} {cell.text}" for name, cell in block.pairs]
    return "\n".join(texts)
