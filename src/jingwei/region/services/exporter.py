"""An application server's exporter: JVM heap and request threads as Micrometer writes them."""

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

_HEAP = 4_294_967_296
_THREADS = 200


class Exporter:
    """The metrics of one application."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.path != "/actuator/prometheus" or request.method not in {"GET", "HEAD"}:
            return Response.html("<h1>404</h1>", 404)
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(200, self.exposition().encode(), kind)

    def exposition(self) -> str:
        """The metrics now; a full heap stays full after every collection."""
        full = self._thing.has(FaultName.HEAP_FULL)
        heap = self._thing.wave("heap", 0.96, 0.98) if full else self._thing.wave("heap", 0.4, 0.6)
        live = max(heap - 0.02, 0)
        rows = (
            ("jvm_memory_used_bytes", 'area="heap",id="Tenured Gen"', heap * _HEAP),
            ("jvm_memory_used_bytes", 'area="nonheap",id="Metaspace"', 90_000_000),
            ("jvm_gc_live_data_size_bytes", "", live * _HEAP),
            ("jvm_gc_max_data_size_bytes", "", _HEAP),
            ("tomcat_threads_busy_threads", 'name="http-nio-8080"', self._busy()),
            ("tomcat_threads_config_max_threads", 'name="http-nio-8080"', _THREADS),
        )
        lines = []
        for name, labels, value in rows:
            lines.append(f"# TYPE {name} gauge")
            lines.append(f"{name}{{{labels}}} {value!r}" if labels else f"{name} {value!r}")
        return "\n".join(lines) + "\n"

    def _busy(self) -> int:
        return round(self._thing.wave("busy", 10, 60))
