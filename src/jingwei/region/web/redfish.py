"""Redfish of a server's management controller (DMTF DSP0266): who may ask, and what for.

The resources themselves are in `redfish_tree`. Sessions and Basic authentication both work;
the service root is open to everybody, as the standard has it.
"""

import hmac
import json
import secrets

from jingwei.region.thing import Thing
from jingwei.region.web.redfish_tree import SESSIONS, resources
from jingwei.region.web.server import Request, Response

_MOST_SESSIONS = 16
_OPEN = frozenset({"/redfish", "/redfish/v1"})
_HEADERS = {"OData-Version": "4.0"}


class RedfishFace:
    """Answers for one management controller."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._user = user
        self._password = password
        self._sessions: dict[str, str] = {}  # token -> session id

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        path = request.path.rstrip("/")
        if request.method == "POST" and path == SESSIONS:
            return self._log_in(request)
        if path not in _OPEN and not self._allowed(request):
            return _error(401, "Base.1.0.NoValidSession", "用户名或密码错误，或会话已失效")
        if request.method == "DELETE" and path.startswith(f"{SESSIONS}/"):
            return self._log_out(path.rpartition("/")[2])
        return self._show(path) if request.method in {"GET", "HEAD"} else _read_only()

    def _show(self, path: str) -> Response:
        if path == "/redfish":
            return Response.json({"v1": "/redfish/v1/"}, headers=_HEADERS)
        found = resources(self._thing).get(path)
        if found is None:
            return _error(404, "Base.1.0.ResourceMissingAtURI", path)
        return Response.json({"@odata.id": path, **found}, headers=_HEADERS)

    def _allowed(self, request: Request) -> bool:
        token = request.headers.get("x-auth-token")
        if token is not None:
            return token in self._sessions
        login = request.basic_login()
        return login is not None and self._known(*login)

    def _known(self, user: str, password: str) -> bool:
        right = (self._user.encode(), self._password.encode())
        given = (user.encode(), password.encode())
        return all(hmac.compare_digest(a, b) for a, b in zip(given, right, strict=True))

    def _log_in(self, request: Request) -> Response:
        try:
            document = json.loads(request.body)
            user, password = document["UserName"], document["Password"]
        except (ValueError, TypeError, KeyError):
            return _error(400, "Base.1.0.MalformedJSON", "需要 UserName 和 Password")
        if not self._known(str(user), str(password)):
            return _error(401, "Base.1.0.NoValidSession", "用户名或密码错误")
        if len(self._sessions) >= _MOST_SESSIONS:
            return _error(503, "Base.1.0.SessionLimitExceeded", "会话数已满")
        token, number = secrets.token_hex(16), secrets.token_hex(4)
        self._sessions[token] = number
        headers = {**_HEADERS, "X-Auth-Token": token, "Location": f"{SESSIONS}/{number}"}
        return Response.json({"Id": number, "UserName": user}, 201, headers)

    def _log_out(self, number: str) -> Response:
        token = next((t for t, n in self._sessions.items() if n == number), None)
        if token is None:
            return _error(404, "Base.1.0.ResourceMissingAtURI", number)
        del self._sessions[token]
        return Response(204, headers=_HEADERS)


def _read_only() -> Response:
    return _error(405, "Base.1.0.ActionNotSupported", "只读")


def _error(status: int, code: str, message: str) -> Response:
    headers = dict(_HEADERS)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Redfish"'
    return Response.json({"error": {"code": code, "message": message}}, status, headers)
