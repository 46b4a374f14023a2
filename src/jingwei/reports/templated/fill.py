"""A checked template and a report's fields make a Word file."""

import io
from typing import Any

from docxtpl import Listing

from jingwei.reports.document import Document, plain
from jingwei.reports.errors import ReportError
from jingwei.reports.package import repacked
from jingwei.reports.templated.fields import Fields, fields_of
from jingwei.reports.templated.word import environment, opened


def fill(data: bytes, document: Document) -> bytes:
    """The template with the report's fields; the same bytes for the same report.

    Raises ReportError when the file cannot be filled; it was checked at upload.
    """
    return filled(data, fields_of(document))


def filled(data: bytes, fields: Fields) -> bytes:
    """The same with the fields themselves."""
    template = opened(data)
    context: dict[str, Any] = {name: _said(text) for name, text in fields.values.items()}
    for name, held in fields.lists.items():
        context[name] = [{column: _said(text) for column, text in row.items()} for row in held.rows]
    stream = io.BytesIO()
    try:
        template.render(context, environment(), autoescape=True)
        template.save(stream)
    except Exception as error:  # jinja2, lxml and python-docx each have their own
        raise ReportError(f"模板无法填写：{error}") from error
    return repacked(stream.getvalue())


def _said(text: str) -> Any:
    """Lines stay lines; what a docx cannot hold is replaced."""
    held = plain(text)
    return Listing(held) if "\n" in held or "\t" in held else held
