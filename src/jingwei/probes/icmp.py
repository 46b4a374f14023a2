"""ICMP echo: is the address there, how far, how much is lost (RFC 792, RFC 4443)?"""

import asyncio
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from gufo.ping import Ping, SelectionPolicy

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option
from jingwei.terms import Reading, Reason, Target


@dataclass(frozen=True, kw_only=True)
class IcmpOptions:
    """Options of `icmp`."""

    count: int = option(3, label="次数", minimum=1, maximum=100)
    interval: float = option(0.1, label="间隔（秒）", minimum=0.01, maximum=10)
    wait: float = option(1.0, label="每次等待（秒）", minimum=0.05, maximum=10)
    size: int = option(64, label="报文大小（字节）", minimum=64, maximum=1500, help="含 IP 头")


@probe(
    "icmp",
    label="ICMP 连通",
    options=IcmpOptions,
    readings={
        "icmp.loss": ("%", "丢包率"),
        "icmp.rtt": ("ms", "往返时延中的最小值"),
        "icmp.rtt_max": ("ms", "往返时延中的最大值"),
    },
)
async def icmp(target: Target, options: IcmpOptions) -> list[Reading]:
    """发送若干回显请求。全部丢失时丢包率为 100 %，没有时延读数。

    需要 CAP_NET_RAW，或系统设置 net.ipv4.ping_group_range 含本进程的组。
    """
    place = await net.reachable(target.address, 0)
    ping = _pinger(options.wait)
    echoes = []
    for number in range(options.count):
        if number:
            await asyncio.sleep(options.interval)
        # Shielded: the library answers a cancelled echo too, and that would break its reader
        # for every other target. Left alone it ends by itself within `wait`.
        echo = asyncio.ensure_future(ping.ping(place.ip, options.size))
        echo.add_done_callback(_seen)
        echoes.append(asyncio.shield(echo))
    try:
        return judged(await asyncio.gather(*echoes))
    except PermissionError:
        raise ProbeError(
            "本机不允许发送 ICMP：授予 CAP_NET_RAW，或设置 net.ipv4.ping_group_range",
            Reason.COLLECTOR,
        ) from None


def judged(times: list[float | None]) -> list[Reading]:
    """Readings of the round trips in seconds, None where an echo was lost. Pure."""
    back = [time for time in times if time is not None]
    loss = 100 * (len(times) - len(back)) / len(times)
    readings = [Reading("icmp.loss", round(loss, 1), "%")]
    if back:
        readings.append(Reading("icmp.rtt", min(back) * 1000, "ms"))
        readings.append(Reading("icmp.rtt_max", max(back) * 1000, "ms"))
    return readings


# One socket per loop and waiting time serves every target: the library sorts the answers.
_PINGERS: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float, Ping]]" = WeakKeyDictionary()


def _pinger(wait: float) -> Ping:
    mine = _PINGERS.setdefault(asyncio.get_running_loop(), {})
    if wait not in mine:
        # A datagram socket needs no capability where the system allows it; else a raw one.
        mine[wait] = Ping(policy=SelectionPolicy.DGRAM_RAW, timeout=wait)
    return mine[wait]


def _seen(echo: "asyncio.Future[float | None]") -> None:
    """Mark the outcome of an echo nobody awaits any more as seen."""
    if not echo.cancelled():
        echo.exception()
