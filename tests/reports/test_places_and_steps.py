"""Places a person decides, found and filled; which step may follow which; Word's own shapes."""

from itertools import pairwise
from typing import Any

import pytest
from account_making import ISSUE, empty, whole
from desk_making import at, client
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from report_making import ready
from slip_making import AFTER, Cast, changed

from jingwei.accounts.models import User
from jingwei.reports import actions, kinds, periodic, queries
from jingwei.reports.document import (
    BY_HAND,
    Cell,
    Column,
    Cover,
    Document,
    Heading,
    KeyValues,
    Meta,
    Note,
    Paragraph,
    Party,
    Row,
    Table,
)
from jingwei.reports.docx import table as shapes
from jingwei.reports.docx import xml
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.life import DONE, FOLLOWS, ON_PAPER, OPEN, OUT, REVIEWED_FIRST
from jingwei.reports.models import Report, ReportState
from jingwei.reports.statements import filled, places
from jingwei.terms import Result


def tree(*blocks: Any) -> Document:
    """A document of these blocks."""
    meta = Meta("项目", "报告", "JAWS-1", 1, "静卫", at("2023-02-10 10:00"))
    return Document(meta, Cover(()), blocks)


def texts(document: Document) -> list[str]:
    """Every text of a document in order."""
    found = []
    for block in document.blocks:
        if isinstance(block, Paragraph | Note | Heading):
            found.append(block.text)
        if isinstance(block, Table):
            found += [cell.text for row in block.rows for cell in row.cells]
        if isinstance(block, KeyValues):
            found += [cell.text for _, cell in block.pairs]
    return found


# Places


def test_places_are_found_wherever_a_text_may_stand() -> None:
    columns = (Column("甲", 1), Column("乙", 1))
    made = tree(
        Heading(1, "一、概况"), Paragraph(f"评价：{BY_HAND}"), Note(f"注：{BY_HAND}"),
        KeyValues((("容量", Cell(BY_HAND)), ("结论", Cell("正常"))), 2),
        Table(columns, (Row((Cell("x"), Cell(f"说明 {BY_HAND}"))),), "表"),
    )  # fmt: skip
    found = places(made)
    assert [each.label for each in found] == ["评价", "注", "一、概况", "说明"]
    assert {each.heading for each in found} == {"一、概况"}
    assert len({each.key for each in found}) == 4


def test_equal_words_under_one_heading_are_two_places() -> None:
    made = tree(Heading(1, "一"), Paragraph(f"评价：{BY_HAND}"), Paragraph(f"评价：{BY_HAND}"))
    first, second = places(made)
    assert first.key != second.key
    done = filled(made, {second.key: "好"})
    assert texts(done)[1:] == [f"评价：{BY_HAND}", "评价：好"]


def test_a_place_keeps_its_key_when_the_rest_of_the_report_changes() -> None:
    one = tree(Heading(1, "一"), Paragraph(f"评价：{BY_HAND}"))
    other = tree(Heading(1, "零"), Paragraph("新"), Heading(1, "一"), Paragraph("多一句"),
                 Paragraph(f"评价：{BY_HAND}"))  # fmt: skip
    assert places(one)[0].key == places(other)[0].key


@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda t: BY_HAND not in t), min_size=1,
                max_size=5))  # fmt: skip
def test_what_is_written_stands_there_and_nothing_is_left_open(written: list[str]) -> None:
    made = tree(*(Paragraph(f"{n}：{BY_HAND}") for n in range(len(written))))
    keys = [each.key for each in places(made)]
    done = filled(made, dict(zip(keys, written, strict=True)))
    assert places(done) == ()
    assert texts(done) == [f"{n}：{text}" for n, text in enumerate(written)]


def test_a_key_there_is_not_changes_nothing() -> None:
    made = tree(Paragraph(f"评价：{BY_HAND}"))
    assert filled(made, {"x": "好"}) == made
    assert filled(made, {}) is made


@pytest.mark.parametrize("draw", [periodic.monthly, periodic.quarterly, periodic.annual])
def test_every_periodic_report_leaves_its_judgement_to_a_person(draw: Any) -> None:
    for held in (whole(), empty()):
        made = draw(held, ISSUE, draft=True)
        found = places(made)
        assert found
        assert all(each.label for each in found)
        done = filled(made, {each.key: "已写" for each in found})
        assert places(done) == ()
        assert not any(BY_HAND in text for text in texts(done))


# Steps


def test_each_state_is_open_with_the_client_or_done() -> None:
    groups = (OPEN, OUT, DONE, {ReportState.RETURNED})
    assert sum(len(group) for group in groups) == len(ReportState)
    assert set(FOLLOWS) <= set(ReportState.values)
    assert ReportState.RETURNED not in FOLLOWS
    assert ReportState.ARCHIVED not in FOLLOWS


def test_what_goes_on_paper_is_read_by_somebody_else_first() -> None:
    assert ON_PAPER <= REVIEWED_FIRST
    assert REVIEWED_FIRST - {"performance"} <= set(kinds.KINDS)
    assert "performance" in kinds.KINDS


STEPS = ("review", "submit", "deliver", "sign", "return", "archive")


def step(report: Report, name: str, cast: Cast) -> Report:
    """One step by whoever may make it."""
    if name == "review":
        return ready(report, AFTER)
    if name == "deliver":
        return actions.deliver(report, AFTER, "孙医生", cast.wang, AFTER)
    if name == "sign":
        return actions.sign(report, cast.gu, AFTER)
    if name == "return":
        return actions.return_(report, "请补附件", cast.gu, AFTER)
    act = actions.submit if name == "submit" else actions.archive
    return act(report, cast.wang, AFTER)


WAYS = {
    "draft": (), "reviewed": ("review",), "submitted": ("review", "submit"),
    "delivered": ("review", "submit", "deliver"), "signed": ("review", "submit", "sign"),
    "returned": ("review", "submit", "return"), "archived": ("review", "submit", "sign", "archive"),
}  # fmt: skip
AFTERWARDS = {"review": "reviewed", "submit": "submitted", "deliver": "delivered",
              "sign": "signed", "return": "returned", "archive": "archived"}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("state", list(WAYS))
def test_from_every_state_only_the_next_steps_are_possible(state: str) -> None:
    cast = Cast()
    held = actions.build("change-record", changed(cast).number, cast.wang, AFTER)
    for name in WAYS[state]:
        held = step(held, name, cast)
    assert held.state == state
    for name in STEPS:
        if AFTERWARDS[name] in FOLLOWS.get(state, ()):
            continue
        with pytest.raises((FrozenError, ReportError), match=r"[一-鿿]"):
            step(held, name, cast)
        held.refresh_from_db()
        assert held.state == state


@pytest.mark.django_db
def test_the_steps_of_a_life_are_told_in_their_order() -> None:
    cast = Cast()
    held = actions.build("change-record", changed(cast).number, cast.wang, AFTER)
    for name in ("review", "submit", "deliver", "sign", "archive"):
        held = step(held, name, cast)
    told = [one.state for one in held.steps.order_by("id")]
    assert told == ["reviewed", "submitted", "delivered", "signed", "archived"]
    assert all(then in FOLLOWS[first] for first, then in pairwise(told))
    assert queries.verify(held).problems == ()
    assert {path.suffix for path in queries.folder().iterdir()} >= {".docx", ".pdf"}


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "字" * 1001])
def test_a_return_without_a_readable_reason_is_refused(text: str) -> None:
    cast = Cast()
    held = actions.build("change-record", changed(cast).number, cast.wang, AFTER)
    held = step(step(held, "review", cast), "submit", cast)
    with pytest.raises(ReportError, match="退回的原因"):
        actions.return_(held, text, cast.gu, AFTER)
    held.refresh_from_db()
    assert held.state == ReportState.SUBMITTED


@pytest.mark.django_db
def test_the_provider_never_signs_and_the_client_never_submits() -> None:
    cast = Cast()
    held = step(actions.build("change-record", changed(cast).number, cast.wang, AFTER),
                "review", cast)  # fmt: skip
    with pytest.raises(ReportError, match="不能提交"):
        actions.submit(held, cast.gu, AFTER)
    held = step(held, "submit", cast)
    for by in (cast.wang, cast.li):
        with pytest.raises(ReportError, match="不能签收"):
            actions.sign(held, by, AFTER)
    inactive = client("away")
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    inactive.refresh_from_db()
    with pytest.raises(ReportError, match="不能签收"):
        actions.sign(held, inactive, AFTER)


# Word


def test_columns_share_the_width_of_the_page_as_asked() -> None:
    made = shapes.table(Table((Column("甲", 1), Column("乙", 3)), (), "表"), 160.0)
    widths = [int(one.get(qn("w:w"))) for one in made.iter(qn("w:gridCol"))]
    assert widths == [int(xml.twips(40.0)), int(xml.twips(120.0))]


@given(st.lists(st.floats(0.5, 20), min_size=1, max_size=9), st.integers(0, 12))
def test_every_row_of_a_table_is_kept_whole(shares: list[float], rows: int) -> None:
    columns = tuple(Column(str(n), share) for n, share in enumerate(shares))
    row = Row(tuple(Cell("x") for _ in columns))
    made = shapes.table(Table(columns, (row,) * rows, "表"), 160.0)
    found = list(made.iter(qn("w:tr")))
    assert len(found) == rows + 1
    assert all(one.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for one in found)
    headers = [one for one in found if one.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
    assert headers == found[:1]


def test_a_row_that_opens_a_group_stays_with_the_next() -> None:
    columns = (Column("甲", 1),)
    rows = (Row((Cell("总则", strong=True),), head=True), Row((Cell("一"),)))
    made = shapes.table(Table(columns, rows, "表"), 160.0)
    _, head, line = made.iter(qn("w:tr"))
    assert list(head.iter(qn("w:keepNext")))
    assert not list(line.iter(qn("w:keepNext")))


@pytest.mark.parametrize("state", list(Result))
def test_each_state_has_its_colour_and_what_is_wrong_is_bold(state: Result) -> None:
    row = Row((Cell("x", state=state),))
    made = shapes.table(Table((Column("甲", 1),), (row,), "表"), 160.0)
    last = list(made.iter(qn("w:tr")))[-1]
    (colour,) = {one.get(qn("w:val")) for one in last.iter(qn("w:color"))}
    assert colour == shapes.COLOURS[state]
    bold = bool(list(last.iter(qn("w:b"))))
    assert bold is (state in (Result.ABNORMAL, Result.ATTENTION))


def test_a_form_of_one_pair_a_row_fills_the_page() -> None:
    made = shapes.key_values(KeyValues((("甲", Cell("1")), ("乙", Cell("2"))), 1), 160.0)
    assert len(list(made.iter(qn("w:tr")))) == 2
    total = sum(int(one.get(qn("w:w"))) for one in made.iter(qn("w:gridCol")))
    assert total == pytest.approx(int(xml.twips(160.0)), abs=2)


def test_those_who_sign_share_the_width() -> None:
    parties = tuple(Party(name, ("签　字：____",)) for name in ("甲", "乙", "丙"))
    made = shapes.signatures(parties, 159.0)
    widths = {one.get(qn("w:w")) for one in made.iter(qn("w:gridCol"))}
    assert widths == {xml.twips(53.0)}


def test_what_a_person_writes_is_red_and_the_words_around_it_are_not() -> None:
    runs = xml.text_runs(f"评价：{BY_HAND}。{BY_HAND}", xml.run_properties(size=10.5))
    said = ["".join(t.text or "" for t in run.iter(qn("w:t"))) for run in runs]
    assert said == ["评价：", BY_HAND, "。", BY_HAND]
    red = [any(c.get(qn("w:val")) == xml.RED for c in run.iter(qn("w:color"))) for run in runs]
    assert red == [False, True, False, True]
