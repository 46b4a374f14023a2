"""停用、启用 and 心跳检查 on their pages."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from web_making import SignIn, World

from jingwei.checks.models import Check, CheckState, Stoppage
from jingwei.web.once import new_key


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-1500:]
    return str(response.content.decode())


def send(client: Client, name: str, *args: int, **data: Any) -> Any:
    where = reverse(name, args=args)
    return client.post(where, {"once": new_key(), **data}, follow=True)


def test_a_check_is_stopped_with_a_reason_and_started_again(world: World, sign_in: SignIn) -> None:
    client, pk = sign_in("second_line", full_name="李强"), world.check.pk
    assert reverse("check-stop", args=(pk,)) in text(client.get(reverse("check", args=(pk,))))
    assert "请填写停用原因" in text(send(client, "check-stop", pk, reason=" "), 422)
    page = text(send(client, "check-stop", pk, reason="传感器返修"))
    assert "已停用：传感器返修" in page
    assert "李强" in page
    listed = text(client.get(reverse("checks"), {"q": "停用"}))
    assert "停用：传感器返修" in listed
    page = text(send(client, "check-start", pk))
    assert "停用记录" in page
    assert "已停用：" not in page
    assert Check.objects.get(pk=pk).enabled
    assert text(send(client, "check-start", pk), 422)


def test_who_may_not_change_checks_neither_stops_nor_sees_the_button(
    world: World, sign_in: SignIn
) -> None:
    client, pk = sign_in("first_line"), world.check.pk
    assert send(client, "check-stop", pk, reason="x").status_code == 403
    assert send(client, "check-start", pk).status_code == 403
    assert reverse("check-stop", args=(pk,)) not in text(client.get(reverse("check", args=(pk,))))
    assert not Stoppage.objects.exists()


def test_a_check_that_is_not_there_cannot_be_stopped(world: World, sign_in: SignIn) -> None:
    assert send(sign_in("manager"), "check-stop", 99_999, reason="x").status_code == 404


def test_a_heartbeat_is_registered_and_its_address_shown_once(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in("second_line")
    page = text(client.get(reverse("heartbeat-new"), {"target": world.pacs.key}))
    item = re.search(r'name="item".*?<option value="([^"]+)"', page, re.S)
    assert item is not None
    data = {"target": world.pacs.key, "label": "夜间备份", "item": item[1], "every": 60, "grace": 5}
    answer = send(client, "heartbeat-new", **data)
    found = re.search(r'value="http://testserver(/api/heartbeat/[^"]+)"', text(answer))
    assert found is not None
    assert "no-cache" in answer["Cache-Control"]
    made = Check.objects.get(label="夜间备份")
    page = text(client.get(reverse("check", args=(made.pk,))))
    assert found[1] not in page
    assert "只存校验值" in page
    assert Client().post(found[1]).status_code == 200
    assert CheckState.objects.get(check_ref=made).last_call is not None
    other = re.search(r"/api/heartbeat/[^\"]+", text(send(client, "heartbeat-renew", made.pk)))
    assert other is not None
    assert Client().post(found[1]).status_code == 404
    assert Client().post(other[0]).status_code == 200


def test_what_is_wrong_stands_beside_its_field(world: World, sign_in: SignIn) -> None:
    data = {"target": "NIX-1", "label": "", "item": "nix", "every": 0, "grace": -1}
    page = text(send(sign_in("second_line"), "heartbeat-new", **data), 422)
    assert "登记里没有“NIX-1”" in page
    assert "请填写名称" in page
    assert not Check.objects.filter(by_hand=True).exists()
