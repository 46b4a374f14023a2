"""One fault: its words, and which things it can happen to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jingwei.region.fault_names import FaultName
from jingwei.terms import FaultSpec, Peer

Where = Callable[[Peer], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that can be played.

    `item` is the daily check item that must turn abnormal; `where` says at which peers it can
    happen; `repair` is what one would do about it on site.
    """

    name: FaultName
    label: str
    item: str
    where: Where
    repair: str

    def spec(self, peers: Sequence[Peer]) -> FaultSpec:
        """The fault as others see it, with every target it has among these peers."""
        targets = sorted((peer.key for peer in peers if self.where(peer)), key=_natural)
        return FaultSpec(str(self.name), self.label, self.item, tuple(targets), self.repair)


def _natural(key: str) -> tuple[str | int, ...]:
    """HW-005-2 before HW-005-10: numbers in keys count as numbers."""
    return tuple(f"{int(part):06d}" if part.isdigit() else part for part in key.split("-"))
