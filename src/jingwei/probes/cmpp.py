"""CMPP 2.0 and 3.0: China Mobile's SMS gateway (ISMG): log in, test the link, say goodbye.

CMPP_CONNECT (0x1): Source_Addr 6, AuthenticatorSource 16, Version 1, Timestamp 4; its answer:
Status 1 (2.0) or 4 (3.0), AuthenticatorISMG 16, Version 1. CMPP_ACTIVE_TEST (0x8) has no body, its
answer one octet. CMPP_TERMINATE (0x2) has none. No message is ever submitted.
"""

import struct
import time
from dataclasses import dataclass
from typing import Literal

from jingwei.probes import sms
from jingwei.probes.frame import probe
from jingwei.probes.options import option, port
from jingwei.terms import Reading, Target

_CONNECT, _TERMINATE, _ACTIVE_TEST = 0x1, 0x2, 0x8
_VERSIONS = {"2.0": 0x20, "3.0": 0x30}
# CMPP 2.0 section 7.4.1.2 (CMPP_CONNECT_RESP), Status.
_STATUS = {
    1: "消息结构错",
    2: "源地址（SP 账号或本机 IP）非法",
    3: "认证错：口令不对，或本机时钟相差过大",
    4: "版本太高",
    5: "其他错误，多为连接数已满",
}


@dataclass(frozen=True, kw_only=True)
class CmppOptions:
    """Options of `cmpp`."""

    port: int = port(7890)
    version: Literal["2.0", "3.0"] = option("2.0", label="协议版本")


@probe(
    "cmpp",
    label="短信网关 CMPP（中国移动）",
    options=CmppOptions,
    readings={
        "cmpp.login": ("ms", "连接并登录用时"),
        "cmpp.active": ("ms", "链路检测往返用时"),
        "cmpp.version": ("", "网关支持的最高版本"),
        "cmpp.proven": ("", "网关的认证码是否相符：它也知道口令"),
    },
    secrets=("user", "password"),
    silence="地址不通，或网关接受连接但不应答",
)
async def cmpp(target: Target, options: CmppOptions) -> list[Reading]:
    """登录、链路检测、退出；不提交任何短信，也不确认收到的上行短信。

    user 为 SP 账号（Source_Addr，6 位），password 为共享口令。每次检查占用一条连接，请向运营商
    申请够用的连接数。
    """
    account, secret = sms.login(target, "CMPP", 6)
    started = time.perf_counter()
    async with sms.gateway(target, options.port, "CMPP") as gateway:
        at = sms.stamp()
        proof = sms.digest(account, 9, secret, at)
        hello = struct.pack("!6s16sBI", account, proof, _VERSIONS[options.version], at)
        said = await gateway.asked(_CONNECT, hello, what="登录")
        # A gateway of the other version refuses in its own layout, whatever was asked.
        met = sms.welcome(gateway, said, 4 if len(said) == 21 else 1)
        if status := int.from_bytes(met.status):
            raise sms.refused("CMPP", status, _STATUS)
        logged = time.perf_counter()
        await gateway.asked(_ACTIVE_TEST, b"", what="链路检测（CMPP_ACTIVE_TEST）")
        tested = time.perf_counter()
        await sms.goodbye(gateway, _TERMINATE)
    return [
        Reading("cmpp.login", (logged - started) * 1000, "ms"),
        Reading("cmpp.active", (tested - logged) * 1000, "ms"),
        Reading("cmpp.version", met.version),
        Reading("cmpp.proven", sms.proves(met, proof, secret)),
    ]
