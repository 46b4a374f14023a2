"""Commands to a running region: what they say back, and how they fail."""

import json
import socket
from pathlib import Path

import pytest

from jingwei.region import RegionError, control, record


def test_status_tells_what_runs(region: Path) -> None:
    status = control.status(region)
    assert status["running"] is True
    assert status["faults"] == []
    assert (
        status["endpoints"] == len(control.endpoints(region)) == sum(status["protocols"].values())
    )
    assert set(status["protocols"]) == {
        "dicom", "dns", "http", "https", "ldap", "mllp", "modbus", "mq", "ntp", "nut",
        "prometheus", "redfish", "redis", "snmp", "sql", "ssh", "tcp",
        "cmpp", "devicemanager", "dicomweb", "fhir", "ipmi", "sgip", "smgp", "soap",
        "unisphere", "vsphere",
        "wechat", "winrm",
    }  # fmt: skip
    assert status["network"].startswith("127.")


def test_a_fault_says_what_must_be_found(region: Path) -> None:
    told = control.fault(region, "psu-lost", "HW-053-1")
    assert told == {
        "fault": "psu-lost",
        "label": "服务器一路电源丢失",
        "item": "server.power",
        "target": "HW-053-1",
        "target_label": "Lenovo ThinkSystem SR650",
        "seconds": 0,
        "repair": "检查电源线与 PDU，更换电源模块",
        "changed": True,
    }
    assert [row["fault"] for row in control.status(region)["faults"]] == ["psu-lost"]


def test_the_same_fault_again_changes_nothing(region: Path) -> None:
    control.fault(region, "app-500", "APP-03")
    again = control.fault(region, "app-500", "APP-03")
    assert again["changed"] is False
    assert len(control.status(region)["faults"]) == 1


def test_a_fault_without_a_target_takes_the_first(region: Path) -> None:
    assert control.fault(region, "crac-off")["target"] == "HW-001-1"


def test_healing_takes_a_name_a_target_or_everything(region: Path) -> None:
    for name, target in (("app-500", "APP-01"), ("app-500", "APP-02"), ("mllp-hang", "APP-01")):
        control.fault(region, name, target)
    one = control.heal(region, "app-500", "APP-02")["healed"]
    assert [(row["fault"], row["target"]) for row in one] == [("app-500", "APP-02")]
    named = control.heal(region, name="mllp-hang")["healed"]
    assert [row["target"] for row in named] == ["APP-01"]
    control.fault(region, "room-hot")
    assert len(control.heal(region, target="APP-01")["healed"]) == 1
    assert len(control.heal(region)["healed"]) == 1
    assert control.heal(region) == {"healed": []}


def test_the_list_is_that_of_the_catalogue(region: Path) -> None:
    specs = control.faults(region)
    assert len({spec.name for spec in specs}) == len(specs) >= 36
    assert all(spec.targets for spec in specs)


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        ("no-such", None, "没有名为 no-such 的故障"),
        ("room-hot", "APP-01", "不能注入到 APP-01。可用的对象：ROOM-01、ROOM-02"),
        ("room-hot", "NOWHERE", "不能注入到 NOWHERE"),
    ],
)
def test_a_wrong_fault_is_told_plainly(
    region: Path, name: str, target: str | None, message: str
) -> None:
    with pytest.raises(RegionError, match=message):
        control.fault(region, name, target)
    assert control.status(region)["faults"] == []


def test_a_wrong_healing_is_told_plainly(region: Path) -> None:
    with pytest.raises(RegionError, match="没有名为 no-such 的故障"):
        control.heal(region, "no-such")
    with pytest.raises(RegionError, match="没有对象 NOWHERE"):
        control.heal(region, target="NOWHERE")


def test_where_no_region_runs_every_command_says_so(tmp_path: Path) -> None:
    for command in (control.status, control.endpoints, control.faults, control.heal):
        with pytest.raises(RegionError, match=r"没有运行的演示区域.*jingwei region up"):
            command(tmp_path)
    with pytest.raises(RegionError, match="没有运行的演示区域"):
        control.fault(tmp_path, "room-hot")
    assert not control.running(tmp_path)


def ask(region: Path, line: bytes) -> dict[str, object]:
    known = record.read(region)
    with socket.create_connection((known.control, known.port), timeout=5) as wire:
        wire.sendall(line + b"\n")
        return dict(json.loads(wire.makefile().readline()))


def test_the_door_opens_only_to_its_token(region: Path) -> None:
    reply = ask(region, json.dumps({"command": "status", "token": "guess"}).encode())
    assert reply["ok"] is False
    assert "口令不对" in str(reply["error"])


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[]", b"{}", b'"x"', b"\xff\xfe"])
def test_noise_at_the_door_is_answered(region: Path, line: bytes) -> None:
    assert ask(region, line) == {"ok": False, "error": "命令不是有效的 JSON"}


def test_an_unknown_command_is_told(region: Path) -> None:
    token = record.read(region).token
    reply = ask(region, json.dumps({"command": "explode", "token": token}).encode())
    assert reply == {"ok": False, "error": "演示区域不认识命令 explode"}


def test_the_record_is_for_its_owner_only(region: Path) -> None:
    assert (region / "region.json").stat().st_mode & 0o777 == 0o600
    assert "password" not in repr(control.endpoints(region))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_record_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "region.json").write_text(text)
    with pytest.raises(RegionError, match=r"region\.json 无法读取"):
        record.read(tmp_path)
