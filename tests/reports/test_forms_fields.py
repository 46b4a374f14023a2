"""Fields of the desk's forms as paper shows them, and what every kind of report has to have."""

from datetime import date
from typing import Any

import pytest
from desk_making import at
from slip_making import AFTER, CHANGE, DEMAND, EOS, PERFORMANCE, TRAINING, Cast, opened
from test_forms_slips import base

from jingwei.assets.models import Institution
from jingwei.desk import forms as declared
from jingwei.desk.forms import FORMS, Field, Form, Type
from jingwei.desk.models import Kind
from jingwei.reports import kinds
from jingwei.reports.document import KeyValues, Paragraph, Table
from jingwei.reports.forms import parts, periods, tickets
from jingwei.reports.forms.facts import Attached, Entry, Slip, day
from jingwei.reports.forms.training import forms_of
from jingwei.reports.kinds import KINDS, ReportKind
from jingwei.terms import Result

SUBJECTS = ("2022", "2022-Q1", "2022-12", "GD-2022-00001", "2023-01-21")


# Every kind


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_has_a_label_and_numbers_that_never_change(kind: ReportKind) -> None:
    assert kind.label
    assert kind.number("2022-11-01") == kind.number("2022-11-01")
    assert kind.number("2022-11-01").startswith("JAWS-")
    assert kinds.of(kind.name) is kind


def test_no_two_kinds_give_one_number_to_a_subject() -> None:
    for subject in SUBJECTS:
        made = [kind.number(subject) for kind in KINDS.values()
                if kind.name not in ("emergency", "drill")]  # fmt: skip
        assert len(made) == len(set(made)), subject


def test_a_form_gives_different_subjects_different_numbers() -> None:
    for kind in (*kinds.SLIPS, *kinds.LEDGERS):
        assert len({kind.number(subject) for subject in SUBJECTS}) == len(SUBJECTS)


def test_what_is_asked_for_by_its_period_says_how_it_is_written() -> None:
    for kind in kinds.ASKED:
        assert "如" in kind.asked, kind.name


@pytest.mark.parametrize("kind", list(Kind))
def test_the_papers_of_a_ticket_are_kinds_there_are(kind: Kind) -> None:
    for each in kinds.of_ticket(kind):
        assert KINDS[each.name] is each


def test_periods_and_tickets_are_told_apart() -> None:
    assert periods.named(" GD-2022-00001")
    assert not any(periods.named(subject) for subject in ("2022", "2022-Q1", "", "gd", "JAWS-GD-"))


# Fields


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        (Field("a", "甲"), "x", "x"),
        (Field("a", "甲"), "", ""),
        (Field("a", "甲", Type.NUMBER, unit="条"), "12", "12 条"),
        (Field("a", "甲", Type.DATETIME), "2022-12-20T14:00:00+08:00", "2022-12-20 14:00"),
        (Field("a", "甲", Type.DATE), "2022-12-20", "2022-12-20"),
        (Field("a", "甲", Type.INSTITUTIONS), [], ""),
    ],
)
def test_a_value_is_shown_as_people_read_it(field: Field, value: Any, read: str) -> None:
    assert tickets.read(field, value) == read


@pytest.mark.django_db
def test_many_institutions_are_named_with_their_codes() -> None:
    for code, name in (("H01", "静安中心医院"), ("H02", "市北医院")):
        Institution.objects.create(code=code, name=name, area="S", kind="hospital-l2")
    field = Field("a", "机构", Type.INSTITUTIONS)
    assert tickets.read(field, ["H01", "H02", "H09"]) == "静安中心医院（H01）、市北医院（H02）、H09"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_every_declared_field_has_its_line_even_when_empty(form: Form) -> None:
    made = tickets.entries(form, {})
    assert [one.label for one in made] == [field.label for field in form.fields]
    assert [one.client for one in made] == [field.client for field in form.fields]
    assert all(one.text == "" for one in made)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "form", "values"),
    [
        (Kind.CHANGE, "change_other", CHANGE), (Kind.DEV_EFFORT, "dev_effort", DEMAND),
        (Kind.EOS_NOTICE, "eos_notice", EOS), (Kind.TRAINING, "training", TRAINING),
        (Kind.SERVICE_REQUEST, "performance", PERFORMANCE),
    ],
)  # fmt: skip
def test_what_was_filled_in_is_what_stands_there(
    kind: Kind, form: str, values: dict[str, object]
) -> None:
    said = forms_of(opened(Cast(), kind, form, values))
    held = declared.by_id(form)
    assert held is not None
    assert {name for name, text in said.items() if text} == set(values)
    for name, value in values.items():
        field = held.field(name)
        if field is not None and field.type in (Type.TEXT, Type.LONG, Type.CHOICE):
            assert said[name] == value


# Blocks


def test_files_stand_with_the_beginning_of_their_hash() -> None:
    held = Slip(**base(files=(Attached("照片", "面板.jpg", "ab" * 32),)))
    (table,) = parts.files(held)
    assert isinstance(table, Table)
    assert [cell.text for cell in table.rows[0].cells] == ["照片", "面板.jpg", "ab" * 8 + "…"]
    (line,) = parts.files(Slip(**base()))
    assert line == Paragraph("附件：本单无。")


def test_a_day_is_beijings() -> None:
    assert day(at("2022-12-06 00:10")) == date(2022, 12, 6)
    assert parts.at(AFTER, "王磊") == "2023-02-10 10:00 王磊"
    assert parts.at(None) == "—"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, None),
        ({"ended": False, "state": "处理中"}, "GD-2022-00001 处理中，未办结"),
        ({"cancelled": True, "state": "已撤销"}, "GD-2022-00001 已撤销"),
        ({"cancelled": True, "ended": False}, "GD-2022-00001 已撤销"),
    ],
)
def test_what_is_not_ended_is_never_in_order(more: dict[str, Any], verdict: str | None) -> None:
    found = parts.unended(Slip(**base(**more)))
    assert (found[1] if found else None) == verdict
    assert found is None or found[0] is not Result.NORMAL


def test_an_empty_script_is_said_to_be_none() -> None:
    assert parts.code("回退脚本", "") == Paragraph("回退脚本：本单无。")
    made = parts.code("执行脚本", "a\n\nb")
    assert isinstance(made, Table)
    assert [[cell.text for cell in row.cells] for row in made.rows] == [
        ["1", "a"], ["2", "　"], ["3", "b"],
    ]  # fmt: skip


LONG = "长" * 401


@pytest.mark.parametrize(
    ("text", "cell", "below"),
    [
        ("短", "短", 0),
        (LONG, "见下", 2),
        ("一\n二", "一\n二", 0),
        ("\n".join("一二三四五六七八九十百千"), "见下", 13),
        ("\n".join(["一"] * 6 + [""] * 6), "见下", 7),
    ],
)
def test_a_text_stands_in_its_row_or_whole_below_it(text: str, cell: str, below: int) -> None:
    held = Slip(**base(entries=(Entry("a", "说明", text), Entry("b", "其他", "x"))))
    grid, *rest = parts.fields(held)
    assert isinstance(grid, KeyValues)
    assert [held_.text for _, held_ in grid.pairs] == [cell, "x"]
    assert len(rest) == below


def test_fields_are_chosen_by_name_or_left_out_by_name() -> None:
    entries = tuple(Entry(key, key, "x") for key in ("a", "b", "c"))
    held = Slip(**base(entries=entries))

    def shown(*keys: str, but: tuple[str, ...] = ()) -> list[str]:
        grid = parts.fields(held, keys, but=but)[0]
        assert isinstance(grid, KeyValues)
        return [label for label, _ in grid.pairs]

    assert shown() == ["a", "b", "c"]
    assert shown("c", "a") == ["a", "c"]  # in the form's own order
    assert shown(but=("b",)) == ["a", "c"]
