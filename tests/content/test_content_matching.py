"""Which checks a target gets, and why an item has none."""

from dataclasses import replace

from jingwei.checks.content import (
    CheckTemplate,
    DeviceModel,
    Match,
    TargetFacts,
    Unchecked,
    models_for,
    templates_for,
    unchecked_reason,
)
from jingwei.rules.rule import parse
from jingwei.terms import Result

BASE = CheckTemplate(
    id="any",
    item="server.power",
    label="电源",
    probe="snmp",
    protocol="snmp",
    options={},
    rules=(parse({"reading": "psu", "crit": "not ok"}),),
    every=300,
    timeout=3,
    retries=1,
    strikes=3,
    on_error=Result.UNCHECKED,
    source="",
)
SERVER = TargetFacts("HW-001-1", "server", vendor="HPE", model="ProLiant DL380 Gen10")


def model(
    id_: str, match: Match | None, *checks: CheckTemplate, unchecked: str = ""
) -> DeviceModel:
    """A device model; `unchecked` is its reason for server.power."""
    words = (Unchecked("server.power", unchecked),) if unchecked else ()
    return DeviceModel(id_, id_, "a test", match, checks, words)


GENERIC = model("generic", Match(kinds=("server",)), replace(BASE, id="generic"), unchecked="")
REDFISH = model(
    "redfish", Match(models=("*gen10*",)), replace(BASE, id="redfish", protocol="redfish")
)


def ids(devices: list[DeviceModel], *protocols: str, facts: TargetFacts = SERVER) -> list[str]:
    """The ids of the checks chosen."""
    return [check.id for check in templates_for(devices, facts, protocols)]


def test_the_most_specific_model_decides_an_item() -> None:
    assert ids([GENERIC, REDFISH], "snmp", "redfish") == ["redfish"]


def test_a_key_beats_a_model_a_model_a_vendor_and_a_vendor_a_kind() -> None:
    devices = [
        model("kind", Match(kinds=("server",))),
        model("vendor", Match(kinds=("server",), vendors=("hpe",))),
        model("model", Match(models=("ProLiant*",))),
        model("key", Match(keys=("HW-001-1",))),
        model("part", None),
        model("other", Match(kinds=("switch",), models=("ProLiant*",))),
    ]
    found = [found.id for found in models_for(devices, SERVER)]
    assert found == ["key", "model", "vendor", "kind"]


def test_a_database_is_known_by_its_engine() -> None:
    devices = [model("pg", Match(kinds=("database",), engines=("postgresql",)))]
    database = TargetFacts("DB-01", "database", engine="postgresql")
    assert [m.id for m in models_for(devices, database)] == ["pg"]
    assert models_for(devices, replace(database, engine="oracle")) == []


def test_without_its_protocol_the_less_specific_model_is_asked() -> None:
    assert ids([GENERIC, REDFISH], "snmp") == ["generic"]


def test_without_any_protocol_the_reason_says_which_endpoint_is_missing() -> None:
    assert ids([GENERIC, REDFISH]) == []
    reason = unchecked_reason([GENERIC, REDFISH], SERVER, "server.power", ())
    assert reason == "未登记 redfish、snmp 端点"


def test_an_unchecked_word_stops_the_less_specific_model() -> None:
    no = model("no", Match(models=("ProLiant*",)), unchecked="IPMI 探针尚未接入")
    assert ids([GENERIC, no], "snmp") == []
    reason = unchecked_reason([GENERIC, no], SERVER, "server.power", ["snmp"])
    assert reason == "IPMI 探针尚未接入"


def test_an_item_with_a_check_has_no_reason() -> None:
    assert unchecked_reason([GENERIC], SERVER, "server.power", ["snmp"]) is None


def test_an_item_nobody_speaks_of_has_a_reason_all_the_same() -> None:
    assert (
        unchecked_reason([GENERIC], SERVER, "server.disk", ["snmp"]) == "该型号没有可用的自动检查"
    )


def test_a_fallback_is_used_only_when_nothing_better_is_registered() -> None:
    both = model(
        "both",
        Match(kinds=("server",)),
        replace(BASE, id="page", protocol="https"),
        replace(BASE, id="agent", protocol="snmp", fallback=True),
        replace(BASE, id="port", protocol="tcp", fallback=True),
    )
    assert ids([both], "https", "snmp", "tcp") == ["page"]
    assert ids([both], "tcp", "snmp") == ["agent"]
    assert ids([both], "tcp") == ["port"]


def test_several_checks_of_one_item_are_all_run() -> None:
    two = model("two", Match(kinds=("server",)), replace(BASE, id="a"), replace(BASE, id="b"))
    assert ids([two], "snmp") == ["a", "b"]


def test_a_check_that_waits_for_calls_needs_no_endpoint() -> None:
    waiting = model("w", Match(kinds=("server",)), replace(BASE, id="heartbeat", protocol=""))
    assert ids([waiting]) == ["heartbeat"]
