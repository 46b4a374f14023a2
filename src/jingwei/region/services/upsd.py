"""UPS software: NUT's upsd for the UPS it hangs on (RFC 9271; LIST UPS, LIST VAR, GET VAR)."""

import asyncio

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

NAME = "ups"


class Upsd:
    """upsd of one UPS: it says what the UPS's own SNMP card says."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer lines until the client goes."""
        while line := await reader.readline():
            said = self.answer(line.decode("utf-8", "replace").split())
            writer.write(f"{said}\n".encode())
            await writer.drain()
            if said.startswith("OK Goodbye"):
                return

    def answer(self, words: list[str]) -> str:
        """The answer to one line."""
        if words == ["LOGOUT"]:
            return "OK Goodbye"
        if words == ["LIST", "UPS"]:
            return f'BEGIN LIST UPS\nUPS {NAME} "{self._thing.peer.label}"\nEND LIST UPS'
        if words[:2] not in (["LIST", "VAR"], ["GET", "VAR"]) or len(words) < 3:
            return "ERR UNKNOWN-COMMAND"
        if words[2] != NAME:
            return "ERR UNKNOWN-UPS"
        if self._thing.has(FaultName.UPS_DATA_STALE):
            return "ERR DATA-STALE"
        return self._listed() if words[0] == "LIST" else self._one(words[-1])

    def _listed(self) -> str:
        lines = [f'VAR {NAME} {key} "{value}"' for key, value in self.variables().items()]
        return "\n".join([f"BEGIN LIST VAR {NAME}", *lines, f"END LIST VAR {NAME}"])

    def _one(self, key: str) -> str:
        known = self.variables().get(key)
        return "ERR VAR-NOT-SUPPORTED" if known is None else f'VAR {NAME} {key} "{known}"'

    def variables(self) -> dict[str, str]:
        """The variables as they are now; the faults of the UPS show here as they do by SNMP."""
        thing = self._thing
        discharging = thing.has(FaultName.UPS_ON_BATTERY)
        low = thing.has(FaultName.UPS_BATTERY_LOW)
        overload = thing.has(FaultName.UPS_OVERLOAD)
        flags = ["OB", "DISCHRG"] if discharging else ["OL"]
        flags += ["LB"] if low else []
        charge = 24.0 if low else thing.wave("nut-charge", 96, 100)
        load = 88.0 if overload else thing.wave("nut-load", 35, 50)
        return {
            "battery.charge": f"{charge:.0f}",
            "battery.runtime": f"{charge * 18:.0f}",
            "device.mfr": thing.peer.vendor or "SANTAK",
            "input.voltage": "0.0" if discharging else f"{thing.wave('nut-input', 226, 233):.1f}",
            "output.voltage": f"{thing.wave('nut-output', 219, 221):.1f}",
            "ups.load": f"{load:.0f}",
            "ups.status": " ".join(flags),
        }
