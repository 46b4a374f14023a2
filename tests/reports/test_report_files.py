"""Files are written whole or not at all; the preview links every number."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from jingwei.reports import files
from jingwei.reports.document import (
    Cell,
    Column,
    Contents,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    Party,
    Row,
    RowsRef,
    SignatureBlock,
    Table,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.preview import preview
from jingwei.terms import Result


def test_files_are_written_under_their_names(tmp_path: Path) -> None:
    written = files.write_all(tmp_path / "new" / "deep", {"a.pdf": b"1", "b.docx": b"2"})
    assert [path.name for path in written] == ["a.pdf", "b.docx"]
    assert [path.read_bytes() for path in written] == [b"1", b"2"]
    assert sorted(path.name for path in (tmp_path / "new" / "deep").iterdir()) == [
        "a.pdf", "b.docx"
    ]  # fmt: skip


def test_a_failure_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportError, match="No space left on device"):
        files.write_all(tmp_path, {"a.pdf": b"1", "b.docx": b"2"})
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(ReportError, match="写不了文件夹"):
        files.write_all(tmp_path / "out", {"a.pdf": b"1"})


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"old and longer")
    files.write_all(tmp_path, {"a.pdf": b"new"})
    assert (tmp_path / "a.pdf").read_bytes() == b"new"


def test_an_unknown_format_is_refused_by_name(bad_document: Document) -> None:
    with pytest.raises(ReportError, match="没有“odt”格式；可用：docx、pdf"):
        files.produce(bad_document, ("odt",))


def test_files_are_named_by_number_and_version() -> None:
    assert files.name_of("JAWS-RJ-20261120-01", 2, "pdf") == "JAWS-RJ-20261120-01-V2.pdf"


def link(rows: RowsRef) -> str:
    return f"?{rows.section}/{rows.item}/{rows.result}/{rows.target}"


def test_a_number_with_rows_becomes_a_link(bad_document: Document) -> None:
    shown = preview(bad_document, link)
    summary = next(block for block in shown if block.kind == "table" and "日检汇总" in block.text)
    storage = next(row for row in summary.rows if row.cells[0].text == "阵列与磁盘检查")
    assert storage.cells[6].url == "?storage//abnormal/"
    assert storage.cells[6].state == "abnormal"
    assert storage.cells[0].url == ""


def test_the_page_has_the_same_headings_as_the_paper(bad_document: Document) -> None:
    shown = [block for block in preview(bad_document, link) if block.kind == "heading"]
    assert [block.text for block in shown] == [head.text for head in bad_document.headings]
    assert len({block.anchor for block in shown}) == len(shown)


def test_the_preview_stops_where_it_is_told(bad_document: Document) -> None:
    shown = preview(bad_document, link, until="附件")
    assert shown[-1].kind == "signatures"
    assert not any(block.text.startswith("附件") for block in shown)


def test_every_kind_of_block_has_its_preview(bad_document: Document) -> None:
    blocks = (
        Heading(1, "一、甲"), Contents(), PageBreak(), Paragraph("文", strong=True), Note("注"),
        KeyValues((("甲", Cell("1")), ("乙", Cell("2")), ("丙", Cell("3")))),
        Table((Column("甲", 1, "right"),), (Row((Cell("1", state=Result.NOT_APPLICABLE),)),)),
        SignatureBlock((Party("服务方", ("签字：",)),)),
    )  # fmt: skip
    shown = preview(replace(bad_document, blocks=blocks), link)
    assert [block.kind for block in shown] == [
        "heading", "paragraph", "note", "key_values", "table", "signatures"
    ]  # fmt: skip
    assert shown[3].lines[1][0][1].span == 3
    assert shown[4].rows[0].cells[0].align == "right"
    assert shown[4].rows[0].cells[0].state == "not-applicable"
    assert shown[5].parties == (("服务方", ("签字：",)),)
