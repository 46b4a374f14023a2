"""What is kept: JSON that comes back as it was, and a hash that does not depend on chance."""

import json
import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

import district_day
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingwei.reports.canonical import canonical, file_sha256, sha256
from jingwei.reports.daily.sheet import (
    Answer,
    FollowUp,
    Head,
    Incident,
    Issue,
    Item,
    Project,
    Revision,
    Section,
    Sheet,
)
from jingwei.reports.revive import from_json, to_json
from jingwei.terms import SHANGHAI, Result

texts = st.text(max_size=12)
moments = st.datetimes(
    datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(ZoneInfo("Asia/Shanghai"))
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
answers = st.builds(
    Answer, target=texts, label=texts, kind=texts, result=st.sampled_from(Result),
    id=st.none() | st.integers(1), reading=texts, threshold=texts, trend=texts, reason=texts,
    note=texts, at=st.none() | moments, source=texts, by=texts, late=st.booleans(),
    finding=st.none() | st.integers(1), files=st.integers(0, 9), took_ms=st.none() | numbers,
)  # fmt: skip
follow_ups = st.builds(FollowUp, at=moments, by=texts, text=texts)
incidents = st.builds(
    Incident, id=st.integers(1), target=texts, label=texts, item=texts, item_label=texts,
    result=st.sampled_from(Result), opened_at=moments, closed_at=st.none() | moments,
    follow_ups=st.lists(follow_ups, max_size=2).map(tuple), ticket=texts,
)  # fmt: skip
items = st.builds(
    Item, id=texts, label=texts, standard=texts, answers=st.lists(answers, max_size=3).map(tuple)
)
sections = st.builds(
    Section, id=texts, number=st.integers(1, 20), label=texts,
    items=st.lists(items, max_size=2).map(tuple),
)  # fmt: skip
heads = st.builds(
    Head, date=st.dates(), working_day=st.none() | st.booleans(), weather=texts,
    present=st.none() | st.lists(texts, max_size=3).map(tuple), started_at=st.none() | moments,
)  # fmt: skip
sheets = st.builds(
    Sheet, project=st.builds(Project, title=texts, client=texts, demonstration=st.booleans()),
    head=heads, sections=st.lists(sections, max_size=2).map(tuple),
    incidents=st.lists(incidents, max_size=2).map(tuple),
    coverage=st.dictionaries(texts, texts, max_size=2),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(sheets)
def test_a_sheet_comes_back_from_json_as_it_was(sheet: Sheet) -> None:
    kept = json.loads(canonical(to_json(sheet)))
    assert from_json(Sheet, kept) == sheet


@settings(max_examples=40, deadline=None)
@given(sheets)
def test_the_hash_is_the_same_after_a_round_trip(sheet: Sheet) -> None:
    kept = to_json(sheet)
    again = to_json(from_json(Sheet, json.loads(canonical(kept))))
    assert sha256(again) == sha256(kept)


def test_what_holds_its_default_is_left_out() -> None:
    kept = to_json(Answer("A", "甲", "server", Result.NORMAL))
    assert kept == {"target": "A", "label": "甲", "kind": "server", "result": "normal"}


def test_nobody_said_is_not_the_same_as_nobody_came() -> None:
    nobody = to_json(Head(date(2026, 11, 20), present=()))
    assert nobody["present"] == []
    assert "present" not in to_json(Head(date(2026, 11, 20)))


def test_a_field_of_a_later_version_is_passed_over() -> None:
    kept = to_json(Issue("N", 1, datetime(2026, 11, 20, tzinfo=SHANGHAI), "王磊"))
    assert from_json(Issue, kept | {"later": 1}).number == "N"


def test_a_missing_field_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(TypeError):
        from_json(Revision, {"version": "V1"})


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    assert sha256({"a": 1, "b": "二"}) == sha256({"b": "二", "a": 1})


def test_any_change_changes_the_hash(bad_sheet: Sheet) -> None:
    kept = to_json(bad_sheet)
    before = sha256(kept)
    kept["sections"][4]["items"][0]["answers"][0]["reading"] += " "
    assert sha256(kept) != before


def test_chinese_is_kept_as_text() -> None:
    assert canonical({"甲": "正常"}) == '{"甲":"正常"}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"value": value})


def test_a_file_is_hashed_by_its_bytes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a"
    path.write_bytes(b"")
    assert file_sha256(path).startswith("e3b0c44298fc1c14")


def test_a_day_of_the_district_stays_small(bad_sheet: Sheet) -> None:
    assert len(canonical(to_json(bad_sheet))) < 250_000
    assert len(bad_sheet.answers) > 780


def test_the_issue_of_a_report_comes_back() -> None:
    held = district_day.issue()
    assert from_json(Issue, to_json(held)) == held
