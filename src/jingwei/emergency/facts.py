"""What the log of an emergency amounts to: instants in force, level, answers, calls, steps.

One source of instants and of the cause: an event with a fault ticket takes them from the ticket's
log, and what is noted here is written there. So the two can't contradict each other. A drill has no
ticket and keeps its own. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from jingwei.desk import facts as desk
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind, Level, Stage
from jingwei.terms.incident import Cause, Instant

ASKED = frozenset({EntryKind.DECLARED, EntryKind.LEVEL, EntryKind.EXCLUDE, EntryKind.END})
_TIMES = frozenset({EntryKind.INSTANT, EntryKind.MEASURED})


@dataclass
class Facts:
    """The log read once from its first line to its last.

    `fault` are the facts of the linked ticket, the source of `instants` where there is one;
    `answers` maps what was asked to the client's answer; `waiting` is what he has not answered.
    `levels` holds the levels in force with the line that set each.
    """

    fault: desk.Facts | None = None
    own: dict[Instant, EmergencyEntry] = field(default_factory=dict)
    levels: list[EmergencyEntry] = field(default_factory=list)
    waiting: list[EmergencyEntry] = field(default_factory=list)
    answers: dict[int, EmergencyEntry] = field(default_factory=dict)
    calls: dict[int, list[EmergencyEntry]] = field(default_factory=dict)
    steps: dict[int, EmergencyEntry] = field(default_factory=dict)
    refused_end: EmergencyEntry | None = None
    ended: EmergencyEntry | None = None
    excluded: EmergencyEntry | None = None

    @property
    def instants(self) -> dict[Instant, datetime]:
        """The instants in force."""
        if self.fault is not None:
            return self.fault.instants
        return {name: entry.at for name, entry in self.own.items()}

    @property
    def resident(self) -> bool:
        """Whether the engineer was on site before the alarm."""
        return self.fault is not None and self.fault.resident

    @property
    def agreed(self) -> bool | None:
        """What the client said to the level in force; None while he has said nothing."""
        if not self.levels:
            return None
        answer = self.answers.get(self.levels[-1].pk)
        return answer.granted if answer is not None else None

    @property
    def disputed(self) -> bool:
        """Whether the client refused the end and nobody has corrected the recovery since."""
        if self.refused_end is None or self.ended is not None:
            return False
        restored = self.written(Instant.RESTORED)
        return restored is None or restored <= self.refused_end.entered_at

    def written(self, instant: Instant) -> datetime | None:
        """When the instant in force was written down."""
        if self.fault is not None:
            event = self.fault.events.get(instant)
            return event.entered_at if event is not None else None
        entry = self.own.get(instant)
        return entry.entered_at if entry is not None else None


def facts_of(emergency: Emergency, known: datetime | None = None) -> Facts:
    """The facts of an event (its entries and its ticket's events; prefetch both for many).

    With `known` only what was written down by then.
    """
    entries = (e for e in emergency.entries.all() if known is None or e.entered_at <= known)
    facts = read(sorted(entries, key=lambda entry: entry.pk))
    if emergency.ticket is not None:
        events = sorted(emergency.ticket.events.all(), key=lambda event: event.pk)
        if known is not None:
            events = [event for event in events if event.entered_at <= known]
        if facts.ended is not None:
            # The client confirmed these figures: what somebody corrects afterwards changes none.
            until = facts.ended.entered_at
            events = [event for event in events if event.entered_at <= until]
        facts.fault = desk.read(events)
    _anew(facts, emergency)
    return facts


def withdrawn(emergency: Emergency, known: datetime | None = None) -> bool:
    """Whether it was taken back; with `known` by a line that was written down by then."""
    return emergency.stage == Stage.WITHDRAWN and any(
        entry.kind == EntryKind.WITHDRAW and (known is None or entry.entered_at <= known)
        for entry in emergency.entries.all()
    )


def cause_of(emergency: Emergency) -> Cause | None:
    """Why it happened, as its ticket says; None while nobody has said."""
    said = emergency.ticket.cause if emergency.ticket is not None else emergency.cause
    return Cause(said) if said else None


def exclusion_of(cause: Cause) -> str:
    """What is asked for: not to count this event, for this cause and no other."""
    return f"不计入 24 小时：{cause.label}"


def _anew(facts: Facts, emergency: Emergency) -> None:
    """What was asked and approved was for the cause that stood then: another needs its own."""
    cause = cause_of(emergency)
    words = exclusion_of(cause) if cause is not None else ""
    if facts.excluded is not None and facts.excluded.value != words:
        facts.excluded = None
    facts.waiting = [
        each for each in facts.waiting if each.kind != EntryKind.EXCLUDE or each.value == words
    ]


def read(entries: Iterable[EmergencyEntry]) -> Facts:
    """The facts of a log, in the order it was written."""
    facts = Facts()
    asked: dict[int, EmergencyEntry] = {}
    for entry in entries:
        if entry.kind in ASKED:
            asked[entry.pk] = entry
        if entry.kind == EntryKind.DECLARED:
            facts.levels.append(entry)  # in force at once; the client's word comes after
        elif entry.kind in _TIMES and entry.instant:
            facts.own[Instant(entry.instant)] = entry
        elif entry.kind == EntryKind.CALL and entry.callee_id is not None:
            facts.calls.setdefault(entry.callee_id, []).append(entry)
        elif entry.kind == EntryKind.STEP and entry.step_id is not None:
            facts.steps[entry.step_id] = entry
        elif entry.kind == EntryKind.ANSWER:
            _answered(facts, asked.pop(entry.refers_to_id or 0), entry)
    facts.waiting = list(asked.values())
    return facts


def _answered(facts: Facts, asked: EmergencyEntry, answer: EmergencyEntry) -> None:
    facts.answers[asked.pk] = answer
    if asked.kind == EntryKind.END:
        if answer.granted:
            facts.ended = answer
        else:
            facts.refused_end = answer
    elif answer.granted and asked.kind == EntryKind.LEVEL:
        facts.levels.append(asked)
    elif answer.granted and asked.kind == EntryKind.EXCLUDE:
        facts.excluded = answer


def stage_of(emergency: Emergency, facts: Facts) -> Stage:
    """Where the event stands: what the ticket's page noted counts here too."""
    stage = Stage(emergency.stage)
    if stage is Stage.OPEN and Instant.RESTORED in facts.instants and not facts.disputed:
        return Stage.RESTORED
    return stage


def level_in_force(emergency: Emergency, facts: Facts) -> Level:
    """The level of the last line that counts."""
    last = facts.levels[-1].level if facts.levels else None
    return Level(last or emergency.level)
