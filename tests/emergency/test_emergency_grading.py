"""The level that is suggested: HIS and PACS, other core systems, several areas, other places."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jingwei.emergency.grading import Scope, suggest
from jingwei.emergency.models import Level


@pytest.mark.parametrize("system", ["区域PACS（北片）", "医院 his 系统", "PACS-S"])
def test_what_the_definition_names_is_level_one(system: str) -> None:
    found = suggest(Scope(system, core="yes"))
    assert found.level is Level.ONE
    assert "L689" in found.reason
    assert found.doubt == ""


@pytest.mark.parametrize("core", ["yes", "proposed"])
def test_another_core_system_is_level_two_and_the_doubt_is_named(core: str) -> None:
    found = suggest(Scope("区域平台（一期）", core=core, institutions=23, areas=2))
    assert found.level is Level.TWO
    assert found.doubt.startswith("A04")


def test_a_proposed_core_system_says_who_must_confirm_the_list() -> None:
    assert "待甲方确认" in suggest(Scope("预防接种", core="proposed")).reason


@pytest.mark.parametrize(("institutions", "areas"), [(2, 0), (0, 2), (15, 2)])
def test_several_areas_are_level_two(institutions: int, areas: int) -> None:
    found = suggest(Scope("人力资源", institutions=institutions, areas=areas))
    assert found.level is Level.TWO
    assert "L688" in found.reason


def test_one_institution_with_an_ordinary_system_is_no_emergency() -> None:
    found = suggest(Scope("人力资源", institutions=1, areas=1))
    assert found.level is None
    assert "故障表" in found.reason


def test_the_clauses_know_no_other_place() -> None:
    found = suggest(Scope("区域PACS", core="yes", site="SITE-3"))
    assert (found.level, found.doubt) == (None, "A34")


def test_a_reach_nobody_registered_is_not_taken_for_a_small_one() -> None:
    found = suggest(Scope("医疗服务监管系统", institutions=None))
    assert found.level is None
    assert "未登记覆盖机构" in found.reason
    assert suggest(Scope("医疗服务监管系统", institutions=None, areas=2)).level is Level.TWO


@given(
    system=some.text(max_size=20), core=some.sampled_from(["yes", "proposed", "no"]),
    institutions=some.integers(0, 60), areas=some.integers(0, 2),
)  # fmt: skip
def test_every_suggestion_has_a_reason_and_more_reach_never_lowers_it(
    system: str, core: str, institutions: int, areas: int
) -> None:
    found = suggest(Scope(system, core, institutions=institutions, areas=areas))
    wider = suggest(Scope(system, core, institutions=institutions + 5, areas=areas))
    assert found.reason
    assert wider.level is not None
    assert (wider.level or 3) <= (found.level or 3)
