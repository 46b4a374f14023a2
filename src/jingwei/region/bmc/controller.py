"""The commands of a management controller: who it is, its chassis, its sensors, its log."""

from jingwei.region.bmc.sensors import sensors
from jingwei.region.bmc.session import Session, Sessions
from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

_OPEN, _RAKP1, _RAKP3, _PLAIN = 0x10, 0x12, 0x14, 0xC0
_UNKNOWN_COMMAND, _NO_RECORD, _BAD_FIELD = 0xC1, 0xCB, 0xCC
_LOG_ENTRIES = 12
Answer = tuple[int, bytes]  # completion code, data


class Controller:
    """The controller of one server; answers single datagrams."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._sessions = Sessions(user, password)

    def reply(self, packet: bytes) -> bytes | None:
        """The answer to a datagram; None to what is none of ours, or broken."""
        if len(packet) < 20 or packet[0] != 6 or packet[3] != 7:
            return None
        try:
            if packet[4] == 0:
                return self._outside(packet[14 : 14 + packet[13]])
            return self._inside(packet) if packet[4] == 6 else None
        except IndexError:  # cut off somewhere
            return None

    def _outside(self, message: bytes) -> bytes | None:
        """Before there is a session only one question is answered (22.13)."""
        if message[1] >> 2 != 0x06 or message[5] != 0x38:
            return None
        data = bytes([1, 0x80, 0x04, 0x02, 0, 0, 0, 0])  # IPMI 2.0 only; users have names
        answer = _framed(message, 0, data)
        return b"\x06\x00\xff\x07" + bytes(9) + bytes([len(answer)]) + answer

    def _inside(self, packet: bytes) -> bytes | None:
        kind, payload = packet[5], packet[16:]
        steps = {
            _OPEN: self._sessions.open, _RAKP1: self._sessions.first, _RAKP3: self._sessions.second,
        }  # fmt: skip
        if kind in steps:
            answer = steps[kind](payload)
            if answer is None:
                return None
            head = b"\x06\x00\xff\x07\x06" + bytes([kind + 1]) + bytes(8)
            return head + len(answer).to_bytes(2, "little") + answer
        found = self._sessions.heard(packet)
        if found is None:
            return None
        session, message = found
        code, data = self._done(session, message)
        return self._sessions.said(session, _framed(message, code, data))

    def _done(self, session: Session, message: bytes) -> Answer:
        command, data = (message[1] >> 2, message[5]), message[6:-1]
        if command == (0x06, 0x3B):  # Set Session Privilege Level
            return 0, data[:1]
        if command == (0x06, 0x3C):  # Close Session: answered with what is still known
            self._sessions.close(session)
            return 0, b""
        fixed = {
            (0x06, 0x01): self._identity(),
            (0x00, 0x01): self._chassis(),
            (0x0A, 0x20): self._repository(),
            (0x0A, 0x22): b"\x01\x00",  # Reserve SDR Repository
            (0x0A, 0x40): self._log(),
        }
        if command in fixed:
            return 0, fixed[command]
        if command == (0x0A, 0x23):
            return self._record(data)
        return self._sensor(data) if command == (0x04, 0x2D) else (_UNKNOWN_COMMAND, b"")

    def _identity(self) -> bytes:
        """Get Device ID (20.1): IPMI 2.0, Lenovo's number (19046)."""
        product = self._thing.constant("product", 1, 200)
        return bytes([0x20, 1, 1, 0x30, 2, 0x8F, 0x66, 0x4A, 0, product, 0, 0, 0, 0, 0])

    def _chassis(self) -> bytes:
        """Get Chassis Status (28.2)."""
        fan, drive = (
            self._thing.has(name) for name in (FaultName.FAN_FAILED, FaultName.SERVER_DISK_PRE_FAIL)
        )
        return bytes([0x21, 0, fan << 3 | drive << 2, 0])

    def _repository(self) -> bytes:
        """Get SDR Repository Info (33.9)."""
        count = len(sensors(self._thing))
        return bytes([0x51, count, 0, 0xFF, 0xFF]) + bytes(8) + b"\x02"

    def _record(self, data: bytes) -> Answer:
        """Get SDR (33.12): the record and the id of the next one."""
        wanted, offset, most = int.from_bytes(data[2:4], "little"), data[4], data[5]
        found = sensors(self._thing)
        if wanted >= len(found):
            return _NO_RECORD, b""
        record = found[wanted].record(wanted)
        if offset > len(record):
            return _BAD_FIELD, b""
        following = wanted + 1 if wanted + 1 < len(found) else 0xFFFF
        return 0, following.to_bytes(2, "little") + record[offset : offset + most]

    def _sensor(self, data: bytes) -> Answer:
        """Get Sensor Reading (35.14)."""
        found = next((s for s in sensors(self._thing) if s.number == data[0]), None)
        return (_NO_RECORD, b"") if found is None else (0, found.reading())

    def _log(self) -> bytes:
        """Get SEL Info (31.2)."""
        return bytes([0x51, _LOG_ENTRIES, 0, 0, 0x20]) + bytes(8) + b"\x02"


def _framed(question: bytes, code: int, data: bytes) -> bytes:
    """The answer to a message, with both checksums (figure 13-4)."""
    head = bytes([question[3], question[1] + 4])
    body = bytes([question[0], question[4], question[5], code]) + data
    return head + _checksum(head) + body + _checksum(body)


def _checksum(part: bytes) -> bytes:
    return bytes([-sum(part) & 0xFF])
