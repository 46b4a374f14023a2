"""Opening a ticket: by hand, or from a finding in one action; and what belongs together."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Institution, Site, Target
from jingwei.checks.models import Finding
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import demand, past, plain, take, wanted, whole, write
from jingwei.desk.models import (
    ENDED,
    Channel,
    EventKind,
    Impact,
    Kind,
    Ticket,
    TicketFinding,
    TicketNumber,
    Urgency,
)
from jingwei.desk.transitions import first_state
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Instant, Severity

DEMO = "【演示区域】"


@dataclass(frozen=True, slots=True)
class Intake:
    """What the desk writes down while the caller is on the line.

    `reported_at` is required for an incident, and so is `severity`; `occurred_at` and
    `detected_at` where they are known.
    """

    kind: Kind
    title: str
    text: str = ""
    channel: Channel = Channel.PHONE
    reporter: str = ""
    phone: str = ""
    institution: Institution | None = None
    application: Application | None = None
    target: Target | None = None
    site: Site | None = None
    severity: Severity | None = None
    severity_reason: str = ""
    impact: Impact | None = None
    urgency: Urgency | None = None
    occurred_at: datetime | None = None
    detected_at: datetime | None = None
    reported_at: datetime | None = None
    parent: Ticket | None = None


def open_ticket(intake: Intake, by: User, now: datetime) -> Ticket:
    """A new ticket with its number; its log begins with who opened it and what is known.

    Raises ForbiddenError for who may not, BadInputError without title, for an incident without
    severity or report, and for instants that contradict each other or lie ahead.
    """
    demand(by, May.HANDLE_TICKETS)
    if intake.kind is Kind.DATA_CHANGE:
        raise BadInputError("kind", "数据修改须填写数据修改报告单，请从报告单建单")
    with transaction.atomic():
        return make(intake, by, now)


def make(intake: Intake, by: User | None, now: datetime) -> Ticket:
    """The ticket itself; call inside a transaction, after asking who may. No `by`: a rule."""
    title = plain("title", wanted("title", intake.title, "标题"), "标题", 200)
    instants = _instants(intake, now)
    ticket = Ticket.objects.create(
        number=_next_number(now), kind=intake.kind, state=first_state(intake.kind), title=title,
        text=plain("text", intake.text, "说明"), channel=intake.channel,
        reporter=plain("reporter", intake.reporter, "报修人", 64),
        phone=plain("phone", intake.phone, "联系电话", 32), institution=intake.institution,
        application=intake.application, target=intake.target,
        site=intake.site or _site_of(intake.target), severity=intake.severity or "",
        impact=intake.impact or "", urgency=intake.urgency or "",
        created_at=now, created_by=by, token=secrets.token_urlsafe(24),
    )  # fmt: skip
    write(ticket, EventKind.OPENED, by, now, value=Kind(intake.kind).label)
    if intake.severity is not None:
        write(
            ticket, EventKind.SEVERITY, by, now, value=intake.severity,
            reason=plain("severity_reason", intake.severity_reason, "定级理由"), granted=True,
        )  # fmt: skip
    for instant, at in instants.items():
        write(ticket, EventKind.INSTANT, by, now, at=at, instant=instant)
    if intake.parent is not None:
        _join(ticket, intake.parent, by, now)
    return ticket


def open_from_finding(
    finding: Finding, severity: Severity, by: User, now: datetime, *, reason: str = ""
) -> Ticket:
    """An incident from a finding in one action; the finding's opening is when it was detected.

    Nobody called, so it counts as reported when it was detected: our own checks excuse no delay.
    Raises BadInputError when the finding is healed or has an open ticket, ForbiddenError.
    """
    demand(by, May.HANDLE_TICKETS)
    with transaction.atomic():
        return make_from_finding(finding, severity, by, now, reason=reason)


def make_from_finding(
    finding: Finding, severity: Severity, by: User | None, now: datetime, *, reason: str = ""
) -> Ticket:
    """The ticket of a finding; call inside a transaction. No `by`: a rule opens it.

    Raises BadInputError when the finding is healed or has an open ticket.
    """
    held = Finding.objects.select_for_update(of=("self",)).select_related(
        "target__application", "target__unit__institution", "check_ref__endpoint"
    ).get(pk=finding.pk)  # fmt: skip
    if held.closed_at is not None:
        raise BadInputError("finding", "该发现已恢复，无需建单")
    linked = Ticket.objects.filter(finding_links__finding=held).exclude(state__in=ENDED)
    if (existing := linked.first()) is not None:
        raise BadInputError("finding", f"该发现已有工单 {existing.number}")
    target = held.target
    ticket = make(
        Intake(
            kind=Kind.INCIDENT, title=title_of(held),
            text=held.detail, channel=Channel.FINDING, target=target,
            application=target.application,
            institution=target.unit.institution if target.unit else None,
            severity=severity, severity_reason=reason or f"检查结果：{Result(held.result).label}",
            detected_at=held.opened_at, reported_at=held.opened_at,
        ),
        by, now,
    )  # fmt: skip
    tie(ticket, held, by, now)
    return ticket


def title_of(finding: Finding) -> str:
    """What and what is wrong with it, marked where it is no real thing."""
    return f"{mark(finding)}{finding.target.label}：{finding.reading or finding.item}"[:200]


def mark(finding: Finding) -> str:
    """What a title begins with when the miniature region gave the reading; else nothing."""
    check = finding.check_ref
    return DEMO if check and check.endpoint and check.endpoint.demo else ""


@whole
def link_finding(
    ticket: Ticket, finding: Finding, by: User, now: datetime, *, version: int
) -> None:
    """The ticket is to heal this finding too. Raises BadInputError when it is linked already."""
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.finding_links.filter(finding=finding).exists():
        raise BadInputError("finding", "该发现已关联本工单")
    tie(ticket, finding, by, now)


@whole
def group(ticket: Ticket, parent: Ticket, by: User, now: datetime, *, version: int) -> None:
    """The same fault at several hospitals: this one goes under the other.

    Raises BadInputError unless both are incidents, one level deep.
    """
    demand(by, May.HANDLE_TICKETS)
    # Both at once and in one order: two who group the same two each other's way would deadlock.
    both = Ticket.objects.filter(pk__in=(ticket.pk, parent.pk)).order_by("pk")
    list(both.select_for_update().values_list("pk"))
    take(ticket, version)
    _join(ticket, parent, by, now)


def _join(ticket: Ticket, parent: Ticket, by: User | None, now: datetime) -> None:
    # Locked, so that two tickets can't each become the other's parent at once.
    parent = Ticket.objects.select_for_update().get(pk=parent.pk)
    if ticket.pk == parent.pk:
        raise BadInputError("parent", "工单不能归入自己")
    if ticket.kind != Kind.INCIDENT or parent.kind != Kind.INCIDENT:
        raise BadInputError("parent", "只有故障单可以归入同一故障")
    if parent.parent_id is not None or ticket.children.exists():
        raise BadInputError("parent", f"只能归并一层；请归入最上层的故障单（{parent.number}）")
    if parent.ended:
        raise BadInputError("parent", f"{parent.number}{parent.get_state_display()}，不能再归入")
    ticket.parent = parent
    ticket.save(update_fields=("parent",))
    write(ticket, EventKind.LINK, by, now, value=f"归入 {parent.number}")


@whole
def ungroup(ticket: Ticket, reason: str, by: User, now: datetime, *, version: int) -> None:
    """It was another fault after all. Raises BadInputError without a reason or a parent."""
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.parent is None:
        raise BadInputError("parent", f"{ticket.number}没有归入其他故障单")
    wanted("reason", reason, "移出的原因")
    value = f"移出 {ticket.parent.number}"
    ticket.parent = None
    ticket.save(update_fields=("parent",))
    write(ticket, EventKind.LINK, by, now, value=value, reason=reason)


def tie(ticket: Ticket, finding: Finding, by: User | None, now: datetime) -> None:
    """The ticket is to heal this finding too; call inside a transaction, after asking who may."""
    TicketFinding.objects.create(ticket=ticket, finding=finding)
    write(ticket, EventKind.LINK, by, now, value=f"检查发现 {finding.pk}：{finding}")


def _instants(intake: Intake, now: datetime) -> dict[Instant, datetime]:
    known = {
        Instant.OCCURRED: intake.occurred_at,
        Instant.DETECTED: intake.detected_at,
        Instant.REPORTED: intake.reported_at,
    }
    found = {name: past(at, now) for name, at in known.items() if at is not None}
    if intake.kind is Kind.INCIDENT:
        if intake.severity is None:
            raise BadInputError("severity", "故障须定级：" + "、".join(s.label for s in Severity))
        if Instant.REPORTED not in found:
            raise BadInputError("reported_at", "故障须填写报修时间")
    elif intake.severity is not None:
        raise BadInputError("severity", "只有故障单定级")
    first = found.get(Instant.OCCURRED)
    if first is not None and any(at < first for at in found.values()):
        raise BadInputError("occurred_at", "发生时间不能晚于发现或报修时间")
    return found


def _site_of(target: Target | None) -> Site | None:
    """Where a target stands, as far as the register knows."""
    if target is None:
        return None
    if target.site is not None:
        return target.site
    if target.room is not None:
        return target.room.site
    return target.unit.row.site if target.unit is not None else None


def _next_number(now: datetime) -> str:
    """The next number of this year, GD-2026-00001.

    One UPDATE in the ticket's own transaction: two at once wait for each other and differ, and a
    ticket that was not made leaves no gap.
    """
    year = now.astimezone(SHANGHAI).year
    TicketNumber.objects.get_or_create(year=year)
    TicketNumber.objects.filter(year=year).update(last=F("last") + 1)
    taken = TicketNumber.objects.get(year=year)
    return f"GD-{year}-{taken.last:05d}"
