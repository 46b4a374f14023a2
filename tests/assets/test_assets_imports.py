"""Import and export: all or nothing, every bad row named, nothing changes what didn't change."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions, queries
from jingwei.assets.models import (
    Application,
    AssetRow,
    Endpoint,
    Institution,
    Person,
    Rack,
    System,
    Target,
    Unit,
)
from jingwei.assets.tables import kinds, writing
from jingwei.assets.tables.problems import UnreadableError

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
AS_OF = date(2022, 11, 1)
pytestmark = pytest.mark.usefixtures("register")
Import = Callable[..., Any]


def told(done: Any) -> list[tuple[int, str, str]]:
    return [(error.row, error.field, error.message) for error in done.errors]


def read(data: bytes, **more: Any) -> Any:
    return actions.import_file(data, **({"dry_run": False, "actor": "tester", "now": NOW} | more))


@pytest.mark.parametrize("table", ["hardware", "units", "applications", "institutions"])
@pytest.mark.parametrize("form", ["xlsx", "utf-8-sig", "utf-8", "gb18030"])
def test_an_export_imported_again_changes_nothing(table: str, form: str) -> None:
    wanted = kinds.table(table)
    headers, rows = queries.export_table(wanted, AS_OF)
    if form == "xlsx":
        data = writing.to_xlsx(wanted.label, headers, rows)
    else:
        data = writing.to_csv(headers, rows, form)
    before = AuditEntry.objects.count()
    done = read(data)
    assert (done.table, done.created, done.updated, done.errors) == (table, 0, 0, ())
    assert done.unchanged == len(rows)
    assert AuditEntry.objects.count() == before


def test_people_and_endpoints_make_the_round_trip_too(import_rows: Import) -> None:
    actions.save_credential("SNMP 只读", {"community": "x"}, actor="t", now=NOW)
    people = import_rows(["姓名", "岗位", "电话"], ["张三", "一线驻场", "+86 138"])
    endpoints = import_rows(
        ["对象", "协议", "地址", "端口", "探针选项", "凭据名称"],
        ["HW-016-1", "snmp", "10.0.0.1", "161", '{"version": "2c"}', "SNMP 只读"],
        ["APP-10", "icmp", "10.0.0.2", "", "", ""],
    )
    assert (people.created, endpoints.created) == (1, 2)
    for name in ("people", "endpoints"):
        table = kinds.table(name)
        headers, rows = queries.export_table(table, AS_OF)
        for data in (writing.to_xlsx("x", headers, rows), writing.to_csv(headers, rows)):
            done = read(data)
            assert (done.table, done.updated, done.created, done.errors) == (name, 0, 0, ())


def test_the_tenders_own_lists_can_be_imported_as_they_are(contract_folder: Path) -> None:
    for name, count in (("assets", 54), ("applications", 25)):
        done = read((contract_folder / f"{name}.csv").read_bytes())
        assert (done.unchanged, done.created, done.updated, done.errors) == (count, 0, 0, ())


def test_only_what_changed_is_changed_and_audited(import_rows: Import) -> None:
    before = AuditEntry.objects.count()
    done = import_rows(
        ["设备号", "资产号", "序列号", "备注"],
        ["HW-005-1", "HW-005", "SN-A", Unit.objects.get(code="HW-005-1").notes],
        ["HW-005-2", "HW-005", "", Unit.objects.get(code="HW-005-2").notes],
        reason="现场盘点",
    )
    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    assert done.changes[0].fields == (("序列号", "", "SN-A"),)
    assert Unit.objects.get(code="HW-005-1").rack is not None  # a column not given stays
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.get(kind="units", object_key="HW-005-1")
    assert (entry.action, entry.actor, entry.reason) == ("units.change", "tester", "现场盘点")
    assert (entry.before, entry.after) == ({"序列号": ""}, {"序列号": "SN-A"})


def test_a_dry_run_says_what_would_happen_and_writes_nothing(import_rows: Import) -> None:
    before = AuditEntry.objects.count()
    done = import_rows(["设备号", "资产号", "序列号"], ["HW-005-1", "HW-005", "SN-A"], dry_run=True)
    assert (done.updated, done.written, done.dry_run) == (1, False, True)
    assert Unit.objects.get(code="HW-005-1").serial == ""
    assert AuditEntry.objects.count() == before


def test_every_bad_row_is_named_and_nothing_is_written(import_rows: Import) -> None:
    done = import_rows(
        ["设备号", "资产号", "序列号", "起始 U 位", "停用日期", "机构代码"],
        ["HW-005-1", "HW-005", "GOOD", "", "", ""],
        ["HW-005-2", "HW-005", "", "十", "下周", ""],
        ["HW-999-1", "HW-999", "", "", "", ""],
        ["HW-053-1", "HW-053", "", "", "", "INST-X"],
        ["", "HW-005", "", "", "", ""],
    )
    assert told(done) == [
        (3, "起始 U 位", "应为 1 到 100 的整数，现为“十”"),
        (3, "停用日期", "应为日期，如 2022-11-01，现为“下周”"),
        (4, "设备号", "登记里没有 HW-999-1；要增加台数，请在硬件清单里提高该资产的“数量”"),
        (5, "机构代码", "没有代码为 INST-X 的机构；请先导入或核对机构清单"),
        (6, "设备号", "不能为空"),
    ]
    assert not done.written
    assert Unit.objects.get(code="HW-005-1").serial == ""


def test_a_key_twice_in_a_file_is_named_with_both_rows(import_rows: Import) -> None:
    done = import_rows(
        ["设备号", "资产号"], ["HW-005-1", "HW-005"], ["HW-005-2", "HW-005"], ["HW-005-1", "HW-005"]
    )
    assert told(done) == [(4, "设备号", "与第 2 行重复：HW-005-1，请只保留一行")]


def test_an_unknown_column_is_named_with_the_likely_one(import_rows: Import) -> None:
    done = import_rows(["设备号", "资产号", "序列"], ["HW-005-1", "HW-005", "x"])
    assert told(done) == [(1, "序列", "不认识的列，是不是“序列号”？")]
    other = import_rows(["设备号", "资产号", "天气"], ["HW-005-1", "HW-005", "x"])
    assert "设备的列见导出文件" in other.errors[0].message


def test_a_column_twice_is_named(import_rows: Import) -> None:
    done = import_rows(["设备号", "资产号", "备注", "备注"], ["HW-005-1", "HW-005", "a", "b"])
    assert told(done)[0] == (1, "备注", "该列出现了两次，请只保留一列")


def test_a_value_without_a_header_is_named(import_rows: Import) -> None:
    done = read("设备号,资产号\nHW-005-1,HW-005,多出来的\n".encode())
    assert told(done) == [(2, "第 3 列", "该列没有表头，请补上或删除")]
    assert not done.written


def test_a_title_above_the_header_is_passed_over(import_rows: Import) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["静安区设备台账"],
        [],
        ["设备号", "资产号", "序列号"],
        ["HW-005-1", "HW-005", "S"],
    ):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).updated == 1


def test_headers_are_known_with_other_widths_and_blanks() -> None:
    done = read("设备号,资产号,电源线(PDU@供电路)\nHW-001-1,HW-001,A@市电\n".encode())
    assert done.errors == ()
    assert [cord.pdu for cord in Unit.objects.get(code="HW-001-1").cords.all()] == ["A"]


def test_read_only_columns_are_left_aside_and_said() -> None:
    done = read("设备号,资产号,名称型号（只读）\nHW-001-1,HW-001,别的名字\n".encode())
    assert done.ignored == ("名称型号（只读）",)
    assert (done.unchanged, done.errors) == (1, ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("天气,心情\n晴,好\n".encode(), "认不出表头"),
        ("设备号,资产号\n".encode(), "表头下面没有数据行"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_without_a_table_is_one_plain_sentence(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        read(data)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UnreadableError, match="没有名为“cars”的台账，应为 hardware"):
        read("设备号\nA\n".encode(), table="cars")


# ---- hardware


HARDWARE = [
    "资产号",
    "清单行",
    "站点",
    "名称型号（原文）",
    "名称型号",
    "购置年月",
    "保修年限",
    "数量",
]
HARDWARE += ["招标文件状态", "种类"]


def test_a_new_row_brings_its_units_and_their_targets(import_rows: Import) -> None:
    row = ["HW-055", "55", "SITE-1", "新服务器 ", "新服务器", "2022.10", "5", "2", "保内", "服务器"]
    done = import_rows(HARDWARE, row)
    assert (done.created, done.errors) == (1, ())
    made = AssetRow.objects.get(code="HW-055")
    assert made.name_raw == "新服务器 "
    assert made.purchase_month == date(2022, 10, 1)
    assert [unit.code for unit in made.units.all()] == ["HW-055-1", "HW-055-2"]
    assert "序列号未知" in made.units.get(number=1).notes
    target = Target.objects.get(key="HW-055-2")
    assert (target.label, target.kind) == ("新服务器 #2", "server")


def test_raising_a_quantity_adds_units_of_unknown_serial(import_rows: Import) -> None:
    done = import_rows(["资产号", "数量"], ["HW-016", "3"])
    assert done.updated == 1
    units = list(Unit.objects.filter(row__code="HW-016"))
    assert [unit.code for unit in units] == ["HW-016-1", "HW-016-2", "HW-016-3"]
    assert [unit.serial for unit in units] == ["", "", ""]
    assert Target.objects.get(key="HW-016-1").label.endswith("#1")


def test_lowering_a_quantity_is_refused_with_the_way_out(import_rows: Import) -> None:
    done = import_rows(["资产号", "数量"], ["HW-005", "1"])
    assert told(done)[0][:2] == (2, "数量")
    assert "停用日期" in done.errors[0].message
    assert Unit.objects.filter(row__code="HW-005").count() == 2


def test_a_row_without_what_a_new_one_needs_is_refused(import_rows: Import) -> None:
    done = import_rows(["资产号", "备注"], ["HW-099", "x"])
    assert told(done) == [(2, "清单行", "新登记时必须有此列")]


def test_a_list_number_already_taken_is_refused(import_rows: Import) -> None:
    done = import_rows(["资产号", "清单行"], ["HW-005", "6"])
    assert told(done) == [(2, "清单行", "清单行 6 已被别的资产占用")]


def test_an_unknown_site_names_the_known_ones(import_rows: Import) -> None:
    done = import_rows(["资产号", "站点"], ["HW-005", "月球"])
    assert "永和路数据中心（SITE-1）" in done.errors[0].message


def test_a_renamed_row_is_found_under_its_new_name(import_rows: Import) -> None:
    import_rows(["资产号", "名称型号", "种类"], ["HW-016", "静安存储", "储存"], dry_run=True)
    done = import_rows(["资产号", "名称型号"], ["HW-016", "静安存储"])
    assert done.updated == 1
    assert Target.objects.get(key="HW-016-1").label == "静安存储"
    found = queries.units(queries.UnitFilter(text="jacc"), AS_OF)
    assert [unit.code for unit in found] == ["HW-016-1"]


# ---- units


def test_a_unit_moves_to_a_new_rack_of_a_known_room(import_rows: Import) -> None:
    done = import_rows(
        ["设备号", "资产号", "机房号", "机柜", "起始 U 位", "电源线"],
        ["HW-005-1", "HW-005", "ROOM-01", "Z99", "40", "Z99-PDU-A@HW-003-1; Z99-PDU-B@HW-004-1"],
    )
    assert done.errors == ()
    unit = Unit.objects.select_related("rack").get(code="HW-005-1")
    assert unit.rack is not None
    assert (unit.rack.name, unit.rack_u) == ("Z99", 40)
    assert [(cord.number, cord.pdu, cord.feed) for cord in unit.cords.all()] == [
        (1, "Z99-PDU-A", "HW-003-1"),
        (2, "Z99-PDU-B", "HW-004-1"),
    ]


@pytest.mark.parametrize(
    ("cells", "field", "message"),
    [
        ({"机房号": "ROOM-09", "机柜": "A01"}, "机房号", "应为 ROOM-01、ROOM-02 之一"),
        ({"机房号": "", "机柜": "A01"}, "机房号", "须同时填写机房号"),
        ({"机房号": "ROOM-01", "机柜": ""}, "机柜", "须同时填写机柜"),
        ({"起始 U 位": "43"}, "起始 U 位", "只有 42U"),
        ({"电源线": "@市电"}, "电源线（PDU@供电路）", "应如 A01-PDU-A"),
        ({"资产号": "HW-006"}, "资产号", "不能换到别的资产下"),
    ],
)
def test_a_wrong_place_says_what_was_expected(
    import_rows: Import, cells: dict[str, str], field: str, message: str
) -> None:
    row = {"设备号": "HW-005-1", "资产号": "HW-005"} | cells
    done = import_rows(list(row), list(row.values()))
    assert [(error.row, error.field) for error in done.errors] == [(2, field)]
    assert message in done.errors[0].message
    assert not Rack.objects.filter(room__code="ROOM-09").exists()


def test_a_u_without_a_rack_is_refused(import_rows: Import) -> None:
    done = import_rows(["设备号", "资产号", "起始 U 位"], ["HW-001-1", "HW-001", "3"])
    assert told(done) == [(2, "起始 U 位", "填写 U 位时须同时填写机房号和机柜")]


def test_a_retired_unit_ends_with_its_target(import_rows: Import) -> None:
    import_rows(["设备号", "资产号", "停用日期"], ["HW-005-1", "HW-005", "2022-12-01"])
    assert Target.objects.get(key="HW-005-1").valid_to == date(2022, 12, 1)
    assert queries.summary(date(2022, 11, 30))["units"] == 172
    assert queries.summary(date(2022, 12, 1))["units"] == 171
    assert Unit.objects.filter(row__code="HW-005").count() == 2


def test_a_formula_typed_into_a_note_goes_round_unharmed(import_rows: Import) -> None:
    import_rows(["设备号", "资产号", "备注"], ["HW-005-1", "HW-005", "=1+1"])
    assert Unit.objects.get(code="HW-005-1").notes == "=1+1"
    headers, rows = queries.export_table(kinds.UNITS, AS_OF, ["HW-005-1"])
    assert b"'=1+1" in writing.to_csv(headers, rows)
    assert read(writing.to_csv(headers, rows)).unchanged == 1


def test_excel_numbers_and_dates_are_read_as_what_they_mean() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["设备号", "资产号", "序列号", "起始 U 位", "停用日期"])
    sheet.append(["HW-005-1", "HW-005", 21980105, 7.0, datetime(2023, 1, 31)])
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).errors == ()
    unit = Unit.objects.get(code="HW-005-1")
    assert (unit.serial, unit.rack_u, unit.valid_to) == ("21980105", 7, date(2023, 1, 31))


def test_a_serial_excel_has_rounded_is_refused() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["设备号", "资产号", "序列号"])
    sheet.append(["HW-005-1", "HW-005", 210235100000012345])
    out = io.BytesIO()
    book.save(out)
    assert "末尾改成 0" in read(out.getvalue()).errors[0].message


# ---- applications, institutions, people


def test_an_application_covers_the_institutions_it_is_given(import_rows: Import) -> None:
    done = import_rows(["应用号", "覆盖机构代码"], ["APP-05", "INST-H02;INST-H01"])
    assert done.updated == 1
    application = Application.objects.get(code="APP-05")
    covered = queries.covered(application, AS_OF)
    assert [one.institution.code for one in covered] == ["INST-H01", "INST-H02"]
    assert import_rows(["应用号", "覆盖机构代码"], ["APP-05", "INST-H01、INST-H02"]).unchanged == 1
    import_rows(["应用号", "覆盖机构代码"], ["APP-05", ""])
    assert not queries.covered(application, AS_OF).exists()


def test_coverage_of_an_unknown_institution_is_refused(import_rows: Import) -> None:
    done = import_rows(["应用号", "覆盖机构代码"], ["APP-05", "INST-H01;NOPE"])
    assert told(done) == [(2, "覆盖机构代码", "没有代码为 NOPE 的机构")]


def test_a_new_system_needs_a_name_and_a_known_one_keeps_its_own(import_rows: Import) -> None:
    header = ["应用号", "系统序号", "系统名称"]
    assert "须同时填写" in import_rows(["应用号", "系统序号"], ["APP-05", "23"]).errors[0].message
    stale = import_rows(header, ["APP-05", "4", "医疗服务监管系统"])
    assert told(stale) == [
        (2, "系统名称", "序号 4 的系统是“健康档案浏览器”，现为“医疗服务监管系统”")
    ]
    assert import_rows(header, ["APP-05", "23", "新系统"]).updated == 1
    assert System.objects.get(number=23).name == "新系统"


def test_sample_institutions_are_replaced_by_import(import_rows: Import) -> None:
    done = import_rows(
        ["机构代码", "机构名称", "片区", "类型", "示例数据"],
        ["INST-H01", "市北医院", "静安北", "二级医院", "否"],
        ["NEW-01", "某社区卫生服务中心", "S", "chc", ""],
    )
    assert (done.created, done.updated, done.errors) == (1, 1, ())
    assert not Institution.objects.get(code="INST-H01").sample
    found = queries.units(queries.UnitFilter(text="sbyy"), AS_OF)
    assert {unit.institution.code for unit in found if unit.institution} == {"INST-H01"}


def test_an_institution_that_ends_before_it_starts_is_refused(import_rows: Import) -> None:
    done = import_rows(
        ["机构代码", "启用日期", "停用日期"], ["INST-H01", "2023-01-01", "2022-01-01"]
    )
    assert told(done) == [(2, "停用日期", "不能早于启用日期 2023-01-01，现为 2022-01-01")]


def test_people_are_imported_by_name(import_rows: Import) -> None:
    header = ["姓名", "岗位", "电话"]
    assert import_rows(header, ["张三", "一线驻场", "13800000000"]).created == 1
    assert import_rows(header, ["张三", "first", "13800000000"]).unchanged == 1
    assert import_rows(header, ["张三", "二线支持", "13800000000"]).updated == 1
    assert Person.objects.get().line == "second"
    assert "应为 一线驻场、" in import_rows(header, ["李四", "院长", ""]).errors[0].message


# ---- endpoints


ENDPOINT = ["对象", "协议", "地址", "端口", "探针选项", "凭据名称"]


def test_a_real_target_needs_no_code(import_rows: Import) -> None:
    actions.save_credential("只读", {"community": "s3cret"}, actor="t", now=NOW)
    done = import_rows(
        ENDPOINT, ["HW-016-1", "snmp", "192.0.2.1", "161", '{"version": "2c"}', "只读"]
    )
    assert done.created == 1
    endpoint = Endpoint.objects.get()
    assert not endpoint.demo
    assert queries.secrets_of(endpoint) == {"community": "s3cret"}


@pytest.mark.parametrize(
    ("cells", "field", "message"),
    [
        ({"对象": "HW-999-1"}, "对象", "登记里没有 HW-999-1"),
        ({"协议": "telnet"}, "协议", "应为 icmp、"),
        ({"地址": "http://a/b"}, "地址", "不含 http://"),
        ({"地址": ""}, "地址", "不能为空"),
        ({"端口": "70000"}, "端口", "应为 0 到 65535"),
        ({"端口": ""}, "端口", "应为 1 到 65535"),
        ({"凭据名称": "没有的"}, "凭据名称", "请先登记凭据"),
        ({"探针选项": '{"password": "x"}'}, "探针选项", "不能放口令"),
        ({"探针选项": "{path}"}, "探针选项", "应为 JSON"),
        ({"探针选项": '{"versoin": "2c"}'}, "探针选项", "是不是 version？"),
        ({"探针选项": '{"version": "9"}'}, "探针选项", "应为其中之一"),
    ],
)
def test_a_wrong_endpoint_says_what_was_expected(
    import_rows: Import, cells: dict[str, str], field: str, message: str
) -> None:
    row = {"对象": "HW-016-1", "协议": "snmp", "地址": "192.0.2.1", "端口": "161"} | cells
    done = import_rows(list(row), list(row.values()))
    assert [(error.row, error.field) for error in done.errors] == [(2, field)]
    assert message in done.errors[0].message
    assert not Endpoint.objects.exists()


def test_secrets_are_in_no_export() -> None:
    actions.save_credential("只读", {"community": "s3cret"}, actor="t", now=NOW)
    actions.save_endpoint(
        "HW-016-1", "snmp", address="192.0.2.1", port=161, credential="只读", actor="t", now=NOW
    )
    for table in kinds.TABLES:
        headers, rows = queries.export_table(table, AS_OF)
        text = writing.to_csv(headers, rows).decode("utf-8-sig")
        assert "s3cret" not in text
    _, rows = queries.export_table(kinds.ENDPOINTS, AS_OF)
    assert "只读" in rows[0]
