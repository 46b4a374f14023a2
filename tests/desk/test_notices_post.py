"""The outbox: what is queued where, what is held back, and what a rollback leaves."""

from datetime import timedelta
from itertools import pairwise

import pytest
from desk_making import MORNING, later, person
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notice_making import channel

from jingwei.desk.actions.notices import post
from jingwei.desk.models import Notice, NoticeChannel, NoticeState, Topic

pytestmark = pytest.mark.django_db


def say(minutes: float = 0, key: str = "ticket:1", topic: Topic = Topic.NEW_TICKET) -> int:
    """One notice so many minutes after nine."""
    return post(topic, key, "PACS 打不开", "静安中心医院", later(minutes))


def test_each_channel_that_carries_the_topic_gets_one_row() -> None:
    channel("一")
    channel("二", topics=[Topic.NEW_TICKET])
    channel("三", topics=[Topic.DRILL])
    channel("四", enabled=False)
    assert say() == 2
    assert sorted(Notice.objects.values_list("channel__name", flat=True)) == ["一", "二"]


def test_a_persons_channel_carries_only_what_is_for_that_person() -> None:
    wang, li = person("wang"), person("li")
    channel("王", user=wang)
    channel("李", user=li)
    assert say() == 0
    assert post(Topic.LEAVE, "leave:1", "请假", "", MORNING, user=wang) == 1
    assert Notice.objects.get().channel.user == wang


def test_who_left_is_told_nothing() -> None:
    wang = person("wang")
    channel("王", user=wang)
    wang.is_active = False
    wang.save()
    assert post(Topic.LEAVE, "leave:1", "请假", "", MORNING, user=wang) == 0


def test_what_is_rolled_back_is_never_said() -> None:
    channel()
    with transaction.atomic():
        assert say() == 1
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_the_same_thing_within_the_throttle_time_is_kept_but_not_sent() -> None:
    channel(throttle_minutes=15)
    assert [say(0), say(5), say(14.9), say(15)] == [1, 0, 0, 1]
    first, *_ = Notice.objects.order_by("pk")
    assert first.folded.count() == 2
    assert set(first.folded.values_list("state", flat=True)) == {NoticeState.FOLDED}


def test_what_failed_may_be_said_again_at_once() -> None:
    channel(throttle_minutes=15)
    say(0)
    Notice.objects.update(state=NoticeState.FAILED, due=None)
    assert say(1) == 1


def test_another_thing_is_not_throttled() -> None:
    channel(throttle_minutes=15)
    assert [say(0, "a"), say(0, "b")] == [1, 1]


def test_a_digest_gathers_until_one_moment() -> None:
    channel(digest_minutes=30)
    say(0, "a")
    say(10, "b")
    say(29, "c")
    say(31, "d")
    due = list(Notice.objects.order_by("pk").values_list("due", flat=True))
    assert due == [later(30), later(30), later(30), later(61)]


def test_an_emergency_waits_for_no_digest() -> None:
    channel(digest_minutes=30)
    say(0, "e", Topic.EMERGENCY)
    assert Notice.objects.get().due == MORNING


def test_what_waits_after_a_failure_does_not_set_the_digests_moment() -> None:
    channel(digest_minutes=30)
    say(0, "a")
    Notice.objects.update(attempts=2, due=later(25))
    say(1, "b")
    assert Notice.objects.get(key="b").due == later(31)


def test_text_no_database_keeps_is_mended_and_long_text_cut() -> None:
    channel()
    assert post(
        Topic.TEST, "k" * 300, "标\0题" + "长" * 300, "\ud800" + "文" * 9999, MORNING,
        link="/x/" + "y" * 999,
    )  # fmt: skip
    row = Notice.objects.get()
    assert len(row.key) == 100
    assert row.title.startswith("标题")
    assert len(row.title) == 200
    assert len(row.body) == 4000


def test_long_keys_that_differ_at_their_end_stay_different() -> None:
    channel()
    assert [say(0, "k" * 200 + end) for end in "ab"] == [1, 1]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    throttle=st.integers(0, 60),
    moments=st.lists(st.tuples(st.integers(0, 300), st.sampled_from("ab")), max_size=25),
)
def test_two_of_a_kind_are_never_sent_closer_than_the_throttle_time(
    throttle: int, moments: list[tuple[int, str]]
) -> None:
    own = channel(f"组{NoticeChannel.objects.count()}", throttle_minutes=throttle)
    said = sorted(moments)
    queued = sum(say(minutes, key) for minutes, key in said)
    rows = Notice.objects.filter(channel=own, state=NoticeState.QUEUED).order_by("created_at")
    assert rows.count() == queued
    assert own.notices.count() == len(said)  # nothing is lost
    for key in "ab":
        at = [row.created_at for row in rows if row.key == key]
        gaps = [second - first for first, second in pairwise(at)]
        assert all(gap >= timedelta(minutes=throttle) for gap in gaps)
        folded = own.notices.filter(key=key, state=NoticeState.FOLDED)
        assert all(row.folded_into is not None for row in folded)
    own.enabled = False
    own.save()
