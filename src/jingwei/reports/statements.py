"""Where facts end and a person has to write: found in a document, and filled in.

Pure. A place is one text of the tree that carries the mark `document.BY_HAND`; its key is the
heading it stands under, its words, and its count among equals, so that it stays the same when the
report is drawn again from the same facts.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    Row,
    Table,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One text a person has to decide: where it stands, how it reads, and what it is about."""

    key: str
    heading: str
    text: str

    @property
    def label(self) -> str:
        """What is asked for: the words before the mark, or the heading where there are none."""
        before = self.text.partition(BY_HAND)[0].strip(" ：:；;。")
        last = before.rpartition("；")[2].strip()
        return last or self.heading


def places(document: Document) -> tuple[Place, ...]:
    """Every place of a document that is still open, in order."""
    found: list[Place] = []

    def see(place: Place) -> str:
        found.append(place)
        return place.text

    _walk(document, see)
    return tuple(found)


def filled(document: Document, written: Mapping[str, str]) -> Document:
    """The document with what people wrote (key → text) in the place of the mark."""

    def put(place: Place) -> str:
        if place.key not in written:
            return place.text
        return place.text.replace(BY_HAND, written[place.key], 1)

    return _walk(document, put) if written else document


def _walk(document: Document, answer: Callable[[Place], str]) -> Document:
    seen: Counter[tuple[str, str]] = Counter()
    heading = ""

    def ask(text: str) -> str:
        if BY_HAND not in text:
            return text
        seen[heading, text] += 1
        named = f"{heading}\n{text}\n{seen[heading, text]}"
        key = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]
        return answer(Place(key, heading, text))

    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            heading = block.text
        blocks.append(_asked(block, ask))
    return replace(document, blocks=tuple(blocks))


def _asked(block: Block, ask: Callable[[str], str]) -> Block:
    if isinstance(block, Paragraph | Note):
        return replace(block, text=ask(block.text))
    if isinstance(block, KeyValues):
        pairs = tuple((label, _cell(cell, ask)) for label, cell in block.pairs)
        return replace(block, pairs=pairs)
    if isinstance(block, Table):
        rows = tuple(Row(tuple(_cell(c, ask) for c in row.cells), row.head) for row in block.rows)
        return replace(block, rows=rows)
    return block


def _cell(cell: Cell, ask: Callable[[str], str]) -> Cell:
    return replace(cell, text=ask(cell.text)) if BY_HAND in cell.text else cell
