"""Two people at once, each in a connection of his own: one wins, the other is told in words.

On SQLite writers queue; on PostgreSQL they really overlap (scripts/on_postgresql.py).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from desk_making import (
    MORNING,
    at,
    client,
    incident,
    later,
    person,
    publish,
    request,
    target,
)
from django.db import connection

from jingwei.accounts.models import User
from jingwei.accounts.queries import verify_chain
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.checks.models import Finding
from jingwei.desk import actions
from jingwei.desk.actions import DeskError, attendance, automatic, knowledge
from jingwei.desk.actions import leave as leaves
from jingwei.desk.actions.knowledge import Text
from jingwei.desk.actions.leave import Replacement, Wish
from jingwei.desk.models import (
    Article,
    Asked,
    Attendance,
    Effort,
    Handover,
    Kind,
    Leave,
    Shift,
    StaffChange,
    Ticket,
    TicketFinding,
)
from jingwei.desk.policies import Automatic, Rule
from jingwei.desk.queries import knowledge as articles
from jingwei.terms import Result
from jingwei.terms.incident import Severity

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2023-01-10 09:00")
TEXT = Text(title="PACS 打不开", symptom="白屏", solution="重启归档服务")


@pytest.fixture(autouse=True)
def whole_chain() -> Iterator[None]:
    publish(2023, 2023)
    yield
    assert verify_chain().intact


@pytest.fixture
def wang() -> User:
    made = person("wang")
    Person.objects.create(name="王工", line=Person.Line.FIRST, user=made)
    return made


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What each came to: done, or the field it was refused by. Anything else goes through."""
    ready = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> str:
        try:
            ready.wait(10)
            act()
        except DeskError as error:
            return error.field
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def me() -> Person:
    return Person.objects.get(name="王工")


def test_a_double_tap_on_i_am_here_is_one_arrival(wang: User) -> None:
    said = at_once(*[lambda: attendance.come(wang, NOW)] * 3)
    assert said == ["came_at", "came_at", "done"]
    assert Attendance.objects.count() == 1


def test_a_double_tap_on_i_go_leaves_one_line_in_force(wang: User) -> None:
    attendance.come(wang, NOW)
    at_once(*[lambda: attendance.leave_for_today(wang, NOW + timedelta(hours=8))] * 2)
    assert Attendance.objects.filter(corrected_by=None).count() == 1


def test_two_corrections_at_once_follow_one_another(wang: User) -> None:
    came = attendance.come(wang, NOW)
    late = NOW + timedelta(hours=9)
    said = at_once(
        lambda: attendance.enter(me(), NOW, NOW + timedelta(hours=7), "记错", wang, late),
        lambda: attendance.enter(me(), NOW, NOW + timedelta(hours=8), "记错", wang, late),
    )
    assert said == ["done", "done"]
    first, second = Attendance.objects.order_by("id")[1:]
    assert (first.corrects, second.corrects) == (came, first)


def test_two_turns_of_one_person_at_once_are_one_turn(wang: User) -> None:
    start, end = at("2023-01-12 00:00"), at("2023-01-14 00:00")
    period = attendance.open_period("流感", start, end, client(), NOW)
    boss = person("zhao", Role.MANAGER)
    said = at_once(
        *[lambda: attendance.add_shift(period, me(), start, at("2023-01-12 12:00"), boss, NOW)] * 2
    )
    assert said == ["done", "start"]
    assert Shift.objects.count() == 1


def wish(other: Person) -> Wish:
    start = at("2023-01-16 08:30")
    return Wish(me(), start, start + timedelta(days=1), "看病", "市内", "139", other)


def test_two_wishes_for_the_same_days_are_one_leave(wang: User) -> None:
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    said = at_once(*[lambda: leaves.ask_leave(wish(other), wang, NOW)] * 2)
    assert said == ["done", "start"]
    assert Leave.objects.count() == 1


def test_of_a_yes_and_a_no_to_one_leave_the_first_counts(wang: User) -> None:
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    pk = leaves.ask_leave(wish(other), wang, NOW).pk
    boss = client()
    said = at_once(
        lambda: leaves.answer_leave(Leave.objects.get(pk=pk), True, boss, NOW),
        lambda: leaves.answer_leave(Leave.objects.get(pk=pk), False, boss, NOW, opinion="人少"),
    )
    assert said == ["done", "state"]
    held = Leave.objects.get(pk=pk)
    assert (held.state, held.answer) in [(Asked.GRANTED, ""), (Asked.REFUSED, "人少")]


def test_a_replacement_carried_out_by_two_workers_joins_once(wang: User) -> None:
    asked = Replacement(me(), "赵新", "138", "RHCE", date(2023, 1, 12), "离职")
    change = leaves.ask_change(asked, client(), NOW)
    day = at("2023-01-12 00:05")
    assert at_once(*[lambda: leaves.carry_out_changes(day)] * 3) == ["done"] * 3
    assert Person.objects.filter(name="赵新").count() == 1
    assert StaffChange.objects.get(pk=change.pk).joining is not None


def test_articles_written_at_once_get_a_number_each(wang: User) -> None:
    said = at_once(*[lambda: knowledge.write_article(TEXT, wang, NOW)] * 5)
    assert said == ["done"] * 5
    assert sorted(Article.objects.values_list("number", "version")) == [(n, 1) for n in range(1, 6)]


def test_of_two_who_edit_an_article_at_once_one_is_told_that_he_is_late(wang: User) -> None:
    held = knowledge.write_article(TEXT, wang, NOW)
    said = at_once(
        *[lambda: knowledge.write_article(TEXT, wang, NOW, number=held.number, version=1)] * 2
    )
    assert said == ["done", "stale"]
    assert [row.version for row in articles.versions(held.number)] == [2, 1]


def test_a_handover_is_taken_once(wang: User) -> None:
    taker = person("li")
    given = knowledge.hand_over(taker, "盯住 PACS", [], wang, NOW)
    said = at_once(*[lambda: knowledge.take_over(given, taker, NOW)] * 2)
    assert said == ["done", "taken"]
    assert Handover.objects.get().taken_at == NOW


def test_two_bookings_on_one_page_are_one_booking(wang: User) -> None:
    ticket = request(wang, Kind.DEV_EFFORT)

    def book() -> None:
        mine = type(ticket).objects.get(pk=ticket.pk)
        actions.book(mine, me(), MORNING.date(), Decimal(1), "接口", wang, later(1), version=1)

    assert at_once(book, book) == ["done", "version"]
    assert Effort.objects.count() == 1


def test_two_faults_do_not_become_each_others_parents(wang: User) -> None:
    one, two = incident(wang), incident(wang)

    def under(child: int, parent: int) -> None:
        rows = type(one).objects
        actions.group(rows.get(pk=child), rows.get(pk=parent), wang, later(1), version=1)

    said = at_once(lambda: under(one.pk, two.pk), lambda: under(two.pk, one.pk))
    assert said.count("done") == 1
    assert type(one).objects.exclude(parent=None).count() == 1


RULE = Rule("server", "服务器离线", frozenset({"server.online"}), frozenset({"server"}), False,
            Severity.DEGRADED, "离线")  # fmt: skip


@pytest.mark.parametrize("behind_one_cause", [True, False])
def test_three_workers_open_one_ticket_for_one_fault(wang: User, behind_one_cause: bool) -> None:
    root = None
    for number in range(4):
        of = target(f"HW-00{number}-1") if behind_one_cause or root is None else root.target
        made = Finding.objects.create(
            target=of, item="server.online", origin=Finding.Origin.CHECK, cause=root,
            result=Result.ABNORMAL, opened_at=NOW,
        )  # fmt: skip
        root = root or made
    said = at_once(*[lambda: automatic.open_due(Automatic((RULE,)), NOW)] * 3)
    assert said == ["done"] * 3
    assert Ticket.objects.count() == 1
    assert TicketFinding.objects.count() == 4
