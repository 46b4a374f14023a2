"""The scenarios as content, checked against what the region can play and what is registered."""

from collections.abc import Collection, Sequence
from pathlib import Path

from django.conf import settings

from jingwei.checks.content import DeviceModel
from jingwei.emergency import scenarios
from jingwei.emergency.scenarios import Scenario
from jingwei.region import RegionError, faults
from jingwei.rules.document import ContentError
from jingwei.run import district, routine
from jingwei.terms import Peer


def read() -> dict[str, Scenario]:
    """Every scenario, as content alone can say. Raises ContentError."""
    return scenarios.read(Path(settings.JINGWEI_CONTENT))


def read_checked() -> dict[str, Scenario]:
    """Every scenario, each fault and target known to the region. Raises ContentError."""
    found, peers, devices = read(), district.peers(), routine.load_devices()
    for one in found.values():
        check(one, peers, devices)
    return found


def need_plans(known: Collection[str]) -> None:
    """A start reads all scenarios; each names a plan that is loaded. Raises ContentError."""
    for one in read().values():
        if one.plan not in known:
            raise one.error("plan", f"没有代码为 {one.plan} 的预案")


def check(scenario: Scenario, peers: Sequence[Peer], devices: Sequence[DeviceModel]) -> None:
    """Each target is registered, each fault can be played there and turns a watched item abnormal.

    Raises ContentError with file and line.
    """
    registered = {peer.key: peer for peer in peers}
    items = {check.item for model in devices for check in model.checks}
    for number, watch in enumerate(scenario.watch):
        where = f"watch.{number}"
        if watch.key not in registered:
            raise scenario.error(where, f"登记里没有 {watch.key}，演练无法使用这个对象")
        for item in watch.items:
            if item not in items:
                raise scenario.error(where, f"没有名为 {item} 的自动检查项")
    if scenario.data and registered[scenario.data].kind != "database":
        raise scenario.error("data", f"data 应为数据库，{scenario.data} 不是")
    watched = {(watch.key, item) for watch in scenario.watch for item in watch.items}
    for number, fault in enumerate(scenario.faults):
        where = f"fault.{number}"
        try:
            spec, target = faults.resolve(fault.name, fault.target, peers)
        except RegionError as error:
            raise scenario.error(where, str(error)) from None
        if (target, spec.item) not in watched:
            raise scenario.error(where, f"故障表现在 {target} 的 {spec.item}，但没有观察这一项")


def keys(scenario: Scenario) -> set[str]:
    """The register keys of everything a drill of this scenario plays."""
    return {watch.key for watch in scenario.watch}


def cast(scenario: Scenario) -> list[Peer]:
    """Just the peers a drill needs. Raises ContentError when the register lacks one."""
    peers = district.peers()
    check(scenario, peers, routine.load_devices())
    wanted = keys(scenario)
    return [peer for peer in peers if peer.key in wanted]


__all__ = ["ContentError", "cast", "check", "keys", "read", "read_checked"]
