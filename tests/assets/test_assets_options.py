"""The options of an endpoint are those its probes declare: by file and by hand, or told why not."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei import probes
from jingwei.assets import actions, words
from jingwei.assets.actions import RefusedError
from jingwei.assets.models import Endpoint, Target
from jingwei.assets.options import probes_of, wrong
from jingwei.terms import SHANGHAI

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("protocol", words.PROTOCOLS)
def test_every_protocol_is_asked_by_a_probe_and_takes_no_options_at_all(protocol: str) -> None:
    assert probes_of(protocol)
    assert wrong(protocol, {}) == ""


@pytest.mark.parametrize("protocol", words.PROTOCOLS)
def test_the_default_of_every_option_is_taken(protocol: str) -> None:
    for probe in probes_of(protocol):
        for field in probes.describe(probe):
            plain = isinstance(field.default, str | int | float | bool)
            if field.name != "port" and not field.required and plain:
                assert wrong(protocol, {field.name: field.default}) == "", field.name


@pytest.mark.parametrize(
    ("protocol", "chosen", "expected"),
    [
        ("snmp", {"version": "9"}, "选项“version”：应为其中之一"),
        ("snmp", {"versoin": "2c"}, "是不是 version？"),
        ("http", {"path": 7}, "选项“path”：应为文本"),
        ("https", {"nonsense": 1}, "https 没有这个选项"),
        ("http", {"port": 8080}, "端口写在“端口”一栏"),
        ("icmp", {"path": "/"}, "icmp 没有这个选项"),
    ],
)
def test_a_wrong_option_is_named_with_what_was_expected(
    protocol: str, chosen: dict[str, Any], expected: str
) -> None:
    assert expected in wrong(protocol, chosen)


def test_an_option_of_either_probe_of_https_is_taken() -> None:
    names = [{field.name for field in probes.describe(probe)} for probe in probes_of("https")]
    assert len(names) == 2
    assert names[0] != names[1]
    assert wrong("https", {"path": "/health"}) == ""


@given(
    st.sampled_from(sorted(words.PROTOCOLS)),
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["path", "version", "timeout", "unit", "database"]),
        st.text(max_size=8) | st.integers() | st.floats() | st.booleans(),
        max_size=3,
    ),
)
def test_any_options_are_taken_or_told_in_words_and_never_raise(
    protocol: str, chosen: dict[str, Any]
) -> None:
    told = wrong(protocol, chosen)
    assert told == "" or told.startswith("选项“")


@pytest.mark.django_db
def test_an_endpoint_with_a_wrong_option_is_not_saved() -> None:
    Target.objects.create(key="ROOM-01", kind="room", label="机房")
    with pytest.raises(RefusedError, match="没有这个选项") as told:
        actions.save_endpoint(
            "ROOM-01", "snmp", address="192.0.2.1", port=161, settings={"versoin": "2c"},
            actor="t", now=NOW,
        )  # fmt: skip
    assert told.value.field == "探针选项"
    assert not Endpoint.objects.exists()


def test_a_check_of_options_asks_for_nothing_that_is_missing() -> None:
    for probe in probes.all_probes():
        probes.check_options(probe, {})
    sql = probes.find("sql")
    needed = [field.name for field in probes.describe(sql) if field.required]
    with pytest.raises(probes.OptionError):
        probes.check_options(sql, {"nothing-of-the-kind": 1})
    if needed:
        with pytest.raises(probes.OptionError):
            probes.parse_options(sql, {})
