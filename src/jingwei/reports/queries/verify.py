"""Whether a report is still what it was: snapshot, steps, texts, files, each against the chain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from jingwei.accounts import chain
from jingwei.accounts import queries as accounts
from jingwei.accounts.mask import masked
from jingwei.accounts.models import AuditEntry
from jingwei.reports import guard
from jingwei.reports.canonical import file_sha256, sha256
from jingwei.reports.life import OPEN
from jingwei.reports.models import Report, ReportState
from jingwei.reports.queries.find import AUDIT_KIND, BUILT, audit_key, folder, told
from jingwei.reports.queries.templates import changed

_STATED = "report.state"
_STEPS = {
    "report.review", "report.object", "report.submit", "report.deliver", "report.sign",
    "report.return", "report.archive",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying one version came to; no problem means nothing was changed since."""

    report: Report
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True when every hash still fits."""
        return not self.problems


def verify(held: Report) -> Verification:
    """Compute every hash again: the snapshot, the audit chain's word for it, steps and files."""
    return _verify(held, list(accounts.entries(AUDIT_KIND, audit_key(held)).order_by("sequence")))


def verify_all(number: str = "") -> tuple[list[Verification], list[str]]:
    """Every version (of one number), and what is gone: versions the chain knows, guards."""
    said: dict[str, list[AuditEntry]] = defaultdict(list)
    for link in accounts.entries(AUDIT_KIND).order_by("sequence").iterator(2000):
        said[link.object_key].append(link)
    found = Report.objects.filter(number=number) if number else Report.objects.all()
    rows = found.order_by("number", "version").prefetch_related("steps", "files", "statements")
    checked = [_verify(held, said.get(audit_key(held), [])) for held in rows.iterator(20)]
    known = {audit_key(result.report) for result in checked}
    built = {key for key, links in said.items() if any(link.action == BUILT for link in links)}
    of_number = sorted(key for key in built if not number or key.rpartition(" ")[0] == number)
    gone = [f"{key}：审计日志有生成记录，数据库中已不存在" for key in of_number if key not in known]
    gone += [f"{name}：报告不可改动的保护已被拆除" for name in guard.missing()]
    gone += changed()
    return checked, gone


def _verify(held: Report, links: Sequence[AuditEntry]) -> Verification:
    problems: list[str] = []
    if sha256(held.snapshot) != held.sha256:
        problems.append("数据快照与 SHA-256 不符：内容被改动")
    problems += _built(held, [link for link in links if link.action == BUILT])
    problems += _steps(held, [link for link in links if link.action in _STEPS])
    problems += _statements(held, [link for link in links if link.action == _STATED])
    if held.state not in OPEN:
        problems += _files(held, links)
    last = list(held.steps.all())
    if (last[-1].state if last else ReportState.DRAFT) != held.state:
        problems.append("状态与流转记录不符")
    return Verification(held, tuple(problems))


def _built(held: Report, links: Sequence[AuditEntry]) -> Iterable[str]:
    if not links:
        return ["审计日志中没有生成记录"]
    if (links[0].after or {}).get("sha256") != held.sha256:
        return ["SHA-256 与审计日志所记不符：快照与散列可能一并被改动"]
    return []


def _steps(held: Report, links: Sequence[AuditEntry]) -> Iterable[str]:
    """Every step against its link; what was written before steps were told in full by its state."""
    rows = list(held.steps.all())
    if len(rows) != len(links):
        yield f"流转记录 {len(rows)} 条，审计链 {len(links)} 条"
    for place, (row, link) in enumerate(zip(rows, links, strict=False), 1):
        after: Mapping[str, Any] = link.after or {}
        name = f"流转第 {place} 步（{row.get_state_display()}）"
        if after.get("state") != row.state:
            yield f"{name}与审计链的状态不同"
        elif "step" in after:
            said = chain.plain(masked(told(row)))  # as the chain keeps it
            changed = [key for key, value in said.items() if after.get(key) != value]
            if changed:
                yield f"{name}的 {'、'.join(changed)} 与审计链不同：应为 " + "、".join(
                    str(after.get(key)) for key in changed
                )
        if row.path:
            yield from _file(Path(settings.MEDIA_ROOT) / row.path, row.name, row.sha256, "扫描件")


def _statements(held: Report, links: Sequence[AuditEntry]) -> Iterable[str]:
    rows = {row.pk: row for row in held.statements.all()}
    for link in links:
        after: Mapping[str, Any] = link.after or {}
        row = rows.pop(after.get("statement", 0), None)
        if row is None:
            yield f"填写内容 {after.get('statement')} 已不存在"
        elif chain.plain(masked({"place": row.key, "text": row.text})) != {
            "place": after.get("place"), "text": after.get("text")
        }:  # fmt: skip
            yield f"填写内容 {row.pk} 与审计链不同：应为“{str(after.get('text'))[:40]}”"
    yield from (f"填写内容 {pk} 在审计链中没有记录" for pk in rows)


def _files(held: Report, links: Sequence[AuditEntry]) -> Iterable[str]:
    kept = list(held.files.all())
    if not kept:
        yield "没有定稿文件"
    said: dict[str, str] = {}
    for link in links:
        said |= (link.after or {}).get("files") or {}
    for file in kept:
        if said and said.get(file.path) != file.sha256:
            yield f"定稿文件 {file.path} 的 SHA-256 与审计链不同：应为 {said.get(file.path)}"
        yield from _file(folder() / file.path, file.path, file.sha256, "定稿文件")
    lost = set(said) - {file.path for file in kept}
    yield from (f"定稿文件 {name} 的记录已不存在" for name in sorted(lost))


def _file(path: Path, name: str, digest: str, word: str) -> Iterable[str]:
    try:
        if file_sha256(path) != digest:
            yield f"{word} {name} 的 SHA-256 不符：文件被改动"
    except OSError as error:
        yield f"{word} {name} 读不了：{error.strerror}"
