"""The lists of the desk against a reference that asks each ticket alone; searching odd texts."""

from datetime import timedelta

import pytest
from desk_making import MORNING, at, incident, later, note, person, publish, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingwei.accounts.models import User
from jingwei.assets.models import Person
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, attendance, knowledge
from jingwei.desk.actions import leave as leaves
from jingwei.desk.actions.knowledge import Text
from jingwei.desk.actions.leave import Wish
from jingwei.desk.models import Article, Attendance, Kind, Leave, Ticket
from jingwei.desk.queries import knowledge as articles
from jingwei.desk.queries.lists import due_within, overdue, team_work
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
EASY = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def wang() -> User:
    publish()
    return person("wang")


@pytest.fixture
def tickets(wang: User) -> list[Ticket]:
    """Twenty faults over a morning, some answered, some reached, some no faults at all."""
    made = []
    for n in range(20):
        now = later(7 * n)
        if n % 5 == 4:
            made.append(request(wang))
            continue
        severity = list(Severity)[n % 3]
        ticket = incident(wang, reported=now, severity=severity)
        if n % 2:
            note(ticket, Instant.PHONE_RESPONDED, now + timedelta(minutes=5 * n % 50), wang)
        if n % 4 == 3:
            note(ticket, Instant.ARRIVED, now + timedelta(minutes=60), wang)
        made.append(ticket)
    return made


@pytest.mark.parametrize("passed", [0, 31, 90, 200, 600, 3000])
def test_the_lists_say_of_each_ticket_what_it_says_of_itself(
    tickets: list[Ticket], passed: int
) -> None:
    now = later(240 + passed)
    alone = {ticket.pk: queries.clocks(ticket, now) for ticket in tickets}
    late = {
        pk for pk, found in alone.items()
        if any(clock.state is ClockState.OVERDUE for clock in found.all)
    }  # fmt: skip
    soon = {
        pk for pk, found in alone.items()
        if any(
            clock.state is ClockState.RUNNING and clock.due is not None
            and now <= clock.due <= now + timedelta(hours=1)
            for clock in found.all
        )
    }  # fmt: skip
    assert {work.ticket.pk for work in overdue(now)} == late
    assert {work.ticket.pk for work in due_within(now)} == soon
    work = team_work(now)
    assert {each.ticket.pk for each in work} == set(alone)
    dues = [each.due for each in work if each.due is not None]
    assert dues == sorted(dues)
    assert [each.due is None for each in work] == sorted(each.due is None for each in work)
    assert all(each.left == each.due - now for each in work if each.due is not None)


def test_what_ended_is_on_no_list(wang: User, tickets: list[Ticket]) -> None:
    Ticket.objects.exclude(pk=tickets[0].pk).update(state="closed")
    assert [work.ticket for work in team_work(later(600))] == [tickets[0]]


odd = st.text(max_size=30) | st.sampled_from(["%", "_", "\\", "'", '"', "\0", "\0\0", "💥", "％＿"])


@EASY
@given(text=odd)
def test_any_text_can_be_searched_for_and_finds_nothing_that_lacks_it(
    tickets: list[Ticket], wang: User, text: str
) -> None:
    if not Article.objects.exists():
        knowledge.write_article(Text("PACS 打不开", "白屏", "重启"), wang, MORNING)
    words = text.replace("\0", "").split()
    plain = "pacs 打不开 白屏 重启"
    found = list(articles.articles(text))
    if found and words:
        initials = "pacsdbk"
        assert all(word.lower() in plain or word.lower() in initials for word in words)
    if not words:
        assert len(found) == 1


ODD = ["a\0b", "\ud800", "长" * 20_001]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("field", ["title", "symptom", "cause", "solution", "keywords"])
def test_an_article_keeps_no_text_a_database_cannot(wang: User, text: str, field: str) -> None:
    given = {"title": "标题", "symptom": "现象", "solution": "方法"} | {field: text}
    with pytest.raises(BadInputError) as refused:
        knowledge.write_article(Text(**given), wang, MORNING)
    assert refused.value.field == field
    assert Article.objects.count() == 0


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("field", ["reason", "whereabouts", "phone"])
def test_a_leave_keeps_no_text_a_database_cannot(wang: User, text: str, field: str) -> None:
    me = Person.objects.create(name="王工", line=Person.Line.FIRST, user=wang)
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    start = at("2023-01-16 08:30")
    given = {"reason": "看病", "whereabouts": "市内", "phone": "139"} | {field: text}
    wish = Wish(me, start, start + timedelta(days=1), stand_in=other, **given)
    with pytest.raises(BadInputError) as refused:
        leaves.ask_leave(wish, wang, at("2023-01-10 09:00"))
    assert refused.value.field == field
    assert Leave.objects.count() == 0


@pytest.mark.parametrize("text", ODD)
def test_a_correction_of_attendance_keeps_no_text_a_database_cannot(wang: User, text: str) -> None:
    me = Person.objects.create(name="王工", line=Person.Line.FIRST, user=wang)
    with pytest.raises(BadInputError) as refused:
        attendance.enter(me, MORNING, None, text, wang, later(10))
    assert refused.value.field == "reason"
    assert Attendance.objects.count() == 0


def test_what_is_said_of_one_article_number_is_said_of_no_other(wang: User) -> None:
    with pytest.raises(BadInputError, match="没有编号"):
        knowledge.write_article(Text("甲", "乙", "丙"), wang, MORNING, number=7, version=1)
    first = knowledge.write_article(Text("甲", "乙", "丙"), wang, MORNING)
    again = knowledge.write_article(
        Text("甲二", "乙", "丙"), wang, later(1), number=first.number, version=1
    )
    other = knowledge.write_article(Text("丁", "乙", "丙"), wang, later(2))
    assert [(row.number, row.version) for row in (first, again, other)] == [(1, 1), (1, 2), (2, 1)]
    assert [row.title for row in articles.articles()] == ["丁", "甲二"]


def test_a_dev_booking_of_a_fault_is_refused_and_counts_no_version(wang: User) -> None:
    from decimal import Decimal  # noqa: PLC0415

    me = Person.objects.create(name="王工", line=Person.Line.FIRST, user=wang)
    ticket = request(wang, Kind.TRAINING)
    for days in ("0", "-1", "0.001", "NaN", "Infinity", "31.01"):
        with pytest.raises(BadInputError):
            actions.book(
                ticket, me, MORNING.date(), Decimal(days), "接口", wang, later(1), version=1
            )
    assert Ticket.objects.get(pk=ticket.pk).version == 1
