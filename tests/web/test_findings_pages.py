"""异常与处置: the list, one finding with its story, what people may do with it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import AuditEntry
from jingwei.checks.models import Finding, FindingNote, StateChange
from jingwei.web.once import new_key
from jingwei.web.pages.findings import moments


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in("first_line", full_name="王磊")


def by_hand(world: World) -> Finding:
    return Finding.objects.create(
        target=world.ids, item="security.signature", origin=Finding.Origin.ROUTINE,
        result="attention", opened_at=timezone.now(), detail="特征库偏旧",
    )  # fmt: skip


def listed(client: Client, **asked: str) -> str:
    return str(client.get(reverse("findings"), asked).content.decode())


def test_the_list_has_the_worst_first(world: World, engineer: Client) -> None:
    by_hand(world)
    text = listed(engineer)
    assert "共 3 条" in text
    assert text.index("机房温度 29.4 ℃") < text.index("特征库偏旧")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"level": "attention"}, 1),
        ({"level": "abnormal"}, 2),
        ({"q": "CTE0.3"}, 1),
        ({"q": "永和路 29.4"}, 1),
        ({"item": "storage.disk"}, 1),
        ({"target": "ROOM-01"}, 1),
        ({"level": "made-up"}, 3),
    ],
)
def test_filters_live_in_the_url(
    world: World, engineer: Client, asked: dict[str, str], count: int
) -> None:
    by_hand(world)
    assert f"共 {count} 条" in listed(engineer, **asked)


def test_an_empty_list_has_a_way_out(world: World, engineer: Client) -> None:
    assert "清除条件" in listed(engineer, q="没有这样的")


def test_the_list_can_be_asked_as_of_a_date(world: World, engineer: Client) -> None:
    yesterday = world.today - timedelta(days=1)
    Finding.objects.filter(pk=world.finding.pk).update(
        opened_at=timezone.now() - timedelta(days=3), closed_at=timezone.now()
    )
    text = listed(engineer, as_of=str(yesterday))
    assert "机房温度 29.4 ℃" in text
    assert f"截至 <b>{yesterday}</b>" in text
    assert "机房温度 29.4 ℃" not in listed(engineer)
    assert "机房温度 29.4 ℃" in listed(engineer, show="all")


def test_a_note_is_kept_and_acknowledges(world: World, engineer: Client) -> None:
    where = reverse("finding-note", args=(world.finding.pk,))
    response = engineer.post(where, {"note": "已到现场，空调滤网堵塞", "once": new_key()})
    assert response["Location"] == reverse("finding", args=(world.finding.pk,))
    text = engineer.get(response["Location"]).content.decode()
    assert "已到现场，空调滤网堵塞" in text
    assert "王磊" in text
    world.finding.refresh_from_db()
    assert world.finding.acknowledged_at is not None
    assert AuditEntry.objects.filter(action="finding.note").exists()


def test_a_note_sent_three_times_over_a_slow_link_is_one_note(
    world: World, engineer: Client
) -> None:
    key = new_key()
    for _ in range(3):
        engineer.post(
            reverse("finding-note", args=(world.finding.pk,)), {"note": "换滤网", "once": key}
        )
    assert FindingNote.objects.count() == 1


def test_the_second_copy_is_told_that_it_was_one(world: World, engineer: Client) -> None:
    key, where = new_key(), reverse("finding-note", args=(world.finding.pk,))
    engineer.post(where, {"note": "换滤网", "once": key})
    page = engineer.post(where, {"note": "换滤网", "once": key}, follow=True)
    assert "已经提交过，没有重复处理" in page.content.decode()


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_note_is_refused_beside_the_field(
    world: World, engineer: Client, text: str
) -> None:
    response = engineer.post(reverse("finding-note", args=(world.finding.pk,)), {"note": text})
    assert response.status_code == 422
    assert "请填写跟进内容" in response.content.decode()
    assert not FindingNote.objects.exists()


def test_what_is_written_is_shown_as_text_not_as_markup(world: World, engineer: Client) -> None:
    where = reverse("finding-note", args=(world.finding.pk,))
    page = engineer.post(where, {"note": "<script>alert(1)</script>"}, follow=True)
    assert "<script>alert" not in page.content.decode()
    assert "&lt;script&gt;alert" in page.content.decode()


def test_acknowledging_keeps_the_first_name(
    world: World, engineer: Client, sign_in: SignIn
) -> None:
    where = reverse("finding-acknowledge", args=(world.finding.pk,))
    engineer.post(where)
    sign_in("second_line", full_name="李婷").post(where)
    world.finding.refresh_from_db()
    assert str(world.finding.acknowledged_by) == "王磊"


def test_a_checks_finding_cannot_be_closed_by_hand(world: World, engineer: Client) -> None:
    where = reverse("finding-note", args=(world.finding.pk,))
    response = engineer.post(where, {"note": "好了", "do": "close"})
    assert response.status_code == 422
    assert "由自动检查判定" in response.content.decode()


def test_a_persons_finding_is_closed_with_what_was_done(world: World, engineer: Client) -> None:
    found = by_hand(world)
    page = engineer.get(reverse("finding", args=(found.pk,))).content.decode()
    assert "已处理好，关闭" in page
    engineer.post(reverse("finding-note", args=(found.pk,)), {"note": "已升级", "do": "close"})
    found.refresh_from_db()
    assert found.closed_at is not None
    page = engineer.get(reverse("finding", args=(found.pk,))).content.decode()
    assert "处理完成：已升级" in page
    assert "✓ 已关闭" in page


def test_the_story_is_told_newest_first(world: World) -> None:
    now = timezone.now()
    StateChange.objects.create(
        check_ref=world.check, at=now - timedelta(hours=1), before="abnormal", after="attention",
        reading="27.6 ℃",
    )  # fmt: skip
    world.finding.closed_at = now
    world.finding.save()
    story = moments(world.finding)
    assert [one.kind for one in story] == ["is-ok", "is-warn", "is-bad"]
    assert story[0].text == "复检正常，自动关闭"
    assert story[1].text == "异常 → 关注 27.6 ℃"


def test_an_unknown_finding_is_not_found(world: World, engineer: Client) -> None:
    response = engineer.get(reverse("finding", args=(99999,)))
    assert response.status_code == 404
    assert "没有这一页" in response.content.decode()


def test_who_only_looks_sees_no_form(world: World, sign_in: SignIn) -> None:
    page = sign_in("client_approver").get(reverse("finding", args=(world.finding.pk,)))
    assert "提交记录" not in page.content.decode()


def behind(world: World) -> tuple[Finding, Finding]:
    """A cause and what follows from it."""
    root = Finding.objects.filter(closed_at__isnull=True, check_ref__isnull=False).latest("id")
    follows = by_hand(world)
    Finding.objects.filter(pk=follows.pk).update(cause=root)
    follows.refresh_from_db()
    return root, follows


def test_what_follows_from_another_finding_stands_behind_it(world: World, engineer: Client) -> None:
    root, follows = behind(world)
    text = listed(engineer)
    assert "特征库偏旧" not in text
    assert "连带 1 项" in text
    each = listed(engineer, behind="each")
    assert "特征库偏旧" in each
    assert "由另一异常引起" in each
    assert "特征库偏旧" in listed(engineer, q="特征库"), "who looks for it finds it"
    page = engineer.get(reverse("finding", args=[follows.pk])).content.decode()
    assert "根因" in page
    assert reverse("finding", args=[root.pk]) in page
    page = engineer.get(reverse("finding", args=[root.pk])).content.decode()
    assert "连带异常 1 项" in page
    assert reverse("finding", args=[follows.pk]) in page
