"""The table of kinds: names, numbers, and what a kind there is not says."""

from datetime import date

import pytest

from jingwei.reports import kinds
from jingwei.reports.errors import ReportError


def test_every_kind_is_named_and_labelled_once() -> None:
    assert {"daily", "monthly", "quarterly", "annual", "emergency", "fault"} <= set(kinds.KINDS)
    labels = [kind.label for kind in kinds.KINDS.values()]
    assert len(labels) == len(set(labels))
    assert all(kinds.of(name).name == name for name in kinds.KINDS)


@pytest.mark.parametrize(
    ("kind", "subject", "number"),
    [
        ("daily", "2023-01-20", "JAWS-RJ-20230120-01"),
        ("emergency", "YJ-2023-001", "JAWS-YJ-2023-001"),
    ],
)
def test_a_number_says_class_period_and_sequence(kind: str, subject: str, number: str) -> None:
    assert kinds.of(kind).number(subject) == number


def test_numbers_of_different_subjects_differ() -> None:
    made = {
        kinds.of("daily").number(date(2023, month, day).isoformat())
        for month in (1, 11) for day in (1, 11)
    }  # fmt: skip
    assert len(made) == 4


def test_an_unknown_kind_is_told_with_what_there_is() -> None:
    with pytest.raises(ReportError, match="可用：daily、monthly、quarterly"):
        kinds.of("weekly")
