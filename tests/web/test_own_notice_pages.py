"""我的通知: each for himself, by way of a shared channel; nobody sees or moves another's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

from jingwei.assets.credentials import seal
from jingwei.desk import media
from jingwei.desk.actions import channels
from jingwei.desk.actions.notices import post
from jingwei.desk.models import Medium, Notice, NoticeChannel, Topic

pytestmark = pytest.mark.django_db
ADDRESS = "wang.wei@example.org"
GATEWAY = {
    "host": "127.0.0.1", "port": "25", "security": "starttls", "username": "jw",
    "password": "gateway-secret-1", "sender": "jw@example.org", "recipients": "all@example.org",
}  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
def wang(desk: Desk) -> Client:
    return signed_in(desk.wang)


@pytest.fixture
def mail() -> NoticeChannel:
    return shared("值班邮件", Medium.MAIL, GATEWAY)


def shared(name: str, medium: Medium, address: dict[str, str]) -> NoticeChannel:
    return NoticeChannel.objects.create(
        name=name, medium=medium, address=seal(address, media.seal_name(name)), shown="…"
    )


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-1500:]
    return str(response.content.decode())


def filled(through: NoticeChannel, **given: Any) -> dict[str, Any]:
    return {"via": through.pk, "place": ADDRESS, "digest_minutes": 0, **given}


def made(client: Client, via: NoticeChannel, **given: Any) -> NoticeChannel:
    where = reverse("own-notice-new", args=[via.medium])
    text(client.post(where, filled(via, **given), follow=True))
    return NoticeChannel.objects.exclude(user=None).latest("pk")


def test_without_shared_channels_the_page_says_whom_to_ask(wang: Client) -> None:
    page = text(wang.get(reverse("own-notices")))
    assert "尚无启用的公共渠道" in page
    assert "还没有登记" in page


def test_his_mail_is_reached_through_the_shared_server(
    wang: Client, mail: NoticeChannel, desk: Desk
) -> None:
    own = made(wang, mail, quiet_from="22:00", quiet_to="07:00")
    assert own.user == desk.wang
    address = channels.address_of(own)
    assert (address["recipients"], address["password"]) == (ADDRESS, "gateway-secret-1")
    page = text(wang.get(reverse("own-notices")))
    assert "22:00 至 07:00" in page
    assert "w***@example.org" in page


def test_neither_his_address_nor_the_servers_secret_is_shown_again(
    wang: Client, mail: NoticeChannel
) -> None:
    own = made(wang, mail)
    for where in (reverse("own-notices"), reverse("own-notice-edit", args=[own.pk])):
        page = text(wang.get(where))
        assert ADDRESS not in page
        assert "gateway-secret-1" not in page


def test_left_empty_the_address_stays(wang: Client, mail: NoticeChannel) -> None:
    own = made(wang, mail)
    where = reverse("own-notice-edit", args=[own.pk])
    assert f'<option value="{mail.pk}" selected>' in text(wang.get(where))
    text(wang.post(where, filled(mail, place="", topics=["overdue"]), follow=True))
    own.refresh_from_db()
    assert own.topics == ["overdue"]
    assert channels.address_of(own)["recipients"] == ADDRESS


@pytest.mark.parametrize(
    ("medium", "address", "mine"),
    [
        (Medium.WECOM, {"base": "http://127.0.0.1:9", "key": "k" * 20}, "wangwei"),
        (Medium.DINGTALK, {"base": "http://127.0.0.1:9", "token": "t" * 20}, "13900000001"),
        (Medium.FEISHU, {"base": "http://127.0.0.1:9", "token": "t" * 20}, "ou_7d8a6e6d"),
    ],
)
def test_a_bot_calls_him_by_his_own_id(
    wang: Client, medium: Medium, address: dict[str, str], mine: str
) -> None:
    own = made(wang, shared("群", medium, address), place=mine)
    assert channels.address_of(own)["mention"] == mine
    assert mine not in text(wang.get(reverse("own-notices")))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"place": ""}, "这个字段是必填项"), ({"place": "wang"}, "不是邮箱地址"),
        ({"place": "a@example.org,b@example.org"}, "只填一个"),
        ({"place": "x" * 10_000}, "200"), ({"place": "a\0@example.org"}, "空字符"),
        ({"via": 99999}, "via"), ({"via": ""}, "via"), ({"digest_minutes": -1}, "0"),
        ({"quiet_from": "22:00"}, "一起填"), ({"quiet_to": "07:00"}, "一起填"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "不能相同"),
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "有效的时间"),
        ({"topics": ["test"]}, "test"),
    ],
)  # fmt: skip
def test_bad_input_is_told_beside_its_field_and_nothing_is_written(
    wang: Client, mail: NoticeChannel, given: dict[str, Any], said: str
) -> None:
    where = reverse("own-notice-new", args=["mail"])
    assert said in text(wang.post(where, filled(mail, **given)), 422)
    assert not NoticeChannel.objects.exclude(user=None).exists()


def test_another_persons_is_not_found(wang: Client, mail: NoticeChannel, desk: Desk) -> None:
    own = made(wang, mail)
    other = signed_in(desk.gu)
    assert other.get(reverse("own-notice-edit", args=[own.pk])).status_code == 404
    assert other.post(reverse("own-notice-edit", args=[own.pk]), filled(mail)).status_code == 404
    assert other.post(reverse("own-notice-act", args=[own.pk]), {"do": "off"}).status_code == 404
    own.refresh_from_db()
    assert own.enabled


def test_a_shared_one_is_not_his_to_change(wang: Client, mail: NoticeChannel) -> None:
    assert wang.get(reverse("own-notice-edit", args=[mail.pk])).status_code == 404
    assert wang.get("/my-notices/new/webhook/").status_code == 404


def test_three_at_most_and_one_switched_off_makes_room(wang: Client, mail: NoticeChannel) -> None:
    for _ in range(3):
        own = made(wang, mail)
    assert NoticeChannel.objects.exclude(user=None).count() == 3
    where = reverse("own-notice-new", args=["mail"])
    assert "最多 3 个" in text(wang.post(where, filled(mail)), 422)
    wang.post(reverse("own-notice-act", args=[own.pk]), {"do": "off"})
    made(wang, mail)
    names = NoticeChannel.objects.exclude(user=None).values_list("name", flat=True)
    assert len(set(names)) == 4


def test_four_are_not_reached_by_switching_on(wang: Client, mail: NoticeChannel) -> None:
    first = made(wang, mail)
    wang.post(reverse("own-notice-act", args=[first.pk]), {"do": "off"})
    for _ in range(3):
        made(wang, mail)
    act = reverse("own-notice-act", args=[first.pk])
    assert "最多同时启用 3 个" in text(wang.post(act, {"do": "on"}, follow=True))
    first.refresh_from_db()
    assert not first.enabled


def test_he_tries_his_own_and_sees_what_became_of_it(
    wang: Client, mail: NoticeChannel, desk: Desk
) -> None:
    own = made(wang, mail)
    act = reverse("own-notice-act", args=[own.pk])
    assert "测试已排队" in text(wang.post(act, {"do": "test"}, follow=True))
    assert Notice.objects.get().channel == own
    assert "测试通知" in text(wang.get(reverse("own-notices")))


def test_he_sees_only_what_was_sent_to_him(wang: Client, mail: NoticeChannel, desk: Desk) -> None:
    made(wang, mail)
    made(signed_in(desk.gu), mail, place="gu@example.org")
    post(Topic.LEAVE, "a", "王的请假", "", timezone.now(), user=desk.wang)
    post(Topic.LEAVE, "b", "顾的事", "", timezone.now(), user=desk.gu)
    page = text(wang.get(reverse("own-notices")))
    assert "王的请假" in page
    assert "顾的事" not in page


def test_the_menu_of_ones_name_leads_there(wang: Client) -> None:
    assert reverse("own-notices") in text(wang.get(reverse("my-work")))
