"""One session at a vSphere API: log in, fetch everything in bulk, log out; blocks.

pyvmomi bounds neither how long nor how much it reads, so the connection under it is ours.
"""

import http.client
import importlib
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from xml.parsers.expat import ExpatError

from jingwei.probes.errors import ProbeError
from jingwei.terms import Reason

# API 4.1, the first with RetrievePropertiesEx: every later server still speaks it.
_VERSION = "vim.version.version6"
_MOST_BYTES = 16_777_216
_PAGE = 250
_SOAP = re.compile(rb"\A(\xef\xbb\xbf)?\s*<")
# What pyvmomi lets fly when it reads something that is not what it expects.
_NONSENSE = (
    ExpatError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AssertionError,
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a session saw: the service's `about`, whether it keeps alarms, rows by type."""

    about: Any
    alarms: bool
    rows: Mapping[str, Sequence[Row]]


@dataclass(slots=True)
class Line:
    """Where to connect, until when (monotonic), and every socket that was opened."""

    ip: str
    port: int
    name: str
    context: ssl.SSLContext | None
    until: float
    opened: list[socket.socket] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def connection(self, **_: Any) -> "_Connection":
        """What pyvmomi takes for its HTTPS connection."""
        return _Connection(self)

    def cut(self) -> None:
        """End every socket: a thread that still reads from one comes free."""
        for opened in self.opened:
            with suppress(OSError):  # closed long ago
                socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Response(http.client.HTTPResponse):
    """A response of bounded size that is read whole, and refused when it is no plain XML."""

    def __init__(self, line: Line, opened: socket.socket, **more: Any) -> None:
        super().__init__(opened, **more)
        self._line = line
        self._whole: io.BytesIO | None = None

    def read(self, amt: int | None = None) -> bytes:
        if self._whole is None:
            self._whole = io.BytesIO(self._all())
        return self._whole.read(amt)

    def _all(self) -> bytes:
        chunks, size = [], 0
        while chunk := super().read1(65_536):
            chunks.append(chunk)
            size += len(chunk)
            if size > _MOST_BYTES:
                raise ProbeError(f"应答超过 {_MOST_BYTES} 字节，未读完，不取部分结果")
            self._line.left  # noqa: B018 - raises when the time is over
        if self.length:
            raise EOFError
        super().read()  # nothing more, but it makes the connection ready for the next question
        body = b"".join(chunks)
        # A document type has no place in SOAP 1.1 (section 3): no entity is ever expanded here.
        if self.getheader("Content-Encoding", "identity").lower() != "identity" or (
            body and (not _SOAP.match(body) or b"\0" in body or b"<!DOCTYPE" in body)
        ):
            raise ProbeError("对方的应答不是 SOAP，可能不是 vSphere")
        return body


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of ours: to the address already found, within the time left."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.name, line.port)
        self._line = line
        self.response_class: Any = partial(_Response, line)

    def connect(self) -> None:
        line = self._line
        plain = socket.create_connection((line.ip, line.port), timeout=line.left)
        line.opened.append(plain)
        # pyvmomi sends head and body apart: without this each question waits for a late ACK.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = plain
        if line.context is not None:
            try:
                self.sock = line.context.wrap_socket(plain, server_hostname=line.name)
            except BaseException:
                plain.close()
                raise
            line.opened.append(self.sock)

    def getresponse(self) -> http.client.HTTPResponse:
        self.sock.settimeout(self._line.left)
        return super().getresponse()


def _library() -> Any:
    """pyVmomi, imported late: 40 MB, and only where there is a vSphere. It makes its types as they
    are asked for, which no checker follows."""
    return importlib.import_module("pyVmomi")


def seen(
    line: Line, user: str, password: str, wanted: Mapping[str, Sequence[str]], most: int
) -> Seen:
    """Everything `wanted` (type name -> property paths) of the whole inventory.

    Raises ProbeError, OSError, EOFError. The session is always given back.
    """
    library = _library()
    vim, vmodl = library.vim, library.vmodl
    stub = library.SoapStubAdapter(
        host=line.ip, port=-line.port, version=_VERSION, acceptCompressedResponses=False
    )
    stub.scheme = line.connection
    content = None
    try:
        content = vim.ServiceInstance("ServiceInstance", stub).RetrieveContent()
        about, alarms = content.about, content.alarmManager is not None
        content.sessionManager.Login(user, password)
        try:
            return Seen(about, alarms, _rows(content, wanted, most))
        finally:
            _log_out(line, content)
    except OSError:  # before the nonsense: a bad certificate is a ValueError too
        raise
    except (vmodl.MethodFault, http.client.HTTPException, *_NONSENSE) as error:
        raise _told(error) from None
    finally:
        stub.DropConnections()
        for opened in line.opened:
            opened.close()


def _rows(content: Any, wanted: Mapping[str, Sequence[str]], most: int) -> dict[str, list[Row]]:
    """One view, one question, and its further pages."""
    vim, vmodl = _library().vim, _library().vmodl
    query = vmodl.query.PropertyCollector
    types = {name: getattr(vim, name) for name in wanted}
    view = content.viewManager.CreateContainerView(content.rootFolder, list(types.values()), True)
    walk = query.TraversalSpec(name="view", path="view", skip=False, type=vim.view.ContainerView)
    spec = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=view, skip=True, selectSet=[walk])],
        propSet=[
            query.PropertySpec(type=types[name], pathSet=list(paths), all=False)
            for name, paths in wanted.items()
        ],
    )
    collector = content.propertyCollector
    found: dict[str, list[Row]] = {name: [] for name in wanted}
    count = 0
    page = collector.RetrievePropertiesEx([spec], query.RetrieveOptions(maxObjects=_PAGE))
    while page is not None:  # None: the inventory is empty
        for one in page.objects:
            found[type(one.obj).__name__.rpartition(".")[2]].append(_row(one))
        count += len(page.objects)
        if count > most:
            raise ProbeError(f"清单超过上限 {most} 个对象，不取部分结果")
        if not page.token:
            break
        page = collector.ContinueRetrievePropertiesEx(page.token)
    return found


def _row(one: Any) -> Row:
    """The properties of one object. Part of an inventory would be counted wrong: all or none."""
    vim = _library().vim
    if any(isinstance(lacking.fault, vim.fault.NoPermission) for lacking in one.missingSet):
        raise _unreadable()
    return {"id": one.obj._moId, **{part.name: part.val for part in one.propSet}}


def _unreadable() -> ProbeError:
    return ProbeError("账号没有读取权限：需要对整个清单的只读角色", Reason.REFUSED)


def _log_out(line: Line, content: Any) -> None:
    """Give the session back, even when the time is over: a host keeps few of them."""
    vmodl = _library().vmodl
    line.until = max(line.until, time.monotonic() + 1.0)
    with suppress(
        vmodl.MethodFault, http.client.HTTPException, ProbeError, OSError, EOFError, *_NONSENSE
    ):
        content.sessionManager.Logout()


def _told(error: Exception) -> ProbeError:
    """What pyvmomi raised, in the user's words."""
    vim, vmodl = _library().vim, _library().vmodl
    if isinstance(error, vim.fault.InvalidLogin):
        return ProbeError("登录被拒绝：用户或口令不对，或账号已锁定", Reason.REFUSED)
    if isinstance(error, vim.fault.NotAuthenticated):
        return ProbeError("会话不被接受，或已被管理员中止", Reason.REFUSED)
    if isinstance(error, vim.fault.NoPermission):
        return _unreadable()
    if isinstance(error, vmodl.MethodFault):
        said = str(error.msg or "")[:80]
        return ProbeError(f"vSphere 返回错误 {type(error).__name__.rpartition('.')[2]}：{said}")
    if isinstance(error, http.client.HTTPException):
        return ProbeError(f"对方没有按 HTTP 应答 vSphere API：{str(error)[:80] or '连接中断'}")
    return ProbeError("对方的应答不是 vSphere API 的内容")
