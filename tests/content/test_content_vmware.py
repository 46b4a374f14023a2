"""VMware hosts: asked over vSphere where that is registered, else said to be unchecked."""

from pathlib import Path

import pytest

from jingwei.checks.content import load_devices, templates_for, unchecked_reason
from jingwei.checks.content.words import DeviceModel, TargetFacts


@pytest.fixture
def devices(content_folder: Path) -> list[DeviceModel]:
    return load_devices(content_folder / "devices")


HOST = TargetFacts("HW-010-1", "server", "Lenovo", "ThinkServer RD640")


def asked(devices: list[DeviceModel], *protocols: str) -> dict[str, str]:
    return {check.item: check.probe for check in templates_for(devices, HOST, protocols)}


def test_with_an_endpoint_the_host_its_machines_and_its_load_are_asked(
    devices: list[DeviceModel],
) -> None:
    found = asked(devices, "vsphere", "ipmi", "snmp")
    assert (found["server.virtual"], found["server.load"]) == ("vsphere", "vsphere")
    assert (found["server.power"], found["server.online"]) == ("ipmi", "snmp")


def test_without_one_it_is_unchecked_with_the_reason_and_the_agent_tells_the_load(
    devices: list[DeviceModel],
) -> None:
    found = asked(devices, "ipmi", "snmp")
    assert "server.virtual" not in found
    assert found["server.load"] == "snmp"
    reason = unchecked_reason(devices, HOST, "server.virtual", ("ipmi", "snmp"))
    assert reason == "未登记 vsphere 端点"
