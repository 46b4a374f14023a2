"""Tickets that open by themselves: a core system that a check found 异常, by rule.

Each finding gets one ticket at most, ever. Findings about the same thing share the ticket that is
open for it, and so do those behind one cause, unless theirs would be graded worse; when many things
break at once the rest shares one summary ticket: no finding is lost and nobody gets forty tickets
for one power cut.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from jingwei.assets.models import Application, Target
from jingwei.checks.actions.maintenance import in_force
from jingwei.checks.models import Finding
from jingwei.desk.actions.intake import Intake, make, mark, tie, title_of
from jingwei.desk.actions.notices import post
from jingwei.desk.actions.writing import RULE
from jingwei.desk.models import Channel, Kind, State, Ticket, Topic
from jingwei.desk.policies import Automatic, Rule
from jingwei.terms import Result
from jingwei.terms.incident import Severity

STORM = "系统规则（集中异常）"
_BEING_WORKED = (State.NEW, State.ACCEPTED, State.WORKING)
_HOUR = timedelta(hours=1)
_WORST = list(Severity)


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one finding: its ticket, and whether that is a new one."""

    finding: int
    ticket: Ticket
    new: bool


def open_due(policy: Automatic, now: datetime) -> list[Opened]:
    """Open or join tickets for every finding a rule asks for; each in a transaction of its own.

    Two workers at once do no harm: a finding is taken under its lock and looked at again.
    """
    found = []
    for pk in _candidates(policy, now):
        with transaction.atomic():
            one = _take(pk, policy, now)
        if one is not None:
            found.append(one)
    return found


def _candidates(policy: Automatic, now: datetime) -> list[int]:
    """Open findings of checks, 异常, without any ticket, worst rule first, then oldest."""
    items = {item for rule in policy.rules for item in rule.items}
    windows = in_force(now)
    rows = [
        (_WORST.index(rule.severity), finding.opened_at, finding.pk)
        for finding in _open(items)
        if (rule := rule_for(finding, policy.rules)) and _ripe(finding, policy, windows, now)
    ]
    return [pk for _, _, pk in sorted(rows)]


def _open(items: Iterable[str]) -> Iterable[Finding]:
    return Finding.objects.filter(
        closed_at__isnull=True, result=Result.ABNORMAL, origin=Finding.Origin.CHECK,
        item__in=list(items), ticket_links__isnull=True,
    ).select_related("target__application", "check_ref__state", "check_ref__endpoint")  # fmt: skip


def rule_for(finding: Finding, rules: Iterable[Rule]) -> Rule | None:
    """The first rule that fits this finding."""
    target = finding.target
    for rule in rules:
        fits = finding.item in rule.items and (not rule.kinds or target.kind in rule.kinds)
        if fits and (not rule.core or _core(target)):
            return rule
    return None


def _core(target: Target) -> bool:
    return target.application is not None and target.application.core != Application.Core.NO


def _ripe(
    finding: Finding, policy: Automatic, windows: Mapping[int | None, str], now: datetime
) -> bool:
    """Not within announced work; and a trembling check has to stand for a while."""
    if None in windows or finding.target_id in windows:
        return False
    state = getattr(finding.check_ref, "state", None)
    trembling = state is not None and state.flapping
    return not trembling or now - finding.opened_at >= policy.flapping


def _take(pk: int, policy: Automatic, now: datetime) -> Opened | None:
    locked = Finding.objects.select_for_update(of=("self",)).filter(pk=pk, closed_at__isnull=True)
    finding = locked.select_related(
        "target__application", "target__unit__institution", "check_ref__endpoint", "cause"
    ).first()
    if finding is None or finding.ticket_links.exists():
        return None
    rule = rule_for(finding, policy.rules)
    if rule is None:
        return None
    # Two workers with two findings of one target or one cause: the second waits here and finds
    # the ticket. In the order of their keys, so that neither waits for the other for ever.
    things = {finding.target_id, finding.cause.target_id if finding.cause else finding.target_id}
    list(Target.objects.select_for_update(of=("self",)).filter(pk__in=things).order_by("pk"))
    ticket = _standing(finding, rule)
    new = ticket is None
    if ticket is None and _so_far(now) >= policy.hourly:
        ticket = _storm()
        new = ticket is None
        if ticket is None:
            ticket = make(_summary(finding, rule, policy), None, now)
    if ticket is None:
        ticket = make(_intake(finding, rule), None, now)
    tie(ticket, finding, None, now)
    if new:
        post(
            Topic.NEW_TICKET, f"new:{ticket.number}", f"{ticket.number} {ticket.title}",
            ticket.text, now, link=f"/tickets/{ticket.number}/", data={"ticket": ticket.number},
        )  # fmt: skip
    return Opened(finding.pk, ticket, new)


def _standing(finding: Finding, rule: Rule) -> Ticket | None:
    """The incident somebody works on about the same thing or cause, oldest first."""
    target = finding.target
    same = Q(target=target) | Q(finding_links__finding__target=target)
    same |= Q(target_links__target=target)
    if target.application is not None:
        same |= Q(application=target.application)
    root = finding.cause_id or finding.pk
    behind = Q(finding_links__finding=root) | Q(finding_links__finding__cause=root)
    # A stop of a core system must not run on the clocks of the switch that was found first.
    same |= behind & Q(severity__in=_WORST[: _WORST.index(rule.severity) + 1])
    return _locked(
        Ticket.objects.filter(same, kind=Kind.INCIDENT, state__in=_BEING_WORKED)
        .exclude(reporter=STORM)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first()
    )


def _storm() -> Ticket | None:
    """The summary ticket somebody works on."""
    held = Ticket.objects.filter(reporter=STORM, state__in=_BEING_WORKED).order_by("-pk")
    return _locked(held.values_list("pk", flat=True).first())


def _locked(pk: int | None) -> Ticket | None:
    """The ticket under its lock, unless it was ended meanwhile."""
    if pk is None:
        return None
    held = Ticket.objects.select_for_update(of=("self",)).filter(pk=pk, state__in=_BEING_WORKED)
    return held.first()


def _so_far(now: datetime) -> int:
    """How many tickets rules opened within the last hour."""
    return Ticket.objects.filter(
        reporter=RULE, created_by__isnull=True, created_at__gt=now - _HOUR
    ).count()


def _intake(finding: Finding, rule: Rule) -> Intake:
    target = finding.target
    demo = bool(mark(finding))
    return Intake(
        kind=Kind.INCIDENT, title=title_of(finding),
        text=_text(finding, rule, demo), channel=Channel.FINDING, reporter=RULE, target=target,
        application=target.application,
        institution=target.unit.institution if target.unit else None,
        severity=rule.severity, severity_reason=f"规则“{rule.label}”：{rule.reason}",
        detected_at=finding.opened_at, reported_at=finding.opened_at,
    )  # fmt: skip


def _summary(finding: Finding, rule: Rule, policy: Automatic) -> Intake:
    """One ticket for all that breaks beyond the hour's measure."""
    return Intake(
        kind=Kind.INCIDENT,
        title=f"{mark(finding)}多处同时异常（一小时内超过 {policy.hourly} 起）",
        text="系统规则一小时内建单已达上限，其后的检查发现都关联到本单；请先查共同原因（供电、"
        "核心网络、存储）。关联的检查发现见下方。",
        channel=Channel.FINDING, reporter=STORM, severity=rule.severity,
        severity_reason=f"首个发现适用规则“{rule.label}”：{rule.reason}",
        detected_at=finding.opened_at, reported_at=finding.opened_at,
    )  # fmt: skip


def _text(finding: Finding, rule: Rule, demo: bool) -> str:
    lines = [
        f"检查发现 {finding.pk}，规则“{rule.label}”自动建单。",
        f"检查项：{finding.item}；读数：{finding.reading or '无'}",
        f"阈值：{finding.threshold or '无'}",
        finding.detail,
        "对象由演示区域提供，不是真实设备。" if demo else "",
    ]
    return "\n".join(line for line in lines if line)
