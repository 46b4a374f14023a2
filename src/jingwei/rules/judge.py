"""Judging: readings in, verdicts out. Pure; what must be remembered goes in and comes back.

Two answers come back. `seen` is the verdict on this very sample, which is what the daily sheet
records. `result` also asks that a breach has lasted as long as its rule's `for`, which is what the
continuous state and its findings follow; until then a breach is 关注.

Memory is a plain table fit for JSON, one row for each rule and instance:

    raw    the counter of the sample before (delta rules)
    bad    the level seen last, for hysteresis
    warn, crit    epoch seconds since when the level has held
    value, at, n  the value that has not changed, since when, in how many samples (frozen)
"""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from jingwei.rules import duration, units
from jingwei.rules.condition import Condition, IncomparableError
from jingwei.rules.phrase import describe
from jingwei.rules.rule import MISSING, Rule
from jingwei.rules.verdict import Judgement, Verdict
from jingwei.terms import Outcome, Reading, Reason, Result, worst

Memory = dict[str, dict[str, Any]]

ANSWERS = "有应答"  # the threshold of a check that was not answered
SILENCE = "无应答"  # how the reading of one begins that got no answer, or a broken one
# A value is frozen only when many samples say so: a collector that slept is no evidence.
FROZEN_SAMPLES = 12
_MOST = int(sys.float_info.max)
_WRAP = 2**32  # Counter32 (RFC 2578 section 7.1.6) wraps here


def judge(
    rules: Sequence[Rule],
    readings: Iterable[Reading],
    memory: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> Judgement:
    """Judge what a target answered. The whole is as bad as its worst reading.

    A reading no rule concerns is not judged; an answer in which nothing could be judged is 未检.
    """
    plain = tuple(_a_number(reading) for reading in readings)
    seen = plain + tuple(derived(rules, plain))
    epoch = now.timestamp()
    verdicts: list[Verdict] = []
    kept: Memory = {}
    for rule in rules:
        concerned = [reading for reading in seen if rule.concerns(reading)]
        concerned = [reading for reading in concerned if not _nothing_there(rule, reading)]
        if not concerned:
            verdicts += _absent(rule)
        for reading in concerned:
            key = f"{rule.id}|{reading.instance}"
            verdict, row = _one(rule, reading, seen, memory.get(key, {}), epoch)
            verdicts.append(verdict)
            if row:
                kept[key] = row
    return _whole(verdicts, kept, seen)


def _a_number(reading: Reading) -> Reading:
    """The reading; a whole number beyond every float is no measurement, like infinity."""
    value = reading.value
    if type(value) is not int or abs(value) <= _MOST:
        return reading
    return replace(reading, value=math.inf if value > 0 else -math.inf)


def derived(rules: Sequence[Rule], readings: Sequence[Reading]) -> list[Reading]:
    """The readings that rules make out of others: a pool's used percent of free and total."""
    numbers = {
        (reading.name, reading.instance): float(reading.value)
        for reading in readings
        if not isinstance(reading.value, bool | str)
    }
    made = []
    for rule in rules:
        share = rule.share
        if share is None:
            continue
        for (name, instance), whole in numbers.items():
            if name != share.of or whole <= 0:
                continue
            first = numbers.get((share.used or share.free[0], instance))
            if first is None:
                continue
            rest = sum(numbers.get((other, instance), 0) for other in share.free[1:])
            part = first if share.used else whole - first - rest
            percent = round(min(max(part / whole * 100, 0), 100), 2)
            made.append(Reading(rule.reading, percent, "%", instance))
    return made


def judge_outcome(
    rules: Sequence[Rule],
    outcome: Outcome,
    memory: Mapping[str, Mapping[str, Any]],
    now: datetime,
    on_error: Result = Result.ABNORMAL,
) -> Judgement:
    """Judge what running a probe came to.

    The target's silence, refusal or nonsense is `on_error`, which the check decides: of all checks
    at one unit only the one that proves "online" says 异常, the others say 未检, so that one dead
    device is one abnormal item. Our own failure is always 未检. Memory is kept as it was.
    """
    if outcome.reason is None:
        return judge(rules, outcome.readings, memory, now)
    kept = {key: dict(row) for key, row in memory.items()}
    if outcome.reason is Reason.COLLECTOR:
        return _failed(Result.UNCHECKED, f"采集端未能检查：{outcome.error}", "", kept)
    silence = "被拒绝" if outcome.reason is Reason.REFUSED else SILENCE
    if outcome.error:  # one pair of brackets reads better than two
        silence += f"（{outcome.error.replace('（', '，').replace('）', '')}）"
    reading = silence if on_error in (Result.ABNORMAL, Result.ATTENTION) else ""
    return _failed(on_error, silence, reading, kept)


def _failed(result: Result, reason: str, reading: str, memory: Memory) -> Judgement:
    threshold = ANSWERS if reading else ""
    return Judgement(result, result, reading[:300], threshold, reason[:300], (), memory)


def _whole(verdicts: list[Verdict], memory: Memory, readings: tuple[Reading, ...]) -> Judgement:
    result = worst([verdict.result for verdict in verdicts])
    seen = worst([verdict.seen for verdict in verdicts])
    text, threshold, reason = describe(verdicts, seen)
    again = any(verdict.first for verdict in verdicts)
    return Judgement(
        result, seen, text, threshold, reason, tuple(verdicts), memory, again, readings
    )


def _nothing_there(rule: Rule, reading: Reading) -> bool:
    """True for a value that says there is no sensor, for which the device still has a row."""
    return not isinstance(reading.value, bool | str) and reading.value in rule.ignore


def _absent(rule: Rule) -> list[Verdict]:
    result = MISSING[rule.missing]
    if result is None:
        return []
    reason = f"未返回读数 {rule.label.replace('{instance}', '').strip() or rule.reading}"
    return [Verdict(rule, None, result, result, rule.threshold(result), reason)]


def _one(
    rule: Rule,
    reading: Reading,
    others: Sequence[Reading],
    row: Mapping[str, Any],
    now: float,
) -> tuple[Verdict, dict[str, Any]]:
    """The verdict on one reading, and what to remember of it."""

    def says(result: Result, reason: str = "", first: bool = False) -> Verdict:
        return Verdict(rule, reading, result, result, rule.threshold(result), reason, first=first)

    kept: dict[str, Any] = {}
    if reading.unit != rule.unit:
        reason = f"单位不符：读数为 “{reading.unit}”，规则为 “{rule.unit}”"
        return says(Result.UNCHECKED, reason), kept
    fault = _sensor_fault(rule, reading, row, now, kept)
    if fault:
        return says(Result.UNCHECKED, fault), kept
    unmet = _unmet(rule, reading, others)
    if unmet:
        return says(*unmet), kept
    value = reading.value
    if rule.delta:
        growth, reason = _growth(reading, row, kept)
        if growth is None:
            return says(Result.UNCHECKED, reason, first="raw" in kept), kept
        value = growth
    try:
        level = _level(rule, value, row)
    except IncomparableError as error:
        return says(Result.UNCHECKED, f"{rule.named(reading.instance)}：{error}"), kept
    if rule.hysteresis and level is not Result.NORMAL:
        kept["bad"] = level.value
    result, note = _lasting(rule, level, row, now, kept)
    threshold = rule.threshold(level)
    growth = value if rule.delta and not isinstance(value, str) else None
    return Verdict(rule, reading, result, level, threshold, note, growth), kept


def _sensor_fault(
    rule: Rule, reading: Reading, row: Mapping[str, Any], now: float, kept: dict[str, Any]
) -> str:
    """Why this value is the sensor's fault and not the room's; empty when it is not."""
    if not isinstance(reading.value, bool | str) and reading.value in rule.faulty:
        return f"{rule.named(reading.instance)} {_shown(reading)}：疑似传感器故障，不作判定"
    if not rule.frozen:
        return ""
    same = row.get("value") == reading.value and row.get("at", now) <= now
    kept["value"] = reading.value
    kept["at"] = row["at"] if same else now
    kept["n"] = min(row.get("n", 0) + 1, FROZEN_SAMPLES) if same else 1
    if now - kept["at"] >= rule.frozen and kept["n"] >= FROZEN_SAMPLES:
        lasted = duration.shown(rule.frozen)
        return f"{rule.named(reading.instance)} 超过 {lasted}没有变化：疑似传感器故障，不作判定"
    return ""


def _unmet(rule: Rule, reading: Reading, others: Sequence[Reading]) -> tuple[Result, str] | None:
    """What the precondition says when it is not met: 不适用, or 未检 when it cannot be told.

    The precondition is looked for at the same instance (a port's own administrative state), then
    among readings without instance (the room's cooling).
    """
    when = rule.when
    if when is None:
        return None
    named = [other for other in others if other.name == when.reading]
    found = [other for other in named if other.instance == reading.instance]
    found = found or [other for other in named if not other.instance]
    if not found:
        return Result.UNCHECKED, f"未返回前提读数 {when.reading}"
    try:
        met = when.condition.holds(found[0].value)
    except IncomparableError as error:
        return Result.UNCHECKED, f"前提读数 {when.reading}：{error}"
    return None if met else (Result.NOT_APPLICABLE, when.reason)


def _growth(
    reading: Reading, row: Mapping[str, Any], kept: dict[str, Any]
) -> tuple[float | None, str]:
    """How much a counter grew since the sample before, or None and why that is not known.

    A first sight is 未检: no data is never normal. The caller asks again (`sample_again`). A
    counter that went down was wrapped (the growth is known) or reset (it is a first sight).
    """
    value = reading.value
    if isinstance(value, bool | str):
        return None, f"读数 “{units.shown(value)}” 不是计数"
    kept["raw"] = value
    before = row.get("raw")
    if before is None:
        return None, "首次采样，尚无增量"
    if value >= before:
        return value - before, ""
    if before > _WRAP * 3 // 4 and value < _WRAP // 4 and before < _WRAP:
        return value + _WRAP - before, ""
    return None, "计数器已清零，重新取基准"


def _level(rule: Rule, value: float | int | str | bool, row: Mapping[str, Any]) -> Result:
    """How bad the value is, holding on to a breach until it has come back by the hysteresis."""
    held = row.get("bad", "")
    if _holds(rule.crit, value, rule.hysteresis if held == Result.ABNORMAL else 0):
        return Result.ABNORMAL
    if _holds(rule.warn, value, rule.hysteresis if held else 0):
        return Result.ATTENTION
    return Result.NORMAL


def _holds(condition: Condition | None, value: float | int | str | bool, slack: float) -> bool:
    if condition is None:
        return False
    return (condition.relaxed(slack) if slack else condition).holds(value)


def _lasting(
    rule: Rule, level: Result, row: Mapping[str, Any], now: float, kept: dict[str, Any]
) -> tuple[Result, str]:
    """The level once it has lasted: a shorter 异常 is 关注, a shorter 关注 is not yet counted."""
    if not rule.hold or level is Result.NORMAL:
        return level, ""
    levels = {Result.ATTENTION: ("warn",), Result.ABNORMAL: ("warn", "crit")}[level]
    for name in levels:
        kept[name] = min(row.get(name, now), now)
    if now - kept[levels[-1]] >= rule.hold:
        return level, ""
    lasted = duration.shown(int((now - kept[levels[-1]]) // 60) * 60)
    note = f"已超限 {lasted}，连续监测满 {duration.shown(rule.hold)}判为{level.label}"
    return (Result.ATTENTION if level is Result.ABNORMAL else Result.NORMAL), note


def _shown(reading: Reading) -> str:
    return units.shown(reading.value, reading.unit)
