"""A template as docxtpl reads it: its parts as Jinja sources, in a sandbox of few words."""

import io
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jingwei.reports.errors import ReportError

ABSENT = "本期无"
# Those that docxtpl fills.
_PROPERTIES = {
    "author": "作者", "comments": "备注", "identifier": "标识", "language": "语言",
    "subject": "主题", "title": "标题",
}  # fmt: skip


class Absent(Undefined):
    """A field that this report does not have, of a template that was right: nothing happened."""

    def __str__(self) -> str:
        """What stands in its place."""
        return ABSENT


def environment() -> Environment:
    """Values are escaped, nothing can be called, and there are no helpers."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=Absent)
    made.globals.clear()
    made.filters.clear()
    made.tests.clear()
    return made


def opened(data: bytes) -> DocxTemplate:
    """The template, ready to read. Raises ReportError for what Word itself could not open."""
    template = DocxTemplate(io.BytesIO(data))
    try:
        template.init_docx()
    except Exception as error:  # whatever lxml, zipfile or python-docx make of a broken file
        raise ReportError(f"Word 文档损坏，打不开：{type(error).__name__}") from error
    return template


def sources(template: DocxTemplate) -> list[tuple[str, str]]:
    """(正文, 页眉, 页脚 …; source) of every part that docxtpl would fill."""
    made: list[tuple[str, str]] = [("正文", template.patch_xml(template.get_xml()))]
    for label, uri in (("页眉", template.HEADER_URI), ("页脚", template.FOOTER_URI)):
        for _, part in template.get_headers_footers(uri):
            made.append((label, _source(template, part)))
    for part in template.docx.part.package.parts:
        if part.content_type.endswith("wordprocessingml.footnotes+xml"):
            made.append(("脚注", _source(template, part)))
    held = template.docx.core_properties
    made += [(f"文档属性“{label}”", getattr(held, name)) for name, label in _PROPERTIES.items()]
    return made


def _source(template: DocxTemplate, part: Any) -> str:
    return str(template.patch_xml(template.get_part_xml(part)))
