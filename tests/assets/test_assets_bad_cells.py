"""Every column of every table: what a wrong cell is told, with its row and its header."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest

from jingwei.accounts.models import AuditEntry
from jingwei.assets.models import Application, AssetRow, Endpoint, Institution, Person, Unit
from jingwei.assets.tables import cells, kinds
from jingwei.assets.tables.problems import CellError
from jingwei.assets.words import PROTOCOLS

Import = Callable[..., Any]
AS_OF = date(2022, 11, 1)
LONG = "长" * 6000

NEW: dict[str, dict[str, str]] = {
    "hardware": {
        "资产号": "HW-900", "清单行": "900", "站点": "永和路数据中心", "名称型号（原文）": "新机",
        "名称型号": "新机", "购置年月（原文）": "2022.10", "保修年限": "3", "数量": "1",
        "招标文件状态": "保内", "种类": "服务器",
    },
    "units": {"设备号": "HW-005-1", "资产号": "HW-005"},
    "applications": {
        "应用号": "APP-90", "简码": "NEW", "清单行": "90", "应用名称": "新应用", "系统序号": "1",
    },
    "institutions": {"机构代码": "INST-900", "机构名称": "新院", "片区": "静安北", "类型": "其他"},
    "endpoints": {"对象": "HW-016-1", "协议": "snmp", "地址": "192.0.2.1", "端口": "161"},
    "people": {"姓名": "李四", "岗位": "一线驻场"},
}  # fmt: skip
WHOLE = "应为 {} 到 {} 的整数，现为{}"
CODE = "应为不超过 32 位的字母、数字、“-”“_”“.”，现为“{}”"
DAY = "应为日期，如 2022-11-01，现为“{}”"
LIMIT = "最多 {} 个字，现有 6000 个"

BAD: list[tuple[str, str, str, str]] = [
    ("hardware", "资产号", "HW 900", CODE.format("HW 900")),
    ("hardware", "资产号", "H" * 33, CODE.format("H" * 33)),
    ("hardware", "资产号", "H" * 31, "加上“-1”作设备号会超过 32 位，请改短"),
    ("hardware", "清单行", "第九", WHOLE.format(1, 99999, "“第九”")),
    ("hardware", "清单行", "0", WHOLE.format(1, 99999, " 0")),
    ("hardware", "清单行", "100000", WHOLE.format(1, 99999, " 100000")),
    ("hardware", "清单行", "1", "清单行 1 已被别的资产占用"),
    ("hardware", "站点", "月球",
     "应为 永和路数据中心（SITE-1）、容灾备份（SITE-2）、区属医疗机构（SITE-3） 之一，现为“月球”"),
    ("hardware", "名称型号（原文）", LONG, LIMIT.format(2000)),
    ("hardware", "名称型号", LONG, LIMIT.format(200)),
    ("hardware", "类别（原文）", LONG, LIMIT.format(50)),
    ("hardware", "购置年月（原文）", "2022", "应为年月，如 2018.04，现为“2022”"),
    ("hardware", "购置年月（原文）", "2022.13", "应为年月，如 2018.04，现为“2022.13”"),
    ("hardware", "购置年月（原文）", "1979.12", "应为年月，如 2018.04，现为“1979.12”"),
    ("hardware", "购置年月（原文）", "2022.10" + " " * 20, "最多 20 个字，现有 27 个"),
    ("hardware", "保修年限", "三年", WHOLE.format(0, 50, "“三年”")),
    ("hardware", "保修年限", "51", WHOLE.format(0, 50, " 51")),
    ("hardware", "保修年限", "1,5", WHOLE.format(0, 50, "“1,5”")),
    ("hardware", "数量", "0", WHOLE.format(1, 5000, " 0")),
    ("hardware", "数量", "2.5", WHOLE.format(1, 5000, "“2.5”")),
    ("hardware", "数量", "5001", WHOLE.format(1, 5000, " 5001")),
    ("hardware", "招标文件状态", "快过保", "应为 过保、保内 之一，现为“快过保”"),
    ("hardware", "新增设备", "可能", "应为“是”或“否”，现为“可能”"),
    ("hardware", "厂商", LONG, LIMIT.format(100)),
    ("hardware", "厂商（中文）", LONG, LIMIT.format(100)),
    ("hardware", "型号", LONG, LIMIT.format(100)),
    ("hardware", "用途", LONG, LIMIT.format(100)),
    ("hardware", "网络区域", LONG, LIMIT.format(32)),
    ("hardware", "每年充放电次数", "13", WHOLE.format(0, 12, " 13")),
    ("hardware", "备注", LONG, LIMIT.format(5000)),
    ("hardware", "备注", "#REF!", "单元格是公式错误 #REF!，请改成数值"),
    ("hardware", "招标文件行号", "末行", WHOLE.format(1, 1000000, "“末行”")),
    ("units", "设备号", "HW-999-1",
     "登记里没有 HW-999-1；要增加台数，请在硬件清单里提高该资产的“数量”"),
    ("units", "资产号", "HW-006", "设备不能换到别的资产下；请停用这台，再在那边提高数量"),
    ("units", "序列号", LONG, LIMIT.format(100)),
    ("units", "序列号", "3.10106E+17",
     "“3.10106E+17”是 Excel 的科学计数法，原数字已丢失；请把该列设为“文本”后重新填写"),
    ("units", "机构代码", "INST-X", "没有代码为 INST-X 的机构；请先导入或核对机构清单"),
    ("units", "机房号", "ROOM-99", "应为 ROOM-01、ROOM-02 之一，现为“ROOM-99”"),
    ("units", "机柜", LONG, LIMIT.format(32)),
    ("units", "起始 U 位", "43", "机柜 A01 只有 42U，现为 43"),
    ("units", "起始 U 位", "101", WHOLE.format(1, 100, " 101")),
    ("units", "电源线（PDU@供电路）", "@市电",
     "应如 A01-PDU-A@HW-003-1，几条用“;”隔开，现为“@市电”"),
    ("units", "位置说明", LONG, LIMIT.format(200)),
    ("units", "备注", LONG, LIMIT.format(5000)),
    ("units", "停用日期", "2022-02-29", DAY.format("2022-02-29")),
    ("applications", "应用号", "APP 90", CODE.format("APP 90")),
    ("applications", "应用号", "HW-005-1",
     "HW-005-1 已是服务器“公卫数据库服务器联想Lenovo-RD650 #1”的编号，请换一个"),
    ("applications", "应用号", "ROOM-01", "ROOM-01 已是机房“永和路机房”的编号，请换一个"),
    ("applications", "应用号", "DB-01", "DB-01 已是数据库“公卫库”的编号，请换一个"),
    ("applications", "简码", "RHIP-1", "简码 RHIP-1 已被别的应用占用"),
    ("applications", "清单行", "1", "清单行 1 已被别的应用占用"),
    ("applications", "清单行", "100000", WHOLE.format(1, 99999, " 100000")),
    ("applications", "应用名称", LONG, LIMIT.format(200)),
    ("applications", "系统序号", "一", WHOLE.format(1, 1000, "“一”")),
    ("applications", "系统序号", "777", "没有序号为 777 的系统；新系统须同时填写“系统名称”"),
    ("applications", "系统名称", "别的",
     "序号 1 的系统是“区域平台（一期、二期、三期）”，现为“别的”"),
    ("applications", "覆盖范围（原文）", LONG, LIMIT.format(200)),
    ("applications", "覆盖机构代码", "INST-Z;INST-A", "没有代码为 INST-A、INST-Z 的机构"),
    ("applications", "功能描述", LONG, LIMIT.format(5000)),
    ("applications", "健康检查须证明", LONG, LIMIT.format(5000)),
    ("applications", "核心系统", "很核心",
     "应为 核心（招标文件）、拟定核心（待甲方确认）、非核心 之一，现为“很核心”"),
    ("applications", "核心依据", LONG, LIMIT.format(200)),
    ("applications", "应急说明", LONG, LIMIT.format(200)),
    ("applications", "停用日期", "下周", DAY.format("下周")),
    ("institutions", "机构代码", "INST/1", CODE.format("INST/1")),
    ("institutions", "机构名称", LONG, LIMIT.format(100)),
    ("institutions", "片区", "东", "应为 静安北、静安南 之一，现为“东”"),
    ("institutions", "类型", "诊所", "应为 二级医院、社区卫生服务中心、其他 之一，现为“诊所”"),
    ("institutions", "示例数据", "也许", "应为“是”或“否”，现为“也许”"),
    ("institutions", "启用日期", "昨天", DAY.format("昨天")),
    ("institutions", "停用日期", "2022-13-01", DAY.format("2022-13-01")),
    ("endpoints", "对象", "HW-999-1",
     "登记里没有 HW-999-1；应为设备号、应用号、数据库号或机房号"),
    ("endpoints", "协议", "telnet",
     f"应为 {'、'.join(PROTOCOLS)} 之一，现为“telnet”"),
    ("endpoints", "地址", "http://192.0.2.1/a",
     "应为 IP 或主机名，不含 http:// 和路径，现为“http://192.0.2.1/a”"),
    ("endpoints", "地址", "192.0.2.1:161",
     "端口写在“端口”一栏，这里只写 IP 或主机名，现为“192.0.2.1:161”"),
    ("endpoints", "地址", LONG, LIMIT.format(255)),
    ("endpoints", "端口", "", "应为 1 到 65535 的整数"),
    ("endpoints", "端口", "65536", WHOLE.format(0, 65535, " 65536")),
    ("endpoints", "探针选项", "{path}", '应为 JSON，如 {"path": "/health"}；第 2 个字符处写错'),
    ("endpoints", "探针选项", "[1]", '应为 JSON 对象，如 {"path": "/health"}'),
    ("endpoints", "探针选项", "[" * 90_000, '应为 JSON 对象，如 {"path": "/health"}'),
    ("endpoints", "探针选项", '{"a": NaN}', '应为 JSON，如 {"path": "/health"}；写法有误'),
    ("endpoints", "探针选项", '{"a": 1e999}', "选项“a”的数字过大"),
    ("endpoints", "探针选项", '{"a": null}', "选项“a”应为文字、数字或 true/false"),
    ("endpoints", "探针选项", '{"a": "\\ud800"}', "含有不可见的控制字符"),
    ("endpoints", "探针选项", '{"password": "x"}',
     "不能放口令、团体字等秘密；请登记为凭据，再填凭据名称"),
    ("endpoints", "凭据名称", "没有", "没有名为“没有”的凭据，请先登记凭据"),
    ("endpoints", "采集区", LONG, LIMIT.format(32)),
    ("people", "姓名", LONG, LIMIT.format(64)),
    ("people", "岗位", "三线", "应为 一线驻场、二线支持、项目负责人、甲方 之一，现为“三线”"),
    ("people", "电话", LONG, LIMIT.format(32)),
    ("people", "离岗日期", "月底", DAY.format("月底")),
]  # fmt: skip


def counted() -> list[int]:
    models = (AssetRow, Unit, Application, Institution, Endpoint, Person, AuditEntry)
    return [model.objects.count() for model in models]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", list(NEW))
def test_a_bad_cell_is_named_with_its_row_and_header_and_nothing_is_written(
    import_rows: Import, name: str
) -> None:
    before = counted()
    for header, cell, message in [bad[1:] for bad in BAD if bad[0] == name]:
        values = NEW[name] | {header: cell}
        done = import_rows(list(values), list(values.values()), table=name)
        field = "编号" if "已是" in message else header
        assert [(error.row, error.field) for error in done.errors] == [(2, field)], (header, cell)
        assert done.errors[0].message == message
        assert not done.written
    assert counted() == before


def test_every_column_that_can_be_wrong_has_a_wrong_example() -> None:
    """Long lists of choices and what takes any words aside."""
    tried = {(name, header) for name, header, _, _ in BAD}
    free = {"种类", "可用检查通道", "常见接口", "备注", "覆盖范围", "招标文件行号", "示例数据"}
    missing = [
        (table.name, column.header)
        for table in kinds.TABLES
        for column in table.columns
        if not column.read_only
        and column.header not in free | {"到岗日期"}
        and (table.name, column.header) not in tried
    ]
    assert missing == []


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", list(NEW))
def test_a_needed_cell_left_blank_or_left_out_is_named(import_rows: Import, name: str) -> None:
    table = kinds.table(name)
    for header in [column.header for column in table.columns if column.needed]:
        values = NEW[name] | {header: "  "}
        done = import_rows(list(values), list(values.values()), table=name)
        assert [(e.row, e.field, e.message) for e in done.errors] == [(2, header, "不能为空")]
        if header in {table.column(one).header for one in table.key} or name == "units":
            continue
        without = {one: cell for one, cell in NEW[name].items() if one != header}
        done = import_rows(list(without), list(without.values()), table=name)
        told = [(error.row, error.field, error.message) for error in done.errors]
        assert told == [(2, header, "新登记时必须有此列")]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("name", [name for name in NEW if name != "units"])
def test_the_good_record_the_bad_ones_vary_is_taken(import_rows: Import, name: str) -> None:
    """Otherwise the refusals above might all be of something else."""
    done = import_rows(list(NEW[name]), list(NEW[name].values()))
    assert (done.table, done.created, done.errors) == (name, 1, ())


@pytest.mark.usefixtures("register")
def test_rows_are_named_as_excel_numbers_them_below_titles_and_gaps(import_rows: Import) -> None:
    bad: Sequence[str] = ["HW-005-1", "HW-005", "昨天"]
    done = import_rows(
        ["静安区设备盘点表"], ["设备号", "资产号", "停用日期"], ["", "", ""], bad,
        ["HW-005-2", "HW-005", "明天"],
    )  # fmt: skip
    assert [(error.row, error.field) for error in done.errors] == [(4, "停用日期"), (5, "停用日期")]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (datetime(1979, 5, 1), "现为“1979.05”"),
        (date(2101, 1, 1), "现为“2101.01”"),
        (float("inf"), "数字超过 15 位"),
        (1e300, "数字超过 15 位"),
    ],
)
def test_a_purchase_month_excel_typed_is_judged_like_a_written_one(cell: Any, message: str) -> None:
    with pytest.raises(CellError, match=message):
        cells.PurchaseMonth().read(cell)


@pytest.mark.parametrize(
    ("text", "number"), [("1,024", 1024), ("1,000,000", 1_000_000), ("０", 0), ("1000000", 10**6)]
)
def test_thousands_may_be_grouped(text: str, number: int) -> None:
    assert cells.Number(0, 1_000_000).read(text) == number


@pytest.mark.parametrize("text", ["1,5", "10,24", ",1", "1,,000", "1,0000"])
def test_a_comma_elsewhere_is_no_number(text: str) -> None:
    """Read as fifteen, "1,5" would give a device fifteen years of warranty."""
    with pytest.raises(CellError, match="的整数"):
        cells.Number(0, 1_000_000).read(text)
