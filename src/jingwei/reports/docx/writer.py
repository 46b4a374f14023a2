"""Document tree → docx: styles, pages, header and footer, contents with page numbers.

Fixed: East Asian language and fonts on every style, A4, contents filled with page numbers (those
of the PDF, whose page geometry is the same; F9 in Word recounts them), and byte-for-byte the same
file for the same tree.
"""

import io
from datetime import UTC
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import (
    WD_ALIGN_PARAGRAPH,
    WD_BREAK,
    WD_TAB_ALIGNMENT,
    WD_TAB_LEADER,
)
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from jingwei.reports.charts import Chart
from jingwei.reports.document import (
    Block,
    Contents,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    SignatureBlock,
    Table,
    plain,
)
from jingwei.reports.docx import chart as charts
from jingwei.reports.docx import table as tables
from jingwei.reports.docx.xml import (
    LATIN,
    LATIN_SANS,
    SANS,
    SERIF,
    bookmark,
    element,
    field,
    run_properties,
    text_runs,
)
from jingwei.reports.package import repacked

A4 = (210.0, 297.0)
SIDE, TOP, BOTTOM = 23.0, 27.0, 23.0  # mm, portrait
WIDE_SIDE, WIDE_TOP, WIDE_BOTTOM = 20.0, 24.0, 20.0  # mm, landscape
CHART_MM = 164.0
_HEADING_SIZES = (16, 14, 12)  # 三号, 四号, 小四


def write(document: Document, pages: tuple[int, ...] | None = None) -> bytes:
    """The docx. `pages` are the headings' page numbers; without them Word is asked to count."""
    word = docx.Document()
    body = word.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)
    _properties(word, document)
    _styles(word)
    _language(word)
    _page(word.sections[0], landscape=False)
    _frame(word, document)
    _Writer(word, document, pages).run()
    if pages is None:
        word.settings.element.append(element("w:updateFields", {"w:val": "true"}))
    stream = io.BytesIO()
    word.save(stream)
    return repacked(stream.getvalue())


class _Writer:
    """One pass over the blocks; `landscape` is the orientation of the section being filled."""

    def __init__(
        self, word: WordDocument, document: Document, pages: tuple[int, ...] | None
    ) -> None:
        self.word = word
        self.document = document
        self.pages = pages
        self.landscape = False
        self.headings = 0
        self.charts = 0

    @property
    def width(self) -> float:
        """Width of the text area in mm."""
        return A4[1] - 2 * WIDE_SIDE if self.landscape else A4[0] - 2 * SIDE

    def run(self) -> None:
        """Cover first, then every block; a page break waits until something follows it."""
        self.cover()
        waiting: PageBreak | None = PageBreak()
        for block in self.document.blocks:
            if isinstance(block, PageBreak):
                waiting = block
                continue
            fresh = waiting is not None
            if waiting is not None:
                self.new_page(waiting)
                waiting = None
            self.block(block, fresh=fresh)

    def block(self, block: Block, *, fresh: bool) -> None:
        """Append one block."""
        match block:
            case Heading():
                self.heading(block, fresh=fresh)
            case Paragraph(text=text, strong=strong):
                self.text(text, "Body Text", run_properties(sans=True) if strong else None)
            case Note(text=text):
                self.text(text, "Remark")
            case Table():
                self.table(block)
            case Chart():
                self.chart(block)
            case KeyValues():
                self.append(tables.key_values(block, self.width))
                self.after(block)
            case SignatureBlock(parties=parties):
                self.append(tables.signatures(parties, self.width))
            case Contents(title=title):
                self.contents(title)
            case PageBreak():
                raise AssertionError("page breaks are handled by run()")

    def append(self, made: Any) -> None:
        """Add an element at the end of the section being filled."""
        body = self.word.element.body
        body.insert(len(body) - 1, made)

    def text(self, text: str, style: str, properties: Any = None) -> WordParagraph:
        """Add a paragraph."""
        made = self.word.add_paragraph(style=style)
        for run in text_runs(plain(text), properties):
            made._p.append(run)
        return made

    def table(self, block: Table) -> None:
        """A table under its caption."""
        if block.caption:
            self.text(block.caption, "Caption")
        self.append(tables.table(block, self.width))
        self.after(block)

    def after(self, block: Table | KeyValues) -> None:
        """What stands under a table: where its numbers come from, or a little room."""
        self.text(block.behind, "Remark" if block.behind else "Gap")

    def chart(self, block: Chart) -> None:
        """A chart of Word's own with its title and, where something is missing, why."""
        self.charts += 1
        width = min(self.width, CHART_MM)
        made = self.document.meta.created
        self.append(charts.chart(self.word, block, self.charts, width, made))
        title = self.text(block.title, "Caption")
        title.paragraph_format.keep_with_next = bool(block.note)
        if block.note:
            self.text(block.note, "Remark")

    def heading(self, block: Heading, *, fresh: bool) -> None:
        """A heading with the bookmark its contents entry points at."""
        made = self.text(block.text, f"Heading {min(block.level, 3)}")
        if fresh:
            made.paragraph_format.space_before = Pt(0)
        self.headings += 1
        bookmark(made._p, f"_Toc{self.headings:06d}", self.headings)

    def new_page(self, wanted: PageBreak) -> None:
        """A page break, or a new section where the paper turns."""
        if wanted.landscape == self.landscape:
            self.word.add_paragraph(style="Gap").add_run().add_break(WD_BREAK.PAGE)
            return
        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        self.landscape = wanted.landscape
        _page(section, landscape=self.landscape)
        section.different_first_page_header_footer = False
        section.header.is_linked_to_previous = False
        _header(section, self.document, self.width)

    def cover(self) -> None:
        """The first page; it carries neither header nor footer."""
        meta, cover = self.document.meta, self.document.cover
        mark = self.text(meta.mark, "Cover Text")
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        first = self.text(meta.project, "Title")
        first.paragraph_format.space_before = Pt(130)
        name = self.text(meta.title, "Title")
        name.paragraph_format.space_after = Pt(110)
        for run in name.runs:
            run.font.size = Pt(26)
        self.append(tables.cover_facts(cover.facts, 122.0))
        if cover.notice:
            notice = self.text(cover.notice, "Cover Text")
            notice.paragraph_format.space_before = Pt(56)
            notice.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def contents(self, title: str) -> None:
        """A TOC field whose result is already filled in."""
        heading = self.text(title, "Contents Title")
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        listed = self.document.headings
        opening, _, separate, _, closing = field('TOC \\o "1-2" \\h \\z \\u', "")
        code = field('TOC \\o "1-2" \\h \\z \\u', "")[1]
        for number, entry in enumerate(listed, start=1):
            if entry.level > 2:
                continue
            made = self.word.add_paragraph(style=f"toc {entry.level}")
            if number == 1:
                for part in (opening, code, separate):
                    made._p.append(part)
            name = f"_Toc{number:06d}"
            page = str(self.pages[number - 1]) if self.pages else ""
            link = element("w:hyperlink", {"w:anchor": name, "w:history": "1"})
            for run in (*text_runs(plain(entry.text)), _tab(), *field(f"PAGEREF {name} \\h", page)):
                link.append(run)
            made._p.append(link)
            if number == len(listed):
                made._p.append(closing)
        if not listed or listed[-1].level > 2:
            self.text("", "Gap")._p.append(closing)


def _tab() -> Any:
    return element("w:r", None, element("w:tab"))


def _properties(word: WordDocument, document: Document) -> None:
    core, meta = word.core_properties, document.meta
    core.title = plain(f"{meta.project} {meta.title} {meta.number}")
    core.author = core.last_modified_by = plain(meta.author)
    core.subject = plain(meta.number)
    core.comments = ""
    core.language = "zh-CN"
    core.revision = meta.version
    core.created = core.modified = meta.created.astimezone(UTC).replace(tzinfo=None)


def _styles(word: WordDocument) -> None:
    styles = word.styles
    normal = styles["Normal"]
    _font(normal, SERIF, LATIN, 12)
    normal.font.color.rgb = RGBColor.from_string(tables.INK)
    normal.paragraph_format.space_after = Pt(0)
    body = styles["Body Text"]
    _font(body, SERIF, LATIN, 12)
    body.paragraph_format.first_line_indent = Pt(24)
    body.paragraph_format.line_spacing = Pt(21)
    body.paragraph_format.space_after = Pt(4)
    for level, points in enumerate(_HEADING_SIZES, start=1):
        heading = styles[f"Heading {level}"]
        _font(heading, SANS, LATIN_SANS, points)
        heading.font.bold = True
        heading.font.italic = False
        heading.font.color.rgb = RGBColor.from_string(tables.INK)
        heading.paragraph_format.space_before = Pt(16 if level == 1 else 12)
        heading.paragraph_format.space_after = Pt(8)
        heading.paragraph_format.keep_with_next = True
    caption = styles["Caption"]
    _font(caption, SANS, LATIN_SANS, 10.5)
    caption.font.bold = False
    caption.font.color.rgb = RGBColor.from_string(tables.INK)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before = Pt(6)
    caption.paragraph_format.space_after = Pt(4)
    title = styles["Title"]
    _font(title, SANS, LATIN_SANS, 22)
    title.font.bold = True
    title.font.color.rgb = RGBColor.from_string(tables.INK)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(10)
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    for name, size, colour, face in (
        ("Remark", 9.0, tables.MUTED, SERIF),
        ("Cover Text", 10.5, tables.MUTED, SERIF),
        ("Contents Title", 16, tables.INK, SANS),
        ("Gap", 4, tables.INK, SERIF),
        ("toc 1", 12, tables.INK, SERIF),
        ("toc 2", 12, tables.INK, SERIF),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, face, LATIN if face == SERIF else LATIN_SANS, size)
        style.font.color.rgb = RGBColor.from_string(colour)
    styles["Remark"].paragraph_format.space_after = Pt(6)
    styles["Contents Title"].font.bold = True
    styles["Contents Title"].paragraph_format.space_before = Pt(18)
    styles["Contents Title"].paragraph_format.space_after = Pt(10)
    for level in (1, 2):
        entry = styles[f"toc {level}"].paragraph_format
        entry.line_spacing = Pt(21)
        entry.left_indent = Pt(24 * (level - 1))
        entry.tab_stops.add_tab_stop(
            Mm(A4[0] - 2 * SIDE), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )


def _font(style: Any, east_asian: str, latin: str, size: float) -> None:
    style.font.name = latin
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind, face in (
        ("ascii", latin), ("hAnsi", latin), ("eastAsia", east_asian), ("cs", latin),
    ):  # fmt: skip
        fonts.set(qn(f"w:{kind}"), face)


def _language(word: WordDocument) -> None:
    """Chinese as the East Asian language: without it line breaking and fonts go wrong."""
    root = word.styles.element
    for language in root.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    defaults = root.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    if defaults.find(qn("w:lang")) is None:
        defaults.append(element("w:lang", {"w:val": "en-US", "w:eastAsia": "zh-CN"}))
    theme = word.settings.element.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:eastAsia"), "zh-CN")


def _page(section: Any, *, landscape: bool) -> None:
    short, long = A4
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (
        (Mm(long), Mm(short)) if landscape else (Mm(short), Mm(long))
    )
    side, top, bottom = (WIDE_SIDE, WIDE_TOP, WIDE_BOTTOM) if landscape else (SIDE, TOP, BOTTOM)
    section.left_margin = section.right_margin = Mm(side)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)


def _frame(word: WordDocument, document: Document) -> None:
    section = word.sections[0]
    section.different_first_page_header_footer = True
    _header(section, document, A4[0] - 2 * SIDE)
    footer = section.footer.paragraphs[0]
    footer.style = "Normal"
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    parts = (
        *text_runs("第 "), *field("PAGE", "2"), *text_runs(" 页　共 "), *field("NUMPAGES", "2"),
        *text_runs(" 页"),
    )  # fmt: skip
    for run in parts:
        properties = run_properties(size=9, colour=tables.MUTED)
        run.insert(0, properties)
        footer._p.append(run)


def _header(section: Any, document: Document, width: float) -> None:
    paragraph = section.header.paragraphs[0]
    paragraph.style = "Normal"  # the style "Header" brings tab stops of its own
    for run in list(paragraph._p):
        if run.tag != qn("w:pPr"):
            paragraph._p.remove(run)
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)
    left, right = plain(document.meta.header_left), plain(document.meta.header_right)
    for run in (*text_runs(left), _tab(), *text_runs(right)):
        run.insert(0, run_properties(size=9, colour=tables.MUTED))
        paragraph._p.append(run)
    rule = {"w:val": "single", "w:sz": "4", "w:space": "3", "w:color": tables.RULE}
    layout = paragraph._p.get_or_add_pPr()
    for old in layout.findall(qn("w:pBdr")):
        layout.remove(old)
    border = element("w:pBdr", None, element("w:bottom", rule))
    stops_element = layout.find(qn("w:tabs"))
    if stops_element is not None:
        stops_element.addprevious(border)
    else:
        layout.append(border)
