"""DeviceManager of a Huawei OceanStor: sessions that are few, and the lists behind them.

Every error comes as HTTP 200 with `error.code`, as the array's own REST interface has it.
"""

import hmac
import json
import secrets

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

_ROOT = "/deviceManager/rest"
_MOST_SESSIONS = 8
_NORMAL, _FAULT, _RUNNING, _OFFLINE = "1", "2", "1", "28"
_WRONG_LOGIN, _NO_SESSION, _TOO_MANY, _UNKNOWN = 1077987870, -401, 1077949069, 1077948993
_MAJOR = "5"
_BAD_SUPPLY = 1
Row = dict[str, str]


class OceanStorFace:
    """Answers for one array."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._login = (user, password)
        self._device = f"2102350{thing.constant('device', 10_000, 99_999)}"
        self._tokens: list[str] = []

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.path == f"{_ROOT}/xxxxx/sessions" and request.method == "POST":
            return self._open(request)
        token = request.headers.get("ibasetoken", "")
        if token not in self._tokens:
            return _error(_NO_SESSION, "session is invalid")
        place = request.path.removeprefix(f"{_ROOT}/{self._device}/")
        if place == "sessions" and request.method == "DELETE":
            self._tokens.remove(token)
            return _told({})
        rows = self._lists().get(place)
        if rows is None or request.method != "GET":
            return _error(_UNKNOWN, "not supported")
        return _told({"data": rows} if rows else {})  # a list of nothing is left out

    def _open(self, request: Request) -> Response:
        try:
            given = json.loads(request.body)
            login = (str(given["username"]), str(given["password"]))
        except (ValueError, TypeError, KeyError):
            return _error(_UNKNOWN, "bad request")
        pairs = zip(login, self._login, strict=True)
        if not all(hmac.compare_digest(one.encode(), two.encode()) for one, two in pairs):
            return _error(_WRONG_LOGIN, "user name or password is incorrect")
        if len(self._tokens) >= _MOST_SESSIONS:
            return _error(_TOO_MANY, "too many sessions")
        self._tokens.append(secrets.token_hex(16))
        return _told({"data": {"deviceid": self._device, "iBaseToken": self._tokens[-1]}})

    def _lists(self) -> dict[str, list[Row]]:
        lost = self._thing.has(FaultName.ARRAY_PSU_LOST)
        alarm = {"level": _MAJOR, "description": "A power module is abnormal."}
        return {
            "power": [_row(f"CTE0.PSU{n}", ill=lost and n == _BAD_SUPPLY) for n in range(2)],
            "fan": [_row(f"CTE0.FAN{n}") for n in range(4)],
            "alarm/currentalarm": [alarm] if lost else [],
        }


def _row(name: str, *, ill: bool = False) -> Row:
    states = (_FAULT, _OFFLINE) if ill else (_NORMAL, _RUNNING)
    return {"ID": name, "LOCATION": name, "HEALTHSTATUS": states[0], "RUNNINGSTATUS": states[1]}


def _told(document: dict[str, object]) -> Response:
    return Response.json({**document, "error": {"code": 0, "description": "0"}})


def _error(code: int, words: str) -> Response:
    return Response.json({"data": {}, "error": {"code": code, "description": words}})
