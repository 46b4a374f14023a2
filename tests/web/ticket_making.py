"""A district with tickets for the pages: two hospitals, a core system, people of both sides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import PASSWORD

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, Coverage, Institution, Site, System, Target
from jingwei.desk import actions
from jingwei.desk.actions import Intake
from jingwei.desk.models import Channel, Impact, InstitutionContact, Kind, Ticket, Urgency
from jingwei.terms.incident import Instant, Severity

REASON = "建议：单个机构 × 业务中断"


@dataclass
class Desk:
    """What the tests of the desk's pages point at."""

    north: Institution
    south: Institution
    pacs: Application
    his: Application
    wang: User
    li: User
    gu: User
    hospital: User
    ticket: Ticket


def make_desk() -> Desk:
    """市北 and 静安 hospitals; PACS covers the first; one open fault."""
    site = Site.objects.get_or_create(code="SITE-1", defaults={"name": "永和路数据中心"})[0]
    north = Institution.objects.create(code="H-1", name="市北医院", area="N", kind="hospital-l2")
    south = Institution.objects.create(
        code="H-2", name="静安区中心医院", area="S", kind="hospital-l2"
    )
    pacs, his = _application(20, "区域PACS", "yes"), _application(3, "全员人口库", "no")
    Coverage.objects.create(application=pacs, institution=north)
    wang, li = _person("wang", Role.FIRST_LINE, "王磊"), _person("li", Role.SECOND_LINE, "李强")
    gu = _person("gu", Role.CLIENT_APPROVER, "顾主任")
    hospital = _person("shibei", Role.INSTITUTION, "市北信息科")
    InstitutionContact.objects.create(user=hospital, institution=north)
    ticket = fault(wang, north, pacs, site=site)
    return Desk(north, south, pacs, his, wang, li, gu, hospital, ticket)


def fault(by: User, of: Institution, system: Application, **more: Any) -> Ticket:
    """A fault reported ten minutes ago."""
    now = timezone.now()
    given = {
        "title": "PACS 调不出片子", "channel": Channel.PHONE, "reporter": "陈医生",
        "phone": "021-5555", "severity": Severity.OUTAGE, "severity_reason": REASON,
        "impact": Impact.INSTITUTION, "urgency": Urgency.STOPPED,
        "reported_at": now - timedelta(minutes=10), **more,
    }  # fmt: skip
    return actions.open_ticket(
        Intake(kind=Kind.INCIDENT, institution=of, application=system, **given), by, now
    )


def signed_in(user: User) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, ticket: Ticket, act: str, **data: Any) -> Any:
    """One act with the version as it stands, unless said otherwise."""
    ticket.refresh_from_db()
    data.setdefault("version", ticket.version)
    response = client.post(reverse(f"ticket-{act}", args=[ticket.number]), data)
    ticket.refresh_from_db()
    return response


def typed(at: datetime) -> str:
    """An instant as the browser's picker sends it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def ago(minutes: float) -> datetime:
    """So long before now."""
    return timezone.now() - timedelta(minutes=minutes)


def text_of(response: Any) -> str:
    """The page."""
    return str(response.content.decode())


def at_of(ticket: Ticket, instant: Instant) -> datetime:
    """The instant in force."""
    found = ticket.events.filter(instant=instant).last()
    assert found is not None, f"{instant} not recorded"
    return found.at


def _application(number: int, name: str, core: str) -> Application:
    system = System.objects.create(number=number, name=name)
    made = Application.objects.create(
        code=f"APP-{number:02}", short=f"S{number}", row_no=number, name=name, system=system,
        coverage="全区", core=core,
    )  # fmt: skip
    Target.objects.create(
        key=made.code, kind="application", label=name, application=made, order=number
    )
    return made


def _person(username: str, role: Role, name: str) -> User:
    return User.objects.create_user(username, password=PASSWORD, role=role, full_name=name)
