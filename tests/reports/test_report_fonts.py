"""Without a Chinese font there is a plain refusal that says how to mend it, never boxes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jingwei.reports import files, fonts, pdf
from jingwei.reports.document import Document
from jingwei.reports.fonts import FontsMissingError


@pytest.fixture(autouse=True)
def _look_again() -> Iterator[None]:
    """What was found on this machine is kept for the life of a process."""
    fonts._scan.cache_clear()
    yield
    fonts._scan.cache_clear()


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with typst's own Latin fonts only."""
    found = fonts.typst.Fonts
    monkeypatch.setattr(
        fonts.typst, "Fonts",
        lambda include_system_fonts, font_paths: found(
            include_system_fonts=False, font_paths=font_paths
        ),
    )  # fmt: skip


def test_this_machine_has_a_serif_and_a_sans() -> None:
    faces = fonts.find()
    assert faces.serif in fonts.SERIF
    assert faces.sans in fonts.SANS


def test_a_machine_without_fonts_is_told_how_to_get_them(no_fonts: None) -> None:
    with pytest.raises(FontsMissingError) as caught:
        fonts.find(())
    text = str(caught.value)
    assert "apt-get install fonts-noto-cjk" in text
    assert "JINGWEI_FONTS" in text
    assert "--format docx" in text


def test_a_folder_that_is_not_there_is_named(no_fonts: None, tmp_path: Path) -> None:
    with pytest.raises(FontsMissingError, match=str(tmp_path / "gone")):
        fonts.find((str(tmp_path / "gone"),))


def test_fonts_are_found_in_a_folder_of_ones_own(
    no_fonts: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
    if not there.exists():
        pytest.skip("needs Debian's fonts-noto-cjk")
    (tmp_path / there.name).symlink_to(there)
    monkeypatch.setenv("JINGWEI_FONTS", str(tmp_path))
    faces = fonts.find()
    assert faces.sans == faces.serif == "Noto Sans CJK SC"  # one stands in for the other


def test_no_pdf_is_made_without_fonts(no_fonts: None, bad_document: Document) -> None:
    with pytest.raises(FontsMissingError):
        pdf.write(bad_document)
    with pytest.raises(FontsMissingError):
        files.produce(bad_document)


def test_a_word_file_is_made_all_the_same(no_fonts: None, bad_document: Document) -> None:
    made = files.produce(bad_document, ("docx",))
    assert list(made) == ["docx"]
    assert made["docx"].startswith(b"PK")
