"""The declared forms and what they take: pure, so any nonsense may be thrown at them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.desk import forms
from jingwei.desk.forms import FORMS, REQUESTS, Field, Form, Type, check
from jingwei.desk.forms.check import identity_number
from jingwei.desk.models import Kind
from jingwei.terms import SHANGHAI

KNOWN = {"I-1", "APP-10", "HW-016-1", "DB-1", "王磊"}


def look(what: Type, text: str) -> str | None:
    """A register of five names."""
    del what
    key = text.split(" ", maxsplit=1)[0]
    return key if key in KNOWN else None


def one(kind: Type, **more: Any) -> Form:
    """A form of one field."""
    return Form("one", Kind.PROBLEM, "一", "", (Field("a", "甲栏", kind, **more),))


def value(kind: Type, given: object, **more: Any) -> object:
    """What is kept of a value."""
    found = check(one(kind, **more), {"a": given}, look)
    assert not found.errors
    return found.values.get("a")


def error(kind: Type, given: object, **more: Any) -> str:
    """What is said against a value."""
    found = check(one(kind, **more), {"a": given}, look)
    assert "a" not in found.values
    return found.errors["a"]


def test_the_tenders_nine_kinds_of_occasional_work_have_a_form_each() -> None:
    assert [form.label for form in REQUESTS] == [
        "数据手工导入", "数据错误查找与指导", "前置机软件或网络排查", "特殊需求统计报表",
        "卫健委报告单处理", "系统安全检查", "软件应用问题", "非定期知识转移培训",
        "性能优化调整与测试",
    ]  # fmt: skip
    assert {form.kind for form in REQUESTS} == {Kind.SERVICE_REQUEST}
    assert all(form.clause.startswith("L57") or "L580" in form.clause for form in REQUESTS)


def test_every_kind_but_the_incident_has_a_form() -> None:
    assert {kind for kind in Kind if not forms.of_kind(kind)} == {Kind.INCIDENT}
    assert [form.label for form in forms.of_kind(Kind.CHANGE)] == [
        "设备搬迁", "系统改造与升级", "设备扩容", "其他重大变更",
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_form_is_declared_well(form: Form) -> None:
    names = [field.name for field in form.fields]
    assert len(names) == len(set(names))
    assert len(form.id) <= 32
    assert forms.by_id(form.id) is form
    for field in form.fields:
        assert bool(field.choices) == (field.type is Type.CHOICE), field.name
        assert not (field.required and (field.closing or field.client)), field.name


def test_form_ids_are_unique() -> None:
    assert len({form.id for form in FORMS}) == len(FORMS)
    assert forms.by_id("nothing") is None


def test_a_change_says_how_it_goes_back_and_keeps_what_the_tender_protects() -> None:
    for form in forms.of_kind(Kind.CHANGE):
        required = {field.name for field in form.fields if field.required}
        assert {"plan", "rollback", "affected", "window_from", "window_to"} <= required
        assert {"structure", "communication", "management"} <= required, "L707"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("12", "12"), ("012", "12"), (" 7.00 ", "7"), (3, "3"), (Decimal("1E+2"), "100"), ("0", "0")],
)
def test_a_number_is_kept_plainly(given: object, kept: str) -> None:
    assert value(Type.NUMBER, given) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("十", "须为数字"), ("-1", "0 到"), ("1.5", "须为整数"), ("NaN", "0 到"), ("1e99", "0 到"),
        ("Infinity", "0 到"), (True, "须为文字"), ([1], "须为文字"), ("1" * 300, "不超过 200 字"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_told(given: object, said: str) -> None:
    assert said in error(Type.NUMBER, given)


def test_a_fraction_has_two_places() -> None:
    assert value(Type.NUMBER, "2.50", whole=False) == "2.5"
    assert "两位小数" in error(Type.NUMBER, "2.505", whole=False)
    assert "0 到 10 之间" in error(Type.NUMBER, "11", most=10)


@pytest.mark.parametrize("given", ["2023-01-20", date(2023, 1, 20)])
def test_a_date_is_kept_as_iso(given: object) -> None:
    assert value(Type.DATE, given) == "2023-01-20"


@pytest.mark.parametrize("given", ["0001-01-01", "9999-12-31", "2023-02-30", "昨天", "20/1/2023"])
def test_a_date_out_of_reach_or_shape_is_told(given: str) -> None:
    assert error(Type.DATE, given).startswith("甲栏须")


def test_an_instant_without_a_zone_is_meant_in_shanghai() -> None:
    assert value(Type.DATETIME, "2023-01-20T17:20") == "2023-01-20T17:20:00+08:00"
    assert value(Type.DATETIME, "2023-01-20T09:20:31+00:00") == "2023-01-20T17:20:00+08:00"
    at = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)
    assert value(Type.DATETIME, at) == "2023-01-20T17:20:00+08:00"
    assert "2023-01-20 17:20" in error(Type.DATETIME, "17:20")
    assert "2000 年到 2100 年" in error(Type.DATETIME, "0001-01-01T00:00")


def test_a_choice_names_what_may_be_chosen() -> None:
    assert value(Type.CHOICE, "好", choices=("好", "坏")) == "好"
    assert error(Type.CHOICE, "中", choices=("好", "坏")) == "甲栏须为：好、坏"


@pytest.mark.parametrize(
    "kind", [Type.INSTITUTION, Type.APPLICATION, Type.DATABASE, Type.TARGET, Type.PERSON]
)
def test_what_the_register_does_not_know_is_told(kind: Type) -> None:
    assert "登记里没有" in error(kind, "NOPE-9")


def test_the_register_answers_with_its_key() -> None:
    assert value(Type.TARGET, "HW-016-1 华为存储") == "HW-016-1"
    assert value(Type.INSTITUTIONS, ["I-1", "", "I-1"]) == ["I-1"]
    assert "须为机构清单" in error(Type.INSTITUTIONS, "I-1")
    assert "登记里没有机构“X”" in error(Type.INSTITUTIONS, ["X"])


def test_a_required_field_is_asked_for_and_an_unknown_one_refused() -> None:
    assert check(one(Type.TEXT, required=True), {}, look).errors == {"a": "请填写甲栏"}
    assert check(one(Type.TARGET, required=True), {"a": " "}, look).errors == {"a": "请选择甲栏"}
    assert "没有字段“b”" in check(one(Type.TEXT), {"b": "x"}, look).errors["b"]


def test_what_must_be_done_by_the_end_is_owed_only_then() -> None:
    form = one(Type.TEXT, closing=True)
    assert not check(form, {}, look).errors
    assert forms.unfinished(form, {}) == {"a": "请填写甲栏"}
    assert forms.unfinished(form, {"a": "好"}) == {}
    assert forms.unfinished(one(Type.TEXT, client=True), {}) == {}, "the client's word is his"


def test_a_period_ends_after_it_begins() -> None:
    form = forms.by_id("data_import")
    assert form is not None
    found = check(form, {"period_from": "2023-02-01", "period_to": "2023-01-31"}, look)
    assert found.errors["period_to"] == "业务日期止不能早于业务日期起"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "好" * 201])
def test_what_no_database_keeps_is_told(text: str) -> None:
    assert error(Type.TEXT, text).startswith("甲栏")


def test_a_residents_identity_number_is_refused_but_not_any_long_number() -> None:
    assert "居民身份证号" in error(Type.LONG, "病人 11010519491231002X 的处方")
    assert value(Type.LONG, "流水号 110105194912310021") == "流水号 110105194912310021"
    assert not identity_number("1" * 17)


def test_values_are_shown_as_people_read_them() -> None:
    assert forms.shown(Field("a", "甲", Type.NUMBER, unit="条"), "12") == "12 条"
    assert forms.shown(Field("a", "甲", Type.INSTITUTIONS), ["A", "B"]) == "A、B"
    at = "2023-01-20T09:20:00+00:00"
    assert forms.shown(Field("a", "甲", Type.DATETIME), at) == "2023-01-20 17:20"


ANY = st.one_of(
    st.none(), st.text(max_size=40), st.integers(), st.floats(), st.booleans(), st.binary(),
    st.dates(), st.datetimes(), st.decimals(), st.lists(st.text(max_size=5), max_size=3),
)  # fmt: skip


@given(st.sampled_from(FORMS), st.data())
def test_nothing_written_into_a_form_ever_breaks_it(form: Form, data: st.DataObject) -> None:
    names = st.sampled_from([field.name for field in form.fields])
    written = data.draw(st.dictionaries(st.one_of(names, st.text(max_size=5)), ANY, max_size=6))
    found = check(form, written, look)
    assert set(found.values) <= {field.name for field in form.fields}
    assert all(isinstance(text, str) and text for text in found.errors.values())
    for name in form.fields:
        if name.required:
            assert name.name in found.values or name.name in found.errors


@given(st.sampled_from(FORMS), st.data())
def test_what_is_kept_is_taken_again_unchanged(form: Form, data: st.DataObject) -> None:
    names = [field.name for field in form.fields]
    written = data.draw(st.dictionaries(st.sampled_from(names), ANY, max_size=6))
    kept = check(form, written, look).values
    again = check(form, kept, look)
    assert {name: again.values[name] for name in kept} == kept


@given(st.decimals(min_value=0, max_value=1000, places=2))
def test_a_number_means_what_was_written(number: Decimal) -> None:
    kept = value(Type.NUMBER, str(number), whole=False)
    assert number == 0 or Decimal(str(kept)) == number
