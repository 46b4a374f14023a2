"""A report's files: in our own layout, or in the template the client put in force."""

from collections.abc import Sequence
from dataclasses import replace

from jingwei.reports import files, office, queries
from jingwei.reports.document import Document
from jingwei.reports.files import FORMATS
from jingwei.reports.models import ReportTemplate
from jingwei.reports.templated import fill

OWN_LAYOUT = "本 PDF 为平台版式；按甲方模板编制的正文见同编号 Word 文件"


def produced(
    kind: str, document: Document, formats: Sequence[str] = FORMATS
) -> tuple[dict[str, bytes], ReportTemplate | None]:
    """The files, and the template the Word file (and its PDF) follow.

    Without an office on this machine the PDF keeps our layout and says so on its cover. Raises
    ReportError and FontsMissingError as `files.produce` does.
    """
    template = queries.in_force(kind)
    if template is None:
        return files.produce(document, tuple(formats)), None
    made: dict[str, bytes] = {}
    drawn = [name for name in formats if name == "xlsx"]
    filled = b""
    if {"docx", "pdf"} & set(formats):
        filled = fill(queries.bytes_of(template), document)
    if "docx" in formats:
        made["docx"] = filled
    if "pdf" in formats and office.installed():
        made["pdf"] = office.to_pdf(filled)
    elif "pdf" in formats:
        notice = "；".join(text for text in (document.cover.notice, OWN_LAYOUT) if text)
        told = replace(document, cover=replace(document.cover, notice=notice))
        made |= files.produce(told, ("pdf",))
    if drawn:
        made |= files.produce(document, tuple(drawn))
    return {name: made[name] for name in formats}, template
