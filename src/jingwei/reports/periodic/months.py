"""The contract year month by month, up to the end of a period: what its charts show."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from jingwei.desk.models import Effort, Kind, State, Ticket
from jingwei.reports.periodic.rows import Month
from jingwei.reports.periodic.spans import Span
from jingwei.reports.periodic.upkeep import ROUTINE
from jingwei.sla.availability import Term, availability, emergency_budget
from jingwei.sla.measures.facts import Facts
from jingwei.sla.measures.periods import add_months, day_of, midnight
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Severity

_DAY = timedelta(days=1)
_ORDER = (*Severity, "")


def months(span: Span, known: Facts) -> tuple[Month, ...]:
    """Each month that began by the end of the period, the first first."""
    opened = _opened(span)
    efforts = list(
        Effort.objects.filter(date__gte=span.year_first, date__lte=span.last).values_list(
            "date", "days"
        )
    )
    made = []
    first = span.year_first
    while first <= span.last and midnight(first) < span.as_of:
        after = add_months(first, 1)
        made.append(_month(span, known, first, after, opened, efforts))
        first = after
    return tuple(made)


Opened = list[tuple[date, str, str]]


def _opened(span: Span) -> Opened:
    """Day, kind and severity of every fault and request of the year that was not withdrawn."""
    rows = Ticket.objects.filter(
        created_at__gte=midnight(span.year_first), created_at__lt=span.as_of,
        kind__in=(Kind.INCIDENT, Kind.SERVICE_REQUEST),
    ).values_list("created_at", "kind", "severity", "state")  # fmt: skip
    return [
        (at.astimezone(SHANGHAI).date(), kind, severity or "")
        for at, kind, severity, state in rows
        if not (kind == Kind.INCIDENT and state == State.CANCELLED)
    ]


def _month(
    span: Span, known: Facts, first: date, after: date, opened: Opened,
    efforts: list[tuple[date, Decimal]],
) -> Month:  # fmt: skip
    """One month. Before the first daily check nobody watched: no share of time is known."""
    end = min(midnight(after), span.as_of)
    mine = [row for row in opened if first <= row[0] < after]
    faults = [severity for _, kind, severity in mine if kind == Kind.INCIDENT]
    watched = known.watched_from is not None and known.watched_from < end
    ratio, down_left, emergency_left = _budgets(span, known, midnight(first), end)
    booked = sum((days for day, days in efforts if day < after), Decimal(0))
    return Month(
        label=f"{first.year % 100}-{first.month:02d}",
        ratio=ratio if watched else None,
        down_left=down_left if watched else None,
        emergency_left=emergency_left if watched else None,
        days_used=float(booked),
        severities=tuple(faults.count(each) for each in _ORDER),
        requests=len(mine) - len(faults),
        owed=_owed(known, first, day_of(end - timedelta(microseconds=1))),
        finished=sum(
            run.routine == ROUTINE and run.finished and first <= run.date < after
            and run.date <= span.last
            for run in known.runs
        ),
    )  # fmt: skip


def _budgets(span: Span, known: Facts, start: datetime, end: datetime) -> tuple[float, int, int]:
    """The month's available share in %, and the seconds of both budgets left at its end."""
    downs = [downtime for _, downtime in known.downtimes]
    year = Term(midnight(span.year_first), midnight(span.year_last + _DAY))
    month = availability(downs, Term(start, end), end)
    whole = availability(downs, year, end)
    spells = emergency_budget([event.downtime for event in known.emergencies], year, end)
    return (
        round(month.ratio * 100, 3),
        round(whole.left.total_seconds()),
        round(spells.left.total_seconds()),
    )


def _owed(known: Facts, first: date, last: date) -> int | None:
    """Working days; None where a day's kind was not published."""
    count, day = 0, first
    while day <= last:
        works = known.working.get(day)
        if works is None:
            return None
        count += works
        day += _DAY
    return count
