"""One cause behind many symptoms: which standing fault took from a target what it needs.

Pure. Who needs what is a graph of needs of six kinds. A fault breaks some kinds for those who need
its target: a switch that does not answer takes the network from them, a UPS without output the
power. A target that lost something can't give some things on: one without power gives nothing, one
behind a dead switch still gives power and storage. So a cause is followed down to the fault that
no other fault explains, and people see that one with everything behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

POWER, NETWORK, HOST = "power", "network", "host"
STORAGE, DATABASE, APPLICATION = "storage", "database", "application"
KINDS = (POWER, NETWORK, HOST, STORAGE, DATABASE, APPLICATION)

# Of these any one that works is enough: two feeds, two core switches, the hosts of a cluster, two
# fabrics. Where a register means "all of them", a symptom too many is shown and no fault too few.
ALTERNATIVES = frozenset({POWER, NETWORK, HOST, STORAGE})

# What a target that has lost something can no longer give to others.
_SERVICES = frozenset({HOST, DATABASE, APPLICATION})
STOPS: Mapping[str, frozenset[str]] = {
    POWER: frozenset(KINDS),
    NETWORK: _SERVICES | {NETWORK},  # its power and its fibre still reach those who need them
    HOST: _SERVICES,
    STORAGE: _SERVICES | {STORAGE},  # a disk array behind a dead fabric
    DATABASE: frozenset({DATABASE, APPLICATION}),
    APPLICATION: frozenset({APPLICATION}),
}

# A target that does not answer at all may have lost one of these; what it *says* when it answers
# is explained only by what its check is declared to suffer from.
SILENCING = frozenset({POWER, NETWORK, HOST})


@dataclass(frozen=True, slots=True)
class Need:
    """A target can't work without another one, in one way."""

    target: int
    kind: str


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A fault that stands: the earlier one is the likelier cause. `hard`: beyond doubt."""

    since: float
    check: int
    hard: bool = field(compare=False, default=True)


Broken = Mapping[int, Mapping[str, Fault]]


class Causes:
    """The faults that stand at one moment, and what they took from whom.

    `needs` maps a target to its needs; `broken` maps a target to what it gives no longer because
    of a fault of its own. Circles of needs end where they began.
    """

    def __init__(self, needs: Mapping[int, Sequence[Need]], broken: Broken) -> None:
        self._needs = needs
        self._broken = broken
        self._known: dict[int, Mapping[str, Fault]] = {}
        self._under_way: set[int] = set()
        self._circle = False

    def lost(self, target: int) -> Mapping[str, Fault]:
        """What a target has lost through others, by kind, each with the fault at the bottom."""
        if target in self._known:
            return self._known[target]
        if target in self._under_way:
            self._circle = True
            return {}
        self._under_way.add(target)
        found = self._lost(target)
        self._under_way.discard(target)
        if not self._circle or not self._under_way:  # inside a circle a part may be missing
            self._known[target] = found
        self._circle = self._circle and bool(self._under_way)
        return found

    def root(self, target: int, kinds: Iterable[str]) -> Fault | None:
        """The fault that explains the loss of one of these kinds at a target; None: none does."""
        lost = self.lost(target)
        return min((lost[kind] for kind in kinds if kind in lost), default=None)

    def _lost(self, target: int) -> dict[str, Fault]:
        givers: dict[str, list[int]] = {}
        for need in self._needs.get(target, ()):
            givers.setdefault(need.kind, []).append(need.target)
        found: dict[str, Fault] = {}
        for kind, targets in givers.items():
            faults = [fault for one in targets if (fault := self._fault_of(one, kind))]
            enough = len(faults) == len(targets) if kind in ALTERNATIVES else bool(faults)
            if enough:
                found[kind] = min(faults)
        return found

    def _fault_of(self, giver: int, kind: str) -> Fault | None:
        """Why a giver does not give this kind: what it lost itself, else a fault of its own."""
        lost = self.lost(giver)
        deeper = [fault for gone, fault in lost.items() if kind in STOPS[gone]]
        return min(deeper, default=None) or self._broken.get(giver, {}).get(kind)


def upstream(target: int, needs: Mapping[int, Sequence[Need]]) -> set[int]:
    """Everything a target needs, and what that needs in turn, without itself."""
    found: set[int] = set()
    waiting = [target]
    while waiting:
        for need in needs.get(waiting.pop(), ()):
            if need.target not in found and need.target != target:
                found.add(need.target)
                waiting.append(need.target)
    return found
