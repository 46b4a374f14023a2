"""A person's own channels: who hears what, and when he is left in peace."""

from datetime import datetime, time, timedelta

import pytest
from desk_making import MORNING, at, client, go, incident, later, person, publish
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notice_making import channel

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.credentials import seal
from jingwei.assets.models import Person
from jingwei.desk import actions, media
from jingwei.desk.actions import BadInputError, ForbiddenError, channels, leave, watch
from jingwei.desk.actions.channels import Wanted
from jingwei.desk.actions.notices import post
from jingwei.desk.models import Medium, Notice, NoticeChannel, Topic
from jingwei.desk.policies import Watch
from jingwei.desk.queries import notices as queries
from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.django_db
NIGHT = {"quiet_from": time(22), "quiet_to": time(7)}


def own(user: User, **more: object) -> NoticeChannel:
    return channel(f"{user.username} 邮件", Medium.MAIL, user=user, **more)


def said_to(user: User) -> list[str]:
    rows = Notice.objects.filter(channel__user=user).order_by("pk")
    return [row.key.split(":")[0] for row in rows]


def staff() -> None:
    publish()
    for number in range(4):
        Person.objects.create(name=f"驻场{number}", line=Person.Line.FIRST)
        Person.objects.create(name=f"二线{number}", line=Person.Line.SECOND)


def due(moment: str, topic: Topic = Topic.OVERDUE) -> datetime:
    user = User.objects.filter(username="wang").first() or person()
    if not user.notice_channels.exists():
        own(user, **NIGHT)
    post(topic, f"k{Notice.objects.count()}", "t", "", at(moment), user=user)
    made = Notice.objects.latest("pk").due
    assert made is not None
    return made.astimezone(SHANGHAI)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("2022-11-07 21:59", "2022-11-07 21:59"), ("2022-11-07 22:00", "2022-11-08 07:00"),
        ("2022-11-08 06:59", "2022-11-08 07:00"), ("2022-11-08 07:00", "2022-11-08 07:00"),
        ("2022-11-07 12:00", "2022-11-07 12:00"),
    ],
)  # fmt: skip
def test_at_night_a_notice_waits_for_the_morning(said: str, sent: str) -> None:
    assert due(said) == at(sent)


@pytest.mark.parametrize("topic", [Topic.EMERGENCY, Topic.UNTAKEN])
def test_what_cannot_wait_comes_at_night(topic: Topic) -> None:
    assert due("2022-11-07 23:00", topic) == at("2022-11-07 23:00")


def test_quiet_hours_of_one_afternoon_end_the_same_day() -> None:
    user = person()
    own(user, quiet_from=time(12), quiet_to=time(13, 30))
    assert due("2022-11-07 12:00") == at("2022-11-07 13:30")
    assert due("2022-11-07 14:00") == at("2022-11-07 14:00")


def test_a_digest_begins_to_gather_in_the_morning() -> None:
    own(person(), digest_minutes=30, **NIGHT)
    assert due("2022-11-07 23:00") == at("2022-11-08 07:30")
    assert due("2022-11-08 01:00") == at("2022-11-08 07:30")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.times(timezones=st.none()), st.times(timezones=st.none()), st.integers(0, 7 * 24 * 60)
)  # fmt: skip
def test_a_notice_is_never_due_within_quiet_hours_nor_a_day_late(
    start: time, end: time, minutes: int
) -> None:
    from jingwei.desk.actions.notices import _awake  # noqa: PLC0415

    if start == end:
        return
    now = later(minutes)
    found = _awake(NoticeChannel(quiet_from=start, quiet_to=end), now)
    assert now <= found <= now + timedelta(days=1)
    clock = found.astimezone(SHANGHAI).time()
    inside = start <= clock < end if start < end else clock >= start or clock < end
    assert not inside


def test_an_emergency_reaches_everybody_who_has_a_place() -> None:
    staff_member, visitor, gone = person("li"), person("v", Role.VISITOR), person("gone")
    for each in (staff_member, visitor, gone):
        own(each)
    gone.is_active = False
    gone.save()
    assert post(Topic.EMERGENCY, "e", "PACS 停止", "", MORNING) == 1
    assert said_to(staff_member) == ["e"]


def test_the_clocks_of_a_ticket_ring_at_whoever_works_on_it() -> None:
    staff()
    wang, li = person("wang"), person("li")
    own(wang)
    own(li)
    ticket = incident(wang)
    go(ticket, "accept", wang, later(2))
    actions.assign(ticket, wang, wang, later(3), version=ticket.version)
    watch.look(Watch(), later(31))
    assert set(said_to(wang)) >= {"overdue"}
    assert said_to(li) == []


def test_what_nobody_took_rings_at_the_manager_then_at_the_client() -> None:
    staff()
    boss, gu = person("zhao", Role.MANAGER), client()
    own(boss)
    own(gu)
    incident(person("wang"))
    watch.look(Watch(), later(11))
    assert "untaken" in said_to(boss)
    assert said_to(gu) == []
    watch.look(Watch(), later(21))
    assert said_to(gu) == ["untaken"]


def test_who_asked_for_leave_hears_the_answer() -> None:
    publish(2022, 2023)
    wang = person("wang")
    own(wang)
    me = Person.objects.create(name="王工", line=Person.Line.FIRST, user=wang)
    other = Person.objects.create(name="李工", line=Person.Line.SECOND)
    start = at("2023-01-16 08:30")
    wish = leave.Wish(me, start, start + timedelta(days=1), "看病", "市内", "139", other)
    asked = leave.ask_leave(wish, wang, at("2023-01-10 09:00"))
    leave.answer_leave(asked, False, client(), at("2023-01-10 10:00"), opinion="人手不够")
    (row,) = Notice.objects.filter(channel__user=wang)
    assert row.title == "请假未同意：王工"
    assert "人手不够" in row.body


def wanted(user: User | None, via: NoticeChannel | None, **more: object) -> Wanted:
    given: dict[str, object] = {"recipients": "w@example.org"}
    return Wanted("w 邮件", Medium.MAIL, given, user=user, via=via, **more)  # type: ignore[arg-type]


def gateway(name: str = "邮件", **more: object) -> NoticeChannel:
    address = {
        "host": "127.0.0.1", "port": "25", "security": "none", "username": "", "password": "",
        "sender": "jw@example.org", "recipients": "all@example.org",
    }  # fmt: skip
    return NoticeChannel.objects.create(
        name=name, medium=Medium.MAIL, address=seal(address, media.seal_name(name)), shown="…",
        **more,
    )  # fmt: skip


def test_of_who_left_nothing_is_sent_any_more() -> None:
    wang = person()
    made = channels.save_channel(wanted(wang, gateway()), wang, MORNING)
    assert channels.address_of(made)["recipients"] == "w@example.org"
    wang.is_active = False
    wang.save()
    with pytest.raises(LookupError, match="账号已停用"):
        channels.address_of(NoticeChannel.objects.get(pk=made.pk))


def test_a_shared_channel_switched_off_takes_those_behind_it_along() -> None:
    wang, through = person(), gateway()
    made = channels.save_channel(wanted(wang, through), wang, MORNING)
    channels.switch(through, person("root", Role.SYSTEM_ADMIN), MORNING, on=False)
    with pytest.raises(LookupError, match="已停用"):
        channels.address_of(made)
    assert queries.via(made) is None


def test_nobody_makes_a_channel_for_another_and_none_goes_through_anothers() -> None:
    wang, li = person("wang"), person("li")
    with pytest.raises(ForbiddenError):
        channels.save_channel(wanted(li, gateway()), wang, MORNING)
    with pytest.raises(BadInputError, match="公共渠道"):
        channels.save_channel(wanted(wang, own(li)), wang, MORNING)


def test_a_shared_channel_has_no_quiet_hours() -> None:
    root = person("root", Role.SYSTEM_ADMIN)
    address = {"url": "http://127.0.0.1:9/x", "secret": "a-long-signing-secret"}
    with pytest.raises(BadInputError, match="没有免打扰"):
        channels.save_channel(
            Wanted("群", Medium.WEBHOOK, address, quiet_from=time(22), quiet_to=time(7)),
            root, MORNING,
        )  # fmt: skip


def test_names_made_for_him_are_free() -> None:
    wang = person()
    for expected in ("wang 邮件", "wang 邮件 2", "wang 邮件 3"):
        name = queries.free_name(wang, Medium.MAIL)
        assert name == expected
        channel(name, Medium.MAIL, user=wang)
