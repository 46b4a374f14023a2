"""Reads of the clients' templates: which is in force, and what fields a kind has."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from jingwei.accounts import queries as accounts
from jingwei.reports import kinds
from jingwei.reports.canonical import file_sha256
from jingwei.reports.document import Document
from jingwei.reports.errors import ReportError
from jingwei.reports.models import Report, ReportTemplate
from jingwei.reports.snapshot import document_of


def templates(kind: str) -> list[ReportTemplate]:
    """Every version of a kind, the newest first."""
    return list(ReportTemplate.objects.filter(kind=kind).order_by("-version"))


def in_force(kind: str) -> ReportTemplate | None:
    """The template a kind is written with; None for our own layout."""
    newest = ReportTemplate.objects.filter(kind=kind).order_by("-version").first()
    return newest if newest is not None and newest.path else None


def all_in_force() -> dict[str, ReportTemplate]:
    """Kind → its template, of the kinds that have one."""
    newest = {row.kind: row for row in ReportTemplate.objects.order_by("kind", "version")}
    return {kind: row for kind, row in newest.items() if row.path}


def bytes_of(template: ReportTemplate) -> bytes:
    """The file as it was uploaded. Raises ReportError when it is gone or was changed."""
    place = Path(settings.MEDIA_ROOT) / template.path
    try:
        if file_sha256(place) != template.sha256:
            raise ReportError(f"{template}（{template.name}）的 SHA-256 不符：文件被改动，不予使用")
        return place.read_bytes()
    except OSError as error:
        raise ReportError(f"{template}（{template.name}）读不了：{error.strerror}") from error


def example(kind: str) -> Document:
    """The newest report of a kind as it is drawn: what its fields are is read off it.

    Raises ReportError for a kind there is not, and while no report of it was built.
    """
    held = kinds.of(kind)
    newest = Report.objects.filter(kind=kind).order_by("-created_at", "-id").first()
    if newest is None:
        raise ReportError(f"还没有生成过{held.label}；请先生成一份（草稿即可），字段以它为准")
    return document_of(newest, final=True)


def changed() -> Iterator[str]:
    """Templates whose row is not as the chain has it, or whose file is not what was uploaded."""
    said = {link.object_key: link.after or {} for link in accounts.entries("report-template")}
    for row in ReportTemplate.objects.all():
        after = said.pop(f"{row.kind} V{row.version}", None)
        if after is None or after.get("sha256", "") != row.sha256:
            yield f"{row} 与审计链不同：应为 {(after or {}).get('sha256') or '无记录'}"
        if not row.path:
            continue
        try:
            bytes_of(row)
        except ReportError as error:
            yield str(error)
    yield from (f"报告模板 {key} 的记录已不存在" for key in sorted(said))
