"""soap: WSDL and one call in both versions; faults are readings, documents cannot reach out."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_pages import Asked, behaves_badly, pages
from probe_peers import ask, calm, values

from jingwei.probes import OptionError, find, parse_options
from jingwei.probes.errors import ProbeError
from jingwei.probes.soap import SoapOptions, answer_read, parsed, wsdl_read
from jingwei.terms import Reason

USER = {"user": "watcher", "password": "soap-secret"}
WSDL = b"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:test">
  <portType name="Registry">
    <operation name="PatientQuery"/><operation name="PatientAdd"/></portType>
  <binding name="B" type="Registry"><operation name="PatientQuery"/></binding>
</definitions>"""
ANSWER = """<?xml version="1.0"?><e:Envelope xmlns:e="{space}"><e:Body>
<r:ack xmlns:r="urn:test"><r:typeCode code="AA"/><r:found>3</r:found></r:ack>
</e:Body></e:Envelope>"""
S11 = "http://schemas.xmlsoap.org/soap/envelope/"
S12 = "http://www.w3.org/2003/05/soap-envelope"
FAULT11 = f"""<e:Envelope xmlns:e="{S11}"><e:Body><e:Fault><faultcode>e:Server</faultcode>
<faultstring>oops</faultstring></e:Fault></e:Body></e:Envelope>"""
FAULT12 = f"""<e:Envelope xmlns:e="{S12}"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value>
</e:Code></e:Fault></e:Body></e:Envelope>"""
CALL: dict[str, Any] = {
    "path": "/registry", "operation": "PatientQuery", "action": "urn:test:PatientQuery",
    "body": '<q:query xmlns:q="urn:test"><q:id>TEST-1</q:id></q:query>',
    "namespaces": {"r": "urn:test"},
    "select": [{"reading": "ack", "xpath": "string(//r:typeCode/@code)"},
               {"reading": "found", "xpath": "number(//r:found)", "unit": "count"}],
}  # fmt: skip


def service(space: str) -> Any:
    """The WSDL for a GET, an answer for a POST."""

    def page(request: Asked) -> Any:
        return WSDL if request.method == "GET" else ANSWER.format(space=space).encode()

    return page


@pytest.mark.parametrize(("version", "space"), [("1.1", S11), ("1.2", S12)])
async def test_a_service_is_described_and_called(version: str, space: str) -> None:
    async with pages({"/registry": service(space)}) as peer:
        outcome = await ask("soap", peer.port, USER, scheme="http", version=version, **CALL)
    seen = values(outcome)
    assert seen.pop("soap.wsdl.time") > 0
    assert seen.pop("soap.time") > 0
    assert seen == {
        "soap.operations": 2,
        "soap.operation": True,
        "soap.status": 200,
        "soap.fault": False,
        "ack": "AA",
        "found": 3,
    }
    described, called = peer.asked
    assert described.path == "/registry?wsdl"
    assert parsed(called.body).tag == f"{{{space}}}Envelope"
    kind = called.headers["content-type"]
    if version == "1.1":
        assert called.headers["soapaction"] == '"urn:test:PatientQuery"'
        assert kind.startswith("text/xml")
    else:
        assert 'action="urn:test:PatientQuery"' in kind
        assert "soapaction" not in called.headers


@pytest.mark.parametrize(
    ("page", "code"), [((500, FAULT11.encode()), "e:Server"), (FAULT12.encode(), "e:Receiver")]
)
async def test_a_fault_is_a_reading_whatever_its_status(page: Any, code: str) -> None:
    async with pages({"/registry": page}) as peer:
        undescribed = {**CALL, "wsdl": "", "operation": ""}
        seen = values(await ask("soap", peer.port, scheme="http", **undescribed))
    assert (seen["soap.fault"], seen["soap.fault.code"]) == (True, code)
    assert "ack" not in seen


async def test_an_operation_that_is_gone_is_a_reading() -> None:
    async with pages({"/registry": WSDL}) as peer:
        seen = values(await ask("soap", peer.port, scheme="http", path="/registry",
                                operation="PatientMerge"))  # fmt: skip
    assert seen["soap.operation"] is False


async def test_a_wsdl_may_stand_elsewhere() -> None:
    async with pages({"/wsdl/registry.xml": WSDL}) as peer:
        seen = values(await ask("soap", peer.port, scheme="http", wsdl="/wsdl/registry.xml"))
    assert seen["soap.operations"] == 2


async def test_refusals_and_nonsense_are_told(closed_port: int) -> None:
    for page, reason, said in (
        ((401, b""), Reason.REFUSED, "令牌或权限不对"),
        ((404, b""), Reason.PROTOCOL, "状态码 404"),
        (b"<html><body>", Reason.PROTOCOL, "不是有效的 XML"),
        (b"<html/>", Reason.PROTOCOL, "不是 WSDL"),
        (b"\x00\xff", Reason.PROTOCOL, "不是有效的 XML"),
    ):
        async with pages({"/registry": page}) as peer:
            outcome = await ask("soap", peer.port, USER, scheme="http", **CALL)
        assert (outcome.reason, said in outcome.error) == (reason, True), outcome
    await behaves_badly("soap", USER, closed_port)


async def test_an_error_page_behind_a_good_description_leaves_the_status() -> None:
    def page(request: Asked) -> Any:
        return WSDL if request.method == "GET" else (502, b"<html>bad gateway")

    async with pages({"/registry": page}) as peer:
        seen = values(await ask("soap", peer.port, scheme="http", **CALL))
    assert seen["soap.status"] == 502
    assert "soap.fault" not in seen


def test_a_document_reaches_no_file_and_does_not_grow(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("never-told")
    reaching = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'
    growing = (
        '<!DOCTYPE a [<!ENTITY x "ha">'
        + "".join(f'<!ENTITY x{n} "{"&x;" * 10}">' for n in range(9))
        + "]><a>&x8;</a>"
    )
    for text in (reaching, growing):
        with pytest.raises(ProbeError, match=r"DTD|XML") as raised:
            parsed(text.encode())
        assert "never-told" not in str(raised.value)


def test_only_an_envelope_is_an_answer() -> None:
    options = SoapOptions(body="<a/>")
    with pytest.raises(ProbeError, match="不是 SOAP 信封"):
        answer_read(b"<a/>", 200, options)
    assert answer_read(b"<a/>", 500, options) == []
    with pytest.raises(ProbeError, match="不是有效的 XML"):
        answer_read(b"", 200, options)


def test_nodes_numbers_and_nothing_become_readings() -> None:
    select = [{"reading": "node", "xpath": "//r:found"}, {"reading": "none", "xpath": "//r:gone"},
              {"reading": "text", "xpath": "//r:typeCode/@code"},
              {"reading": "yes", "xpath": "boolean(//r:ack)"}]  # fmt: skip
    options = parse_options(find("soap"), {**CALL, "select": select})
    found = {r.key: r.value for r in answer_read(ANSWER.format(space=S11).encode(), 200, options)}
    assert found == {"soap.fault": False, "node": "3", "text": "AA", "yes": True}


@calm
@given(st.binary(max_size=200))
def test_no_bytes_break_the_description(noise: bytes) -> None:
    with pytest.raises(ProbeError):
        wsdl_read(noise, "x")


@pytest.mark.parametrize(
    ("given_options", "said"),
    [
        ({"wsdl": ""}, "至少给一个"),
        ({"body": "<a>"}, "不是有效的 XML"),
        ({"body": "<a/>", "action": 'a"b'}, "不能含引号"),
        ({"body": "<a/>", "select": [{"reading": "x", "xpath": "//["}]}, "不是有效的 XPath"),
        ({"select": [{"reading": "x", "xpath": "//a"}]}, "没有调用"),
        ({"wsdl": "", "body": "<a/>", "operation": "x"}, "须给出 wsdl"),
        ({"path": "registry"}, "应以 / 开头"),
    ],
)
def test_options_that_could_not_be_asked_are_refused(given_options: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        parse_options(find("soap"), given_options)
