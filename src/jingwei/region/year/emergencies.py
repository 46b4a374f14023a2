"""Real emergencies of 永和路 and the drills: kept, late, overlapping, one of them a disaster."""

from datetime import date, datetime

from jingwei.region.year import days, times
from jingwei.region.year.draft import BROKEN, DAY, HOUR, MET, MINUTE, UNPROVEN, Draft
from jingwei.region.year.facts import Drill, Emergency, Paper
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Standing

_RESPOND = ("emergency.respond-5min", "emergency.cooperate-immediately")
_ARRIVE = ("emergency.arrive-1h-level1-2", "l2.emergency-onsite")
_DISASTER = ("disaster.diagnose-2h", "disaster.basic-repair-4h")
_GRADED = {1: "emergency.level1-definition", 2: "emergency.level2-definition"}
_REPORT = "emergency.recover-and-report"


def emergencies(draft: Draft) -> None:
    """None, a few, or so many that the 24 h are used up."""
    for name in (*_RESPOND, *_ARRIVE, *_DISASTER, *_GRADED.values(), _REPORT):
        draft.ledger.asked(name)
    draft.ledger.asked("emergency.arrive-agreed-time")
    number = draft.rng.choice((0, 1, 2, 3, 4))
    good = draft.kept()
    starts = _apart(draft, number)
    spells: list[tuple[datetime, datetime]] = []
    for count, at in enumerate(starts):
        hours = draft.rng.choice((2, 3, 3, 11))
        spells += _emergency(draft, f"emergency-{count}", at, hours * 60, good=good)
    if number and draft.kept():
        draft.ledger.case("overlapping emergencies")
        at = days.at(draft.rng.choice(days.within((date(2023, 6, 1), date(2023, 6, 20)))), 9)
        length = draft.rng.choice((60, 12 * 60, 12 * 60, 24 * 60))
        spells += _emergency(draft, "overlap-1", at, length, good=True)
        spells += _emergency(draft, "overlap-2", at + 30 * MINUTE, length, good=True)
    if draft.kept():
        _withdrawn(draft)
    times.emergency_hours(draft, spells)


def _apart(draft: Draft, number: int) -> list[datetime]:
    """Mornings of different months."""
    picked = draft.rng.sample([*range(7), *range(8, 11)], number)
    months = days.months()
    return [days.at(draft.rng.choice(days.within(months[m])), 9) for m in sorted(picked)]


def _emergency(
    draft: Draft, key: str, at: datetime, minutes: int, *, good: bool
) -> list[tuple[datetime, datetime]]:  # fmt: skip
    """One event from its alarm; returns what it takes of the 24 h."""
    rng = draft.rng
    answer = rng.choice((3, 5, 5)) if good else rng.choice((5, 6))
    arrival = rng.choice((30, 60, 60)) if good else rng.choice((60, 61))
    level = rng.choice((1, 2))
    disaster = draft.kept(0.3)
    diagnosed = rng.choice((60, 120)) if good else rng.choice((120, 121))
    cause = rng.choice((Cause.BUSINESS_SYSTEM, Cause.NETWORK_DEPLOYMENT, Cause.HARDWARE))
    excludable = cause is not Cause.HARDWARE and draft.kept(0.4)
    excluded = draft.kept() if excludable else None
    restored = at + minutes * MINUTE
    graded = at + HOUR if good or draft.kept() else None
    event = Emergency(
        key, level, at, at + 2 * MINUTE, at + answer * MINUTE, at + arrival * MINUTE, restored,
        restored + HOUR, cause, graded, _system(key), occurred=at, disaster=disaster,
        diagnosed=at + min(diagnosed, minutes) * MINUTE, excluded=excluded,
    )  # fmt: skip
    draft.emergencies.append(event)
    draft.ledger.case(*(
        name for name, there in (
            ("emergency answered to the minute", answer == 5),
            ("emergency answered late", answer == 6),
            ("emergency attended to the minute", arrival == 60),
            ("emergency attended late", arrival == 61),
            ("disaster", disaster), ("emergency excluded", excluded is True),
            ("emergency exclusion refused", excluded is False),
            ("level without consent", graded is None),
        ) if there
    ))  # fmt: skip
    _judge(draft, event, answer, arrival, min(diagnosed, minutes), minutes)
    return [] if excluded else [(at, restored)]


def _system(key: str) -> str:
    """Events at the same time are of different systems, all of them core."""
    return "APP-11" if key == "overlap-2" else "APP-10"


def _judge(
    draft: Draft, event: Emergency, answer: int, arrival: int, diagnosed: int, minutes: int
) -> None:
    ledger = draft.ledger
    for name in _RESPOND:
        ledger.note(name, MET if answer <= 5 else BROKEN)
    for name in _ARRIVE:
        ledger.note(name, MET if arrival <= 60 else BROKEN)
    if event.disaster:
        ledger.note("disaster.diagnose-2h", MET if diagnosed <= 120 else BROKEN)
        ledger.note("disaster.basic-repair-4h", MET if minutes <= 240 else BROKEN)
    ledger.note("emergency.arrive-agreed-time", UNPROVEN)  # nobody can write down what was agreed
    ledger.note(_GRADED[event.level], MET if event.graded else UNPROVEN)
    times.classified(draft, event.cause)
    times.classified(draft, event.cause)  # its fault is a downtime of a core system too
    if event.cause in times.COUNTED:
        draft.down.append((event.detected, event.restored))
    _as_a_fault(draft, event, arrival, minutes)
    _report(draft, event)


def _as_a_fault(draft: Draft, event: Emergency, arrival: int, minutes: int) -> None:
    """The fault behind the event runs on the fault table's clocks as well."""
    ledger = draft.ledger
    for name in ("fault.outage.phone-response", "fault.phone-online-support",
                 "fault.outage.on-site", "fault.service-window"):  # fmt: skip
        ledger.note(name, MET)
    repaired = MET if minutes - arrival <= 240 else BROKEN
    ledger.note("fault.outage.repair", repaired)
    ledger.note("principle.security-and-timely-repair", repaired)
    ledger.note("daily.hotline", MET)
    ledger.note("service.maintenance-types", MET)
    given = event.ended + 2 * DAY
    draft.papers.append(
        Paper("fault", given, given, confirmed=given + HOUR, about=f"{event.key}/fault")
    )
    ledger.note("report.fault-handling", MET)


def _report(draft: Draft, event: Emergency) -> None:
    """In writing, seven days from the recovery, the last moment included."""
    way = draft.rng.choice(("kept", "kept", "kept", "exact", "exact", "late", "no paper", "never"))
    draft.ledger.case(f"emergency report {way}")
    draft.ledger.note(_REPORT, MET if way in ("kept", "exact") else BROKEN)
    if way == "never":
        return
    given = event.restored + {"exact": 7 * DAY, "late": 7 * DAY + MINUTE}.get(way, 3 * DAY)
    draft.papers.append(
        Paper("emergency", given, given, paper=None if way == "no paper" else given,
              confirmed=given + HOUR, about=event.key)
    )  # fmt: skip


def _withdrawn(draft: Draft) -> None:
    """It was none, says the client: in no budget and on no clock, and its fault is cancelled."""
    draft.ledger.case("emergency withdrawn")
    at = days.at(date(2023, 6, 25), 9)
    draft.emergencies.append(
        Emergency(
            "withdrawn", 2, at, at, at + HOUR, at + 3 * HOUR, at + 4 * HOUR, at + 5 * HOUR,
            Cause.HARDWARE, None, withdrawn=True,
        )
    )  # fmt: skip


def drills(draft: Draft) -> None:
    """Two, sometimes one, three or none; one may be broken off."""
    counted = ("emergency.drill-support", "emergency.drills-min-2")
    draft.ledger.asked("emergency.drill-report")
    number = (2, 1, 2, 0, 2, 3)[draft.seed % 6]  # each of them in any few years
    draft.ledger.case(f"{number} drills")
    dates = [date(2022, 12, 8), date(2023, 5, 11), date(2023, 9, 7)][:number]
    for count, day in enumerate(dates):
        started = days.at(day, 14)
        drill = Drill(f"drill-{count}", started, started + 2 * HOUR)
        draft.drills.append(drill)
        _drill_report(draft, drill)
    if draft.kept(0.4):
        draft.ledger.case("drill broken off")
        started = days.at(date(2023, 3, 9), 14)
        draft.drills.append(Drill("aborted", started, started + HOUR, aborted=True))
    for name in counted:
        short = Standing.NO_EVIDENCE if number == 0 else BROKEN
        draft.ledger.fix(name, MET if number >= 2 else short)


def _drill_report(draft: Draft, drill: Drill) -> None:
    way = draft.rng.choice(("kept", "kept", "kept", "exact", "late"))
    draft.ledger.case(f"drill report {way}")
    given = drill.ended + {"exact": 14 * DAY, "late": 14 * DAY + MINUTE}.get(way, 5 * DAY)
    draft.papers.append(Paper("drill", given, given, confirmed=given + HOUR, about=drill.key))
    draft.ledger.note("emergency.drill-report", BROKEN if way == "late" else MET)
