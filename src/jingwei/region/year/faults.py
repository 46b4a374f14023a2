"""The faults of the year, and what each of them means for every obligation about faults."""

from dataclasses import replace
from datetime import datetime, timedelta

from jingwei.region.year import calls, days
from jingwei.region.year.calls import Call
from jingwei.region.year.draft import BROKEN, DAY, HOUR, MET, MINUTE, UNPROVEN, Draft
from jingwei.region.year.facts import Fault, Notice, Paper, Part, Pause, Regrade
from jingwei.region.year.places import CORE, PLAIN, SERVER
from jingwei.terms.incident import Cause, Severity
from jingwei.terms.obligation import Standing

SLUGS = {
    Severity.OUTAGE: "outage", Severity.DEGRADED: "degraded", Severity.NO_IMPACT: "no-impact",
}  # fmt: skip
HOURS = {Severity.OUTAGE: 4, Severity.DEGRADED: 12, Severity.NO_IMPACT: 24}
_HANDLED = (
    "hw.inspect-respond-replace", "sw.vendor-coordination", "l2.remote-diagnosis",
    "fault.onsite-and-parts", "daily.hotline", "service.maintenance-types",
)  # fmt: skip
# What the desk has no field for: nobody can write it down, so it never comes up.
_UNHEARD = ("power.rack-pdu-maintenance", "staff.onsite-when-needed", "change.redeploy-support")


def open_books(draft: Draft) -> None:
    """Every obligation about faults is judged, whatever happens."""
    for slug in SLUGS.values():
        draft.ledger.asked(f"fault.{slug}.phone-response", "A03")
        draft.ledger.asked(f"fault.{slug}.on-site", "A03")
        draft.ledger.asked(f"fault.{slug}.repair")
    draft.ledger.asked("fault.service-window", "A03")
    for name in (
        "fault.phone-online-support", "principle.security-and-timely-repair", *_HANDLED,
        "fault.escalation", "escalation.oem-onsite", "report.fault-handling",
        "parts.genuine-oem", "parts.second-hand-only-if-eol",
    ):  # fmt: skip
        draft.ledger.asked(name)
    for name in _UNHEARD:
        draft.ledger.fix(name, Standing.NOT_APPLICABLE)


def faults(draft: Draft) -> None:
    """A few of each severity: kept in a good year, else late, silent, off hours, left open."""
    for severity in Severity:
        good = draft.kept()
        for number in range(draft.rng.randint(2, 4)):
            call = _call(draft, good=good)
            late = not good and not draft.kept(0.7)
            _fault(draft, f"{SLUGS[severity]}-{number}", severity, call, late=late)
    if draft.kept(0.8):
        _remote(draft)
    _cancelled(draft)
    _paused(draft)
    _regraded(draft)
    if not draft.kept(0.6):
        _left_open(draft)
    if not draft.kept(0.6):
        _reopened(draft)


def _call(draft: Draft, *, good: bool) -> Call:
    if good or draft.kept(0.4):
        return calls.kept(draft)
    return calls.split(draft) if draft.kept() else calls.broken(draft)


def _fault(draft: Draft, key: str, severity: Severity, call: Call, *, late: bool = False) -> None:
    length, case = calls.repair(draft, HOURS[severity], late=late)
    draft.ledger.case(call.case, case)
    assert call.arrived is not None  # noqa: S101 - every call of `calls` is attended
    restored = call.arrived + length
    confirmed = restored + HOUR if draft.kept(0.93) else None
    fault = Fault(
        key, severity, call.reported, call.phone, call.arrived, restored, confirmed,
        by_phone=draft.kept(), application=PLAIN, target=SERVER if draft.kept() else "",
        level=draft.rng.choice(("", "", "second", "maker")),
    )  # fmt: skip
    if fault.target and draft.kept():
        fault = replace(fault, part=Part(restored - MINUTE))
    add(draft, fault, severity, call, BROKEN if late else MET)


def add(
    draft: Draft, fault: Fault, judged: Severity, call: Call, repaired: Standing | None
) -> None:
    """Take it in, and note what it means; `repaired` None: nobody had to come."""
    draft.faults.append(fault)
    slug = SLUGS[judged]
    for name in (f"fault.{slug}.phone-response",):
        for reading, standing in zip(("working", "wall"), call.by_phone, strict=True):
            draft.ledger.note(name, standing, reading)
    both = set(call.by_phone)
    draft.ledger.note(
        "fault.phone-online-support", both.pop() if len(both) == 1 else Standing.NOT_AGREED
    )
    if fault.arrived is not None:
        for name in (f"fault.{slug}.on-site", "fault.service-window"):
            for reading, standing in zip(("working", "wall"), call.on_site, strict=True):
                draft.ledger.note(name, standing, reading)
    if repaired is not None:
        draft.ledger.note(f"fault.{slug}.repair", repaired)
        draft.ledger.note("principle.security-and-timely-repair", repaired)
    _dealt_with(draft, fault)
    report(draft, fault)


def standing_of(fault: Fault) -> Standing:
    """How a ticket stands that somebody wanted dealt with."""
    if fault.restored is None or fault.reopened is not None:
        return Standing.DUE
    return MET if fault.confirmed is not None else UNPROVEN


def _dealt_with(draft: Draft, fault: Fault) -> None:
    standing = standing_of(fault)
    for name, wanted in (
        ("hw.inspect-respond-replace", bool(fault.target)),
        ("l2.remote-diagnosis", bool(fault.level)),
        ("fault.onsite-and-parts", fault.part is not None),
        ("daily.hotline", fault.by_phone),
        ("service.maintenance-types", True),
    ):
        if wanted:
            draft.ledger.note(name, standing)
    if fault.level:
        draft.ledger.note("fault.escalation", MET)
    if fault.level == "maker":
        draft.ledger.note("escalation.oem-onsite", MET)
        draft.ledger.note("sw.vendor-coordination", Standing.DUE if standing == "due" else MET)
    if fault.part is not None:
        draft.ledger.note("parts.genuine-oem", MET)
        if fault.part.second_hand:
            draft.ledger.note("parts.second-hand-only-if-eol", MET)


def report(draft: Draft, fault: Fault) -> None:
    """The report about a fault: five days from its end, the last moment included."""
    name, over = "report.fault-handling", fault.restored
    if over is None or fault.reopened is not None:
        draft.ledger.note(name, Standing.NOT_DUE)
        return
    ways = ("kept",) * 40 + ("exact",) * 4 + ("late", "never", "unconfirmed", "again")
    way = draft.rng.choice(ways)
    draft.ledger.case(f"fault report {way}")
    given = over + {"exact": 5 * DAY, "late": 5 * DAY + MINUTE}.get(way, 2 * DAY)
    draft.ledger.note(name, BROKEN if way in ("late", "never", "unconfirmed") else MET)
    if way == "never":
        return
    if way == "again":  # sent back by the client, then accepted
        first = Paper("fault", over + DAY, over + DAY, returned=over + DAY + HOUR, about=fault.key)
        draft.papers.append(first)
    seen = None if way == "unconfirmed" else given + HOUR
    draft.papers.append(Paper("fault", given, given, confirmed=seen, about=fault.key))


def _remote(draft: Draft) -> None:
    """Solved without going there: no arrival and no repair to be measured (rule 3)."""
    draft.ledger.case("solved remotely")
    call = calls.kept(draft)
    restored = call.reported + 3 * HOUR
    fault = Fault("remote", Severity.DEGRADED, call.reported, call.phone, None, restored,
                  restored + HOUR, application=PLAIN)  # fmt: skip
    add(draft, fault, Severity.DEGRADED, call, None)


def _cancelled(draft: Draft) -> None:
    """Taken back by the client: counts nowhere, though nobody came."""
    draft.ledger.case("cancelled by the client")
    reported = days.at(draft.working_day(), 9)
    draft.faults.append(
        Fault("cancelled", Severity.OUTAGE, reported, None, None, None, None,
              cancelled=reported + 9 * HOUR, application=CORE)
    )  # fmt: skip


def _paused(draft: Draft) -> None:
    """Longer than it may take, but the clocks stood still with the client's word, or without."""
    granted = draft.kept(0.7)
    draft.ledger.case("pause granted" if granted else "pause refused")
    call = calls.in_hours(draft, 5, 30, "call kept")
    assert call.arrived is not None  # noqa: S101 - attended
    start = call.arrived + HOUR
    restored = call.arrived + 6 * HOUR
    fault = Fault(
        "paused", Severity.OUTAGE, call.reported, call.phone, call.arrived, restored,
        restored + HOUR, application=PLAIN, pause=Pause(start, start + 2 * HOUR, granted),
    )  # fmt: skip
    add(draft, fault, Severity.OUTAGE, call, MET if granted else BROKEN)


def _regraded(draft: Draft) -> None:
    """The worst severity that was reached is the one that is judged (rule 6)."""
    first, second, granted = draft.rng.choice(
        (
            (Severity.NO_IMPACT, Severity.DEGRADED, True),
            (Severity.NO_IMPACT, Severity.DEGRADED, False),
            (Severity.DEGRADED, Severity.NO_IMPACT, True),
        )
    )
    worst = Severity.DEGRADED if Severity.DEGRADED in (first, second if granted else first) else (
        Severity.NO_IMPACT
    )  # fmt: skip
    draft.ledger.case(f"regraded {first} to {second} {'granted' if granted else 'refused'}")
    call = calls.kept(draft)
    assert call.arrived is not None  # noqa: S101 - attended
    length = timedelta(hours=13) if not draft.kept(0.7) else timedelta(hours=11)
    restored = call.arrived + length
    fault = Fault(
        "regraded", first, call.reported, call.phone, call.arrived, restored, restored + HOUR,
        application=PLAIN, regrade=Regrade(call.arrived + MINUTE, second, granted),
    )  # fmt: skip
    late = length > HOURS[worst] * HOUR
    add(draft, fault, worst, call, BROKEN if late else MET)


def _left_open(draft: Draft) -> None:
    """Still not repaired when the year is judged."""
    draft.ledger.case("fault left open")
    call = calls.kept(draft)
    fault = Fault("open", Severity.NO_IMPACT, call.reported, call.phone, call.arrived, None, None,
                  by_phone=True, application=PLAIN, target=SERVER)  # fmt: skip
    add(draft, fault, Severity.NO_IMPACT, call, BROKEN)


def _reopened(draft: Draft) -> None:
    """Resolved, refused by the client, worked on again: it has not ended."""
    draft.ledger.case("resolved and refused")
    call = calls.kept(draft)
    assert call.arrived is not None  # noqa: S101 - attended
    restored = call.arrived + HOUR
    fault = Fault("reopened", Severity.DEGRADED, call.reported, call.phone, call.arrived, restored,
                  None, application=PLAIN, reopened=restored + HOUR)  # fmt: skip
    add(draft, fault, Severity.DEGRADED, call, MET)


def second_hand(draft: Draft) -> None:
    """A used part, fitted early on the very day on which its support ends."""
    draft.ledger.case("second-hand part on the day its support ends")
    day = draft.working_day(days.FIRST + 60 * DAY)
    at = days.at(day, 7)
    call = Call("call kept", at, at + 5 * MINUTE, at + 10 * MINUTE, (MET, MET), (MET, MET))
    told = days.at(day - 30 * DAY, 9)
    model = "停产部件"
    draft.notices.append(Notice("eos-part", model, told, day, told + HOUR, told + 2 * HOUR, True))
    draft.ledger.note("fw.eos-notice", MET)
    draft.ledger.note("service.maintenance-types", MET)
    restored = at + HOUR
    fault = Fault(
        "second-hand", Severity.NO_IMPACT, at, call.phone, call.arrived, restored,
        restored + HOUR, application=PLAIN, target=SERVER,
        part=Part(at + 30 * MINUTE, second_hand=True, model=model),
    )  # fmt: skip
    add(draft, fault, Severity.NO_IMPACT, call, MET)


def resident(draft: Draft) -> None:
    """The engineer was on site before anybody called: he arrived when he took it up (rule 3)."""
    draft.ledger.case("resident on site before the report")
    call = calls.in_hours(draft, 20, -10, "call kept")
    call = replace(call, on_site=(MET, MET))
    assert call.phone is not None  # noqa: S101 - answered
    restored = call.phone + 4 * HOUR
    fault = Fault("resident", Severity.OUTAGE, call.reported, call.phone, call.arrived, restored,
                  restored + HOUR, resident=True, application=PLAIN)  # fmt: skip
    add(draft, fault, Severity.OUTAGE, call, MET)


def outage(
    draft: Draft, key: str, at: datetime, minutes: int, *, cause: Cause | None = Cause.HARDWARE,
    excluded: bool | None = None, application: str = CORE,
) -> None:  # fmt: skip
    """A core system is down for so long, at most four hours; everything else goes well."""
    restored = at + minutes * MINUTE
    phone, arrived = (min(at + after * MINUTE, restored) for after in (5, 10))
    call = Call("core system down", at, phone, arrived, (MET, MET), (MET, MET))
    fault = Fault(
        key, Severity.OUTAGE, at, call.phone, call.arrived, restored, restored + HOUR,
        occurred=at, application=application, cause=cause, excluded=excluded,
    )  # fmt: skip
    add(draft, fault, Severity.OUTAGE, call, MET)
