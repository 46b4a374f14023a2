"""What the region's applications open to each other: whole answers, and each fault in its place."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom.dataset import Dataset

from jingwei.probes.dicomweb import datasets, uid_of
from jingwei.probes.soap import SoapOptions, answer_read, envelope, wsdl_read
from jingwei.region.dicom import _Entity
from jingwei.region.fault_names import FaultName
from jingwei.region.plan import protocols_of
from jingwei.region.thing import Thing
from jingwei.region.web.interfaces import (
    CALL,
    OPERATION,
    SOAP_PATH,
    DicomWebFace,
    FhirFace,
    SoapFace,
)
from jingwei.region.web.server import Request, Response
from jingwei.terms import Peer


def application(key: str, *faults: FaultName) -> Thing:
    made = Thing(Peer(key, "application", "平台"), clock=lambda: 1_795_430_000.0)
    for fault in faults:
        made.switch_on(fault)
    return made


def get(face: Any, path: str) -> tuple[int, Any]:
    answer = face(Request("GET", path, {}))
    return answer.status, json.loads(answer.body)


def called(face: SoapFace, body: str) -> Response:
    return face(Request("POST", SOAP_PATH, {}, envelope(body, "1.1")))


def told(answer: Response, body: str) -> dict[str, Any]:
    readings = answer_read(answer.body, answer.status, SoapOptions(body=body))
    return {reading.name: reading.value for reading in readings}


def test_each_interface_belongs_to_the_application_that_has_it() -> None:
    spoken = {key: protocols_of(application(key).peer) for key in ("APP-01", "APP-06", "APP-10")}
    assert "soap" in spoken["APP-01"]
    assert "fhir" in spoken["APP-06"]
    assert {"dicom", "dicomweb"} <= set(spoken["APP-10"])


def test_fhir_states_what_it_can_and_counts_without_showing_anybody() -> None:
    face = FhirFace(application("APP-06"))
    status, capability = get(face, "/fhir/metadata")
    assert (status, capability["fhirVersion"]) == (200, "4.0.1")
    status, bundle = get(face, "/fhir/Patient")
    assert status == 200
    assert bundle["total"] > 0
    assert "entry" not in bundle
    assert get(face, "/fhir/Observation")[0] == 404


def test_a_fhir_search_that_fails_leaves_the_capability_statement_standing() -> None:
    face = FhirFace(application("APP-06", FaultName.FHIR_SEARCH_FAILS))
    assert get(face, "/fhir/metadata")[0] == 200
    status, outcome = get(face, "/fhir/Patient")
    assert (status, outcome["resourceType"]) == (500, "OperationOutcome")


def test_the_platforms_service_is_described_and_answers_its_call() -> None:
    face = SoapFace(application("APP-01"))
    described = face(Request("GET", f"{SOAP_PATH}?wsdl", {}))
    found = {r.name: r.value for r in wsdl_read(described.body, OPERATION)}
    assert found == {"soap.operations": 1, "soap.operation": True}
    answer = called(face, CALL)
    read = told(answer, CALL)
    assert read["soap.fault"] is False


@pytest.mark.parametrize(
    ("faults", "body", "code"),
    [((FaultName.SERVICE_FAULT,), CALL, "Server"), ((), "<x/>", "Client")],
)
def test_what_the_service_cannot_do_is_a_fault_with_its_code(
    faults: tuple[FaultName, ...], body: str, code: str
) -> None:
    answer = called(SoapFace(application("APP-01", *faults)), body)
    read = told(answer, body)
    assert read["soap.fault"] is True
    assert read["soap.fault.code"].endswith(code)


def test_a_study_is_found_and_its_metadata_are_there_until_the_images_are_lost() -> None:
    thing = application("APP-10")
    face = DicomWebFace(thing)
    status, rows = get(face, "/dicom-web/studies?limit=10")
    uid = uid_of(datasets(rows)[0])
    assert status == 200
    assert get(face, f"/dicom-web/studies/{uid}/metadata")[0] == 200
    thing.switch_on(FaultName.IMAGES_LOST)
    assert get(face, "/dicom-web/studies?limit=10") == (200, rows)
    assert get(face, f"/dicom-web/studies/{uid}/metadata")[0] == 500


def test_interfaces_fail_with_what_they_stand_on() -> None:
    thing = application("APP-06")
    thing.plight = SimpleNamespace(stuck=True)  # type: ignore[assignment]
    assert get(FhirFace(thing), "/fhir/Patient")[0] == 500
    assert called(SoapFace(thing), CALL).status == 500


def stored(entity: _Entity, uid: str) -> int:
    return entity._store(
        SimpleNamespace(dataset=SimpleNamespace(StudyInstanceUID=uid, PatientID="P-1"))
    )


def found(entity: _Entity, uid: str = "") -> list[str]:
    identifier = Dataset()
    identifier.StudyInstanceUID = uid
    rows: Iterator[Any] = entity._find(SimpleNamespace(identifier=identifier))
    return [str(study.StudyInstanceUID) for status, study in rows if status == 0xFF00]


def test_the_archive_finds_what_came_in_and_the_studies_of_the_last_days() -> None:
    archive = _Entity(application("APP-10"), "PACSN", "127.0.0.1", 1)
    assert found(archive, "2.25.99") == []
    assert stored(archive, "2.25.99") == 0x0000
    assert found(archive, "2.25.99") == ["2.25.99"]
    assert len(found(archive)) > 10


def test_a_full_archive_takes_nothing_in_and_one_without_routing_has_nothing_new() -> None:
    thing = application("APP-10", FaultName.PACS_FULL, FaultName.PACS_NO_IMAGES)
    archive = _Entity(thing, "PACSN", "127.0.0.1", 1)
    assert stored(archive, "2.25.99") == 0xA700
    assert found(archive, "2.25.99") == []
    assert found(archive) == []
