"""NTP: how far a time server and we are apart, and whom it follows (SNTP client, RFC 5905)."""

import os
import struct
import time
from dataclasses import dataclass

from jingwei.probes import net, wire
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import option, port
from jingwei.terms import Reading, Reason, Target

_PACKET = struct.Struct(">BBbb4s4s4s8s8s8s8s")
_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
_ERA = 2**32
_LEAPS = {0: "none", 1: "insert", 2: "delete", 3: "unsynchronised"}
# RFC 5905 section 7.4: what a server says instead of the time.
_KISSES = {"RATE": "请求过于频繁", "DENY": "拒绝服务", "RSTR": "拒绝服务（访问控制）"}


@dataclass(frozen=True, kw_only=True)
class NtpOptions:
    """Options of `ntp`."""

    port: int = port(123)
    samples: int = option(
        1, label="取样次数", minimum=1, maximum=4, help="取往返最短的一次；过密可能被服务器拒绝"
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer. Times are seconds; `offset` is positive when the server is ahead of us."""

    offset: float
    delay: float
    leap: str
    stratum: int
    root_delay: float
    root_dispersion: float
    reference: str
    age: float | None


@probe(
    "ntp",
    label="NTP 时间",
    options=NtpOptions,
    readings={
        "ntp.offset": ("s", "对方时钟减本机时钟，正为对方快"),
        "ntp.offset.size": ("s", "偏差的大小，不分快慢"),
        "ntp.delay": ("ms", "往返用时，偏差最多差它的一半"),
        "ntp.stratum": ("count", "层级；16 为未同步"),
        "ntp.leap": ("", "闰秒预告：none、insert、delete，或 unsynchronised 未同步"),
        "ntp.root_delay": ("ms", "对方到时间源的往返"),
        "ntp.root_dispersion": ("ms", "对方自估的最大误差"),
        "ntp.reference": ("", "对方的时间源：地址，或 GPS、PTP 等代号"),
        "ntp.age": ("s", "对方距上次校时"),
    },
    silence="地址不通，UDP 被丢弃，或对方不提供时间",
)
async def ntp(target: Target, options: NtpOptions) -> list[Reading]:
    """以 SNTP 询问时间，只读。偏差是相对本机的：本机时钟若不准，所有偏差会一起变。"""
    place = await net.find(target.address, options.port)
    samples = [await _sample(place) for _ in range(options.samples)]
    best = min(samples, key=lambda sample: sample.delay)
    readings = [
        Reading("ntp.offset", round(best.offset, 6), "s"),
        Reading("ntp.offset.size", round(abs(best.offset), 6), "s"),
        Reading("ntp.delay", best.delay * 1000, "ms"),
        Reading("ntp.stratum", best.stratum, "count"),
        Reading("ntp.leap", best.leap),
        Reading("ntp.root_delay", best.root_delay * 1000, "ms"),
        Reading("ntp.root_dispersion", best.root_dispersion * 1000, "ms"),
    ]
    if best.reference:
        readings.append(Reading("ntp.reference", best.reference))
    if best.age is not None:
        readings.append(Reading("ntp.age", round(best.age, 3), "s"))
    return readings


async def _sample(place: net.Place) -> Sample:
    # The transmit timestamp is only a cookie: a random one tells a forger nothing (RFC 8633).
    cookie = os.urandom(8)
    question = bytes([0x23]) + bytes(39) + cookie
    sent, began = time.time(), time.perf_counter()
    answer = await wire.exchanged(
        place, question, lambda data: len(data) >= 48 and data[24:32] == cookie
    )
    return read_answer(answer, sent, sent + time.perf_counter() - began)


def read_answer(packet: bytes, sent: float, received: float) -> Sample:
    """What an answer says. `sent` and `received` are seconds since 1970 by our clock. Pure.

    Raises ProbeError for a kiss-o'-death, an answer that is none, and a server without a time.
    """
    flags, stratum, _, _, delay, dispersion, reference, updated, _, arrived, left = _PACKET.unpack(
        packet[:48]
    )
    if flags & 7 != 4:
        raise ProbeError("应答不是 NTP 服务器的")
    code = reference.rstrip(b"\x00").decode("ascii", "replace")
    if stratum == 0:
        said = _KISSES.get(code, f"代码 {code!r}")
        raise ProbeError(f"时间服务器不给时间：{said}", Reason.REFUSED)
    if left == bytes(8):
        raise ProbeError("时间服务器的应答里没有时间")
    came, went = _seconds(arrived, sent), _seconds(left, sent)
    return Sample(
        offset=((came - sent) + (went - received)) / 2,
        delay=max((received - sent) - (went - came), 0.0),
        leap=_LEAPS[flags >> 6],
        stratum=stratum,
        root_delay=_short(delay),
        root_dispersion=_short(dispersion),
        reference=code if stratum == 1 else _followed(reference),
        age=max(went - _seconds(updated, sent), 0.0) if updated != bytes(8) else None,
    )


def _seconds(stamp: bytes, near: float) -> float:
    """An NTP timestamp as seconds since 1970, in the era (136 years) nearest to `near`."""
    whole, part = struct.unpack(">II", stamp)
    seconds = whole + part / _ERA - _EPOCH
    return float(seconds + round((near - seconds) / _ERA) * _ERA)


def _short(raw: bytes) -> float:
    return float(struct.unpack(">I", raw)[0] / 65_536)


def _followed(reference: bytes) -> str:
    """The IPv4 address of the source (of IPv6 it is a hash and says nothing to people)."""
    return ".".join(str(byte) for byte in reference) if any(reference) else ""
