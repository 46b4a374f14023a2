"""The contract's service period is data; a demonstration runs a marked copy of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from hypothesis import given
from hypothesis import strategies as st

from jingwei.contract import actions, queries
from jingwei.contract.models import Contract
from jingwei.contract.period import shifted

TODAY = date(2026, 11, 23)
START, END = date(2022, 11, 1), date(2023, 10, 31)


@pytest.fixture
def folder(content_folder: Path) -> Path:
    """The shipped contract."""
    return content_folder / "contracts" / "jingan-2022"


@pytest.mark.django_db
def test_the_tenders_own_dates_stay_as_they_are(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    original = Contract.objects.get(copy_of=None)
    assert (original.period_start, original.period_end) == (START, END)
    assert original.title == "静安区区域卫生信息平台日常运维"
    assert original.client == "上海市静安区卫生信息中心"
    assert "L502" in original.source
    assert not original.demonstration


@pytest.mark.django_db
def test_loading_again_changes_nothing(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.load(folder, TODAY)
    assert Contract.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("day", [START, date(2023, 3, 1), END])
def test_loading_gives_the_contract_in_force_that_day(folder: Path, day: date) -> None:
    found = actions.load(folder, day)
    assert found is not None
    assert found.code == "jingan-2022"


@pytest.mark.django_db
@pytest.mark.parametrize("day", [START - timedelta(days=1), END + timedelta(days=1)])
def test_outside_the_period_no_contract_is_in_force(folder: Path, day: date) -> None:
    assert actions.load(folder, day) is None
    assert queries.current(day) is None


@pytest.mark.django_db
def test_the_copy_contains_today_and_is_marked(folder: Path) -> None:
    actions.load(folder, TODAY)
    copy = actions.ensure_demo_copy(TODAY)
    assert copy is not None
    assert (copy.period_start, copy.period_end) == (date(2026, 11, 1), date(2027, 10, 31))
    assert copy.demonstration
    assert copy.code == "jingan-2022-demo"
    assert copy.source.startswith("演示副本：原服务期 2022-11-01～2023-10-31 整体平移 4 年")
    assert copy.title == "静安区区域卫生信息平台日常运维"


@pytest.mark.django_db
def test_the_copy_is_made_once_a_service_year(folder: Path) -> None:
    actions.load(folder, TODAY)
    first = actions.ensure_demo_copy(TODAY)
    again = actions.ensure_demo_copy(date(2027, 10, 31))
    following = actions.ensure_demo_copy(date(2027, 11, 1))
    assert first is not None
    assert following is not None
    assert again == first
    assert (following.version, following.period_start) == (2, date(2027, 11, 1))
    assert queries.current(TODAY) == first, "the earlier copy stays"


@pytest.mark.django_db
def test_as_of_the_tenders_year_the_tenders_contract_counts(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    then = queries.current(date(2023, 5, 1))
    now = queries.current(TODAY)
    assert then is not None
    assert now is not None
    assert (then.demonstration, now.demonstration) == (False, True)
    assert now.copy_of == then


@pytest.mark.django_db
def test_a_copy_can_be_left_out_of_the_question(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    assert queries.current(TODAY, demonstration=False) is None


@pytest.mark.django_db
def test_no_copy_is_made_while_the_signed_contract_itself_runs(folder: Path) -> None:
    original = actions.load(folder, START)
    assert actions.ensure_demo_copy(START) == original
    assert Contract.objects.count() == 1


@pytest.mark.django_db
def test_a_signed_contract_comes_before_a_copy(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    renewal = Contract.objects.create(
        code="jingan-2026", title="续签", client="甲方",
        period_start=date(2026, 11, 1), period_end=date(2027, 10, 31),
    )  # fmt: skip
    assert queries.current(TODAY) == renewal


@pytest.mark.django_db
def test_of_two_versions_the_newer_counts(folder: Path) -> None:
    old = actions.load(folder, START)
    assert old is not None
    Contract.objects.create(
        code=old.code, version=2, title="补充协议", client=old.client,
        period_start=START, period_end=END,
    )  # fmt: skip
    found = queries.current(START)
    assert found is not None
    assert (found.version, found.title) == (2, "补充协议")


@pytest.mark.django_db
def test_without_any_contract_there_is_nothing_to_copy() -> None:
    assert actions.ensure_demo_copy(TODAY) is None


@pytest.mark.django_db
def test_a_contract_of_three_months_is_copied_only_where_it_fits() -> None:
    Contract.objects.create(
        code="short", title="短期", client="甲方",
        period_start=date(2022, 1, 1), period_end=date(2022, 3, 31),
    )  # fmt: skip
    assert actions.ensure_demo_copy(TODAY) is None
    assert actions.ensure_demo_copy(date(2026, 2, 1)) is not None


@pytest.mark.django_db
def test_all_versions_are_listed_the_latest_period_first(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    assert [row.demonstration for row in queries.contracts()] == [True, False]
    assert str(queries.contracts()[0]) == "静安区区域卫生信息平台日常运维 v1"


@pytest.mark.django_db
def test_the_original_of_a_copy_can_not_be_deleted(folder: Path) -> None:
    actions.load(folder, TODAY)
    actions.ensure_demo_copy(TODAY)
    with pytest.raises(ProtectedError):
        Contract.objects.get(copy_of=None).delete()


@pytest.mark.django_db
def test_a_period_out_of_order_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.create(code="x", title="x", client="x", period_start=END, period_end=START)


def test_the_period_keeps_its_months_over_a_leap_day() -> None:
    moved = shifted(date(2022, 3, 1), date(2023, 2, 28), date(2024, 2, 29))
    assert moved == (date(2023, 3, 1), date(2024, 2, 29), 1)


def test_a_period_that_starts_on_a_leap_day_starts_in_march_of_a_common_year() -> None:
    moved = shifted(date(2024, 2, 29), date(2025, 2, 28), date(2025, 6, 1))
    assert moved == (date(2025, 3, 1), date(2026, 2, 28), 1)


DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(start=DAYS, today=DAYS)
def test_a_year_long_period_always_finds_its_year(start: date, today: date) -> None:
    end = (start + timedelta(days=365)).replace(day=1) + timedelta(days=40)
    moved = shifted(start, end, today)
    assert moved is not None
    assert moved[0] <= today <= moved[1]
    assert abs((moved[1] - moved[0]) - (end - start)) <= timedelta(days=1)


@given(start=DAYS, length=st.integers(0, 800), today=DAYS)
def test_a_moved_period_contains_today_or_is_none(start: date, length: int, today: date) -> None:
    moved = shifted(start, start + timedelta(days=length), today)
    assert moved is None or moved[0] <= today <= moved[1]
