"""dicomweb: QIDO-RS and WADO-RS against pages, and against a real Orthanc where there is one."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_pages import behaves_badly, pages
from probe_peers import ask, calm, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.dicomweb import DicomWebOptions, asked, datasets, uid_of
from jingwei.probes.errors import ProbeError
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "pacs-secret"}
UID = "1.2.840.113619.2.1"
STUDY = {"0020000D": {"vr": "UI", "Value": [UID]}, "00080020": {"vr": "DA", "Value": ["20261123"]}}
PAGES: dict[str, Any] = {
    "/dicom-web/studies": [STUDY, {"0020000D": {"vr": "UI", "Value": ["1.2.3"]}}],
    f"/dicom-web/studies/{UID}/metadata": [{}, {}, {}],
}


async def test_studies_are_found_and_the_first_is_retrieved() -> None:
    async with pages(PAGES) as peer:
        outcome = await ask("dicomweb", peer.port, USER, scheme="http", retrieve=True, days=2,
                            query={"ModalitiesInStudy": "CT"})  # fmt: skip
    seen = values(outcome)
    assert seen.pop("dicomweb.time") > 0
    assert seen.pop("dicomweb.retrieve.time") > 0
    assert seen == {
        "dicomweb.studies": 2,
        "dicomweb.retrieve.status": 200,
        "dicomweb.instances": 3,
    }
    first, second = peer.asked
    query = parse_qs(urlsplit(first.path).query)
    assert query["ModalitiesInStudy"] == ["CT"]
    assert len(query["StudyDate"][0]) == len("20261122-20261123")
    assert second.path == f"/dicom-web/studies/{UID}/metadata"
    assert first.headers["accept"] == "application/dicom+json"


@pytest.mark.parametrize("page", [[], (204, b""), (200, b"")])
async def test_no_study_is_a_reading_and_nothing_is_retrieved(page: Any) -> None:
    async with pages({"/dicom-web/studies": page}) as peer:
        seen = values(await ask("dicomweb", peer.port, scheme="http", retrieve=True))
    assert seen["dicomweb.studies"] == 0
    assert len(peer.asked) == 1


async def test_metadata_that_cannot_be_retrieved_is_a_reading() -> None:
    async with pages({"/dicom-web/studies": [STUDY]}) as peer:
        seen = values(await ask("dicomweb", peer.port, scheme="http", retrieve=True))
    assert seen["dicomweb.retrieve.status"] == 404
    assert "dicomweb.instances" not in seen


async def test_refusals_and_nonsense_are_told(closed_port: int) -> None:
    for page, reason, said in (
        ((401, b""), Reason.REFUSED, "令牌或权限不对"),
        ((500, b"oops"), Reason.PROTOCOL, "状态码 500"),
        ((200, b"<html>"), Reason.PROTOCOL, "不是 JSON"),
        ((200, {"error": "x"}), Reason.PROTOCOL, "不是 DICOM JSON"),
        ((200, ["x"]), Reason.PROTOCOL, "不是 DICOM JSON"),
        ((200, [{}]), Reason.PROTOCOL, "没有有效的 Study Instance UID"),
    ):
        async with pages({"/dicom-web/studies": page}) as peer:
            outcome = await ask("dicomweb", peer.port, USER, scheme="http", retrieve=True)
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome
    await behaves_badly("dicomweb", USER, closed_port)


def test_days_are_counted_with_today() -> None:
    today = date(2026, 3, 1)
    assert asked(DicomWebOptions(days=1), today)["StudyDate"] == "20260301-20260301"
    assert asked(DicomWebOptions(days=2), today)["StudyDate"] == "20260228-20260301"
    assert "StudyDate" not in asked(DicomWebOptions(), today)
    assert asked(DicomWebOptions(limit=5), today)["limit"] == "5"


@pytest.mark.parametrize(
    "study",
    [{}, {"0020000D": None}, {"0020000D": {"Value": []}}, {"0020000D": {"Value": ["1.2/../x"]}},
     {"0020000D": {"Value": ["1" * 65]}}, {"0020000D": {"Value": [7]}}],
)  # fmt: skip
def test_a_uid_that_could_lead_elsewhere_is_refused(study: Mapping[str, Any]) -> None:
    with pytest.raises(ProbeError, match="UID"):
        uid_of(study)


@calm
@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_only_lists_of_datasets_pass(document: Any) -> None:
    whole = isinstance(document, list) and not document
    if document is None or whole:
        assert datasets(document) == []
    else:
        with pytest.raises(ProbeError, match="DICOM JSON"):
            datasets(document)


@pytest.mark.parametrize(
    ("given_options", "said"),
    [
        ({"base": "dicom-web"}, "应以 / 开头"),
        ({"days": 1, "query": {"StudyDate": "20260101-"}}, "只能给一个"),
        ({"limit": 0}, "1"),
    ],
)
def test_options_that_could_not_be_asked_are_refused(given_options: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find("dicomweb"), given_options)
