"""Every read of reports: the list, one report, its rows, and whether it is still what it was."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from jingwei.accounts import queries as accounts
from jingwei.reports import kinds
from jingwei.reports.canonical import file_sha256, sha256
from jingwei.reports.daily.sheet import Answer, Item, Section, Sheet
from jingwei.reports.models import Report, ReportState
from jingwei.reports.revive import to_json
from jingwei.reports.snapshot import subject_of
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


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying one version came to; no problem means nothing was changed since."""

    report: Report
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when every hash still fits."""
        return not self.problems


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
    return Report.objects.prefetch_related("steps", "files").get(pk=pk)


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


def verify(held: Report) -> Verification:
    """Compute every hash again: the snapshot, the audit chain's word for it, the files."""
    problems: list[str] = []
    if sha256(held.snapshot) != held.sha256:
        problems.append("数据快照与 SHA-256 不符：内容被改动")
    problems += _against_audit(held)
    if held.state != ReportState.DRAFT:
        problems += _files(held)
    last = held.steps.order_by("at", "id").last()
    if (last.state if last else ReportState.DRAFT) != held.state:
        problems.append("状态与流转记录不符")
    return Verification(held, tuple(problems))


def verify_all(number: str = "") -> tuple[list[Verification], list[str]]:
    """Every version (of one number), and the versions the audit log knows that are gone."""
    found = Report.objects.filter(number=number) if number else Report.objects.all()
    checked = [verify(held) for held in found.order_by("number", "version").iterator(20)]
    known = {audit_key(result.report) for result in checked}
    built = accounts.entries(AUDIT_KIND, action=BUILT).values_list("object_key", flat=True)
    of_number = [key for key in built if not number or key.rpartition(" ")[0] == number]
    gone = [f"{key}：审计日志有生成记录，数据库中已不存在" for key in of_number if key not in known]
    return checked, gone


def audit_key(held: Report) -> str:
    """How the audit log calls one version."""
    return f"{held.number} V{held.version}"


def _against_audit(held: Report) -> Iterable[str]:
    entry = accounts.entries(AUDIT_KIND, audit_key(held), action=BUILT).first()
    if entry is None:
        return ["审计日志中没有生成记录"]
    said: Any = entry.after or {}
    if said.get("sha256") != held.sha256:
        return ["SHA-256 与审计日志所记不符：快照与散列可能一并被改动"]
    return []


def _files(held: Report) -> Iterable[str]:
    kept = list(held.files.all())
    if not kept:
        return ["没有定稿文件"]
    problems = []
    for file in kept:
        path = folder() / file.path
        try:
            fits = file_sha256(path) == file.sha256
        except OSError as error:
            problems.append(f"定稿文件 {file.path} 读不了：{error.strerror}")
            continue
        if not fits:
            problems.append(f"定稿文件 {file.path} 的 SHA-256 不符：文件被改动")
    return problems
