"""An HL7 v2 endpoint over MLLP (HL7 v2.5.1 chapter 2.9, MLLP release 1): acknowledges everything.

The character set is UTF-8 unless MSH-18 says otherwise. `mllp-hang` accepts connections and
messages and never answers, which is how interface engines hang in practice.
"""

import asyncio
from datetime import datetime

from jingwei.region.fault_names import FaultName
from jingwei.region.line.door import TcpDoor
from jingwei.region.stage import Part, Stage
from jingwei.region.thing import Thing
from jingwei.terms import SHANGHAI, Endpoint

_START, _END = b"\x0b", b"\x1c\r"
_CHARSETS = {"": "utf-8", "UNICODE UTF-8": "utf-8", "UNICODE": "utf-8", "GB 18030-2000": "gb18030"}


class MllpPart(Part):
    """One listener for each interface."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def start(self) -> list[Endpoint]:
        """A port for each."""
        endpoints = []
        for thing in self._stage.speaking("mllp"):
            interface = _Interface(thing)
            self._stage.gate(
                thing, "mllp", lambda *place, it=interface: TcpDoor(it.converse, *place)
            )
            endpoints.append(self._stage.endpoint(thing, "mllp"))
        return endpoints


class _Interface:
    """What one application says to HL7 messages."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; each message looks at the thing."""
        while True:
            frame = await reader.readuntil(_END)
            if self._thing.has(FaultName.MLLP_HANG):
                continue
            _, _, message = frame[: -len(_END)].rpartition(_START)
            now = datetime.fromtimestamp(self._thing.clock(), SHANGHAI)
            writer.write(_START + acknowledge(message, now) + _END)
            await writer.drain()


def acknowledge(message: bytes, now: datetime) -> bytes:
    """The acknowledgement of one message.

    AA accepts; AE is for text that is not in its own character set; AR rejects what has no
    message header or no control id (HL7 v2.5.1 section 2.9.2).
    """
    header = message.split(b"\r", 1)[0]
    if not header.startswith(b"MSH") or len(header) < 8:
        return _answer("|", ["MSH"], "AR", "消息没有 MSH 段", now)
    separator = header[3:4].decode("latin-1")
    fields = header.decode("utf-8", "replace").split(separator)
    charset = _CHARSETS.get(_field(fields, 17).upper())
    if charset is None:
        return _answer(separator, fields, "AE", f"不支持的字符集 {_field(fields, 17)}", now)
    try:
        message.decode(charset)
    except UnicodeDecodeError:
        return _answer(separator, fields, "AE", f"正文不是 {charset}", now, charset)
    if not _field(fields, 9):
        return _answer(separator, fields, "AR", "缺少消息控制号 MSH-10", now, charset)
    return _answer(separator, fields, "AA", "", now, charset)


def _answer(
    separator: str,
    fields: list[str],
    code: str,
    text: str,
    now: datetime,
    charset: str = "utf-8",
) -> bytes:
    encoding = _field(fields, 1) or "^~\\&"
    event = _field(fields, 8).split(encoding[0])
    kind = encoding[0].join(["ACK", *event[1:2]])
    control = _field(fields, 9)
    header = [
        "MSH",
        encoding,
        _field(fields, 4),
        _field(fields, 5),
        _field(fields, 2),
        _field(fields, 3),
        now.strftime("%Y%m%d%H%M%S%z"),
        "",
        kind,
        f"R{control}",
        _field(fields, 10) or "P",
        _field(fields, 11) or "2.4",
    ]
    if _field(fields, 17):
        header += [""] * 5 + [_field(fields, 17)]
    lines = [separator.join(header), separator.join(["MSA", code, control, text]).rstrip(separator)]
    return ("\r".join(lines) + "\r").encode(charset, "replace")


def _field(fields: list[str], index: int) -> str:
    """MSH-(index + 1), or an empty text."""
    return fields[index] if index < len(fields) else ""
