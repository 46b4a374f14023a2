"""What becomes of the whole district through one fault: who is dark or stuck, whose line is bad."""

from collections.abc import Mapping, Sequence

from jingwei.region.consequences import Gone, Plight, plights
from jingwei.region.fault_names import FaultName
from jingwei.region.line import Gate, weather_of
from jingwei.region.thing import Thing
from jingwei.terms import Need

# What a thing with one of these faults gives to nobody any more.
BREAKS: dict[str, frozenset[Gone]] = {
    FaultName.UPS_NO_OUTPUT: frozenset({Gone.POWER}),
    FaultName.ACCESS_SWITCH_DOWN: frozenset({Gone.NETWORK}),
    FaultName.FIREWALL_DOWN: frozenset({Gone.NETWORK}),
    FaultName.FABRIC_DOWN: frozenset({Gone.STORAGE}),
    FaultName.STORAGE_DOWN: frozenset({Gone.STORAGE}),
    FaultName.SERVER_HANG: frozenset({Gone.HOST}),
    FaultName.DB_DOWN: frozenset({Gone.DATABASE}),
    FaultName.APP_500: frozenset({Gone.APPLICATION}),
}
# A thing with one of these answers nobody itself. A hung server still has its management
# controller, so only its own system is silent.
_DEAD: dict[str, frozenset[str] | None] = {
    FaultName.ACCESS_SWITCH_DOWN: None,
    FaultName.FIREWALL_DOWN: None,
    FaultName.FABRIC_DOWN: None,
    FaultName.STORAGE_DOWN: None,
    FaultName.SERVER_HANG: frozenset({"snmp", "winrm", "vsphere"}),
}


class Lines:
    """Every gate of the district. `needs` is who can't work without whom."""

    def __init__(
        self, things: Mapping[str, Thing], gates: Mapping[str, Sequence[Gate]],
        needs: Sequence[Need],
    ) -> None:  # fmt: skip
        self._things = things
        self._gates = gates
        self._needs = needs

    async def follow(self) -> None:
        """Bring every gate in line with all faults. Raises OSError."""
        broken = {
            key: frozenset().union(*(BREAKS.get(fault, frozenset()) for fault in thing.faults))
            for key, thing in self._things.items()
            if thing.faults
        }
        found = plights(self._needs, {key: kinds for key, kinds in broken.items() if kinds})
        for key, thing in self._things.items():
            thing.plight = found.get(key, Plight())
            for gate in self._gates.get(key, ()):
                await _bring(gate, thing)

    async def close(self) -> None:
        """Free every port."""
        for gates in self._gates.values():
            for gate in gates:
                await gate.close()


async def _bring(gate: Gate, thing: Thing) -> None:
    dead = [_DEAD[fault] for fault in thing.faults if fault in _DEAD]
    weather = weather_of(thing.faults, gate.protocol)
    if thing.plight.dark or any(kinds is None or gate.protocol in kinds for kinds in dead):
        await gate.vanish()
    elif weather is not None:
        await gate.suffer(weather)
    else:
        await gate.answer()
