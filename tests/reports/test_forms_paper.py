"""The desk's forms on paper: nothing is cut or lost, every page says whose it is."""

import io
import re
from typing import Any

import pytest
from docx import Document as open_docx
from openpyxl import load_workbook
from pypdf import PdfReader
from slip_making import AFTER, Cast, came, changed, demanded
from test_forms_data_change import ISSUE, paper

from jingwei.reports import docx, pdf, xlsx
from jingwei.reports.document import Document
from jingwei.reports.forms import change_record, data_change, dev_ledger, staffing


def pages(document: Document) -> list[str]:
    """The words of each page, without blanks."""
    read = PdfReader(io.BytesIO(pdf.write(document))).pages
    return [re.sub(r"\s|\u200b", "", page.extract_text()) for page in read]


def drawn(**more: Any) -> Document:
    return data_change.document(paper(**more), ISSUE, draft=False)


def test_every_line_of_a_long_script_is_printed_once_under_a_repeated_head() -> None:
    script = "\n".join(f"UPDATE doc SET dept = 2 WHERE id = {1000 + n};" for n in range(130))
    read = pages(drawn(script=script))
    whole = "".join(read)
    for number in range(130):
        assert whole.count(f"WHEREid={1000 + number};") == 1
    with_script = [page for page in read if "WHEREid=1" in page]
    assert len(with_script) >= 3
    assert all("行内容" in page for page in with_script)


def test_one_line_longer_than_a_page_runs_on() -> None:
    line = "SELECT * FROM doc WHERE id IN (" + ",".join(map(str, range(10_000, 12_500))) + ")"
    whole = "".join(pages(drawn(script=line)))
    assert all(str(number) in whole for number in range(10_000, 12_500, 100))


def test_each_page_says_which_form_it_belongs_to() -> None:
    read = pages(drawn())
    assert "页" not in read[0]
    for number, page in enumerate(read[1:], start=2):
        assert f"第{number}页共{len(read)}页" in page
        assert "JAWS-SJ-GD-2022-00001-01" in page


def test_fonts_of_a_form_are_embedded() -> None:
    found = 0
    for page in PdfReader(io.BytesIO(pdf.write(drawn()))).pages:
        for font in page["/Resources"]["/Font"].values():
            for child in font.get_object()["/DescendantFonts"]:
                descriptor = child.get_object()["/FontDescriptor"].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)
                found += 1
    assert found


def test_word_says_what_the_pdf_says() -> None:
    made = open_docx(io.BytesIO(docx.write(drawn(script="UPDATE a", rollback="UPDATE b"))))
    said = "\n".join(cell.text for table in made.tables for row in table.rows for cell in row.cells)
    for wanted in (
        "UPDATE a",
        "UPDATE b",
        "BK-1",
        "BH-77",
        "李婷",
        "申请单位（盖章）",
        "用户方（盖章）",
    ):
        assert wanted in said, wanted
    titles = [one.text for one in made.paragraphs if (one.style.name or "").startswith("Heading")]
    assert titles[0] == "一、申请"
    assert titles[-1] == "七、签字盖章"


@pytest.mark.django_db
def test_a_plan_of_three_pages_is_printed_whole() -> None:
    cast = Cast()
    plan = "\n".join(f"步骤{n}：停业务并检查" for n in range(100, 200))
    held = change_record.gather(changed(cast, plan=plan).number)
    whole = "".join(pages(change_record.document(held, ISSUE, draft=True)))
    for number in range(100, 200):
        assert whole.count(f"步骤{number}：停业务并检查") == 1


@pytest.mark.django_db
def test_the_workbook_of_a_ledger_adds_up() -> None:
    cast = Cast()
    demanded(cast, ("2022-12-07", "2.5"), ("2022-12-08", "1.5"), agreed="6")
    made = xlsx.write(dev_ledger.document(dev_ledger.gather("2022-Q1", AFTER), ISSUE, draft=True))
    book = load_workbook(io.BytesIO(made))
    (name,) = [each for each in book.sheetnames if "开发工作量明细" in each]
    column = [cell.value for cell in book[name]["C"]]
    assert sum(value for value in column if isinstance(value, int | float)) == 4.0
    assert not any(isinstance(cell.value, str) and cell.value.startswith("=")
                   for sheet in book for row in sheet.iter_rows() for cell in row)  # fmt: skip


@pytest.mark.django_db
def test_the_days_of_a_month_are_a_sheet_of_their_own() -> None:
    Cast()
    came("王磊", 7, 8)
    made = xlsx.write(staffing.document(staffing.gather("2022-11", AFTER), ISSUE, draft=True))
    book = load_workbook(io.BytesIO(made))
    (name,) = [each for each in book.sheetnames if "每日在岗" in each]
    assert book[name].max_row >= 23
