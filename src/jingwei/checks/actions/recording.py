"""Taking in what checks saw: observations, states, state changes and findings, all or nothing."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from jingwei.checks.actions import causes, findings, maintenance, schedule
from jingwei.checks.models import Check, CheckState, Series, StateChange
from jingwei.rules.state import Change, Policy, Standing, is_bad, step
from jingwei.rules.verdict import Judgement, Verdict
from jingwei.terms import Outcome, Reading, Result, worst

logger = logging.getLogger("jingwei.checks")

TOOK = "check.took"  # the series every check has: how long the answer took, None when none came
MOST_READINGS = 2000  # of one answer; a device that lists more is cut, and the log says so
MOST_SHOWN = 400  # readings kept with the state for its page
_FIELDS = (
    "result", "since", "soft_result", "soft_count", "flapping", "recent", "last_at", "took_ms",
    "reading", "threshold", "reason", "readings", "memory", "due", "leased_until", "leased_by",
)  # fmt: skip
_INSERT = (
    "INSERT INTO checks_observation (series_id, epoch, code, value) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One check that was run: what came back, and what its rules made of it.

    `confirmed`: asked again on the spot, so the verdict is hard at once and is the one on this
    very sample (a daily sheet does not wait for ten minutes above the limit).
    """

    check_id: int
    at: datetime
    outcome: Outcome
    judgement: Judgement
    confirmed: bool = False

    @property
    def result(self) -> Result:
        """The verdict the state follows."""
        return self.judgement.seen if self.confirmed else self.judgement.result


def record(batch: Iterable[Seen]) -> dict[int, int]:
    """Store a batch in one transaction. Returns check id → id of its open finding.

    Repeating a batch changes nothing: a second verdict of the same or an earlier instant adds
    missing observations only. Checks that are gone are left out. Raises what the database raises,
    and then nothing of the batch is stored.
    """
    ordered = sorted(batch, key=lambda seen: seen.at)
    if not ordered:
        return {}
    with transaction.atomic():
        states = _states({seen.check_id for seen in ordered})
        checks = {pk: state.check_ref for pk, state in states.items()}
        known = causes.reconsider([seen for seen in ordered if seen.check_id in states], checks)
        _observe(known)
        changes: list[StateChange] = []
        fresh: dict[int, Seen] = {}
        for seen in known:
            state = states[seen.check_id]
            if state.last_at is not None and seen.at <= state.last_at:
                _release(state)
                continue
            change = _advance(state, seen)
            fresh[seen.check_id] = seen
            if change is not None:
                changes.append(_row(state, change))
        _store(states.values())
        StateChange.objects.bulk_create(changes)
        _log(states, changes)
        at = ordered[-1].at
        causes.ask_upstream(
            [checks[pk] for pk, seen in fresh.items() if _doubted(states[pk], seen)], at
        )
        points = [_standpoint(states[pk], seen) for pk, seen in fresh.items()]
        # Only who is bad has a cause; the others, by far the most, cost no question.
        bad = any(point.result in findings.BAD for point in points)
        return findings.settle(
            points, _under_maintenance(states.values(), at),
            causes.standing() if bad else causes.NOTHING,
        )  # fmt: skip


def _doubted(state: CheckState, seen: Seen) -> bool:
    """The first bad verdict after good ones, of a check that others' faults can make bad."""
    first = state.soft_count == 1 and not is_bad(Result(state.result)) and is_bad(seen.result)
    return first and bool(causes.kinds_of(state.check_ref, silence=causes.silent(seen.outcome)))


def _states(ids: set[int]) -> dict[int, CheckState]:
    """The states, locked in one order so that two recorders never wait for each other."""
    found = CheckState.objects.select_related("check_ref").filter(check_ref_id__in=ids)
    if connection.vendor == "postgresql":
        found = found.select_for_update(of=("self",))
    return {state.check_ref_id: state for state in found.order_by("check_ref_id")}


def _advance(state: CheckState, seen: Seen) -> Change | None:
    """Move one state on by one verdict; the change if its hard result changed."""
    check, judgement = state.check_ref, seen.judgement
    strikes = 1 if seen.confirmed else check.strikes
    standing = Standing(
        Result(state.result), state.since, Result(state.soft_result), state.soft_count,
        state.flapping, state.recent,
    )  # fmt: skip
    after, change = step(standing, seen.result, seen.at, Policy(strikes=strikes))
    state.result, state.since = after.result, after.since
    state.soft_result, state.soft_count = after.soft_result, after.soft_count
    state.flapping, state.recent = after.flapping, after.recent
    state.last_at, state.took_ms = seen.at, round(seen.outcome.took * 1000, 3)
    state.reading = _clean(judgement.reading_text)[:300]
    state.threshold = _clean(judgement.threshold_text)[:200]
    state.reason = _clean(judgement.reason)[:300]
    state.readings = _tables(seen)
    state.memory = {key: dict(row) for key, row in judgement.memory.items()}
    settled = after.soft_result is after.result or not is_bad(after.soft_result)
    when = schedule.next_due if settled else schedule.doubtful_due
    state.due = when(check.key, check.every, seen.at)
    _release(state)
    return change


def _release(state: CheckState) -> None:
    state.leased_until, state.leased_by = None, ""


def _row(state: CheckState, change: Change) -> StateChange:
    return StateChange(
        check_ref=state.check_ref, at=change.at, before=change.before, after=change.after,
        reading=state.reading, threshold=state.threshold, reason=state.reason,
    )  # fmt: skip


def _store(states: Iterable[CheckState]) -> None:
    """One upsert: Django's bulk_update builds a CASE of every field and row, far slower."""
    CheckState.objects.bulk_create(
        list(states), update_conflicts=True, unique_fields=("check_ref",), update_fields=_FIELDS
    )


def _standpoint(state: CheckState, seen: Seen) -> findings.Standpoint:
    return findings.Standpoint(
        state.check_ref, seen.at, Result(state.result), state.reading, state.threshold,
        state.reason, causes.silent(seen.outcome),
    )  # fmt: skip


def _under_maintenance(states: Iterable[CheckState], at: datetime) -> set[int]:
    windows = maintenance.in_force(at)
    if not windows:
        return set()
    targets = {state.check_ref.target_id for state in states}
    return {pk for pk in targets if maintenance.reason_for(pk, windows) is not None}


# -- observations


def _observe(batch: Sequence[Seen]) -> None:
    """One row for every reading that is a number or was judged, and one for the asking itself."""
    values = [(seen, _values(seen)) for seen in batch]
    wanted = {
        (seen.check_id, name, instance): unit
        for seen, rows in values
        for (name, instance), (unit, _, _) in rows.items()
    }
    series = _series(wanted)
    rows = [
        (series[seen.check_id, name, instance], int(seen.at.timestamp()), code, value)
        for seen, held in values
        for (name, instance), (_, code, value) in held.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _values(seen: Seen) -> dict[tuple[str, str], tuple[str, int, float | None]]:
    """(name, instance) → (unit, code, value) of one answer."""
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in seen.judgement.verdicts:
        if verdict.reading is not None:
            verdicts.setdefault(verdict.reading.key, []).append(verdict)
    took = round(seen.outcome.took * 1000, 3) if seen.outcome.answered else None
    held = {(TOOK, ""): ("ms", seen.judgement.seen.code, took)}
    for reading in seen.outcome.readings[:MOST_READINGS]:
        judged = verdicts.get(reading.key, [])
        value = _number(reading, judged)
        if value is None and not judged:
            continue  # a word no rule looks at is not history
        result = worst([v.seen for v in judged]) if judged else Result.NOT_APPLICABLE
        name, instance = _clean(reading.name)[:100], _clean(reading.instance)[:100]
        held[name, instance] = (reading.unit[:16], result.code, value)
    if len(seen.outcome.readings) > MOST_READINGS:
        logger.warning(
            "check %s gave %d readings; only the first %d are kept",
            seen.check_id, len(seen.outcome.readings), MOST_READINGS,
        )  # fmt: skip
    return held


def _number(reading: Reading, judged: Sequence[Verdict]) -> float | None:
    """What history keeps: of a counter its growth, of anything else the value itself."""
    if judged and judged[0].rule.delta:
        return None if judged[0].growth is None else float(judged[0].growth)
    if isinstance(reading.value, str) or not math.isfinite(reading.value):
        return None
    return float(reading.value)


def _series(wanted: Mapping[tuple[int, str, str], str]) -> dict[tuple[int, str, str], int]:
    """The series of every (check, name, instance), made when new."""
    found = _known_series({check for check, _, _ in wanted})
    missing = [
        Series(check_ref_id=check, name=name, instance=instance, unit=unit)
        for (check, name, instance), unit in wanted.items()
        if (check, name, instance) not in found
    ]
    if missing:
        Series.objects.bulk_create(missing, ignore_conflicts=True)
        found = _known_series({check for check, _, _ in wanted})
    return found


def _known_series(checks: set[int]) -> dict[tuple[int, str, str], int]:
    rows = Series.objects.filter(check_ref_id__in=checks).order_by()
    return {
        (check, name, instance): pk
        for pk, check, name, instance in rows.values_list(
            "id", "check_ref_id", "name", "instance"
        )
    }  # fmt: skip


def _tables(seen: Seen) -> list[dict[str, object]]:
    """What pages show of the last answer: first what was judged, then the rest."""
    tables = [verdict.table() for verdict in seen.judgement.verdicts]
    judged = {table["key"] for table in tables}
    tables += [
        {"key": reading.key, "label": reading.key, "value": reading.value, "unit": reading.unit,
         "shown": str(reading.value), "result": "", "seen": "", "threshold": "", "reason": "",
         "limits": []}
        for reading in seen.outcome.readings
        if reading.key not in judged
    ]  # fmt: skip
    return [_plain(table) for table in tables[:MOST_SHOWN]]


def _plain(table: Mapping[str, object]) -> dict[str, object]:
    """A table PostgreSQL's JSON takes: no NUL bytes, no NaN."""
    plain = {
        key: _clean(value) if isinstance(value, str) else value for key, value in table.items()
    }
    value = plain["value"]
    if isinstance(value, float) and not math.isfinite(value):
        plain["value"] = str(value)
    return plain


def _clean(text: str) -> str:
    """Text a database takes: devices do send NUL bytes, and PostgreSQL refuses them."""
    return text.replace("\x00", "")


def _log(states: Mapping[int, CheckState], changes: Sequence[StateChange]) -> None:
    for change in changes:
        check: Check = states[change.check_ref_id].check_ref
        bad = is_bad(Result(change.after)) or is_bad(Result(change.before))
        logger.log(
            logging.INFO if bad else logging.DEBUG,
            "%s: %s -> %s: %s", check.key, change.before, change.after,
            change.reading or change.reason,
        )  # fmt: skip
