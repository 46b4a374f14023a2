"""What every write of the desk does: take the ticket in its version, add to the log, audit."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import F

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.desk.actions.errors import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.desk.models import EventKind, Ticket, TicketEvent
from jingwei.terms.incident import Instant

P = ParamSpec("P")
R = TypeVar("R")
LATE = timedelta(minutes=30)  # written down later than this after it happened: stamped so
SKEW = timedelta(minutes=1)  # two hosts may differ by so much; more is a clock that was set back
LONGEST = 5000  # characters of one text a person writes
SCRIPT = 100_000  # of a script
EARLIEST = 2000  # a year before this is a slip of the keyboard, and year 1 has no time zone
RULE = "系统规则"  # who wrote a line that no person wrote
_WORDS = {
    May.HANDLE_TICKETS: "处理工单",
    May.APPROVE_TICKETS: "代表甲方审批和确认",
    May.REPORT_OWN: "为本机构报修",
    May.MANAGE_USERS: "管理用户",
}


def whole(
    action: Callable[Concatenate[Ticket, P], R],
) -> Callable[Concatenate[Ticket, P], R]:
    """All of an action or nothing, and the ticket in memory as it then stands in the database."""

    @wraps(action)
    def done(ticket: Ticket, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                return action(ticket, *args, **kwargs)
        finally:
            ticket.refresh_from_db()

    return done


def demand(by: User, what: May) -> None:
    """Raises ForbiddenError unless this person may do this and his account is in use."""
    if not (by.is_active and may(by.role, what)):
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能{_WORDS[what]}")


def take(ticket: Ticket, version: int) -> None:
    """Count the version up, for this writer only; call first, inside a transaction.

    One UPDATE with the version he saw: of two writers the second finds no row. Raises StaleError,
    and BadInputError for a ticket that has ended.
    """
    held = Ticket.objects.filter(pk=ticket.pk, version=version)
    if not held.update(version=F("version") + 1):
        raise StaleError
    ticket.refresh_from_db()
    if ticket.ended:
        raise BadInputError("state", f"{ticket.number}{ticket.get_state_display()}，不能再改")


def write(
    ticket: Ticket,
    kind: EventKind,
    by: User | None,
    now: datetime,
    *,
    at: datetime | None = None,
    instant: Instant | None = None,
    state: str = "",
    value: str = "",
    reason: str = "",
    granted: bool | None = None,
    resident: bool = False,
    refers_to: TicketEvent | None = None,
    before: Any = None,
    more: Mapping[str, Any] | None = None,
    name: str = "",
) -> TicketEvent:
    """One line of the log and one link of the audit chain.

    `at` is when it happened, `now` when it is written down; `by` is None where no login wrote it,
    `name` then says who; `more` goes to the audit chain only. Where the machine's clock has gone
    back since the last line the chain says from when. Raises BadInputError when `at` has no time
    zone or lies ahead of `now`.
    """
    happened = past(at or now, now)
    value = plain("value", value, "内容", SCRIPT)
    event = TicketEvent(
        ticket=ticket, kind=kind, at=happened, entered_at=now, late=now - happened > LATE,
        instant=instant or "", state=state, value=value[:200], granted=granted, resident=resident,
        reason=plain("reason", reason, "原因"), refers_to=refers_to, by=by,
        by_name=name or name_of(by),
    )  # fmt: skip
    last = ticket.events.order_by("-id").values_list("entered_at", flat=True).first()
    event.save()
    after = {
        "at": happened.isoformat(), "late": event.late, "instant": event.instant,
        "state": event.state, "value": event.value, "granted": granted, "resident": resident,
        "refers_to": refers_to.pk if refers_to else None, **(more or {}),
    }  # fmt: skip
    if last is not None and last - now > SKEW:
        after["clock_back_from"] = last.isoformat()
    audit(
        ticket, kind.value, by, now, before=before, after=after, reason=event.reason, name=name
    )  # fmt: skip
    return event


def audit(
    ticket: Ticket, action: str, by: User | None, now: datetime, *,
    before: Any = None, after: Any = None, reason: str = "", succeeded: bool = True,
    name: str = "",
) -> None:  # fmt: skip
    """One link of the audit chain about a ticket."""
    accounts.record(
        by or name or RULE, f"ticket.{action}", kind="ticket", key=ticket.number, before=before,
        after=after, reason=reason, succeeded=succeeded, now=now,
    )  # fmt: skip


def refused(ticket: Ticket, action: str, by: User, now: datetime, error: DeskError) -> None:
    """A refusal is in the chain too, outside the transaction that was rolled back."""
    audit(ticket, action, by, now, reason=error.message, succeeded=False)


def past(at: datetime, now: datetime) -> datetime:
    """The instant itself. Raises BadInputError without a time zone, or when it is still to come."""
    if at.tzinfo is None:
        raise BadInputError("at", f"时间缺少时区：{at.isoformat()}")
    if at.year < EARLIEST:
        raise BadInputError("at", f"时间“{at:%Y-%m-%d}”过早，应在 {EARLIEST} 年以后")
    if at > now:
        raise BadInputError("at", "时间晚于当前时间；只能记录已经发生的事")
    return at


def wanted(field: str, text: str, what: str) -> str:
    """The text without blanks around it. Raises BadInputError when nothing is left."""
    if not text.strip():
        raise BadInputError(field, f"请填写{what}")
    return plain(field, text, what, SCRIPT)


def plain(field: str, text: str, what: str, most: int = LONGEST) -> str:
    """The text without blanks around it. Raises BadInputError for what no database can keep."""
    text = text.strip()
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise BadInputError(field, f"{what}含有无法保存的字符，请删除后重填")
    if len(text) > most:
        raise BadInputError(field, f"{what}不超过 {most} 字，收到 {len(text)} 字")
    return text


def name_of(by: User | None) -> str:
    """How a person is named in a record, kept even when the account is renamed."""
    return (by.full_name or by.username) if by is not None else RULE
