"""The daily checks of the year: done, missed, begun and not ended, partly checked; the readings."""

from datetime import date
from typing import Any

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, HOUR, MET, Draft
from jingwei.region.year.facts import Finding, Reading, Run
from jingwei.region.year.places import ROOM, SERVER
from jingwei.terms.obligation import Standing

# What is looked at every day, and which obligations rest on it (tender L513, L522, L560-568).
SHEET: dict[str, tuple[str, ...]] = {
    "app.available": ("daily.app-check", "sw.keep-systems-running",
                      "daily.app-availability-check"),
    "app.login": ("daily.app-check",),
    "db.connection": ("daily.database-check", "daily.database-routine-check"),
    "db.jobs": ("daily.database-check", "daily.database-routine-check"),
    "storage.disk": ("daily.array-disk-check",),
    "server.disk": ("daily.array-disk-check", "daily.server-check"),
    "server.online": ("daily.server-check",),
    "security.online": ("realtime.security-monitoring",),
    "network.online": (),
    "room.temperature": ("room.environment-monitoring",),
    "room.humidity": ("room.environment-monitoring",),
    "crac.cooling": (),
}  # fmt: skip
EVERY_DAY = ("daily.system-run-check", "realtime.data-monitoring")
OPEN = frozenset({"daily.system-run-check", "daily.app-check"})  # a day, or a working day? (A33)
# Rooms that nobody has built: nothing they would prove can be proven.
NO_ROOM = (
    "daily.exchange-check", "daily.platform-log-check", "daily.middleware-log-check",
    "daily.audit-log-check", "daily.anti-tamper-log-check", "daily.backup-data-full",
    "daily.backup-application", "disaster.recovery-guarantee", "backup.validity-test",
)  # fmt: skip
RANGES = {
    "room.temperature": ("room.temperature-range", 18.0, 28.0),
    "room.humidity": ("room.humidity-range", 35.0, 75.0),
}


def rounds(draft: Draft) -> None:
    """A run for every day of the year, and what it proves."""
    resting = sorted({name for names in SHEET.values() for name in names} | set(EVERY_DAY))
    for name in resting:
        draft.ledger.asked(name, "A33" if name in OPEN else "")
    for name in NO_ROOM:
        draft.ledger.fix(name, Standing.NO_EVIDENCE)
    odd = _odd_days(draft)
    for day in days.all_days():
        run = _run(day, **odd.get(day, {}))
        if run is not None:
            draft.runs.append(run)
        for name in resting:
            _judge(draft, name, day, run)
    _readings(draft)
    _findings(draft)


def _odd_days(draft: Draft) -> dict[date, dict[str, Any]]:
    """The days on which it does not go as it should: none in a good year."""
    free = [day for day in days.all_days() if not days.works(day)]
    odd: dict[date, dict[str, Any]] = {}
    if not draft.kept():
        draft.ledger.case("run missed on a working day")
        odd[draft.working_day()] = {"missed": True}
    if not draft.kept():
        draft.ledger.case("run missed on a free day")
        odd[draft.rng.choice(free)] = {"missed": True}
    if not draft.kept(0.7):
        draft.ledger.case("run begun and not ended")
        odd[draft.working_day()] = {"unfinished": True}
    if not draft.kept(0.7):
        draft.ledger.case("nothing ran all day")
        odd[draft.working_day(date(2022, 11, 10))] = {"off": True}
    for item in SHEET:
        if item not in ("network.online", "crac.cooling") and not draft.kept(0.75):
            draft.ledger.case("run partly checked")
            day = draft.rng.choice([*free, draft.working_day()])
            odd.setdefault(day, {}).setdefault("unchecked", set()).add(item)
    if draft.kept():
        draft.ledger.case("precision air conditioning off")
        odd.setdefault(draft.working_day(), {})["cooled"] = False
    return odd


def _run(
    day: date, *, missed: bool = False, unfinished: bool = False, off: bool = False,
    unchecked: frozenset[str] = frozenset(), cooled: bool = True,
) -> Run | None:  # fmt: skip
    if missed:
        return None
    began = days.at(day, 6)
    if off:
        return Run(day, days.at(day, 30), days.at(day, 30), off=True)  # written the day after
    return Run(day, began, None if unfinished else began + HOUR, frozenset(unchecked), cooled)


def _judge(draft: Draft, name: str, day: date, run: Run | None) -> None:
    ended = run is not None and run.ended is not None and not run.off
    items = {item for item, names in SHEET.items() if name in names}
    whole = run is not None and (name in EVERY_DAY or not items & run.unchecked)
    standing = MET if ended and whole else BROKEN
    if name not in OPEN:
        draft.ledger.note(name, standing)
        return
    draft.ledger.note(name, standing, "natural")
    if days.works(day):
        draft.ledger.note(name, standing, "working")


def _readings(draft: Draft) -> None:
    """One of each item on every day that has a run; both ends of a range are within it."""
    seen = {run.day: run for run in draft.runs if not run.off}
    for item, (name, low, high) in RANGES.items():
        draft.ledger.asked(name, empty=Standing.NO_EVIDENCE)
        beyond = set() if draft.kept() else {draft.rng.choice(sorted(seen))}
        for day, run in seen.items():
            inside = (low, high) if draft.kept(0.05) else (low + 3, high - 3)
            lowest, highest = inside
            if day in beyond:
                draft.ledger.case("reading just out of range")
                highest = high + 0.1
            draft.readings.append(Reading(day, item, lowest, highest))
            if not run.cooled:
                continue
            draft.ledger.note(name, BROKEN if day in beyond else MET)


def _findings(draft: Draft) -> None:
    """What the checks found, each followed up or not (tender L602)."""
    followed = draft.kept()
    draft.ledger.asked("daily.follow-up-check")
    for number in range(draft.rng.randint(3, 12)):
        opened = days.at(draft.working_day(), 10, draft.rng.randint(0, 300))
        way = draft.rng.choice(("noted", "healed") if followed else ("noted", "healed", "left"))
        draft.ledger.case(f"finding {way}")
        draft.findings.append(
            Finding(
                f"finding-{number}", "server.online", SERVER, opened,
                noted=opened + HOUR if way == "noted" else None,
                closed=opened + HOUR * 5 if way != "left" else None,
            )
        )  # fmt: skip
        draft.ledger.note("daily.follow-up-check", BROKEN if way == "left" else MET)
    _of_the_room(draft)


def _of_the_room(draft: Draft) -> None:
    """A breach of the room's ranges calls for the air conditioning, a leak for a word at once."""
    for item, name, duty, field in (
        ("room.temperature", "room.crac-maintenance-on-breach", "crac-maintenance", "work"),
        ("room.leak", "room.leak-report-immediately", "leak-report", "to"),
    ):
        draft.ledger.asked(name)
        for number in range(draft.rng.randint(0, 2)):
            key = f"{duty}-{number}"
            opened = days.at(draft.working_day(), 9)
            draft.findings.append(
                Finding(key, item, ROOM, opened, noted=opened + HOUR, closed=opened + HOUR * 9)
            )
            draft.ledger.note("daily.follow-up-check", MET)
            answered = draft.kept(0.75)
            draft.ledger.case(f"{duty} {'done' if answered else 'left out'}")
            draft.ledger.note(name, MET if answered else BROKEN)
            if answered:
                draft.duty(duty, opened + HOUR, about=key, fields=(field,))
