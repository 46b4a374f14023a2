"""DNS: does a name server answer, in time, and with what it should (RFC 1035)?"""

import time
from dataclasses import dataclass
from typing import Any, Literal

from jingwei.probes import net, wire
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Target


@dataclass(frozen=True, kw_only=True)
class DnsOptions:
    """Options of `dns`."""

    port: int = port(53)
    name: str = option(label="域名", help="反向解析（PTR）可直接写地址")
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = option(
        "A", label="记录类型"
    )
    expect: tuple[str, ...] = option((), label="应有的答案", help="如 10.1.2.3")
    only: bool = option(True, label="不得有其他答案")
    transport: Literal["udp", "tcp"] = option("udp", label="传输")
    recursion: bool = option(True, label="要求递归")

    def __post_init__(self) -> None:
        """Refuse a name that is none."""
        if not self.name.strip():
            raise OptionError("name", "不能为空")
        _question(self)


@probe(
    "dns",
    label="DNS 解析",
    options=DnsOptions,
    readings={
        "dns.time": ("ms", "应答用时"),
        "dns.code": ("", "应答码：NOERROR、NXDOMAIN、SERVFAIL、REFUSED 等"),
        "dns.answers": ("count", "该类型的答案数"),
        "dns.answer": ("", "答案，按字母排序，逗号分隔"),
        "dns.expected": ("", "答案是否为应有的，给出 expect 才有"),
        "dns.ttl": ("s", "答案的最短缓存时间"),
        "dns.authoritative": ("", "是否权威应答"),
    },
    silence="地址不通，UDP 被丢弃，或名字服务器不应答",
)
async def dns(target: Target, options: DnsOptions) -> list[Reading]:
    """向指定的名字服务器问一个名字；UDP 应答被截断时改用 TCP 再问。

    任何应答码都是读数而不是错误，由规则判断。
    """
    question = _question(options)
    started = time.perf_counter()
    answer = None
    if options.transport == "udp":
        place = await net.find(target.address, options.port)
        raw = await wire.exchanged(place, question.to_wire(), lambda data: _ours(question, data))
        answer = _read(raw)
        answer = None if _truncated(answer) else answer
    if answer is None:
        answer = await _by_tcp(target, options, question)
    took = time.perf_counter() - started
    return [Reading("dns.time", took * 1000, "ms"), *judged(options, answer)]


def _question(options: DnsOptions) -> Any:
    """The query as a dnspython message. Raises OptionError for a name that is none."""
    import dns.exception  # noqa: PLC0415 - 60 ms, only where names are asked for
    import dns.flags  # noqa: PLC0415
    import dns.message  # noqa: PLC0415
    import dns.reversename  # noqa: PLC0415

    name: Any = options.name.strip()
    try:
        if options.type == "PTR" and not name.lower().rstrip(".").endswith(".arpa"):
            name = dns.reversename.from_address(name)
        made = dns.message.make_query(name, options.type, use_edns=0, payload=1232)
    except (dns.exception.DNSException, UnicodeError, ValueError):
        raise OptionError("name", f"不是有效的域名：{options.name[:80]!r}") from None
    if not options.recursion:
        made.flags &= ~dns.flags.RD
    return made


async def _by_tcp(target: Target, options: DnsOptions, question: Any) -> Any:
    async with wire.conversation(target.address, options.port) as (reader, writer):
        asked = question.to_wire()
        writer.write(len(asked).to_bytes(2, "big") + asked)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(2), "big")
        raw = await reader.readexactly(length)
    if not _ours(question, raw):
        raise ProbeError("应答不是 DNS，或答的是别的问题")
    return _read(raw)


def _ours(question: Any, data: bytes) -> bool:
    """Whether a datagram is the answer to our question: what is forged or late is passed over."""
    return len(data) >= 12 and data[:2] == question.id.to_bytes(2, "big") and data[2] & 0x80 != 0


def _read(raw: bytes) -> Any:
    import dns.exception  # noqa: PLC0415
    import dns.message  # noqa: PLC0415

    try:
        return dns.message.from_wire(raw, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError, IndexError):
        raise ProbeError("应答不是有效的 DNS 报文") from None


def _truncated(answer: Any) -> bool:
    import dns.flags  # noqa: PLC0415

    return bool(answer.flags & dns.flags.TC)


def judged(options: DnsOptions, answer: Any) -> list[Reading]:
    """The readings of an answer. Pure."""
    import dns.flags  # noqa: PLC0415
    import dns.rcode  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    wanted = dns.rdatatype.from_text(options.type)
    sets = [found for found in answer.answer if found.rdtype == wanted]
    given = sorted(_shown(record.to_text()) for found in sets for record in found)
    readings = [
        Reading("dns.code", dns.rcode.to_text(answer.rcode())),
        Reading("dns.answers", len(given), "count"),
        Reading("dns.authoritative", bool(answer.flags & dns.flags.AA)),
    ]
    if given:
        readings.append(Reading("dns.answer", ",".join(given)[:500]))
        readings.append(Reading("dns.ttl", min(found.ttl for found in sets), "s"))
    if options.expect:
        expected = {_shown(text) for text in options.expect}
        right = expected == set(given) if options.only else expected <= set(given)
        readings.append(Reading("dns.expected", right))
    return readings


def _shown(text: str) -> str:
    """An answer as people write it: lower case, without the final dot or the quotes of TXT."""
    return text.strip().strip('"').rstrip(".").lower()
