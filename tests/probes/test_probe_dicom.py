"""dicom.echo: a real application entity, its refusals, and peers that are none."""

import asyncio
import gc
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from probe_peers import (
    HOME,
    ask,
    babbles,
    closes,
    free_port,
    hangs,
    resets,
    samples,
    says,
    tcp_peer,
    values,
)
from pynetdicom import AE, evt

from jingwei.probes.dicom import rejection
from jingwei.terms import Reason

VERIFICATION = "1.2.840.10008.1.1"


@contextmanager
def pacs(
    *, titles: list[str] | None = None, status: int = 0x0000, slow: float = 0, echo: bool = True
) -> Iterator[int]:
    """A PACS on a free port: which calling titles it knows, and what it answers."""
    entity = AE(ae_title="JAPACS")
    entity.require_called_aet = True
    if titles:
        entity.require_calling_aet = titles
    entity.add_supported_context(VERIFICATION if echo else "1.2.840.10008.5.1.4.1.1.7")

    def answer(_: Any) -> int:
        time.sleep(slow)
        return status

    server = entity.start_server((HOME, 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, answer)])
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def test_a_pacs_that_answers_gives_its_echo_time_on_both_loops() -> None:
    async def main(port: int) -> None:
        outcome = await ask("dicom.echo", port, ae_title="JAPACS")
        assert 0 < values(outcome)["echo.time"] < 3000
        assert outcome.readings[0].unit == "ms"

    with pacs() as port:
        asyncio.run(main(port))
        uvloop.run(main(port))


async def test_an_unknown_called_title_is_refused_with_its_reason() -> None:
    with pacs() as port:
        outcome = await ask("dicom.echo", port, ae_title="OTHER")
        while outcome.reason is Reason.PROTOCOL:  # the library can miss a refusal that hangs up
            outcome = await ask("dicom.echo", port, ae_title="OTHER")
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "关联被永久拒绝：不认识被叫 AE"


async def test_an_unknown_calling_title_is_refused_with_its_reason() -> None:
    with pacs(titles=["RIS"]) as port:
        outcome = await ask("dicom.echo", port, ae_title="JAPACS")
        while outcome.reason is Reason.PROTOCOL:
            outcome = await ask("dicom.echo", port, ae_title="JAPACS")
        known = await ask("dicom.echo", port, ae_title="JAPACS", calling_ae="RIS")
    assert outcome.reason is Reason.REFUSED
    assert outcome.error == "关联被永久拒绝：不认识主叫 AE"
    assert known.answered


async def test_a_failing_echo_is_told_with_its_status() -> None:
    with pacs(status=0x0110) as port:
        outcome = await ask("dicom.echo", port, ae_title="JAPACS")
    assert outcome.reason is Reason.PROTOCOL
    assert outcome.error == "C-ECHO 状态 0x0110"


async def test_a_node_without_verification_is_told() -> None:
    with pacs(echo=False) as port:
        outcome = await ask("dicom.echo", port, ae_title="JAPACS")
    assert outcome.reason is Reason.REFUSED
    assert "不支持 C-ECHO" in outcome.error


async def test_a_pacs_that_takes_the_association_and_then_hangs_is_a_timeout() -> None:
    with pacs(slow=1.2) as port:
        started = time.monotonic()
        outcome = await ask("dicom.echo", port, ae_title="JAPACS", timeout=0.5)
        assert time.monotonic() - started < 1
    assert outcome.reason is Reason.TIMEOUT


# The library forgets to close a socket that was refused; it is collected a moment later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_refusing_hanging_resetting_or_babbling_peer(closed_port: int) -> None:
    refused = await ask("dicom.echo", closed_port)
    assert refused.reason is Reason.REFUSED
    assert refused.error == "连接被拒绝：端口没有服务"
    gc.collect()
    for handler, reason in (
        (hangs, Reason.TIMEOUT),
        (resets, Reason.PROTOCOL),
        (closes, Reason.PROTOCOL),
        (babbles, Reason.PROTOCOL),
        (says(b"\x02\x00\x00\x00\x00\x44\x00\x01"), Reason.PROTOCOL),  # half an A-ASSOCIATE-AC
    ):
        async with tcp_peer(handler) as port:
            outcome = await ask("dicom.echo", port, timeout=0.8)
        assert outcome.reason is reason, (handler, outcome)


@pytest.mark.parametrize(("name", "sample"), samples("dicom"))
def test_recorded_refusals_give_the_expected_words(name: str, sample: Any) -> None:
    for item in sample["refusals"]:
        error = rejection(item["result"], item["source"], item["reason"])
        assert error.message == item["error"], name


ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/bin")


@pytest.fixture
def orthanc(public_folder: Path) -> Iterator[int]:
    """Debian's Orthanc, which knows only its own title."""
    if ORTHANC is None:
        pytest.skip("Orthanc is not installed")
    port = free_port()
    settings = {
        "StorageDirectory": str(public_folder / "orthanc"),
        "DicomAet": "JAPACS",
        "DicomPort": port,
        "DicomCheckCalledAet": True,
        "HttpServerEnabled": False,
        "Plugins": [],
    }
    config = public_folder / "orthanc.json"
    config.write_text(json.dumps(settings))
    process = subprocess.Popen(
        [ORTHANC, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 20
        while not asyncio.run(ask("tcp", port, timeout=0.5)).answered:
            assert time.monotonic() < until, "Orthanc did not start"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.peers
async def test_orthanc_answers_and_refuses_a_stranger(orthanc: int) -> None:
    known = await ask("dicom.echo", orthanc, ae_title="JAPACS", timeout=5)
    stranger = await ask("dicom.echo", orthanc, ae_title="OTHER", timeout=5)
    assert values(known)["echo.time"] > 0
    assert stranger.reason is Reason.REFUSED
    assert "不认识被叫 AE" in stranger.error


@pytest.mark.parametrize(
    ("result", "source", "reason", "said"),
    [
        (1, 1, 7, "关联被永久拒绝：不认识被叫 AE"),
        (2, 3, 2, "关联被暂时拒绝：连接数已满"),
        (2, 3, 9, "关联被暂时拒绝：来源 3，原因 9"),
        (None, None, None, "关联被暂时拒绝：来源 None，原因 None"),
    ],
)
def test_every_refusal_of_ps3_8_has_its_words(
    result: int | None, source: int | None, reason: int | None, said: str
) -> None:
    error = rejection(result, source, reason)
    assert error.message == said
    assert error.reason is Reason.REFUSED
