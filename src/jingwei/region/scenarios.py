"""Whole scenarios: a few faults at the places where they hurt most, and which is the cause."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from jingwei.region import faults
from jingwei.region.consequences import plights
from jingwei.region.errors import RegionError
from jingwei.region.fault_names import FaultName
from jingwei.region.lines import BREAKS
from jingwei.terms import Need, Peer

Steps = list[tuple[str, str]]  # fault and target, the cause first
_Find = Callable[[Sequence[Peer], Sequence[Need]], Steps]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, in words, and where it is played."""

    name: str
    label: str
    find: _Find


def _worst(fault: FaultName) -> _Find:
    """At the one target from which most others suffer; at the pair, when no one alone hurts."""

    def find(peers: Sequence[Peer], needs: Sequence[Need]) -> Steps:
        targets = faults.find(fault).spec(peers).targets
        if not targets:
            raise RegionError(f"演示区域中没有可注入故障 {fault} 的对象")
        reach: dict[tuple[str, ...], int] = {
            (one,): _reach(fault, (one,), needs) for one in targets
        }
        if not any(reach.values()):
            reach |= {pair: _reach(fault, pair, needs) for pair in combinations(targets, 2)}
        worst = max(reach, key=lambda group: reach[group])
        return [(fault, one) for one in worst]

    return find


def _reach(fault: FaultName, group: tuple[str, ...], needs: Sequence[Need]) -> int:
    return len(plights(needs, dict.fromkeys(group, BREAKS[fault])))


def _at(*wanted: tuple[FaultName, str]) -> _Find:
    """These faults at these targets."""

    def find(peers: Sequence[Peer], needs: Sequence[Need]) -> Steps:
        del needs
        return [(fault, faults.resolve(fault, target, peers)[1]) for fault, target in wanted]

    return find


def _cooling(peers: Sequence[Peer], needs: Sequence[Need]) -> Steps:
    """Every air conditioner of the first room that has one."""
    del needs
    targets = faults.find(FaultName.CRAC_OFF).spec(peers).targets
    if not targets:
        raise RegionError("演示区域中没有精密空调")
    return [(FaultName.CRAC_OFF, one) for one in targets[:2]]


SCENARIOS: Mapping[str, Scenario] = {
    one.name: one
    for one in (
        Scenario(
            "core-switch-down", "影响最大的交换机断电离线", _worst(FaultName.ACCESS_SWITCH_DOWN)
        ),
        Scenario("power-loss", "UPS 无输出，所供设备断电", _worst(FaultName.UPS_NO_OUTPUT)),
        Scenario("storage-controller", "存储阵列双控离线", _worst(FaultName.STORAGE_DOWN)),
        Scenario("fabric-down", "FC 交换机离线", _worst(FaultName.FABRIC_DOWN)),
        Scenario("host-down", "承载业务最多的主机挂死", _worst(FaultName.SERVER_HANG)),
        Scenario("database-down", "被依赖最多的数据库停止", _worst(FaultName.DB_DOWN)),
        Scenario("firewall-down", "影响最大的防火墙离线", _worst(FaultName.FIREWALL_DOWN)),
        Scenario(
            "exchange-stopped", "数据交换停摆：接口服务报错，消息积压",
            _at((FaultName.APP_500, "APP-01"), (FaultName.QUEUE_GROWING, "APP-01")),
        ),
        Scenario(
            "ransomware-like-file-changes",
            "共享目录的文件被批量改写（只改演示区域的应答），同一主机 CPU 占满",
            _at((FaultName.FILES_REWRITTEN, "HW-005-1"), (FaultName.CPU_HIGH, "HW-005-1")),
        ),
        Scenario("cooling-lost", "机房两台精密空调停机", _cooling),
    )
}  # fmt: skip


def steps(name: str, peers: Sequence[Peer], needs: Sequence[Need]) -> Steps:
    """The faults of a scenario and where; the cause first. Raises `RegionError`."""
    if name not in SCENARIOS:
        raise RegionError(f"没有名为 {name} 的场景。可用的场景：{'、'.join(SCENARIOS)}")
    return SCENARIOS[name].find(peers, needs)
