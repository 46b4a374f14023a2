"""How many questions may be open at once: in all, per probe, per target."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
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

    @asynccontextmanager
    async def slot(self, probe: str, address: str) -> AsyncIterator[None]:
        """Hold a place for one question to `address` by `probe`."""
        async with (
            self._gate(("target", address), self.per_target),
            self._gate(("probe", probe), self.probes.get(probe, self.per_probe)),
            self._gate(("total", ""), self.total),
        ):
            yield

    @asynccontextmanager
    async def _gate(self, key: tuple[str, str], size: int) -> AsyncIterator[None]:
        gate = self._gates.get(key)
        if gate is None:
            gate = self._gates[key] = _Gate(asyncio.Semaphore(size))
        gate.users += 1
        try:
            async with gate.semaphore:
                yield
        finally:
            gate.users -= 1
            if not gate.users:
                self._gates.pop(key, None)
