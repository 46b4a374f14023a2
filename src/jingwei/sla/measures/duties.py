"""Measures over what is owed again and again: the daily routine, and duties by period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase

from jingwei.sla.measures.facts import DoneFact, Facts, Family, RunFact
from jingwei.sla.measures.periods import Every, Period, day_of, periods
from jingwei.sla.measures.verdict import Line, Verdict, summed
from jingwei.terms.obligation import Standing

NEVER = "一次记录也没有"


@dataclass(frozen=True)
class RoutineArguments:
    """Which items of a daily routine; `days` natural or working (ambiguity A33).

    `complete`: everything planned must have been checked; else it is enough that the day's run was
    finished and looked at something, where the obligation is to look every day.
    """

    items: tuple[str, ...] = ("*",)
    routine: str = "daily"
    days: str = "natural"
    family: str = Family.ROUTINES
    complete: bool = True


def routine_done(arguments: RoutineArguments, facts: Facts) -> Verdict:
    """Every day, each planned object of these items was really checked.

    A day without a run is missed; a day on which something planned was not checked is not met
    either. Not one run in the whole term is no evidence.
    """
    limit = "每日" if arguments.days == "natural" else "每工作日"
    if Family(arguments.family) not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    runs = {run.date: run for run in facts.runs if run.routine == arguments.routine}
    working = facts.working if arguments.days == "working" else None
    today = day_of(facts.now)
    days = [p for p in periods(Every.DAY, facts.term, working=working) if p.first <= today]
    if not days:
        return Verdict(Standing.NOT_DUE, "服务期未开始", limit)
    named = _named(arguments.items, runs.values())
    if not any(_counts(run, named)[0] for run in runs.values()):
        return Verdict(Standing.NO_EVIDENCE, NEVER, limit)
    return summed([_day(p, runs, named, arguments, facts) for p in days], limit=limit)


def _named(patterns: tuple[str, ...], runs: Iterable[RunFact]) -> frozenset[str]:
    """The items these patterns name, of all that were ever asked: asked once, not every day."""
    known = {item for run in runs for item in run.items}
    return frozenset(
        item for item in known if any(fnmatchcase(item, pattern) for pattern in patterns)
    )


def _day(
    period: Period, runs: dict[date, RunFact], named: frozenset[str],
    arguments: RoutineArguments, facts: Facts,
) -> Line:  # fmt: skip
    run = runs.get(period.first)
    open_still = facts.now < period.due
    if run is None:
        if not period.published:
            return Line(Standing.NO_EVIDENCE, f"{period.label} 工作日历未公布")
        standing = Standing.DUE if open_still else Standing.BREACHED
        return Line(standing, f"{period.label} {'待执行' if open_still else '未执行'}", None,
                    period.due)  # fmt: skip
    planned, checked = _counts(run, named)
    if planned == 0:
        return Line(Standing.NOT_APPLICABLE, f"{period.label} 无应检对象", run.ref)
    # A day on which nothing ran has a finished run too, with every item 未检: that is no look.
    if not run.finished or checked < (planned if arguments.complete else 1):
        standing = Standing.DUE if open_still else Standing.BREACHED
        return Line(standing, f"{period.label} 应检 {planned}，已检 {checked}", run.ref)
    return Line(Standing.MET, f"{period.label} {checked}/{planned}", run.ref)


def _counts(run: RunFact, named: frozenset[str]) -> tuple[int, int]:
    found = [counts for item, counts in run.items.items() if item in named]
    return sum(planned for planned, _ in found), sum(checked for _, checked in found)


@dataclass(frozen=True)
class DutyArguments:
    """A duty owed `times` in every period, for each of `objects` where it goes by object.

    `confirmed`: the client has to have said yes. `gap_days` between two of one object. `fields`
    that its record must have. `quarters` contract or calendar (ambiguity A14).
    """

    duty: str
    every: str
    times: int = 1
    objects: str = ""
    confirmed: bool = False
    gap_days: int = 0
    fields: tuple[str, ...] = ()
    quarters: str = "contract"
    names: tuple[str, ...] = ()


def duty_done(arguments: DutyArguments, facts: Facts) -> Verdict:
    """Something owed by period, on every object. Missed stays missed."""
    every = Every(arguments.every)
    limit = _limit(arguments)
    if Family.DUTIES not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    done = sorted((d for d in facts.done if d.duty == arguments.duty), key=lambda d: d.at)
    objects = facts.objects.get(arguments.objects, ()) if arguments.objects else ("",)
    owed = [p for p in owed_periods(arguments, facts) if p.opens <= facts.now]
    if not owed:
        return Verdict(Standing.NOT_DUE, "尚未开始", limit)
    if not objects:
        return Verdict(Standing.NO_EVIDENCE, "台账中没有对象", limit)
    if not done and any(p.due <= facts.now for p in owed):
        return Verdict(Standing.NO_EVIDENCE, NEVER, limit)
    of: dict[str, list[DoneFact]] = defaultdict(list)
    for each in done:
        of[each.object if arguments.objects else ""].append(each)
    lines = [_owed(period, name, of[name], arguments, facts) for period in owed for name in objects]
    later = [p.due for p in owed_periods(arguments, facts) if p.due > facts.now]
    verdict = summed(lines, limit=limit, note="按节假日" if every is Every.HOLIDAY else "")
    return Verdict(verdict.standing, verdict.value, limit, verdict.lines,
                   verdict.due or min(later, default=None), verdict.note)  # fmt: skip


def owed_periods(arguments: DutyArguments, facts: Facts) -> list[Period]:
    """The periods of a duty over the whole term."""
    blocks = tuple(
        block for block in facts.blocks
        if not arguments.names or any(name in block[1] for name in arguments.names)
    )  # fmt: skip
    return periods(
        Every(arguments.every), facts.term, working=_working(arguments, facts),
        quarters=arguments.quarters, blocks=blocks,
    )  # fmt: skip


def _working(arguments: DutyArguments, facts: Facts) -> Mapping[date, bool] | None:
    return facts.working if arguments.every == Every.HOLIDAY else None


def _owed(
    period: Period, name: str, done: list[DoneFact], arguments: DutyArguments, facts: Facts
) -> Line:
    inside = [d for d in done if period.holds(d.at)]
    counted = _apart(inside, arguments.gap_days)
    what = f"{period.label} {name}".strip()
    open_still = facts.now < period.due
    if len(counted) < arguments.times:
        if not period.published:
            return Line(Standing.NO_EVIDENCE, f"{what} 工作日历未公布")
        standing = Standing.DUE if open_still else Standing.BREACHED
        text = f"{what} 应 {arguments.times} 次，已 {len(counted)} 次"
        return Line(standing, text, inside[0].ref if inside else None, period.due)
    last = counted[-1]
    absent = [each for each in arguments.fields if any(each not in d.fields for d in counted)]
    if absent:
        return Line(Standing.BREACHED, f"{what} 记录缺 {'、'.join(absent)}", last.ref)
    if arguments.confirmed and any(d.confirmed_at is None for d in counted):
        standing = Standing.DUE if open_still else Standing.NO_EVIDENCE
        return Line(standing, f"{what} 待客户确认", last.ref, period.due)
    return Line(Standing.MET, f"{what} 已完成 {last.at:%Y-%m-%d}", last.ref)


def _apart(done: list[DoneFact], gap_days: int) -> list[DoneFact]:
    kept: list[DoneFact] = []
    for each in done:
        if not kept or each.at - kept[-1].at >= timedelta(days=gap_days):
            kept.append(each)
    return kept


def _limit(arguments: DutyArguments) -> str:
    words = {
        Every.DAY: "每日", Every.MONTH: "每月", Every.QUARTER: "每季", Every.HALF: "每半年",
        Every.YEAR: "合同期内", Every.HOLIDAY: "每个节日前",
    }  # fmt: skip
    each = "逐个对象" if arguments.objects else ""
    return f"{words[Every(arguments.every)]} {arguments.times} 次{each}"


@dataclass(frozen=True)
class EachArguments:
    """Every event of `about` (a subject among facts) has its duty done before or after it."""

    duty: str
    about: str
    confirmed: bool = False


def duty_each(arguments: EachArguments, facts: Facts) -> Verdict:
    """Each change, leak or breach of a range has what it calls for."""
    if Family.DUTIES not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    calls = [d for d in facts.done if d.duty == arguments.about]
    answers: dict[str, DoneFact] = {}
    for each in facts.done:  # of two answers the one the client confirmed
        held = answers.get(each.about)
        if each.duty == arguments.duty and (held is None or held.confirmed_at is None):
            answers[each.about] = each
    lines = []
    for call in calls:
        answer = answers.get(call.ref.key)
        if answer is None and call.going_on:
            lines.append(Line(Standing.DUE, f"{call.ref.key} 尚未结束", call.ref))
        elif answer is None:
            lines.append(
                Line(
                    Standing.BREACHED,
                    f"{call.ref.key} 无{facts.labels.get(arguments.duty, arguments.duty)}",
                    call.ref,
                )
            )
        elif arguments.confirmed and answer.confirmed_at is None:
            lines.append(Line(Standing.NO_EVIDENCE, f"{call.ref.key} 待客户确认", answer.ref))
        else:
            lines.append(Line(Standing.MET, f"{call.ref.key} 已做", answer.ref))
    return summed(lines)
