"""WS-Management with NTLM: a login, messages that are signed and hidden, one command at a time.

[MS-WSMV] 2.2.9.1 (encrypted messages) and 3.1.4.1.28-31 (shell, command, receive, signal). As a
host's own defaults have it, nothing is answered that is not encrypted.
"""

import base64
import re
import struct
from collections.abc import Callable
from uuid import uuid4

import spnego
from spnego.exceptions import SpnegoError

from jingwei.region.web.server import Request, Response

_BOUNDARY = b"--Encrypted Boundary"
_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted"'
_KIND = b"application/HTTP-SPNEGO-session-encrypted"
_MOST = 32  # connections whose login is remembered
_ACTION = re.compile(r"<\w+:Action[^>]*>([^<]*)</\w+:Action>")
_MESSAGE = re.compile(r"<\w+:MessageID[^>]*>([^<]*)</\w+:MessageID>")
_ENCODED = re.compile(r"-EncodedCommand ([A-Za-z0-9+/=]+)<")
Answer = Callable[[str], str]


class WsMan:
    """One host; `answer` makes standard output of a PowerShell script."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._logins: dict[int, spnego.ContextProxy] = {}
        self._said: dict[str, str] = {}  # command -> its output

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.path != "/wsman" or request.method != "POST":
            return Response.html("<h1>404</h1>", 404)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme in {"Negotiate", "NTLM"}:
            return self._login(request, scheme, token)
        login = self._logins.get(request.connection)
        if login is None or not login.complete:
            return _unknown()
        return self._heard(login, request)

    def _login(self, request: Request, scheme: str, token: str) -> Response:
        """One leg of NTLM: the challenge, then the proof of the password."""
        login = self._logins.get(request.connection)
        if login is None or login.complete:
            login = spnego.server(protocol="ntlm")
            self._logins[request.connection] = login
            while len(self._logins) > _MOST:
                del self._logins[next(iter(self._logins))]
        try:
            said = login.step(base64.b64decode(token))
        except (SpnegoError, ValueError, LookupError, struct.error):
            self._logins.pop(request.connection, None)
            return _unknown()
        if not login.complete:
            challenge = base64.b64encode(said or b"").decode()
            return Response(401, headers={"WWW-Authenticate": f"{scheme} {challenge}"})
        return self._heard(login, request) if request.body else Response(200)

    def _heard(self, login: spnego.ContextProxy, request: Request) -> Response:
        parts = request.body.split(_BOUNDARY)
        if len(parts) < 3 or b"octet-stream\r\n" not in parts[2]:
            return Response.html("unencrypted", 400)
        hidden = parts[2].partition(b"octet-stream\r\n")[2]
        length = int.from_bytes(hidden[:4], "little")
        try:
            message = login.unwrap_winrm(hidden[4 : 4 + length], hidden[4 + length :])
        except SpnegoError:
            return _unknown()
        reply = self._done(message.decode("utf-8", "replace")).encode()
        wrapped = login.wrap_winrm(reply)
        size = len(reply) + wrapped.padding_length
        body = (
            _BOUNDARY + b"\r\n\tContent-Type: " + _KIND + b"\r\n\tOriginalContent: "
            b"type=application/soap+xml;charset=UTF-8;Length=" + str(size).encode() + b"\r\n"
            + _BOUNDARY + b"\r\n\tContent-Type: application/octet-stream\r\n"
            + len(wrapped.header).to_bytes(4, "little") + wrapped.header + wrapped.data
            + _BOUNDARY + b"--\r\n"
        )  # fmt: skip
        return Response(200, body, f'{_TYPE};boundary="Encrypted Boundary"')

    def _done(self, message: str) -> str:
        action, about = _ACTION.search(message), _MESSAGE.search(message)
        name = action[1].rpartition("/")[2] if action else ""
        return _enveloped(about[1] if about else "", self._body(name, message))

    def _body(self, name: str, message: str) -> str:
        if name == "Create":
            return f'<Selector Name="ShellId">{uuid4()}</Selector>'
        if name == "Command":
            found = _ENCODED.search(message)
            script = base64.b64decode(found[1]).decode("utf-16-le") if found else ""
            command = str(uuid4())
            self._said = {command: self._answer(script)}
            return f"<CommandId>{command}</CommandId>"
        if name == "Receive":
            return _output(self._said.popitem()[1] if self._said else "")
        return ""


def _output(text: str) -> str:
    said = base64.b64encode(text.encode()).decode()
    done = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"
    state = f'<CommandState State="{done}"><ExitCode>0</ExitCode></CommandState>'
    return f'<Stream Name="stdout">{said}</Stream>{state}'


def _enveloped(about: str, body: str) -> str:
    spaces = (
        'xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    )
    head = f"<s:Header><a:RelatesTo>{about}</a:RelatesTo></s:Header>"
    return f"<s:Envelope {spaces}>{head}<s:Body>{body}</s:Body></s:Envelope>"


def _unknown() -> Response:
    return Response(401, headers={"WWW-Authenticate": "Negotiate"})
