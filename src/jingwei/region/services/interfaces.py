"""The interfaces part of the district: what applications open to each other."""

from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.region.web.interfaces import (
    CALL,
    OPERATION,
    SOAP_PATH,
    DicomWebFace,
    FhirFace,
    SoapFace,
)
from jingwei.region.web.server import Listener, Site
from jingwei.terms import Endpoint


class InterfacesPart(Part):
    """FHIR of the record browser, the platform's SOAP service, DICOMweb of the image store."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for each."""
        service = {"path": SOAP_PATH, "operation": OPERATION, "body": CALL}
        return [
            *(self._open(thing, "fhir", FhirFace(thing)) for thing in self._speaking("fhir")),
            *(self._open(thing, "soap", SoapFace(thing), **service)
              for thing in self._speaking("soap")),
            *(self._open(thing, "dicomweb", DicomWebFace(thing))
              for thing in self._speaking("dicomweb")),
        ]  # fmt: skip

    def _speaking(self, protocol: str) -> list[Thing]:
        return self._stage.speaking(protocol)

    def _open(self, thing: Thing, protocol: str, site: Site, **settings: str) -> Endpoint:
        self._stage.gate(thing, protocol, lambda *place: Listener(site, *place))
        plain: dict[str, str | int | bool] = {"scheme": "http", **settings}
        return self._stage.endpoint(thing, protocol, settings=plain)
