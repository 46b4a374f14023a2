"""SMGP 3.0: China Telecom's SMS gateway: log in, test the link, say goodbye.

Login (0x1): ClientID 8, AuthenticatorClient 16, LoginMode 1, TimeStamp 4, ClientVersion 1; its
answer: Status 4, AuthenticatorServer 16, ServerVersion 1. Active_Test (0x4) and Exit (0x6) and
their answers have no body. LoginMode 0 only sends, so nothing is delivered to us; and nothing is
submitted.
"""

import struct
import time
from dataclasses import dataclass

from jingwei.probes import sms
from jingwei.probes.frame import probe
from jingwei.probes.options import port
from jingwei.terms import Reading, Target

_LOGIN, _ACTIVE_TEST, _EXIT = 0x1, 0x4, 0x6
_SEND_ONLY, _VERSION = 0, 0x30
# SMGP 3.0, Status of Login_Resp.
_STATUS = {
    1: "系统忙",
    2: "超过最大连接数",
    10: "消息结构错",
    11: "命令字错",
    12: "序列号重复",
    20: "本机 IP 地址不在登记范围",
    21: "认证错：口令不对，或本机时钟相差过大",
    22: "版本太高",
}


@dataclass(frozen=True, kw_only=True)
class SmgpOptions:
    """Options of `smgp`."""

    port: int = port(8890)


@probe(
    "smgp",
    label="短信网关 SMGP（中国电信）",
    options=SmgpOptions,
    readings={
        "smgp.login": ("ms", "连接并登录用时"),
        "smgp.active": ("ms", "链路检测往返用时"),
        "smgp.version": ("", "网关支持的最高版本"),
        "smgp.proven": ("", "网关的认证码是否相符：它也知道口令"),
    },
    secrets=("user", "password"),
    silence="地址不通，或网关接受连接但不应答",
)
async def smgp(target: Target, options: SmgpOptions) -> list[Reading]:
    """以只发方式登录、链路检测、退出；不提交任何短信。

    user 为 ClientID（不超过 8 位），password 为共享口令。每次检查占用一条连接。
    """
    account, secret = sms.login(target, "SMGP", 8)
    started = time.perf_counter()
    async with sms.gateway(target, options.port, "SMGP") as gateway:
        at = sms.stamp()
        proof = sms.digest(account, 7, secret, at)
        hello = struct.pack("!8s16sBIB", account, proof, _SEND_ONLY, at, _VERSION)
        said = await gateway.asked(_LOGIN, hello, what="登录")
        met = sms.welcome(gateway, said, 4)
        if status := int.from_bytes(met.status):
            raise sms.refused("SMGP", status, _STATUS)
        logged = time.perf_counter()
        await gateway.asked(_ACTIVE_TEST, b"", what="链路检测（Active_Test）")
        tested = time.perf_counter()
        await sms.goodbye(gateway, _EXIT)
    return [
        Reading("smgp.login", (logged - started) * 1000, "ms"),
        Reading("smgp.active", (tested - logged) * 1000, "ms"),
        Reading("smgp.version", met.version),
        Reading("smgp.proven", sms.proves(met, proof, secret)),
    ]
