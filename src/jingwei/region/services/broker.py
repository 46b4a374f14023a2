"""A message broker: RabbitMQ's management API, read only (/api/overview, nodes, queues)."""

import hmac
from urllib.parse import quote

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

_NODE = "rabbit@hl7"
_FREE, _LITTLE = 60_000_000_000, 40_000_000
_OLD = 1500  # seconds the first message of a growing queue has waited when the fault begins


class Broker:
    """The broker of one thing: two queues, the second for what could not be delivered."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._login = (user, password)

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        known = request.basic_login()
        if known is None or not hmac.compare_digest(
            ":".join(known).encode(), ":".join(self._login).encode()
        ):
            return Response.json({"error": "not_authorised", "reason": "Login failed"}, 401)
        vhost = quote("/", safe="")
        pages = {
            "/api/overview": self._overview,
            "/api/nodes": self._nodes,
            f"/api/queues/{vhost}": self.queues,
        }
        page = pages.get(request.path)
        if page is None:
            return Response.json({"error": "Object Not Found", "reason": "Not Found"}, 404)
        return Response.json(page())

    def _overview(self) -> dict[str, object]:
        return {"rabbitmq_version": "3.12.14", "cluster_name": _NODE, "node": _NODE}

    def _nodes(self) -> list[dict[str, object]]:
        full = self._thing.has(FaultName.QUEUE_DISK_ALARM)
        return [
            {
                "name": _NODE,
                "running": True,
                "mem_used": round(self._thing.wave("mq-memory", 1.2e8, 1.6e8)),
                "mem_alarm": False,
                "disk_free": _LITTLE if full else _FREE,
                "disk_free_alarm": full,
                "partitions": [],
            }
        ]

    def queues(self) -> list[dict[str, object]]:
        """Both queues; a growing one has lost its consumers."""
        thing = self._thing
        growing = thing.has(FaultName.QUEUE_GROWING)
        since = thing.seconds_of(FaultName.QUEUE_GROWING)
        depth = 5200 + round(since * 4) if growing else round(thing.wave("depth", 0, 30))
        waited = _OLD + since if growing else thing.wave("waited", 0, 3)
        return [
            _queue("hl7.in", depth, 0 if growing else 2, thing.clock() - waited),
            _queue("hl7.dead", 0, 1, None),
        ]


def _queue(name: str, depth: int, consumers: int, first: float | None) -> dict[str, object]:
    return {
        "name": name,
        "messages": depth,
        "messages_ready": depth,
        "messages_unacknowledged": 0,
        "consumers": consumers,
        "state": "running",
        "head_message_timestamp": round(first) if depth and first is not None else None,
    }
