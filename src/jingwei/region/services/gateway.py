"""SMS gateways of the three carriers: CMPP 2.0 and 3.0, SGIP 1.2, SMGP 3.0.

They let an SP in, answer the test of the link and say goodbye. A submission is no part of the
region: it is hung up on.
"""

import asyncio
import hashlib
import struct

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

CMPP, SGIP, SMGP = "cmpp", "sgip", "smgp"
USERS = {CMPP: "901234", SGIP: "10655021", SMGP: "21655021"}
_ACTIVE_TEST = {CMPP: 0x8, SMGP: 0x4}  # SGIP has none
_GOODBYE = {CMPP: 0x2, SGIP: 0x2, SMGP: 0x6}
_LOGIN = 0x1
_MOST = 4_096


class SmsGateway:
    """The gateway of one carrier, as one application's line reaches it."""

    def __init__(self, thing: Thing, protocol: str, password: str) -> None:
        self._thing = thing
        self._protocol = protocol
        self._user = USERS[protocol].encode()
        self._secret = password.encode()
        self._counter = 12 if protocol == SGIP else 4

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer frames until somebody hangs up."""
        let_in = False
        while True:
            length, command = struct.unpack("!II", await reader.readexactly(8))
            if not 8 + self._counter <= length <= _MOST:
                raise ValueError(length)
            raw = await reader.readexactly(length - 8)
            sequence, body = raw[: self._counter], raw[self._counter :]
            if command == _LOGIN:
                let_in, said = self.login(body)
            elif not let_in or command not in (
                _GOODBYE[self._protocol], _ACTIVE_TEST.get(self._protocol),
            ):  # fmt: skip
                return
            elif self._silent(command):
                continue
            else:
                active = command == _ACTIVE_TEST.get(self._protocol)
                said = b"\0" if active and self._protocol == CMPP else b""
            head = struct.pack("!II", 8 + self._counter + len(said), command | 0x80000000)
            writer.write(head + sequence + said)
            await writer.drain()
            if command == _GOODBYE[self._protocol]:
                return

    def _silent(self, command: int) -> bool:
        """Each fault is one carrier's; this one is China Telecom's."""
        silent = self._protocol == SMGP and self._thing.has(FaultName.SMS_SILENT)
        return silent and command == _ACTIVE_TEST[SMGP]

    def login(self, body: bytes) -> tuple[bool, bytes]:
        """Whether one is let in, and what is answered."""
        if self._protocol == SGIP:
            return self._bound(body)
        if self._protocol == CMPP:
            if len(body) != 27:
                return False, self._met(1, bytes(16), 0x20)
            user, proof, version, at = struct.unpack("!6s16sBI", body)
            status = self._known(user, proof, at, zeros=9, wrong_user=2, wrong=3)
            if self._thing.has(FaultName.SMS_REFUSED):
                status = 3
            return status == 0, self._met(status, proof, 0x30 if version >= 0x30 else 0x20)
        if len(body) != 30:
            return False, self._met(10, bytes(16), 0x30)
        user, proof, _mode, at, _version = struct.unpack("!8s16sBIB", body)
        status = self._known(user, proof, at, zeros=7, wrong_user=21, wrong=21)
        return status == 0, self._met(status, proof, 0x30)

    def _known(
        self, user: bytes, proof: bytes, at: int, *, zeros: int, wrong_user: int, wrong: int
    ) -> int:
        if user.rstrip(b"\0") != self._user:
            return wrong_user
        expected = _md5(self._user + bytes(zeros) + self._secret + f"{at:010d}".encode())
        return 0 if proof == expected else wrong

    def _met(self, status: int, proof: bytes, version: int) -> bytes:
        wide = self._protocol == SMGP or version >= 0x30
        raw = status.to_bytes(4 if wide else 1)
        return raw + _md5(raw + proof + self._secret) + bytes([version])

    def _bound(self, body: bytes) -> tuple[bool, bytes]:
        """SGIP's Bind_Resp: name and password in clear, one connection too many on demand."""
        if len(body) != 41:
            return False, bytes([5]) + bytes(8)
        kind, user, password = struct.unpack("!B16s16s8x", body)
        known = (user.rstrip(b"\0"), password.rstrip(b"\0")) == (self._user, self._secret[:16])
        result = 4 if kind != 1 else 0 if known else 1
        if self._thing.has(FaultName.SMS_FULL) and result == 0:
            result = 3
        return result == 0, bytes([result]) + bytes(8)


def _md5(raw: bytes) -> bytes:
    return hashlib.md5(raw, usedforsecurity=False).digest()
