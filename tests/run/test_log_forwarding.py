"""From a log line on a socket to a verdict on the device that sent it, or no longer sends."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from check_making import target
from django.db import DatabaseError

from jingwei import probes
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.actions.calls import log_lines
from jingwei.checks.actions.sync import sync_checks
from jingwei.checks.content import DeviceModel, load_devices
from jingwei.checks.content.events import EventRules
from jingwei.checks.models import Check, CheckState
from jingwei.run import jobs
from jingwei.run.events.heard import EVERY, Heard
from jingwei.run.events.receive import Receivers
from jingwei.terms import SHANGHAI, Result

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
DEVICES = load_devices(Path(__file__).resolve().parents[2] / "content" / "devices")
FIREWALL, BASTION = "192.0.2.10", "192.0.2.11"


def device(key: str, kind: str, address: str = "") -> Target:
    """A security device, with the address it sends its log from."""
    made = target(key, kind)
    if address:
        Endpoint.objects.create(target=made, protocol="syslog", address=address, port=0)
    return made


@pytest.fixture
def pair() -> tuple[Check, Check]:
    """A firewall and a bastion that both send."""
    device("HW-901-1", "firewall", FIREWALL)
    device("HW-902-1", "bastion", BASTION)
    return synced(DEVICES)


def synced(devices: list[DeviceModel]) -> Any:
    """The checks of log forwarding the content makes of the register."""
    sync_checks(devices, NOON)
    return tuple(Check.objects.filter(probe="syslog.received").order_by("key"))


def last(check: Check) -> datetime | None:
    """When its device was last heard."""
    return CheckState.objects.get(check_ref=check).last_call


def verdict(check: Check, now: datetime) -> tuple[Result, str]:
    """What a worker makes of one check at a time."""
    [job] = jobs.Loader().load({check.pk: None})
    outcome = asyncio.run(jobs.ask(job, probes.Limits(), now))
    judged = jobs.judge(job, outcome, now).judgement
    return judged.seen, judged.reading_text or judged.reason


# ---- who is noted


def test_only_a_device_with_a_syslog_endpoint_is_judged_and_needs_no_token() -> None:
    device("HW-901-1", "firewall", FIREWALL)
    device("HW-902-1", "bastion")
    [check] = synced(DEVICES)
    assert check.key == "HW-901-1:security.syslog"
    assert check.heartbeat_token == ""
    assert Check.objects.exclude(heartbeat_token="").count() == 0


def test_a_line_is_noted_by_its_senders_address_whatever_the_case(
    pair: tuple[Check, Check],
) -> None:
    Endpoint.objects.filter(address=BASTION).update(address="Bastion.Example")
    assert log_lines({"BASTION.example": NOON, "198.51.100.1": NOON}) == 1
    assert (last(pair[0]), last(pair[1])) == (None, NOON)


def test_a_time_out_of_order_never_moves_the_clock_back(pair: tuple[Check, Check]) -> None:
    assert log_lines({FIREWALL: NOON}) == 1
    assert log_lines({FIREWALL: NOON - timedelta(minutes=5)}) == 0
    assert log_lines({FIREWALL: NOON}) == 0
    assert last(pair[0]) == NOON


def test_an_address_that_two_devices_share_says_nothing(pair: tuple[Check, Check]) -> None:
    Endpoint.objects.filter(address=BASTION).update(address=FIREWALL)
    assert log_lines({FIREWALL: NOON}) == 0


def test_a_check_that_is_switched_off_notes_nothing(pair: tuple[Check, Check]) -> None:
    Check.objects.filter(pk=pair[0].pk).update(enabled=False)
    assert log_lines({FIREWALL: NOON}) == 0


# ---- what is made of it


def test_never_heard_is_unchecked(pair: tuple[Check, Check]) -> None:
    log_lines({BASTION: NOON})
    result, said = verdict(pair[0], NOON)
    assert result is Result.UNCHECKED
    assert "从未收到" in said


@pytest.mark.parametrize(
    ("hours", "result"),
    [(0.5, Result.NORMAL), (1, Result.NORMAL), (2, Result.ATTENTION), (25, Result.ABNORMAL)],
)
def test_silence_grows_worse_while_others_are_heard(
    pair: tuple[Check, Check], hours: float, result: Result
) -> None:
    log_lines({FIREWALL: NOON - timedelta(hours=hours), BASTION: NOON})
    assert verdict(pair[0], NOON)[0] is result
    assert verdict(pair[1], NOON)[0] is Result.NORMAL


def test_the_silence_of_all_is_our_own(pair: tuple[Check, Check]) -> None:
    log_lines({FIREWALL: NOON - timedelta(hours=30), BASTION: NOON - timedelta(hours=2)})
    for check in pair:
        result, said = verdict(check, NOON)
        assert result is Result.UNCHECKED
        assert "接收端" in said


# ---- the receiver


def test_a_minute_is_one_note_and_the_rest_comes_at_the_end() -> None:
    heard = Heard()
    heard.add(NOON, FIREWALL, "fw01")
    assert heard.taken(NOON) == {FIREWALL: NOON, "fw01": NOON}
    soon = NOON + EVERY / 2
    heard.add(soon, FIREWALL, "")
    assert heard.taken(soon) == {}
    assert heard.taken(soon, last=True) == {FIREWALL: soon}
    assert heard.taken(NOON + 3 * EVERY) == {}


def test_forged_senders_fill_no_memory_and_push_nobody_out() -> None:
    heard = Heard(most=2)
    for name in ("a", "b", "c", "a"):
        heard.add(NOON, name)
    assert set(heard.taken(NOON)) == {"a", "b"}


def test_what_could_not_be_written_is_noted_with_the_next() -> None:
    heard = Heard()
    heard.add(NOON, "a", "b")
    names = heard.taken(NOON)
    later = NOON + EVERY
    heard.add(later, "a")
    heard.back(names)
    assert heard.taken(later) == {"a": later, "b": NOON}


async def listened(*lines: bytes, busy: bool = False) -> tuple[Receivers, list[Any]]:
    """Receivers without sockets that took lines in and stopped, and what they had to write."""
    written: list[Any] = []

    async def in_thread(act: Any) -> None:
        if busy:
            raise DatabaseError("locked")
        written.append(act)

    receivers = Receivers(EventRules((), ()), lambda: NOON, in_thread)
    for line in lines:
        receivers.line(line, FIREWALL)
    await receivers.run(asyncio.Event())
    return receivers, written


def test_a_line_that_no_rule_wants_still_shows_that_its_sender_lives(
    pair: tuple[Check, Check],
) -> None:
    _, written = asyncio.run(listened(b"<190>Nov 23 12:00:00 fw01 nsg: session closed"))
    for act in written:
        act()
    assert last(pair[0]) == NOON
    assert last(pair[1]) is None


def test_a_database_that_is_busy_loses_no_sender() -> None:
    receivers, _ = asyncio.run(listened(b"<190>Nov 23 12:00:00 fw01 nsg: closed", busy=True))
    assert receivers.heard.taken(NOON + EVERY) == {FIREWALL: NOON, "fw01": NOON}
