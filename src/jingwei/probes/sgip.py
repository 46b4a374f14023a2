"""SGIP 1.2: China Unicom's SMS gateway (SMG): bind and unbind.

SGIP has no active test: a bind that is answered and an unbind that is answered are all that can be
asked without submitting a message. Bind (0x1): Login Type 1, Login Name 16, Login Password 16,
Reserve 8; its answer: Result 1, Reserve 8. Unbind (0x2) and its answer have no body. The sequence
is 12 octets: the source node, MMDDHHMMSS, a counter. The password crosses the line in clear.
"""

import struct
import time
from dataclasses import dataclass

from jingwei.probes import sms
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option, port
from jingwei.terms import Reading, Reason, Target

_BIND, _UNBIND = 0x1, 0x2
_SP_TO_SMG = 1  # Login Type: so nothing is delivered to us on this connection
# SGIP 1.2, Result of Bind_Resp.
_RESULT = {
    1: "账号、口令或本机 IP 不对",
    2: "重复登录",
    3: "连接数超过限制",
    4: "登录类型错",
    5: "参数格式错",
    8: "消息长度错",
    9: "序列号错",
    11: "节点忙",
}


@dataclass(frozen=True, kw_only=True)
class SgipOptions:
    """Options of `sgip`."""

    port: int = port(8801)
    node: str = option("0", label="源节点编号", help="3 + 区号 4 位 + 企业代码 5 位，由联通给出")

    def __post_init__(self) -> None:
        """Refuse a node that is no 32 bit number."""
        sms.digits("node", self.node)


@probe(
    "sgip",
    label="短信网关 SGIP（中国联通）",
    options=SgipOptions,
    readings={
        "sgip.login": ("ms", "连接并登录（Bind）用时"),
        "sgip.unbind": ("ms", "退出（Unbind）往返用时"),
    },
    secrets=("user", "password"),
    silence="地址不通，或网关接受连接但不应答",
)
async def sgip(target: Target, options: SgipOptions) -> list[Reading]:
    """登录（Bind）与退出（Unbind）各得一次应答；SGIP 没有链路检测命令。不提交任何短信。

    口令在线路上是明文（SGIP 1.2 如此规定），只宜走专线。
    """
    account, secret = sms.login(target, "SGIP", 16)
    if len(secret) > 16:
        raise ProbeError("SGIP 口令不超过 16 个字节", Reason.COLLECTOR)
    started = time.perf_counter()
    counter = struct.pack("!III", int(options.node), sms.stamp(), 0)
    async with sms.gateway(target, options.port, "SGIP", counter) as gateway:
        hello = struct.pack("!B16s16s8x", _SP_TO_SMG, account, secret)
        said = await gateway.asked(_BIND, hello, what="登录（Bind）")
        if len(said) != 9:
            raise gateway.nonsense(said)
        if said[0]:
            raise sms.refused("SGIP", said[0], _RESULT)
        bound = time.perf_counter()
        await gateway.asked(_UNBIND, b"", what="退出（Unbind）")
        ended = time.perf_counter()
    return [
        Reading("sgip.login", (bound - started) * 1000, "ms"),
        Reading("sgip.unbind", (ended - bound) * 1000, "ms"),
    ]
