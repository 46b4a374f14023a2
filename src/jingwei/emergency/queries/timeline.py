"""The story of an event: its own log and its ticket's instants, one line each, in order."""

from dataclasses import dataclass
from datetime import datetime

from jingwei.desk.models import EventKind, TicketEvent
from jingwei.emergency.facts import Facts
from jingwei.emergency.models import Callee, Emergency, EmergencyEntry, EntryKind, PlanStep
from jingwei.terms.incident import Cause

_SHOWN = frozenset({EventKind.INSTANT, EventKind.REMOTE, EventKind.CAUSE})


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `source` is the ticket's number where the ticket's log says it."""

    at: datetime
    entered_at: datetime
    late: bool
    what: str
    text: str
    reason: str
    who: str
    kind: str
    granted: bool | None = None
    source: str = ""
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """One knot of the call tree and what came of calling."""

    callee: Callee
    calls: list[EmergencyEntry]

    @property
    def reached_at(self) -> datetime | None:
        """When he was first reached; None while he was not."""
        return min((call.at for call in self.calls if call.granted), default=None)


@dataclass(frozen=True, slots=True)
class Ticked:
    """One step of the plan and its line of the log, if any; `due` when it is to be done."""

    step: PlanStep
    entry: EmergencyEntry | None


def timeline(emergency: Emergency) -> list[Line]:
    """Every line, oldest first; what was corrected stays, and says so by what follows it."""
    lines = [_own(entry) for entry in emergency.entries.select_related("refers_to")]
    if emergency.ticket is not None:
        number = emergency.ticket.number
        lines += [
            Line(
                event.at, event.entered_at, event.late,
                event.get_instant_display() or event.get_kind_display(), _said(event),
                event.reason, event.by_name, "instant" if event.instant else event.kind,
                event.granted, number, event.refers_to_id is not None,
            )
            for event in emergency.ticket.events.filter(kind__in=_SHOWN)
        ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.at, line.entered_at))


def _said(event: TicketEvent) -> str:
    if event.kind == EventKind.CAUSE and event.value in set(Cause):
        return Cause(event.value).label
    return event.value


def _own(entry: EmergencyEntry) -> Line:
    instant = entry.get_instant_display()
    what = instant if entry.kind == EntryKind.INSTANT else entry.get_kind_display()
    text = entry.value
    if entry.kind == EntryKind.MEASURED and instant:
        text = f"{instant}：{text}"
    elif entry.kind == EntryKind.ANSWER:
        text = f"{entry.value}：{'同意' if entry.granted else '不同意'}"
    corrects = entry.refers_to_id is not None and entry.kind in (
        EntryKind.INSTANT, EntryKind.STEP,
    )  # fmt: skip
    return Line(
        entry.at, entry.entered_at, entry.late, what, text, entry.reason, entry.by_name,
        entry.kind, entry.granted, "", corrects,
    )  # fmt: skip


def call_tree(emergency: Emergency, facts: Facts) -> list[Called]:
    """Whom to call, in order, and who was reached when."""
    return [
        Called(callee, facts.calls.get(callee.pk, []))
        for callee in emergency.callees.select_related("above", "person")
    ]


def plan_steps(emergency: Emergency, facts: Facts) -> list[Ticked]:
    """The steps of the plan in force for this event, in order, with what was ticked."""
    if emergency.plan is None:
        return []
    return [Ticked(step, facts.steps.get(step.pk)) for step in emergency.plan.steps.all()]
