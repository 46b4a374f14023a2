"""The region's Windows hosts: what they say, and what each fault bends."""

import json
from typing import Any

import pytest

from jingwei.probes.winrm import WinRmOptions, script, understood
from jingwei.region.fault_names import FaultName
from jingwei.region.faults.catalogue import FAULTS
from jingwei.region.plan import protocols_of
from jingwei.region.thing import Thing
from jingwei.region.windows.host import told
from jingwei.terms import Peer

HOST = Peer("HW-011-1", "server", "虚拟化服务器", "HP", "ProLiant DL580 G7")
OPTIONS = WinRmOptions(
    what=("system", "volumes", "machines"), services=("vmms", "EventLog", "W32Time")
)


def read(thing: Thing) -> dict[tuple[str, str], Any]:
    said = told(thing, script(OPTIONS)).encode()
    return {(r.name, r.instance): r.value for r in understood(said, OPTIONS)}


def host(*faults: FaultName) -> Thing:
    made = Thing(HOST, clock=lambda: 1_795_430_000.0)
    for fault in faults:
        made.switch_on(fault)
    return made


def test_the_hosts_of_the_register_that_have_winrm_speak_it() -> None:
    assert "winrm" in protocols_of(HOST)
    assert "winrm" not in protocols_of(Peer("HW-012-1", "server", "x", "HP", "DL580 G7"))


def test_a_healthy_host_runs_what_should_run() -> None:
    found = read(host())
    assert found["machines.down", ""] == 0
    assert found["machines.total", ""] == 4
    assert {v for (name, _), v in found.items() if name == "service.state"} == {"Running"}
    assert all(v < 85 for (name, _), v in found.items() if name == "volume.used")
    assert found["machine.state", "TEST-01"] == "Off"  # nobody starts it by itself


@pytest.mark.parametrize(
    ("fault", "bent"),
    [
        (FaultName.HYPERV_VM_DOWN, {("machines.down", ""), ("machine.state", "APP-RHIP")}),
        (FaultName.WINDOWS_SERVICE_STOPPED, {("service.state", "vmms")}),
        (FaultName.WINDOWS_VOLUME_FULL, {("volume.used", "D:")}),
    ],
)
def test_a_fault_bends_what_it_says_and_its_end_restores_it(
    fault: FaultName, bent: set[tuple[str, str]]
) -> None:
    healthy, thing = read(host()), host(fault)
    ill = read(thing)
    assert {key for key in healthy if healthy[key] != ill[key]} == bent
    thing.switch_off(fault)
    assert read(thing) == healthy


def test_only_what_is_asked_is_told() -> None:
    only = WinRmOptions(what=("volumes",))
    assert set(json.loads(told(host(), script(only)))) == {"volumes"}
    one = WinRmOptions(what=(), services=("EventLog",))
    assert json.loads(told(host(), script(one))) == {
        "services": [{"name": "EventLog", "state": "Running"}]
    }


def test_every_fault_of_windows_can_happen_here_and_says_how_to_mend_it() -> None:
    mine = [each for each in FAULTS if each.item == "server.windows"]
    assert len(mine) == 3
    assert all(each.where(HOST) and each.repair for each in mine)
