"""Webhooks in: Alertmanager, Grafana and Zabbix as they write, and as they should not."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from web_making import SignIn, World

from jingwei.checks.models import Finding
from jingwei.web import tokens

Post = Any
ALERT = {
    "status": "firing",
    "labels": {
        "alertname": "DiskWillFill", "instance": "10.1.2.3:9100", "severity": "warning",
        "jingwei": "HW-016-1", "job": "node",
    },
    "annotations": {"summary": "4 小时内写满", "description": "/data 只剩 3 %"},
    "startsAt": "2026-11-23T07:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
    "fingerprint": "c1a54bd0ad3f0a5e",
}  # fmt: skip


def body(*alerts: dict[str, Any]) -> dict[str, Any]:
    """Alertmanager's envelope."""
    return {
        "version": "4", "groupKey": "{}:{alertname=\"DiskWillFill\"}", "truncatedAlerts": 0,
        "status": "firing", "receiver": "jingwei", "groupLabels": {"alertname": "DiskWillFill"},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://am:9093",
        "alerts": list(alerts),
    }  # fmt: skip


@pytest.fixture
def post(world: World, make_user: Any) -> Post:
    """Sends a webhook with a token that may write."""
    token = tokens.make(make_user("first_line"), write=True)

    def send(source: str, what: Any, token: str = token) -> Any:
        return Client().post(
            f"/api/events/{source}", json.dumps(what), content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip

    return send


def told() -> list[Finding]:
    """The findings that came from outside."""
    return list(Finding.objects.filter(origin="event").order_by("id"))


@pytest.mark.parametrize("source", ["alertmanager", "grafana"])
def test_an_alert_opens_a_finding_and_resolved_heals_it(post: Post, source: str) -> None:
    got = post(source, body(ALERT))
    assert (got.status_code, got.json()) == (
        200,
        {"opened": 1, "repeated": 0, "healed": 0, "ignored": 0},
    )
    [found] = told()
    assert (found.target.key, found.result) == ("HW-016-1", "attention")
    assert found.reading == "DiskWillFill：4 小时内写满"
    assert "instance = 10.1.2.3:9100" in found.detail
    assert "/data 只剩 3 %" in found.detail
    assert post(source, body(ALERT)).json()["ignored"] == 1
    over = ALERT | {"status": "resolved", "endsAt": "2026-11-23T07:20:00Z"}
    assert post(source, body(over)).json()["healed"] == 1
    [found] = told()
    assert found.closed_at is not None
    assert post(source, body(ALERT, over)).json()["ignored"] == 2
    assert len(told()) == 1


def test_one_call_may_bring_several_and_those_that_mean_nothing_are_left(post: Post) -> None:
    other = ALERT | {"fingerprint": "other", "labels": {"alertname": "Down"}, "annotations": {}}
    watchdog = ALERT | {"labels": {"alertname": "Watchdog", "severity": "none"}}
    assert post("alertmanager", body(ALERT, other, watchdog)).json() == {
        "opened": 2, "repeated": 0, "healed": 0, "ignored": 1,
    }  # fmt: skip
    down = told()[1]
    assert (down.reading, down.result, down.target.key) == (
        "Down",
        "abnormal",
        "ROOM-01",
    )  # no site here


def test_without_a_fingerprint_the_labels_say_what_is_the_same(post: Post) -> None:
    bare = {key: value for key, value in ALERT.items() if key != "fingerprint"}
    moved = bare | {"labels": dict(reversed(list(ALERT["labels"].items())))}  # type: ignore[attr-defined]
    assert post("alertmanager", body(bare, moved)).json()["opened"] == 1
    assert len(told()) == 1


ZABBIX = {
    "event_id": "1042", "trigger_id": "17", "value": "1", "host": "HW-016-1", "ip": "10.1.2.3",
    "name": "High CPU", "severity": "4", "text": "load 42", "at": "2026.11.23 15:00:00",
}  # fmt: skip


def test_a_zabbix_problem_and_its_recovery(post: Post) -> None:
    assert post("zabbix", ZABBIX).json()["opened"] == 1
    [found] = told()
    assert (found.result, found.target.key) == ("abnormal", "HW-016-1")
    assert found.detail == "load 42\nZabbix 事件 1042"
    assert found.opened_at.isoformat() == "2026-11-23T07:00:00+00:00"
    over = ZABBIX | {"value": "0", "at": "{EVENT.RECOVERY.DATE} {EVENT.RECOVERY.TIME}"}
    assert post("zabbix", over).json()["healed"] == 1


@pytest.mark.parametrize(
    ("severity", "result"), [("0", "attention"), ("2", "attention"), ("3", "abnormal")]
)
def test_zabbix_severities_have_a_level(post: Post, severity: str, result: str) -> None:
    post("zabbix", ZABBIX | {"severity": severity})
    assert told()[0].result == result


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("alertmanager", {}),
        ("alertmanager", body(ALERT | {"status": "unknown"})),
        ("alertmanager", body(ALERT | {"startsAt": "yesterday"})),
        ("alertmanager", body(ALERT | {"startsAt": "0001-01-01T00:00:00Z"})),
        ("alertmanager", body(ALERT | {"startsAt": "9999-12-31T23:59:59Z"})),
        ("alertmanager", body(ALERT | {"labels": {"a": "\0"}})),
        ("alertmanager", body(ALERT | {"labels": {"a": "\ud800"}})),
        ("alertmanager", body(*[ALERT] * 1001)),
        ("zabbix", ZABBIX | {"value": "2"}),
        ("zabbix", ZABBIX | {"name": ""}),
        ("zabbix", ZABBIX | {"severity": "9"}),
    ],
)
def test_what_is_no_alert_is_refused_with_the_field_and_nothing_is_written(
    post: Post, source: str, what: Any
) -> None:
    got = post(source, what)
    assert got.status_code == 422, got.content
    assert got["Content-Type"].startswith("application/problem+json")
    assert told() == []


def test_a_reading_token_a_client_and_a_stranger_may_not(post: Post, make_user: Any) -> None:
    reading = tokens.make(make_user("second_line"))
    client = tokens.make(make_user("client_admin"), write=True)
    assert post("zabbix", ZABBIX, reading).status_code == 403
    assert post("zabbix", ZABBIX, client).status_code == 403
    assert post("zabbix", ZABBIX, "forged").status_code == 401
    assert told() == []


def test_people_see_where_it_came_from_and_may_close_it(post: Post, sign_in: SignIn) -> None:
    post("zabbix", ZABBIX)
    [found] = told()
    page = sign_in("first_line").get(f"/findings/{found.pk}/").content.decode()
    assert "Zabbix 告警" in page
    assert "High CPU" in page
    assert "外来事件" in page


def test_the_list_and_the_page_say_how_often_it_was_told(post: Post, sign_in: SignIn) -> None:
    post("zabbix", ZABBIX)
    for minute in (1, 2):
        post("zabbix", ZABBIX | {"at": f"2026.11.23 15:0{minute}:00"})
    [found] = told()
    client = sign_in("first_line")
    assert "共 3 次" in client.get("/findings/").content.decode()
    assert "共 3 次，这是最近一次" in client.get(f"/findings/{found.pk}/").content.decode()


def test_the_how_to_shows_each_address_and_a_body_that_is_taken(post: Post) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "take-alerts-in.md"
    text = page.read_text(encoding="utf-8")
    for source in ("alertmanager", "grafana", "zabbix"):
        assert f"/api/events/{source}" in text
    shown = json.loads(text.split("```json\n")[1].split("```")[0])
    assert post("zabbix", shown).json()["opened"] == 1
