"""From the room of emergencies to one frozen value; the same records always give the same one."""

from datetime import datetime, time, timedelta

from jingwei.contract import queries as contract
from jingwei.desk.models import EventKind
from jingwei.emergency import queries
from jingwei.emergency.facts import Facts
from jingwei.emergency.models import Emergency, EntryKind, Stage
from jingwei.emergency.models import Level as Degree
from jingwei.reports import gather as shared
from jingwei.reports.emergency import facts as frozen
from jingwei.reports.emergency.words import LIMITS, STATES
from jingwei.reports.errors import ReportError
from jingwei.sla.availability import Term
from jingwei.sla.clock import Clock
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant

_DAY = timedelta(days=1)


def gather(number: str) -> frozen.Handling:
    """The event of that number as of its last record. Raises ReportError: none, or a drill."""
    try:
        event = queries.by_number(number)
    except Emergency.DoesNotExist:
        raise ReportError(f"没有编号为 {number[:40]} 的应急事件") from None
    if event.drill_id is not None:
        raise ReportError(f"{number} 是演练，请出演练报告")
    if event.stage == Stage.WITHDRAWN:
        raise ReportError(f"{number} 已撤销，不出处置报告")
    facts = queries.facts_of(event)
    as_of = _as_of(event)
    stage = queries.stage_of(event, facts)
    return frozen.Handling(
        project=shared.project(event.declared_at.astimezone(SHANGHAI).date()),
        number=event.number, title=event.title, text=event.text,
        site=event.site.name if event.site else "永和路数据中心",
        system=event.application.name if event.application else "",
        target=event.target.label if event.target else "",
        stage=stage.label, ended=stage is Stage.ENDED, disaster=event.disaster,
        level=_level(event, facts), declared_at=event.declared_at,
        declared_by=event.declared_by.full_name or event.declared_by.username, as_of=as_of,
        ticket=event.ticket.number if event.ticket else "",
        solution=event.ticket.solution if event.ticket else "",
        response=_response(facts), plan=str(event.plan) if event.plan else "",
        moments=_moments(facts), timers=_timers(event, facts, as_of),
        calls=_calls(event, facts), lines=_lines(event), steps=_steps(event, facts),
        levels=_levels(event, facts), outage=_outage(event, facts, as_of),
        budget=_budget(event, as_of),
    )  # fmt: skip


def _as_of(event: Emergency) -> datetime:
    """When the last record was made: the report changes when the records do, not by itself."""
    written = [entry.entered_at for entry in event.entries.all()]
    if event.ticket is not None:
        written += [row.entered_at for row in event.ticket.events.all()]
    return max(written, default=event.declared_at)


def _level(event: Emergency, facts: Facts) -> frozen.Level:
    setting = facts.levels[-1]
    answer = facts.answers.get(setting.pk)
    if answer is None:
        consent = "待甲方同意"
    else:
        at = f"{answer.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        word = "同意" if answer.granted else f"不同意（{answer.reason}）"
        consent = f"{answer.by_name} {at} {word}"
    return frozen.Level(
        label=Degree(setting.level or event.level).label, importance=event.importance,
        hours=event.hours, damage=event.damage, set_by=setting.by_name, set_at=setting.at,
        consent=consent,
    )  # fmt: skip


def _levels(event: Emergency, facts: Facts) -> tuple[frozen.Line, ...]:
    """Every change of level that was asked for, with what the client said."""
    lines = []
    for entry in event.entries.filter(kind=EntryKind.LEVEL):
        answer = facts.answers.get(entry.pk)
        said = "待甲方答复" if answer is None else "同意" if answer.granted else "不同意"
        text = f"{entry.reason}（{said}）"
        lines.append(frozen.Line(entry.at, entry.value, text, entry.by_name, entry.late))
    return tuple(lines)


def _response(facts: Facts) -> str:
    """How they responded, as far as it was written down (tender L680: on site, phone, network)."""
    if facts.fault is None or Instant.PHONE_RESPONDED not in facts.instants:
        return ""
    event = facts.fault.events[Instant.PHONE_RESPONDED]
    return event.value or event.reason


def _moments(facts: Facts) -> tuple[frozen.Moment, ...]:
    held = facts.fault.events if facts.fault is not None else {}
    made = []
    for name in Instant:
        event = held.get(name)
        if event is None:
            made.append(frozen.Moment(name.label))
            continue
        note = f"更正：{event.reason}" if event.refers_to_id else event.reason
        if event.resident:
            note = "；".join(part for part in ("驻场在岗", note) if part)
        made.append(frozen.Moment(name.label, event.at, event.by_name, event.late, note))
    return tuple(made)


def _timers(event: Emergency, facts: Facts, as_of: datetime) -> tuple[frozen.Timer, ...]:
    held = queries.clocks(event, as_of, facts=facts, **contract.agreed(event.declared_at))
    timers = []
    for wall, working in held.pairs:
        timers += [_timer(wall, judged=True), _timer(working, judged=False)]
    if held.fault is not None:
        for working, wall in zip(held.fault.working, held.fault.wall, strict=True):
            timers += [_timer(working, judged=True), _timer(wall, judged=False)]
    return tuple(timers)


def _timer(clock: Clock, *, judged: bool) -> frozen.Timer:
    return frozen.Timer(
        label=LIMITS.get(clock.limit.name, clock.limit.name), calendar=clock.calendar,
        judged=judged, allowed=_seconds(clock.limit.allowed) or 0, started=clock.started,
        due=clock.due, stopped=clock.stopped, used=_seconds(clock.used),
        state=STATES[clock.state], note=clock.note,
    )  # fmt: skip


def _calls(event: Emergency, facts: Facts) -> tuple[frozen.Called, ...]:
    made = []
    for knot in queries.call_tree(event, facts):
        first = min((call for call in knot.calls if call.granted), key=lambda c: c.at, default=None)
        made.append(
            frozen.Called(
                knot.callee.role, knot.callee.name, len(knot.calls), knot.reached_at,
                first.by_name if first else "",
            )
        )  # fmt: skip
    return tuple(made)


def _lines(event: Emergency) -> tuple[frozen.Line, ...]:
    made = []
    for line in queries.timeline(event):
        text = "；".join(part for part in (line.text, line.reason) if part and part != line.what)
        if line.corrects:
            text = f"（更正）{text}"
        made.append(frozen.Line(line.at, line.what, text, line.who, line.late))
    return tuple(made)


def _steps(event: Emergency, facts: Facts) -> tuple[frozen.Step, ...]:
    return tuple(
        frozen.Step(
            ticked.step.position, ticked.step.get_phase_display(), ticked.step.text,
            ticked.step.who, ticked.entry.granted if ticked.entry else None,
            ticked.entry.at if ticked.entry else None,
            ticked.entry.by_name if ticked.entry else "",
            ticked.entry.reason if ticked.entry else "",
        )
        for ticked in queries.plan_steps(event, facts)
    )  # fmt: skip


def _outage(event: Emergency, facts: Facts, as_of: datetime) -> frozen.Outage:
    down = queries.downtime_of(event, facts)
    return frozen.Outage(
        start=down.start, end=down.end, seconds=_seconds((down.end or as_of) - down.start) or 0,
        cause=down.cause.label, cause_reason=_why(event),
        excluded_by=facts.excluded.by_name if facts.excluded else "",
        excluded_reason=_excluded(facts),
    )  # fmt: skip


def _why(event: Emergency) -> str:
    """The basis of the cause in force, from where it is written."""
    if event.ticket is not None:
        said = event.ticket.events.filter(kind=EventKind.CAUSE).order_by("-id").first()
        return said.reason if said is not None else ""
    own = event.entries.filter(kind=EntryKind.CAUSE).order_by("-id").first()
    return own.reason if own is not None else ""


def _excluded(facts: Facts) -> str:
    asked = facts.excluded.refers_to if facts.excluded is not None else None
    return asked.reason if asked is not None else ""


def _budget(event: Emergency, as_of: datetime) -> frozen.YearBudget | None:
    """The contract year the event fell into; None where no contract covers it."""
    held = contract.current(event.declared_at.astimezone(SHANGHAI).date())
    if held is None:
        return None
    start = datetime.combine(held.period_start, time(), SHANGHAI)
    term = Term(start, datetime.combine(held.period_end, time(), SHANGHAI) + _DAY)
    budget = queries.budget(term, as_of)
    return frozen.YearBudget(
        held.period_start, held.period_end, _seconds(budget.used) or 0, _seconds(budget.sum) or 0,
        _seconds(budget.excluded) or 0, _seconds(budget.left) or 0, _seconds(budget.limit) or 0,
    )  # fmt: skip


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())
