"""Every SNMP family, asked by a real client (gufo-snmp) over loopback."""

import time
from pathlib import Path
from typing import Any

import pytest
from gufo.snmp import NoSuchInstance, SnmpVersion
from gufo.snmp.sync import SnmpSession
from region_process import Where

from jingwei.region import control
from jingwei.terms import Peer

H3C = "1.3.6.1.4.1.25506.2.6.1.1.1.1"
HUAWEI = "1.3.6.1.4.1.2011.5.25.31.1.1"
STORAGE = "1.3.6.1.4.1.34774.4.1.23"
UPS = "1.3.6.1.2.1.33.1"
CRAC = "1.3.6.1.4.1.476.1.42.3.4"
FC = "1.3.6.1.4.1.1588.2.1.1.1"
CPQ = "1.3.6.1.4.1.232"
IMM = "1.3.6.1.4.1.2.3.51.3.1"
HR = "1.3.6.1.2.1.25"


class Client:
    """gufo-snmp at the region's agents."""

    def __init__(self, where: Where) -> None:
        self._where = where

    def session(self, key: str, timeout: float = 2.0, community: str = "") -> SnmpSession:
        endpoint = self._where(key, "snmp")
        return SnmpSession(
            addr=endpoint.address,
            port=endpoint.port,
            community=community or endpoint.secrets["community"],
            version=SnmpVersion.v2c,
            timeout=timeout,
        )

    def get(self, key: str, oid: str) -> Any:
        with self.session(key) as session:
            return session.get(oid)

    def walk(self, key: str, oid: str) -> dict[str, Any]:
        with self.session(key) as session:
            return dict(session.getbulk(oid))


@pytest.fixture
def snmp(where: Where) -> Client:
    return Client(where)


def test_every_agent_says_who_it_is(snmp: Client, region: Path, peers: list[Peer]) -> None:
    speaking = [each.key for each in control.endpoints(region) if each.protocol == "snmp"]
    assert len(speaking) > 30
    for key in speaking:
        assert snmp.get(key, "1.3.6.1.2.1.1.5.0").decode() == key
    models = {peer.key: peer.model for peer in peers}
    assert models["HW-016-1"] in snmp.get("HW-016-1", "1.3.6.1.2.1.1.1.0").decode()


def test_the_time_since_the_last_start_grows(snmp: Client) -> None:
    before = snmp.get("HW-018-1", "1.3.6.1.2.1.1.3.0")
    time.sleep(0.05)
    after = snmp.get("HW-018-1", "1.3.6.1.2.1.1.3.0")
    assert after > before > 20 * 8_640_000


def test_a_wrong_community_is_met_with_silence(snmp: Client) -> None:
    with snmp.session("HW-018-1", 0.3, "public") as session, pytest.raises(TimeoutError):
        session.get("1.3.6.1.2.1.1.3.0")


def test_a_whole_agent_can_be_walked(snmp: Client) -> None:
    walked = snmp.walk("HW-011-1", "1.3.6.1")
    assert len(walked) > 80
    assert "1.3.6.1.2.1.1.1.0" in walked


def test_a_missing_row_is_no_such_instance(snmp: Client) -> None:
    with snmp.session("HW-018-1") as session, pytest.raises(NoSuchInstance):
        session.get("1.3.6.1.2.1.2.2.1.8.77")


def test_a_healthy_host_is_below_every_limit(snmp: Client) -> None:
    loads = snmp.walk("HW-005-1", f"{HR}.3.3.1.2").values()
    assert len(loads) == 4
    assert all(5 <= load <= 40 for load in loads)
    used = snmp.walk("HW-005-1", f"{HR}.2.3.1.6")
    sizes = snmp.walk("HW-005-1", f"{HR}.2.3.1.5")
    for index in (1, 31, 32):
        share = used[f"{HR}.2.3.1.6.{index}"] / sizes[f"{HR}.2.3.1.5.{index}"]
        assert 0.30 <= share <= 0.70
    assert 60 <= snmp.get("HW-005-1", "1.3.6.1.4.1.2021.11.11.0") <= 95


def test_a_busy_and_a_full_host_say_so(snmp: Client, region: Path) -> None:
    control.fault(region, "cpu-high", "HW-005-1")
    control.fault(region, "filesystem-full", "HW-005-1")
    assert min(snmp.walk("HW-005-1", f"{HR}.3.3.1.2").values()) >= 96
    assert snmp.get("HW-005-1", "1.3.6.1.4.1.2021.9.1.9.2") == 97
    assert snmp.get("HW-005-1", "1.3.6.1.4.1.2021.9.1.9.1") <= 70


def test_a_hung_server_is_silent_until_it_is_healed(snmp: Client, region: Path) -> None:
    control.fault(region, "server-hang", "HW-005-1")
    with snmp.session("HW-005-1", 0.3) as session, pytest.raises(TimeoutError):
        session.get("1.3.6.1.2.1.1.3.0")
    control.heal(region, "server-hang", "HW-005-1")
    assert snmp.get("HW-005-1", "1.3.6.1.2.1.1.3.0") > 0


def test_a_proliant_tells_its_conditions(snmp: Client, region: Path) -> None:
    conditions = {
        "psu-lost": (f"{CPQ}.6.2.9.1.0", 3),
        "fan-failed": (f"{CPQ}.6.2.6.1.0", 3),
        "memory-ecc": (f"{CPQ}.6.2.14.4.0", 3),
        "server-disk-pre-fail": (f"{CPQ}.3.2.5.1.1.6.0.1", 4),
    }
    for name, (oid, bad) in conditions.items():
        assert snmp.get("HW-011-1", oid) == 2
        control.fault(region, name, "HW-011-1")
        assert snmp.get("HW-011-1", oid) == bad
        others = [other for word, (other, _) in conditions.items() if word != name]
        assert [snmp.get("HW-011-1", other) for other in others] == [2, 2, 2]
        control.heal(region)


def test_an_integrated_management_module_tells_its_members(snmp: Client, region: Path) -> None:
    members = {
        "psu-lost": f"{IMM}.11.2.1.6",
        "fan-failed": f"{IMM}.3.2.1.10",
        "memory-ecc": f"{IMM}.5.21.1.8",
        "server-disk-pre-fail": f"{IMM}.12.2.1.3",
    }
    assert snmp.get("HW-012-1", f"{IMM}.4.1.0") == 255
    for name, oid in members.items():
        assert set(snmp.walk("HW-012-1", oid).values()) == {b"Normal"}
        control.fault(region, name, "HW-012-1")
        assert len(set(snmp.walk("HW-012-1", oid).values()) - {b"Normal"}) == 1
    assert snmp.get("HW-012-1", f"{IMM}.4.1.0") == 4
    assert snmp.get("HW-012-1", f"{IMM}.3.2.1.3.3") == b"offline"


def test_an_h3c_switch_tells_its_entities(snmp: Client, region: Path) -> None:
    assert set(snmp.walk("HW-018-1", f"{H3C}.19").values()) == {2}
    assert 5 <= snmp.get("HW-018-1", f"{H3C}.6.11") <= 40
    assert snmp.get("HW-018-1", f"{H3C}.12.1") == 65535
    control.fault(region, "switch-psu-lost", "HW-018-1")
    control.fault(region, "switch-fan-failed", "HW-018-1")
    control.fault(region, "switch-cpu-high", "HW-018-1")
    assert snmp.get("HW-018-1", f"{H3C}.19.22") == 51
    assert snmp.get("HW-018-1", f"{H3C}.19.31") == 41
    assert snmp.get("HW-018-1", f"{H3C}.6.11") >= 93


def test_a_huawei_switch_tells_its_supplies_and_fans(snmp: Client, region: Path) -> None:
    assert snmp.get("HW-038-1", f"{HUAWEI}.1.1.11.67108873") == 2_147_483_647
    control.fault(region, "switch-psu-lost", "HW-038-1")
    control.fault(region, "switch-fan-failed", "HW-038-1")
    assert list(snmp.walk("HW-038-1", f"{HUAWEI}.18.1.6").values()) == [1, 2]
    assert list(snmp.walk("HW-038-1", f"{HUAWEI}.10.1.7").values()) == [2, 1]


def test_an_uplink_goes_down_and_unused_ports_always_are(snmp: Client, region: Path) -> None:
    status = "1.3.6.1.2.1.2.2.1.8"
    healthy = snmp.walk("HW-018-1", status)
    assert [healthy[f"{status}.{n}"] for n in (1, 7, 8, 49, 50)] == [1, 2, 2, 1, 1]
    control.fault(region, "uplink-down", "HW-018-1")
    assert snmp.get("HW-018-1", f"{status}.50") == 2
    assert snmp.get("HW-018-1", "1.3.6.1.2.1.31.1.1.1.18.50").decode() == "上联2"


def test_traffic_grows_and_errors_do_not(snmp: Client) -> None:
    octets = "1.3.6.1.2.1.31.1.1.1.6.49"
    before = snmp.get("HW-018-1", octets)
    time.sleep(0.05)
    assert snmp.get("HW-018-1", octets) > before
    assert set(snmp.walk("HW-018-1", "1.3.6.1.2.1.2.2.1.14").values()) == {0}


def test_an_array_tells_disk_controller_and_pool(snmp: Client, region: Path) -> None:
    key = "HW-016-1"
    assert set(snmp.walk(key, f"{STORAGE}.5.1.1.2").values()) == {1}
    control.fault(region, "disk-pre-fail", key)
    control.fault(region, "controller-degraded", key)
    control.fault(region, "pool-91", key)
    health = snmp.walk(key, f"{STORAGE}.5.1.1.2")
    assert [oid for oid, value in health.items() if value == 3] == [f"{STORAGE}.5.1.1.2.1.51"]
    assert snmp.get(key, f"{STORAGE}.5.1.1.4.1.51") == b"CTE0.3"
    assert snmp.get(key, f"{STORAGE}.5.2.1.2.2.48.66") == 5
    total, free = (snmp.get(key, f"{STORAGE}.4.2.1.{column}.1.48") for column in (7, 9))
    assert 91 < 100 * (total - free) / total < 92


def test_an_fc_switch_tells_ports_and_errors(snmp: Client, region: Path) -> None:
    key = "HW-019-1"
    assert snmp.get(key, f"{FC}.1.7.0") == 1
    assert list(snmp.walk(key, f"{FC}.6.2.1.4").values()) == [1] * 6 + [2, 2]
    assert list(snmp.walk(key, f"{FC}.6.2.1.5").values()) == [1] * 6 + [2, 2]
    clean = snmp.get(key, f"{FC}.6.2.1.22.4")
    assert clean <= 3
    control.fault(region, "fc-port-down", key)
    control.fault(region, "fc-port-errors", key)
    assert snmp.get(key, f"{FC}.6.2.1.4.3") == 2
    noisy = snmp.get(key, f"{FC}.6.2.1.22.4")
    assert noisy >= clean + 1200
    time.sleep(0.4)
    assert snmp.get(key, f"{FC}.6.2.1.22.4") > noisy
    control.heal(region)
    assert snmp.get(key, f"{FC}.6.2.1.22.4") == clean


def test_a_ups_on_battery_keeps_its_charge_above_the_limit(snmp: Client, region: Path) -> None:
    key = "HW-003-1"
    assert [snmp.get(key, f"{UPS}.{oid}") for oid in ("4.1.0", "2.1.0", "2.2.0", "6.1.0")] == [
        3,
        2,
        0,
        0,
    ]
    assert 30 <= snmp.get(key, f"{UPS}.4.4.1.5.1") <= 55
    control.fault(region, "ups-on-battery", key)
    assert snmp.get(key, f"{UPS}.4.1.0") == 5
    assert snmp.get(key, f"{UPS}.2.1.0") == 2
    assert snmp.get(key, f"{UPS}.2.4.0") >= 90
    assert snmp.get(key, f"{UPS}.6.1.0") == 1


def test_a_ups_can_be_overloaded_and_run_low(snmp: Client, region: Path) -> None:
    control.fault(region, "ups-overload", "HW-003-1")
    control.fault(region, "ups-battery-low", "HW-003-1")
    assert snmp.get("HW-003-1", f"{UPS}.4.4.1.5.1") == 88
    assert snmp.get("HW-003-1", f"{UPS}.2.1.0") == 3
    assert snmp.get("HW-003-1", f"{UPS}.2.4.0") == 22
    assert snmp.get("HW-003-1", f"{UPS}.4.1.0") == 3


def test_an_air_conditioner_can_be_off_or_alarm(snmp: Client, region: Path) -> None:
    key = "HW-001-1"
    states = [f"{CRAC}.3.{column}.0" for column in (1, 2, 7, 8)]
    assert [snmp.get(key, oid) for oid in states] == [1, 1, 1, 2]
    assert 30 <= snmp.get(key, f"{CRAC}.3.9.0") <= 70
    control.fault(region, "crac-off", key)
    assert [snmp.get(key, oid) for oid in states] == [2, 2, 2, 2]
    control.heal(region)
    control.fault(region, "crac-alarm", key)
    assert [snmp.get(key, oid) for oid in states] == [1, 1, 1, 1]
    assert 45 <= snmp.get("HW-001-2", f"{CRAC}.2.2.3.1.3.1") <= 55


def test_a_load_balancer_tells_its_processor(snmp: Client, region: Path) -> None:
    assert 5 <= snmp.get("HW-044-1", "1.3.6.1.4.1.31648.3.15.3.0") <= 40
    control.fault(region, "adc-cpu-high", "HW-044-1")
    assert snmp.get("HW-044-1", "1.3.6.1.4.1.31648.3.15.3.0") >= 93


def test_a_huawei_firewall_tells_its_load(snmp: Client, region: Path) -> None:
    assert 30 <= snmp.get("HW-052-1", f"{HUAWEI}.1.1.7.67108867") <= 55
    assert 5 <= snmp.get("HW-052-1", f"{HUAWEI}.1.1.5.67108867") <= 40
    control.fault(region, "firewall-cpu-high", "HW-052-1")
    assert snmp.get("HW-052-1", f"{HUAWEI}.1.1.5.67108867") >= 93
