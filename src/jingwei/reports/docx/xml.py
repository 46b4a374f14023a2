"""The WordprocessingML that python-docx has no words for. Sizes: pt for type, mm for lengths."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from jingwei.reports.document import BY_HAND

TWIPS_PER_MM = 1440 / 25.4
SERIF = "宋体"
SANS = "黑体"
LATIN = "Times New Roman"
LATIN_SANS = "Arial"
RED = "C2201A"

Element = Any  # lxml's element classes are built at run time


def element(tag: str, attributes: Mapping[str, str] | None = None, *children: Element) -> Element:
    """`<w:tag w:attribute="..">children</w:tag>`; names carry their prefix."""
    made = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        made.set(qn(name), value)
    for child in children:
        made.append(child)
    return made


def twips(millimetres: float) -> str:
    """Millimetres as twentieths of a point."""
    return str(round(millimetres * TWIPS_PER_MM))


def run_properties(
    *, size: float | None = None, sans: bool = False, bold: bool = False, colour: str = ""
) -> Element:
    """`w:rPr` in schema order. Sans text is 黑体, which is heavy already: bold only for Latin."""
    made = OxmlElement("w:rPr")
    if sans:
        fonts = {
            "w:ascii": LATIN_SANS, "w:hAnsi": LATIN_SANS, "w:eastAsia": SANS, "w:cs": LATIN_SANS,
        }  # fmt: skip
        made.append(element("w:rFonts", fonts))
    if bold:
        made.append(OxmlElement("w:b"))
    if colour:
        made.append(element("w:color", {"w:val": colour}))
    if size is not None:
        half_points = str(round(size * 2))
        made.append(element("w:sz", {"w:val": half_points}))
        made.append(element("w:szCs", {"w:val": half_points}))
    return made


def text_runs(text: str, properties: Element | None = None) -> list[Element]:
    """`text` as runs; \\n becomes a line break. The text must be `document.plain`.

    What a person still has to write (`document.BY_HAND`) is red and bold.
    """
    before, mark, after = text.partition(BY_HAND)
    if not mark:
        return [_run(text, properties)]
    made = [_run(before, deepcopy(properties))] if before else []
    red = deepcopy(properties) if properties is not None else OxmlElement("w:rPr")
    _redden(red)
    made.append(_run(mark, red))
    return made + (text_runs(after, properties) if after else [])


def _redden(properties: Element) -> None:
    """Red and bold, in the order the schema wants: fonts, bold, colour, sizes."""
    for name in ("w:b", "w:color"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    fonts = properties.find(qn("w:rFonts"))
    place = 0 if fonts is None else properties.index(fonts) + 1
    properties.insert(place, element("w:b"))
    properties.insert(place + 1, element("w:color", {"w:val": RED}))


def _run(text: str, properties: Element | None) -> Element:
    run = OxmlElement("w:r")
    if properties is not None:
        run.append(properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        held = element("w:t", {"xml:space": "preserve"})
        held.text = line
        run.append(held)
    return run


def field(instruction: str, shown: str, *, dirty: bool = False) -> list[Element]:
    """A field with the result a reader sees before anything updates it."""
    begin = {"w:fldCharType": "begin"} | ({"w:dirty": "true"} if dirty else {})
    code = element("w:instrText", {"xml:space": "preserve"})
    code.text = f" {instruction} "
    return [
        element("w:r", None, element("w:fldChar", begin)),
        element("w:r", None, code),
        element("w:r", None, element("w:fldChar", {"w:fldCharType": "separate"})),
        *text_runs(shown),
        element("w:r", None, element("w:fldChar", {"w:fldCharType": "end"})),
    ]


def bookmark(paragraph: Element, name: str, number: int) -> None:
    """Put a bookmark around everything a paragraph holds: what a PAGEREF points at."""
    start = element("w:bookmarkStart", {"w:id": str(number), "w:name": name})
    properties = paragraph.find(qn("w:pPr"))
    paragraph.insert(0 if properties is None else 1, start)
    paragraph.append(element("w:bookmarkEnd", {"w:id": str(number)}))
