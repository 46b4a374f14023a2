"""Units and how values are shown."""

import pytest

from jingwei.probes.units import UNITS as PROBE_UNITS
from jingwei.rules import units


def test_every_unit_a_probe_may_give_is_known_to_rules() -> None:
    assert [unit for unit in PROBE_UNITS if not units.known(unit)] == []


def test_an_unknown_unit_is_told_with_a_near_one_and_all_there_are() -> None:
    assert not units.known("celsius")
    assert "是不是 “min”？" in units.expected("mins")
    assert "°C" in units.expected("celsius")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (29.4, "°C", "29.4 ℃"),
        (18.0, "°C", "18 ℃"),
        (96.237, "%", "96.24 %"),
        (1234.56, "ms", "1234.6 ms"),
        (1000.0, "ms", "1000 ms"),
        (12, "count", "12"),
        (120.5, "d", "120.5 天"),
        (True, "", "是"),
        (False, "", "否"),
        ("pre-fail", "", "pre-fail"),
        (-127, "°C", "-127 ℃"),
        (0.004, "s", "0 s"),
        (5, "furlong", "5 furlong"),
    ],
)
def test_a_value_is_shown_as_people_write_it(value: float | str, unit: str, text: str) -> None:
    assert units.shown(value, unit) == text
