"""How many questions may be open at once: in all, per probe, per target."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Gate:
    """A semaphore that is dropped when nobody holds or awaits it."""

    semaphore: asyncio.Semaphore
    users: int = 0


@dataclass
class Limits:
    """Limits of one event loop. Make one per loop and share it between all runs.

    `probes` overrides `per_probe` by probe name. The narrowest gate is taken first: those who
    queue for one slow target hold no place that another target could use.
    """

    total: int = 512
    per_probe: int = 128
    per_target: int = 4
    probes: Mapping[str, int] = field(default_factory=dict)
    _gates: dict[tuple[str, str], _Gate] = field(default_factory=dict, init=False, repr=False)

    def slot(self, probe: str, address: str) -> "Slot":
        """Hold a place for one question to `address` by `probe`, as long as the block lasts."""
        return Slot(
            self._gates,
            (
                (("target", address), self.per_target),
                (("probe", probe), self.probes.get(probe, self.per_probe)),
                (("total", ""), self.total),
            ),
        )


class Slot:
    """A place behind several gates, taken one after the other. Every check goes through here."""

    __slots__ = ("_asked", "_gates", "_passed", "_wanted")

    def __init__(
        self,
        gates: dict[tuple[str, str], _Gate],
        wanted: tuple[tuple[tuple[str, str], int], ...],
    ) -> None:
        self._gates, self._wanted = gates, wanted
        self._asked: list[tuple[tuple[str, str], _Gate]] = []
        self._passed = 0

    async def __aenter__(self) -> None:
        """Wait for every gate; cancelled on the way, all are left again."""
        try:
            for key, size in self._wanted:
                gate = self._gates.get(key)
                if gate is None:
                    gate = self._gates[key] = _Gate(asyncio.Semaphore(size))
                gate.users += 1
                self._asked.append((key, gate))
                await gate.semaphore.acquire()
                self._passed += 1
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Give the place back."""
        self._leave()

    def _leave(self) -> None:
        for number, (key, gate) in enumerate(self._asked):
            if number < self._passed:
                gate.semaphore.release()
            gate.users -= 1
            if not gate.users:
                self._gates.pop(key, None)
