"""Unisphere of a Dell EMC Unity: the REST API's lists, for who knows the login and the header."""

import hmac

from jingwei.region.fault_names import FaultName
from jingwei.region.mibs.oceanstor import pool_used_percent
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

_DISKS, _BAD_DISK = 12, 3
_POOL_BYTES = 20 * 2**40
_OK, _DEGRADED = 5, 10
_PREFIX, _SUFFIX = "/api/types/", "/instances"
Row = dict[str, object]


class UnityFace:
    """Answers for one array."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._login = f"{user}:{password}"

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.headers.get("x-emc-rest-client") != "true":
            return Response.html("<h1>Unisphere</h1>", 302)
        known = request.basic_login()
        if known is None or not hmac.compare_digest(":".join(known).encode(), self._login.encode()):
            return Response.json({"error": {"httpStatusCode": 401}}, 401)
        kind = request.path.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        if request.path != f"{_PREFIX}{kind}{_SUFFIX}" or kind not in self._kinds():
            return Response.json({"error": {"httpStatusCode": 404}}, 404)
        if request.method not in {"GET", "HEAD"}:
            return Response.json({"error": {"httpStatusCode": 405}}, 405)
        rows = self._kinds()[kind]
        return Response.json({"entries": [{"content": row} for row in rows]})

    def _kinds(self) -> dict[str, list[Row]]:
        return {
            "storageProcessor": [self._controller("spa", "SP A"), self._controller("spb", "SP B")],
            "pool": [self._pool(0), self._pool(1)],
            "disk": [self._disk(number) for number in range(_DISKS)],
            "powerSupply": [_row(f"dpe_ps_{side}", f"DPE PS {side.upper()}") for side in "ab"],
            "fan": [_row(f"dpe_fan_{n}", f"DPE Cooling {n}") for n in range(4)],
            "battery": [_row(f"sp{side}_battery_0", f"SP {side.upper()} BBU") for side in "ab"],
            "alert": [],
        }

    def _controller(self, identity: str, name: str) -> Row:
        degraded = identity == "spb" and self._thing.has(FaultName.CONTROLLER_DEGRADED)
        return _row(identity, name, _DEGRADED if degraded else _OK)

    def _pool(self, number: int) -> Row:
        free = round(_POOL_BYTES * (1 - pool_used_percent(self._thing, number) / 100))
        pool = _row(f"pool_{number + 1}", f"Pool{number + 1}")
        return {**pool, "sizeTotal": _POOL_BYTES, "sizeFree": free}

    def _disk(self, number: int) -> Row:
        failing = number == _BAD_DISK and self._thing.has(FaultName.DISK_PRE_FAIL)
        return _row(f"dpe_disk_{number}", f"DPE Disk {number}", _DEGRADED if failing else _OK)


def _row(identity: str, name: str, health: int = _OK) -> Row:
    return {"id": identity, "name": name, "health": {"value": health}}
