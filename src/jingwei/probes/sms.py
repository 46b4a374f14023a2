"""What the three carriers' SMS protocols share: frames, logins by MD5, the patience to wait.

CMPP (China Mobile), SGIP (China Unicom) and SMGP (China Telecom) are cousins of SMPP: big-endian
frames of a length, a command, a sequence and a body; the answer to command N is N | 0x80000000.
Nothing here can submit a message. What a gateway delivers while it is asked is not acknowledged,
so that it stays the running application's.
"""

import asyncio
import hashlib
import hmac
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from jingwei.probes import wire
from jingwei.probes.errors import ProbeError
from jingwei.probes.options import OptionError
from jingwei.terms import SHANGHAI, Reason, Target

ANSWER = 0x80000000
_MOST_BYTES = 8_192  # of one frame; the longest of the three (a delivery) is below 1,000
_MOST_FRAMES = 50  # passed over before the answer
PATIENCE = 3.0  # seconds for one answer, so that it can be said which one did not come


@dataclass(slots=True)
class Gateway:
    """One connection to a gateway. `counter` is the width of the sequence: 4 octets, SGIP 12."""

    name: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    counter: bytes
    frames: int = field(default=0)

    async def asked(self, command: int, body: bytes, *, what: str) -> bytes:
        """The body of the answer to one command; `what` names the step in errors.

        Raises ProbeError for silence and nonsense, EOFError when the gateway hangs up.
        """
        sequence = self._next()
        length = 8 + len(sequence) + len(body)
        self.writer.write(struct.pack("!II", length, command) + sequence + body)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.writer.drain()
                return await self._answer(command | ANSWER, sequence)
        except TimeoutError:
            raise ProbeError(f"已连接，但网关不应答{what}", Reason.TIMEOUT) from None

    def _next(self) -> bytes:
        """The sequence of the next frame: the last four octets count."""
        self.frames += 1
        return self.counter[:-4] + struct.pack("!I", self.frames)

    async def _answer(self, command: int, sequence: bytes) -> bytes:
        """The body of the frame that answers; others are passed over, never acknowledged."""
        for _ in range(_MOST_FRAMES):
            length, got = struct.unpack("!II", await self.reader.readexactly(8))
            rest = length - 8
            if not len(sequence) <= rest <= _MOST_BYTES:
                raise ProbeError(f"应答不是 {self.name} 协议")
            raw = await self.reader.readexactly(rest)
            if got == command and raw[: len(sequence)] == sequence:
                return raw[len(sequence) :]
        raise ProbeError(f"网关连发 {_MOST_FRAMES} 帧而无应答")

    def nonsense(self, body: bytes) -> ProbeError:
        """An answer of another length than the protocol gives it."""
        return ProbeError(f"应答不是 {self.name} 协议：正文 {len(body)} 字节")


@asynccontextmanager
async def gateway(
    target: Target, port: int, name: str, counter: bytes = bytes(4)
) -> AsyncIterator[Gateway]:
    """A connection to a gateway, aborted at the end. Raises OSError."""
    async with wire.conversation(target.address, port) as (reader, writer):
        yield Gateway(name, reader, writer, counter)


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to a login by MD5: CMPP_CONNECT_RESP and Login_Resp differ in the status only."""

    status: bytes
    authenticator: bytes
    version: str


def welcome(gateway: Gateway, body: bytes, status: int) -> Welcome:
    """The answer to a login whose status takes `status` octets. Raises ProbeError for nonsense."""
    if len(body) != status + 17:
        raise gateway.nonsense(body)
    highest = body[-1]
    return Welcome(body[:status], body[status:-1], f"{highest >> 4}.{highest & 15}")


async def goodbye(gateway: Gateway, command: int) -> None:
    """Say goodbye; a gateway that only hangs up has understood."""
    with suppress(EOFError, OSError, ProbeError):
        await gateway.asked(command, b"", what="退出")


def login(target: Target, name: str, longest: int) -> tuple[bytes, bytes]:
    """Account and secret of a target. Raises ProbeError when they are absent or too long."""
    user, password = target.secrets.get("user", ""), target.secrets.get("password", "")
    if not user or not password:
        raise ProbeError("没有为该目标配置 user 与 password", Reason.COLLECTOR)
    try:
        account = user.encode("ascii")
    except UnicodeEncodeError:
        raise ProbeError(f"{name} 账号只能是英文与数字", Reason.COLLECTOR) from None
    if len(account) > longest:
        raise ProbeError(f"{name} 账号不超过 {longest} 个字符", Reason.COLLECTOR)
    return account, password.encode()


def stamp() -> int:
    """Now as the protocols write it: MMDDHHMMSS of the carriers' own zone, as a number."""
    return int(datetime.fromtimestamp(time.time(), SHANGHAI).strftime("%m%d%H%M%S"))


def digest(account: bytes, zeros: int, secret: bytes, at: int) -> bytes:
    """MD5(account + zeros + secret + MMDDHHMMSS), as CMPP and SMGP prescribe. Pure."""
    return _md5(account + bytes(zeros) + secret + f"{at:010d}".encode())


def proves(met: Welcome, ours: bytes, secret: bytes) -> bool:
    """Whether the gateway knows the secret: MD5(status + our authenticator + secret). Pure."""
    return hmac.compare_digest(met.authenticator, _md5(met.status + ours + secret))


def _md5(raw: bytes) -> bytes:
    """MD5, as the protocols prescribe: no choice of ours."""
    return hashlib.md5(raw, usedforsecurity=False).digest()


def refused(name: str, status: int, words: dict[int, str]) -> ProbeError:
    """A login's status other than 0, in words. Pure."""
    known = words.get(status, "网关没有说明原因")
    return ProbeError(f"{name} 登录被拒绝（状态 {status}）：{known}", Reason.REFUSED)


def digits(name: str, value: str) -> None:
    """Refuse what is no number of digits. Raises OptionError."""
    if not (value.isascii() and value.isdigit()) or int(value) >= 2**32:
        raise OptionError(name, f"应为数字，小于 4294967296，得到 {value!r}")
