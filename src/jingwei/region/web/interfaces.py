"""What applications open to each other: FHIR, SOAP services of the platform, DICOMweb.

No patient stands in any answer: totals, identifiers of the region's own, and nothing else.
"""

from urllib.parse import urlsplit

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

SOAP_PATH = "/services/HIPMessageService"
OPERATION = "HIPMessageServer"
CALL = f'<p:{OPERATION} xmlns:p="urn:hip:message"><action>Ping</action><message/></p:{OPERATION}>'
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WSDL = f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:hip:message">
  <wsdl:portType name="HIPMessage"><wsdl:operation name="{OPERATION}"/></wsdl:portType>
</wsdl:definitions>"""
_UID = "2.25.1795430000"  # under the root of UUIDs: nobody's


class FhirFace:
    """The record browser's FHIR R4 server: capability statement and searches."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        kind = request.path.removeprefix("/fhir/")
        if kind == "metadata":
            return Response.json(self._capability())
        if kind not in {"Patient", "Encounter"}:
            return _outcome(404, "not-found")
        if self._thing.has(FaultName.FHIR_SEARCH_FAILS) or self._thing.plight.stuck:
            return _outcome(500, "exception")
        total = self._thing.counter(kind, 0.01)
        return Response.json({"resourceType": "Bundle", "type": "searchset", "total": total})

    def _capability(self) -> dict[str, object]:
        kinds = [{"type": kind} for kind in ("Patient", "Encounter")]
        return {
            "resourceType": "CapabilityStatement", "status": "active", "fhirVersion": "4.0.1",
            "kind": "instance", "software": {"name": self._thing.peer.label, "version": "3.2"},
            "rest": [{"mode": "server", "resource": kinds}],
        }  # fmt: skip


def _outcome(status: int, code: str) -> Response:
    issue = {"severity": "error", "code": code}
    return Response.json({"resourceType": "OperationOutcome", "issue": [issue]}, status)


class SoapFace:
    """The platform's message service (WS/T 790 names such services): its WSDL and one call."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if urlsplit(request.path).path != SOAP_PATH:
            return Response.html("<h1>404</h1>", 404)
        if request.method == "GET":
            return _xml(_WSDL)
        if OPERATION.encode() not in request.body:
            return _fault("Client", "unknown operation", 500)
        if self._thing.has(FaultName.SERVICE_FAULT) or self._thing.plight.stuck:
            return _fault("Server", "message store not available", 500)
        return _xml(_enveloped(f'<p:{OPERATION}Response xmlns:p="urn:hip:message"/>'))


def _enveloped(body: str) -> str:
    return f'<s:Envelope xmlns:s="{_SOAP}"><s:Body>{body}</s:Body></s:Envelope>'


def _fault(code: str, words: str, status: int) -> Response:
    told = f"<faultcode>s:{code}</faultcode><faultstring>{words}</faultstring>"
    return _xml(_enveloped(f"<s:Fault>{told}</s:Fault>"), status)


def _xml(text: str, status: int = 200) -> Response:
    return Response(status, text.encode(), "text/xml; charset=utf-8")


class DicomWebFace:
    """The image store's DICOMweb: studies of the last days, and the metadata of one (PS3.18)."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        parts = urlsplit(request.path)
        if parts.path == "/dicom-web/studies":
            return _dicom([{"0020000D": {"vr": "UI", "Value": [_UID]}}])
        if parts.path == f"/dicom-web/studies/{_UID}/metadata":
            if self._thing.has(FaultName.IMAGES_LOST) or self._thing.plight.stuck:
                return _dicom([], 500)
            return _dicom([{"00080018": {"vr": "UI", "Value": [f"{_UID}.1"]}}])
        return _dicom([], 404)


def _dicom(datasets: list[dict[str, object]], status: int = 200) -> Response:
    return Response(status, Response.json(datasets).body, "application/dicom+json")
