"""Redfish of three generations, by httpx."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from region_process import Where

from jingwei.region import control

ILO4, ILO5, XCC = "HW-014-1", "HW-036-1", "HW-053-1"
SYSTEM, CHASSIS = "/redfish/v1/Systems/1", "/redfish/v1/Chassis/1"


class Bmc:
    """A management controller, asked with the right password."""

    def __init__(self, where: Where, key: str) -> None:
        endpoint = where(key, "redfish")
        self.secrets = endpoint.secrets
        self.client = httpx.Client(
            base_url=f"https://{endpoint.address}:{endpoint.port}",
            auth=(endpoint.secrets["user"], endpoint.secrets["password"]),
            verify=False,
            trust_env=False,
        )

    def get(self, path: str) -> Any:
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def healths(self, path: str) -> list[str]:
        members = self.get(path)["Members"]
        return [self.get(member["@odata.id"])["Status"]["Health"] for member in members]


@pytest.fixture
def bmc_of(where: Where) -> Iterator[Callable[[str], Bmc]]:
    opened: list[Bmc] = []

    def opening(key: str) -> Bmc:
        opened.append(Bmc(where, key))
        return opened[-1]

    yield opening
    for controller in opened:
        controller.client.close()


@pytest.fixture
def bmc(bmc_of: Callable[[str], Bmc], request: pytest.FixtureRequest) -> Bmc:
    return bmc_of(request.param)


every = pytest.mark.parametrize("bmc", [ILO4, ILO5, XCC], indirect=True)
new = pytest.mark.parametrize("bmc", [ILO5, XCC], indirect=True)


@every
def test_every_link_of_the_tree_leads_somewhere(bmc: Bmc) -> None:
    waiting, seen = ["/redfish/v1/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        waiting += list(links(bmc.get(path)))
    assert len(seen) > 20


def links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("@odata.id"), str):
            yield value["@odata.id"]
        for inner in value.values():
            yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)


@every
def test_a_healthy_server_is_healthy_in_every_part(bmc: Bmc) -> None:
    assert bmc.get(SYSTEM)["Status"]["Health"] == "OK"
    assert bmc.healths(f"{SYSTEM}/Memory") == ["OK"] * 8
    power, thermal = bmc.get(f"{CHASSIS}/Power"), bmc.get(f"{CHASSIS}/Thermal")
    assert [row["Status"]["Health"] for row in power["PowerSupplies"]] == ["OK", "OK"]
    assert [row["Status"]["Health"] for row in thermal["Fans"]] == ["OK"] * 6
    assert all(row["ReadingCelsius"] < 61 for row in thermal["Temperatures"])


@every
def test_a_lost_power_supply_is_off_line_and_nothing_else(bmc: Bmc, region: Path) -> None:
    key = bmc_key(bmc, region)
    control.fault(region, "psu-lost", key)
    supplies = bmc.get(f"{CHASSIS}/Power")["PowerSupplies"]
    assert [row["Status"] for row in supplies] == [
        {"State": "Enabled", "Health": "OK"},
        {"State": "UnavailableOffline", "Health": "Critical"},
    ]
    assert bmc.get(SYSTEM)["Status"]["Health"] == "OK"
    assert bmc.get(CHASSIS)["Status"]["HealthRollup"] == "Warning"
    control.heal(region)
    assert bmc.get(CHASSIS)["Status"]["HealthRollup"] == "OK"


@every
def test_a_fan_and_a_memory_module_can_fail(bmc: Bmc, region: Path) -> None:
    key = bmc_key(bmc, region)
    control.fault(region, "fan-failed", key)
    control.fault(region, "memory-ecc", key)
    fans = bmc.get(f"{CHASSIS}/Thermal")["Fans"]
    assert [fan["Status"]["Health"] for fan in fans].count("Critical") == 1
    assert bmc.healths(f"{SYSTEM}/Memory").count("Warning") == 1
    assert bmc.get(SYSTEM)["MemorySummary"]["Status"]["HealthRollup"] == "Warning"


@new
def test_the_new_resources_say_the_same_as_the_old(bmc: Bmc, region: Path) -> None:
    key = bmc_key(bmc, region)
    control.fault(region, "psu-lost", key)
    control.fault(region, "fan-failed", key)
    assert bmc.healths(f"{CHASSIS}/PowerSubsystem/PowerSupplies") == ["OK", "Critical"]
    assert bmc.healths(f"{CHASSIS}/ThermalSubsystem/Fans").count("Critical") == 1


@new
def test_a_drive_predicts_its_failure(bmc: Bmc, region: Path) -> None:
    control.fault(region, "server-disk-pre-fail", bmc_key(bmc, region))
    drives = bmc.get(f"{SYSTEM}/Storage/1")["Drives"]
    found = [bmc.get(link["@odata.id"]) for link in drives]
    assert [drive["Id"] for drive in found if drive["FailurePredicted"]] == ["3"]
    assert found[3]["Status"]["Health"] == "Warning"


def test_the_oldest_generation_has_neither_storage_nor_subsystems(
    bmc_of: Callable[[str], Bmc],
) -> None:
    bmc = bmc_of(ILO4)
    for path in (f"{SYSTEM}/Storage", f"{CHASSIS}/PowerSubsystem"):
        assert bmc.client.get(path).status_code == 404
    assert "Storage" not in bmc.get(SYSTEM)
    drives = bmc.get(f"{SYSTEM}/SmartStorage/ArrayControllers/0/DiskDrives")
    assert drives["Members@odata.count"] == 6


def test_the_root_is_open_and_the_rest_wants_a_password(bmc_of: Callable[[str], Bmc]) -> None:
    bmc = bmc_of(XCC)
    bmc.client.auth = None
    assert bmc.client.get("/redfish/v1").json()["RedfishVersion"]
    assert bmc.client.get("/redfish").json() == {"v1": "/redfish/v1/"}
    refused = bmc.client.get(SYSTEM)
    assert refused.status_code == 401
    assert "Basic" in refused.headers["www-authenticate"]
    for pair in (("admin", "admin"), (bmc.secrets["user"], "wrong")):
        assert bmc.client.get(SYSTEM, auth=pair).status_code == 401
    broken = bmc.client.get(SYSTEM, headers={"Authorization": "Basic ***"})
    assert broken.status_code == 401


def test_a_session_lives_from_its_login_to_its_logout(bmc_of: Callable[[str], Bmc]) -> None:
    bmc = bmc_of(XCC)
    bmc.client.auth = None
    sessions = "/redfish/v1/SessionService/Sessions"
    assert bmc.client.post(sessions, content=b"nonsense").status_code == 400
    wrong = {"UserName": bmc.secrets["user"], "Password": "wrong"}
    assert bmc.client.post(sessions, json=wrong).status_code == 401
    right = {"UserName": bmc.secrets["user"], "Password": bmc.secrets["password"]}
    made = bmc.client.post(sessions, json=right)
    assert made.status_code == 201
    token = {"X-Auth-Token": made.headers["x-auth-token"]}
    assert bmc.client.get(SYSTEM, headers=token).status_code == 200
    assert bmc.client.delete(made.headers["location"], headers=token).status_code == 204
    assert bmc.client.get(SYSTEM, headers=token).status_code == 401


def test_a_controller_has_only_so_many_sessions(bmc_of: Callable[[str], Bmc]) -> None:
    bmc = bmc_of(ILO5)
    sessions = "/redfish/v1/SessionService/Sessions"
    right = {"UserName": bmc.secrets["user"], "Password": bmc.secrets["password"]}
    made = [bmc.client.post(sessions, json=right) for _ in range(17)]
    assert [response.status_code for response in made] == [201] * 16 + [503]
    for response in made[:16]:
        token = {"X-Auth-Token": response.headers["x-auth-token"]}
        bmc.client.delete(response.headers["location"], headers=token)


def test_nothing_can_be_changed(bmc_of: Callable[[str], Bmc]) -> None:
    assert bmc_of(XCC).client.patch(SYSTEM, json={}).status_code == 405


def bmc_key(bmc: Bmc, region: Path) -> str:
    """The register key of the server whose controller this is."""
    address = bmc.client.base_url.host
    return next(each.key for each in control.endpoints(region) if each.address == address)
