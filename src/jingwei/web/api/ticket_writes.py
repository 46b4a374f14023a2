"""Writing to tickets over the interface: opened, taken from step to step, told when what happened.

Each answers with the whole ticket and its new version. What the table of transitions does not
allow is 403 here as on the pages, and in the audit chain.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from jingwei.accounts import queries as people
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Application, Institution, Site, Target
from jingwei.desk import actions
from jingwei.desk.actions import Intake
from jingwei.desk.models import Channel, Impact, Kind, Ticket, Urgency
from jingwei.desk.queries import by_number
from jingwei.terms.incident import Instant, Severity
from jingwei.web.api import showing, versions
from jingwei.web.api.frame import api, caller
from jingwei.web.api.idempotency import HEADER, Answer, once
from jingwei.web.api.problem import Problem
from jingwei.web.api.shapes import WholeTicket
from jingwei.web.api.tickets import TAGS, find
from jingwei.web.api.values import Moment, Text, Word

OPTIONAL_KEY = {
    "name": HEADER, "in": "header", "required": False,
    "description": "不重复的键，如 UUID，保留两天。同键同正文再发得同一答复，正文不同为 422，"
    "前一次尚在处理为 409。",
    "schema": {"type": "string", "maxLength": 200},
}  # fmt: skip
KEY = OPTIONAL_KEY | {"required": True}
_EXISTING: dict[str, Any] = {"parameters": [versions.IF_MATCH, OPTIONAL_KEY]}
_MOST_ROWS = 2**31 - 1
FormValue = Text | int | float | list[Word] | None


class Filled(Schema, extra="forbid"):
    """A filled form: which one (`GET /api/forms`), and its values by name."""

    form: Word
    values: dict[Word, FormValue]


class NewTicket(Schema, extra="forbid"):
    """What is taken down. Codes are those of the register; an incident needs severity and
    reported_at (an institution's contact gives impact and urgency instead). A `form` says of
    itself which kind it is of."""

    kind: Kind = Kind.INCIDENT
    title: Word
    text: Text = ""
    channel: Channel = Channel.OTHER
    reporter: Word = ""
    phone: Word = ""
    institution: Word = ""
    application: Word = ""
    target: Word = ""
    site: Word = ""
    severity: Severity | None = None
    severity_reason: Text = ""
    impact: Impact | None = None
    urgency: Urgency | None = None
    occurred_at: Moment | None = None
    detected_at: Moment | None = None
    reported_at: Moment | None = None
    parent: Word = ""
    form: Filled | None = None


class Facts(Schema, extra="forbid"):
    """The facts a step may need; `steps` of the ticket says which."""

    solution: Text | None = None
    precheck_ref: Word | None = None
    window_start: Moment | None = None
    window_end: Moment | None = None
    oral_by: Word | None = None
    backup_ref: Word | None = None
    session_ref: Word | None = None
    actual_rows: Annotated[int, Field(ge=0, le=_MOST_ROWS)] | None = None
    images_ref: Word | None = None
    verified_by: Word | None = None


class Step(Schema, extra="forbid"):
    """One step of the table of transitions."""

    step: Word
    reason: Text = ""
    facts: Facts = Facts()


class NewInstant(Schema, extra="forbid"):
    """When something happened. A second time it is a correction and needs a reason."""

    instant: Instant
    at: Moment
    resident: bool = False
    reason: Text = ""


class Work(Schema, extra="forbid"):
    """What was done, when (now, if not said), how many minutes it took."""

    text: Text
    at: Moment | None = None
    minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = None


class Assignment(Schema, extra="forbid"):
    """To whom, by login name; null gives it back to the team."""

    assignee: Word | None


class Remote(Schema, extra="forbid"):
    """Whether it was solved without going there."""

    remote: bool
    reason: Text


@api.post(
    "/tickets", response={201: WholeTicket}, summary="建单", tags=TAGS,
    openapi_extra={"parameters": [KEY]},
)  # fmt: skip
@once(key=True)
def create(request: HttpRequest, body: NewTicket) -> Answer:
    """登记工单。数据修改须在页面填写报告单；机构联系人只能为本机构报修，报修时间即为现在。"""
    user, now = caller(request), timezone.now()
    intake = _intake(body, user)
    if may(user.role, May.REPORT_OWN) and not may(user.role, May.HANDLE_TICKETS):
        opened = actions.report_own(intake, user, now)
    elif body.form is not None:
        form = body.form
        opened = actions.open_request(form.form, form.values, intake, user, now)
    else:
        opened = actions.open_ticket(intake, user, now)
    return made(shown(opened, user, now), 201)


@api.post(
    "/tickets/{number}/transitions", response=WholeTicket, summary="流转", tags=TAGS,
    openapi_extra=_EXISTING,
)  # fmt: skip
@once()
def advance(request: HttpRequest, number: Word, body: Step) -> Answer:
    """执行一步。step 取工单 steps 中的值；不在转换表中或无权执行的为 403，并记入审计日志。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    version = versions.seen(request, ticket)
    step = actions.data_step if ticket.kind == Kind.DATA_CHANGE else actions.advance
    facts = body.facts.model_dump(exclude_none=True)
    step(ticket, body.step, user, now, version=version, reason=body.reason, facts=facts)
    return made(shown(ticket, user, now))


@api.post(
    "/tickets/{number}/instants", response=WholeTicket, summary="记录时间点", tags=TAGS,
    openapi_extra=_EXISTING,
)  # fmt: skip
@once()
def instant(request: HttpRequest, number: Word, body: NewInstant) -> Answer:
    """八个时间点之一。事后超过 30 分钟登记的标为补录；已登记的再登记即为更正，须写原因。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    actions.note_instant(
        ticket, body.instant, body.at, user, now, version=versions.seen(request, ticket),
        resident=body.resident, reason=body.reason,
    )  # fmt: skip
    return made(shown(ticket, user, now))


@api.post(
    "/tickets/{number}/worklog", response={201: WholeTicket}, summary="登记处理", tags=TAGS,
    openapi_extra={"parameters": [versions.IF_MATCH, KEY]},
)  # fmt: skip
@once(key=True)
def worklog(request: HttpRequest, number: Word, body: Work) -> Answer:
    """追加一条处理记录；记录不可修改。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    versions.seen(request, ticket)
    actions.log_work(ticket, body.text, user, now, at=body.at, minutes=body.minutes)
    return made(shown(ticket, user, now), 201)


@api.post(
    "/tickets/{number}/assignment", response=WholeTicket, summary="指派", tags=TAGS,
    openapi_extra=_EXISTING,
)  # fmt: skip
@once()
def assign(request: HttpRequest, number: Word, body: Assignment) -> Answer:
    """派给能处理工单的人，或（null）交还团队。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    version = versions.seen(request, ticket)
    actions.assign(ticket, _person(body.assignee), user, now, version=version)
    return made(shown(ticket, user, now))


@api.post(
    "/tickets/{number}/remote", response=WholeTicket, summary="标明远程解决", tags=TAGS,
    openapi_extra=_EXISTING,
)  # fmt: skip
@once()
def remote(request: HttpRequest, number: Word, body: Remote) -> Answer:
    """远程解决的故障没有到场，维修时限记为不适用（远程解决）。"""
    user, now = caller(request), timezone.now()
    ticket = find(number, user)
    version = versions.seen(request, ticket)
    actions.set_remote(ticket, body.remote, body.reason, user, now, version=version)
    return made(shown(ticket, user, now))


def made(body: WholeTicket, status: int = 200) -> Answer:
    """The answer to a write: the ticket as it now stands, where it is, its tag."""
    headers = {"ETag": versions.tag(body.version, body)}
    if status == 201:
        headers["Location"] = f"/api/tickets/{body.number}"
    return Answer(body, status, headers)


def shown(ticket: Ticket, user: User, now: datetime) -> WholeTicket:
    """The ticket as it now stands in the database."""
    fresh = by_number(ticket.number)
    assert fresh is not None  # noqa: S101 - just written
    return showing.whole(fresh, user, now)


def _intake(body: NewTicket, user: User) -> Intake:
    said = body.model_dump(
        exclude={"institution", "application", "target", "site", "parent", "form"}
    )
    return Intake(
        **said,
        institution=_named(Institution, "institution", code=body.institution),
        application=_named(Application, "application", code=body.application),
        target=_named(Target, "target", key=body.target),
        site=_named(Site, "site", code=body.site),
        parent=_parent(body.parent, user),
    )


def _named(model: Any, field: str, **wanted: str) -> Any:
    """The row of that code; None for no code. Raises Problem 422 for an unknown one."""
    ((_, code),) = wanted.items()
    if not code:
        return None
    found = model.objects.filter(**wanted).first()
    if found is None:
        raise Problem(422, f"台账中没有“{code[:32]}”", field)
    return found


def _parent(number: str, user: User) -> Ticket | None:
    if not number:
        return None
    try:
        return find(number, user)
    except Problem as problem:
        raise Problem(422, problem.detail, "parent") from None


def _person(username: str | None) -> User | None:
    if username is None:
        return None
    found = people.user(username)
    if found is None:
        raise Problem(422, f"没有登录名为“{username[:32]}”的用户", "assignee")
    return found
