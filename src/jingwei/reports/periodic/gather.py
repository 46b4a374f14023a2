"""One periodic account from every room: numbers come from their queries, none is made up here."""

from datetime import datetime, timedelta
from decimal import Decimal

from jingwei.calendars import queries as calendars
from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.contract.queries import Assessed
from jingwei.desk import queries as desk
from jingwei.desk.models import Channel
from jingwei.desk.queries import roster
from jingwei.desk.queries.roster import FIRST
from jingwei.emergency import queries as emergencies
from jingwei.emergency.models import Level
from jingwei.emergency.queries.drills import PER_YEAR
from jingwei.reports import gather as shared
from jingwei.reports.daily.sheet import Project
from jingwei.reports.masking import masked
from jingwei.reports.periodic import facts as frozen
from jingwei.reports.periodic import listing, spans, tickets, upkeep
from jingwei.reports.periodic.months import months
from jingwei.reports.periodic.spans import Span
from jingwei.sla.availability import Term, availability, emergency_budget
from jingwei.sla.measures.facts import Facts, Family
from jingwei.sla.measures.periods import day_of, midnight
from jingwei.terms import SHANGHAI

_DAY = timedelta(days=1)
_REFS = 3  # evidence numbers printed for one obligation; how many more there are is told
_ROOMS = {
    Family.EXCHANGE: "交互数据（上传量、完整率、及时率）",
    Family.BACKUPS: "备份作业结果",
    Family.RESTORES: "备份恢复测试",
    Family.LOGS: "日志留存与日志分析",
}  # fmt: skip


def gather(kind: str, subject: str, now: datetime) -> frozen.Account:
    """The account of a period as the records stand. Raises ReportError as `spans.find` does."""
    held, span = spans.find(kind, subject, now)
    known = contract.gather(held, now)
    owed = contract.duties(held, now, known)
    rows = tickets.opened(span)
    standing = tickets.standing(rows)
    clocks = contract.clocks_of(standing, now)
    kept, late = tickets.kept(standing, clocks)
    return frozen.Account(
        project=_project(held, span), span=span,
        working_days=calendars.working_days(span.first, span.last),
        daily=upkeep.daily(span, known), checked=upkeep.checked(span),
        climate=upkeep.climate(span, known), found=upkeep.found(span),
        tickets=tickets.by_kind(rows), requests=tickets.requests(span),
        channels=tickets.tally(rows, lambda row: Channel(row.channel).label),
        systems=tickets.tally(rows, tickets.system),
        institutions=tickets.tally(rows, tickets.institution),
        severities=tickets.tally(standing, tickets.severity),
        causes=tickets.tally(standing, tickets.cause), kept=kept, late=late,
        faults=tuple(tickets.fault(row, clocks[row.pk]) for row in standing),
        changes=tickets.changes(rows), left=tickets.left(span, now), parts=tickets.parts(span),
        duties=upkeep.duties(span, owed, known), ahead=upkeep.ahead(span, owed, known),
        records=upkeep.records(held, span), endings=upkeep.endings(span),
        expiries=upkeep.expiries(span), events=_events(span), drills=_drills(span, known),
        budgets=_budgets(span, known), people=_people(span, known),
        missing=tuple((words, "平台的这一部分尚未接入") for family, words in _ROOMS.items()
                      if family not in known.known),
        papers=_papers(held, span),
        promises=_promises(contract.assess_all(held, now, known)) if kind == "annual" else (),
        months=months(span, known), rows=listing.rows(span, known, owed, rows, clocks),
    )  # fmt: skip


def _project(held: Contract, span: Span) -> Project:
    """The contract the subject names, which need not be the one in force today."""
    common = shared.project(span.first)
    return Project(
        held.title,
        held.client,
        held.provider,
        f"{held.code} v{held.version}",
        common.demonstration or held.demonstration,
    )


def _budgets(span: Span, known: Facts) -> frozen.Budgets:
    """The contract year's budgets up to the end of the period, and the period's own part."""
    year = Term(midnight(span.year_first), midnight(span.year_last + _DAY))
    inside = Term(midnight(span.first), midnight(span.last + _DAY))
    downs = [downtime for _, downtime in known.downtimes]
    whole, part = (availability(downs, term, span.as_of) for term in (year, inside))
    spells = [event.downtime for event in known.emergencies]
    budget = emergency_budget(spells, year, span.as_of)
    last = min(span.last, day_of(span.as_of))
    ledger = desk.ledger(span.year_first, last)
    booked: Decimal = sum(
        (each.effort.days for each in ledger.entries if each.effort.date >= span.first), Decimal(0)
    )
    return frozen.Budgets(
        down_used=_seconds(whole.counted), down_period=_seconds(part.counted),
        down_excluded=_seconds(whole.excluded), down_limit=_seconds(whole.limit),
        down_left=_seconds(whole.left), ratio=round(whole.ratio * 100, 3), down_met=whole.met,
        emergency_used=_seconds(budget.used), emergency_sum=_seconds(budget.sum),
        emergency_excluded=_seconds(budget.excluded), emergency_limit=_seconds(budget.limit),
        emergency_left=_seconds(budget.left), emergency_met=budget.met,
        days_used=str(ledger.used), days_period=str(booked), days_limit=str(ledger.limit),
        days_left=str(ledger.left), days_note=ledger.note,
        drills_done=sum(year.start <= each.ended_at < year.end and each.ended_at <= span.as_of
                        for each in known.drills),
        drills_needed=PER_YEAR,
        watched_from=day_of(known.watched_from)
        if known.watched_from is not None and known.watched_from < span.as_of else None,
    )  # fmt: skip


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def _events(span: Span) -> tuple[frozen.Event, ...]:
    """Real emergencies that touch the period; drills are never among them."""
    end = min(span.as_of, midnight(span.last + _DAY))
    return tuple(
        frozen.Event(
            each.emergency.number, masked(each.emergency.title), Level(each.emergency.level).label,
            each.downtime.start, each.downtime.end, each.downtime.cause.label,
            each.downtime.excluded_by,
        )
        for each in emergencies.spells(midnight(span.first), end)
    )  # fmt: skip


def _drills(span: Span, known: Facts) -> tuple[str, ...]:
    return tuple(
        f"{each.ref.key}（{each.ended_at.astimezone(SHANGHAI):%Y-%m-%d}）"
        for each in known.drills
        if span.holds(each.ended_at)
    )


def _people(span: Span, known: Facts) -> frozen.People:
    """First-line attendance by day, leave that began, and what was agreed too late."""
    rows = {each.date: each.there for each in known.presence
            if each.line == "first" and span.first <= each.date <= span.last}  # fmt: skip
    last = min(span.last, day_of(span.as_of - timedelta(microseconds=1)))
    worked = [day for day in rows if known.working.get(day)]
    short = tuple(f"{day}（{rows[day]} 人）" for day in sorted(worked) if rows[day] < FIRST)
    asked = [each for each in known.consents if span.holds(each.effective_at) and each.effective]
    leaves = [each for each in asked if each.subject == "leave"]
    late = sum(each.granted_at is None or each.granted_at > each.effective_at for each in asked)
    changes = tuple(
        f"{row.leaving.name} → {row.joining_name}（{row.on}，{row.get_state_display()}）"
        for row in roster.changes()
        if span.first <= row.on <= span.last
    )
    return frozen.People(
        calendars.working_days(span.first, last), len(worked), short, FIRST, len(leaves), late,
        changes,
    )  # fmt: skip


def _papers(held: Contract, span: Span) -> tuple[str, ...]:
    """Papers about this period that were filed."""
    rows = held.documents.filter(period_start=span.first, period_end=span.last).order_by("id")
    return tuple(f"{row.title}（{row.report or f'document:{row.pk}'}）" for row in rows)


def _promises(rows: list[Assessed]) -> tuple[frozen.Promise, ...]:
    """Every obligation in the tender's order, with the numbers of its evidence."""
    made = []
    for each in rows:
        verdict = each.assessment.verdict
        refs = list(dict.fromkeys(str(ref) for ref in verdict.refs))
        made.append(
            frozen.Promise(
                each.obligation.key, each.obligation.clause, each.obligation.text,
                verdict.standing.value, masked(verdict.value), verdict.limit, tuple(refs[:_REFS]),
                max(0, len(refs) - _REFS), each.assessment.open_questions,
            )
        )  # fmt: skip
    return tuple(made)
