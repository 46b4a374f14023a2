"""The district: all parts started together, faults switched on and off, everything stopped."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from jingwei.region import faults, network, record, scenarios
from jingwei.region.bmc import BmcPart
from jingwei.region.consequences import Plight
from jingwei.region.database.part import DatabasePart
from jingwei.region.dicom import DicomPart
from jingwei.region.door import Door
from jingwei.region.errors import RegionError
from jingwei.region.lines import Lines
from jingwei.region.mllp import MllpPart
from jingwei.region.modbus import ModbusPart
from jingwei.region.services.interfaces import InterfacesPart
from jingwei.region.services.messages import MessagesPart
from jingwei.region.services.part import ServicesPart
from jingwei.region.snmp.part import SnmpPart
from jingwei.region.stage import PORTS, Part, Secrets, Stage
from jingwei.region.thing import Clock, Thing
from jingwei.region.web.part import WebPart
from jingwei.region.windows import WindowsPart
from jingwei.terms import SHANGHAI, Endpoint, Need, Peer

_ATTEMPTS = 4
_SHIFT = 700  # to other ports when something on this machine has taken one of ours
_OWNER = "jingwei"


class District:
    """The miniature region in one process.

    `folder` gets `region.json`, `ca.pem` and the database's files while it runs; `seed` makes
    the values repeat; `clock` gives seconds since the epoch; with `needs`, who can't work without
    whom, a fault has its consequences.
    """

    def __init__(
        self, folder: Path, peers: Sequence[Peer], seed: int = 0, clock: Clock = time.time,
        needs: Sequence[Need] = (),
    ) -> None:  # fmt: skip
        keys = [peer.key for peer in peers]
        if len(set(keys)) != len(keys):
            raise RegionError("演示区域的对象编号有重复")
        self._folder = folder
        self._peers = tuple(peers)
        self._clock = clock
        self._things = {peer.key: Thing(peer, seed=seed, clock=clock) for peer in peers}
        self._needs = tuple(needs)
        self._parts: list[Part] = []
        self._lines: Lines | None = None
        self._endpoints: tuple[Endpoint, ...] = ()
        self._network = ""
        self._started = ""
        self._lock: record.Lock | None = None
        self._door: Door | None = None
        self._changing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> list[Endpoint]:
        """Start every part and say where everything answers.

        Raises `RegionError` when a region already runs in the folder, or a part cannot start;
        then nothing of it is left running.
        """
        self._lock = record.Lock(self._folder)
        record.remove(self._folder)
        try:
            for attempt in range(_ATTEMPTS):
                try:
                    await self._try(attempt * _SHIFT)
                    return list(self._endpoints)
                except OSError as error:
                    await self._end_parts()
                    if attempt == _ATTEMPTS - 1:
                        raise RegionError(f"演示区域无法启动：{error}") from error
            raise AssertionError("unreachable")
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop every part, remove the files, give the folder back. Harmless when stopped."""
        record.remove(self._folder)
        await self._end_parts()
        (self._folder / "ca.pem").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def fault(self, name: str, target: str | None = None) -> dict[str, object]:
        """Switch a fault on at a target (the first possible one when none is named).

        Switching it on again changes nothing. Raises `RegionError`.
        """
        spec, key = faults.resolve(name, target, self._peers)
        async with self._changing:
            thing = self._things[key]
            changed = not thing.has(name)
            thing.switch_on(name)
            try:
                await self._follow(thing)
            except (RegionError, psycopg.Error, OSError) as error:
                thing.switch_off(name)
                with suppress(RegionError, psycopg.Error, OSError):
                    await self._follow(thing)
                raise RegionError(f"故障 {name} 未能注入到 {key}：{error}") from error
        return {**self._told(name, key), "repair": spec.repair, "changed": changed}

    async def heal(self, name: str | None = None, target: str | None = None) -> dict[str, object]:
        """Switch faults off: one, all of a name, all of a target, or all there are.

        Raises `RegionError` for a name or a target that does not exist.
        """
        if name is not None:
            faults.find(name)
        if target is not None and target not in self._things:
            raise RegionError(f"演示区域中没有对象 {target}")
        healed = []
        async with self._changing:
            for key, thing in self._things.items():
                for fault in thing.faults if target in {None, key} else ():
                    if name in {None, fault}:
                        healed.append(self._told(fault, key))
                        thing.switch_off(fault)
                        await self._follow(thing)
        return {"healed": healed}

    async def scenario(self, name: str) -> dict[str, object]:
        """Play a whole scenario; `cause` is what people should find first. Raises `RegionError`."""
        found = scenarios.steps(name, self._peers, self._needs)
        played = [await self.fault(fault, target) for fault, target in found]
        return {
            "scenario": name, "label": scenarios.SCENARIOS[name].label, "cause": played[0],
            "faults": played, "affected": sum(
                thing.plight != Plight() for thing in self._things.values()
            ),
        }  # fmt: skip

    def status(self) -> dict[str, object]:
        """What runs and what is wrong."""
        spoken: dict[str, int] = {}
        for endpoint in self._endpoints:
            spoken[endpoint.protocol] = spoken.get(endpoint.protocol, 0) + 1
        return {
            "running": True,
            "pid": os.getpid(),
            "started": self._started,
            "network": self._network,
            "things": len(self._things),
            "endpoints": len(self._endpoints),
            "protocols": spoken,
            "faults": [
                self._told(fault, key)
                for key, thing in self._things.items()
                for fault in thing.faults
            ],
        }

    def specs(self) -> list[dict[str, object]]:
        """The faults that can be played here."""
        return [
            {
                "fault": spec.name,
                "label": spec.label,
                "item": spec.item,
                "targets": list(spec.targets),
                "repair": spec.repair,
            }
            for spec in faults.available(self._peers)
        ]

    async def answer(self, command: str, arguments: Mapping[str, str | None]) -> object:
        """Do what came through the door. Raises `RegionError`."""
        name, target = arguments.get("name"), arguments.get("target")
        if command == "status":
            return self.status()
        if command == "list":
            return self.specs()
        if command == "heal":
            return await self.heal(name, target)
        if command == "scenario" and name is not None:
            return await self.scenario(name)
        if command == "fault" and name is not None:
            return await self.fault(name, target)
        raise RegionError(f"演示区域不认识命令 {command}")

    async def _try(self, shift: int) -> None:
        port = PORTS["control"] + shift
        x, listener = network.claim(port)
        token = secrets.token_urlsafe(24)
        self._door = Door(listener, token, self.answer)
        stage = Stage(
            folder=self._folder.resolve(),
            things=tuple(self._things.values()),
            addresses=network.addresses(x, list(self._things)),
            secrets=Secrets(
                community=secrets.token_hex(8),
                user=_OWNER,
                password=secrets.token_urlsafe(18),
            ),
            shift=shift,
        )
        self._parts = [
            SnmpPart(stage),
            WebPart(stage),
            MllpPart(stage),
            ModbusPart(stage),
            DicomPart(stage),
            DatabasePart(stage),
            ServicesPart(stage),
            BmcPart(stage),
            WindowsPart(stage),
            MessagesPart(stage),
            InterfacesPart(stage),
        ]
        # All of them, even when one fails: nothing may still be starting while we stop.
        started = await asyncio.gather(
            *(part.start() for part in self._parts), return_exceptions=True
        )
        endpoints: list[Endpoint] = []
        for answer in started:
            if isinstance(answer, BaseException):
                raise answer
            endpoints += answer
        self._lines = Lines(self._things, stage.gates, self._needs)
        await self._lines.follow()
        self._endpoints = tuple(endpoints)
        self._network = f"127.{x}.0.0/16"
        self._started = datetime.fromtimestamp(self._clock(), SHANGHAI).isoformat("T", "seconds")
        await self._door.open()
        self._write(listener, token)

    def _write(self, listener: socket.socket, token: str) -> None:
        host, port = listener.getsockname()
        about = record.Record(
            pid=os.getpid(),
            started=self._started,
            network=self._network,
            control=host,
            port=port,
            token=token,
            endpoints=self._endpoints,
        )
        record.write(self._folder, about)

    async def _end_parts(self) -> None:
        parts, self._parts = self._parts, []
        if self._lines is not None:
            await self._lines.close()
            self._lines = None
        await asyncio.gather(*(part.stop() for part in parts))
        self._endpoints = ()
        if self._door is not None:
            await self._door.close()
            self._door = None
        for thing in self._things.values():
            for fault in thing.faults:
                thing.switch_off(fault)

    async def _follow(self, thing: Thing) -> None:
        for part in self._parts:
            await part.follow(thing)
        if self._lines is not None:
            await self._lines.follow()

    def _told(self, name: str, key: str) -> dict[str, object]:
        fault, thing = faults.find(name), self._things[key]
        return {
            "fault": str(fault.name),
            "label": fault.label,
            "item": fault.item,
            "target": key,
            "target_label": thing.peer.label,
            "seconds": round(thing.seconds_of(name)),
        }
