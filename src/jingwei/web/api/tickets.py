"""Reading tickets over the interface: found, paged, one with all that belongs to it."""

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import Field

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Institution
from jingwei.desk import queries
from jingwei.desk.models import ENDED, Kind, State, Ticket
from jingwei.terms.incident import Severity
from jingwei.web.api import showing, versions
from jingwei.web.api.frame import api, caller
from jingwei.web.api.idempotency import Answer, told
from jingwei.web.api.problem import Problem
from jingwei.web.api.shapes import ClocksShape, TicketPage, WholeTicket
from jingwei.web.api.values import BIGGEST, Asked, Word
from jingwei.web.days import EARLIEST, LATEST

TAGS = ["工单"]
_NUMBER = re.compile(r"GD-\d{4}-\d{5,9}")
_NAMED = ("institution", "application", "target", "site", "assignee", "parent")


@api.get("/tickets", response=TicketPage, summary="工单列表", tags=TAGS)
def tickets(
    request: HttpRequest,
    q: Word = "",
    kind: Kind | None = None,
    state: State | None = None,
    severity: Severity | None = None,
    institution: Word = "",
    open: bool = False,  # noqa: A002 - the word of the URL
    mine: bool = False,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    cursor: Word = "",
) -> TicketPage:
    """新的在前。q 在单号、标题、说明、机构（含拼音首字母）、系统、对象、日志和处理记录中查找；
    institution 为机构代码；open=true 只列未结束的；mine=true 只列派给自己的。下一页用 next 作
    cursor。机构联系人只见本机构的工单。"""
    user = _reader(request)
    wanted = queries.Wanted(
        text=q, kind=kind or "", state=state or "", severity=severity or "",
        institution=_institution(institution), open_only=open, mine=user if mine else None,
    )  # fmt: skip
    rows = _wanted(wanted, user).select_related(*_NAMED).order_by("-created_at", "-id")
    if cursor:
        at, pk = _from_cursor(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return TicketPage(
        items=[showing.line(each) for each in found[:limit]],
        next=_to_cursor(found[limit - 1]) if more else None,
    )


@api.get(
    "/tickets/{number}", response=WholeTicket, summary="一张工单", tags=TAGS,
    openapi_extra={"parameters": [versions.IF_NONE_MATCH],
                   "responses": {304: {"description": "内容未变"}}},
)  # fmt: skip
def ticket(request: HttpRequest, number: Word) -> HttpResponse:
    """含日志、处理记录、表单、两种日历的时限和本人可执行的步骤。ETag 以版本开头，写入时放进
    If-Match。"""
    user = _reader(request)
    body = showing.whole(find(number, user), user, timezone.now())
    tag = versions.tag(body.version, body)
    if versions.unchanged(request, tag):
        made = HttpResponse(status=304)
        made["ETag"] = tag
        return made
    return told(Answer(body, headers={"ETag": tag}))


@api.get("/tickets/{number}/clocks", response=ClocksShape, summary="工单时限", tags=["时限"])
def clocks(request: HttpRequest, number: Word, as_of: Asked | None = None) -> ClocksShape:
    """每条时限在 5x8 与 7x24 两种日历上的起算、到期、已用和剩余。as_of（不写时区按北京时间）只计
    该时刻之前写入日志的内容。"""
    user = _reader(request)
    now = timezone.now()
    found = find(number, user)
    if as_of is None:
        return showing.clocks(found, now)
    if as_of > now:
        raise Problem(422, "as_of 晚于当前时间，时限无从得知", "as_of")
    if as_of < found.created_at:
        raise Problem(422, f"{number} 建于 {found.created_at.isoformat()}，此前没有时限", "as_of")
    return showing.clocks(queries.as_it_stood(found, as_of), as_of)


def find(number: str, user: User) -> Ticket:
    """The ticket, when this person may see it. Raises Problem 404."""
    found = queries.by_number(number) if _NUMBER.fullmatch(number) else None
    if found is not None and not may(user.role, May.SEE_DESK):
        found = found if queries.own(user).filter(pk=found.pk).exists() else None
    if found is None:
        raise Problem(404, f"没有单号为“{number[:20]}”的工单", "number")
    return found


def _reader(request: HttpRequest) -> User:
    user = caller(request)
    if not (may(user.role, May.SEE_DESK) or may(user.role, May.REPORT_OWN)):
        raise Problem(403, "该账号的角色不能查看服务台")
    return user


def _wanted(wanted: queries.Wanted, user: User) -> QuerySet[Ticket]:
    if may(user.role, May.SEE_DESK):
        return queries.listed(wanted, timezone.localdate())
    # A contact searches what he may read: a hit in the log would tell him what it says.
    rows = queries.own(user)
    for word in wanted.text.split():
        rows = rows.filter(
            Q(number__icontains=word) | Q(title__icontains=word) | Q(text__icontains=word)
        )
    exact = {"kind": wanted.kind, "state": wanted.state, "severity": wanted.severity}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.institution is not None:
        rows = rows.filter(institution=wanted.institution)
    if wanted.mine is not None:
        rows = rows.filter(assignee=wanted.mine)
    return rows.exclude(state__in=ENDED) if wanted.open_only else rows


def _institution(code: str) -> Institution | None:
    if not code:
        return None
    found = Institution.objects.filter(code=code).first()
    if found is None:
        raise Problem(422, f"没有代码为“{code[:20]}”的机构", "institution")
    return found


def _to_cursor(last: Ticket) -> str:
    text = f"{last.created_at.isoformat()}|{last.pk}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _from_cursor(cursor: str) -> tuple[datetime, int]:
    """Raises Problem 422 for what no page of ours gave out."""
    try:
        at, _, pk = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition("|")
        when, number = datetime.fromisoformat(at), int(pk)
    except (ValueError, binascii.Error):
        raise _bad_cursor() from None
    if not (EARLIEST <= when.year < LATEST and when.tzinfo and 0 < number <= BIGGEST):
        raise _bad_cursor()
    return when, number


def _bad_cursor() -> Problem:
    return Problem(422, "cursor 应为上一页给出的 next", "cursor")
