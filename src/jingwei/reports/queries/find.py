"""Reports found: the list, one version, the rows behind its numbers, how far it has come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from jingwei.accounts import queries as accounts
from jingwei.reports import kinds
from jingwei.reports.daily.sheet import Answer, Item, Section, Sheet
from jingwei.reports.life import ON_PAPER
from jingwei.reports.models import Report, ReportState, ReportStatement, ReportStep
from jingwei.reports.revive import to_json
from jingwei.reports.snapshot import drafted, subject_of
from jingwei.reports.statements import Place, places
from jingwei.terms import Result

AUDIT_KIND = "report"
BUILT = "report.build"
_CHECKED = (Result.NORMAL, Result.ATTENTION, Result.ABNORMAL)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One answer of a frozen sheet, with the section and item it belongs to."""

    section: Section
    item: Item
    answer: Answer


def reports(
    *,
    kind: str = "",
    state: str = "",
    start: date | None = None,
    end: date | None = None,
    text: str = "",
    newest_only: bool = False,
) -> QuerySet[Report]:
    """Versions, newest day first, without their snapshots. Page it."""
    found = Report.objects.defer("snapshot").order_by("-period_start", "number", "-version")
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if start is not None:
        found = found.filter(period_start__gte=start)
    if end is not None:
        found = found.filter(period_start__lte=end)
    if text:
        found = found.filter(number__icontains=text.strip())
    if newest_only:
        newer = Report.objects.filter(number=OuterRef("number"), version__gt=OuterRef("version"))
        found = found.filter(~Exists(newer))
    return found


def report(pk: int) -> Report:
    """One version. Raises Report.DoesNotExist."""
    return Report.objects.prefetch_related("steps", "files", "statements").get(pk=pk)


def versions(number: str) -> list[Report]:
    """All versions of one number, the first first, without their snapshots."""
    return list(Report.objects.defer("snapshot").filter(number=number).order_by("version"))


def newest(number: str) -> Report | None:
    """The newest version of a number."""
    return Report.objects.filter(number=number).order_by("-version").first()


def of_day(kind: str, day: date) -> Report | None:
    """The newest version for a day."""
    return Report.objects.filter(kind=kind, period_start=day).order_by("-version").first()


def is_newest(held: Report) -> bool:
    """Whether no later version exists."""
    later = Report.objects.filter(number=held.number, version__gt=held.version)
    return not later.exists()


def outdated(held: Report, now: datetime | None = None) -> bool:
    """Whether the facts it was gathered from changed after this version was made.

    `now` for a period that may not be over; without it what was written down since is told, not
    that time went on.
    """
    facts = kinds.of(held.kind).facts(subject_of(held), now or held.created_at)
    return bool(to_json(facts) != held.snapshot.get("data"))


def rows(
    sheet: Sheet, *, section: str = "", item: str = "", result: str = "", target: str = ""
) -> Iterator[SheetRow]:
    """The rows behind a number; "" means any. `result` may be "checked": a verdict was reached."""
    for held in sheet.sections:
        if section and held.id != section:
            continue
        for one in held.items:
            if item and one.id != item:
                continue
            for answer in one.answers:
                if (not target or answer.target == target) and _fits(answer.result, result):
                    yield SheetRow(held, one, answer)


def _fits(result: Result, wanted: str) -> bool:
    return result in _CHECKED if wanted == "checked" else not wanted or result == wanted


def changes(before: Sheet, after: Sheet) -> list[str]:
    """What a new version says otherwise: one line an answer, "HW-016-1 磁盘：正常 → 异常"."""
    held = {(row.item.id, row.answer.target): row.answer for row in rows(before)}
    lines = []
    for row in rows(after):
        old = held.pop((row.item.id, row.answer.target), None)
        was = old.result.label if old else "（无）"
        if old is None or old.result is not row.answer.result:
            now = row.answer.result.label
            lines.append(f"{row.answer.target} {row.item.label}：{was} → {now}")
    gone = [f"{target} {item}：{old.result.label} →（无）" for (item, target), old in held.items()]
    return lines + gone


def folder() -> Path:
    """Where the files of submitted reports are kept."""
    return Path(settings.JINGWEI_DATA) / "reports"


def audit_key(held: Report) -> str:
    """How the audit log calls one version."""
    return f"{held.number} V{held.version}"


def reached(held: Report) -> dict[str, datetime]:
    """State → when the version came there."""
    return {step.state: step.at for step in held.steps.all()}


def on_time_at(held: Report) -> datetime | None:
    """When it counts as delivered: the later of both forms where paper is owed (L583, L589)."""
    at = reached(held)
    electronic, paper = at.get(ReportState.SUBMITTED), at.get(ReportState.DELIVERED)
    if held.kind not in ON_PAPER:
        return electronic
    return max(electronic, paper) if electronic and paper else None


def writers(held: Report) -> set[str]:
    """The logins of whoever made this version or wrote into it: none of them reviews it."""
    built = accounts.entries(AUDIT_KIND, audit_key(held), action=BUILT).first()
    wrote = set(held.statements.values_list("by__username", flat=True))
    return wrote | ({built.actor} if built else set())


@dataclass(frozen=True, slots=True)
class Asked:
    """A place a person decides: what is written there, or what an earlier version said there."""

    place: Place
    text: str
    proposed: str


def asked(held: Report) -> list[Asked]:
    """Every place of a version where its facts end, with what people wrote."""
    found = places(drafted(held))
    if not found:
        return []
    written = {each.key: each.text for each in held.statements.all()}
    before: dict[str, str] = {}
    for each in ReportStatement.objects.filter(
        report__number=held.number, report__version__lt=held.version
    ).order_by("report__version", "id"):
        before[each.key] = each.text
    return [Asked(p, written.get(p.key, ""), before.get(p.key, "")) for p in found]


def told(step: ReportStep) -> dict[str, Any]:
    """What the audit chain is told of a step, to be held against it later."""
    return {
        "step": step.pk, "at": step.at.astimezone(UTC).isoformat(), "late": step.late,
        "by_name": step.by_name, "receiver": step.receiver, "scan": step.sha256,
        "opinion": step.opinion,
    }  # fmt: skip
