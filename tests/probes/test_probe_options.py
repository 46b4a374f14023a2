"""Options: one dataclass makes form, validation and docs; bad ones are told plainly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import calm

from jingwei.probes import (
    BUILTIN,
    UNITS,
    OptionError,
    describe,
    find,
    option,
    parse_options,
    readings_of,
)
from jingwei.probes.options import fields_of, parse
from jingwei.rules.units import UNITS as RULE_UNITS


@dataclass(frozen=True, kw_only=True)
class Row:
    oid: str = option(label="对象")
    scale: float = option(1.0, label="倍率")


@dataclass(frozen=True, kw_only=True)
class Sample:
    port: int = option(104, label="端口", minimum=1, maximum=65535)
    pause: float = option(0.5, label="停顿", minimum=0)
    verify: bool = option(True, label="校验")
    title: str = option("ANY", label="标题", help="十六个字符")
    scheme: Literal["http", "https"] = option("http", label="协议")
    tags: tuple[str, ...] = option((), label="标签")
    ports: tuple[int, ...] = option((), label="端口组", minimum=1)
    rows: tuple[Row, ...] = option((), label="行")
    headers: Mapping[str, str] = option({}, label="头")
    token: str = option("", label="口令", secret=True)


def refused(given: dict[str, Any]) -> OptionError:
    with pytest.raises(OptionError) as caught:
        parse(Sample, given)
    return caught.value


def test_nothing_given_is_all_defaults() -> None:
    assert parse(Sample, {}) == Sample()


def test_typed_values_are_taken_as_they_are() -> None:
    made = parse(
        Sample,
        {
            "port": 11112,
            "pause": 1,
            "verify": False,
            "title": "静安 PACS",
            "scheme": "https",
            "tags": ["a", "b"],
            "ports": [1, 2],
            "rows": [{"oid": "1.3", "scale": 0.1}, {"oid": "1.4"}],
            "headers": {"X-A": "1"},
        },
    )
    assert made.port == 11112
    assert made.pause == 1.0
    assert isinstance(made.pause, float)
    assert made.rows == (Row(oid="1.3", scale=0.1), Row(oid="1.4"))
    assert made.tags == ("a", "b")
    assert dict(made.headers) == {"X-A": "1"}


def test_command_line_text_gives_the_same_options_as_typed_values() -> None:
    made = parse(
        Sample,
        {
            "port": "11112",
            "pause": "1.5",
            "verify": "否",
            "tags": "a, b",
            "ports": "[1, 2]",
            "rows": '[{oid="1.3", scale=0.1}]',
            "headers": '{"X-A": "1"}',
        },
    )
    assert made == parse(
        Sample,
        {
            "port": 11112,
            "pause": 1.5,
            "verify": False,
            "tags": ["a", "b"],
            "ports": [1, 2],
            "rows": [{"oid": "1.3", "scale": 0.1}],
            "headers": {"X-A": "1"},
        },
    )


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"prot": 1}, "prot", "是不是 port？"),
        ({"port": 0}, "port", "不能小于 1"),
        ({"port": 65536}, "port", "不能大于 65535"),
        ({"port": "abc"}, "port", "应为整数"),
        ({"port": 1.5}, "port", "应为整数"),
        ({"port": True}, "port", "应为整数"),
        ({"port": None}, "port", "应为整数"),
        ({"pause": "nan"}, "pause", "有限"),
        ({"pause": float("inf")}, "pause", "有限"),
        ({"pause": -1}, "pause", "不能小于 0"),
        ({"verify": "maybe"}, "verify", "true 或 false"),
        ({"verify": 1}, "verify", "true 或 false"),
        ({"title": 5}, "title", "应为文本"),
        ({"title": "a\x00b"}, "title", "空字符"),
        ({"scheme": "ftp"}, "scheme", "http、https"),
        ({"tags": 5}, "tags", "应为列表"),
        ({"tags": [5]}, "tags", "应为文本"),
        ({"ports": "1,x"}, "ports", "应为整数"),
        ({"ports": [0]}, "ports", "不能小于 1"),
        ({"rows": 5}, "rows", "应为表格"),
        ({"rows": [5]}, "rows.1", "应为一组键值"),
        ({"rows": [{"oid": "1"}, {}]}, "rows.2.oid", "必填"),
        ({"rows": [{"oid": "1", "scale": "x"}]}, "rows.1.scale", "应为数字"),
        ({"rows": [{"oid": "1", "unti": "s"}]}, "rows.1.unti", "没有这个选项"),
        ({"rows": "[{oid="}, "rows", "JSON 或 TOML"),
        ({"headers": "X"}, "headers", "JSON 或 TOML"),
        ({"headers": {"A": 1}}, "headers.A", "应为文本"),
        ({"headers": [1]}, "headers", "应为一组键值"),
    ],
)
def test_a_bad_option_is_named_with_what_was_expected(
    given: dict[str, Any], field: str, said: str
) -> None:
    error = refused(given)
    assert error.field == field
    assert said in error.message
    assert str(error) == f"选项 {field}：{error.message}"


def test_a_form_can_be_drawn_from_the_description() -> None:
    shown = {field.name: field for field in fields_of(Sample)}
    assert shown["port"].type == "int"
    assert (shown["port"].minimum, shown["port"].maximum) == (1, 65535)
    assert shown["scheme"].choices == ("http", "https")
    assert shown["title"].help == "十六个字符"
    assert shown["token"].secret
    assert shown["rows"].type == "table"
    assert [column.name for column in shown["rows"].columns] == ["oid", "scale"]
    assert shown["rows"].columns[0].required
    assert not shown["port"].required


def test_a_type_that_cannot_be_an_option_fails_when_it_is_declared() -> None:
    @dataclass(frozen=True)
    class Bad:
        when: complex = option(0j, label="何时")

    with pytest.raises(TypeError, match="when"):
        fields_of(Bad)


@calm
@given(st.integers(min_value=1, max_value=65535))
def test_every_port_reads_the_same_as_number_and_as_text(port: int) -> None:
    assert parse(Sample, {"port": port}) == parse(Sample, {"port": str(port)})


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@calm
@given(st.dictionaries(st.sampled_from([*Sample.__dataclass_fields__, "其他"]), _ANYTHING))
def test_whatever_is_given_becomes_options_or_an_option_error(given_: dict[str, Any]) -> None:
    try:
        made = parse(Sample, given_)
    except OptionError as error:
        assert error.message, error.field  # noqa: PT017 - either is right
        assert error.field.split(".")[0] in given_  # noqa: PT017
    else:
        assert 1 <= made.port <= 65535
        assert made.scheme in ("http", "https")
        assert all(isinstance(row, Row) for row in made.rows)


@pytest.mark.parametrize("probe", BUILTIN, ids=lambda probe: probe.name)
@calm
@given(data=st.data())
def test_no_probe_breaks_on_nonsense_options(probe: Any, data: st.DataObject) -> None:
    names = st.sampled_from([field.name for field in describe(probe)])
    nonsense = data.draw(st.dictionaries(names, _ANYTHING, max_size=4))
    try:
        parse_options(probe, nonsense)
    except OptionError as error:
        assert error.field  # noqa: PT017 - either is right


@pytest.mark.parametrize("probe", BUILTIN, ids=lambda probe: probe.name)
def test_every_probe_explains_itself(probe: Any) -> None:
    assert probe.summary, "a docstring people read in Chinese"
    for field in describe(probe):
        assert field.label != field.name, f"{probe.name}.{field.name} lacks a label"
    for measure in probe.readings:
        assert measure.unit in UNITS
        assert measure.label
    if not probe.passive and probe.name != "icmp":
        assert "port" in {field.name for field in describe(probe)}


def test_units_are_the_words_that_rules_know() -> None:
    assert set(UNITS) == set(RULE_UNITS)


def test_default_ports_are_the_protocols_own() -> None:
    assert find("dicom.echo").default_port == 104
    assert find("snmp").default_port == 161
    assert find("tls").default_port == 443
    assert find("tcp").default_port is None


@pytest.mark.parametrize(
    ("probe", "given", "field"),
    [
        ("tcp", {}, "port"),
        ("http", {"path": "health"}, "path"),
        ("http", {"path": "/a\r\nX: 1"}, "path"),
        ("http", {"headers": {"X": "a\r\nY: b"}}, "headers.X"),
        ("http", {"expect_body": "("}, "expect_body"),
        ("http", {"body": "x"}, "body"),
        ("http", {"json": [{"reading": "a", "path": "a..b"}]}, "json.1.path"),
        ("http", {"json": [{"reading": "a", "path": "a", "unit": "furlong"}]}, "json.1.unit"),
        ("snmp", {}, "get"),
        ("snmp", {"get": [{"reading": "a", "oid": "sysUpTime.0"}]}, "get.1.oid"),
        ("snmp", {"get": [{"reading": "a", "oid": "1.3.6.4294967296"}]}, "get.1.oid"),
        ("snmp", {"table": [{"columns": []}]}, "table.1.columns"),
        ("snmp", {"walk": [{"reading": "a", "oid": "1.3", "only": "["}]}, "walk.1.only"),
        ("sql", {"query": " "}, "query"),
        ("sql", {}, "query"),
        ("sql", {"query": "select 1", "max_rows": 1001}, "max_rows"),
        ("dicom.echo", {"ae_title": "A" * 17}, "ae_title"),
        ("dicom.echo", {"ae_title": "静安"}, "ae_title"),
        ("dicom.echo", {"calling_ae": ""}, "calling_ae"),
        ("hl7.mllp", {"message": "PID|1"}, "message"),
        ("hl7.mllp", {"message": "MSH|^~\\&|"}, "message"),
        ("hl7.mllp", {"encoding": "ascii", "sending_facility": "静安"}, "sending_facility"),
        ("hl7.mllp", {"receiving_facility": "\x1c"}, "receiving_facility"),
        ("modbus", {}, "read"),
        ("modbus", {"read": [{"reading": "t", "address": 70000}]}, "read.1.address"),
        ("redfish", {"what": ["fans"]}, "what"),
        ("heartbeat", {"every": 0}, "every"),
    ],
)
def test_each_probe_refuses_what_it_could_not_ask(
    probe: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(OptionError) as caught:
        parse_options(find(probe), given)
    assert caught.value.field == field


def test_readings_that_options_name_are_known_before_anything_is_asked() -> None:
    options = parse_options(
        find("snmp"),
        {
            "get": [{"reading": "ups.load", "oid": "1.3.6.1", "unit": "%"}],
            "table": [{"columns": [{"reading": "disk.health", "oid": "1.3.6.2"}]}],
        },
    )
    assert readings_of(find("snmp"), options) == {"ups.load": "%", "disk.health": ""}
    http = parse_options(find("http"), {"json": [{"reading": "app.queue", "path": "q"}]})
    known = readings_of(find("http"), http)
    assert known["http.time"] == "ms"
    assert known["app.queue"] == ""
