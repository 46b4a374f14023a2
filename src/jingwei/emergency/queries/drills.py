"""Reading drills: lists, progress, what was measured, the score, the yearly duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from jingwei.emergency.facts import Facts, facts_of
from jingwei.emergency.models import (
    Drill,
    DrillAction,
    DrillReading,
    DrillState,
    DrillStep,
    Emergency,
    EmergencyEntry,
    EntryKind,
)
from jingwei.emergency.scoring import Measures, Score, Share, minutes_text, score
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Instant

PER_YEAR = 2  # drills (tender L683)
DATA_KEPT = "data.kept"  # the reading whose instant is the last row of data that survived
ALL_NORMAL = "all.normal"  # the reading whose instant is when everything watched was normal again
_OWN_ITEMS = (DATA_KEPT, ALL_NORMAL)
LATE = "写下时已晚于 30 分钟（补录），不计分"


@dataclass(frozen=True, slots=True)
class Place:
    """One watched item at one target: its last verdict and the worst one seen."""

    target: str
    item: str
    result: Result
    worst: Result
    reading: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """The yearly duty: how many of the two are done, planned and missing in a contract year."""

    start: date
    end: date
    done: int
    planned: int

    @property
    def missing(self) -> int:
        """How many are neither done nor planned."""
        return max(0, PER_YEAR - self.done - self.planned)

    @property
    def met(self) -> bool:
        """Only what was done counts."""
        return self.done >= PER_YEAR


def drills() -> QuerySet[Drill]:
    """Every drill, the latest plan first."""
    return Drill.objects.select_related("plan").order_by("-planned_at", "-id")


def by_drill_number(number: str) -> Drill:
    """One drill. Raises Drill.DoesNotExist."""
    return Drill.objects.select_related("plan", "created_by").get(number=number)


def event_of(drill: Drill) -> Emergency | None:
    """The event participants work on; None before the start."""
    return Emergency.objects.filter(drill=drill).first()


def counts_for_duty(drill: Drill) -> bool:
    """Ended, at the clock's own speed: a rehearsal in fast motion is none of the two."""
    return drill.state == DrillState.ENDED and drill.speed == 1


def duty(start: date, end: date) -> Duty:
    """Of the contract year from `start` to `end`, both included (tender L683)."""
    first = datetime.combine(start, datetime.min.time(), SHANGHAI)
    last = datetime.combine(end + timedelta(days=1), datetime.min.time(), SHANGHAI)
    ended = Drill.objects.filter(state=DrillState.ENDED, ended_at__gte=first, ended_at__lt=last)
    done = sum(1 for each in ended if counts_for_duty(each))
    planned = Drill.objects.filter(
        state__in=(DrillState.PLANNED, DrillState.RUNNING),
        planned_at__gte=first, planned_at__lt=last,
    ).count()  # fmt: skip
    return Duty(start, end, done, planned)


def planned_between(start: datetime, end: datetime) -> QuerySet[Drill]:
    """Drills planned within a span and not called off, for calendars."""
    wanted = Drill.objects.exclude(state__in=(DrillState.CANCELLED, DrillState.ABORTED))
    return wanted.filter(planned_at__gte=start, planned_at__lt=end).order_by("planned_at")


def places(drill: Drill) -> list[Place]:
    """The last verdict on each watched item, as first seen in order."""
    found: dict[tuple[str, str], Place] = {}
    for row in drill.readings.exclude(item__in=_OWN_ITEMS).order_by("id"):
        key, result = (row.target, row.item), Result(row.result)
        before = found.get(key)
        worst = result if before is None or _worse(result, before.worst) else before.worst
        found[key] = Place(row.target, row.item, result, worst, row.reading, row.at)
    return list(found.values())


def _worse(one: Result, other: Result) -> bool:
    order = (Result.NORMAL, Result.NOT_APPLICABLE, Result.UNCHECKED, Result.ATTENTION)
    rank = {result: number for number, result in enumerate(order)}
    return rank.get(one, len(order)) > rank.get(other, len(order))


def deadline(drill: Drill, line: DrillStep) -> datetime | None:
    """When a line of the script is due; None before the start."""
    if drill.started_at is None:
        return None
    return drill.started_at + timedelta(seconds=line.after / drill.speed)


def in_time(drill: Drill, line: DrillStep) -> bool:
    """Whether an expected action was done by its second of the script."""
    due = deadline(drill, line)
    return line.done_at is not None and due is not None and line.done_at <= due


def normal_again(drill: Drill) -> DrillReading | None:
    """When the system saw everything normal after the last fault; None when it never did."""
    return drill.readings.filter(item=ALL_NORMAL).order_by("-id").first()


def data_kept(drill: Drill) -> DrillReading | None:
    """The last row of data that was there before the fault and after the recovery."""
    return drill.readings.filter(item=DATA_KEPT).order_by("-id").first()


def measures(drill: Drill) -> Measures:
    """What the log and the readings prove, in minutes of the script's time."""
    event = event_of(drill)
    if event is None:
        return Measures({}, {}, {})
    facts = facts_of(event)
    entries = list(event.entries.order_by("id"))
    minutes: dict[str, float] = {}
    why: dict[str, str] = {}
    occurred = _measured(entries, Instant.OCCURRED) or _plain(facts, Instant.OCCURRED)
    found = _measured(entries, Instant.DETECTED)
    alarm = min(
        (e for e in (found, _plain(facts, Instant.DETECTED), _plain(facts, Instant.REPORTED)) if e),
        key=lambda entry: entry.at, default=None,
    )  # fmt: skip
    spans = {
        "detect": (occurred, found, "系统没有测得异常"),
        "respond": (alarm, _plain(facts, Instant.PHONE_RESPONDED), "没有记录首次响应"),
        "arrive": (alarm, _plain(facts, Instant.ARRIVED), "没有记录到场"),
        "diagnose": (occurred, _plain(facts, Instant.DIAGNOSED), "没有记录诊断"),
        "restore": (alarm, _plain(facts, Instant.RESTORED), "没有记录业务恢复"),
    }
    for key, (start, end, missing) in spans.items():
        taken = _between(start, end, drill.speed)
        if taken is None:
            why[key] = _reason(start, end, missing)
        else:
            minutes[key] = taken
    _rto(drill, occurred, minutes, why)
    _rpo(drill, occurred, minutes, why)
    return Measures(minutes, _shares(drill, event, facts, why), why)


def result(drill: Drill) -> Score:
    """The score by the published rule, computed on read."""
    return score(measures(drill), drill.targets)


def proposed_gaps(drill: Drill) -> list[str]:
    """What the result shows to be missing and nobody has written down as a gap yet."""
    if drill.state not in (DrillState.ENDED, DrillState.ABORTED):
        return []
    found = []
    if drill.state == DrillState.ABORTED:
        found.append(f"演练中止：{drill.cancelled_reason}")
    else:
        scored = result(drill)
        for one in scored.breached:
            if one.key not in ("expected", "calls"):
                found.append(f"{one.label}{one.measured}，目标{one.target}")
        found += [f"{one.label}未测得：{one.reason}" for one in scored.unmeasured]
        found += [_missed(drill, row) for row in expected(drill) if not in_time(drill, row)]
    known = set(drill.gaps.values_list("text", flat=True))
    return [text[:300] for text in found if text[:300] not in known]


def expected(drill: Drill) -> list[DrillStep]:
    """The actions people are expected to do."""
    return [row for row in drill.script.all() if row.action == DrillAction.EXPECT]


def calendar(start: datetime, end: datetime) -> Sequence[tuple[str, datetime, str]]:
    """number, planned instant and title of planned drills, as a calendar feed wants them."""
    return [(d.number, d.planned_at, f"演练：{d.title}") for d in planned_between(start, end)]


def _missed(drill: Drill, row: DrillStep) -> str:
    due = deadline(drill, row)
    if row.done_at is None or due is None:
        return f"未完成应完成动作：{row.text}"
    over = (row.done_at - due).total_seconds() * drill.speed / 60
    return f"应完成动作超时 {minutes_text(over)}：{row.text}"


def _shares(
    drill: Drill, event: Emergency, facts: Facts, why: dict[str, str]
) -> dict[str, Share]:  # fmt: skip
    rows = expected(drill)
    callees = list(event.callees.values_list("pk", flat=True))
    reached = sum(
        1 for pk in callees
        if any(line.granted and not line.late for line in facts.calls.get(pk, []))
    )  # fmt: skip
    if not rows:
        why["expected"] = "剧本没有应完成动作"
    if not callees:
        why["calls"] = "通知名单为空：没有登记在岗人员"
    return {
        "expected": Share(sum(1 for row in rows if in_time(drill, row)), len(rows)),
        "calls": Share(reached, len(callees)),
    }


def _rto(
    drill: Drill, occurred: EmergencyEntry | None, minutes: dict[str, float], why: dict[str, str]
) -> None:
    back = normal_again(drill)
    if back is None or occurred is None:
        why["rto"] = "系统没有测得恢复正常"
    else:
        minutes["rto"] = (back.at - occurred.at).total_seconds() * drill.speed / 60


def _rpo(
    drill: Drill, occurred: EmergencyEntry | None, minutes: dict[str, float], why: dict[str, str]
) -> None:
    kept = data_kept(drill)
    if kept is None or occurred is None:
        why["rpo"] = "本场景没有可核对的业务数据"
    elif kept.result == Result.UNCHECKED:
        why["rpo"] = kept.reading or "恢复后未能核对数据"
    else:
        lost = (occurred.at - kept.at).total_seconds() * drill.speed / 60
        minutes["rpo"] = max(0.0, lost)


def _measured(entries: Sequence[EmergencyEntry], instant: Instant) -> EmergencyEntry | None:
    """The first line the system wrote of an instant: what people add later changes no measure."""
    found = (e for e in entries if e.kind == EntryKind.MEASURED and e.instant == instant)
    return next(found, None)


def _plain(facts: Facts, instant: Instant) -> EmergencyEntry | None:
    return facts.own.get(instant)


def _between(
    start: EmergencyEntry | None, end: EmergencyEntry | None, speed: float
) -> float | None:
    if start is None or end is None or end.late or end.at < start.at:
        return None
    return (end.at - start.at).total_seconds() * speed / 60


def _reason(start: EmergencyEntry | None, end: EmergencyEntry | None, missing: str) -> str:
    if end is None:
        return missing
    if end.late:
        return LATE
    return "起点没有测得" if start is None else "记录的时间早于起点，不计分"
