"""Endpoints of the region and of real devices, and the secrets behind them."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings

from jingwei import terms
from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions, credentials, queries
from jingwei.assets.actions import RefusedError
from jingwei.assets.credentials import SealBrokenError
from jingwei.assets.models import Credential, Endpoint, Target

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
SECRET = "only-for-eyes"


def region(count: int = 3, port: int = 20000, **secrets: str) -> list[terms.Endpoint]:
    keys = Target.objects.values_list("key", flat=True)[:count]
    return [
        terms.Endpoint(key, protocol, "127.0.0.1", port + number, {"path": "/"}, secrets)
        for number, key in enumerate(keys)
        for protocol in ("snmp", "tcp")
    ]


def real(key: str = "HW-001-1", **more: Any) -> Endpoint:
    wanted = {"address": "192.0.2.7", "port": 161, "actor": "t", "now": NOW} | more
    return actions.save_endpoint(key, "snmp", **wanted)


def test_sealed_secrets_open_again_and_never_look_alike() -> None:
    first, second = (credentials.seal({"password": SECRET}, "a") for _ in range(2))
    assert first != second
    assert SECRET.encode() not in first
    assert credentials.unseal(first, "a") == {"password": SECRET}


def test_a_sealed_text_can_not_be_moved_to_another_name() -> None:
    sealed = credentials.seal({"password": SECRET}, "a")
    with pytest.raises(SealBrokenError, match="凭据“b”无法解密"):
        credentials.unseal(sealed, "b")


@pytest.mark.parametrize("at", [0, 5, -1])
def test_a_changed_text_does_not_open(at: int) -> None:
    sealed = bytearray(credentials.seal({"password": SECRET}, "a"))
    sealed[at] ^= 1
    with pytest.raises(SealBrokenError):
        credentials.unseal(bytes(sealed), "a")
    with pytest.raises(SealBrokenError):
        credentials.unseal(b"", "a")


def test_another_key_file_does_not_open_it() -> None:
    sealed = credentials.seal({"password": SECRET}, "a")
    with (
        override_settings(JINGWEI_MASTER_KEY=b"x" * 32),
        pytest.raises(SealBrokenError, match="密钥文件已更换"),
    ):
        credentials.unseal(sealed, "a")


@pytest.mark.django_db
def test_the_audit_chain_learns_that_a_secret_changed_and_nothing_else() -> None:
    actions.save_credential("库", {"user": "ops", "password": SECRET}, actor="t", now=NOW)
    actions.save_credential("库", {"password": SECRET + "2"}, actor="t", now=NOW)
    assert [entry.action for entry in AuditEntry.objects.order_by("sequence")] == [
        "credential.create",
        "credential.change",
    ]
    for entry in AuditEntry.objects.all():
        assert SECRET not in repr((entry.before, entry.after, entry.reason))
    assert SECRET.encode() not in bytes(Credential.objects.get().ciphertext)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "secrets", "message"),
    [
        (" ", {"user": "a"}, "1 到 100 个字"),
        ("a" * 101, {"user": "a"}, "1 到 100 个字"),
        ("a", {}, "至少填写一项"),
        ("a", {"user": ""}, "至少填写一项"),
        ("a", {"user": "x" * 5000}, "最多 4096"),
    ],
)
def test_a_useless_credential_is_refused(name: str, secrets: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        actions.save_credential(name, secrets, actor="t", now=NOW)


@pytest.mark.usefixtures("register")
def test_a_credential_in_use_is_not_destroyed() -> None:
    actions.save_credential("只读", {"community": SECRET}, actor="t", now=NOW)
    real(credential="只读")
    with pytest.raises(RefusedError, match="仍被端点使用：HW-001-1 snmp"):
        actions.remove_credential("只读", actor="t", now=NOW)
    actions.remove_endpoint("HW-001-1", "snmp", actor="t", now=NOW)
    actions.remove_credential("只读", actor="t", now=NOW)
    assert not Credential.objects.exists()
    with pytest.raises(RefusedError, match="没有名为"):
        actions.remove_credential("只读", actor="t", now=NOW)


@pytest.mark.usefixtures("register")
def test_the_region_sets_its_endpoints_once() -> None:
    first = actions.set_endpoints(region(community=SECRET), demo=True, actor="系统", now=NOW)
    assert first == {"created": 6, "updated": 0, "unchanged": 0, "kept": 0}
    audited = AuditEntry.objects.count()
    again = actions.set_endpoints(region(community=SECRET), demo=True, actor="系统", now=NOW)
    assert again == {"created": 0, "updated": 0, "unchanged": 6, "kept": 0}
    assert AuditEntry.objects.count() == audited
    assert queries.demo_active()
    endpoint = Endpoint.objects.select_related("credential").first()
    assert endpoint is not None
    assert queries.secrets_of(endpoint) == {"community": SECRET}


@pytest.mark.usefixtures("register")
def test_a_restarted_region_moves_its_ports_and_secrets() -> None:
    actions.set_endpoints(region(community="a"), demo=True, actor="系统", now=NOW)
    moved = actions.set_endpoints(
        region(port=30000, community="b"), demo=True, actor="系统", now=NOW
    )
    assert moved["updated"] == 6
    endpoint = Endpoint.objects.select_related("credential").order_by("pk")[0]
    assert endpoint.port == 30000
    assert queries.secrets_of(endpoint) == {"community": "b"}


@pytest.mark.usefixtures("register")
def test_a_real_endpoint_is_never_overwritten_by_the_region() -> None:
    actions.save_credential("只读", {"community": SECRET}, actor="t", now=NOW)
    real(credential="只读")
    tally = actions.set_endpoints(region(community="demo"), demo=True, actor="系统", now=NOW)
    assert (tally["kept"], tally["created"]) == (1, 5)
    kept = Endpoint.objects.select_related("credential").get(
        target__key="HW-001-1", protocol="snmp"
    )
    assert (kept.address, kept.demo) == ("192.0.2.7", False)
    assert queries.secrets_of(kept) == {"community": SECRET}


@pytest.mark.usefixtures("register")
def test_a_demo_endpoint_somebody_edits_becomes_real_and_loses_the_demo_secret() -> None:
    actions.set_endpoints(region(community="demo"), demo=True, actor="系统", now=NOW)
    endpoint = real()
    assert (endpoint.demo, endpoint.address) == (False, "192.0.2.7")
    assert queries.secrets_of(endpoint) == {}
    entry = AuditEntry.objects.get(kind="endpoints", object_key="HW-001-1 snmp")
    assert entry.before is not None
    assert entry.before["地址"] == "127.0.0.1"


@pytest.mark.usefixtures("register")
def test_the_region_leaves_without_a_trace_of_secrets() -> None:
    actions.set_endpoints(region(community="demo"), demo=True, actor="系统", now=NOW)
    real()
    assert actions.remove_demo_endpoints(now=NOW) == 5
    assert not queries.demo_active()
    assert Endpoint.objects.get().address == "192.0.2.7"
    assert not Credential.objects.filter(demo=True).exists()
    assert actions.remove_demo_endpoints(now=NOW) == 0


@pytest.mark.usefixtures("register")
def test_checks_outlive_the_endpoint_they_asked() -> None:
    from jingwei.checks.models import Check  # noqa: PLC0415 - a room above: only its rows

    actions.set_endpoints(region(1), demo=True, actor="系统", now=NOW)
    endpoint = Endpoint.objects.order_by("pk")[0]
    check = Check.objects.create(
        key="k", target=endpoint.target, endpoint=endpoint, item="i", label="l", probe="tcp"
    )
    actions.remove_demo_endpoints(now=NOW)
    check.refresh_from_db()
    assert check.endpoint_id is None


@pytest.mark.usefixtures("register")
def test_an_endpoint_of_an_unknown_target_is_refused_as_a_whole() -> None:
    wanted = [*region(), terms.Endpoint("HW-999-1", "snmp", "127.0.0.1", 1)]
    with pytest.raises(RefusedError, match="HW-999-1"):
        actions.set_endpoints(wanted, demo=True, actor="系统", now=NOW)
    assert not Endpoint.objects.exists()


@pytest.mark.usefixtures("register")
def test_four_hundred_endpoints_are_set_within_a_second() -> None:
    wanted = region(200, community="demo")
    assert len(wanted) == 400
    started = time.perf_counter()
    actions.set_endpoints(wanted, demo=True, actor="系统", now=NOW)
    assert time.perf_counter() - started < 1
    assert Endpoint.objects.count() == 400


@pytest.mark.usefixtures("register")
def test_saving_what_is_there_changes_nothing() -> None:
    real()
    audited = AuditEntry.objects.count()
    real()
    assert AuditEntry.objects.count() == audited


@pytest.mark.usefixtures("register")
def test_an_unknown_protocol_and_a_missing_endpoint_are_named() -> None:
    with pytest.raises(RefusedError, match="协议：应为 icmp、"):
        actions.save_endpoint("HW-001-1", "telnet", address="a", port=1, actor="t", now=NOW)
    with pytest.raises(RefusedError, match="HW-001-1 没有 snmp 端点"):
        actions.remove_endpoint("HW-001-1", "snmp", actor="t", now=NOW)


@pytest.mark.usefixtures("register")
def test_a_targets_endpoints_are_listed_by_protocol() -> None:
    actions.set_endpoints(region(1), demo=True, actor="系统", now=NOW)
    target = Target.objects.get(key="HW-001-1")
    assert [one.protocol for one in queries.endpoints(target)] == ["snmp", "tcp"]
