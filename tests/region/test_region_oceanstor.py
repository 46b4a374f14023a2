"""DeviceManager of the region's OceanStor: sessions, lists, and a power supply that fails."""

import json
from typing import Any

import pytest

from jingwei.probes.oceanstor import alarms_read, parts_read
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import protocols_for
from jingwei.region.thing import Thing
from jingwei.region.web.oceanstor import _MOST_SESSIONS, OceanStorFace
from jingwei.region.web.server import Request
from jingwei.terms import Peer

ROOT = "/deviceManager/rest"
LOGIN = {"username": "watcher", "password": "ocean-secret", "scope": "0"}


def array(*faults: FaultName) -> OceanStorFace:
    thing = Thing(Peer("HW-016-1", "storage", "OceanStor", "Huawei", "OceanStor 5500 V3"))
    for fault in faults:
        thing.switch_on(fault)
    return OceanStorFace(thing, user=LOGIN["username"], password=LOGIN["password"])


def say(face: OceanStorFace, method: str, path: str, token: str = "", body: Any = None) -> Any:
    headers = {"ibasetoken": token} if token else {}
    answer = face(Request(method, f"{ROOT}/{path}", headers, json.dumps(body).encode()))
    assert answer.status == 200  # whatever it says
    return json.loads(answer.body)


def opened(face: OceanStorFace) -> tuple[str, str]:
    told = say(face, "POST", "xxxxx/sessions", body=LOGIN)
    return told["data"]["deviceid"], told["data"]["iBaseToken"]


def listed(face: OceanStorFace, place: str) -> Any:
    device, token = opened(face)
    told = say(face, "GET", f"{device}/{place}", token)
    say(face, "DELETE", f"{device}/sessions", token)
    return told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**LOGIN, "password": "wrong"}, 1077987870),
        ({**LOGIN, "username": "nobody"}, 1077987870),
        ({"username": "watcher"}, 1077948993),
        ([1], 1077948993),
    ],
)
def test_a_wrong_login_is_told_by_its_code(body: Any, code: int) -> None:
    assert say(array(), "POST", "xxxxx/sessions", body=body)["error"]["code"] == code


def test_without_a_session_nothing_is_told() -> None:
    face = array()
    device, token = opened(face)
    assert say(face, "GET", f"{device}/power")["error"]["code"] == -401
    say(face, "DELETE", f"{device}/sessions", token)
    assert say(face, "GET", f"{device}/power", token)["error"]["code"] == -401


def test_sessions_are_few_and_one_given_back_is_free_again() -> None:
    face = array()
    held = [opened(face) for _ in range(_MOST_SESSIONS)]
    assert say(face, "POST", "xxxxx/sessions", body=LOGIN)["error"]["code"] != 0
    device, token = held[0]
    say(face, "DELETE", f"{device}/sessions", token)
    assert opened(face)


@pytest.mark.parametrize(("method", "place"), [("GET", "lun"), ("POST", "power")])
def test_what_it_does_not_have_is_an_error_and_nothing_can_be_written(
    method: str, place: str
) -> None:
    face = array()
    device, token = opened(face)
    assert say(face, method, f"{device}/{place}", token)["error"]["code"] == 1077948993


def test_a_healthy_array_is_healthy_and_leaves_an_empty_list_out() -> None:
    face = array()
    for kind in ("power", "fan"):
        readings = parts_read(kind, listed(face, kind))
        assert {r.value for r in readings if r.name.endswith("health")} == {"normal"}
    alarms = listed(face, "alarm/currentalarm")
    assert "data" not in alarms
    assert alarms_read(alarms)[0].value == 0


def test_a_lost_supply_shows_at_itself_and_as_an_alarm() -> None:
    face = array(FaultName.ARRAY_PSU_LOST)
    readings = parts_read("power", listed(face, "power"))
    bad = [r.instance for r in readings if r.value == "fault"]
    assert bad == ["CTE0.PSU1"]
    assert alarms_read(listed(face, "alarm/currentalarm"))[0].value == 1
    assert {r.value for r in parts_read("fan", listed(face, "fan"))} == {"normal"}


def test_an_oceanstor_is_asked_both_ways() -> None:
    assert protocols_for("storage", "Huawei", "OceanStor 5500 V3") == ("snmp", "devicemanager")
