"""A chart in Word: Word's own (DrawingML), with its numbers in a workbook inside the file.

So its words can be edited and its numbers opened (编辑数据); a value nobody knows is left out and
drawn as a gap. Fills and dashes are those of the PDF.
"""

import io
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from jingwei.reports.charts import Chart, Limit, Series
from jingwei.reports.charts.layout import FILLS, LINES
from jingwei.reports.document import plain
from jingwei.reports.xlsx.writer import steady

HEIGHT_MM = 72.0
_EMU_PER_MM = 36_000
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_DASHES = ("solid", "dash", "sysDot", "dashDot")
_MARKS = ("circle", "square", "triangle", "diamond")
_LIMIT = "C2201A"
_SHEET = "数据"


def chart(word: WordDocument, block: Chart, number: int, width_mm: float, made: datetime) -> Any:
    """A paragraph that holds the chart; its parts are added to the package of `word`."""
    package = word.part.package
    book = Part(
        PackURI(f"/word/embeddings/jingwei_chart{number}.xlsx"), CONTENT_TYPE.SML_SHEET,
        _book(block, made), package,
    )  # fmt: skip
    part = Part(
        PackURI(f"/word/charts/jingwei_chart{number}.xml"), CONTENT_TYPE.DML_CHART, b"", package
    )
    link = part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    part._blob = _space(block, link).encode()
    held = word.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    wide, high = round(width_mm * _EMU_PER_MM), round(HEIGHT_MM * _EMU_PER_MM)
    name = escape(plain(block.title), {'"': "&quot;"})
    return parse_xml(
        f'<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:pPr><w:keepNext/><w:spacing w:before="120" w:after="0"/><w:jc w:val="center"/></w:pPr>'
        f'<w:r><w:drawing><wp:inline xmlns:wp="{_WP}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{1000 + number}" name="{name}" descr="{name}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic xmlns:a="{_A}"><a:graphicData uri="{_C}">'
        f'<c:chart xmlns:c="{_C}" xmlns:r="{_R}" r:id="{held}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _book(block: Chart, made: datetime) -> bytes:
    """The numbers behind it: labels down, series and limits across."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _SHEET
    for column, name in enumerate(_names(block), start=2):
        _text(sheet.cell(1, column), name)
    for row, label in enumerate(block.labels, start=2):
        _text(sheet.cell(row, 1), label)
        for column, each in enumerate(_all(block), start=2):
            sheet.cell(row, column).value = each.values[row - 2]
    book.properties.created = made.replace(tzinfo=None)
    stream = io.BytesIO()
    book.save(stream)
    return steady(stream.getvalue(), made)


def _text(cell: Any, words: str) -> None:
    cell.value = plain(words)
    cell.data_type = "s"


def _all(block: Chart) -> list[Series]:
    """The series, and each limit as one that is the same everywhere."""
    return [*block.series, *(_constant(limit, len(block.labels)) for limit in block.limits)]


def _constant(limit: Limit, count: int) -> Series:
    return Series(limit.label, (limit.value,) * count)


def _names(block: Chart) -> list[str]:
    return [each.name for each in _all(block)]


def _space(block: Chart, link: str) -> str:
    """The chart's own part. Order of elements is that of the schema."""
    axes = '<c:axId val="1001"/><c:axId val="1002"/>'
    count = len(block.series)
    plots = ""
    if block.form == "line":
        drawn = "".join(_line(block, n, each) for n, each in enumerate(block.series))
        plots = _lines(drawn, axes)
    else:
        grouping, overlap = ("stacked", 100) if block.form == "stacked" else ("clustered", 0)
        drawn = "".join(_bar(block, n, each) for n, each in enumerate(block.series))
        plots = (
            f'<c:barChart><c:barDir val="col"/><c:grouping val="{grouping}"/>'
            f'<c:varyColors val="0"/>{drawn}<c:gapWidth val="60"/>'
            f'<c:overlap val="{overlap}"/>{axes}</c:barChart>'
        )
    if block.limits:
        drawn = "".join(
            _limit(block, count + n, _constant(limit, len(block.labels)))
            for n, limit in enumerate(block.limits)
        )
        plots += _lines(drawn, axes)
    legend = ""
    if count + len(block.limits) > 1:
        legend = '<c:legend><c:legendPos val="t"/><c:overlay val="0"/></c:legend>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
        f"<c:plotArea><c:layout/>{plots}{_axes(block)}</c:plotArea>{legend}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln>'
        f"</c:spPr>{_words()}"
        f'<c:externalData r:id="{link}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _words(size: int = 850) -> str:
    return (
        f'<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="{size}">'
        '<a:solidFill><a:srgbClr val="1F2937"/></a:solidFill>'
        '<a:latin typeface="Arial"/><a:ea typeface="黑体"/></a:defRPr></a:pPr>'
        '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _lines(drawn: str, axes: str) -> str:
    return (
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{drawn}'
        f'<c:marker val="1"/>{axes}</c:lineChart>'
    )


def _axes(block: Chart) -> str:
    low, high = block.axis if block.axis is not None else (None, None)
    scaling = '<c:orientation val="minMax"/>'
    if high is not None:
        scaling += f'<c:max val="{high}"/>'
    if low is not None:
        scaling += f'<c:min val="{low}"/>'
    unit = escape(plain(block.unit))
    title = (
        '<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="850" b="0"/></a:pPr>'
        f'<a:r><a:rPr lang="zh-CN" sz="850" b="0"/><a:t>{unit}</a:t></a:r></a:p>'
        '</c:rich></c:tx><c:overlay val="0"/></c:title>'
    )
    grid = (
        '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D5DBE3"/>'
        "</a:solidFill></a:ln></c:spPr></c:majorGridlines>"
    )
    return (
        '<c:catAx><c:axId val="1001"/><c:scaling><c:orientation val="minMax"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="b"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        '<c:crossAx val="1002"/><c:crosses val="autoZero"/><c:auto val="0"/></c:catAx>'
        f'<c:valAx><c:axId val="1002"/><c:scaling>{scaling}</c:scaling><c:delete val="0"/>'
        f'<c:axPos val="l"/>{grid}{title}<c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        '<c:crossAx val="1001"/><c:crosses val="min"/></c:valAx>'
    )


def _bar(block: Chart, number: int, each: Series) -> str:
    fill = FILLS[number % len(FILLS)][1:].upper()
    look = (
        f'<c:spPr><a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>'
        '<a:ln w="6350"><a:solidFill><a:srgbClr val="1F2937"/></a:solidFill></a:ln></c:spPr>'
        '<c:invertIfNegative val="0"/>'
    )
    # On a dark fill inside a stack the number is white; elsewhere it stands above its bar.
    inside = block.form == "stacked"
    white = inside and number % 2 == 0
    return _series(block, number, each, look, _labels(block, each, "ctr" if inside else "outEnd",
                                                      white=white))  # fmt: skip


def _line(block: Chart, number: int, each: Series) -> str:
    look = number % len(LINES)
    colour = LINES[look][1:].upper()
    ink = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    drawn = (
        f'<c:spPr><a:ln w="19050">{ink}<a:prstDash val="{_DASHES[look]}"/></a:ln></c:spPr>'
        f'<c:marker><c:symbol val="{_MARKS[look]}"/><c:size val="5"/>'
        f"<c:spPr>{ink}</c:spPr></c:marker>"
    )
    labels = _labels(block, each, "t") if len(block.series) == 1 else ""
    return _series(block, number, each, drawn, labels, tail='<c:smooth val="0"/>')


def _limit(block: Chart, number: int, each: Series) -> str:
    drawn = (
        f'<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="{_LIMIT}"/></a:solidFill>'
        '<a:prstDash val="dash"/></a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker>'
    )
    return _series(block, number, each, drawn, "", tail='<c:smooth val="0"/>')


def _labels(block: Chart, each: Series, place: str, *, white: bool = False) -> str:
    """The numbers at their bars; a part of nothing in a stack says nothing."""
    hidden = "".join(
        f'<c:dLbl><c:idx val="{index}"/><c:delete val="1"/></c:dLbl>'
        for index, value in enumerate(each.values)
        if not value and block.form == "stacked"
    )
    decimals = "0" if not block.places else "0." + "0" * block.places
    words = _words(750)
    if white:
        words = words.replace('val="1F2937"', 'val="FFFFFF"')
    return (
        f'<c:dLbls>{hidden}<c:numFmt formatCode="{decimals}" sourceLinked="0"/>'
        f'<c:spPr><a:noFill/></c:spPr>{words}<c:dLblPos val="{place}"/><c:showLegendKey val="0"/>'
        '<c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )


def _series(
    block: Chart, number: int, each: Series, look: str, labels: str, *, tail: str = ""
) -> str:
    """One c:ser: name, look, numbers at the bars, labels, values; unknown values are left out."""
    column = get_column_letter(number + 2)
    last = len(block.labels) + 1
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{value!r}</c:v></c:pt>'
        for index, value in enumerate(each.values)
        if value is not None
    )
    names = "".join(
        f'<c:pt idx="{index}"><c:v>{escape(plain(label))}</c:v></c:pt>'
        for index, label in enumerate(block.labels)
    )
    count = f'<c:ptCount val="{len(block.labels)}"/>'
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f'<c:tx><c:strRef><c:f>{_SHEET}!${column}$1</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{escape(plain(each.name))}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"{look}{labels}"
        f"<c:cat><c:strRef><c:f>{_SHEET}!$A$2:$A${last}</c:f><c:strCache>{count}{names}"
        "</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>{_SHEET}!${column}$2:${column}${last}</c:f><c:numCache>"
        f"<c:formatCode>General</c:formatCode>{count}{points}</c:numCache></c:numRef></c:val>"
        f"{tail}</c:ser>"
    )
