"""One run of a routine, now: every item at every target gets its answer, or the reason it has none.

Three phases, so that each is simple: load everything (database), ask everything (network), write
everything (database). Works without any worker: `jingwei check run daily` is this and no more.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from jingwei.checks import content, queries
from jingwei.checks.actions import Answer, Seen, causes, maintenance, record, stoppage, sync
from jingwei.checks.actions import routine as runs
from jingwei.checks.models import Check, RoutineRun
from jingwei.checks.queries import plan
from jingwei.checks.queries.movement import series_ids
from jingwei.rules.verdict import Verdict
from jingwei.run import asking, clock, jobs, loop
from jingwei.run.asking import Pace
from jingwei.terms import Result, worst

ROOMS = {"exchange": "交换数据", "backups": "备份", "logs": "日志"}
UNHURRIED = Pace()
_PIECE = 300  # verdicts stored in one transaction: readers and other writers get their turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `kept`: places where a person's answer stands against the checks'."""

    run: RoutineRun
    board: queries.Board
    kept: tuple[Answer, ...]
    took: float  # seconds


def run_routine(
    routine_id: str,
    on: date,
    *,
    now: Callable[[], datetime] = clock.now,
    pace: Pace = UNHURRIED,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Outcome:
    """Run the automatic part of a routine for a date and write the sheet.

    A second run of the same date adds answers where something changed. Raises UnknownRoutineError,
    BadInputError (a day to come), ContentError, and StoppedError.
    """
    started = time.perf_counter()
    asked = plan.routine(routine_id)
    devices = load_devices()
    run = runs.ensure_run(asked.id, on, now())
    runs.begin(run, now())
    sync.sync_checks(devices, now())
    places = plan.places(asked, plan.live_targets(on))
    checks = _checks_of(places)
    wanted = jobs.load([pk for found in checks.values() for pk in found])
    asked_all = asking.ask_all(wanted, now, pace=pace, progress=progress, stopped=stopped)
    seen = _causes_first(loop.run(asked_all))
    findings = _record(seen)
    answers = _answers(run, places, checks, seen, findings, devices, now())
    written = runs.write_answers(run, answers, now())
    runs.finish(run, now())
    took = time.perf_counter() - started
    return Outcome(run, queries.board(asked, on), tuple(written.kept), took)


def load_devices() -> list[content.DeviceModel]:
    """The device models of the content: see `queries.device_models`. Raises ContentError."""
    return queries.device_models()


def _checks_of(places: Sequence[plan.Place]) -> dict[tuple[str, int], list[int]]:
    """The enabled checks that prove each place. A place that waits for a room has none."""
    wanted = {
        (place.item.id, place.target.id)
        for place in places
        if place.item.mode == "automatic" and not place.item.until
    }
    found: dict[tuple[str, int], list[int]] = {}
    rows = Check.objects.filter(enabled=True).order_by("key")
    for pk, item, target in rows.values_list("id", "item", "target_id"):
        if (item, target) in wanted:
            found.setdefault((item, target), []).append(pk)
    return found


def _causes_first(seen: Sequence[Seen]) -> list[Seen]:
    """What others depend on first, so that its fault stands before what follows from it.

    What is silent behind a broken network path is 未检 on the sheet too.
    """
    checks = {check.pk: check for check in Check.objects.select_related("target")}
    weighed = causes.reconsider(seen, checks)
    return sorted(weighed, key=lambda one: not checks[one.check_id].breaks)


def _record(seen: Sequence[Seen]) -> dict[int, int]:
    """Store all verdicts, a piece at a time; check id → open finding."""
    findings: dict[int, int] = {}
    for start in range(0, len(seen), _PIECE):
        findings |= record(seen[start : start + _PIECE])
    return findings


def _answers(
    run: RoutineRun, places: Sequence[plan.Place], checks: Mapping[tuple[str, int], list[int]],
    seen: Sequence[Seen], findings: Mapping[int, int], devices: Sequence[content.DeviceModel],
    now: datetime,
) -> list[Answer]:  # fmt: skip
    """Exactly one answer for every place."""
    by_check = {one.check_id: one for one in seen}
    held = {key: [by_check[pk] for pk in ids if pk in by_check] for key, ids in checks.items()}
    trends = _trends(seen, run.date)
    windows = maintenance.in_force(now)
    bare = [
        (place.item.id, place.target.id) for place in places
        if not held.get((place.item.id, place.target.id)) and not _excuse(place, run)
    ]  # fmt: skip
    reasons = sync.unchecked_reasons(devices, bare) if bare else {}
    off = stoppage.reasons()
    answers = []
    for place in places:
        key = (place.item.id, place.target.id)
        window = maintenance.reason_for(place.target.id, windows)
        if held.get(key):
            answers.append(_honest(_answer(key, held[key], window, trends, findings), off))
        else:
            excuse = _excuse(place, run) or (Result.UNCHECKED, reasons[key])
            answers.append(Answer(*key, result=excuse[0], reason=excuse[1]))
    return answers


def _honest(answer: Answer, off: Mapping[tuple[str, int], str]) -> Answer:
    """What was looked at in part only is not 正常: one of its checks is switched off."""
    reason = off.get((answer.item, answer.target_id))
    if reason is None or answer.result is not Result.NORMAL:
        return answer
    return replace(answer, result=Result.UNCHECKED, reason=reason)


def _excuse(place: plan.Place, run: RoutineRun) -> tuple[Result, str] | None:
    """Why no check is even expected here."""
    if place.item.until:
        room = ROOMS.get(place.item.until, place.item.until)
        return Result.UNCHECKED, f"{room}模块尚未接入"
    if place.item.mode != "manual":
        return None
    if run.automatic_only:
        return Result.NOT_APPLICABLE, "非工作日仅自动检查"
    return Result.UNCHECKED, "待人工检查"


def _answer(
    key: tuple[str, int], seen: Sequence[Seen], window: str | None,
    trends: Mapping[int, str], findings: Mapping[int, int],
) -> Answer:  # fmt: skip
    """One answer from the checks of one place: as bad as the worst, in its words."""
    result = worst([one.judgement.seen for one in seen])
    worst_ones = [one for one in seen if one.judgement.seen is result]
    said = worst_ones[0].judgement
    reading = "；".join(
        dict.fromkeys(
            one.judgement.reading_text for one in worst_ones if one.judgement.reading_text
        )
    )
    if window is not None:
        return Answer(
            *key, Result.NOT_APPLICABLE, reading, said.threshold_text, reason=f"维护：{window}"
        )
    trend_text = next((trends[one.check_id] for one in worst_ones if one.check_id in trends), "")
    finding = next((findings[one.check_id] for one in worst_ones if one.check_id in findings), None)
    reason = said.reason or (said.reading_text if result is Result.UNCHECKED else "")
    return Answer(*key, result, reading, said.threshold_text, trend_text, reason, finding)


def _trends(seen: Sequence[Seen], on: date) -> dict[int, str]:
    """check id → how its leading number moved."""
    leading = {one.check_id: _leading(one) for one in seen}
    numbered = {check: verdict for check, verdict in leading.items() if verdict is not None}
    series = series_ids(numbered)
    values = {
        series[check, verdict.key]: (_number(verdict), _unit(verdict))
        for check, verdict in numbered.items()
        if (check, verdict.key) in series
    }
    texts = queries.trends(values, on)
    return {
        check: texts[series[check, verdict.key]]
        for check, verdict in numbered.items()
        if (check, verdict.key) in series
    }


def _leading(seen: Seen) -> Verdict | None:
    """The number a sheet's trend is about: of the worst verdict that is one, else the first."""
    numbers = [v for v in seen.judgement.verdicts if _is_number(v)]
    bad = [verdict for verdict in numbers if verdict.seen is seen.judgement.seen]
    return next(iter(bad or numbers), None)


def _is_number(verdict: Verdict) -> bool:
    reading = verdict.reading
    if reading is None or isinstance(reading.value, bool | str):
        return False
    if not reading.unit:  # states and codes have no trend
        return False
    return not verdict.rule.delta or verdict.growth is not None


def _number(verdict: Verdict) -> float:
    if verdict.growth is not None:
        return float(verdict.growth)
    return float(verdict.reading.value) if verdict.reading else 0.0


def _unit(verdict: Verdict) -> str:
    return verdict.reading.unit if verdict.reading else ""
