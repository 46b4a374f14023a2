"""Unisphere of the region's Unity: who is let in, and what each fault shows in its lists."""

import base64
import json
from typing import Any

import pytest

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import Family, family, protocols_for
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request
from jingwei.region.web.unity import UnityFace
from jingwei.terms import Peer

NOW = 1_795_430_000.0
LOGIN = {"user": "watcher", "password": "unity-secret"}


def array() -> tuple[Thing, UnityFace]:
    thing = Thing(Peer("HW-037-1", "storage", "Unity", "Dell EMC"), clock=lambda: NOW)
    return thing, UnityFace(thing, **LOGIN)


def asked(face: UnityFace, kind: str, **more: Any) -> Any:
    pair = base64.b64encode(":".join(LOGIN.values()).encode()).decode()
    headers = {"x-emc-rest-client": "true", "authorization": f"Basic {pair}", **more}
    return face(Request("GET", f"/api/types/{kind}/instances", headers))


def health(face: UnityFace, kind: str) -> list[int]:

    entries = json.loads(asked(face, kind).body)["entries"]
    return [entry["content"]["health"]["value"] for entry in entries]


@pytest.mark.parametrize(
    ("more", "status"),
    [({}, 200), ({"authorization": "Basic eDp5"}, 401), ({"authorization": ""}, 401),
     ({"x-emc-rest-client": "false"}, 302)],
)  # fmt: skip
def test_only_who_knows_the_login_and_the_header_is_answered(more: Any, status: int) -> None:
    _, face = array()
    assert asked(face, "disk", **more).status == status


def test_an_unknown_list_is_not_found_and_nothing_can_be_written() -> None:
    _, face = array()
    assert asked(face, "lun").status == 404
    pair = base64.b64encode(b"watcher:unity-secret").decode()
    headers = {"x-emc-rest-client": "true", "authorization": f"Basic {pair}"}
    assert face(Request("POST", "/api/types/disk/instances", headers)).status == 405


KINDS = ("storageProcessor", "pool", "disk", "powerSupply", "fan", "battery")


def test_a_healthy_array_is_healthy_in_every_list() -> None:
    _, face = array()
    assert {value for kind in KINDS for value in health(face, kind)} == {5}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(FaultName.CONTROLLER_DEGRADED, "storageProcessor"), (FaultName.DISK_PRE_FAIL, "disk")],
)
def test_a_fault_shows_at_one_part_of_its_list_and_nowhere_else(
    fault: FaultName, kind: str
) -> None:
    thing, face = array()
    thing.switch_on(fault)
    assert health(face, kind).count(10) == 1
    assert all(set(health(face, other)) == {5} for other in KINDS if other != kind)
    thing.switch_off(fault)
    assert set(health(face, kind)) == {5}


def test_a_pool_fills_over_ninety_percent() -> None:

    thing, face = array()

    def used() -> float:
        (first, _) = json.loads(asked(face, "pool").body)["entries"]
        return 100 - 100 * first["content"]["sizeFree"] / first["content"]["sizeTotal"]

    assert used() < 80
    thing.switch_on(FaultName.POOL_91)
    assert used() > 91


def test_a_unity_is_told_from_other_arrays_by_its_model() -> None:
    assert family("storage", "Dell EMC", "Unity XT 480") is Family.UNITY
    assert family("storage", "Dell EMC", "VNX") is Family.PLAIN_STORAGE
    assert "unisphere" in protocols_for("storage", "Dell EMC", "Unity XT 480")
