"""syslog.received: what a device's silence says, and what it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei import probes
from jingwei.probes.forwarding import ForwardingOptions, received, syslog_received
from jingwei.terms import Reason, Target

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
USUAL = ForwardingOptions()


def ago(**given: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**given)


def test_the_last_line_is_a_reading_while_others_are_heard() -> None:
    outcome = received(ago(hours=26), ago(minutes=3), NOW, USUAL)
    assert outcome.reason is None
    assert [(r.name, r.value, r.unit) for r in outcome.readings] == [("syslog.age", 26.0, "h")]


def test_never_heard_is_no_reading() -> None:
    outcome = received(None, ago(minutes=3), NOW, USUAL)
    assert (outcome.readings, outcome.reason) == ((), Reason.TIMEOUT)
    assert "从未收到" in outcome.error


@pytest.mark.parametrize("newest", [None, ago(hours=2)])
def test_when_nobody_is_heard_the_receiver_is_in_doubt(newest: datetime | None) -> None:
    outcome = received(ago(hours=2), newest, NOW, USUAL)
    assert (outcome.readings, outcome.reason) == ((), Reason.COLLECTOR)
    assert "接收端" in outcome.error


def test_how_long_is_too_quiet_is_an_option() -> None:
    patient = probes.parse_options(syslog_received, {"quiet": 3 * 3600})
    assert received(ago(hours=2), None, NOW, patient).reason is None
    with pytest.raises(probes.OptionError, match="quiet"):
        probes.parse_options(syslog_received, {"quiet": 1})


@given(st.floats(-86400, 30 * 86400), st.one_of(st.none(), st.floats(-86400, 30 * 86400)))
def test_an_age_is_never_negative_and_silence_of_all_never_a_reading(
    own: float, others: float | None
) -> None:
    newest = None if others is None else ago(seconds=others)
    outcome = received(ago(seconds=own), newest, NOW, USUAL)
    latest = own if others is None else min(own, others)
    assert bool(outcome.readings) == (latest <= USUAL.quiet)
    assert all(float(reading.value) >= 0 for reading in outcome.readings)


async def test_nobody_is_asked() -> None:
    outcome = await probes.run(
        syslog_received, Target("HW-033-1", "192.0.2.1", {}), USUAL,
        timeout=1, retries=0, limits=probes.Limits(),
    )  # fmt: skip
    assert outcome.reason is Reason.COLLECTOR
    assert "不能主动探测" in outcome.error
