"""The document tree as PDF/A-2b, by typst.

The tree goes in as JSON and one fixed program (`report.typ`) draws it: no text of a report is
ever markup, so there is nothing to escape and nothing to inject. Fonts are always embedded.
"""

import json
import re
from collections.abc import Callable, Set
from dataclasses import asdict
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from jingwei.reports import fonts
from jingwei.reports.charts import Chart
from jingwei.reports.charts.layout import picture
from jingwei.reports.document import Block, Document, KeyValues, PageBreak, Table, plain

# Runs of Latin text that a cell cannot hold may be broken in it; what it can (keys, numbers, dates)
# stays whole, and stays whole for a search in the PDF.
_WORD = re.compile(r"[!-~]+")
_LONGEST = 16  # characters of one piece where nothing says how wide the cell is
_SIZES = {"normal": 10.5, "small": 9.0, "tiny": 8.0}  # points, as report.typ has them
_WIDTHS = {False: 465.0, True: 728.0}  # points of text on an upright and on a lying page
_INSET, _LATIN = 8.0, 0.56  # points beside a cell's text; a Latin character's share of an em
_BREAK_AFTER = re.compile(r"([/_:;,.=&?\]\[-])")
ZERO_WIDTH_SPACE = "\u200b"


# PDF/A forbids characters no font can draw, and typst names the first. A device may answer with
# anything, so those are written out as [U+A97D]; after a few rounds everything unusual is.
_UNDRAWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_USUAL = re.compile(
    r"[\n -~\u00a0-\u00ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u25a0-\u25ff"
    r"\u2715\u3000-\u303f\u4e00-\u9fa5\uff01-\uff5e\u2103\u2264\u2265\u00d7\u200b]"
)
_ROUNDS = 6


def write(document: Document, faces: fonts.Faces | None = None) -> bytes:
    """The PDF. Raises FontsMissingError; the same tree and fonts give the same bytes.

    Characters no font here can draw are written out as their code, [U+A97D], never as a box.
    """
    faces = faces or fonts.find()
    undrawn: set[str] = set()
    for last in (False,) * _ROUNDS + (True,):
        compiler = _compiler(document, faces, undrawn, usual_only=last)
        try:
            made = compiler.compile(
                format="pdf", pdf_standards="a-2b", timestamp=_created(document)
            )
        except typst.TypstError as error:
            found = _UNDRAWN.search(error.message)
            if last or found is None:
                raise
            undrawn |= set(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1]))
            continue
        if isinstance(made, bytes):
            return made
    raise TypeError("typst 没有返回 PDF")


def heading_pages(document: Document, faces: fonts.Faces | None = None) -> tuple[int, ...]:
    """The page of every heading, in order: what the contents of the docx are filled with."""
    compiler = _compiler(document, faces or fonts.find())
    found = json.loads(compiler.query("<heading-pages>", field="value", one=True))
    return tuple(int(page) for page in found)


def tree(document: Document) -> dict[str, Any]:
    """The tree as plain JSON values, cut into parts of one page orientation each."""
    moment = document.meta.created.astimezone(UTC)
    meta = asdict(document.meta) | {
        "header_left": document.meta.header_left,
        "header_right": document.meta.header_right,
        "created": [
            moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
        ],
    }  # fmt: skip
    return {"meta": meta, "cover": asdict(document.cover), "parts": _parts(document.blocks)}


def _compiler(
    document: Document,
    faces: fonts.Faces,
    undrawn: Set[str] = frozenset(),
    *,
    usual_only: bool = False,
) -> typst.Compiler:
    def drawable(text: str) -> str:
        text = plain(text)
        if not undrawn and not usual_only:
            return text
        return "".join(
            f"[U+{ord(char):04X}]"
            if char in undrawn or (usual_only and not _USUAL.match(char))
            else char
            for char in text
        )

    return typst.Compiler(
        _program(),
        font_paths=faces.book,
        sys_inputs={
            "document": json.dumps(_each(tree(document), drawable), ensure_ascii=False),
            "serif": faces.serif,
            "sans": faces.sans,
            "signs": fonts.SIGNS,
        },
    )


@cache
def _program() -> bytes:
    return files("jingwei.reports").joinpath("report.typ").read_bytes()


def _created(document: Document) -> int:
    return int(document.meta.created.astimezone(UTC).timestamp())


def _parts(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    landscape = False
    held: list[dict[str, Any]] = []
    for block in blocks:
        if isinstance(block, PageBreak):
            if held:
                parts.append({"landscape": landscape, "blocks": held})
            landscape, held = block.landscape, []
        else:
            held.append(_block(block, landscape=landscape))
    if held:
        parts.append({"landscape": landscape, "blocks": held})
    return parts


def _block(block: Block, *, landscape: bool) -> dict[str, Any]:
    if isinstance(block, Chart):
        return _chart(block)
    data = asdict(block) | {"kind": block.kind}
    if isinstance(block, Table | KeyValues):
        data["behind"] = block.behind
    if isinstance(block, KeyValues):
        data["lines"] = [[[label, asdict(cell)] for label, cell in line] for line in block.lines]
    if isinstance(block, Table):
        for row in data["rows"]:
            _fit(row["cells"], block, landscape=landscape)
    return data


def _fit(cells: list[dict[str, Any]], table: Table, *, landscape: bool) -> None:
    """Break points into what its cell cannot hold, by the columns it goes over."""
    whole, place = sum(column.width for column in table.columns), 0
    for cell in cells:
        shares = sum(column.width for column in table.columns[place : place + cell["span"]])
        place += cell["span"]
        points = shares / whole * _WIDTHS[landscape] - _INSET
        cell["text"] = breakable(cell["text"], int(points / (_SIZES[table.size] * _LATIN)))


def _chart(block: Chart) -> dict[str, Any]:
    """A chart as its shapes: typst draws lines, boxes and words, so it stays sharp and embedded."""
    made = picture(block)
    shapes = [asdict(each) | {"shape": each.shape} for each in made.shapes]
    return {
        "kind": block.kind, "title": block.title, "note": block.note, "width": made.width,
        "height": made.height, "shapes": shapes,
    }  # fmt: skip


def breakable(text: str, most: int = _LONGEST) -> str:
    """`text` with invisible break points inside Latin words of more than `most` characters."""
    most = max(1, most)
    return _WORD.sub(
        lambda word: _split(word.group(), most) if len(word.group()) > most else word.group(), text
    )


def _split(word: str, most: int) -> str:
    parts = _BREAK_AFTER.sub(r"\1" + ZERO_WIDTH_SPACE, word).split(ZERO_WIDTH_SPACE)
    return ZERO_WIDTH_SPACE.join(
        ZERO_WIDTH_SPACE.join(part[i : i + most] for i in range(0, len(part), most))
        for part in parts
    )


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Every string of a JSON tree, changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each(held, change) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_each(held, change) for held in value]
    return value
