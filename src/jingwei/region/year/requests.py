"""What was asked for besides faults: requests, changes, data changes, development, notices."""

from datetime import date
from decimal import Decimal

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, DAY, HOUR, MET, UNPROVEN, Draft
from jingwei.region.year.facts import Change, DataChange, Notice, Request
from jingwei.terms.obligation import Standing

_FORMS = {
    "data_import": "ondemand.manual-data-import", "data_error": "ondemand.data-error-guidance",
    "front_end": "ondemand.front-end-troubleshooting",
    "statistics": "ondemand.special-statistics", "commission_form": "ondemand.commission-form",
    "security_check": "ondemand.security-check",
    "software_issue": "ondemand.application-problem",
    "knowledge_transfer": "training.knowledge-transfer",
    "performance": "perf.tuning-on-request", "distribution": "ondemand.file-distribution",
}  # fmt: skip
_CHANGES = {
    "change_relocation": "change.type.relocation",
    "change_rebuild": "change.type.rebuild-upgrade",
    "change_expansion": "change.type.expansion", "change_other": "change.type.other-major",
}  # fmt: skip
_AFTER = ("change.post-change-assurance", "change.no-application-breakage",
          "doc.keep-hardware-info-updated")  # fmt: skip
_DEVELOPED = ("change.policy-adjustment-dev", "l2.dev-upgrade")
_EVERY = "service.maintenance-types"


def requests(draft: Draft) -> None:
    """Every kind of request, change and notice: confirmed, not confirmed, still open, or none."""
    for name in (*_FORMS.values(), "perf.analysis-on-degradation"):
        draft.ledger.asked(name)
    for form, name in _FORMS.items():
        for number in range(draft.rng.randint(0, 2)):
            standing = _request(draft, f"{form}-{number}", form)
            draft.ledger.note(name, standing)
            if form == "performance":
                draft.ledger.note("perf.analysis-on-degradation", standing)
    _changes(draft)
    _data_changes(draft)
    _development(draft)
    _notices(draft)


def _request(draft: Draft, key: str, form: str) -> Standing:
    opened = days.at(draft.working_day(), 9, draft.rng.randint(0, 120))
    way = draft.rng.choice(("confirmed",) * 8 + ("unconfirmed", "open"))
    draft.ledger.case(f"request {way}")
    resolved = None if way == "open" else opened + 3 * HOUR
    confirmed = resolved + HOUR if resolved and way == "confirmed" else None
    by_phone = draft.kept()
    standing = {"confirmed": MET, "unconfirmed": UNPROVEN, "open": Standing.DUE}[way]
    draft.requests.append(Request(key, form, opened, resolved, confirmed, by_phone))
    draft.ledger.note(_EVERY, standing)
    if by_phone:
        draft.ledger.note("daily.hotline", standing)
    return standing


def _changes(draft: Draft) -> None:
    """Approved, its health check signed, carried out, watched; or never begun, or not ended."""
    for name in (
        "change.major-onsite-support", "change.no-structure-change", "hw.precheck-changes",
        "fw.install-after-approval", *_AFTER, *_CHANGES.values(),
    ):  # fmt: skip
        draft.ledger.asked(name)
    for form, name in _CHANGES.items():
        for number in range(draft.rng.randint(0, 2)):
            way = draft.rng.choice(("whole",) * 6 + ("changed", "waiting", "going on"))
            draft.ledger.case(f"change {way}")
            at = days.at(draft.working_day(), 9)
            begun, ended = way != "waiting", way in ("whole", "changed")
            draft.changes.append(
                Change(
                    f"{form}-{number}", form, at, at + HOUR if begun else None,
                    at + 2 * HOUR if begun else None, at + 5 * HOUR if ended else None,
                    at + 6 * HOUR if ended else None, kept_structure=way != "changed",
                )
            )  # fmt: skip
            dealt = MET if ended else Standing.DUE
            for each in (name, "change.major-onsite-support", _EVERY):
                draft.ledger.note(each, dealt)
            draft.ledger.note("change.no-structure-change", BROKEN if way == "changed" else dealt)
            if begun:
                draft.ledger.note("hw.precheck-changes", MET)
                for each in _AFTER:
                    draft.ledger.note(each, dealt)
            if begun and form == "change_rebuild":
                draft.ledger.note("fw.install-after-approval", MET)


def _data_changes(draft: Draft) -> None:
    """Modified or extracted by form; an extraction agreed to by word only was never approved."""
    names = ("ondemand.data-modification-form", "data.urgent-access")
    for name in names:
        draft.ledger.asked(name)
    for number in range(draft.rng.randint(0, 3)):
        extract = draft.kept()
        oral = extract and draft.kept(0.3)
        verified = draft.kept(0.8)
        opened = days.at(draft.working_day(), 9)
        executed = opened + 2 * HOUR
        draft.data_changes.append(
            DataChange(f"data-{number}", opened, executed, executed + HOUR if verified else None,
                       extract=extract, oral=oral)
        )  # fmt: skip
        standing = MET if verified else UNPROVEN
        draft.ledger.note(names[0], standing)
        draft.ledger.note(_EVERY, standing)
        draft.ledger.case("extraction" if extract else "modification")
        if extract:
            draft.ledger.case("agreed by word only" if oral else "approved on the form")
            draft.ledger.note(names[1], BROKEN if oral and verified else standing)


def _development(draft: Draft) -> None:
    """Ten person-months: 200 days or 217.5, as long as nobody has said which (A23)."""
    for name in _DEVELOPED:
        draft.ledger.asked(name)
    total = Decimal(draft.rng.choice(("0", "0", "150", "200", "200.25", "217.5", "217.75", "240")))
    draft.ledger.case(f"{total} days of development")
    name = "change.dev-within-10-person-months"
    fits = {"20": total <= 200, "21.75": total <= Decimal("217.5")}
    if not total:
        draft.ledger.fix(name, Standing.NOT_APPLICABLE)
        return
    chosen = draft.reading_of("A23")
    ends = {fits[chosen]} if chosen else set(fits.values())
    draft.ledger.fix(name, Standing.NOT_AGREED if len(ends) > 1 else MET if ends.pop() else BROKEN)
    opened = days.at(date(2022, 11, 7), 9)
    booked: list[tuple[date, Decimal]] = []
    left, day = total, date(2022, 11, 30)
    while left > 0:
        booked.append((day, min(left, Decimal(25))))
        left, day = left - booked[-1][1], day + 30 * DAY
    wrong = (date(2022, 12, 5), Decimal(30)) if draft.kept() else None
    if wrong:
        draft.ledger.case("a booking undone")
    ended = days.at(date(2023, 10, 16), 16)
    draft.requests.append(
        Request("development", "dev_effort", opened, ended, ended + HOUR, days=tuple(booked),
                undone=wrong)
    )  # fmt: skip
    for each in (*_DEVELOPED, _EVERY):
        draft.ledger.note(each, MET)


def _notices(draft: Draft) -> None:
    """Makers end their support: the client is told, or is not."""
    draft.ledger.asked("fw.eos-notice")
    draft.ledger.asked("fw.release-notice")
    number = draft.rng.randint(0, 2)
    for count in range(number):
        way = draft.rng.choice(("told", "told", "told", "untold", "unconfirmed"))
        draft.ledger.case(f"end of service {way}")
        day = draft.working_day()
        at = days.at(day, 9)
        told = None if way == "untold" else at + HOUR
        seen = at + 3 * HOUR if way == "told" else None
        draft.notices.append(Notice(f"eos-{count}", f"演示型号 {count}", at, day + 90 * DAY, told,
                                    seen))  # fmt: skip
        standing = {"told": MET, "untold": BROKEN, "unconfirmed": UNPROVEN}[way]
        draft.ledger.note("fw.eos-notice", standing)
        if told is not None:
            draft.ledger.note(_EVERY, MET if seen else UNPROVEN)
    if draft.kept():
        draft.ledger.case("release told")
        at = days.at(draft.working_day(), 9)
        draft.requests.append(
            Request("release", "eos_notice", at, at + HOUR, at + 2 * HOUR,
                    values={"what": "新补丁或新版本"})
        )  # fmt: skip
        draft.ledger.note("fw.release-notice", MET)
        draft.ledger.note(_EVERY, MET)
