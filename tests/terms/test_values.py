"""Readings, outcomes, targets, endpoints: values that can't change and don't tell secrets."""

import dataclasses
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei import terms
from jingwei.terms import SHANGHAI, Endpoint, FaultSpec, Outcome, Peer, Reading, Reason, Target

SECRET = "Rightly-Hidden-7"
HOLDERS = [
    Target("HW-016-1", "192.0.2.7", {"community": SECRET}),
    Endpoint("HW-016-1", "snmp", "192.0.2.7", 161, {"version": "2c"}, {"community": SECRET}),
]
VALUES: list[Any] = [
    Reading("disk.health", 1.0),
    Outcome((), 0.1),
    Target("HW-016-1", "192.0.2.7"),
    Endpoint("HW-016-1", "tcp", "192.0.2.7", 22),
    Peer("HW-016-1", "server", "数据库服务器"),
    FaultSpec("hot", "机房过热", "room.temperature", ("ROOM-01",), "开空调"),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda one: type(one).__name__)
def test_secrets_are_in_no_text_made_of_what_holds_them(holder: Any) -> None:
    shown = [repr(holder), str(holder), f"{holder}", f"{[holder]}", f"{ ({'a': holder}) }"]
    assert all(SECRET not in text for text in shown)
    assert "192.0.2.7" in repr(holder)  # what helps to find a fault is still there


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda one: type(one).__name__)
def test_a_log_line_about_what_holds_secrets_tells_none(
    holder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise RuntimeError(f"no answer from {holder}")
    except RuntimeError:
        logging.getLogger("jingwei.test").exception("asking %s failed", holder)
    assert "HW-016-1" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("value", VALUES, ids=lambda one: type(one).__name__)
def test_a_value_once_made_can_not_be_changed(value: Any) -> None:
    first = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, "another")
    with pytest.raises((AttributeError, TypeError)):
        value.something_new = 1


@pytest.mark.parametrize(
    ("name", "instance", "key"),
    [
        ("room.temperature", "", "room.temperature"),
        ("disk.health", "CTE0.3", "disk.health[CTE0.3]"),
        ("psu.status", "psu2", "psu.status[psu2]"),
        ("if.errors", "GigabitEthernet1/0/1", "if.errors[GigabitEthernet1/0/1]"),
    ],
)
def test_a_reading_is_named_with_its_instance(name: str, instance: str, key: str) -> None:
    assert Reading(name, 1, instance=instance).key == key


NAMES = st.from_regex(r"[a-z]+(\.[a-z]+)?", fullmatch=True)


@given(NAMES, st.text(max_size=8), NAMES, st.text(max_size=8))
def test_two_readings_of_one_key_are_the_same_series(a: str, i: str, b: str, j: str) -> None:
    same = Reading(a, 0, instance=i).key == Reading(b, 0, instance=j).key
    assert same == ((a, i) == (b, j))


@pytest.mark.parametrize(
    ("outcome", "answered"),
    [
        (Outcome((Reading("tcp.time", 3.2, "ms"),), 0.01), True),
        (Outcome((), 0.01), True),  # it answered, and had nothing to say
        (Outcome((), 5.0, 3, "无应答", Reason.TIMEOUT), False),
        (Outcome((), 0.1, 1, "拒绝连接", Reason.REFUSED), False),
        (Outcome((), 0.1, 1, "不是 DICOM", Reason.PROTOCOL), False),
        (Outcome((), 0.0, 1, "本机文件句柄用尽", Reason.COLLECTOR), False),
    ],
)
def test_a_probe_answered_unless_there_is_a_reason_why_not(
    outcome: Outcome, answered: bool
) -> None:
    assert outcome.answered is answered


def test_our_own_failure_and_the_targets_are_told_apart() -> None:
    assert [reason.value for reason in Reason] == ["refused", "timeout", "protocol", "collector"]


def test_an_outcome_counts_the_first_try() -> None:
    assert Outcome((), 0.1).attempts == 1


def test_what_is_not_given_is_not_shared() -> None:
    """A default mapping shared by two endpoints would give one device the other's options."""
    one, other = Endpoint("A", "tcp", "a", 1), Endpoint("B", "tcp", "b", 2)
    assert one.settings == other.settings == {}
    assert one.settings is not other.settings
    assert Target("A", "a").secrets is not Target("B", "b").secrets


def test_beijing_is_eight_hours_ahead_all_year() -> None:
    for month in range(1, 13):
        shown = datetime(2022, month, 1, 16, 30, tzinfo=UTC).astimezone(SHANGHAI)
        assert (shown.day, shown.hour, shown.minute) == (2, 0, 30)


def test_the_last_summer_time_of_shanghai_is_known() -> None:
    """1991 is the last year with it: old purchase papers read right."""
    assert (
        datetime(1991, 7, 1, 12, tzinfo=SHANGHAI).utcoffset()
        != datetime(1992, 7, 1, 12, tzinfo=SHANGHAI).utcoffset()
    )


def test_every_shared_word_is_there_under_its_name() -> None:
    assert sorted(terms.__all__) == sorted(set(terms.__all__))
    assert all(getattr(terms, name) is not None for name in terms.__all__)


def test_the_words_import_nothing_of_ours_and_no_framework() -> None:
    """Whoever uses the pure rooms as a library must not get Django with them."""
    for path in Path(terms.__file__).parent.glob("*.py"):
        imports = [
            line.split()[1]
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith(("import ", "from "))
        ]
        ours = [name for name in imports if name.startswith("jingwei")]
        assert all(name.startswith("jingwei.terms") for name in ours), path.name
        assert not [name for name in imports if name.startswith("django")], path.name


def test_results_and_reasons_go_into_json_as_their_values() -> None:
    told = json.dumps({"result": terms.Result.UNCHECKED, "reason": Reason.COLLECTOR})
    assert json.loads(told) == {"result": "unchecked", "reason": "collector"}
