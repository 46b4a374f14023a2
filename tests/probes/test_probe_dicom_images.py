"""dicom.find and dicom.store: a PACS of pynetdicom, its refusals, and Debian's Orthanc."""

import asyncio
import gc
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from probe_pages import Asked, pages
from probe_peers import HOME, ask, babbles, closes, free_port, hangs, resets, tcp_peer, values
from pydicom.dataset import Dataset
from pynetdicom import AE, evt

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.dicom_images import PATIENT_ID, DicomFindOptions, found_by, marked
from jingwei.terms import Reason

FIND = "1.2.840.10008.5.1.4.1.2.2.1"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
USER = {"user": "watcher", "password": "pacs-secret"}
KNOWN = {"ae_title": "JAPACS", "timeout": 5}


class Archive:
    """What a PACS of the test holds and was asked."""

    def __init__(self, store: int = 0x0000, find: int = 0x0000, deaf: bool = False) -> None:
        self.store, self.find, self.deaf = store, find, deaf
        self.held: list[str] = []
        self.asked: list[Dataset] = []

    def take(self, event: Any) -> int:
        if self.store == 0x0000:
            self.held.append(str(event.dataset.StudyInstanceUID))
        return self.store

    def look(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        wanted = event.identifier
        self.asked.append(wanted)
        if self.find:
            yield self.find, None
            return
        for uid in [] if self.deaf else self.held:
            if wanted.StudyInstanceUID in ("", uid):
                found = Dataset()
                found.StudyInstanceUID = uid
                yield 0xFF00, found


@contextmanager
def pacs(archive: Archive, contexts: tuple[str, ...] = (FIND, CAPTURE)) -> Iterator[int]:
    entity = AE(ae_title="JAPACS")
    entity.require_called_aet = True
    for context in contexts:
        entity.add_supported_context(context)
    handlers = [(evt.EVT_C_STORE, archive.take), (evt.EVT_C_FIND, archive.look)]
    server = entity.start_server((HOME, 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


async def test_studies_are_counted_up_to_the_limit() -> None:
    archive = Archive()
    archive.held = ["1.2.1", "1.2.2", "1.2.3"]
    with pacs(archive) as port:
        every = values(await ask("dicom.find", port, days=2, **KNOWN))
        some = values(await ask("dicom.find", port, query={"PatientID": "x"}, limit=2, **KNOWN))
    assert every["find.matches"] == 3
    assert every["find.time"] > 0
    assert some["find.matches"] == 2
    assert archive.asked[0].QueryRetrieveLevel == "STUDY"
    assert len(archive.asked[0].StudyDate) == len("20261122-20261123")
    assert archive.asked[1].PatientID == "x"


async def test_no_study_is_a_reading() -> None:
    with pacs(Archive()) as port:
        assert values(await ask("dicom.find", port, days=1, **KNOWN))["find.matches"] == 0


async def test_a_query_that_fails_or_is_not_served_is_told() -> None:
    with pacs(Archive(find=0xA700)) as port:
        failed = await ask("dicom.find", port, days=1, **KNOWN)
    assert (failed.reason, "状态 0xA700" in failed.error) == (Reason.PROTOCOL, True)
    with pacs(Archive(), contexts=(CAPTURE,)) as port:
        unserved = await ask("dicom.find", port, days=1, **KNOWN)
    assert (unserved.reason, "不支持 C-FIND" in unserved.error) == (Reason.REFUSED, True)
    with pacs(Archive(), contexts=(FIND,)) as port:
        untaken = await ask("dicom.store", port, USER, remove="keep", **KNOWN)
    assert (untaken.reason, "不支持 C-STORE" in untaken.error) == (Reason.REFUSED, True)


async def test_an_image_is_stored_found_and_removed() -> None:
    archive = Archive()

    def lookup(request: Asked) -> Any:
        known = request.body.decode() in archive.held
        return [{"ID": "abc-1", "Type": "Study"}, {"ID": "p", "Type": "Patient"}] if known else []

    def study(request: Asked) -> Any:
        return {} if request.method == "DELETE" else (405, b"")

    with pacs(archive) as port:
        async with pages({"/tools/lookup": lookup, "/studies/abc-1": study}) as rest:
            seen = values(await ask("dicom.store", port, USER, remove="orthanc",
                                    rest_port=rest.port, **KNOWN))  # fmt: skip
    assert seen.pop("store.time") > 0
    assert seen == {"store.status": "0000", "store.found": True, "store.removed": True}
    assert [one.method for one in rest.asked] == ["POST", "DELETE"]
    assert all(one.headers["authorization"].startswith("Basic ") for one in rest.asked)


async def test_an_image_that_stays_behind_is_a_reading_and_never_silent() -> None:
    for table in ({}, {"/tools/lookup": []}, {"/tools/lookup": (401, b"")},
                  {"/tools/lookup": [{"ID": "x", "Type": "Study"}]}):  # fmt: skip
        with pacs(Archive()) as port:
            async with pages(table) as rest:
                seen = values(await ask("dicom.store", port, USER, remove="orthanc",
                                        rest_port=rest.port, **KNOWN))  # fmt: skip
        assert seen["store.removed"] is False, table
    with pacs(Archive()) as port:
        seen = values(await ask("dicom.store", port, USER, remove="orthanc",
                                rest_port=free_port(), **KNOWN))  # fmt: skip
    assert seen["store.removed"] is False


async def test_a_full_pacs_and_one_that_forgets_are_readings() -> None:
    with pacs(Archive(store=0xA700)) as port:
        full = values(await ask("dicom.store", port, remove="keep", **KNOWN))
    assert full["store.status"] == "A700"
    assert "store.found" not in full
    with pacs(Archive(deaf=True)) as port:
        lost = values(await ask("dicom.store", port, remove="keep", **KNOWN))
    assert (lost["store.status"], lost["store.found"]) == ("0000", False)
    assert "store.removed" not in lost


# The library forgets to close a socket that was refused; it is collected a moment later.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_what_is_no_pacs_is_told(closed_port: int) -> None:
    for name, more in (("dicom.find", {"days": 1}), ("dicom.store", {"remove": "keep"})):
        assert (await ask(name, closed_port, **more)).reason is Reason.REFUSED
        for handler, reason in (
            (hangs, Reason.TIMEOUT), (resets, Reason.PROTOCOL), (closes, Reason.PROTOCOL),
            (babbles, Reason.PROTOCOL),
        ):  # fmt: skip
            async with tcp_peer(handler) as port:
                outcome = await ask(name, port, timeout=1, **more)
            assert outcome.reason is reason, (name, handler, outcome)
    del outcome
    for _ in range(5):  # its threads let go of it first
        await asyncio.sleep(0.1)
        gc.collect()


def test_the_image_says_what_it_is_and_is_never_the_same_twice() -> None:
    one, two = marked(), marked()
    assert one.PatientID == PATIENT_ID
    assert "not a patient" in one.StudyDescription
    assert str(one.StudyInstanceUID).startswith("2.25.")
    assert len(one.PixelData) == one.Rows * one.Columns == 64
    uids = [(i.StudyInstanceUID, i.SeriesInstanceUID, i.SOPInstanceUID) for i in (one, two)]
    assert len({uid for three in uids for uid in three}) == 6


def test_days_are_counted_with_today() -> None:
    wanted = found_by(DicomFindOptions(days=3), date(2026, 3, 1))
    days = "20260227-20260301"
    assert wanted == {"StudyInstanceUID": "", "PatientID": "", "StudyDate": days}


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("dicom.find", {"days": 0}, "query 不能空"),
        ("dicom.find", {"query": {"Nonsense": "x"}}, "不是 DICOM 关键字"),
        ("dicom.find", {"days": 1, "query": {"StudyDate": "2026"}}, "应为 0"),
        ("dicom.find", {"days": 1, "ae_title": "x" * 17}, "1 至 16"),
        ("dicom.store", {}, "必填（如何删除）"),
    ],
)
def test_options_that_nobody_decided_on_are_refused(name: str, given: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find(name), given)


ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/bin")
DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
WITH_DICOMWEB = DICOMWEB.exists()


@pytest.fixture
def orthanc(public_folder: Path) -> Iterator[tuple[int, int]]:
    """Debian's Orthanc with its REST API, and DICOMweb where the plugin is installed."""
    if ORTHANC is None:
        pytest.skip("Orthanc is not installed")
    dicom, rest = free_port(), free_port()
    settings = {
        "StorageDirectory": str(public_folder / f"orthanc-{dicom}"), "DicomAet": "JAPACS",
        "DicomPort": dicom, "HttpPort": rest, "AuthenticationEnabled": True,
        "RegisteredUsers": {USER["user"]: USER["password"]}, "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True, "Plugins": [str(DICOMWEB)] if WITH_DICOMWEB else [],
    }  # fmt: skip
    config = public_folder / f"orthanc-{dicom}.json"
    config.write_text(json.dumps(settings))
    process = subprocess.Popen(
        [ORTHANC, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 20
        while not asyncio.run(ask("tcp", rest, timeout=0.5)).answered:
            assert time.monotonic() < until, "Orthanc did not start"
            time.sleep(0.1)
        yield dicom, rest
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.peers
async def test_orthanc_takes_finds_and_removes_the_image(orthanc: tuple[int, int]) -> None:
    dicom, rest = orthanc
    kept = values(await ask("dicom.store", dicom, USER, remove="keep", **KNOWN))
    assert (kept["store.status"], kept["store.found"]) == ("0000", True)
    wanted = {"query": {"PatientID": PATIENT_ID}}
    assert values(await ask("dicom.find", dicom, **KNOWN))["find.matches"] == 0  # ours do not count
    assert values(await ask("dicom.find", dicom, **wanted, **KNOWN))["find.matches"] == 1
    seen = values(await ask("dicom.store", dicom, USER, remove="orthanc", rest_port=rest, **KNOWN))
    assert (seen["store.found"], seen["store.removed"]) == (True, True)
    assert values(await ask("dicom.find", dicom, **wanted, **KNOWN))["find.matches"] == 1
    wrong = {**USER, "password": "wrong-one"}
    seen = values(await ask("dicom.store", dicom, wrong, remove="orthanc", rest_port=rest, **KNOWN))
    assert seen["store.removed"] is False


@pytest.mark.peers
async def test_orthanc_answers_dicomweb(orthanc: tuple[int, int]) -> None:
    if not WITH_DICOMWEB:
        pytest.skip("orthanc-dicomweb is not installed")
    dicom, rest = orthanc
    await ask("dicom.store", dicom, USER, remove="keep", **KNOWN)
    seen = values(await ask("dicomweb", rest, USER, scheme="http", days=1, retrieve=True))
    assert seen["dicomweb.studies"] == 1
    assert (seen["dicomweb.retrieve.status"], seen["dicomweb.instances"]) == (200, 1)
    assert (await ask("dicomweb", rest, scheme="http")).reason is Reason.REFUSED
