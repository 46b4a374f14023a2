"""Duties owed by month, quarter, half, year and before holidays, on every object they go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, DAY, HOUR, MET, UNPROVEN, Draft
from jingwei.region.year.facts import Done
from jingwei.region.year.places import APPLICATIONS, UNITS, UPS

Period = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty once in each period on each object; `confirmed`: it takes the client's word."""

    obligation: str
    duty: str
    periods: Sequence[Period]
    objects: Sequence[str] = ("",)
    fields: tuple[str, ...] = ("result",)
    confirmed: bool = False


def _table() -> tuple[Owed, ...]:
    month, quarter, year = days.months(), days.quarters(), [(days.FIRST, days.LAST)]
    return (
        Owed("security.policy-effective", "security-check", quarter, fields=("scope",),
             confirmed=True),
        Owed("perf.periodic-monitoring", "performance-review", month, fields=("cpu",)),
        Owed("monthly.app-inspection", "monthly-inspection", month, APPLICATIONS, ("version",)),
        Owed("training.technical", "training", year, fields=("topic",), confirmed=True),
        Owed("pm.periodic-report", "work-report", month, fields=("topic",), confirmed=True),
        Owed("fw.version-check", "version-check", quarter, fields=("baseline",)),
        Owed("room.leak-check-quarterly", "leak-check", quarter),
        Owed("room.fire-hazard-check-quarterly", "fire-check", quarter, fields=("hazard",)),
        Owed("room.environment-record", "room-record", quarter,
             fields=("temperature", "humidity", "leak", "fire")),
        Owed("power.ups-inspection-quarterly", "ups-inspection", quarter, UPS, ("input",),
             confirmed=True),
        Owed("power.record", "power-record", quarter),
        Owed("cabling.record", "cabling-record", quarter, fields=("label",)),
        Owed("hw.precheck-holidays", "holiday-check",
             [(eve - 9 * DAY, eve) for eve in days.EVES]),
    )  # fmt: skip


def duties(draft: Draft) -> None:
    """Every duty of the year: done on its first or last day, late, unconfirmed, forgotten."""
    for owed in _table():
        draft.ledger.asked(owed.obligation)
        _owed(draft, owed)
    _inspections(draft)
    _discharges(draft)


def _owed(draft: Draft, owed: Owed) -> None:
    good = draft.kept()
    odd = set() if good else {
        (draft.rng.randrange(len(owed.periods)), draft.rng.choice(list(owed.objects)))
        for _ in range(draft.rng.randint(1, 3))
    }  # fmt: skip
    for number, period in enumerate(owed.periods):
        for name in owed.objects:
            way = _way(draft, owed) if (number, name) in odd else "kept"
            _one(draft, owed, period, name, way)


def _way(draft: Draft, owed: Owed) -> str:
    ways = ["forgotten", "too late"]
    if owed.confirmed:
        ways += ["unconfirmed", "disagreed"]
    if len(owed.fields) > 1:
        ways.append("record incomplete")
    return draft.rng.choice(ways)


def _one(draft: Draft, owed: Owed, period: Period, name: str, way: str) -> None:
    draft.ledger.case(f"duty {way}")
    never = way in ("forgotten", "too late") and len(owed.periods) == 1
    unproven = never or way in ("unconfirmed", "disagreed")  # not one record proves nothing
    draft.ledger.note(owed.obligation, MET if way == "kept" else UNPROVEN if unproven else BROKEN)
    if way == "forgotten":
        return
    first, last = period
    edge = draft.rng.choice((days.at(first, 0), days.at(last, 23, 59), days.at(last, 15)))
    if way == "too late":
        if period[1] == days.LAST or owed.duty != "holiday-check":
            return  # it would count for the next period, or the year is over: never done
        edge = days.at(last, 24, 1)
    fields = owed.fields[:-1] if way == "record incomplete" else owed.fields
    answer = None
    if owed.confirmed and way != "unconfirmed":
        answer = (edge, way != "disagreed")
    draft.duty(owed.duty, edge, object=name, fields=fields, confirmed=answer)


_RECORD = ("content", "time", "running", "health")


def _inspections(draft: Draft) -> None:
    """172 units on site in every quarter; whether a quarter is the contract's is open (A14)."""
    names = ("hw.inspection-advice", "hw.inspection-record-fields",
             "hw.inspection-client-confirmation")  # fmt: skip
    draft.ledger.asked("hw.inspection-quarterly", "A14")
    for name in names:
        draft.ledger.asked(name)
    rounds = [date(2022, 12, 14), date(2023, 3, 15), date(2023, 6, 14), date(2023, 9, 13)]
    if draft.kept():
        draft.ledger.case("a round in every quarter of both kinds")
        rounds.append(date(2023, 10, 18))
    skipped = None if draft.kept() else draft.rng.choice(UNITS)
    odd = {} if draft.kept() else {
        draft.rng.choice(UNITS): draft.rng.choice(("no advice", "incomplete", "unconfirmed"))
    }  # fmt: skip
    records: dict[tuple[str, date], Done] = {}
    for count, day in enumerate(rounds):
        at = days.at(day, 10)
        for unit in UNITS:
            if count == 1 and unit == skipped:
                draft.ledger.case("a unit left out of a round")
                continue
            way = odd.get(unit, "") if count == 0 else ""
            fields = {"no advice": _RECORD, "incomplete": (*_RECORD[:3], "advice")}.get(
                way, (*_RECORD, "advice")
            )
            seen = None if way == "unconfirmed" else (at + 6 * HOUR, True)
            done = Done("hardware-inspection", at, unit, fields=fields, confirmed=seen)
            records[unit, day] = done
            draft.done.append(done)
    _inspected(draft, records, rounds, odd)


def _inspected(
    draft: Draft, records: dict[tuple[str, date], Done], rounds: list[date], odd: dict[str, str]
) -> None:
    for kind, quarters in (("contract", days.quarters()), ("calendar", days.calendar_quarters())):
        for first, last in quarters:
            inside = [day for day in rounds if first <= day <= last]
            for unit in UNITS:
                done = any((unit, day) in records for day in inside)
                draft.ledger.note("hw.inspection-quarterly", MET if done else BROKEN, kind)
                if kind == "contract":
                    wrong = odd.get(unit, "") if rounds[0] in inside else ""
                    _recorded(draft, wrong, done=done)


def _recorded(draft: Draft, wrong: str, *, done: bool) -> None:
    if wrong:
        draft.ledger.case(f"inspection {wrong}")
    for name, spoilt, then in (
        ("hw.inspection-advice", "no advice", BROKEN),
        ("hw.inspection-record-fields", "incomplete", BROKEN),
        ("hw.inspection-client-confirmation", "unconfirmed", UNPROVEN),
    ):
        draft.ledger.note(name, BROKEN if not done else then if wrong == spoilt else MET)


_SPACED = ("close", "one half", "once", "unseen")


def _discharges(draft: Draft) -> None:
    """Each UPS twice a year, at least 120 days apart, once in each half by its own remark."""
    half, year = "power.ups-discharge-by-asset", "power.ups-discharge-twice-a-year"
    for name in (half, year):
        draft.ledger.asked(name)
    for unit in UPS:
        way = "kept" if draft.kept(0.8) else draft.rng.choice(_SPACED)
        first = date(2023, 1, 10)
        gap = {"close": 119, "one half": 105}.get(way, 120)
        second = first + gap * DAY
        draft.ledger.case(f"discharge {way}")
        for day in (first, second)[: 1 if way == "once" else 2]:
            at = days.at(day, 2)
            seen = None if way == "unseen" and day == second else (at + 8 * HOUR, True)
            draft.duty("ups-discharge", at, object=unit, fields=("before", "after"),
                       confirmed=seen)  # fmt: skip
        second_half = {"kept": MET, "close": MET, "one half": BROKEN, "once": BROKEN}
        draft.ledger.note(half, MET)
        draft.ledger.note(half, second_half.get(way, UNPROVEN))
        whole = {"kept": MET, "unseen": UNPROVEN}
        draft.ledger.note(year, whole.get(way, BROKEN))
