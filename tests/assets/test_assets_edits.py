"""Each edit in the audit chain; keys that stay their own; two people at once; past days."""

import csv
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from jingwei.accounts import queries as accounts
from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions, credentials, queries
from jingwei.assets.actions import RefusedError
from jingwei.assets.credentials import SealBrokenError
from jingwei.assets.models import (
    Application,
    AssetRow,
    Coverage,
    Credential,
    Dependency,
    Endpoint,
    Institution,
    Target,
    Unit,
)
from jingwei.assets.queries import ApplicationFilter, UnitFilter
from jingwei.assets.tables import kinds, writing

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
AS_OF = date(2022, 11, 1)
WHO: dict[str, Any] = {"actor": "wang", "now": NOW}
EDITS: list[tuple[Callable[..., Any], str, str, str, Any, str, str]] = [
    (actions.edit_unit, "units", "HW-005-1", "serial", "SN-1", "序列号", "SN-1"),
    (actions.edit_unit, "units", "HW-005-1", "location", "二楼", "位置说明", "二楼"),
    (actions.edit_unit, "units", "HW-005-1", "rack_u", 40, "起始 U 位", "40"),
    (actions.edit_unit, "units", "HW-005-1", "institution", "INST-H01", "机构代码", "INST-H01"),
    (actions.edit_unit, "units", "HW-005-1", "cords", ["A@1", "B@2"],
     "电源线（PDU@供电路）", "A@1;B@2"),
    (actions.edit_unit, "units", "HW-005-1", "notes", "", "备注", ""),
    (actions.edit_unit, "units", "HW-005-1", "valid_to", AS_OF, "停用日期", "2022-11-01"),
    (actions.edit_row, "hardware", "HW-005", "quantity", 3, "数量", "3"),
    (actions.edit_row, "hardware", "HW-005", "purchase_raw", "2019.3",
     "购置年月（原文）", "2019.3"),
    (actions.edit_row, "hardware", "HW-005", "warranty_years", 5, "保修年限", "5"),
    (actions.edit_row, "hardware", "HW-005", "kind", "storage", "种类", "存储"),
    (actions.edit_row, "hardware", "HW-005", "is_new", True, "新增设备", "是"),
    (actions.edit_row, "hardware", "HW-005", "site", "SITE-2", "站点", "容灾备份"),
    (actions.edit_application, "applications", "APP-05", "name", "新名", "应用名称", "新名"),
    (actions.edit_application, "applications", "APP-05", "core", "yes",
     "核心系统", "核心（招标文件）"),
    (actions.edit_application, "applications", "APP-05", "coverage", "jingan-north",
     "覆盖范围", "静安北"),
    (actions.edit_application, "applications", "APP-05", "institutions", ["INST-H01"],
     "覆盖机构代码", "INST-H01"),
]  # fmt: skip


@pytest.mark.usefixtures("register")
def test_each_edit_is_one_entry_with_who_when_why_before_and_after() -> None:
    for edit, kind, key, name, value, header, after in EDITS:
        column = kinds.table(kind).column(name)
        before = column.cells.show(queries.records(kinds.table(kind))[key][name])
        change = edit(key, {name: value}, reason="现场核对", origin="192.0.2.8", **WHO)
        assert change is not None
        assert change.fields == ((header, before, after),)
        entry = accounts.entries(kind, key)[0]
        assert (entry.before, entry.after) == ({header: before}, {header: after}), header
        assert (entry.action, entry.actor, entry.reason) == (f"{kind}.change", "wang", "现场核对")
        assert (entry.address, entry.at) == ("192.0.2.8", NOW)
        assert edit(key, {name: value}, reason="再来一次", **WHO) is None
    assert accounts.verify_chain().intact


@pytest.mark.usefixtures("register")
def test_a_refused_edit_leaves_neither_a_change_nor_an_entry() -> None:
    entries = AuditEntry.objects.count()
    for edit, key, values, field in [
        (actions.edit_unit, "HW-005-1", {"serial": "SN-1", "room": "ROOM-99"}, "机房号"),
        (actions.edit_row, "HW-005", {"model": "X", "quantity": 1}, "数量"),
        (actions.edit_application, "APP-05", {"name": "X", "institutions": ["NO"]}, "覆盖机构代码"),
        (actions.edit_unit, "HW-999-1", {"serial": "SN-1"}, "设备号"),
    ]:
        with pytest.raises(RefusedError) as refused:
            edit(key, values, reason="x", **WHO)  # type: ignore[arg-type]
        assert refused.value.field == field
    assert not Unit.objects.filter(serial="SN-1").exists()
    assert not AssetRow.objects.filter(model="X").exists()
    assert not Application.objects.filter(name="X").exists()
    assert AuditEntry.objects.count() == entries


@pytest.mark.usefixtures("register")
def test_a_key_of_one_thing_never_becomes_that_of_another(
    import_rows: Callable[..., Any],
) -> None:
    """Else the checks, endpoints and history of a server would pass to a namesake."""
    before = list(Target.objects.order_by("key").values())
    headers = ["应用号", "简码", "清单行", "应用名称", "系统序号"]
    for key in ("HW-005-1", "DB-01", "ROOM-01", "SITE-1"):
        done = import_rows(headers, [key, "NEW", "90", "冒名", "1"])
        assert [error.field for error in done.errors] == ["编号"]
        assert f"{key} 已是" in done.errors[0].message
    assert list(Target.objects.order_by("key").values()) == before
    assert not Application.objects.filter(name="冒名").exists()


@pytest.mark.usefixtures("register")
def test_a_reports_order_holds_for_the_last_allowed_number(
    import_rows: Callable[..., Any],
) -> None:
    """Units before applications before databases, and every order fits PostgreSQL's integer."""
    hardware = ["资产号", "清单行", "站点", "名称型号（原文）", "名称型号", "购置年月", "保修年限",
                "数量", "招标文件状态", "种类"]  # fmt: skip
    import_rows(
        hardware, ["HW-Z", "99999", "SITE-1", "新", "新", "2022.10", "3", "2", "保内", "ups"]
    )
    import_rows(
        ["应用号", "简码", "清单行", "应用名称", "系统序号"], ["APP-Z", "Z", "99999", "末", "1"]
    )
    kinds_in_order = list(dict.fromkeys(
        "unit" if unit else kind
        for kind, unit in Target.objects.order_by("order").values_list("kind", "unit")
    ))  # fmt: skip
    assert kinds_in_order == ["unit", "application", "database", "room", "site"]
    assert Target.objects.order_by("-order")[0].order < 2**31


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_both_arrive_whole(contract_folder: Path) -> None:
    """The second waits; neither loses a row, and the audit chain stays one chain."""
    actions.seed(contract_folder, now=NOW)
    keys = list(Unit.objects.values_list("code", "row__code")[:30])
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def run(header: str, sign: str) -> None:
        data = writing.to_csv(
            ["设备号", "资产号", header], [[unit, row, f"{sign}{unit}"] for unit, row in keys]
        )
        try:
            start.wait(10)
            assert actions.import_file(data, dry_run=False, **WHO).updated == 30
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=a) for a in (("序列号", "S"), ("位置说明", "L"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    for unit, _ in keys:
        found = Unit.objects.get(code=unit)
        assert (found.serial, found.location) == (f"S{unit}", f"L{unit}")
    assert AuditEntry.objects.filter(kind="units").count() == 60
    assert accounts.verify_chain().intact


# ---- credentials


def test_no_byte_of_a_sealed_text_can_be_changed_cut_or_added() -> None:
    sealed = credentials.seal({"user": "ops", "password": "s3cret"}, "库")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 0x01
        for wrong in (bytes(changed), sealed[:at], sealed[:at] + b"\x00" + sealed[at:]):
            with pytest.raises(SealBrokenError, match="凭据“库”无法解密") as broken:
                credentials.unseal(wrong, "库")
            assert "s3cret" not in str(broken.value)
    assert credentials.unseal(sealed, "库") == {"user": "ops", "password": "s3cret"}


@pytest.mark.usefixtures("register")
def test_a_credential_swapped_in_the_database_does_not_open() -> None:
    """Whoever can write the table can't make a device answer with another device's password."""
    for name in ("甲", "乙"):
        actions.save_credential(name, {"password": name}, **WHO)
    endpoint = actions.save_endpoint(
        "HW-016-1", "snmp", address="192.0.2.1", port=161, credential="甲", **WHO
    )
    other = Credential.objects.get(name="乙").ciphertext
    Credential.objects.filter(name="甲").update(ciphertext=other)
    with pytest.raises(SealBrokenError, match="凭据“甲”"):
        queries.secrets_of(Endpoint.objects.select_related("credential").get(pk=endpoint.pk))


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("address", "port", "protocol", "message"),
    [
        ("192.0.2.1", 0, "snmp", "应为 1 到 65535 的整数"),
        ("192.0.2.1", -1, "snmp", "应为 1 到 65535 的整数"),
        ("192.0.2.1", 65536, "tcp", "应为 1 到 65535 的整数"),
        ("192.0.2.1:161", 161, "snmp", "端口写在“端口”一栏"),
        ("http://a", 80, "http", "不含 http:// 和路径"),
        ("a b", 80, "http", "应为 IP 或主机名"),
        ("", 80, "http", "不能为空"),
    ],
)
def test_an_endpoint_nobody_could_reach_is_refused(
    address: str, port: int, protocol: str, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        actions.save_endpoint("HW-016-1", protocol, address=address, port=port, **WHO)
    assert not Endpoint.objects.exists()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("address", ["192.0.2.1", "fe80::1%eth0", "[2001:db8::1]", "db-01.local"])
def test_addresses_of_every_usual_kind_are_taken(address: str) -> None:
    assert actions.save_endpoint("HW-016-1", "tcp", address=address, port=22, **WHO).address == (
        address
    )


# ---- warranty and past days


@pytest.mark.usefixtures("register")
def test_every_rows_warranty_turns_on_the_day_its_own_line_says(contract_folder: Path) -> None:
    """The analysts' end month against our dates: the day before, the last day, the day after."""
    with (contract_folder / "assets.csv").open(encoding="utf-8-sig", newline="") as file:
        ends = {line["asset_id"]: line["warranty_end_ym"] for line in csv.DictReader(file)}
    for row in AssetRow.objects.all():
        year, month = map(int, ends[row.code].split("-"))
        after = date(year + month // 12, month % 12 + 1, 1)
        last = after - timedelta(days=1)
        for as_of, derived, left in [
            (date(2000, 1, 1), "保内", (last - date(2000, 1, 1)).days),
            (last - timedelta(days=1), "保内", 1),
            (last, "保内", 0),
            (after, "过保", -1),
            (date(2050, 1, 1), "过保", (last - date(2050, 1, 1)).days),
        ]:
            known = queries.warranty(row, as_of)
            assert (known.derived, known.days_left, known.ends) == (derived, left, last), row.code
            assert known.agrees == (derived == row.tender_status)
            assert ("须与甲方确认" in known.meaning) != known.agrees


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("as_of", [date(2015, 2, 28), AS_OF, date(2023, 10, 31), date(2040, 1, 1)])
def test_summary_and_filters_count_the_same_units(as_of: date) -> None:
    counted = queries.summary(as_of)
    for name, wanted in [
        ("in_warranty_units", {"warranty": "in"}),
        ("out_of_warranty_units", {"warranty": "out"}),
        ("warranty_disagrees_units", {"warranty": "disagree"}),
        ("tender_in_warranty_units", {"tender": "保内"}),
        ("tender_out_of_warranty_units", {"tender": "过保"}),
        ("units", {}),
    ]:
        assert queries.units(UnitFilter(**wanted), as_of).count() == counted[name], name  # type: ignore[arg-type]


@pytest.mark.usefixtures("register")
def test_a_unit_that_retires_next_month_still_stands_in_its_rack_today() -> None:
    actions.edit_unit("HW-005-1", {"valid_to": date(2022, 12, 1)}, reason="报废", **WHO)

    def standing(as_of: date) -> set[str]:
        racks = [rack for room in queries.rooms(as_of) for rack in room.racks.all()]
        return {unit.code for rack in racks for unit in rack.units.all()}

    assert "HW-005-1" in standing(date(2022, 11, 30))
    assert "HW-005-1" not in standing(date(2022, 12, 1))
    assert queries.summary(date(2022, 11, 30))["units"] == 172
    assert queries.summary(date(2022, 12, 1))["units"] == 171


@pytest.mark.usefixtures("register")
def test_list_filter_and_page_of_an_application_cover_the_same_on_any_day() -> None:
    application = Application.objects.get(code="APP-05")
    Coverage.objects.create(
        application=application,
        institution=Institution.objects.get(code="INST-H01"),
        valid_from=date(2022, 6, 1),
        valid_to=date(2022, 9, 1),
    )
    for as_of, covers in [
        (date(2022, 5, 31), 0),
        (date(2022, 6, 1), 1),
        (date(2022, 8, 31), 1),
        (date(2022, 9, 1), 0),
    ]:
        listed = {one.code: one for one in queries.applications(ApplicationFilter(), as_of)}
        assert listed["APP-05"].covered == covers  # type: ignore[attr-defined]
        assert queries.covered(application, as_of).count() == covers
        narrowed = queries.applications(ApplicationFilter(institution="INST-H01"), as_of)
        assert narrowed.filter(code="APP-05").exists() == bool(covers)


# ---- search and dependencies


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sxz", "HW-005-1"), ("sn-ab", "HW-005-1"), ("SN-AB", "HW-005-1"), ("上新站", "HW-005-1"),
        ("gwsjk sxz", "HW-005-1"), ("公卫 上新站", "HW-005-1"), ("hw-005-1", "HW-005-1"),
    ],
)  # fmt: skip
def test_a_unit_is_found_by_what_was_just_written_of_it(text: str, code: str) -> None:
    values = {"location": "上新站三楼", "serial": "SN-ab9"}
    actions.edit_unit("HW-005-1", values, reason="盘点", **WHO)
    assert [unit.code for unit in queries.units(UnitFilter(text=text), AS_OF)] == [code]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\", "HW-005 没有这个词", "*", "é"])
def test_signs_of_a_query_language_find_nothing_by_accident(text: str) -> None:
    listed = list(queries.units(UnitFilter(text=text), AS_OF))
    shown = [f"{u.code}{u.serial}{u.location}{u.row.name}{u.row.model}{u.row.role}" for u in listed]
    assert all(text in one for one in shown)


@pytest.mark.usefixtures("register")
def test_a_need_is_seen_from_both_ends_power_first() -> None:
    order = list(Dependency.Kind.labels)
    for target in Target.objects.all():
        links = queries.needs(target)
        assert [order.index(one.need) for one in links] == sorted(
            order.index(one.need) for one in links
        )
        for link in links:
            back = [(one.target.key, one.need) for one in queries.needed_by(link.target)]
            assert (target.key, link.need) in back
            assert link.kind
    assert queries.needs(Target.objects.get(key="HW-005-1"))[0].need == "供电"
