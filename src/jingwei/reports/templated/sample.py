"""A template to begin with: every field of a kind, in plain Word, to be arranged and styled."""

import io

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Pt

from jingwei.reports.package import repacked
from jingwei.reports.templated.fields import Fields

_MOST_COLUMNS = 9
_FONT = "宋体"


def sample(label: str, fields: Fields) -> bytes:
    """The docx: the values with their names, then each chapter with its text and its tables."""
    word = docx.Document()
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    word.add_heading(label, 0)
    chaptered = {name for names in fields.chapters.values() for name in names}
    for name in fields.values:
        if name not in chaptered:
            word.add_paragraph(f"{name}：{{{{ {name} }}}}")
    for chapter, names in fields.chapters.items():
        word.add_heading(chapter, 1)
        for name in names:
            if name in fields.lists:
                _table(word, name, fields.lists[name].columns)
            elif name.startswith(chapter):
                word.add_paragraph(f"{{{{ {name} }}}}")
            else:
                word.add_paragraph(f"{name}：{{{{ {name} }}}}")
    stream = io.BytesIO()
    word.save(stream)
    return repacked(stream.getvalue())


def _table(word: WordDocument, name: str, columns: tuple[str, ...]) -> None:
    """A header row, then one row between the two rows that loop."""
    word.add_paragraph(name)
    shown = columns[:_MOST_COLUMNS]
    table = word.add_table(rows=4, cols=len(shown))
    table.style = "Table Grid"
    for place, column in enumerate(shown):
        table.cell(0, place).text = column
        table.cell(2, place).text = f"{{{{ 行.{column} }}}}"
    table.cell(1, 0).text = f"{{%tr for 行 in {name} %}}"
    table.cell(3, 0).text = "{%tr endfor %}"
