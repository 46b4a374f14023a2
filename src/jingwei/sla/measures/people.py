"""Measures over people: who was there, what was agreed beforehand, how much was worked."""

from dataclasses import dataclass
from decimal import Decimal

from jingwei.sla.measures.facts import Facts, Family
from jingwei.sla.measures.periods import day_of
from jingwei.sla.measures.verdict import Line, Verdict, in_order, summed
from jingwei.terms.obligation import Standing


@dataclass(frozen=True)
class PresentArguments:
    """At least so many people of a line on every day there is a fact for."""

    line: str
    at_least: int


def roster_present(arguments: PresentArguments, facts: Facts) -> Verdict:
    """Everybody was there. A working day without any attendance is no evidence, not a pass.

    On-site people ("first") are owed on every working day; the other lines on days that have facts.
    """
    limit = f"≥ {arguments.at_least} 人"
    if Family.PRESENCE not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    today = day_of(facts.now)
    rows = {row.date: row for row in facts.presence if row.line == arguments.line}
    days = set(rows)
    if arguments.line == "first":
        first, last = day_of(facts.term.start), day_of(facts.term.end)
        days |= {day for day, works in facts.working.items() if works and first <= day < last}
    lines = []
    for day in sorted(day for day in days if day < today):
        row = rows.get(day)
        if row is None or not row.known:
            text = f"{day} 无考勤"
            lines.append(Line(Standing.NO_EVIDENCE, text, row.ref if row else None))
        else:
            good = row.there >= arguments.at_least
            standing = Standing.MET if good else Standing.BREACHED
            lines.append(Line(standing, f"{day} {row.there} 人", row.ref))
    return summed(lines, limit=limit)


@dataclass(frozen=True)
class ConsentArguments:
    """What the client must have agreed to before it took effect."""

    subject: str
    granted: bool = True


def consent_before(arguments: ConsentArguments, facts: Facts) -> Verdict:
    """Asked, complete and granted before it began; what never took effect is not judged."""
    limit = "生效前取得同意" if arguments.granted else "事前申请"
    if Family.CONSENTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    lines = []
    for each in facts.consents:
        if each.subject != arguments.subject or not each.effective:
            continue
        key = each.ref.key
        began = each.effective_at <= facts.now
        if each.asked_at >= each.effective_at:
            lines.append(Line(Standing.BREACHED, f"{key} 事后申请", each.ref))
        elif not each.complete:
            lines.append(Line(Standing.BREACHED, f"{key} 事由、去向或联系方式不全", each.ref))
        elif not arguments.granted or (each.granted_at and each.granted_at <= each.effective_at):
            lines.append(Line(Standing.MET, f"{key} 事前办妥", each.ref))
        elif began:
            lines.append(Line(Standing.BREACHED, f"{key} 未经事先同意", each.ref))
        else:
            lines.append(Line(Standing.DUE, f"{key} 待同意", each.ref, each.effective_at))
    return summed(lines, limit=limit)


@dataclass(frozen=True)
class EffortArguments:
    """At most so many person-months; `days_per_month` is not agreed in the tender (A23)."""

    months: float
    days_per_month: float = 21.75


def effort_total(arguments: EffortArguments, facts: Facts) -> Verdict:
    """Work within the budget is owed free of charge; beyond it the provider is not bound."""
    limit = f"≤ {arguments.months:g} 人月"
    if Family.EFFORTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    if not facts.efforts:
        return Verdict(Standing.NOT_APPLICABLE, "本期无", limit)
    days = sum((each.days for each in facts.efforts), Decimal(0))
    months = float(days) / arguments.days_per_month
    standing = Standing.MET if months <= arguments.months else Standing.BREACHED
    lines = [Line(standing, f"{e.ref.key} {e.days} 人日", e.ref) for e in facts.efforts]
    note = f"按每人月 {arguments.days_per_month:g} 人日折算"
    return Verdict(standing, f"{months:.2f} 人月", limit, in_order(lines), note=note)
