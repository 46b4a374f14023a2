"""Finding events and plans: by stage, level and words; what stands on top; which plan fits."""

from datetime import timedelta
from typing import Any

import pytest
from emergency_making import EVE, at, client, declared, drill, note, pacs, person, plan, publish

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, System
from jingwei.emergency import actions, queries
from jingwei.emergency.grading import Scope, suggest
from jingwei.emergency.models import Emergency, Level, Plan, Stage
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def wang() -> User:
    return person()


def numbers(**wanted: Any) -> list[str]:
    """What a search finds."""
    return [row.title for row in queries.search(**wanted)]


def ended(event: Emergency, by: User, gu: User) -> None:
    """Restored after an hour, and the client says so."""
    note(event, Instant.RESTORED, EVE + HOUR, by)
    asked = actions.ask_end(event, by, EVE + HOUR, version=event.version)
    actions.answer(event, asked, True, gu, EVE + HOUR, version=event.version)


def three(wang: User) -> tuple[Emergency, Emergency, Emergency]:
    """An open one, one that ended, one that was none."""
    gu = client()
    first = declared(wang, title="PACS 不可用", application=pacs())
    second = declared(wang, title="专网中断", level=Level.TWO)
    third = declared(wang, title="误报")
    ended(second, wang, gu)
    actions.withdraw(third, "误报", gu, EVE + HOUR, version=third.version)
    return first, second, third


def test_open_is_what_has_not_ended_and_was_not_withdrawn(wang: User) -> None:
    three(wang)
    assert numbers(stage="open") == ["PACS 不可用"]
    assert numbers(stage=Stage.ENDED) == ["专网中断"]
    assert numbers(stage=Stage.WITHDRAWN) == ["误报"]
    assert len(numbers()) == 3


def test_level_and_words_narrow_and_find_by_system_and_ticket(wang: User) -> None:
    first, _, _ = three(wang)
    assert numbers(level=Level.TWO) == ["专网中断"]
    assert numbers(text="北片") == ["PACS 不可用"]
    assert first.ticket is not None
    assert numbers(text=first.ticket.number) == ["PACS 不可用"]
    assert numbers(text=first.number.lower()) == ["PACS 不可用"]
    assert numbers(text="没有这个") == []
    assert numbers(text="%") == [], "a sign of SQL is a word like any other"


def test_a_drill_is_found_only_where_drills_are_asked_for(wang: User) -> None:
    chen = person("chen", Role.MANAGER)
    exercise = declared(chen, title="演练", drill=drill(chen))
    assert numbers() == []
    assert list(queries.search(real=False)) == [exercise]


def test_real_events_stand_above_drills_and_the_worse_level_first(wang: User) -> None:
    chen = person("chen", Role.MANAGER)
    exercise = declared(chen, title="演练", drill=drill(chen))
    lesser = declared(wang, title="二级", level=Level.TWO)
    worse = declared(wang, EVE + HOUR, title="一级")
    assert queries.on_top() == [worse, lesser, exercise]


def test_what_is_restored_stays_on_top_until_the_client_ends_it(wang: User) -> None:
    gu, event = client(), declared(wang)
    note(event, Instant.RESTORED, EVE + HOUR, wang)
    asked = actions.ask_end(event, wang, EVE + HOUR, version=event.version)
    assert queries.on_top() == [event]
    actions.answer(event, asked, True, gu, EVE + HOUR, version=event.version)
    assert queries.on_top() == []


def test_an_event_is_found_by_number_by_ticket_and_by_its_link(wang: User) -> None:
    event = declared(wang)
    assert event.ticket is not None
    assert queries.by_number(event.number) == event
    assert list(queries.of_ticket(event.ticket)) == [event]
    assert queries.by_token(event.token) == event
    for nobody in ("x", event.token[:-1], event.number):
        assert queries.by_token(nobody) is None
    with pytest.raises(Emergency.DoesNotExist):
        queries.by_number("YJ-1999-001")


def test_who_may_not_plan_drills_is_refused_in_words(wang: User) -> None:
    with pytest.raises(actions.ForbiddenError, match="不能计划和组织演练"):
        declared(wang, drill=drill(person("chen", Role.MANAGER)))
    assert not Emergency.objects.exists()


# -- plans


def named(key: str, title: str, **more: Any) -> Plan:
    made = plan(key)
    Plan.objects.filter(pk=made.pk).update(title=title, **more)
    made.refresh_from_db()
    return made


def test_the_plan_that_shares_the_systems_name_is_proposed() -> None:
    named("power", "市电或 UPS 中断")
    fits = named("pacs-down", "PACS 不可用")
    assert queries.plan_for(pacs()) == fits
    assert queries.plan_for(None) is None


def test_a_word_of_three_signs_proposes_nothing() -> None:
    named("data", "数据泄露")
    of = System.objects.create(number=9, name="数据上报")
    system = Application.objects.create(code="APP-11", row_no=11, name="数据上报", system=of)
    assert queries.plan_for(system) is None


def test_the_version_in_force_is_given_unless_another_is_named() -> None:
    old = named("pacs-down", "旧", valid_to=EVE)
    new = Plan.objects.create(
        key="pacs-down", version=2, title="新", scope="", signs="", level=1, digest="1" * 64,
        loaded_at=EVE,
    )  # fmt: skip
    assert queries.plan("pacs-down") == new
    assert queries.plan("pacs-down", 1) == old
    assert list(queries.plan_versions("pacs-down")) == [new, old]
    assert list(queries.plans()) == [new]
    with pytest.raises(Plan.DoesNotExist):
        queries.plan("pacs-down", 3)


# -- what is proposed


def test_a_named_system_is_level_one_and_another_place_none() -> None:
    system = pacs()
    assert queries.suggestion(system).level is Level.ONE
    elsewhere = queries.suggestion(system, site="SITE-2")
    assert (elsewhere.level, elsewhere.doubt) == (None, "A34")
    assert queries.suggestion(None).level is None


@pytest.mark.parametrize(
    ("scope", "level", "word"),
    [
        (Scope("区域平台", "yes"), Level.TWO, "L688"),
        (Scope("区域平台", "proposed", institutions=3), Level.TWO, "影响 3 家机构"),
        (Scope("随访", institutions=2), Level.TWO, "影响 2 家机构"),
        (Scope("随访", areas=2), Level.TWO, "2 个片区"),
        (Scope("随访", institutions=1), None, "按故障表处理"),
        (Scope("随访", institutions=None), None, "未登记覆盖机构"),
        (Scope("医院HIS接口"), Level.ONE, "L689"),
    ],
)
def test_the_level_follows_from_what_is_hit(scope: Scope, level: Level | None, word: str) -> None:
    found = suggest(scope)
    assert found.level is level
    assert word in found.reason


def test_how_important_and_in_which_hours_is_proposed_in_words() -> None:
    publish()
    importance, hours = queries.factors(pacs(), EVE)
    assert "点名的核心系统" in importance
    assert hours == "2023-01-20 17:20（周五，工作日）"
    assert queries.factors(None, at("2023-01-22 10:00")) == ("", "2023-01-22 10:00（周日，休息日）")
    assert queries.factors(None, at("2023-01-28 10:00"))[1].endswith("（周六，工作日）"), "make-up"
    assert "未公布" in queries.factors(None, at("2031-01-06 10:00"))[1]
