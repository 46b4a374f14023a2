"""Fixtures of the reports. What they make is in report_making.py and district_day.py."""

# ruff: noqa: PLC0415  # a conftest is read before Django is ready

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from report_making import Day

    from jingwei.accounts.models import User
    from jingwei.reports.daily.sheet import Sheet
    from jingwei.reports.document import Document

# What tests of the desk and of the pages are made of serves the reports too.
for _room in ("desk", "web"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / _room))


@pytest.fixture(scope="session")
def good_sheet() -> "Sheet":
    """A finished working day on which nothing is wrong."""
    import district_day

    return district_day.sheet(district_day.ROUTINE)


@pytest.fixture(scope="session")
def bad_sheet() -> "Sheet":
    """A day with four exceptions and one healed finding."""
    import district_day

    return district_day.bad_day(district_day.ROUTINE)


@pytest.fixture(scope="session")
def bad_document(bad_sheet: "Sheet") -> "Document":
    """The report of the bad day, submitted."""
    import district_day

    from jingwei.reports import daily

    return daily.document(bad_sheet, district_day.issue(), draft=False)


@pytest.fixture(scope="session")
def bad_docx(bad_document: "Document") -> bytes:
    """Its Word file, with page numbers in the contents."""
    from jingwei.reports import docx, pdf

    return docx.write(bad_document, pdf.heading_pages(bad_document))


@pytest.fixture(scope="session")
def bad_pdf(bad_document: "Document") -> bytes:
    """Its PDF."""
    from jingwei.reports import pdf

    return pdf.write(bad_document)


@pytest.fixture
def make_user(db: None) -> "Callable[..., User]":
    """Somebody with a role."""
    from jingwei.accounts.models import User

    def make(role: str, name: str = "") -> User:
        made, _ = User.objects.get_or_create(
            username=role, defaults={"role": role, "full_name": name or role}
        )
        return made

    return make


@pytest.fixture
def engineer(make_user: "Callable[..., User]") -> "User":
    """Builds and submits."""
    return make_user("first_line", "王磊")


@pytest.fixture
def client_side(make_user: "Callable[..., User]") -> "User":
    """Signs and returns."""
    return make_user("client_approver", "张主任")


@pytest.fixture
def day(db: None) -> "Day":
    """A room too hot and an application in order, answered on the morning of a Friday."""
    from report_making import make_day

    return make_day()


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Path) -> None:
    """Submitted files go to a folder of the test's own."""
    settings.JINGWEI_DATA = tmp_path / "data"
