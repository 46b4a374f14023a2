"""Word templates for tests, and what can be wrong with a Word file."""

import io
import zipfile
from collections.abc import Sequence

import docx


def template(
    *paragraphs: str, row: Sequence[str] = (), of: str = "日检汇总", header: str = ""
) -> bytes:
    """A docx with these paragraphs, and a table whose row is repeated for each row of `of`."""
    word = docx.Document()
    for text in paragraphs:
        word.add_paragraph(text)
    if row:
        table = word.add_table(rows=3, cols=len(row))
        table.cell(0, 0).text = f"{{%tr for 行 in {of} %}}"
        for place, text in enumerate(row):
            table.cell(1, place).text = text
        table.cell(2, 0).text = "{%tr endfor %}"
    if header:
        word.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def words_of(data: bytes) -> str:
    """Everything a reader of the file reads, header included."""
    word = docx.Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in word.sections[0].header.paragraphs]
    texts += [paragraph.text for paragraph in word.paragraphs]
    for table in word.tables:
        texts += ["\t".join(cell.text for cell in row.cells) for row in table.rows]
    return "\n".join(texts)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same file with one part put in or replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as made:
        for each in source.namelist():
            if each != name:
                made.writestr(each, source.read(each))
        made.writestr(name, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    """One part of the file."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return source.read(name)
