"""Finding tickets: every word everywhere, filters, and what looks like the same fault."""

from datetime import date

import pytest
from desk_making import MORNING, application, incident, institution, later, person, request, target
from hypothesis import given
from hypothesis import strategies as st

from jingwei.checks.actions import Upload
from jingwei.desk import actions, queries
from jingwei.desk.models import FileKind, Kind
from jingwei.desk.queries import Wanted
from jingwei.desk.queries.search import pairs
from jingwei.terms.incident import Severity

TODAY = date(2022, 11, 7)


@pytest.mark.django_db
def test_words_are_found_in_the_log_the_files_and_the_work() -> None:
    wang = person()
    ticket = incident(wang)
    actions.log_work(ticket, "更换光模块", wang, later(1))
    actions.leave_message(ticket.token, "急诊也打不开", "", later(2))
    actions.attach(
        ticket, FileKind.PHOTO, [Upload("控制器面板.jpg", b"\xff\xd8\xff\xe0x")], "红灯", wang,
        later(3),
    )  # fmt: skip
    incident(wang, title="别的事")
    for word in ("光模块", "急诊", "控制器", "红灯", "光模块 急诊 PACS", ticket.number.lower()):
        assert list(queries.listed(Wanted(text=word), TODAY)) == [ticket], word
    assert not queries.listed(Wanted(text="光模块 没有"), TODAY)
    assert queries.listed(Wanted(text="\0"), TODAY).count() == 2


@pytest.mark.django_db
def test_filters_narrow_together() -> None:
    wang, hospital = person(), institution()
    ours = incident(wang, institution=hospital, severity=Severity.DEGRADED)
    incident(wang)
    request(wang, institution=hospital)
    assert list(queries.listed(Wanted(institution=hospital, kind=Kind.INCIDENT), TODAY)) == [ours]
    assert list(queries.listed(Wanted(severity="degraded"), TODAY)) == [ours]
    assert not queries.listed(Wanted(mine=wang), TODAY)
    actions.assign(ours, wang, wang, later(1), version=ours.version)
    assert list(queries.listed(Wanted(mine=wang, open_only=True), TODAY)) == [ours]


@pytest.mark.django_db
def test_alike_is_the_same_thing_then_the_same_system_then_like_words_then_the_same_place() -> None:
    wang, pacs, hospital, array = person(), application(), institution(), target()
    place = incident(wang, title="打印机卡纸", institution=hospital)
    words = incident(wang, title="片子调不出来了")
    system = incident(wang, title="登录慢", application=pacs)
    thing = incident(wang, title="硬盘亮红灯", target=array)
    incident(wang, title="电话不通")
    request(wang, application=pacs)
    found = queries.similar(
        institution=hospital, application=pacs, target=array, text="PACS 片子调不出"
    )
    assert found[:2] == [thing, system]
    assert set(found[2:]) == {place, words}
    assert queries.similar(text="片子调不出") == [words]
    assert queries.similar(text="片") == []
    assert queries.similar() == []


@pytest.mark.django_db
def test_an_ended_ticket_and_a_child_are_like_nothing() -> None:
    wang, pacs = person(), application()
    parent, child = incident(wang, application=pacs), incident(wang, application=pacs)
    actions.group(child, parent, wang, later(1), version=child.version)
    assert queries.similar(application=pacs) == [parent]
    assert queries.similar(application=pacs, but=parent) == []


@pytest.mark.django_db
def test_no_number_and_no_link_is_nobodys() -> None:
    incident(person(), reported=MORNING)
    for nonsense in ("", "GD-1999-00001", "a\0b"):
        assert queries.by_number(nonsense) is None
        assert queries.by_token(nonsense) is None


@given(st.text(max_size=60))
def test_pairs_of_a_text_are_two_characters_of_it_without_blanks(text: str) -> None:
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    found = pairs(text)
    assert all(len(one) == 2 and one in plain for one in found)
    assert bool(found) == (len(plain) > 1)
    assert pairs(f" {text}！") == found
