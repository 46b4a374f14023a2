"""What people are told without asking: each crossing once on each channel, none lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from desk_making import MORNING, client, finding, go, incident, later, note, person, publish, target

from jingwei.accounts.models import User
from jingwei.assets.credentials import seal
from jingwei.assets.models import Person
from jingwei.checks.models import Finding
from jingwei.desk import actions
from jingwei.desk.actions import watch
from jingwei.desk.models import Notice, NoticeChannel, NoticeState, SupportLevel, Topic
from jingwei.desk.policies import Watch
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
POLICY = Watch()


@pytest.fixture(autouse=True)
def calendar() -> None:
    publish()


@pytest.fixture
def channel() -> NoticeChannel:
    return made("群")


def made(name: str, *topics: Topic, **given: Any) -> NoticeChannel:
    return NoticeChannel.objects.create(
        name=name, medium="webhook", address=seal({"url": "http://127.0.0.1/x"}, name),
        shown="…", topics=list(topics), **given,
    )  # fmt: skip


def staff() -> None:
    """Nobody is missing, so that only the tickets speak."""
    for number in range(4):
        Person.objects.create(name=f"驻场{number}", line=Person.Line.FIRST)
        Person.objects.create(name=f"二线{number}", line=Person.Line.SECOND)


def said(minutes: float, policy: Watch = POLICY) -> list[tuple[str, str]]:
    """What a round so many minutes after nine adds."""
    before = set(Notice.objects.values_list("pk", flat=True))
    watch.look(policy, later(minutes))
    rows = Notice.objects.exclude(pk__in=before).order_by("pk")
    return [(row.topic, row.key.split(":", 1)[1]) for row in rows]


def topics(minutes: float) -> list[str]:
    return [topic for topic, _ in said(minutes)]


def test_without_a_channel_nothing_is_looked_at() -> None:
    incident(person())
    assert watch.look(POLICY, later(5)) == 0
    assert not Notice.objects.exists()


def test_a_new_ticket_is_told_once(channel: NoticeChannel) -> None:
    staff()
    ticket = incident(person())
    assert said(1) == [("new_ticket", ticket.number)]
    assert said(2) == []


def test_nobody_takes_it_the_manager_hears_first_then_the_client(channel: NoticeChannel) -> None:
    staff()
    ticket = incident(person())
    said(1)
    assert said(10) == [("untaken", f"{ticket.number}:manager")]
    assert ("untaken", f"{ticket.number}:client") in said(20)


def test_who_took_it_is_not_reminded(channel: NoticeChannel) -> None:
    staff()
    by = person()
    ticket = incident(by)
    go(ticket, "accept", by, later(2))
    assert "untaken" not in topics(25)


def test_before_and_after_a_limit_each_clock_speaks_once(channel: NoticeChannel) -> None:
    staff()
    by = person()
    ticket = incident(by)
    go(ticket, "accept", by, later(2))
    said(3)
    soon = said(16)
    assert {key for topic, key in soon if topic == "due_soon"} == {
        f"{ticket.number}:phone:5x8:15", f"{ticket.number}:phone:7x24:15",
    }  # fmt: skip
    assert said(17) == []
    over = said(31)
    assert {key for topic, key in over if topic == "overdue"} == {
        f"{ticket.number}:phone:5x8", f"{ticket.number}:phone:7x24",
    }  # fmt: skip


def test_a_clock_that_stopped_in_time_says_nothing_more(channel: NoticeChannel) -> None:
    staff()
    by = person()
    ticket = incident(by)
    go(ticket, "accept", by, later(2))
    note(ticket, Instant.PHONE_RESPONDED, later(10), by)
    assert [t for t in topics(31) if t == "overdue"] == []


def test_what_waits_for_the_client_is_told(channel: NoticeChannel) -> None:
    staff()
    by = person()
    ticket = incident(by)
    asked = actions.regrade(ticket, Severity.DEGRADED, "一台", by, later(5), version=ticket.version)
    assert ("waiting_client", str(asked.pk)) in said(6)
    actions.answer(ticket, asked, True, client(), later(7), version=ticket.version)
    assert "waiting_client" not in topics(8)


def test_a_fault_that_goes_up_a_line_is_told(channel: NoticeChannel) -> None:
    staff()
    by = person()
    ticket = incident(by)
    actions.escalate(ticket, SupportLevel.SECOND, "查不出", by, later(5), version=ticket.version)
    assert "escalated" in topics(6)


def test_what_turns_abnormal_and_what_heals_is_told(channel: NoticeChannel) -> None:
    staff()
    found = finding(target(), opened=MORNING)
    assert said(1) == [("finding", str(found.pk))]
    Finding.objects.filter(pk=found.pk).update(closed_at=later(5))
    assert said(6) == [("finding", str(found.pk))]
    assert said(7) == []


def test_of_what_stands_behind_a_cause_only_the_cause_is_told(channel: NoticeChannel) -> None:
    staff()
    root = finding(target("HW-001-1"), opened=MORNING)
    finding(target("HW-002-1"), opened=MORNING, cause=root)
    assert said(1) == [("finding", str(root.pk))]


def test_an_old_finding_is_no_news(channel: NoticeChannel) -> None:
    staff()
    finding(target(), opened=MORNING - timedelta(hours=3))
    assert said(1) == []


def test_a_gap_in_the_roster_is_told_before_it_happens(channel: NoticeChannel) -> None:
    staff()
    Person.objects.filter(name="驻场0").update(valid_to=date(2022, 11, 9))
    assert "shortfall" in topics(1)
    assert said(2) == []


def test_a_channel_hears_only_its_topics(channel: NoticeChannel) -> None:
    staff()
    quiet = made("只听应急", Topic.EMERGENCY)
    incident(person())
    said(1)
    assert not Notice.objects.filter(channel=quiet).exists()
    assert Notice.objects.filter(channel=channel).count() == 1


def test_a_channel_made_later_hears_what_still_stands(channel: NoticeChannel) -> None:
    staff()
    incident(person())
    said(1)
    later_one = made("后来")
    said(2)
    assert Notice.objects.filter(channel=later_one).count() == 1


def many(by: User, number: int) -> None:
    for each in range(number):
        incident(by, title=f"故障 {each}")


def test_after_a_long_outage_one_message_sums_it_up_and_nothing_is_lost(
    channel: NoticeChannel,
) -> None:
    staff()
    many(person(), 15)
    rows = said(600)
    sent = Notice.objects.filter(state=NoticeState.QUEUED)
    assert sent.count() == 1
    assert "件事项需要处理" in sent.get().title
    assert Notice.objects.filter(state=NoticeState.FOLDED).count() == len(rows) - 1
    assert said(601) == []


@pytest.mark.parametrize("rounds", [(1, 31), (5, 9, 15, 31), (31,), (2, 2, 31, 31)])
def test_whenever_the_rounds_come_each_crossing_is_said_once(
    channel: NoticeChannel, rounds: tuple[int, ...]
) -> None:
    staff()
    incident(person())
    keys = [key for minutes in rounds for _, key in said(minutes)]
    assert len(keys) == len(set(keys))
    assert sum(":phone:" in key and key.endswith(("5x8", "7x24")) for key in keys) == 2
