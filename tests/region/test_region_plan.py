"""What each registered thing speaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from region_peers import whole_district

from jingwei.region.plan import (
    Family,
    cracs_of_room,
    family,
    family_of,
    protocols_for,
    protocols_of,
)
from jingwei.terms import Peer


@pytest.mark.parametrize(
    ("kind", "vendor", "model", "expected", "protocols"),
    [
        ("server", "HPE", "ProLiant DL360 Gen9", Family.ILO4, ("snmp", "redfish")),
        ("server", "HPE", "HPE DL360 G9", Family.ILO4, ("snmp", "redfish")),
        ("server", "HPE", "HPE 380 gen10", Family.ILO5, ("snmp", "redfish")),
        ("server", "联想", "联想SR650", Family.XCC, ("snmp", "redfish")),
        ("server", "HP", "HPDL580-G7", Family.PROLIANT, ("snmp",)),
        ("server", "IBM", "X3650M4", Family.IMM, ("snmp",)),
        ("server", "Lenovo", "x3850 X6", Family.IMM, ("snmp",)),
        ("server", "Lenovo", "ThinkServer RD650", Family.THINKSERVER, ("snmp", "ipmi")),
        ("server", "Sugon", "I620-G20", Family.PLAIN_SERVER, ("snmp",)),
        ("switch", "新华三", "S5130S", Family.H3C_SWITCH, ("snmp",)),
        ("switch", "华为", "", Family.HUAWEI_SWITCH, ("snmp",)),
        ("switch", "Cisco", "C9300", Family.PLAIN_SWITCH, ("snmp",)),
        ("fc-switch", "Huawei", "OceanStor SNS2120", Family.BROCADE, ("snmp",)),
        ("storage", "Huawei", "OceanStor 5500 V3", Family.OCEANSTOR, ("snmp", "devicemanager")),
        ("storage", "Dell EMC", "Unity XT 480", Family.UNITY, ("snmp", "https", "unisphere")),
        ("load-balancer", "DPtech", "ADX3000", Family.DPTECH, ("snmp", "https", "tcp")),
        ("ids", "Huawei", "NIP6620", Family.HUAWEI_SECURITY, ("snmp", "https", "tcp")),
        ("bastion", "Sangfor", "OSM-1000", Family.PLAIN_SECURITY, ("https", "tcp")),
        ("kvm", "", "KMD3232", Family.MANUAL, ()),
        ("room", "", "", Family.ROOM, ("modbus",)),
        ("application", "", "", Family.APPLICATION, ("http", "https")),
        ("database", "", "", Family.DATABASE, ("sql",)),
        ("site", "", "", Family.MANUAL, ()),
    ],
)
def test_a_model_belongs_to_its_family(
    kind: str, vendor: str, model: str, expected: Family, protocols: tuple[str, ...]
) -> None:
    assert family(kind, vendor, model) is expected
    assert protocols_for(kind, vendor, model) == protocols


def test_only_the_pacs_speak_dicom_and_only_the_platform_speaks_hl7() -> None:
    spoken = {peer.key: protocols_of(peer) for peer in whole_district()}
    assert [key for key, words in spoken.items() if "dicom" in words] == ["APP-10", "APP-11"]
    assert [key for key, words in spoken.items() if "mllp" in words] == [
        "APP-01",
        "APP-02",
        "APP-03",
    ]


def test_a_peer_with_protocols_of_its_own_keeps_them() -> None:
    peer = Peer("HW-1", "server", "", "HPE", "DL380 Gen10", protocols=("redfish",))
    assert protocols_of(peer) == ("redfish",)


def test_every_unit_of_the_tender_but_the_kvm_speaks_something() -> None:
    peers = [peer for peer in whole_district() if peer.key.startswith("HW")]
    assert len(peers) == 172
    mute = {peer.kind for peer in peers if not protocols_of(peer)}
    assert mute == {"kvm"}


def test_all_air_conditioners_stand_in_the_first_room() -> None:
    peers = whole_district()
    assert cracs_of_room("ROOM-01", peers) == ("HW-001-1", "HW-001-2")
    assert cracs_of_room("ROOM-02", peers) == ()
    assert cracs_of_room("ROOM-01", []) == ()


@settings(deadline=None)
@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_no_words_of_the_register_break_the_plan(kind: str, vendor: str, model: str) -> None:
    assert family_of(Peer("X", kind, "", vendor, model)) in Family
