"""hl7.mllp: a real MLLP server of another hand, and every half of a broken conversation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import hl7
import hl7.mllp
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from probe_peers import (
    HOME,
    as_rows,
    ask,
    babbles,
    calm,
    closes,
    hangs,
    resets,
    samples,
    says,
    tcp_peer,
    values,
)

from jingwei.probes.errors import ProbeError
from jingwei.probes.mllp import END, START, Frame, MllpOptions, judged, written
from jingwei.terms import SHANGHAI, Reason

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)


@asynccontextmanager
async def engine(code: str = "AA", *, echo: bool = True) -> AsyncIterator[tuple[int, list[Any]]]:
    """An interface engine made of the hl7 package; yields its port and what it heard."""
    heard: list[Any] = []

    async def serve(reader: "hl7.mllp.HL7StreamReader", writer: "hl7.mllp.HL7StreamWriter") -> None:
        message = await reader.readmessage()
        heard.append(message)
        answer = message.create_ack(code)
        if not echo:
            answer.segment("MSA").assign_field("OTHER", 2)
        writer.writemessage(answer)
        await writer.drain()
        writer.close()

    server = await hl7.mllp.start_hl7_server(serve, HOME, 0, encoding="utf-8")
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        await asyncio.sleep(0.02)


async def test_an_engine_that_accepts_gives_aa_and_its_time() -> None:
    async with engine() as (port, heard):
        outcome = await ask(
            "hl7.mllp", port, receiving_application="HIP", receiving_facility="静安区平台"
        )
    seen = values(outcome)
    assert seen["mllp.ack"] == "AA"
    assert seen["mllp.control_match"] is True
    assert seen["mllp.time"] > 0
    message = heard[0]
    assert str(message.segment("MSH")[5]) == "HIP"
    assert str(message.segment("MSH")[6]) == "静安区平台"
    assert str(message.segment("MSH")[11]) == "T", "marked as a test"
    assert "JINGWEI-TEST" in str(message)


@pytest.mark.parametrize("code", ["AE", "AR"])
async def test_an_engine_that_refuses_is_a_reading(code: str) -> None:
    async with engine(code) as (port, _):
        seen = values(await ask("hl7.mllp", port))
    assert seen["mllp.ack"] == code


async def test_an_answer_to_another_message_does_not_match() -> None:
    async with engine(echo=False) as (port, _):
        seen = values(await ask("hl7.mllp", port))
    assert seen["mllp.control_match"] is False


async def test_a_refusing_hanging_resetting_or_babbling_engine(closed_port: int) -> None:
    assert (await ask("hl7.mllp", closed_port)).reason is Reason.REFUSED
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
        (says(START + b"MSH|^~\\&|A|B\r"), Reason.PROTOCOL),  # half a block, then the end
        (says(START + b"hello" + END), Reason.PROTOCOL),
        (says(START + b"MSH|^~\\&|A|B\rMSA|XX|1\r" + END), Reason.PROTOCOL),
        (says(START + b"MSH|^~\\&|A|B\rPID|1\r" + END), Reason.PROTOCOL),
        (says(START + b"x" * 2_000_000), Reason.PROTOCOL),
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("hl7.mllp", port, timeout=0.5)
        assert outcome.reason is reason, outcome


async def test_a_half_open_engine_that_stalls_in_the_answer_is_a_timeout() -> None:
    async with tcp_peer(says(START + b"MSH|^~\\&|A|B\rMSA|A", pause=5)) as port:
        outcome = await ask("hl7.mllp", port, timeout=0.3)
    assert outcome.reason is Reason.TIMEOUT
    assert "接口引擎不应答" in outcome.error


def test_it_works_the_same_on_uvloop() -> None:
    async def main() -> None:
        async with engine() as (port, _):
            assert values(await ask("hl7.mllp", port))["mllp.ack"] == "AA"
        async with tcp_peer(hangs) as port:
            assert (await ask("hl7.mllp", port, timeout=0.2)).reason is Reason.TIMEOUT

    uvloop.run(main())


def test_a_message_of_ones_own_is_filled_in_and_its_lines_become_segments() -> None:
    options = MllpOptions(
        message="MSH|^~\\&|{sending_application}|||{receiving_facility}|{now}||ADT^A08|{control_id}|T|2.4\nPID|1||测试",
        receiving_facility="北站医院",
        encoding="gb18030",
    )
    text = written(options, "C1", NOW).decode("gb18030")
    assert text == ("MSH|^~\\&|JINGWEI|||北站医院|20261123083000||ADT^A08|C1|T|2.4\rPID|1||测试\r")


@pytest.mark.parametrize(("name", "sample"), samples("mllp"))
def test_recorded_acknowledgements_give_the_expected_readings(name: str, sample: Any) -> None:
    if "error" in sample:
        with pytest.raises(ProbeError, match=sample["error"]):
            judged(sample["answer"], sample["control_id"])
    else:
        readings = judged(sample["answer"], sample["control_id"])
        assert as_rows(readings) == sample["readings"], name


@calm
@given(st.data())
def test_a_block_split_at_any_byte_is_read_the_same(data: st.DataObject) -> None:
    content = "MSH|^~\\&|静安\rMSA|AA|1\r".encode()
    whole = START + content + END
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=6)))
    frame = Frame()
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    *before, last = [frame.feed(piece) for piece in pieces]
    assert before == [None] * len(before)
    assert last == content


@calm
@given(st.text(max_size=100))
def test_any_text_is_an_acknowledgement_or_refused(answer: str) -> None:
    for text in (answer, f"MSH|^~\\&|A\r{answer}", f"MSH|^~\\&|A\rMSA|{answer}"):
        try:
            readings = judged(text, "C1")
        except ProbeError as error:
            assert error.reason is Reason.PROTOCOL  # noqa: PT017 - either is right
        else:
            assert readings[0].name == "mllp.ack"
