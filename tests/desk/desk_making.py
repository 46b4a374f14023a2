"""What tests of the desk are made of: people, a published calendar, tickets, forms."""

from datetime import date, datetime, timedelta
from typing import Any

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, Institution, Site, System, Target
from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.checks.models import Finding
from jingwei.desk import actions
from jingwei.desk.actions import Form, Intake
from jingwei.desk.models import Kind, Purpose, Ticket
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Instant, Severity

MORNING = datetime(2022, 11, 7, 9, 0, tzinfo=SHANGHAI)  # a Monday in the service year


def at(text: str) -> datetime:
    """An instant in Shanghai, "2022-11-07 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def later(minutes: float, start: datetime = MORNING) -> datetime:
    """So many minutes after nine."""
    return start + timedelta(minutes=minutes)


def person(username: str = "wang", role: str = Role.FIRST_LINE, full_name: str = "") -> User:
    """Somebody with a role."""
    return User.objects.create_user(
        username, password="a-long-enough-one", full_name=full_name or username, role=role
    )


def client(username: str = "gu") -> User:
    """Somebody of the client who approves."""
    return person(username, Role.CLIENT_APPROVER)


def publish(first: int = 2022, last: int = 2023) -> None:
    """The State Council's notices of these years."""
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if date(first, 1, 1) <= day.date <= date(last, 12, 31)
    )


def site(code: str = "SITE-1", name: str = "永和路数据中心") -> Site:
    """A site of the tender."""
    return Site.objects.get_or_create(code=code, defaults={"name": name})[0]


def target(key: str = "HW-001-1", of: Site | None = None) -> Target:
    """A registered thing on a site."""
    return Target.objects.create(key=key, kind="server", label=f"服务器 {key}", site=of)


def institution(code: str = "H01", name: str = "静安中心医院") -> Institution:
    """A hospital."""
    return Institution.objects.create(code=code, name=name, area="S", kind="hospital-l2")


def application(code: str = "APP-08", name: str = "区域PACS", number: int = 8) -> Application:
    """A system of the scope list."""
    of = System.objects.create(number=number, name=name)
    return Application.objects.create(
        code=code, short=code.lower(), row_no=number, name=name, system=of, coverage="全区",
        pinyin="qypacs",
    )  # fmt: skip


def incident(
    by: User, reported: datetime = MORNING, now: datetime | None = None, **more: Any
) -> Ticket:
    """A fault as the desk takes it down."""
    severity = more.pop("severity", Severity.OUTAGE)
    title = more.pop("title", "PACS 打不开")
    return actions.open_ticket(
        Intake(kind=Kind.INCIDENT, title=title, severity=severity, reported_at=reported, **more),
        by, now or reported,
    )  # fmt: skip


def request(by: User, kind: Kind = Kind.SERVICE_REQUEST, **more: Any) -> Ticket:
    """Any other kind."""
    return actions.open_ticket(Intake(kind=kind, title="下发药品目录", **more), by, MORNING)


def note(ticket: Ticket, instant: Instant, when: datetime, by: User, **more: Any) -> None:
    """An instant, written down when it happened unless said otherwise."""
    now = more.pop("now", when)
    actions.note_instant(ticket, instant, when, by, now, version=ticket.version, **more)


def go(ticket: Ticket, step: str, by: User, now: datetime = MORNING, **more: Any) -> None:
    """A step with the version as it stands."""
    actions.advance(ticket, step, by, now, version=ticket.version, **more)


def resolved(by: User) -> Ticket:
    """A fault that was solved on site within its limits."""
    ticket = incident(by)
    go(ticket, "accept", by, later(2))
    go(ticket, "start", by, later(3))
    note(ticket, Instant.PHONE_RESPONDED, later(10), by)
    note(ticket, Instant.ARRIVED, later(60), by)
    note(ticket, Instant.RESTORED, later(100), by)
    go(ticket, "resolve", by, later(105), facts={"solution": "重启了服务"})
    return ticket


def finding(of: Target | None = None, opened: datetime = MORNING, **more: Any) -> Finding:
    """Something red."""
    return Finding.objects.create(
        target=of or target(), item="disk.health", origin=Finding.Origin.MANUAL,
        result=Result.ABNORMAL, opened_at=opened, reading="磁盘 3 预故障", **more,
    )  # fmt: skip


def form(**more: Any) -> Form:
    """A form that is filled in whole."""
    given: dict[str, Any] = {
        "purpose": Purpose.MODIFY, "cause": "录入错误", "sealed_by": "陈主任",
        "script": "UPDATE doc SET dept = 2 WHERE id = 7", "expected_rows": 1,
        "rollback_script": "UPDATE doc SET dept = 1 WHERE id = 7",
        "count_query": "SELECT count(*) FROM doc WHERE id = 7",
    }  # fmt: skip
    return Form(**{**given, **more})


def data_change(by: User, **more: Any) -> Ticket:
    """A data change in draft."""
    intake = Intake(kind=Kind.DATA_CHANGE, title="更正科室代码")
    return actions.open_data_change(intake, form(**more), by, MORNING)


def step(ticket: Ticket, name: str, by: User, now: datetime = MORNING, **facts: Any) -> None:
    """A step of the form with the version as it stands."""
    reason = facts.pop("reason", "")
    actions.data_step(ticket, name, by, now, version=ticket.version, reason=reason, facts=facts)
