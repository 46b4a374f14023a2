"""Observations: one row for every reading that is a number or was judged, and for each asking."""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from django.db import connection

from jingwei.checks.models import Series
from jingwei.rules.verdict import Verdict
from jingwei.terms import Reading, Result, worst

if TYPE_CHECKING:
    from jingwei.checks.actions.recording import Seen

logger = logging.getLogger("jingwei.checks")

TOOK = "check.took"  # the series every check has: how long the answer took, None when none came
MOST_READINGS = 2000  # of one answer; a device that lists more is cut, and the log says so
# (check, name, instance) → the id of its series. Who records without end keeps one between batches.
SeriesIds = dict[tuple[int, str, str], int]
_INSERT = (
    "INSERT INTO checks_observation (series_id, epoch, code, value) VALUES {rows} "
    "ON CONFLICT DO NOTHING"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_AT_ONCE = 500  # rows of one statement: row by row, threads hand the interpreter to and fro


def observe(batch: Sequence["Seen"], known: SeriesIds) -> SeriesIds:
    """Write the observations of a batch; the series that `known` lacked, by then stored."""
    values = [(seen, _values(seen)) for seen in batch]
    wanted = {
        (seen.check_id, name, instance): unit
        for seen, rows in values
        for (name, instance), (unit, _, _) in rows.items()
        if (seen.check_id, name, instance) not in known
    }
    found = _series(wanted) if wanted else {}
    rows = []
    for seen, held in values:
        epoch = int(seen.at.timestamp())
        for (name, instance), (_, code, value) in held.items():
            key = (seen.check_id, name, instance)
            rows.append((known.get(key) or found[key], epoch, code, value))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            piece = rows[start : start + _AT_ONCE]
            places = ",".join(["(%s, %s, %s, %s)"] * len(piece))
            cursor.execute(_INSERT.format(rows=places), list(chain.from_iterable(piece)))
    return found


def _values(seen: "Seen") -> dict[tuple[str, str], tuple[str, int, float | None]]:
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
        name, instance = clean(reading.name)[:100], clean(reading.instance)[:100]
        held[name, instance] = (clean(reading.unit)[:16], result.code, value)
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
    if isinstance(reading.value, str):
        return None
    try:
        value = float(reading.value)
    except OverflowError:  # a whole number beyond every float: no measurement
        return None
    return value if math.isfinite(value) else None


def _series(wanted: Mapping[tuple[int, str, str], str]) -> SeriesIds:
    """The series of every (check, name, instance) of these checks, made when new."""
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


def _known_series(checks: set[int]) -> SeriesIds:
    rows = Series.objects.filter(check_ref_id__in=checks).order_by()
    return {
        (check, name, instance): pk
        for pk, check, name, instance in rows.values_list(
            "id", "check_ref_id", "name", "instance"
        )
    }  # fmt: skip


def clean(text: str) -> str:
    """Text a database takes: devices do send NUL bytes, and JSON may hold halves of a sign."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("", text)
