"""The daily checks played: rows as the check engine writes them, in bulk.

A year of item results one by one would take minutes, so runs, answers, readings and findings are
written as the same rows by `bulk_create`; that a day was missed, and what people do about findings,
goes through the room's own actions.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from jingwei.assets.models import Target
from jingwei.checks import actions as checks
from jingwei.checks.actions import routine as runs
from jingwei.checks.models import Check, DailySummary, Finding, ItemResult, RoutineRun, Series
from jingwei.checks.queries import plan
from jingwei.region.year import facts
from jingwei.region.year.days import FIRST
from jingwei.region.year.places import ROOM
from jingwei.region.year.rounds import SHEET
from jingwei.run.year.clockwork import Story
from jingwei.run.year.stage import Stage
from jingwei.terms import Result

_PLACES = 2  # places an item is looked at on; `thorough` looks at all of them
_BATCH = 500
Sheet = list[tuple[str, int]]


def write_runs(rows: Iterable[facts.Run], *, thorough: bool = False) -> None:
    """Every day's run with its answers; days on which nothing ran by the room's own action."""
    sheet = _sheet(thorough=thorough)
    days = {run.day: run for run in rows}
    made = RoutineRun.objects.bulk_create(
        (
            RoutineRun(routine="daily", date=run.day, started_at=run.began, finished_at=run.ended)
            for run in days.values() if not run.off
        ),
        batch_size=_BATCH,
    )  # fmt: skip
    for row in made:
        answers = _answers(row, days[row.date], sheet)
        ItemResult.objects.bulk_create(answers, batch_size=_BATCH)
    for run in days.values():
        if run.off:
            runs.record_missed_days(plan.routine("daily"), run.began)


def _sheet(*, thorough: bool) -> Sheet:
    """Item and target, in the sheet's order."""
    places = plan.places(plan.routine("daily"), plan.live_targets(FIRST))
    found: Sheet = []
    for item, held in groupby(places, key=lambda place: place.item.id):
        targets = [place.target.id for place in held]
        if thorough:
            found += [(item, target) for target in targets]
        elif item in SHEET:
            found += [(item, target) for target in targets[:_PLACES]]
    return found


def _answers(row: RoutineRun, run: facts.Run, sheet: Sheet) -> Iterator[ItemResult]:
    """One place of what was not checked stays 未检; 不适用 where no air conditioning ran."""
    left = set(run.unchecked)
    for item, target in sheet:
        result = Result.NORMAL
        if item in left:
            left.remove(item)
            result = Result.UNCHECKED
        elif item == "crac.cooling" and not run.cooled:
            result = Result.NOT_APPLICABLE
        yield ItemResult(
            run=row, item=item, target_id=target, result=result, at=run.began,
            source=ItemResult.Source.AUTOMATIC,
            reason="演示：未采集" if result is Result.UNCHECKED else "",
        )  # fmt: skip


def write_readings(rows: Iterable[facts.Reading]) -> None:
    """The daily summaries of the room's two items, each of a check of its own."""
    room = Target.objects.get(key=ROOM)
    for item, held in groupby(rows, key=lambda reading: reading.item):
        check = Check.objects.create(
            key=f"{ROOM}:year-{item}", target=room, item=item, label=item, probe="", enabled=False
        )
        series = Series.objects.create(check_ref=check, name=item)
        DailySummary.objects.bulk_create(
            (
                DailySummary(series=series, date=each.day, count=288, minimum=each.low,
                             maximum=each.high)
                for each in held
            ),
            batch_size=_BATCH,
        )  # fmt: skip


def finding(stage: Stage, fact: facts.Finding) -> Story:
    """Opened; followed up by a note, closed by a person, or left."""
    yield fact.opened
    row = Finding.objects.create(
        target=Target.objects.get(key=fact.target), item=fact.item,
        origin=Finding.Origin.MANUAL, result=Result.ABNORMAL, opened_at=fact.opened,
        detail="演示",
    )  # fmt: skip
    stage.numbers[fact.key] = f"finding-{row.pk}"
    if fact.noted is not None:
        yield fact.noted
        checks.note(row, "演示：已到现场查看", stage.engineer, fact.noted)
    if fact.closed is not None:
        yield fact.closed
        checks.close(row, "演示：已恢复", stage.engineer, fact.closed)
