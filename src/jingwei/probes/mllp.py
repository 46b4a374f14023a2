"""HL7 v2 over MLLP: send a marked test message, read its acknowledgement.

Framing per HL7 "Transport Specification: MLLP, Release 1": <VT> message <FS><CR>.
"""

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import datetime

from jingwei.probes import net
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import SHANGHAI, Reading, Target

START, END = b"\x0b", b"\x1c\r"
_MAX_ANSWER = 1_048_576

# A query for a patient that does not exist, marked T for training (HL7 table 0103): an engine
# that obeys the standard answers it and files nothing.
TEST_MESSAGE = (
    "MSH|^~\\&|{sending_application}|{sending_facility}|{receiving_application}"
    "|{receiving_facility}|{now}||QRY^A19^QRY_A19|{control_id}|T|2.4\r"
    "QRD|{now}|R|I|{control_id}|||1^RD|JINGWEI-TEST|DEM|ALL\r"
)


@dataclass(frozen=True, kw_only=True)
class MllpOptions:
    """Options of `hl7.mllp`."""

    port: int = port(2575)
    sending_application: str = option("JINGWEI", label="发送应用")
    sending_facility: str = option("OPS", label="发送机构")
    receiving_application: str = option("", label="接收应用")
    receiving_facility: str = option("", label="接收机构")
    message: str = option(
        TEST_MESSAGE,
        label="试单",
        help="可用 {now}、{control_id}、{sending_application} 等；段以回车或换行分隔",
    )
    encoding: str = option("utf-8", label="字符集", choices=("utf-8", "gb18030", "ascii"))

    def __post_init__(self) -> None:
        """Refuse what is no message, or could not be framed."""
        if not self.message.startswith("MSH|"):
            raise OptionError("message", "试单应以 MSH| 开头")
        if "{control_id}" not in self.message:
            raise OptionError("message", "试单应含 {control_id}，否则无法核对应答")
        for name in ("sending_application", "sending_facility", "receiving_application",
                     "receiving_facility", "message"):  # fmt: skip
            text = getattr(self, name)
            if "\x0b" in text or "\x1c" in text:
                raise OptionError(name, "不能含有 MLLP 控制字符")
            try:
                text.encode(self.encoding)
            except UnicodeEncodeError:
                raise OptionError(name, f"含有 {self.encoding} 不能表示的字符") from None


@probe(
    "hl7.mllp",
    label="HL7 MLLP 试单",
    options=MllpOptions,
    protocol="mllp",
    readings={
        "mllp.ack": ("", "应答码：AA 接受，AE 出错，AR 拒绝"),
        "mllp.time": ("ms", "发出试单到收到应答用时"),
        "mllp.connect": ("ms", "建立连接用时"),
        "mllp.control_match": ("", "应答是否对应本次试单"),
        "mllp.text": ("", "应答附言，不是 AA 时才有"),
    },
    silence="地址不通，或接口引擎不应答",
)
async def mllp(target: Target, options: MllpOptions) -> list[Reading]:
    """发送标记为测试（MSH-11 = T）的查询试单，读取 MSA 应答。"""
    control_id = f"JW{secrets.token_hex(8).upper()}"
    message = written(options, control_id, datetime.now(SHANGHAI))
    place = await net.find(target.address, options.port)
    started = time.perf_counter()
    opened = await net.connect(place)
    connected = time.perf_counter()
    try:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(opened, START + message + END)
        answer = await _answer(opened)
    finally:
        opened.close()
    took = time.perf_counter() - connected
    readings = judged(answer.decode(options.encoding, "replace"), control_id)
    return [
        *readings,
        Reading("mllp.time", took * 1000, "ms"),
        Reading("mllp.connect", (connected - started) * 1000, "ms"),
    ]


def written(options: MllpOptions, control_id: str, now: datetime) -> bytes:
    """The message to send, segments ended by carriage returns. Pure."""
    text = options.message.replace("\r\n", "\r").replace("\n", "\r")
    text = text if text.endswith("\r") else text + "\r"
    words = {
        "now": now.strftime("%Y%m%d%H%M%S"),
        "control_id": control_id,
        "sending_application": options.sending_application,
        "sending_facility": options.sending_facility,
        "receiving_application": options.receiving_application,
        "receiving_facility": options.receiving_facility,
    }
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text.encode(options.encoding)


class Frame:
    """Collects bytes until one MLLP block is whole."""

    def __init__(self) -> None:
        self._seen = bytearray()

    def feed(self, data: bytes) -> bytes | None:
        """The block's content once it is complete. Raises ProbeError when it is none."""
        searched = max(0, len(self._seen) - 1)
        self._seen += data
        if self._seen and self._seen[:1] != START:
            raise ProbeError("应答不是 MLLP：没有起始字符")
        end = self._seen.find(END, searched)
        if end >= 0:
            return bytes(self._seen[1:end])
        if len(self._seen) > _MAX_ANSWER:
            raise ProbeError("应答过长，不是 MLLP 应答")
        return None


async def _answer(opened: socket.socket) -> bytes:
    frame = Frame()
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(opened, 65536):
        block = frame.feed(data)
        if block is not None:
            return block
    raise ProbeError("对方未完整应答就断开了连接")


def judged(answer: str, control_id: str) -> list[Reading]:
    """Readings of an acknowledgement (HL7 v2 chapter 2, MSA). Pure.

    Raises ProbeError when it is no HL7 message or acknowledges nothing.
    """
    segments = [line for line in answer.replace("\n", "\r").split("\r") if line]
    if not segments or not segments[0].startswith("MSH") or len(segments[0]) < 8:
        raise ProbeError("应答不是 HL7 消息：没有 MSH 段")
    separator = segments[0][3]
    for segment in segments[1:]:
        fields = segment.split(separator)
        if fields[0] != "MSA":
            continue
        code = fields[1].strip() if len(fields) > 1 else ""
        if code not in ("AA", "AE", "AR", "CA", "CE", "CR"):
            raise ProbeError(f"应答码不是 HL7 的应答码：{code[:20]!r}")
        echoed = fields[2].strip() if len(fields) > 2 else ""
        readings = [
            Reading("mllp.ack", code),
            Reading("mllp.control_match", echoed == control_id),
        ]
        text = fields[3].strip() if len(fields) > 3 else ""
        if text and code not in ("AA", "CA"):
            readings.append(Reading("mllp.text", text[:200]))
        return readings
    raise ProbeError("应答没有 MSA 段")
