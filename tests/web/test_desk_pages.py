"""维护窗口, 接入端点, 用户, 审计日志: lists, forms with bad input, what they leave behind."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import PASSWORD, SignIn, World

from jingwei import probes
from jingwei.accounts.actions import record
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import verify_chain
from jingwei.assets import queries as assets
from jingwei.assets import words
from jingwei.assets.models import Credential, Endpoint
from jingwei.checks.models import CheckState, Maintenance
from jingwei.web import endpointform
from jingwei.web.once import new_key
from jingwei.web.words import AUDIT_GROUPS, audit_word


def moment(hours: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in("first_line", full_name="王磊")


@pytest.fixture
def admin(world: World, sign_in: SignIn) -> Client:
    return sign_in("system_admin", full_name="赵敏")


# ---- maintenance


def test_announced_work_is_listed_and_can_be_cancelled(world: World, engineer: Client) -> None:
    engineer.post(reverse("maintenance-new"), {
        "target": "HW-016-1 华为", "start": moment(0), "end": moment(2), "reason": "换硬盘",
    })  # fmt: skip
    window = Maintenance.objects.get()
    assert (window.target, window.by) == (world.array, "王磊")
    assert "维护中" in text_of(engineer.get(reverse("maintenance")))
    engineer.post(reverse("maintenance-cancel", args=(window.pk,)))
    assert "已取消" in text_of(engineer.get(reverse("maintenance")))
    again = engineer.post(reverse("maintenance-cancel", args=(window.pk,)), follow=True)
    assert "已结束或已取消" in text_of(again)


def test_work_on_everything_needs_no_target(world: World, engineer: Client) -> None:
    asked = {"target": "", "start": moment(1), "end": moment(2), "reason": "停电"}
    engineer.post(reverse("maintenance-new"), asked)
    assert Maintenance.objects.get().target is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"target": "HW-999-9"}, "登记里没有“HW-999-9”"),
        ({"end": ""}, "error"),
        ({"start": "后天"}, "error"),
        ({"start": "", "end": ""}, "error"),
        ({"reason": " "}, "请填写维护原因"),
    ],
)
def test_bad_maintenance_is_told_beside_the_field(
    world: World, engineer: Client, changed: dict[str, str], said: str
) -> None:
    asked = {"target": "", "start": moment(1), "end": moment(2), "reason": "停电"} | changed
    response = engineer.post(reverse("maintenance-new"), asked)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Maintenance.objects.exists()


def test_maintenance_must_end_after_it_begins_and_not_in_the_past(
    world: World, engineer: Client
) -> None:
    backwards = {"start": moment(3), "end": moment(2), "reason": "x"}
    assert "应晚于开始时间" in text_of(engineer.post(reverse("maintenance-new"), backwards))
    over = {"start": moment(-3), "end": moment(-2), "reason": "x"}
    assert "结束时间已过" in text_of(engineer.post(reverse("maintenance-new"), over))


# ---- endpoints


def test_the_form_is_made_from_the_options_of_the_probe(world: World, engineer: Client) -> None:
    text = text_of(engineer.get(reverse("endpoint-new"), {"protocol": "dicom"}))
    for name in ("ae_title", "calling_ae"):
        assert f'name="option_{name}"' in text
    assert 'value="104"' in text, "the probe's own port is proposed"


@pytest.mark.parametrize("protocol", list(words.PROTOCOLS))
def test_every_protocol_has_a_form(world: World, engineer: Client, protocol: str) -> None:
    response = engineer.get(reverse("endpoint-new"), {"protocol": protocol, "target": "APP-10"})
    assert response.status_code == 200
    assert 'value="APP-10"' in text_of(response)
    assert endpointform.probes_of(protocol)


def test_every_probe_that_asks_can_be_given_an_endpoint() -> None:
    reachable = {one.name for code in words.PROTOCOLS for one in endpointform.probes_of(code)}
    assert {one.name for one in probes.all_probes() if not one.passive} <= reachable


def test_a_protocol_is_chosen_first(world: World, engineer: Client) -> None:
    assert "用什么协议" in text_of(engineer.get(reverse("endpoint-new")))
    assert "用什么协议" in text_of(engineer.get(reverse("endpoint-new"), {"protocol": "telex"}))


def test_an_endpoint_is_registered_with_a_sealed_credential(world: World, engineer: Client) -> None:
    response = engineer.post(reverse("endpoint-new"), {
        "protocol": "snmp", "target": "HW-016-1", "address": "10.1.2.3", "port": "161",
        "secret_community": "n0t-public", "option_version": "2c", "option_max_rows": "500",
        "once": new_key(),
    })  # fmt: skip
    assert response.status_code == 302, text_of(response)
    made = Endpoint.objects.get(target=world.array)
    assert (made.address, made.port, made.demo) == ("10.1.2.3", 161, False)
    assert made.settings == {"max_rows": 500}, "only what differs from the default is stored"
    assert made.credential is not None
    assert assets.secrets_of(made) == {"community": "n0t-public"}
    assert b"n0t-public" not in bytes(made.credential.ciphertext)
    assert not AuditEntry.objects.filter(after__icontains="n0t-public").exists()
    page = text_of(engineer.get(reverse("endpoint", args=(made.pk,))))
    assert "n0t-public" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"target": "NOPE-1"}, "登记里没有“NOPE-1”"),
        ({"target": ""}, "error"),
        ({"address": "http://10.1.2.3/"}, "应为 IP 或主机名"),
        ({"port": "0"}, "应为 1 到 65535 的整数"),
        ({"port": "70000"}, "error"),
        ({"option_max_rows": "lots"}, "error"),
        ({"option_version": "4"}, "error"),
        ({"credential": "made-up"}, "error"),
        ({"secret_community": "x", "credential": "已有"}, "选用已有凭据，就不要再填新的"),
    ],
)
def test_a_bad_endpoint_is_told_and_nothing_half_written(
    world: World, engineer: Client, changed: dict[str, str], said: str
) -> None:
    Credential.objects.create(name="已有", ciphertext=b"x", fields=["community"])
    asked = {
        "protocol": "snmp", "target": "HW-016-1", "address": "10.1.2.3", "port": "161",
    } | changed  # fmt: skip
    response = engineer.post(reverse("endpoint-new"), asked)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Endpoint.objects.filter(target=world.array).exists()
    assert Credential.objects.count() == 1, "no credential without its endpoint"


def test_a_second_endpoint_of_one_protocol_is_refused(world: World, engineer: Client) -> None:
    asked = {"protocol": "modbus", "target": "ROOM-01", "address": "10.1.1.1", "port": "502"}
    response = engineer.post(reverse("endpoint-new"), asked)
    assert "已有 modbus 端点" in text_of(response)


def test_changing_an_endpoint_of_the_region_makes_it_real(world: World, engineer: Client) -> None:
    where = reverse("endpoint", args=(world.endpoint.pk,))
    assert "演示区域的端点" in text_of(engineer.get(where))
    engineer.post(where, {"address": "10.9.9.9", "port": "502", "option_unit_id": "7"})
    world.endpoint.refresh_from_db()
    assert (world.endpoint.address, world.endpoint.demo) == ("10.9.9.9", False)
    assert world.endpoint.settings == {"unit_id": 7}


def test_an_endpoint_with_history_stays(world: World, engineer: Client) -> None:
    where = reverse("endpoint-remove", args=(world.endpoint.pk,))
    assert "历史要留存" in text_of(engineer.post(where, follow=True))
    bare = Endpoint.objects.create(target=world.ids, protocol="tcp", address="10.0.0.1", port=22)
    engineer.post(reverse("endpoint-remove", args=(bare.pk,)))
    assert not Endpoint.objects.filter(pk=bare.pk).exists()


def test_an_endpoint_is_tried_through_its_checks(world: World, engineer: Client) -> None:
    response = engineer.post(reverse("endpoint-test", args=(world.endpoint.pk,)), follow=True)
    assert "立即检查 1 项" in text_of(response)
    due = CheckState.objects.get(pk=world.check.pk).due
    assert due is not None
    assert due <= timezone.now()


@pytest.mark.parametrize(
    ("asked", "count"),
    [({"q": "room-01"}, 1), ({"protocol": "modbus"}, 1), ({"origin": "real"}, 0), ({}, 1)],
)
def test_the_endpoint_list_filters(
    world: World, engineer: Client, asked: dict[str, str], count: int
) -> None:
    text = text_of(engineer.get(reverse("endpoints"), asked))
    assert (f"共 {count} 个" if count else "没有端点") in text


# ---- users


def test_a_new_account_gets_a_password_shown_once(world: World, admin: Client) -> None:
    asked = {"username": "liting", "full_name": "李婷", "role": "second_line", "once": new_key()}
    page = text_of(admin.post(reverse("user-new"), asked, follow=True))
    made = User.objects.get(username="liting")
    password = page.split('class="secret mono">')[1].split("<")[0]
    assert made.check_password(password)
    assert made.must_change_password
    assert password not in text_of(admin.get(reverse("user", args=(made.pk,))))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "u-system_admin"}, "已被使用"),
        ({"username": "a b<c"}, "用户名"),
        ({"role": "king"}, "error"),
        ({"full_name": ""}, "error"),
    ],
)
def test_a_bad_account_is_refused_in_words(
    world: World, admin: Client, changed: dict[str, str], said: str
) -> None:
    asked = {"username": "liting", "full_name": "李婷", "role": "second_line"} | changed
    response = admin.post(reverse("user-new"), asked)
    assert response.status_code == 422
    assert said in text_of(response)
    assert User.objects.count() == 1


def test_a_role_is_changed_with_its_reason(world: World, admin: Client, make_user: Any) -> None:
    person = make_user("second_line", full_name="李婷")
    where = reverse("user", args=(person.pk,))
    admin.post(where, {"full_name": "李婷", "role": "manager", "reason": "接任项目负责人"})
    person.refresh_from_db()
    assert person.role == "manager"
    assert "接任项目负责人" in text_of(admin.get(where))


def test_nobody_changes_his_own_role(world: World, admin: Client) -> None:
    own = User.objects.get(username="u-system_admin")
    response = admin.post(reverse("user", args=(own.pk,)), {"full_name": "赵敏", "role": "manager"})
    assert response.status_code == 422
    assert "不能修改自己的角色" in text_of(response)


def test_reset_ends_the_old_password_and_is_made_once(
    world: World, admin: Client, make_user: Any
) -> None:
    person, key = make_user("second_line"), new_key()
    where = reverse("user-reset", args=(person.pk,))
    page = text_of(admin.post(where, {"once": key}, follow=True))
    new = page.split('class="secret mono">')[1].split("<")[0]
    admin.post(where, {"once": key})
    person.refresh_from_db()
    assert not person.check_password(PASSWORD)
    assert person.check_password(new), "the second copy of the form changed nothing"


def test_an_account_ends_and_comes_back_with_its_history(
    world: World, admin: Client, make_user: Any
) -> None:
    person = make_user("second_line")
    admin.post(reverse("user-deactivate", args=(person.pk,)), {"reason": "离岗"})
    person.refresh_from_db()
    assert not person.is_active
    assert "u-second_line" not in text_of(admin.get(reverse("users")))
    assert "u-second_line" in text_of(admin.get(reverse("users"), {"show": "all"}))
    admin.post(reverse("user-reactivate", args=(person.pk,)))
    admin.post(reverse("user-unlock", args=(person.pk,)))
    person.refresh_from_db()
    assert person.is_active


def test_the_last_administrator_stays(world: World, admin: Client) -> None:
    own = User.objects.get(username="u-system_admin")
    page = admin.post(reverse("user-deactivate", args=(own.pk,)), follow=True)
    assert "不能停用自己的账号" in text_of(page)


# ---- audit


@pytest.fixture
def auditor(world: World, sign_in: SignIn) -> Client:
    record("甲", "finding.note", kind="finding", key="7", reason="换滤网", now=timezone.now())
    record("=cmd()", "login.failed", kind="user", succeeded=False, now=timezone.now())
    return sign_in("audit_admin")


def test_the_log_is_read_in_words_and_filtered(auditor: Client) -> None:
    text = text_of(auditor.get(reverse("audit")))
    assert "填写跟进" in text
    assert "登录失败" in text
    only = text_of(auditor.get(reverse("audit"), {"action": "finding"}))
    assert "共 1 条" in only
    assert "共 1 条" in text_of(auditor.get(reverse("audit"), {"q": "滤网"}))
    future = {"since": str(timezone.localdate() + timedelta(days=1))}
    assert "没有符合条件的记录" in text_of(auditor.get(reverse("audit"), future))


def test_the_chain_is_followed_on_request(auditor: Client) -> None:
    assert "链完整" in text_of(auditor.get(reverse("audit"), {"verify": "1"}))


def test_a_broken_chain_is_shouted(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    real = verify_chain()
    broken = real.__class__(1, real.head, 2, "内容与哈希不符")
    monkeypatch.setattr("jingwei.accounts.queries.verify_chain", lambda: broken)
    text = text_of(auditor.get(reverse("audit"), {"verify": "1"}))
    assert "第 2 条校验不符：内容与哈希不符" in text
    assert "链已断" in text


def test_the_export_has_every_hash_and_no_formulas(auditor: Client) -> None:
    response = auditor.get(reverse("audit-export"))
    body = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert len(rows) == AuditEntry.objects.count()
    assert rows[0]["用户"] == "'=cmd()"
    assert rows[0]["前一哈希"] == rows[1]["哈希"]


@pytest.mark.parametrize(
    ("action", "word"),
    [
        ("routine.confirm-item", "确认检查项"),
        ("units.change", "修改设备"),
        ("credential.create", "新建凭据"),
        ("something.else", "something.else"),
    ],
)
def test_actions_are_called_by_their_words(action: str, word: str) -> None:
    assert audit_word(action) == word
    assert all(AUDIT_GROUPS.values())
