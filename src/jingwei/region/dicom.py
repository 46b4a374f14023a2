"""The PACS nodes: DICOM application entities that answer C-ECHO (PS3.4 annex A, PS3.8).

Played by pynetdicom. A wrong called title is rejected as the standard has it; `pacs-refuses-ae`
makes a node know no calling title any more, as after a lost configuration.
"""

import asyncio
from typing import Any

from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from jingwei.region.fault_names import FaultName
from jingwei.region.plan import DICOM_TITLES
from jingwei.region.stage import Stage
from jingwei.region.thing import Thing
from jingwei.terms import Endpoint

_REGISTERED_ELSEWHERE = ["MODALITY-1"]
_SECONDS = 15.0


class DicomPart:
    """One application entity for each PACS."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._entities: dict[str, Any] = {}

    async def start(self) -> list[Endpoint]:
        """Begin to listen; each entity waits in a thread of its own."""
        endpoints = []
        for thing in self._stage.speaking("dicom"):
            title = DICOM_TITLES.get(thing.key, "PACS")
            endpoint = self._stage.endpoint(thing, "dicom", settings={"ae_title": title})
            entity = AE(ae_title=title)
            entity.add_supported_context(Verification)
            entity.require_called_aet = True
            entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = _SECONDS
            entity.start_server((endpoint.address, endpoint.port), block=False)
            self._entities[thing.key] = entity
            endpoints.append(endpoint)
        return endpoints

    async def follow(self, thing: Thing) -> None:
        """Forget the calling titles, or accept every one again."""
        if thing.key in self._entities:
            refusing = thing.has(FaultName.PACS_REFUSES_AE)
            titles = _REGISTERED_ELSEWHERE if refusing else []
            self._entities[thing.key].require_calling_aet = titles

    async def stop(self) -> None:
        """End associations and threads."""
        for entity in self._entities.values():
            await asyncio.to_thread(entity.shutdown)
        self._entities.clear()
