"""The PACS nodes: DICOM application entities that answer C-ECHO (PS3.4 annex A, PS3.8).

Played by pynetdicom. A wrong called title is rejected as the standard has it; `pacs-refuses-ae`
makes a node know no calling title any more, as after a lost configuration.
"""

import asyncio
from functools import partial
from typing import Any

from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import DICOM_TITLES
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

_REGISTERED_ELSEWHERE = ["MODALITY-1"]
_SECONDS = 15.0


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
            endpoints.append(self._stage.endpoint(thing, "dicom", settings={"ae_title": title}))
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
        self._entity.add_supported_context(Verification)
        self._entity.require_called_aet = True
        for name in ("acse_timeout", "dimse_timeout", "network_timeout"):
            setattr(self._entity, name, _SECONDS)

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        self.follow()
        self._entity.start_server(self._place, block=False)

    async def close(self) -> None:
        """End associations and threads."""
        await asyncio.to_thread(self._entity.shutdown)

    def follow(self) -> None:
        """Forget the calling titles, or accept every one again."""
        refusing = self._thing.has(FaultName.PACS_REFUSES_AE)
        self._entity.require_calling_aet = _REGISTERED_ELSEWHERE if refusing else []
