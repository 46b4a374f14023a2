"""What every report about rounds has in common: frozen, in every format, honest when empty."""

import pytest
from round_making import AFTER, ELEMENTS, answered, done, hot, said, watched, world

from jingwei.accounts.models import User
from jingwei.reports import actions, files, kinds
from jingwei.reports.errors import ReportError
from jingwei.reports.kinds import ROUNDS
from jingwei.reports.snapshot import data_of, document_of, subject_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db

SUBJECTS = {
    "inspection": "2022-Q1", "precheck": "2023-01-21", "monthly-inspection": "2022-12",
    "monthly-exchange": "2022-12", "room-record": "2022-Q1", "ups-discharge": "2022-H1",
    "security-check": "2022-Q1", "archive": "2022",
}  # fmt: skip
NAMES = [kind.name for kind in ROUNDS]


@pytest.fixture
def people() -> tuple[User, User]:
    return world()


@pytest.fixture
def busy(people: tuple[User, User]) -> tuple[User, User]:
    """Some of everything was done."""
    wang, gu = people
    for duty, thing, moment in (
        ("hardware-inspection", "HW-001-1", "2023-01-12 09:30"),
        ("monthly-inspection", "APP-08", "2022-12-12 09:30"),
        ("ups-discharge", "HW-046-1", "2023-01-12 09:30"),
        ("security-check", "", "2023-01-13 09:30"), ("leak-check", "", "2023-01-14 09:30"),
        ("holiday-check", "", "2023-01-20 09:30"),
    ):  # fmt: skip
        record = done(duty, wang, moment, object=thing, fields=ELEMENTS)
        answered(record, gu)
    watched("HW-001-1", "server.online", Result.NORMAL)
    hot()
    return people


def test_all_eight_are_there() -> None:
    assert set(NAMES) == set(SUBJECTS)
    assert {kinds.of(name).asked for name in NAMES} != {""}
    assert len({kinds.of(name).number("2022-Q1") for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_period_is_told_and_never_in_order(name: str, people: tuple[User, User]) -> None:
    made = actions.build(name, SUBJECTS[name], people[0], AFTER)
    verdict, sentence = kinds.of(name).conclude(data_of(made)[1])
    assert verdict is not Result.NORMAL
    assert sentence
    text = said(document_of(made))
    assert "本期无" in text or "未采集" in text
    assert "签字确认" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_come_back_from_their_snapshot_as_they_were(
    name: str, busy: tuple[User, User]
) -> None:
    made = actions.build(name, SUBJECTS[name], busy[0], AFTER)
    assert data_of(made)[1] == kinds.of(name).facts(SUBJECTS[name], AFTER)
    assert subject_of(made) == SUBJECTS[name]
    assert actions.build(name, SUBJECTS[name], busy[0], AFTER).pk == made.pk


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_word_file_a_pdf_and_a_workbook(name: str, busy: tuple[User, User]) -> None:
    made = actions.build(name, SUBJECTS[name], busy[0], AFTER)
    written = files.produce(document_of(made))
    assert written["docx"][:2] == written["xlsx"][:2] == b"PK"
    assert written["pdf"][:5] == b"%PDF-"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "precheck"])
@pytest.mark.parametrize(
    "subject", ["", "2022", "2022-Q5", "2022-13", "2022-H3", "1999-Q1", "2022-Q1\0", "\ud800",
                "9" * 10_000, "2022-Q1/", "2022-Q1/HW-999-9", "/", "2098-Q1"],
)  # fmt: skip
def test_a_wrong_period_is_refused_with_how_it_is_written(
    name: str, subject: str, people: tuple[User, User]
) -> None:
    if (name, subject) == ("archive", "2022"):
        return  # it is the archive's own
    if name not in ("inspection", "ups-discharge"):
        subject = subject.replace("2022-Q1\0", "x\0")
    with pytest.raises(ReportError, match=r"[一-鿿]"):
        actions.build(name, subject, people[0], AFTER)
    assert "\0" not in kinds.of(name).number(subject)


@pytest.mark.parametrize("name", NAMES)
def test_a_period_to_come_is_refused(name: str, people: tuple[User, User]) -> None:
    ahead = {"inspection": "2022-Q4", "monthly-inspection": "2023-09", "precheck": "2023-09-29",
             "monthly-exchange": "2023-09", "room-record": "2022-Q4", "ups-discharge": "2022-H2",
             "security-check": "2022-Q4", "archive": "2023"}  # fmt: skip
    with pytest.raises(ReportError, match=r"还没有开始|没有合同覆盖"):
        actions.build(name, ahead[name], people[0], AFTER)


def test_a_number_keeps_class_period_and_object_and_nothing_else() -> None:
    assert kinds.of("inspection").number("2022-Q1/hw-046-1") == "JAWS-XJ-2022Q1-HW0461-01"
    assert kinds.of("archive").number(" 2022 ") == "JAWS-DA-2022-01"
    assert kinds.of("precheck").number("2023-01-21") == "JAWS-JQ-20230121-01"


def test_a_part_or_a_frame_is_never_the_paper_the_contract_asks_for(
    people: tuple[User, User],
) -> None:
    del people
    inspection, exchange = kinds.of("inspection"), kinds.of("monthly-exchange")
    assert inspection.proves(inspection.facts("2022-Q1", AFTER))
    assert not inspection.proves(inspection.facts("2022-Q1/SITE-1", AFTER))
    assert not exchange.proves(exchange.facts("2022-12", AFTER))
