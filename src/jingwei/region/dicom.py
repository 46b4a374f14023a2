"""The PACS nodes: DICOM entities that answer C-ECHO, C-FIND and C-STORE (PS3.4 annexes A, B, C).

Played by pynetdicom. A wrong called title is rejected as the standard has it; `pacs-refuses-ae`
makes a node know no calling title any more, as after a lost configuration. A full archive refuses
images (A700), one whose routing stopped has no study of the last days. What is stored is counted
and thrown away: only the last identifiers are kept, so that a query finds them.
"""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    SecondaryCaptureImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import DICOM_TITLES
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

_REGISTERED_ELSEWHERE = ["MODALITY-1"]
_SECONDS = 15.0
_STUDIES = 12  # of the last days, when images come in
_SUCCESS, _PENDING, _OUT_OF_RESOURCES = 0x0000, 0xFF00, 0xA700


class DicomPart(Part):
    """One application entity for each PACS."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._entities: dict[str, _Entity] = {}

    async def start(self) -> list[Endpoint]:
        """A port for each; each entity waits in a thread of its own."""
        endpoints = []
        for thing in self._stage.speaking("dicom"):
            title = DICOM_TITLES.get(thing.key, "PACS")
            self._stage.gate(thing, "dicom", partial(self._made, thing, title))
            settings: dict[str, str | int | bool] = {"ae_title": title, "remove": "keep"}
            endpoints.append(self._stage.endpoint(thing, "dicom", settings=settings))
        return endpoints

    async def follow(self, thing: Thing) -> None:
        """An entity is told whom it knows."""
        if thing.key in self._entities:
            self._entities[thing.key].follow()

    def _made(self, thing: Thing, title: str, address: str, port: int) -> "_Entity":
        self._entities[thing.key] = _Entity(thing, title, address, port)
        return self._entities[thing.key]


class _Entity:
    """An application entity at a place."""

    def __init__(self, thing: Thing, title: str, address: str, port: int) -> None:
        self._thing = thing
        self._place = (address, port)
        self._entity: Any = AE(ae_title=title)
        for service in (
            Verification, SecondaryCaptureImageStorage, StudyRootQueryRetrieveInformationModelFind,
        ):  # fmt: skip
            self._entity.add_supported_context(service)
        self._stored: dict[str, str] = {}  # study -> patient, the oldest goes
        self._entity.require_called_aet = True
        for name in ("acse_timeout", "dimse_timeout", "network_timeout"):
            setattr(self._entity, name, _SECONDS)

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        self.follow()
        handlers = [(evt.EVT_C_STORE, self._store), (evt.EVT_C_FIND, self._find)]
        self._entity.start_server(self._place, block=False, evt_handlers=handlers)

    async def close(self) -> None:
        """End associations and threads."""
        await asyncio.to_thread(self._entity.shutdown)

    def follow(self) -> None:
        """Forget the calling titles, or accept every one again."""
        refusing = self._thing.has(FaultName.PACS_REFUSES_AE)
        self._entity.require_calling_aet = _REGISTERED_ELSEWHERE if refusing else []

    def _store(self, event: Any) -> int:
        """Take an image, or have no room for it (PS3.4 B.2.3)."""
        if self._thing.has(FaultName.PACS_FULL):
            return _OUT_OF_RESOURCES
        self._stored[str(event.dataset.StudyInstanceUID)] = str(event.dataset.PatientID)
        while len(self._stored) > _STUDIES:
            del self._stored[next(iter(self._stored))]
        return _SUCCESS

    def _find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        """The study that is asked for, or those of the last days (PS3.4 C.4.1)."""
        wanted = str(event.identifier.get("StudyInstanceUID", ""))
        silent = self._thing.has(FaultName.PACS_NO_IMAGES)
        recent = [] if silent else [f"2.25.{number}" for number in range(_STUDIES)]
        for uid in recent + list(self._stored) if not wanted else [wanted]:
            if wanted and uid not in self._stored:
                continue
            study = Dataset()
            study.QueryRetrieveLevel, study.StudyInstanceUID = "STUDY", uid
            study.PatientID = self._stored.get(uid, "REGION")
            yield _PENDING, study
