"""Papers: those on file, the reports by month, quarter and year, and the year's statements."""

from collections.abc import Mapping
from datetime import date, datetime

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, HOUR, MET, MINUTE, UNPROVEN, Draft
from jingwei.region.year.facts import Paper
from jingwei.terms.obligation import Standing

FILED: Mapping[str, tuple[str, ...]] = {
    "scope.one-year-warranty-and-support": ("support-record",),
    "contract.term-from-signing": ("contract",), "contract.term-fixed": ("contract",),
    "bid.emergency-plan": ("emergency-plan",),
    "hw.parts-labour-included": ("no-charge-statement",),
    "bid.hardware-service-plan": ("hardware-service-plan",),
    "bid.software-service-plan": ("software-service-plan",),
    "staff.roster-and-cv": ("staff-cv",), "l2.technical-support": ("inspection-script",),
    "pm.supervise-staff": ("supervision-record",),
    "pm.comply-outsourcing-rules": ("outsourcing-rules",),
    "staff.quantity-and-quality": ("staff-cv", "staff-certificate"),
    "staff.discipline": ("discipline-statement",),
    "staff.work-area-only": ("work-area-statement",),
    "qual.pm-certificate": ("pm-certificate",), "qual.core-staff-pmp": ("pmp-certificate",),
    "hw.inspection-template": ("inspection-template",),
    "contract.office-location": ("office-location",), "fw.upgrade-planning": ("upgrade-plan",),
    "cabling.advice": ("cabling-advice",), "perf.optimised-state": ("capacity-review",),
    "qual.shanghai-team": ("office-location", "service-team"),
    "qual.365x7x24-case": ("reference-case",),
    "doc.technical-archive": ("archive-config", "archive-people", "archive-maintenance"),
    "doc.service-support-plan": ("support-plan",),
    "doc.collect-list": (
        "archive-running", "archive-after-change", "archive-firmware", "archive-problems",
        "archive-system", "archive-prevention", "archive-microcode", "archive-patches",
    ),
    "quality.support-architecture": ("support-architecture",),
    "quality.free-hotline": ("hotline",), "confidentiality.nda": ("nda",),
    "legal.no-ip-infringement": ("licence-register",),
    "commercial.quantity-adjustment": ("scope-change",),
    "legal.no-evasion-commitment": ("no-evasion-commitment",),
    "payment.65-35": ("payment-record",),
    "bid.staff-ability-and-record": ("staff-cv", "social-security"),
    # What must not happen is proven by the client's signature under a statement, not by silence.
    "security.no-major-incident": ("security-statement",),
    "security.no-confidential-leak": ("security-statement",),
    "confidentiality.no-disclosure": ("confidentiality-statement",),
}  # fmt: skip
QUARTERLY = {
    "report.quarterly.daily-maintenance": "daily-maintenance",
    "report.quarterly.config-changes": "config-changes",
    "report.quarterly.faults-and-requests": "faults-and-requests",
    "report.quarterly.security-check": "security-check",
    "report.rollup-quarterly": "advice", "report.quarterly-hardware": "hardware",
}  # fmt: skip
ANNUAL = {
    "report.annual.daily-summary": "daily-summary",
    "report.annual.returns-and-parts": "returns-and-parts",
    "report.annual.optimisation": "advice",
    "report.rollup-annual": "advice", "report.annual-hardware": "hardware",
}  # fmt: skip
Period = tuple[date, date]


def papers(draft: Draft) -> None:
    """Everything on paper but what is about single events."""
    _filed(draft)
    _series(draft, "monthly", ("report.monthly", "report.routine-maintenance"), days.months(),
            draft.agreed_days("monthly"))  # fmt: skip
    _series(draft, "monthly-exchange", ("monthly.exchange-check",), days.months(), 7)
    _series(draft, "appraisal", ("quality.periodic-appraisal",), days.quarters(),
            draft.agreed_days("appraisal"))  # fmt: skip
    _periodic(draft, "quarterly", "report.quarterly", QUARTERLY, days.quarters())
    _periodic(draft, "annual", "report.annual", ANNUAL, [(days.FIRST, days.LAST)])


def _filed(draft: Draft) -> None:
    kinds = sorted({kind for wanted in FILED.values() for kind in wanted})
    proven = set()
    for kind in kinds:
        way = draft.rng.choice(("confirmed",) * 8 + ("unconfirmed", "absent", "returned"))
        draft.ledger.case(f"paper {way}")
        at = days.at(draft.working_day(), 10)
        if way == "confirmed":
            proven.add(kind)
            if draft.kept(0.1):  # the first one was sent back
                draft.papers.append(Paper(kind, at - HOUR, returned=at - HOUR))
        if way != "absent":
            draft.papers.append(
                Paper(kind, at, confirmed=at + HOUR if way == "confirmed" else None,
                      returned=at + HOUR if way == "returned" else None)
            )  # fmt: skip
    for name, wanted in FILED.items():
        draft.ledger.fix(name, MET if set(wanted) <= proven else UNPROVEN)


def _moment(draft: Draft, last: date, due_days: int, way: str) -> datetime:
    """When a paper is handed in: so many days after its period, the last of them included."""
    if way == "late":
        return days.at(last, 24 * (due_days + 1))
    if way == "exact":
        return days.at(last, 24 * (due_days + 1)) - MINUTE
    return days.at(last, 24, 30) + draft.rng.randint(0, due_days * 20) * HOUR


def _way(draft: Draft, *, good: bool) -> str:
    if good or draft.kept(0.75):
        return draft.rng.choice(("kept", "kept", "exact"))
    return draft.rng.choice(("late", "never", "unconfirmed"))


def _series(
    draft: Draft, kind: str, names: tuple[str, ...], periods: list[Period], due_days: int | None
) -> None:
    """One paper for every period, on one day that is agreed, or on none."""
    good = draft.kept()
    for name in names:
        draft.ledger.asked(name)
    for first, last in periods:
        way = _way(draft, good=good)
        given = _moment(draft, last, 5 if due_days is None else due_days, way)
        handed = way != "never" and given + HOUR <= draft.close
        if handed:
            seen = None if way == "unconfirmed" else given + HOUR
            draft.papers.append(Paper(kind, given, given, confirmed=seen, period=(first, last)))
        draft.ledger.case(f"{kind} {way}")
        standing = _standing(draft, way, last, due_days, handed=handed)
        for name in names:
            draft.ledger.note(name, standing)


def _standing(
    draft: Draft, way: str, last: date, due_days: int | None, *, handed: bool
) -> Standing:  # fmt: skip
    if due_days is None:
        return Standing.NOT_AGREED
    if handed and way in ("kept", "exact"):
        return MET
    over = days.at(last, 24 * (due_days + 1)) <= draft.close
    return BROKEN if over else Standing.DUE


def _periodic(
    draft: Draft, kind: str, main: str, sections: Mapping[str, str], periods: list[Period]
) -> None:
    """The quarterly or annual report with its sections, in both forms, later of which counts."""
    due_days = draft.agreed_days(kind)
    plain = {name for name in sections if name.startswith(f"{main}.")}
    whole = [name for name in sections if name not in plain]
    for name in (main, *whole):
        by_calendar = kind == "quarterly" and name != "report.quarterly-hardware"
        draft.ledger.asked(name, "A14" if by_calendar else "")
    for name in plain:
        draft.ledger.asked(name, empty=Standing.NO_EVIDENCE)
    good = draft.kept()
    for first, last in periods:
        way = draft.rng.choice(("kept", "exact")) if good else _late(draft)
        given = _moment(draft, last, 10 if due_days is None else due_days, way)
        handed = way != "never" and given + HOUR <= draft.close
        absent = "" if good or draft.kept(0.8) else draft.rng.choice(sorted(set(sections.values())))
        held = tuple(sorted(set(sections.values()) - {absent}))
        draft.ledger.case(f"{kind} {way}", f"{kind} section absent" if absent else f"{kind} whole")
        if handed:
            early = given - HOUR if way == "paper late" else given
            draft.papers.append(
                Paper(kind, early, early, paper=None if way == "no paper" else given,
                      confirmed=given, period=(first, last), sections=held)
            )  # fmt: skip
        for name in plain:
            if handed:
                draft.ledger.note(name, BROKEN if sections[name] == absent else MET)
        _note(draft, main, way, last, due_days, handed=handed, absent=False, paper=True)
        for name in whole:
            _note(draft, name, way, last, due_days, handed=handed, absent=sections[name] == absent,
                  paper=False)  # fmt: skip
    if kind == "quarterly":
        _by_calendar(draft, [main, *whole], due_days)


def _late(draft: Draft) -> str:
    return draft.rng.choice(("kept", "exact", "late", "never", "no paper"))


def _note(
    draft: Draft, name: str, way: str, last: date, due_days: int | None, *, handed: bool,
    absent: bool, paper: bool,
) -> None:  # fmt: skip
    """One period under the contract's quarters."""
    reading = "contract" if draft.ledger.questions.get(name) == "A14" else ""
    there = handed and not (paper and way == "no paper")
    if there and absent:
        standing = BROKEN
    elif there and way == "no paper" and due_days is not None:
        standing = MET  # this obligation wants no paper form
    else:
        standing = _standing(draft, way, last, due_days, handed=handed)
    draft.ledger.note(name, standing, reading)


def _by_calendar(draft: Draft, names: list[str], due_days: int | None) -> None:
    """No paper was made for the calendar's quarters: under that reading none was handed in."""
    for name in names:
        if draft.ledger.questions.get(name) != "A14":
            continue
        for _, last in days.calendar_quarters():
            draft.ledger.note(
                name, _standing(draft, "never", last, due_days, handed=False), "calendar"
            )
