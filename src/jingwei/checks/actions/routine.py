"""Runs of a routine: asked for, begun, answered by checks, finished, confirmed by a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.calendars import queries as calendars
from jingwei.checks import content
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import name_of
from jingwei.checks.models import ItemResult, RoutineRun
from jingwei.checks.queries import plan
from jingwei.terms import SHANGHAI, Result

MOST_MISSED_DAYS = 31


@dataclass(frozen=True, slots=True)
class Answer:
    """One automatic answer to one item at one target."""

    item: str
    target_id: int
    result: Result
    reading: str = ""
    threshold: str = ""
    trend: str = ""
    reason: str = ""
    finding_id: int | None = None


@dataclass(slots=True)
class Written:
    """What writing answers came to. `kept`: a person had answered otherwise, and that stands."""

    added: int = 0
    unchanged: int = 0
    kept: list[Answer] = field(default_factory=list)


def request_routine(routine: str, on: date, by: User | str, now: datetime) -> RoutineRun:
    """Ask a worker for the automatic part, now. Asking twice is asking once.

    Raises UnknownRoutineError, and BadInputError for any day but today.
    """
    asked = plan.routine(routine)
    must_be_today(on, now)
    with transaction.atomic():
        run = ensure_run(asked.id, on, now)
        if run.due is None:
            RoutineRun.objects.filter(pk=run.pk, due__isnull=True).update(due=now)
            accounts.record(by, "routine.request", kind="routine", key=f"{asked.id} {on}", now=now)
    run.refresh_from_db()
    return run


def must_be_today(on: date, now: datetime) -> None:
    """Nobody can start automatic checks for another day: a reading of now proves nothing of then.

    Raises BadInputError. A run begun before midnight still ends after it, stamped late.
    """
    today = now.astimezone(SHANGHAI).date()
    if on > today:
        raise BadInputError("date", f"{on} 还没有到，不能检查")
    if on < today:
        raise BadInputError("date", f"{on} 已过，现在的读数不能说明当日情况；当日人工项可补录")


def ensure_run(routine: str, on: date, now: datetime) -> RoutineRun:
    """The run of a routine on a date, made when there is none. A day to come has no run."""
    if on > now.astimezone(SHANGHAI).date():
        raise BadInputError("date", f"{on} 还没有到，不能检查")
    working = calendars.working(on)
    run, _ = RoutineRun.objects.get_or_create(
        routine=routine,
        date=on,
        defaults={"working_day": working, "automatic_only": working is False},
    )
    return run


def begin(run: RoutineRun, now: datetime) -> None:
    """The automatic part begins; the first beginning counts."""
    RoutineRun.objects.filter(pk=run.pk, started_at__isnull=True).update(started_at=now)
    run.refresh_from_db()


def finish(run: RoutineRun, now: datetime) -> None:
    """The automatic part is done. A later re-check moves this on."""
    RoutineRun.objects.filter(pk=run.pk).update(finished_at=now)
    run.refresh_from_db()


def write_answers(run: RoutineRun, answers: Sequence[Answer], now: datetime) -> Written:
    """Append what changed; the row it replaces stays, no longer current. One transaction.

    A person's own answer is never replaced. One that a person merely confirmed is, when the
    checks now say something else, and the new row says whose word it follows.
    """
    written = Written()
    with transaction.atomic():
        RoutineRun.objects.select_for_update().get(pk=run.pk)  # one writer of a sheet at a time
        held = {
            (row.item, row.target_id): row
            for row in ItemResult.objects.filter(run=run, current=True)
        }
        replaced: list[int] = []
        added: list[ItemResult] = []
        for answer in answers:
            before = held.get((answer.item, answer.target_id))
            if before is None:
                added.append(_row(run, answer, now, ""))
            elif before.source == ItemResult.Source.MANUAL:
                _keep(written, before, answer)
            elif _same(before, answer):
                written.unchanged += 1
            else:
                replaced.append(before.pk)
                added.append(_row(run, answer, now, _history(before)))
        for start in range(0, len(replaced), 500):
            ItemResult.objects.filter(pk__in=replaced[start : start + 500]).update(current=False)
        ItemResult.objects.bulk_create(added, batch_size=200)
        written.added = len(added)
    return written


def _keep(written: Written, before: ItemResult, answer: Answer) -> None:
    verdict = answer.result not in (Result.UNCHECKED, Result.NOT_APPLICABLE)
    if verdict and before.result != answer.result:
        written.kept.append(answer)
    else:
        written.unchanged += 1


def _same(before: ItemResult, answer: Answer) -> bool:
    if before.by_id is not None:  # confirmed: a trembling last digit does not undo that
        return before.result == answer.result and before.finding_id == answer.finding_id
    return (
        before.result == answer.result
        and before.reading == answer.reading
        and before.threshold == answer.threshold
        and before.reason == answer.reason
        and before.finding_id == answer.finding_id
    )


def _history(before: ItemResult) -> str:
    if before.by_id is None:
        return ""
    at = before.at.astimezone(SHANGHAI)
    word = Result(before.result).label
    return f"{before.by_name}于 {at:%H:%M} 确认为{word}；重新检查后结果已变"


def _row(run: RoutineRun, answer: Answer, now: datetime, note: str) -> ItemResult:
    return ItemResult(
        run=run, item=answer.item, target_id=answer.target_id, result=answer.result,
        reading=answer.reading[:300], threshold=answer.threshold[:200], trend=answer.trend[:100],
        reason=answer.reason[:300], note=note, at=now, source=ItemResult.Source.AUTOMATIC,
        late=is_late(run, now), finding_id=answer.finding_id,
    )  # fmt: skip


def is_late(run: RoutineRun, now: datetime) -> bool:
    """An entry made after its day, in Shanghai, is late."""
    return now.astimezone(SHANGHAI).date() > run.date


def is_late_by_hand(run: RoutineRun, before: ItemResult | None, now: datetime) -> bool:
    """A person's first entry after the sheet's time (08:30 of the daily one) is late as well.

    Who answered in time and corrects himself on the same day is not.
    """
    if is_late(run, now):
        return True
    if before is not None and before.source == ItemResult.Source.MANUAL:
        return before.late
    due = plan.routine(run.routine).due
    return due is not None and now.astimezone(SHANGHAI).time() > due


def confirm_run(run: RoutineRun, by: User, now: datetime) -> None:
    """A person stands behind the sheet; on another day than its own this is 补签.

    Raises BadInputError while checks are running, and when it was confirmed before.
    """
    run.refresh_from_db()
    if run.finished_at is None or run.due is not None:
        raise BadInputError("run", "自动检查尚未完成，不能确认")
    with transaction.atomic():
        open_run = RoutineRun.objects.filter(pk=run.pk, confirmed_at__isnull=True)
        if not open_run.update(confirmed_at=now, confirmed_by=by, by_name=name_of(by)):
            raise BadInputError("run", f"该日检已由{run.by_name}确认")
        accounts.record(
            by, "routine.confirm", kind="routine", key=f"{run.routine} {run.date}",
            after={"late": is_late(run, now)}, now=now,
        )  # fmt: skip
    run.refresh_from_db()


def set_header(run: RoutineRun, values: Mapping[str, str], by: User, now: datetime) -> None:
    """Fill in the sheet's head: weather, present staff, inspector, reviewer."""
    allowed = ("weather", "present", "inspector", "reviewer")
    for key, value in values.items():
        if key not in allowed:
            raise BadInputError(key, f"表头没有这一项；可用：{'、'.join(allowed)}")
        if len(value) > 200:
            raise BadInputError(key, "不超过 200 字")
    with transaction.atomic():
        held = RoutineRun.objects.select_for_update().get(pk=run.pk)
        before = dict(held.header)
        held.header = {**before, **{key: value.strip() for key, value in values.items()}}
        held.save(update_fields=["header"])
        accounts.record(
            by, "routine.header", kind="routine", key=f"{held.routine} {held.date}",
            before=before, after=held.header, now=now,
        )  # fmt: skip
    run.refresh_from_db()


def record_missed_days(asked: content.Routine, now: datetime) -> list[date]:
    """Days since the last run on which nothing ran at all: every item 未检, and why. The days.

    Nothing is invented for them: what was not looked at on the day can't be looked at later.
    """
    today = now.astimezone(SHANGHAI).date()
    last = RoutineRun.objects.filter(routine=asked.id, date__lt=today).order_by("-date").first()
    if last is None:
        return []
    day = max(last.date + timedelta(days=1), today - timedelta(days=MOST_MISSED_DAYS))
    missed: list[date] = []
    while day < today:
        _miss(asked, day, now)
        missed.append(day)
        day += timedelta(days=1)
    return missed


def _miss(asked: content.Routine, day: date, now: datetime) -> None:
    places = plan.places(asked, plan.live_targets(day))
    with transaction.atomic():
        run = ensure_run(asked.id, day, now)
        reason = "当日系统未运行，未能检查"
        answers = [
            Answer(place.item.id, place.target.id, Result.UNCHECKED, reason=reason)
            for place in places
        ]
        write_answers(run, answers, now)
        RoutineRun.objects.filter(pk=run.pk).update(started_at=now, finished_at=now, due=None)


def current_rows(run: RoutineRun) -> Iterable[ItemResult]:
    """The answers that count, with their targets."""
    return ItemResult.objects.filter(run=run, current=True).select_related("target", "finding")
