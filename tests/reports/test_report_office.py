"""Word files as PDF by LibreOffice: done, told, or said to be missing."""

import io
import subprocess
from typing import Any

import pytest
from pypdf import PdfReader
from template_making import template

from jingwei.reports import office
from jingwei.reports.errors import ReportError


@pytest.mark.skipif(not office.installed(), reason="libreoffice-writer is not installed")
def test_a_word_file_becomes_a_pdf_with_its_words_and_fonts() -> None:
    made = office.to_pdf(template("硬件巡检报告", "结论：正常"))
    page = PdfReader(io.BytesIO(made)).pages[0]
    assert "硬件巡检报告" in page.extract_text()


def test_an_office_that_hangs_or_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("soffice", office.PATIENCE)

    def fails(*_: Any, **__: Any) -> None:
        raise subprocess.CalledProcessError(1, "soffice")

    for broken, said in ((hangs, "120 秒内没有转出"), (fails, "没有转出 PDF")):
        monkeypatch.setattr(subprocess, "run", broken)
        with pytest.raises(ReportError, match=said):
            office.to_pdf(b"x")


def test_an_office_that_says_nothing_and_writes_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    with pytest.raises(ReportError, match="没有转出 PDF"):
        office.to_pdf(b"x")
