"""The suggested severity: the whole matrix, and that it never gets milder as things get worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.sla.priority import IMPACTS, URGENCIES, suggest
from jingwei.terms.incident import Severity

WORST_FIRST = list(Severity)
impacts, urgencies = st.sampled_from(list(IMPACTS)), st.sampled_from(list(URGENCIES))


@pytest.mark.parametrize(
    ("impact", "priorities"),
    [
        ("district", ["P1", "P2", "P3"]),
        ("institution", ["P2", "P3", "P4"]),
        ("person", ["P3", "P4", "P4"]),
    ],
)
def test_the_matrix_is_the_one_of_the_domain_rules(impact: str, priorities: list[str]) -> None:
    found = [suggest(impact, urgency) for urgency in ("stopped", "limited", "can_wait")]
    assert [one.priority for one in found] == priorities
    assert [one.severity for one in found] == WORST_FIRST


@given(impacts, urgencies, st.booleans())
def test_the_reason_names_what_it_was_drawn_from(impact: str, urgency: str, core: bool) -> None:
    found = suggest(impact, urgency, core=core)
    for word in (IMPACTS[impact], URGENCIES[urgency], found.severity.label, found.priority):
        assert word in found.reason
    assert ("应急事件" in found.reason) == found.emergency


@given(impacts, urgencies, urgencies)
def test_more_urgent_is_never_milder(impact: str, one: str, other: str) -> None:
    worse, milder = sorted((one, other), key=list(URGENCIES).index)
    first, second = suggest(impact, worse), suggest(impact, milder)
    assert WORST_FIRST.index(first.severity) <= WORST_FIRST.index(second.severity)
    assert first.priority <= second.priority


@given(impacts, impacts, urgencies)
def test_wider_is_never_later(one: str, other: str, urgency: str) -> None:
    wider, narrower = sorted((one, other), key=list(IMPACTS).index)
    assert suggest(wider, urgency).priority <= suggest(narrower, urgency).priority


@given(impacts, urgencies)
def test_being_a_core_system_changes_no_grade_only_asks_about_an_emergency(
    impact: str, urgency: str
) -> None:
    plain, core = suggest(impact, urgency), suggest(impact, urgency, core=True)
    assert (plain.severity, plain.priority) == (core.severity, core.priority)
    assert not plain.emergency
    assert core.emergency == (urgency == "stopped" and impact != "person")


@pytest.mark.parametrize(("impact", "urgency"), [("", "stopped"), ("district", "soon")])
def test_an_unknown_word_is_refused_and_the_known_ones_are_named(impact: str, urgency: str) -> None:
    with pytest.raises(ValueError, match="无法识别，应为") as refused:
        suggest(impact, urgency)
    assert ("district" if not impact else "can_wait") in str(refused.value)
