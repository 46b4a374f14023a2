"""Measures over time that was lost: availability, the 8.8 h, the 24 h, emergency clocks."""

from dataclasses import dataclass
from datetime import timedelta

from jingwei.sla.availability import availability, emergency_budget
from jingwei.sla.measures.facts import EmergencyFact, Facts, Family
from jingwei.sla.measures.tickets import clock_line, clocked
from jingwei.sla.measures.verdict import Line, Verdict, in_order, summed
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Standing


@dataclass(frozen=True)
class DowntimeArguments:
    """`percent` and `hours` are judged apart; each obligation names the one it is about."""

    percent: float = 0.0
    hours: float = 0.0


def downtime(arguments: DowntimeArguments, facts: Facts) -> Verdict:
    """Downtime of core devices over the term, by availability or by hours.

    A budget that is overrun cannot be mended; one that still holds is met so far. What nobody
    watched proves nothing.
    """
    limit = f"≥ {arguments.percent:g} %" if arguments.percent else f"≤ {arguments.hours:g} 小时"
    if Family.DOWNTIMES not in facts.known or facts.watched_from is None:
        return Verdict(Standing.NO_EVIDENCE, "尚无监测数据", limit)
    if facts.now <= facts.term.start:
        return Verdict(Standing.NOT_DUE, "服务期未开始", limit)
    allowed = (
        facts.term.length * (1 - arguments.percent / 100)
        if arguments.percent
        else timedelta(hours=arguments.hours)
    )
    found = availability([down for _, down in facts.downtimes], facts.term, facts.now)
    value = (
        f"{found.ratio * 100:.4f} %"
        if arguments.percent
        else f"{found.counted.total_seconds() / 3600:.2f} 小时"
    )
    broken = found.counted > allowed
    lines = [
        Line(Standing.BREACHED if broken else Standing.MET, f"{ref.key} {down.cause.label}", ref)
        for ref, down in facts.downtimes
    ]
    note = f"自 {facts.watched_from:%Y-%m-%d} 起有监测"
    standing = Standing.BREACHED if broken else Standing.MET
    return Verdict(standing, value, limit, in_order(lines), note=note)


@dataclass(frozen=True)
class NoArguments:
    """Nothing to say."""


def classified(arguments: NoArguments, facts: Facts) -> Verdict:
    """Every downtime and emergency has its cause; what has none counts in every budget."""
    del arguments
    if Family.DOWNTIMES not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    rows = [*facts.downtimes, *((e.ref, e.downtime) for e in facts.emergencies)]
    lines = [
        Line(
            Standing.DUE if down.cause is Cause.UNCLASSIFIED else Standing.MET,
            f"{ref.key} {down.cause.label}", ref,
        )
        for ref, down in rows
    ]  # fmt: skip
    return summed(lines)


@dataclass(frozen=True)
class TotalArguments:
    """At most so many hours of level 1 and 2 events; `overlap` union or sum (ambiguity A05)."""

    hours: float = 24.0
    overlap: str = "union"


def emergency_total(arguments: TotalArguments, facts: Facts) -> Verdict:
    """The 24 h of a contract year (tender L684)."""
    limit = f"≤ {arguments.hours:g} 小时"
    if Family.EMERGENCIES not in facts.known or facts.watched_from is None:
        return Verdict(Standing.NO_EVIDENCE, "尚无监测数据", limit)
    if facts.now <= facts.term.start:
        return Verdict(Standing.NOT_DUE, "服务期未开始", limit)
    found = emergency_budget(
        [e.downtime for e in facts.emergencies], facts.term, facts.now,
        at_most=timedelta(hours=arguments.hours),
    )  # fmt: skip
    used = found.used if arguments.overlap == "union" else found.sum
    broken = used > found.limit
    standing = Standing.BREACHED if broken else Standing.MET
    lines = [Line(standing, f"{e.ref.key} {e.downtime.cause.label}", e.ref)
             for e in facts.emergencies]  # fmt: skip
    return Verdict(
        standing, f"{used.total_seconds() / 3600:.2f} 小时", limit, in_order(lines),
        note=f"并集 {found.used.total_seconds() / 3600:.2f} 小时，"
        f"累加 {found.sum.total_seconds() / 3600:.2f} 小时",
    )  # fmt: skip


@dataclass(frozen=True)
class EmergencyClockArguments:
    """One clock of emergencies: of `levels`, or of disasters only."""

    clock: str
    levels: tuple[int, ...] = (1, 2)
    disaster: bool = False
    calendars: tuple[str, ...] = ("7x24",)
    limit: str = ""


def emergency_clock(arguments: EmergencyClockArguments, facts: Facts) -> Verdict:
    """A clock of every event it applies to."""
    lines = []
    for event in facts.emergencies:
        if not _applies(event, arguments):
            continue
        line = clock_line(event.ref.key, event.clocks, arguments.clock, arguments.calendars)
        dues = [clock.due for clock in line.clocks if clock.due]
        lines.append(Line(line.standing, line.text, event.ref, min(dues, default=None)))
    return clocked(lines, arguments.limit, facts, Family.EMERGENCIES)


def _applies(event: EmergencyFact, arguments: EmergencyClockArguments) -> bool:
    return event.disaster if arguments.disaster else event.level in arguments.levels


@dataclass(frozen=True)
class GradedArguments:
    """Events of this level."""

    level: int


def emergency_graded(arguments: GradedArguments, facts: Facts) -> Verdict:
    """Each event of a level has its grading with basis and the client's consent."""
    if Family.EMERGENCIES not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    lines = [
        Line(
            Standing.MET if event.graded else Standing.NO_EVIDENCE,
            f"{event.ref.key} {'已定级' if event.graded else '定级未经甲方同意'}", event.ref,
        )
        for event in facts.emergencies
        if event.level == arguments.level
    ]  # fmt: skip
    return summed(lines)
