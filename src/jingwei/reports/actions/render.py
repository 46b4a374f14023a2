"""A report's bytes: a draft is drawn, a frozen version gives the files that were kept."""

from collections.abc import Sequence
from pathlib import Path

from jingwei.reports import files, queries
from jingwei.reports.actions.producing import produced
from jingwei.reports.actions.writing import made_whole
from jingwei.reports.canonical import file_sha256
from jingwei.reports.errors import ReportError
from jingwei.reports.files import FORMATS
from jingwei.reports.life import OPEN
from jingwei.reports.models import Report
from jingwei.reports.snapshot import document_of


def render(report: Report, out: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write the report's files into a folder, all or none.

    A submitted version gives its kept files, byte for byte; a draft is drawn and marked 草稿.
    Raises ReportError (unknown format, folder, a kept file that was changed), FontsMissingError.
    """
    contents = {
        files.name_of(report.number, report.version, suffix): data
        for suffix, data in contents_of(report, formats).items()
    }
    return files.write_all(out, contents)


def contents_of(report: Report, formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """The report's bytes in each format; see `render`."""
    if unknown := [name for name in formats if name not in FORMATS]:
        raise ReportError(f"没有“{unknown[0]}”格式；可用：{'、'.join(FORMATS)}")
    if report.state in OPEN:
        made_whole(report)
        return produced(report.kind, document_of(report), formats)[0]
    kept = {file.format: file for file in report.files.all()}
    found: dict[str, bytes] = {}
    for name in formats:
        file = kept.get(name)
        if file is None and name == "xlsx":  # submitted before there were workbooks
            made_whole(report)
            found |= files.produce(document_of(report), (name,))
            continue
        if file is None:
            raise ReportError(f"{report.number} V{report.version} 没有 {name} 定稿文件")
        path = queries.folder() / file.path
        try:
            if file_sha256(path) != file.sha256:
                raise ReportError(f"定稿文件 {file.path} 的 SHA-256 不符：文件被改动，不予提供")
            found[name] = path.read_bytes()
        except OSError as error:
            raise ReportError(f"定稿文件 {file.path} 读不了：{error.strerror}") from error
    return found
