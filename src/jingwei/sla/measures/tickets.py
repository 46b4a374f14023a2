"""Measures over tickets: clocks kept, requests dealt with, none of what must not happen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jingwei.sla.clock import ClockState
from jingwei.sla.measures.facts import ClockFact, Facts, Family, TicketFact
from jingwei.sla.measures.verdict import Line, Verdict, summed
from jingwei.terms.obligation import Standing

_STANDING: Mapping[ClockState, Standing] = {
    ClockState.NOT_STARTED: Standing.DUE,
    ClockState.RUNNING: Standing.DUE,
    ClockState.PAUSED: Standing.DUE,
    ClockState.OVERDUE: Standing.BREACHED,
    ClockState.MET: Standing.MET,
    ClockState.BREACHED: Standing.BREACHED,
    ClockState.NOT_APPLICABLE: Standing.NOT_APPLICABLE,
    ClockState.DEFECT: Standing.NO_EVIDENCE,
    ClockState.UNPUBLISHED: Standing.NO_EVIDENCE,
}
_STATES = {
    ClockState.DEFECT: "数据缺失或矛盾",
    ClockState.UNPUBLISHED: "工作日历未公布",
    ClockState.NOT_APPLICABLE: "不适用（远程解决）",
    ClockState.OVERDUE: "已超时，仍在计时",
    ClockState.BREACHED: "超时",
    ClockState.MET: "按时",
    ClockState.RUNNING: "计时中",
    ClockState.PAUSED: "暂停计时",
    ClockState.NOT_STARTED: "未起算",
}


@dataclass(frozen=True)
class ClockArguments:
    """`calendars`: one, or both where the tender leaves it open; then they must agree."""

    clock: str
    calendars: tuple[str, ...] = ("5x8", "7x24")
    severity: str = ""
    limit: str = ""


def ticket_clock(arguments: ClockArguments, facts: Facts) -> Verdict:
    """One clock of every fault of a severity."""
    lines = [
        _clock_line(ticket, arguments)
        for ticket in _valid(facts.tickets)
        if ticket.kind == "incident" and arguments.severity in ("", ticket.severity)
    ]
    return clocked(lines, arguments.limit, facts, Family.TICKETS)


def clocked(lines: list[Line], limit: str, facts: Facts, family: Family) -> Verdict:
    """The verdict over clocks, or no evidence where no room delivers the family."""
    if family not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    return summed(lines, limit=limit)


def _clock_line(ticket: TicketFact, arguments: ClockArguments) -> Line:
    return clock_line(str(ticket.ref.key), ticket.clocks, arguments.clock, arguments.calendars).at(
        ticket
    )


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A line still without the record it belongs to."""

    standing: Standing
    text: str
    clocks: tuple[ClockFact, ...]

    def at(self, owner: TicketFact) -> Line:
        """The line of this ticket."""
        dues = [clock.due for clock in self.clocks if clock.due is not None]
        return Line(self.standing, self.text, owner.ref, min(dues, default=None))


def clock_line(
    key: str, clocks: Iterable[ClockFact], name: str, calendars: tuple[str, ...]
) -> ClockLine:
    """One event's clock on the calendars that are asked for.

    Two calendars that disagree are not agreed: the client has not said which one counts.
    """
    asked = tuple(c for c in clocks if c.name == name and c.calendar in calendars)
    if not asked:
        return ClockLine(Standing.NO_EVIDENCE, f"{key} 无此时钟", ())
    standings = {_STANDING[clock.state] for clock in asked}
    text = f"{key} " + "；".join(
        f"{clock.calendar} {_STATES[clock.state]}"
        + (f" 用时 {_minutes(clock)}" if clock.used is not None else "")
        for clock in asked
    )
    if len(standings) == 1:
        return ClockLine(standings.pop(), text, asked)
    # Late on one and kept or still running on the other: no breach that is taken back later.
    if Standing.BREACHED in standings and Standing.NO_EVIDENCE not in standings:
        return ClockLine(Standing.NOT_AGREED, text, asked)
    order = (Standing.NO_EVIDENCE, Standing.DUE, Standing.MET)
    return ClockLine(next(each for each in order if each in standings), text, asked)


def _minutes(clock: ClockFact) -> str:
    if clock.used is None:
        return ""
    minutes = clock.used.total_seconds() / 60
    return f"{minutes:.0f} 分钟" if minutes < 120 else f"{minutes / 60:.1f} 小时"


@dataclass(frozen=True)
class HandledArguments:
    """Which tickets: of one of `kinds`, with one of `forms`, carrying every one of `marks`.

    `must` are marks each of them needs to count; `confirmed`: the client has to have said yes.
    """

    kinds: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    confirmed: bool = True


def ticket_handled(arguments: HandledArguments, facts: Facts) -> Verdict:
    """Everything that was asked for was dealt with; nothing asked is 本期无, not met."""
    if Family.TICKETS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    lines = []
    for ticket in _valid(facts.tickets):
        if not _wanted(ticket, arguments):
            continue
        absent = [mark for mark in arguments.must if mark not in ticket.marks]
        if ticket.ended_at is None:
            line = Line(Standing.DUE, f"{ticket.ref.key} 处理中", ticket.ref)
        elif arguments.confirmed and ticket.confirmed_at is None:
            line = Line(Standing.NO_EVIDENCE, f"{ticket.ref.key} 无用户确认", ticket.ref)
        elif absent:
            line = Line(Standing.BREACHED, f"{ticket.ref.key} 缺 {'、'.join(absent)}", ticket.ref)
        else:
            line = Line(Standing.MET, f"{ticket.ref.key} 已完成", ticket.ref)
        lines.append(line)
    return summed(lines)


def _wanted(ticket: TicketFact, arguments: HandledArguments) -> bool:
    return (
        (not arguments.kinds or ticket.kind in arguments.kinds)
        and (not arguments.forms or ticket.form in arguments.forms)
        and set(arguments.marks) <= ticket.marks
    )


@dataclass(frozen=True)
class CountArguments:
    """At most so many tickets with every one of `marks`, and a statement that says so."""

    marks: tuple[str, ...]
    at_most: int = 0
    statement: str = ""


def ticket_count(arguments: CountArguments, facts: Facts) -> Verdict:
    """What must not happen. That nothing is written down proves nothing: it takes a statement."""
    limit = f"≤ {arguments.at_most} 起"
    if Family.TICKETS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    found = [t for t in _valid(facts.tickets) if set(arguments.marks) <= t.marks]
    value = f"{len(found)} 起"
    if len(found) > arguments.at_most:
        lines = tuple(Line(Standing.BREACHED, each.ref.key, each.ref) for each in found)
        return Verdict(Standing.BREACHED, value, limit, lines)
    said = [d for d in facts.documents if d.kind == arguments.statement and d.confirmed_at]
    if not said:
        return Verdict(Standing.NO_EVIDENCE, f"{value}，无确认文件", limit)
    lines = tuple(Line(Standing.MET, each.ref.key, each.ref) for each in said)
    return Verdict(Standing.MET, value, limit, lines)


def _valid(tickets: Iterable[TicketFact]) -> list[TicketFact]:
    return [ticket for ticket in tickets if not ticket.cancelled]
