"""TCP connect: is somebody listening, and how long does the handshake take (RFC 9293)?"""

import asyncio
import time
from dataclasses import dataclass

from jingwei.probes import net
from jingwei.probes.frame import probe
from jingwei.probes.options import port
from jingwei.terms import Reading, Target


@dataclass(frozen=True, kw_only=True)
class TcpOptions:
    """Options of `tcp`."""

    port: int = port()


@probe(
    "tcp",
    label="TCP 端口",
    options=TcpOptions,
    readings={"connect.time": ("ms", "建立连接用时")},
    silence="地址不通，或被防火墙丢弃",
    prompt=True,
)
async def tcp(target: Target, options: TcpOptions) -> list[Reading]:
    """建立一次 TCP 连接后立即关闭，不发送数据。"""
    place = await net.find(target.address, options.port)
    started = time.perf_counter()
    opened, _ = await net.stream(place, asyncio.Protocol)
    took = time.perf_counter() - started
    opened.abort()
    return [Reading("connect.time", took * 1000, "ms")]
