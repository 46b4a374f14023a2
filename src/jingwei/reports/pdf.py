"""The document tree as PDF/A-2b, by typst.

The tree goes in as JSON and one fixed program (`report.typ`) draws it: no text of a report is
ever markup, so there is nothing to escape and nothing to inject. Fonts are always embedded.
"""

import json
import re
from dataclasses import asdict
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from jingwei.reports import fonts
from jingwei.reports.document import Block, Document, KeyValues, PageBreak, Table, plain

# Runs of Latin text longer than this may be broken in a narrow cell; shorter ones (keys, numbers,
# dates) stay whole, and stay whole for a search in the PDF.
_LONG_WORD = re.compile(r"[!-~]{17,}")
_BREAK_AFTER = re.compile(r"([/_:;,.=&?\]\[-])")
ZERO_WIDTH_SPACE = "\u200b"


def write(document: Document, faces: fonts.Faces | None = None) -> bytes:
    """The PDF. Raises FontsMissingError; the same tree and fonts give the same bytes."""
    made = _compiler(document, faces or fonts.find()).compile(
        format="pdf", pdf_standards="a-2b", timestamp=_created(document)
    )
    if not isinstance(made, bytes):
        raise TypeError("typst 没有返回 PDF")
    return made


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


def _compiler(document: Document, faces: fonts.Faces) -> typst.Compiler:
    return typst.Compiler(
        _program(),
        font_paths=faces.book,
        sys_inputs={
            "document": json.dumps(_clean(tree(document)), ensure_ascii=False),
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
            held.append(_block(block))
    if held:
        parts.append({"landscape": landscape, "blocks": held})
    return parts


def _block(block: Block) -> dict[str, Any]:
    data = asdict(block) | {"kind": block.kind}
    if isinstance(block, KeyValues):
        data["lines"] = [[[label, asdict(cell)] for label, cell in line] for line in block.lines]
    if isinstance(block, Table):
        for row in data["rows"]:
            for cell in row["cells"]:
                cell["text"] = breakable(cell["text"])
    return data


def breakable(text: str) -> str:
    """`text` with invisible break points inside its long Latin words, so that cells hold them."""
    return _LONG_WORD.sub(lambda word: _split(word.group()), text)


def _split(word: str) -> str:
    parts = _BREAK_AFTER.sub(r"\1" + ZERO_WIDTH_SPACE, word).split(ZERO_WIDTH_SPACE)
    return ZERO_WIDTH_SPACE.join(
        ZERO_WIDTH_SPACE.join(part[i : i + 16] for i in range(0, len(part), 16)) for part in parts
    )


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _clean(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(held) for held in value]
    return value
