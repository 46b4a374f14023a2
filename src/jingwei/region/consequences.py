"""What a fault of one thing takes from others: who is without power, out of reach, or without data.

The region's own reckoning, in its own way: from the faults outward, step by step, until nothing
changes. (The product reckons from the symptom back to its cause.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jingwei.terms import Need


class Gone(StrEnum):
    """What a thing can't give any more."""

    POWER = "power"
    NETWORK = "network"
    HOST = "host"
    STORAGE = "storage"
    DATABASE = "database"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Plight:
    """What became of a thing through others. `dark`: it answers nobody; `stuck`: it runs, but its
    work fails, since its storage, database or another application is gone."""

    dark: bool = False
    stuck: bool = False


def plights(needs: Sequence[Need], broken: Mapping[str, frozenset[Gone]]) -> dict[str, Plight]:
    """key → what became of each thing that others' faults reached.

    `broken`: what each thing with a fault of its own gives no more.
    """
    gone: dict[str, set[Gone]] = {key: set(kinds) for key, kinds in broken.items()}
    dependents = sorted({need.dependent for need in needs})
    of: dict[str, dict[str, list[str]]] = {key: {} for key in dependents}
    for need in needs:
        of[need.dependent].setdefault(need.kind, []).append(need.giver)
    lost: dict[str, set[Gone]] = {}
    changed = True
    while changed:
        changed = False
        for key in dependents:
            now = {
                Gone(kind) for kind, givers in of[key].items() if _without(Gone(kind), givers, gone)
            }
            if now - lost.get(key, set()):
                lost[key] = lost.get(key, set()) | now
                gone[key] = gone.get(key, set()) | _passed_on(now)
                changed = True
    return {key: _plight(kinds) for key, kinds in lost.items()}


def _without(kind: Gone, givers: list[str], gone: Mapping[str, set[Gone]]) -> bool:
    """Hardware comes in twos: the last one counts. A database or an application is the one."""
    failed = [kind in gone.get(giver, ()) for giver in givers]
    return any(failed) if kind in {Gone.DATABASE, Gone.APPLICATION} else all(failed)


def _passed_on(lost: set[Gone]) -> set[Gone]:
    if Gone.POWER in lost:
        return set(Gone)
    services = {Gone.HOST, Gone.DATABASE, Gone.APPLICATION}
    if Gone.NETWORK in lost:
        return services | {Gone.NETWORK}
    if Gone.STORAGE in lost:
        return services | {Gone.STORAGE}
    if Gone.HOST in lost:
        return services
    if Gone.DATABASE in lost:
        return {Gone.DATABASE, Gone.APPLICATION}
    return {Gone.APPLICATION}


def _plight(lost: set[Gone]) -> Plight:
    dark = bool(lost & {Gone.POWER, Gone.NETWORK, Gone.HOST})
    return Plight(dark=dark, stuck=not dark)
