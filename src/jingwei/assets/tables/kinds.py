"""The tables people exchange with the register: their columns, as their files name them.

`HARDWARE` and `APPLICATIONS` also know the headers of the tender's own lists (assets.csv and
applications.csv of `content/contracts`), so those files can be imported as they are.
"""

from jingwei.assets import words
from jingwei.assets.models import Application, Institution, Person
from jingwei.assets.tables.cells import (
    Choice,
    Code,
    Day,
    Flag,
    Number,
    PurchaseMonth,
    Settings,
    Text,
    Words,
)
from jingwei.assets.tables.columns import Column, Table


def _choices(pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {str(value): str(label) for value, label in pairs}


HARDWARE = Table(
    name="hardware",
    label="硬件清单",
    key=("code",),
    columns=(
        Column("code", "资产号", Code(), needed=True, aliases=("asset_id",)),
        Column("row_no", "清单行", Number(1, 99_999), needed=True, aliases=("row_no",)),
        Column("site", "站点", Text(100), needed=True, aliases=("站点号", "site")),
        Column("category", "类别（原文）", Text(50, verbatim=True), aliases=("category",)),
        Column(
            "name_raw",
            "名称型号（原文）",
            Text(2000, verbatim=True),
            needed=True,
            aliases=("name_model_raw",),
        ),
        Column("name", "名称型号", Text(200), needed=True, aliases=("name_model",)),
        Column(
            "purchase_raw",
            "购置年月（原文）",
            PurchaseMonth(),
            needed=True,
            aliases=("购置年月", "purchase_raw"),
        ),
        Column(
            "warranty_years", "保修年限", Number(0, 50), needed=True, aliases=("warranty_years",)
        ),
        Column("quantity", "数量", Number(1, 5000), needed=True, aliases=("quantity",)),
        Column(
            "tender_status",
            "招标文件状态",
            Choice(words.TENDER_STATUS),
            needed=True,
            aliases=("status",),
        ),
        Column("is_new", "新增设备", Flag(), aliases=("is_new_device",)),
        Column("vendor", "厂商", Text(100), aliases=("vendor",)),
        Column("vendor_cn", "厂商（中文）", Text(100), aliases=("vendor_cn",)),
        Column("model", "型号", Text(100), aliases=("model",)),
        Column("kind", "种类", Choice(words.KINDS), needed=True, aliases=("kind",)),
        Column("role", "用途", Text(100), aliases=("role",)),
        Column("zone", "网络区域", Text(32), aliases=("zone",)),
        Column("channels", "可用检查通道", Words(), aliases=("access_channels",)),
        Column(
            "discharges_per_year", "每年充放电次数", Number(0, 12), aliases=("discharge_per_year",)
        ),
        Column("notes", "备注", Text(5000), aliases=("notes",)),
        Column("source_line", "招标文件行号", Number(1), aliases=("source_line",)),
    ),
    ignored=frozenset(
        {
            "site_no",
            "purchase_ym",
            "duty",
            "warranty_end_ym",
            "computed_status_2022_11",
            "computed_status_2023_10",
            "status_flag",
        }
    ),
)

UNITS = Table(
    name="units",
    label="设备",
    key=("code",),
    columns=(
        Column("code", "设备号", Code(), needed=True),
        Column("row", "资产号", Code(), needed=True),
        Column("name", "名称型号", read_only=True),
        Column("kind", "种类", Choice(words.KINDS), read_only=True),
        Column("vendor", "厂商", read_only=True),
        Column("site", "站点", read_only=True),
        Column("zone", "网络区域", read_only=True),
        Column("tender", "招标文件状态", read_only=True),
        Column("warranty", "推算保修", read_only=True),
        Column("warranty_end", "推算保修到期", Day(), read_only=True),
        Column("serial", "序列号", Text(100)),
        Column("institution", "机构代码", Code()),
        Column("room", "机房号", Code()),
        Column("rack", "机柜", Text(32)),
        Column("rack_u", "起始 U 位", Number(1, 100)),
        Column("cords", "电源线（PDU@供电路）", Words(), aliases=("电源线",)),
        Column("location", "位置说明", Text(200)),
        Column("notes", "备注", Text(5000)),
        Column("valid_to", "停用日期", Day()),
    ),
)

APPLICATIONS = Table(
    name="applications",
    label="应用系统",
    key=("code",),
    columns=(
        Column("code", "应用号", Code(), needed=True, aliases=("app_id",)),
        Column("short", "简码", Code(), needed=True, aliases=("code",)),
        Column("row_no", "清单行", Number(1, 99_999), needed=True, aliases=("row_no",)),
        Column("name", "应用名称", Text(200), needed=True, aliases=("name",)),
        Column("system", "系统序号", Number(1, 1000), needed=True, aliases=("scope_item_no",)),
        Column("system_name", "系统名称", Text(200), aliases=("scope_item_name",), beside="system"),
        Column(
            "coverage_raw", "覆盖范围（原文）", Text(200, verbatim=True), aliases=("coverage_raw",)
        ),
        Column(
            "coverage", "覆盖范围", Choice(words.COVERAGE, "unspecified"), aliases=("coverage",)
        ),
        Column("institutions", "覆盖机构代码", Words(sorted=True)),
        Column("function", "功能描述", Text(5000), aliases=("function_description",)),
        Column("interfaces", "常见接口", Words("|"), aliases=("interfaces_usual",)),
        Column("must_prove", "健康检查须证明", Text(5000), aliases=("health_check_must_prove",)),
        Column(
            "core",
            "核心系统",
            Choice(_choices(Application.Core.choices), Application.Core.NO.value),
            aliases=("core",),
        ),
        Column("core_basis", "核心依据", Text(200), aliases=("core_basis",)),
        Column("emergency_note", "应急说明", Text(200), aliases=("emergency_note",)),
        Column("notes", "备注", Text(5000), aliases=("notes",)),
        Column("source_line", "招标文件行号", Number(1), aliases=("source_line",)),
        Column("valid_to", "停用日期", Day()),
    ),
    ignored=frozenset({"scope_source_line"}),
)

INSTITUTIONS = Table(
    name="institutions",
    label="医疗机构",
    key=("code",),
    columns=(
        Column("code", "机构代码", Code(), needed=True),
        Column("name", "机构名称", Text(100), needed=True),
        Column("area", "片区", Choice(_choices(Institution.Area.choices)), needed=True),
        Column("kind", "类型", Choice(_choices(Institution.Kind.choices)), needed=True),
        Column("sample", "示例数据", Flag()),
        Column("valid_from", "启用日期", Day()),
        Column("valid_to", "停用日期", Day()),
    ),
)

ENDPOINTS = Table(
    name="endpoints",
    label="端点",
    key=("target", "protocol"),
    columns=(
        Column("target", "对象", Code(), needed=True, aliases=("设备号", "对象号")),
        Column("label", "对象名称", read_only=True),
        Column("protocol", "协议", Choice({code: code for code in words.PROTOCOLS}), needed=True),
        Column("address", "地址", Text(255), needed=True),
        Column("port", "端口", Number(0, 65535, blank=0)),
        Column("settings", "探针选项", Settings()),
        Column("credential", "凭据名称", Text(100)),
        Column("collector", "采集区", Text(32)),
        Column("demo", "演示区域", Flag(), read_only=True),
    ),
)

PEOPLE = Table(
    name="people",
    label="人员",
    key=("name",),
    columns=(
        Column("name", "姓名", Text(64), needed=True),
        Column("line", "岗位", Choice(_choices(Person.Line.choices)), needed=True),
        Column("phone", "电话", Text(32)),
        Column("sample", "示例数据", Flag()),
        Column("valid_from", "到岗日期", Day()),
        Column("valid_to", "离岗日期", Day()),
    ),
)

TABLES: tuple[Table, ...] = (HARDWARE, UNITS, APPLICATIONS, INSTITUTIONS, ENDPOINTS, PEOPLE)


def table(name: str) -> Table:
    """The table of that name. Raises KeyError."""
    return {one.name: one for one in TABLES}[name]
