"""Findings over the interface: listed, taken on, followed up, made into tickets."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from jingwei.accounts.roles import May
from jingwei.checks import actions, queries
from jingwei.checks.models import Finding
from jingwei.desk import actions as desk
from jingwei.desk.queries import by_number
from jingwei.terms import Result
from jingwei.terms.incident import Severity
from jingwei.web.api import showing
from jingwei.web.api.frame import api, needs
from jingwei.web.api.idempotency import Answer, once
from jingwei.web.api.problem import Problem
from jingwei.web.api.shapes import WholeTicket
from jingwei.web.api.ticket_writes import KEY, OPTIONAL_KEY, made
from jingwei.web.api.values import BIGGEST, RowId, Text, Word

_TAGS = ["异常"]


class Level(StrEnum):
    """How bad a finding is."""

    ABNORMAL = "abnormal"
    ATTENTION = "attention"


class NoteShape(Schema):
    """A follow-up."""

    at: datetime
    by: str
    text: str


class OneFinding(Schema):
    """One finding; `cause` is the id of the finding that explains it."""

    id: int
    target: str
    target_label: str
    item: str
    result: str
    reading: str
    threshold: str
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cause: int | None


class WholeFinding(OneFinding):
    """One finding with its follow-ups, the numbers of its tickets and what stands behind it."""

    detail: str
    notes: list[NoteShape]
    tickets: list[str]
    symptoms: list[int]


class NewNote(Schema, extra="forbid"):
    """What was done or seen."""

    text: Annotated[Text, Field(max_length=2000)]


class NewTicketFromFinding(Schema, extra="forbid"):
    """How bad it is for the contract, and why."""

    severity: Severity
    reason: Text = ""


@api.get("/findings", response=list[OneFinding], summary="异常列表", tags=_TAGS)
def findings(
    request: HttpRequest,
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    offset: Annotated[int, Field(ge=0, le=BIGGEST - 1000)] = 0,
    all: bool = False,  # noqa: A002 - the word of the URL
    roots: bool = False,
    target: Word = "",
    item: Word = "",
    level: Level | None = None,
    q: Word = "",
) -> list[OneFinding]:
    """未恢复的异常，新的在前；all=true 含已恢复的；roots=true 只列根因，不列连带的。

    q 在对象、检查项、读数、说明中查找。
    """
    needs(request, May.SEE_BOARD)
    found = queries.findings(
        open_only=not all, roots=roots, target=target or None, item=item or None,
        result=Result(level) if level else None, text=q,
    )  # fmt: skip
    return [OneFinding(**_line(one)) for one in found[offset : offset + limit]]


@api.get("/findings/{finding_id}", response=WholeFinding, summary="一个异常", tags=_TAGS)
def finding(request: HttpRequest, finding_id: RowId) -> WholeFinding:
    """含跟进记录与关联的工单。"""
    needs(request, May.SEE_BOARD)
    return _whole(_get(finding_id))


@api.post(
    "/findings/{finding_id}/acknowledge", response=WholeFinding, summary="确认异常", tags=_TAGS,
    openapi_extra={"parameters": [OPTIONAL_KEY]},
)  # fmt: skip
@once()
def acknowledge(request: HttpRequest, finding_id: RowId) -> Answer:
    """已看到并负责处理；第一位确认的人有效，重复确认不改变什么。"""
    user = needs(request, May.HANDLE_FINDINGS)
    found = _get(finding_id)
    actions.acknowledge(found, user, timezone.now())
    return Answer(_whole(found))


@api.post(
    "/findings/{finding_id}/notes", response={201: WholeFinding}, summary="填写跟进", tags=_TAGS,
    openapi_extra={"parameters": [KEY]},
)  # fmt: skip
@once(key=True)
def note(request: HttpRequest, finding_id: RowId, body: NewNote) -> Answer:
    """追加一条跟进记录；记录不可修改。"""
    user = needs(request, May.HANDLE_FINDINGS)
    found = _get(finding_id)
    actions.note(found, body.text, user, timezone.now())
    return Answer(_whole(found), 201)


@api.post(
    "/findings/{finding_id}/ticket", response={201: WholeTicket}, summary="由异常建单",
    tags=_TAGS, openapi_extra={"parameters": [KEY]},
)  # fmt: skip
@once(key=True)
def ticket(request: HttpRequest, finding_id: RowId, body: NewTicketFromFinding) -> Answer:
    """按检查发现的时间起算；已恢复或已有未结工单的异常不能再建。"""
    user = needs(request, May.HANDLE_TICKETS)
    now = timezone.now()
    opened = desk.open_from_finding(_get(finding_id), body.severity, user, now, reason=body.reason)
    fresh = by_number(opened.number)
    assert fresh is not None  # noqa: S101 - just made
    return made(showing.whole(fresh, user, now), 201)


def _get(pk: int) -> Finding:
    try:
        return queries.finding(pk)
    except Finding.DoesNotExist:
        raise Problem(404, f"没有编号为 {pk} 的异常", "finding_id") from None


def _line(one: Finding) -> dict[str, Any]:
    return {
        "id": one.pk, "target": one.target.key, "target_label": one.target.label,
        "item": one.item, "result": one.result, "reading": one.reading,
        "threshold": one.threshold, "opened_at": one.opened_at, "closed_at": one.closed_at,
        "acknowledged_at": one.acknowledged_at,
        "acknowledged_by": str(one.acknowledged_by) if one.acknowledged_by else None,
        "cause": one.cause_id,
    }  # fmt: skip


def _whole(one: Finding) -> WholeFinding:
    notes = [NoteShape(at=each.at, by=each.by_name, text=each.text) for each in one.notes.all()]
    numbers = one.ticket_links.order_by("id").values_list("ticket__number", flat=True)
    symptoms = list(one.symptoms.order_by("id").values_list("id", flat=True))
    return WholeFinding(
        **_line(one), detail=one.detail, notes=notes, tickets=list(numbers), symptoms=symptoms
    )
