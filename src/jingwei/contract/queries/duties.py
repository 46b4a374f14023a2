"""The contract expanded into dated duties: what is due, what was done, what was missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from jingwei.calendars import queries as calendars
from jingwei.contract.models import Contract, DutyRecord
from jingwei.contract.queries.assess import open_questions
from jingwei.contract.queries.facts import gather
from jingwei.contract.queries.versions import obligations_of
from jingwei.sla.measures import Facts
from jingwei.sla.owed import Owed, owed


def duties(contract: Contract, now: datetime, facts: Facts | None = None) -> list[Owed]:
    """Every dated duty of the term, the earliest due first. What two obligations ask for with the
    same period is one duty: the obligations are listed in it.
    """
    known = facts if facts is not None else gather(contract, now, clocks=False)
    questions = open_questions(contract, now)
    rows: dict[tuple[str, str, int], Owed] = {}
    for row in obligations_of(contract):
        asked = [questions[key] for key in row.ambiguities if key in questions]
        for each in owed(row.key, row.measure, row.arguments, asked, known):
            key = (each.what, each.label, each.number)
            held = rows.get(key)
            rows[key] = _both(held, each) if held is not None else each
    return sorted(rows.values(), key=lambda each: (each.due, each.what))


def _both(one: Owed, other: Owed) -> Owed:
    keys = dict.fromkeys([*one.obligation.split("、"), other.obligation])
    return replace(one, obligation="、".join(keys))


def missed(rows: Sequence[Owed]) -> list[Owed]:
    """Duties whose time is over and that were not done: they stay visible."""
    return [row for row in rows if row.standing == "breached"]


def records(contract: Contract) -> QuerySet[DutyRecord]:
    """What people wrote down, newest first; a corrected record gives way to its correction."""
    rows = DutyRecord.objects.filter(contract=contract, corrected_by=None)
    return rows.prefetch_related("confirmations")


def unpublished(contract: Contract) -> list[int]:
    """Years of the term whose holidays are not published: duties before them cannot be dated."""
    known = calendars.coverage()
    years = range(contract.period_start.year, contract.period_end.year + 1)
    return [year for year in years if known is None or not known[0].year <= year <= known[1].year]
