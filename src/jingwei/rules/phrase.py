"""From verdicts to the few words of a sheet: 实测值, 阈值 and 原因, each bounded."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from jingwei.rules import units
from jingwei.rules.verdict import Verdict
from jingwei.terms import Result

READING_MAX, THRESHOLD_MAX, REASON_MAX = 300, 200, 300
_BAD = (Result.ABNORMAL, Result.ATTENTION)


def describe(verdicts: Sequence[Verdict], whole: Result) -> tuple[str, str, str]:
    """(reading text, threshold text, reason) of a judgement whose worst sample is `whole`.

    When something is bad every bad reading is named, the worst first; when all is well the
    readings are told in short, by rule.
    """
    if not verdicts:
        return "", "", "没有可判读的读数"
    bad = [verdict for level in _BAD for verdict in verdicts if verdict.seen is level]
    if bad:
        texts = [verdict.text for verdict in bad]
        limits = _limits(bad)
        silent = [verdict for verdict in verdicts if verdict.seen is Result.UNCHECKED]
        reasons = [verdict.reason for verdict in (*bad, *silent)]
    else:
        judged = [verdict for verdict in verdicts if verdict.seen is Result.NORMAL]
        unjudged = [verdict for verdict in verdicts if verdict.seen is not Result.NORMAL]
        texts = [_told(list(group)) for _, group in groupby(judged, lambda v: v.rule.id)]
        texts = texts or [verdict.text for verdict in unjudged if verdict.reading is not None]
        limits = _limits(judged or unjudged)
        reasons = [v.reason for v in unjudged if v.seen is whole]
    return (
        joined(texts, READING_MAX),
        joined(limits, THRESHOLD_MAX),
        joined(reasons, REASON_MAX),
    )


def joined(texts: Iterable[str], limit: int) -> str:
    """Distinct texts joined by ；. What does not fit is counted: …等 7 项."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    whole = "；".join(distinct)
    if len(whole) <= limit:
        return whole
    tail = f" …等 {len(distinct)} 项"
    kept = ""
    for text in distinct:
        longer = f"{kept}；{text}" if kept else text
        if len(longer) + len(tail) > limit:
            break
        kept = longer
    return (kept or distinct[0][: limit - len(tail)]) + tail


def _limits(verdicts: Sequence[Verdict]) -> list[str]:
    """The limits; named by their reading when there are several."""
    limits = {(verdict.rule.label_alone, verdict.threshold) for verdict in verdicts}
    if len({threshold for _, threshold in limits}) == 1:
        return [verdicts[0].threshold]
    ordered = [(verdict.rule.label_alone, verdict.threshold) for verdict in verdicts]
    return [f"{label} {threshold}" for label, threshold in ordered]


def _told(group: list[Verdict]) -> str:
    """All normal readings of one rule in short: the one, their range, or how many."""
    if len(group) == 1:
        return group[0].text
    label = group[0].rule.label_alone
    values = [_number(verdict) for verdict in group]
    numbers = [value for value in values if value is not None]
    if len(numbers) == len(group) and not group[0].rule.words:
        unit = group[0].rule.unit
        low, high = min(numbers), max(numbers)
        if group[0].rule.delta and high == 0:
            return f"{label} {len(group)} 项均无增长"
        if group[0].rule.delta:
            return f"{label} 共 {len(group)} 项，最多 +{units.shown(high, unit)}"
        if low == high:
            return f"{label} {units.shown(high, unit)}（{len(group)} 项）"
        return f"{label} {units.number(low)}–{units.shown(high, unit)}（{len(group)} 项）"
    return f"{label} {len(group)} 项均正常"


def _number(verdict: Verdict) -> float | None:
    if verdict.growth is not None:
        return verdict.growth
    value = verdict.reading.value if verdict.reading else None
    return None if value is None or isinstance(value, bool | str) else float(value)
