"""The named fields of a report: its cover lines, its chapters and its tables, by their own names.

`{{ 报告编号 }}` is a line of the cover, `{{ 总体评价 }}` the text of the chapter of that name, and
`{%tr for 行 in 逐台检查表 %}` goes through the table of that caption; `{{ 行.结论 }}` is a column.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jingwei.reports.document import (
    Block,
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Table,
)

_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d+[.．、])\s*")
_BRACKETS = re.compile(r"（[^（）]*）|\([^()]*\)")
_NUMBERED = re.compile(r"^[表图]\s*\d+\s*")


@dataclass(frozen=True, slots=True)
class Listed:
    """A table: the columns' names as fields, and its rows by them."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """What a template may name. `chapters`: chapter → every field that says something of it."""

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, Listed] = field(default_factory=dict)
    chapters: dict[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every name, in the report's order."""
        return [*self.values, *self.lists]


def name_of(text: str) -> str:
    """Words as the name of a field: signs, blanks and what stands in brackets (a count, a unit)
    are left out; "" when nothing is left.
    """
    whole = re.sub(r"\W+", "", unicodedata.normalize("NFKC", _BRACKETS.sub("", text) or text))
    bare = "".join(each for each in whole if f"_{each}".isidentifier())  # \w takes some more
    return bare if not bare or bare.isidentifier() else f"_{bare}"


def fields_of(document: Document) -> Fields:
    """The fields of a report as it is drawn, with their values."""
    found = Fields()
    for label, value in document.cover.facts:
        _value(found, name_of(label), value)
    if document.cover.notice:
        _value(found, "提示", document.cover.notice)
    chapter, said = "", list[str]()
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            _close(found, chapter, said)
            chapter, said = name_of(_ORDINAL.sub("", block.text)), []
            if chapter:
                found.chapters.setdefault(chapter, [])
        elif chapter:
            said += _text(block)
            _structured(found, chapter, block)
    _close(found, chapter, said)
    return found


def _text(block: Block) -> Iterable[str]:
    if isinstance(block, Paragraph | Note):
        yield block.text
    elif isinstance(block, Heading):
        yield _ORDINAL.sub("", block.text)


def _structured(found: Fields, chapter: str, block: Block) -> None:
    if isinstance(block, KeyValues):
        for label, cell in block.pairs:
            if name := _value(found, name_of(label), cell.text):
                found.chapters[chapter].append(name)
    elif isinstance(block, Table):
        name = _free(found, name_of(_NUMBERED.sub("", block.caption)) or f"{chapter}表")
        found.lists[name] = _listed(block)
        found.chapters[chapter].append(name)


def _listed(table: Table) -> Listed:
    columns: list[str] = []
    for place, column in enumerate(table.columns, 1):
        name = name_of(column.title) or f"第{place}列"
        columns.append(name if name not in columns else f"{name}{place}")
    rows = []
    for row in table.rows:
        texts: list[str] = []
        for cell in row.cells:
            texts += [cell.text, *[""] * (cell.span - 1)]
        rows.append(dict(zip(columns, texts, strict=True)))
    return Listed(_NUMBERED.sub("", table.caption), tuple(columns), tuple(rows))


def _close(found: Fields, chapter: str, said: list[str]) -> None:
    """A chapter's own text, under its name, once the next one begins."""
    if not chapter:
        return
    if chapter in found.lists or chapter in found.values:
        chapter_text = _free(found, f"{chapter}文字")
    else:
        chapter_text = chapter
    found.values[chapter_text] = "\n".join(text for text in said if text)
    found.chapters[chapter].append(chapter_text)


def _value(found: Fields, name: str, value: str) -> str:
    """The first of a name counts: a cover's line is not replaced by a chapter's."""
    if not name or name in found.values or name in found.lists:
        return ""
    found.values[name] = value
    return name


def _free(found: Fields, name: str) -> str:
    if name not in found.lists and name not in found.values:
        return name
    number = 2
    while f"{name}{number}" in found.lists or f"{name}{number}" in found.values:
        number += 1
    return f"{name}{number}"
