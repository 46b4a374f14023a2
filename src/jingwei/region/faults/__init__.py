"""Everything that can go wrong in the region: what it is called, where, and what must be found.

A fault is a name that is switched on at a thing; what then happens is the business of the part
that plays the thing. Each fault makes exactly one item of one target abnormal.
"""

from collections.abc import Sequence

from jingwei.region.errors import RegionError
from jingwei.region.faults.catalogue import FAULTS
from jingwei.region.faults.fault import Fault
from jingwei.terms import FaultSpec, Peer

__all__ = ["FAULTS", "Fault", "available", "find", "resolve"]

_NAMED = 20


def available(peers: Sequence[Peer]) -> list[FaultSpec]:
    """The faults that have a target among these peers; works without a running region."""
    specs = (fault.spec(peers) for fault in FAULTS)
    return [spec for spec in specs if spec.targets]


def find(name: str) -> Fault:
    """The fault of that name. Raises `RegionError` with the names there are."""
    for fault in FAULTS:
        if fault.name == name:
            return fault
    names = "、".join(fault.name for fault in FAULTS)
    raise RegionError(f"没有名为 {name} 的故障。可用的故障：{names}")


def resolve(name: str, target: str | None, peers: Sequence[Peer]) -> tuple[FaultSpec, str]:
    """The fault and the target it shall be played on: the first one when none is named.

    Raises `RegionError` when the fault is unknown, has no target here, or not this target.
    """
    spec = find(name).spec(peers)
    if not spec.targets:
        raise RegionError(f"演示区域中没有可注入故障 {name}（{spec.label}）的对象")
    if target is None:
        return spec, spec.targets[0]
    if target not in spec.targets:
        some = "、".join(spec.targets[:_NAMED])
        more = f" 等 {len(spec.targets)} 个" if len(spec.targets) > _NAMED else ""
        raise RegionError(f"故障 {name} 不能注入到 {target}。可用的对象：{some}{more}")
    return spec, target
