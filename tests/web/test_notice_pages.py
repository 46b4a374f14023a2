"""通知渠道: made, changed, tried, switched; secrets are never shown again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.desk.actions import channels
from jingwei.desk.models import Delivery, Medium, Notice, NoticeChannel, NoticeState, Topic

pytestmark = pytest.mark.django_db
SECRET = "a-long-signing-secret"


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
def admin(desk: Desk) -> Client:
    return signed_in(
        User.objects.create_user("root", password="Right-Horse-9", role=Role.SYSTEM_ADMIN)
    )


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-1500:]
    return str(response.content.decode())


def hook(**given: Any) -> dict[str, Any]:
    return {
        "name": "值班群", "throttle_minutes": 15, "digest_minutes": 0, "enabled": "on",
        "to_url": "http://127.0.0.1:9/hook", "to_secret": SECRET, **given,
    }  # fmt: skip


def made(admin: Client, **given: Any) -> NoticeChannel:
    text(admin.post(reverse("channel-new", args=["webhook"]), hook(**given), follow=True))
    return NoticeChannel.objects.get()


@pytest.mark.parametrize("medium", Medium.values)
def test_every_medium_has_its_form(admin: Client, medium: str) -> None:
    page = text(admin.get(reverse("channel-new", args=[medium])))
    assert Medium(medium).label in page


def test_a_channel_is_made_and_its_secret_is_on_no_page(admin: Client) -> None:
    held = made(admin)
    assert channels.address_of(held)["secret"] == SECRET
    for where in (reverse("notices"), reverse("channel-edit", args=[held.pk])):
        page = text(admin.get(where))
        assert SECRET not in page
        assert "值班群" in page
    assert "http://127.0.0.1:9/hook" in text(admin.get(reverse("channel-edit", args=[held.pk])))


def test_an_empty_secret_keeps_the_one_that_is_there(admin: Client) -> None:
    held = made(admin)
    where = reverse("channel-edit", args=[held.pk])
    text(admin.post(where, hook(name="夜班群", to_secret="", topics=["overdue"]), follow=True))
    held.refresh_from_db()
    assert (held.name, held.topics) == ("夜班群", ["overdue"])
    assert channels.address_of(held)["secret"] == SECRET


def test_a_secret_never_follows_to_another_server(admin: Client) -> None:
    held = made(admin)
    moved = hook(to_secret="", to_url="http://127.0.0.1:10/other")
    page = text(admin.post(reverse("channel-edit", args=[held.pk]), moved), 422)
    assert "改了服务地址，请重新填写" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " "}, "name"), ({"to_url": "ftp://x"}, "http"), ({"to_secret": "short"}, "16"),
        ({"to_url": ""}, "to_url"), ({"throttle_minutes": 9999}, "1440"),
        ({"topics": ["nonsense"]}, "nonsense"),
    ],
)  # fmt: skip
def test_a_bad_channel_comes_back_with_what_was_typed(
    admin: Client, given: dict[str, Any], said: str
) -> None:
    page = text(admin.post(reverse("channel-new", args=["webhook"]), hook(**given)), 422)
    assert said in page
    assert SECRET not in page
    assert not NoticeChannel.objects.exists()


def test_two_channels_do_not_share_a_name(admin: Client) -> None:
    made(admin)
    page = text(admin.post(reverse("channel-new", args=["webhook"]), hook()), 422)
    assert "已有名为" in page


def test_a_test_is_queued_and_its_result_is_shown(admin: Client) -> None:
    held = made(admin)
    act = reverse("channel-act", args=[held.pk])
    assert "测试已排队" in text(admin.post(act, {"do": "test"}, follow=True))
    assert "刚刚已发过测试" in text(admin.post(act, {"do": "test"}, follow=True))
    notice = Notice.objects.get()
    Delivery(notice=notice, at=timezone.now(), ok=False, detail="连接被拒绝", took_ms=3).save()
    assert "连接被拒绝" in text(admin.get(reverse("notices")))


def test_a_channel_is_switched_off_and_on(admin: Client) -> None:
    held = made(admin)
    act = reverse("channel-act", args=[held.pk])
    admin.post(act, {"do": "off"})
    held.refresh_from_db()
    assert not held.enabled
    admin.post(act, {"do": "on"})
    held.refresh_from_db()
    assert held.enabled


def test_what_failed_is_found_and_sent_again(admin: Client) -> None:
    held = made(admin)
    notice = Notice.objects.create(
        channel=held, topic=Topic.OVERDUE, key="k", title="已超时：GD-1", body="x",
        state=NoticeState.FAILED, created_at=timezone.now() - timedelta(hours=2), attempts=6,
    )  # fmt: skip
    page = text(admin.get(reverse("notices"), {"state": "failed"}))
    assert "已超时：GD-1" in page
    text(admin.post(reverse("notice-resend", args=[notice.pk]), follow=True))
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (NoticeState.QUEUED, 0)
    again = text(admin.post(reverse("notice-resend", args=[notice.pk]), follow=True))
    assert "只有发送失败的通知可以重发" in again


@pytest.mark.parametrize(
    "query", [{"state": "x"}, {"channel": "x"}, {"channel": "99999999999"}, {"page": "9"}]
)
def test_nonsense_in_the_address_breaks_nothing(admin: Client, query: dict[str, str]) -> None:
    assert "发送记录" in text(admin.get(reverse("notices"), query))


def test_an_engineer_and_the_client_do_not_manage_channels(desk: Desk) -> None:
    for who in (desk.wang, desk.gu):
        assert signed_in(who).get(reverse("notices")).status_code == 403
    assert signed_in(desk.wang).get("/notices/channels/new/pigeon/").status_code in (403, 404)
