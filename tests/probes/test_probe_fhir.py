"""fhir: capability statement, a read, searches; what is none of it is told."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from probe_pages import behaves_badly, pages
from probe_peers import ask, calm, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.fhir import bundle_read, capability_read, outcome_text, resource_read
from jingwei.probes.rest import Answer
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "fhir-secret"}
CAPABLE = {
    "resourceType": "CapabilityStatement", "fhirVersion": "4.3.0",
    "software": {"name": "HAPI FHIR", "version": "6.8"},
    "rest": [{"mode": "server", "resource": [{"type": "Patient"}, {"type": "Encounter"}]}],
}  # fmt: skip
TEST = {"resourceType": "Patient", "id": "test-1"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "数据库连接池已满"}]}
PAGES: dict[str, Any] = {
    "/fhir/metadata": CAPABLE,
    "/fhir/Patient/test-1": TEST,
    "/fhir/Patient": {"resourceType": "Bundle", "type": "searchset", "total": 120_345},
}


async def test_a_server_is_described_read_and_searched() -> None:
    async with pages(PAGES) as peer:
        outcome = await ask(
            "fhir", peer.port, USER, scheme="http", read="Patient/test-1",
            search=[{"type": "Patient"},
                    {"type": "Patient", "query": "active=true", "name": "在册"}],
        )  # fmt: skip
    seen = values(outcome)
    for key in ("fhir.time", "fhir.read.time", "fhir.search.time[Patient]",
                "fhir.search.time[在册]"):  # fmt: skip
        assert seen.pop(key) > 0
    assert seen == {
        "fhir.version": "4.3.0",
        "fhir.software": "HAPI FHIR 6.8",
        "fhir.resources": 2,
        "fhir.read.status": 200,
        "fhir.read.match": True,
        "fhir.search.status[Patient]": 200,
        "fhir.total[Patient]": 120_345,
        "fhir.search.status[在册]": 200,
        "fhir.total[在册]": 120_345,
    }
    assert [one.path for one in peer.asked] == [
        "/fhir/metadata", "/fhir/Patient/test-1", "/fhir/Patient?_summary=count",
        "/fhir/Patient?active=true",
    ]  # fmt: skip
    assert all("fhir+json" in one.headers["accept"] for one in peer.asked)
    assert all(one.headers["authorization"].startswith("Basic ") for one in peer.asked)


async def test_a_token_is_sent_as_bearer_and_never_told() -> None:
    async with pages({}) as peer:
        outcome = await ask("fhir", peer.port, {"token": "t0ken"}, scheme="http")
    assert peer.asked[0].headers["authorization"] == "Bearer t0ken"
    assert outcome.reason is Reason.PROTOCOL
    assert "t0ken" not in outcome.error


async def test_a_search_that_fails_is_a_reading_and_a_server_that_does_is_an_error() -> None:
    failing = {**PAGES, "/fhir/Patient": (500, OUTCOME), "/fhir/Patient/test-1": (410, OUTCOME)}
    async with pages(failing) as peer:
        seen = values(await ask("fhir", peer.port, scheme="http", read="Patient/test-1",
                                search=[{"type": "Patient"}]))  # fmt: skip
    assert (seen["fhir.search.status[Patient]"], seen["fhir.read.status"]) == (500, 410)
    assert seen["fhir.read.match"] is False
    assert "fhir.total[Patient]" not in seen
    for page, reason, said in (
        ((503, OUTCOME), Reason.PROTOCOL, "状态码 503（数据库连接池已满）"),
        ((401, OUTCOME), Reason.REFUSED, "令牌或权限不对"),
        ((200, b"<html>login</html>"), Reason.PROTOCOL, "不是 JSON"),
        ((502, b"<html>bad gateway</html>"), Reason.PROTOCOL, "状态码 502"),
        ((200, {"resourceType": "Patient"}), Reason.PROTOCOL, "不是 FHIR 能力声明"),
        ((200, []), Reason.PROTOCOL, "不是 FHIR 能力声明"),
        ((200, b""), Reason.PROTOCOL, "不是 FHIR 能力声明"),
    ):
        async with pages({"/fhir/metadata": page}) as peer:
            outcome = await ask("fhir", peer.port, USER, scheme="http")
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome


async def test_what_answers_otherwise_is_told(closed_port: int) -> None:
    await behaves_badly("fhir", USER, closed_port)


def test_a_read_must_give_what_was_asked_for() -> None:
    def match(document: Any, status: int = 200) -> Any:
        readings = resource_read(Answer(status, document, 0.1), "Patient/test-1")
        return {one.key: one.value for one in readings}["fhir.read.match"]

    assert match(TEST) is True
    assert match({**TEST, "id": "test-2"}) is False
    assert match(TEST, 404) is False
    assert match(None) is False


def test_a_success_that_is_no_bundle_is_an_error() -> None:
    with pytest.raises(ProbeError, match="不是 Bundle"):
        bundle_read(Answer(200, TEST, 0.1), "Patient")
    assert len(bundle_read(Answer(200, {"resourceType": "Bundle"}, 0.1), "Patient")) == 2


def test_an_outcome_tells_its_diagnostics_or_its_code() -> None:
    assert outcome_text(OUTCOME) == "（数据库连接池已满）"
    coded = {"resourceType": "OperationOutcome", "issue": [{"code": "throttled"}, {"code": 7}]}
    assert outcome_text(coded) == "（throttled）"
    assert outcome_text({"resourceType": "OperationOutcome", "issue": "x"}) == ""
    assert outcome_text(TEST) == ""


@calm
@example([{"resource": True}])
@example([{"resource": [{"type": ["Patient"]}, {"type": "Patient"}, {"type": "Patient"}]}])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["rest", "resource", "type", "software"]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_statement_breaks_the_reading(rest: Any) -> None:
    document = {"resourceType": "CapabilityStatement", "rest": rest, "software": rest}
    count = {one.key: one.value for one in capability_read(Answer(200, document, 0.1))}
    assert isinstance(count["fhir.resources"], int)


@pytest.mark.parametrize(
    ("given_options", "said"),
    [
        ({"base": "fhir"}, "应以 / 开头"),
        ({"base": "/fhir?x=1"}, "不含查询串"),
        ({"read": "Patient"}, "类型/标识"),
        ({"search": [{"type": "Pa tient"}]}, "不是资源类型"),
        ({"host": "a\nb"}, "控制字符"),
    ],
)
def test_options_that_could_not_be_sent_are_refused(given_options: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find("fhir"), given_options)
