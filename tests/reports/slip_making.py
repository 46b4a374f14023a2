"""What tests of the desk's forms are made of: filled forms, whole flows, a roster with leave."""

from datetime import date
from decimal import Decimal
from typing import Any

from desk_making import at, data_change, go, institution, person, step
from round_making import register
from year_making import year

from jingwei.accounts.models import User
from jingwei.assets.models import Application, Person, Target
from jingwei.contract.models import Contract, DutyConfirmation, DutyRecord
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake, Part, forms
from jingwei.desk.models import (
    Asked,
    Attendance,
    Kind,
    Leave,
    Origin,
    StaffChange,
    Ticket,
    TicketFile,
)

OPENED = at("2022-12-06 09:00")  # a Tuesday of the first contract quarter
AFTER = at("2023-02-10 10:00")
PERFORMANCE: dict[str, object] = {
    "application": "APP-08", "complaint": "调阅影像 12 秒", "cpu": "峰值 71 %",
    "memory": "平均 60 %", "io": "读 300 MB/s", "network": "无丢包",
    "before": "12.4 秒", "changes": "加缓存",
    "after": "3.1 秒", "verified_by": "孙医生",
}  # fmt: skip
TRAINING: dict[str, object] = {
    "topic": "PACS 操作", "audience": "放射科", "trainer": "王磊", "held_at": "2022-12-20T14:00",
    "place": "三楼会议室", "minutes": "90", "attended": "12", "attendees": "见签到表",
    "material": "课件 V2",
}  # fmt: skip
DEMAND: dict[str, object] = {
    "demand_no": "XQ-7", "application": "APP-08", "basis": "沪卫信〔2022〕1 号", "demand": "接口",
    "includes": "开发和测试", "estimate": "6",
}  # fmt: skip
EOS: dict[str, object] = {
    "maker": "华为", "model": "5500V3", "what": "停产和停止支持", "source": "厂商公告 EOS-1",
    "announced": "2022-11-30", "expires": "2023-12-31", "impact": "无备件", "advice": "升级",
}  # fmt: skip
IMPORT: dict[str, object] = {
    "institution": "H01", "application": "APP-08", "business": "门诊处方",
    "period_from": "2022-11-01", "period_to": "2022-11-03", "why": "接口中断三天",
    "source": "机构导出文件", "expected": "1200",
}  # fmt: skip
IMPORTED: dict[str, object] = {
    "virus_scan": "已查杀，无异常", "imported": "1198", "rejected": "2", "backup_ref": "BK-7",
    "verified_by": "中心医院 孙",
}  # fmt: skip
CHANGE: dict[str, object] = {
    "what": "更换核心交换机主控板", "grade": "重大", "plan": "停业务后换板", "affected": "全区",
    "structure": "不改变", "communication": "不改变", "management": "不改变",
    "window_from": "2022-12-10T22:00", "window_to": "2022-12-11T04:00", "rollback": "换回旧板",
    "engineer": "王磊", "precheck": "JQ-1",
}  # fmt: skip


DONE = {"done": "已换板", "verified": "业务正常", "watched": "观察三天", "archive": "台账"}


class Cast:
    """Two engineers, two approvers of the client, the register."""

    def __init__(self) -> None:
        self.wang, self.gu = year()
        register()
        self.li = person("li", full_name="李婷")
        self.worker = Person.objects.create(name="王磊", line="first", user=self.wang)


def opened(cast: Cast, kind: Kind, form: str, values: dict[str, object], **more: Any) -> Ticket:
    """A ticket with its form."""
    given: dict[str, Any] = {"title": "一件事", "reporter": "孙医生", "phone": "62345678"} | more
    return desk.open_request(form, values, Intake(kind=kind, **given), cast.wang, OPENED)


def fill(ticket: Ticket, values: dict[str, object], by: User, moment: str = "") -> None:
    """More of its form."""
    ticket.refresh_from_db()
    forms.fill(ticket, values, by, at(moment) if moment else OPENED, version=ticket.version)
    ticket.refresh_from_db()


def close(ticket: Ticket, cast: Cast, moment: str = "2022-12-06 15:00") -> Ticket:
    """Done, confirmed by the client, closed."""
    now = at(moment)
    ticket.refresh_from_db()
    if ticket.state == "new":
        go(ticket, "accept", cast.wang, now)
    if ticket.state == "accepted":
        go(ticket, "start", cast.wang, now)
    go(ticket, "resolve", cast.wang, now, facts={"solution": "已办"})
    go(ticket, "confirm", cast.gu, now)
    go(ticket, "close", cast.wang, now)
    ticket.refresh_from_db()
    return ticket


def attached(ticket: Ticket, by: User, name: str = "签到表.pdf") -> TicketFile:
    """A scan to it."""
    return TicketFile.objects.create(
        ticket=ticket, kind="scan", name=name, media_type="application/pdf", size=3,
        sha256="cd" * 32, path="cd/x", at=OPENED, by=by, by_name="王磊",
    )  # fmt: skip


def data_changed(cast: Cast, until: str = "archive", **more: Any) -> Ticket:
    """A data change on its whole way, or as far as `until`."""
    ticket = data_change(cast.wang, **more)
    start = at("2022-11-07 09:00")
    window = {"window_start": start, "window_end": at("2022-11-07 12:00")}
    way: tuple[tuple[str, User, str, dict[str, Any]], ...] = (
        ("apply", cast.wang, "09:05", {}), ("review", cast.gu, "09:10", {}),
        ("approve", cast.gu, "09:20", window), ("back_up", cast.wang, "09:30",
                                                {"backup_ref": "BK-1"}),
        ("execute", cast.wang, "09:40", {"session_ref": "BH-77"}),
        ("finish", cast.wang, "09:45", {"actual_rows": 1, "images_ref": "IMG-1"}),
        ("check", cast.li, "10:00", {}), ("verify", cast.gu, "10:30", {"verified_by": "孙医生"}),
        ("archive", cast.wang, "11:00", {}),
    )  # fmt: skip
    for name, by, clock, facts in way:
        step(ticket, name, by, at(f"2022-11-07 {clock}"), **facts)
        ticket.refresh_from_db()
        if name == until:
            break
    return ticket


def changed(cast: Cast, until: str = "close", **more: object) -> Ticket:
    """A change on its whole way: approved, checked and signed, done in its window."""
    ticket = opened(cast, Kind.CHANGE, "change_other", CHANGE | more, title="换主控板")
    way: tuple[tuple[str, User, str, dict[str, Any]], ...] = (
        ("accept", cast.wang, "2022-12-06 10:00", {}),
        ("approve", cast.gu, "2022-12-07 10:00", {}),
        ("sign_precheck", cast.gu, "2022-12-10 17:00", {"facts": {"precheck_ref": "JQ-1"}}),
        ("start", cast.wang, "2022-12-10 22:10", {}),
        ("resolve", cast.wang, "2022-12-11 02:00", {"facts": {"solution": "已更换"}}),
        ("confirm", cast.gu, "2022-12-11 09:00", {}), ("close", cast.wang, "2022-12-12 09:00", {}),
    )  # fmt: skip
    for name, by, moment, facts in way:
        if name == "resolve":
            fill(ticket, dict(DONE), cast.wang, "2022-12-11 01:50")
        go(ticket, name, by, at(moment), **facts)
        ticket.refresh_from_db()
        if name == until:
            break
    return ticket


def requested(cast: Cast) -> Ticket:
    """Data imported by hand for a hospital, confirmed."""
    ticket = opened(cast, Kind.SERVICE_REQUEST, "data_import", IMPORT, title="补传处方")
    go(ticket, "accept", cast.wang, at("2022-12-06 09:10"))
    ticket.refresh_from_db()
    desk.log_work(
        ticket, "核对并导入 13812345678", cast.wang, at("2022-12-06 10:00"), minutes=45,
    )  # fmt: skip
    fill(ticket, IMPORTED, cast.wang, "2022-12-06 11:00")
    return close(ticket, cast)


def demanded(cast: Cast, *bookings: tuple[str, str], agreed: str = "") -> Ticket:
    """A demand of development with days booked on it."""
    ticket = opened(cast, Kind.DEV_EFFORT, "dev_effort", DEMAND, title="上报接口")
    if agreed:
        fill(ticket, {"agreed": agreed}, cast.gu)
    for day, days in bookings:
        ticket.refresh_from_db()
        desk.book(
            ticket, cast.worker, date.fromisoformat(day), Decimal(days), "开发", cast.wang,
            at(f"{day} 18:00"), version=ticket.version,
        )  # fmt: skip
    ticket.refresh_from_db()
    return ticket


def fitted(
    cast: Cast, ticket: Ticket, moment: str = "2022-12-07 10:00", serials: str = "1", **more: Any
) -> None:
    """A part of the server was replaced."""
    given: dict[str, Any] = {
        "target": Target.objects.get(key="HW-001-1"), "name": "硬盘", "maker": "华为",
        "model": "SAS 600G", "serial_out": f"OLD-{serials}", "serial_in": f"NEW-{serials}",
        "origin": Origin.GENUINE, "fitted_at": at(moment), "disk": True,
        "disk_kept": "机房保险柜 2",
    }  # fmt: skip
    ticket.refresh_from_db()
    desk.fit_part(ticket, Part(**{**given, **more}), cast.wang, at(moment), version=ticket.version)


def spare(cast: Cast) -> Ticket:
    """A ticket for a part of the server."""
    values: dict[str, object] = {
        "target": "HW-001-1", "fault": "磁盘 3 预故障", "part": "硬盘 600G", "supplier": "原厂代理",
        "warranty": "2025-12-31",
    }  # fmt: skip
    return opened(cast, Kind.SPARE_PART, "spare_part", values, title="换硬盘")


def came(name: str, *days: int, late: bool = False, month: str = "2022-11") -> Person:
    """Somebody of the first line who signed in on these days of a month."""
    who, _ = Person.objects.get_or_create(name=name, defaults={"line": "first"})
    by = User.objects.get(username="wang")
    for day in days:
        moment = at(f"{month}-{day:02} 08:30")
        Attendance.objects.create(
            person=who, date=moment.date(), came_at=moment, entered_at=moment, by=by, late=late
        )
    return who


def away(
    who: Person, by: User, start: str = "2022-11-09 08:30", answered: str = "2022-11-08 15:00",
    state: Asked = Asked.GRANTED, **more: Any,
) -> Leave:  # fmt: skip
    """A leave and what the client said to it; "" for nothing yet."""
    said = {"answered_at": at(answered), "answered_by": by} if answered else {}
    given: dict[str, Any] = {"reason": "年假", "whereabouts": "苏州", "phone": "13812345678"}
    return Leave.objects.create(
        person=who, start=at(start), end=at(start[:10] + " 17:30"), state=state,
        asked_at=at("2022-11-02 09:00"), asked_by=by, **said, **{**given, **more},
    )  # fmt: skip


def replaced(who: Person, by: User, answered: str = "2022-11-10 10:00") -> StaffChange:
    """Somebody replaced on the fifteenth, agreed to by the client."""
    said = {"answered_at": at(answered), "answered_by": by} if answered else {}
    return StaffChange.objects.create(
        leaving=who, joining_name="周敏", qualification="PMP，五年运维", on=date(2022, 11, 15),
        reason="调岗", state=Asked.GRANTED if answered else Asked.WAITING,
        asked_at=at("2022-11-07 09:00"), asked_by=by, **said,
    )  # fmt: skip


def duty(
    cast: Cast, name: str, moment: str, fields: dict[str, str], *, confirmed: bool = True,
    about: str = "", result: str = "normal",
) -> DutyRecord:  # fmt: skip
    """A duty that was done, and the client's word on it."""
    made = DutyRecord.objects.create(
        contract=Contract.objects.get(code="jingan-2022"), duty=name, at=at(moment),
        entered_at=at(moment), key=f"{name} {moment} {about}", fields=fields, result=result,
        about=about, by=cast.wang, by_name="王磊",
    )  # fmt: skip
    if confirmed:
        DutyConfirmation.objects.create(
            record=made, granted=True, at=at(moment), by=cast.gu, by_name="顾主任"
        )
    return made


__all__ = [
    "AFTER", "CHANGE", "DEMAND", "EOS", "IMPORT", "OPENED", "PERFORMANCE", "TRAINING",
    "Application", "Cast", "attached", "away", "came", "changed", "close", "data_changed",
    "demanded", "duty", "fill", "fitted", "institution", "opened", "replaced", "requested",
    "spare",
]  # fmt: skip
