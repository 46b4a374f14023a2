"""Warranty as of a date, against the analyst's computed columns."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.assets import queries
from jingwei.assets.models import AssetRow
from jingwei.assets.queries.warranty import IN, OUT, month_end, warranty

START, END = date(2022, 11, 1), date(2023, 10, 31)


def row(month: date, years: int, tender: str) -> AssetRow:
    return AssetRow(purchase_month=month, warranty_years=years, tender_status=tender)


def test_a_warranty_covers_the_last_day_of_its_last_month() -> None:
    known = row(date(2019, 11, 1), 3, "保内")
    assert warranty(known, date(2022, 11, 30)).derived == IN
    assert warranty(known, date(2022, 11, 30)).days_left == 0
    assert warranty(known, date(2022, 12, 1)).derived == OUT
    assert warranty(known, date(2022, 12, 1)).days_left == -1


def test_a_month_in_a_leap_year_ends_on_its_29th() -> None:
    assert month_end(date(2021, 2, 1), 3) == date(2024, 2, 29)
    assert month_end(date(2024, 2, 1), 1) == date(2025, 2, 28)


def test_the_words_say_who_repairs() -> None:
    day = date(2022, 11, 1)
    assert "中标商负责维修，含备件与人工" in warranty(row(date(2013, 1, 1), 3, "过保"), day).meaning
    assert "联系厂商保修" in warranty(row(date(2020, 11, 1), 3, "保内"), day).meaning


def test_a_lapsed_warranty_the_tender_calls_valid_is_to_be_settled_with_the_client() -> None:
    known = warranty(row(date(2019, 10, 1), 3, "保内"), date(2022, 11, 1))
    assert not known.agrees
    assert known.derived == OUT
    assert "招标文件写“保内”" in known.meaning
    assert "须与甲方确认" in known.meaning
    assert known.left == "已过 1 天"


def test_a_valid_warranty_the_tender_calls_lapsed_is_to_be_settled_too() -> None:
    known = warranty(row(date(2021, 10, 1), 3, "过保"), date(2022, 11, 1))
    assert not known.agrees
    assert "招标文件写“过保”" in known.meaning
    assert known.left.startswith("剩 ")


def test_the_basis_says_that_the_day_is_unknown() -> None:
    assert "未写日" in warranty(row(date(2021, 10, 1), 3, "过保"), START).basis


@given(
    st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    st.integers(0, 10),
    st.dates(date(2000, 1, 1), date(2045, 12, 31)),
)
def test_the_dates_and_the_word_never_contradict_each_other(
    month: date, years: int, as_of: date
) -> None:
    known = warranty(row(month.replace(day=1), years, "保内"), as_of)
    assert (known.days_left >= 0) == known.in_warranty
    assert (known.ends + timedelta(days=1)).day == 1
    assert known.ends.year == month.year + years
    assert known.ends.month == month.month


@pytest.mark.usefixtures("register")
def test_every_row_meets_the_analysts_computed_columns(contract_folder: Path) -> None:
    with (contract_folder / "assets.csv").open(encoding="utf-8-sig", newline="") as file:
        expected = {line["asset_id"]: line for line in csv.DictReader(file)}
    rows = {one.code: one for one in AssetRow.objects.all()}
    assert len(rows) == len(expected) == 54
    for code, line in expected.items():
        assert warranty(rows[code], START).derived == line["computed_status_2022_11"], code
        assert warranty(rows[code], END).derived == line["computed_status_2023_10"], code
        assert f"{warranty(rows[code], START).ends:%Y-%m}" == line["warranty_end_ym"], code
        flag = {
            (True, True): "LAPSED_BEFORE_START",
            (False, True): "LAPSES_DURING_SERVICE",
        }.get(
            (
                not warranty(rows[code], START).in_warranty and line["status"] == "保内",
                not warranty(rows[code], END).in_warranty and line["status"] == "保内",
            ),
            "",
        )
        assert flag == line["status_flag"], code


@pytest.mark.usefixtures("register")
def test_the_summary_meets_the_tenders_numbers() -> None:
    counted = queries.summary(START, start=START, end=END)
    expected = {
        "rows": 54,
        "units": 172,
        "tender_in_warranty_units": 87,
        "tender_out_of_warranty_units": 85,
        "in_warranty_units": 23,
        "out_of_warranty_units": 149,
        "lapsed_before_start_units": 64,
        "lapses_during_service_units": 9,
        "applications": 25,
        "systems": 22,
        "institutions": 24,
        "sample_institutions": 24,
        "sites": 3,
    }
    assert {name: counted[name] for name in expected} == expected


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("as_of", "units"),
    [("2022-10-31", 87), ("2023-10-31", 14), ("2023-11-30", 14), ("2023-12-01", 0)],
)
def test_units_in_warranty_change_with_the_date_and_the_tenders_word_does_not(
    as_of: str, units: int
) -> None:
    counted = queries.summary(date.fromisoformat(as_of))
    assert counted["in_warranty_units"] == units
    assert counted["tender_in_warranty_units"] == 87


@pytest.mark.usefixtures("register")
def test_without_a_service_period_what_depends_on_it_is_not_agreed() -> None:
    counted = queries.summary(START)
    assert counted["lapsed_before_start_units"] is None
    assert counted["lapses_during_service_units"] is None
