"""Taking in what checks saw: observations, states, state changes and findings, all or nothing."""

import json
import logging
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import connection, transaction

from jingwei.checks.actions import causes, columns, findings, maintenance, schedule
from jingwei.checks.actions.observing import SeriesIds, clean, observe
from jingwei.checks.models import Check, CheckState, StateChange
from jingwei.rules.state import Change, Policy, Standing, is_bad, is_good, step
from jingwei.rules.verdict import Judgement
from jingwei.terms import Outcome, Result

logger = logging.getLogger("jingwei.checks")

MOST_SHOWN = 400  # readings kept with the state for its page
# Plain rows in few statements: bulk_update builds a CASE of every field and row, and row by row the
# threads hand the interpreter to and fro.
_COLUMNS = {
    "result": "text", "since": "timestamptz", "soft_result": "text", "soft_count": "smallint",
    "flapping": "boolean", "recent": "text", "last_at": "timestamptz",
    "took_ms": "double precision", "reading": "text", "threshold": "text", "reason": "text",
    "readings": "jsonb", "memory": "jsonb", "due": "timestamptz",
}  # fmt: skip
_WRITE = (
    "WITH seen (id, {columns}) AS (VALUES {rows}) UPDATE checks_checkstate SET {given}, "
    "leased_until = NULL, leased_by = '' FROM seen WHERE check_ref_id = seen.id"
)
# A check that was switched off since it was asked is left out.
_STATES = """
SELECT s.check_ref_id, s.result, s.since, s.soft_result, s.soft_count, s.flapping, s.recent,
    s.last_at, c.key, c.every, c.strikes, c.target_id, c.item
FROM checks_checkstate s JOIN checks_check c ON c.id = s.check_ref_id
WHERE s.check_ref_id IN ({ids}) AND c.enabled ORDER BY s.check_ref_id {lock}
"""
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_AT_ONCE = 200  # rows of one statement


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


@dataclass(slots=True)
class _State:
    """What is known of a check, as far as moving it on by a verdict needs it, and of the check."""

    standing: Standing
    last_at: datetime | None
    key: str
    every: int
    strikes: int
    target_id: int
    item: str
    due: datetime | None = None

    def news(self, seen: Seen) -> bool:
        """Whether a verdict is later than all that is known; a stop counts as known."""
        known = (self.last_at, self.standing.since)
        return all(at is None or seen.at > at for at in known)


def record(batch: Iterable[Seen], series: SeriesIds | None = None) -> dict[int, int]:
    """Store a batch in one transaction. Returns check id → id of its open finding.

    Repeating a batch changes nothing: a second verdict of the same or an earlier instant adds
    missing observations only. Checks that are gone are left out. Who records without end hands in
    `series` again and again; it learns what was stored. Raises what the database raises, and then
    nothing of the batch is stored.
    """
    ordered = sorted(batch, key=lambda seen: seen.at)
    if not ordered:
        return {}
    with transaction.atomic():
        found, made = _record(ordered, series if series is not None else {})
    if series is not None:
        series |= made  # only now are they there for good
    return found


def _record(ordered: Sequence[Seen], series: SeriesIds) -> tuple[dict[int, int], SeriesIds]:
    states = _states({seen.check_id for seen in ordered})
    # Of the well, by far the most, nothing is asked but how they stood.
    checks = _checks({s.check_id for s in ordered if is_bad(s.result) or causes.silent(s.outcome)})
    known = [seen for seen in ordered if seen.check_id in states]
    news = [seen for seen in known if states[seen.check_id].news(seen)]
    known = causes.reconsider(known, checks, news)
    made = observe(known, series)
    changes: list[StateChange] = []
    fresh: dict[int, Seen] = {}
    moved = False
    for seen in known:
        state = states[seen.check_id]
        if not state.news(seen):
            continue
        first = state.last_at is None
        change = _advance(state, seen)
        fresh[seen.check_id] = seen
        if change is not None:
            changes.append(_row(seen, change))
            moved = moved or not first
            _log(state, changes[-1])
    _write(states, fresh)
    _release(states.keys() - fresh.keys())
    StateChange.objects.bulk_create(changes)
    at = ordered[-1].at
    doubted = [checks[pk] for pk, seen in fresh.items() if _doubted(states[pk], seen, checks)]
    causes.ask_upstream(doubted, at)
    points = [_standpoint(states[pk], seen) for pk, seen in fresh.items()]
    # While all goes well, as nearly always, nothing can come out from behind a cause.
    quiet = not moved and all(is_good(point.result) for point in points)
    causing = None if quiet else causes.standing()
    return findings.settle(points, _under_maintenance(points), causing), made


def _doubted(state: _State, seen: Seen, checks: Mapping[int, Check]) -> bool:
    """The first bad verdict after good ones, of a check that others' faults can make bad."""
    now = state.standing
    if now.soft_count != 1 or is_bad(now.result) or not is_bad(seen.result):
        return False
    return bool(causes.kinds_of(checks[seen.check_id], silence=causes.silent(seen.outcome)))


def _states(ids: Collection[int]) -> dict[int, _State]:
    """The states, locked in one order so that two recorders never wait for each other."""
    lock = "FOR UPDATE OF s" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_STATES.format(ids=",".join(map(str, sorted(ids))), lock=lock))
        rows = cursor.fetchall()
    if lock and rows:  # who waited for the lock saw the check as it was before: ask once more
        still = Check.objects.filter(pk__in=[row[0] for row in rows], enabled=True)
        kept = set(still.values_list("pk", flat=True))
        rows = [row for row in rows if row[0] in kept]
    return {
        pk: _State(
            Standing(
                Result(result), columns.moment(since), Result(soft), count, bool(flapping), recent
            ),
            columns.moment(last_at), *about,
        )
        for pk, result, since, soft, count, flapping, recent, last_at, *about in rows
    }  # fmt: skip


def _checks(ids: Collection[int]) -> dict[int, Check]:
    return Check.objects.select_related("target").in_bulk(ids) if ids else {}


def _advance(state: _State, seen: Seen) -> Change | None:
    """Move one state on by one verdict; the change if its hard result changed."""
    strikes = 1 if seen.confirmed else state.strikes
    after, change = step(state.standing, seen.result, seen.at, Policy(strikes=strikes))
    state.standing, state.last_at = after, seen.at
    settled = after.soft_result is after.result or not is_bad(after.soft_result)
    when = schedule.next_due if settled else schedule.doubtful_due
    state.due = when(state.key, state.every, seen.at)
    return change


def _write(states: Mapping[int, _State], fresh: Mapping[int, Seen]) -> None:
    when = columns.adapter()
    rows = []
    for pk, seen in fresh.items():
        state, judgement = states[pk], seen.judgement
        now = state.standing
        reading, threshold, reason = _texts(judgement)
        memory = {key: dict(row) for key, row in judgement.memory.items()}
        rows.append(
            (pk, now.result.value, when(now.since), now.soft_result.value, now.soft_count,
             now.flapping, now.recent, when(state.last_at), round(seen.outcome.took * 1000, 3),
             reading, threshold, reason, _json(_tables(seen)), _json(memory) if memory else "{}",
             when(state.due))
        )  # fmt: skip
    for start in range(0, len(rows), _AT_ONCE):
        _write_rows(rows[start : start + _AT_ONCE])


def _write_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    cast = connection.vendor == "postgresql"  # it takes the values of a list for text
    given = ", ".join(
        f"{name} = seen.{name}{f'::{kind}' if cast else ''}" for name, kind in _COLUMNS.items()
    )
    places = ",".join([f"({', '.join(['%s'] * (len(_COLUMNS) + 1))})"] * len(rows))
    statement = _WRITE.format(columns=", ".join(_COLUMNS), rows=places, given=given)
    with connection.cursor() as cursor:
        cursor.execute(statement, list(chain.from_iterable(rows)))


def _release(ids: Collection[int]) -> None:
    """Give back the leases of checks whose verdict is older than what is known."""
    if ids:
        CheckState.objects.filter(pk__in=ids).update(leased_until=None, leased_by="")


def _texts(judgement: Judgement) -> tuple[str, str, str]:
    """Reading, threshold and reason as their columns take them."""
    return (
        clean(judgement.reading_text)[:300], clean(judgement.threshold_text)[:200],
        clean(judgement.reason)[:300],
    )  # fmt: skip


def _row(seen: Seen, change: Change) -> StateChange:
    reading, threshold, reason = _texts(seen.judgement)
    return StateChange(
        check_ref_id=seen.check_id, at=change.at, before=change.before, after=change.after,
        reading=reading, threshold=threshold, reason=reason,
    )  # fmt: skip


def _standpoint(state: _State, seen: Seen) -> findings.Standpoint:
    reading, threshold, reason = _texts(seen.judgement)
    # The hard state outlasts a failure of our own, but its words are not those of the fault.
    told = seen.result is not Result.UNCHECKED or is_good(state.standing.result)
    return findings.Standpoint(
        seen.check_id, state.target_id, state.item, seen.at,
        state.standing.result if told else Result.UNCHECKED, reading, threshold, reason,
        causes.silent(seen.outcome),
    )  # fmt: skip


def _under_maintenance(points: Sequence[findings.Standpoint]) -> set[int]:
    """The checks that were seen in a window; a batch from a zone may span its end."""
    moments = [(point.target_id, point.at) for point in points if is_bad(point.result)]
    found = maintenance.resting(moments) if moments else set()
    return {point.check_id for point in points if (point.target_id, point.at) in found}


def _tables(seen: Seen) -> list[dict[str, Any]]:
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
    return tables[:MOST_SHOWN]


def _log(state: _State, change: StateChange) -> None:
    bad = is_bad(Result(change.after)) or is_bad(Result(change.before))
    logger.log(
        logging.INFO if bad else logging.DEBUG,
        "%s: %s -> %s: %s", state.key, change.before, change.after,
        change.reading or change.reason,
    )  # fmt: skip


def _json(value: object) -> str:
    """JSON as every database takes it; what hardly ever comes costs only when it does."""
    try:
        text = _ENCODE(value)
        text.encode()
    except ValueError:  # NaN, infinity, half a sign
        text = ""
    return text if text and "\\u0000" not in text else _ENCODE(_fit(value))


def _fit(value: object) -> object:
    """A value every database's JSON takes: no NUL bytes, no halves of a sign, no NaN."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {_fit(key): _fit(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(held) for held in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
