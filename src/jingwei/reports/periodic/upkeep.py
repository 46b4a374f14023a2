"""What the checks, the duties and the register say about a period."""

from collections import Counter, defaultdict
from datetime import timedelta

from django.db.models import Count

from jingwei.assets import queries as assets
from jingwei.assets.models import AssetRow
from jingwei.calendars import queries as calendars
from jingwei.checks import queries as checks
from jingwei.checks.models import Finding, ItemResult
from jingwei.contract import queries as contract
from jingwei.contract.actions.duties import RESULTS
from jingwei.contract.models import Contract, DutyRecord
from jingwei.desk import queries as desk
from jingwei.reports.masking import masked
from jingwei.reports.periodic import facts as frozen
from jingwei.reports.periodic.spans import Span
from jingwei.sla.measures.facts import Facts
from jingwei.sla.measures.periods import add_months, day_of, midnight
from jingwei.sla.owed import Owed
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

ROUTINE = "daily"
AHEAD = timedelta(days=90)
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
# Tender L663: both ends of the range are still good.
RANGES = {"room.temperature": ("温度（℃）", 18, 28), "room.humidity": ("湿度（%）", 35, 75)}


def daily(span: Span, facts: Facts) -> frozen.Daily:
    """The daily check: days owed, days finished, items, and the days nobody finished it."""
    runs = {run.date: run for run in facts.runs if run.routine == ROUTINE and run.finished
            and span.first <= run.date <= span.last}  # fmt: skip
    last = min(span.last, day_of(span.as_of - timedelta(microseconds=1)))
    known = calendars.working_days(span.first, last)
    owed = [day for day, works in sorted(facts.working.items())
            if works and span.first <= day <= last]  # fmt: skip
    planned = sum(both[0] for run in runs.values() for both in run.items.values())
    checked = sum(both[1] for run in runs.values() for both in run.items.values())
    without = tuple(day.isoformat() for day in owed if day not in runs)
    return frozen.Daily(known, len(runs), planned, checked, without)


def checked(span: Span) -> tuple[frozen.Checked, ...]:
    """Answers of the daily checks by section and verdict; sections nobody answered are left out."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rows = (
        ItemResult.objects.filter(
            run__routine=ROUTINE, run__date__gte=span.first, run__date__lte=span.last, current=True
        )
        .order_by()
        .values_list("item", "result")
        .annotate(number=Count("id"))
    )
    for item, result, number in rows:
        counts[item][result] += number
    made = []
    plan = checks.routine(ROUTINE)
    for section in plan.sections:
        items = [item.id for item in plan.items if item.section == section.id]
        held: Counter[str] = sum((counts[item] for item in items if item in counts), Counter())
        if held:
            made.append(
                frozen.Checked(
                    section.label, held[Result.NORMAL], held[Result.ATTENTION],
                    held[Result.ABNORMAL], held[Result.UNCHECKED],
                )
            )  # fmt: skip
    return tuple(made)


def climate(span: Span, facts: Facts) -> tuple[frozen.Climate, ...]:
    """The rooms' temperature and humidity: lowest, highest, days out of range (L663)."""
    held = defaultdict(list)
    for row in facts.readings:
        if span.first <= row.date <= span.last and row.item in RANGES:
            held[row.target, row.item].append(row)
    return tuple(
        frozen.Climate(
            target, RANGES[item][0], len(rows), min(r.low for r in rows),
            max(r.high for r in rows),
            tuple(r.date.isoformat() for r in rows
                  if r.low < RANGES[item][1] or r.high > RANGES[item][2]),
        )
        for (target, item), rows in sorted(held.items())
    )  # fmt: skip


def found(span: Span) -> frozen.Found:
    """Findings opened and healed in the period, and those open at its end."""
    start, end = midnight(span.first), span.as_of
    inside = Finding.objects.filter(opened_at__gte=start, opened_at__lt=end).count()
    closed = Finding.objects.filter(closed_at__gte=start, closed_at__lt=end).count()
    left = Finding.objects.filter(opened_at__lt=end).exclude(closed_at__lt=end).count()
    return frozen.Found(inside, closed, left)


def duties(span: Span, owed: list[Owed], facts: Facts) -> tuple[frozen.Owing, ...]:
    """Dated duties whose last day lies in the period, by what they are; daily checks apart."""
    held: dict[str, list[Owed]] = defaultdict(list)
    for row in owed:
        if span.first <= row.last <= span.last and row.what != ROUTINE:
            held[row.what].append(row)
    made = []
    for what, rows in held.items():
        missed = tuple(
            f"{row.label}（{row.done}/{row.number}）"
            for row in rows if row.standing is Standing.BREACHED
        )  # fmt: skip
        waiting = sum(row.standing in (Standing.DUE, Standing.NOT_DUE) for row in rows)
        made.append(
            frozen.Owing(
                facts.labels.get(what, what), sum(row.number for row in rows),
                sum(row.done for row in rows), missed, waiting,
            )
        )  # fmt: skip
    return tuple(sorted(made, key=lambda each: each.label))


def ahead(span: Span, owed: list[Owed], facts: Facts) -> tuple[frozen.Ahead, ...]:
    """What falls due in the next period of the same kind: its plan."""
    until = add_months(span.last + timedelta(days=1), MONTHS[span.kind]) - timedelta(days=1)
    rows = [row for row in owed if span.last < row.last <= until and row.what != ROUTINE]
    return tuple(
        frozen.Ahead(facts.labels.get(row.what, row.what), row.opens, row.last, row.number)
        for row in rows
    )


def records(contract_: Contract, span: Span) -> tuple[frozen.Record, ...]:
    """What people wrote down of their duties in the period, with what the client confirmed."""
    content = contract.content_of(contract_)
    forms = content.duties if content is not None else {}
    rows = contract.records(contract_).filter(
        at__gte=midnight(span.first), at__lt=midnight(span.last + timedelta(days=1)),
        at__lte=span.as_of,
    )  # fmt: skip
    made = []
    for row in sorted(rows, key=lambda each: (each.duty, each.at, each.pk)):
        form = forms.get(row.duty)
        labels = dict(form.fields) if form is not None else {}
        made.append(_record(row, form.label if form is not None else row.duty, labels))
    return tuple(made)


def _record(row: DutyRecord, label: str, labels: dict[str, str]) -> frozen.Record:
    fields = tuple((labels.get(key, key), masked(str(text))) for key, text in row.fields.items())
    return frozen.Record(
        row.duty, label, row.at, row.object, row.by_name,
        masked(RESULTS.get(row.result, row.result)),
        any(each.granted for each in row.confirmations.all()), f"duty:{row.pk}", fields,
    )  # fmt: skip


def endings(span: Span) -> tuple[frozen.Ending, ...]:
    """What makers announced about models in use: ended, or ending within 90 days."""
    return tuple(
        frozen.Ending(
            f"{each.row.maker} {each.row.model}", each.row.production_ends,
            each.row.support_ends, each.units, each.ended,
        )
        for each in desk.announcements(span.last)
        if each.near or each.ended
    )  # fmt: skip


def expiries(span: Span) -> tuple[frozen.Expiry, ...]:
    """Devices whose warranty ended in the period or ends within 90 days: 保内转过保."""
    made = []
    for row in AssetRow.objects.order_by("code"):
        known = assets.warranty(row, span.last)
        if span.first <= known.ends <= span.last + AHEAD:
            made.append(
                frozen.Expiry(row.code, str(row), known.ends, not known.in_warranty, known.tender)
            )
    return tuple(sorted(made, key=lambda each: (each.ends, each.row)))
