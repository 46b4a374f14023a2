"""大屏: worst first, signs and words, a stream that ends and gives its place back."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.assets.models import Target
from jingwei.checks.models import CheckState, Finding, Maintenance
from jingwei.web import wallview
from jingwei.web.pages import wall as page


@pytest.fixture
def screen(world: World, sign_in: SignIn) -> Client:
    return sign_in("visitor")


def end(response: Any) -> None:
    """What a server does when the screen is gone; as the test client does, the database stays."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def look(world: World) -> wallview.Wall:
    return wallview.compute(timezone.now(), world.today)


def test_the_screen_is_filled_at_once(screen: Client) -> None:
    text = screen.get(reverse("wall")).content.decode()
    assert "区域PACS（北片）" in text
    assert "机房温度 29.4 ℃" in text
    assert "<title>(2) " in text
    assert "演示区域" in text


def test_every_state_has_sign_and_word(world: World) -> None:
    for tile in look(world).applications + look(world).sections + look(world).sites:
        assert tile.sign
        assert tile.word


def test_applications_are_sorted_worst_first(world: World) -> None:
    for number, key in ((2, "APP-01"), (3, "APP-02")):
        Target.objects.create(key=key, kind="application", label=key, order=number)
    CheckState.objects.filter(check_ref__key="APP-10:app.dicom").update(
        result="abnormal", reading="被拒绝"
    )
    tiles = look(world).applications
    assert [tile.state for tile in tiles] == ["abnormal", "unchecked", "unchecked"]
    assert tiles[0].text == "DICOM C-ECHO 被拒绝"
    assert tiles[1].word == "无数据", "an application without checks is unknown, never well"


def test_maintenance_is_neither_down_nor_well(world: World) -> None:
    now = timezone.now()
    Maintenance.objects.create(
        target=world.pacs, start=now - timedelta(hours=1), end=now + timedelta(hours=1),
        reason="升级", by="王磊",
    )  # fmt: skip
    tile = look(world).applications[0]
    assert (tile.state, tile.sign, tile.word) == ("maintenance", "‖", "维护")


def test_a_site_is_as_bad_as_its_worst_device(world: World) -> None:
    (site,) = look(world).sites
    assert (site.name, site.state, site.bad, site.total) == ("永和路数据中心", "abnormal", 2, 2)


def test_sections_say_how_many(world: World) -> None:
    sections = {tile.name: tile for tile in look(world).sections}
    assert sections["机房"].word == "异常 1"
    assert sections["业务系统交互数据"].word == "未检 1"


def test_rooms_show_their_climate(world: World) -> None:
    (room,) = look(world).rooms
    assert (room.room, room.label, room.shown, room.state) == (
        "永和路机房", "温度", "29.4 ℃", "abnormal",
    )  # fmt: skip


def test_the_curve_is_given_only_for_the_rooms_on_the_screen(world: World, screen: Client) -> None:
    room, other = world.check.series.get().pk, world.disk.series.get().pk
    got = screen.get(reverse("wall-climate"), {"series": f"{room},{other},x"}).json()
    assert len(got["lines"]) == 1
    assert {one["value"] for one in got["limits"]} == {18.0, 27.0, 28.0}
    assert screen.get(reverse("wall-climate")).json()["lines"] == []


def test_findings_without_room_are_counted(world: World) -> None:
    for number in range(wallview.SHOWN):
        Finding.objects.create(
            target=world.ids, item=f"x{number}", origin="manual", result="attention",
            opened_at=timezone.now(),
        )  # fmt: skip
    found = look(world)
    assert len(found.findings) == wallview.SHOWN
    assert found.more == 2
    assert found.findings[0].result == "abnormal"


def test_stopped_checking_is_shouted(world: World, screen: Client) -> None:
    CheckState.objects.update(last_at=timezone.now() - timedelta(hours=1))
    assert "检查程序已停止" in screen.get(reverse("wall-data")).content.decode()


def test_the_picture_is_computed_once_for_all_screens(world: World) -> None:
    now = timezone.now()
    wallview.wall(now, world.today)
    with CaptureQueriesContext(connection) as asked:
        wallview.wall(now, world.today)
    assert len(asked) == 0


def test_the_stream_begins_with_the_whole_picture(
    screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "BEAT_SECONDS", 0.0)
    response = screen.get(reverse("wall-stream"))
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    events = iter(response.streaming_content)
    assert next(events) == b"retry: 3000\n\n"
    name, body = next(events).decode().strip().split("\n", 1)
    assert name == "event: wall"
    assert "机房温度" in json.loads(body.removeprefix("data: "))["html"]
    assert next(events).startswith(b"event: alive"), "nothing changed: only a sign of life"
    end(response)


def test_a_stream_ends_so_that_a_dead_screen_keeps_no_thread(
    screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "STREAM_SECONDS", 0.0)
    response = screen.get(reverse("wall-stream"))
    assert list(response.streaming_content) == [b"retry: 3000\n\n"]
    end(response)


def test_too_many_screens_are_asked_to_poll_and_places_come_back(
    screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = threading.BoundedSemaphore(2)
    monkeypatch.setattr(page, "_places", places)
    open_ones: list[Any] = [screen.get(reverse("wall-stream")) for _ in range(2)]
    refused = screen.get(reverse("wall-stream"))
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    for one in open_ones:
        end(one)
        end(one)
    again = screen.get(reverse("wall-stream"))
    assert again.status_code == 200
    end(again)
