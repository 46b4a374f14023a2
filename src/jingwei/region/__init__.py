"""The miniature region: real protocol peers on loopback, with faults to inject.

One Python process (and one embedded PostgreSQL) plays a small faithful district: an SNMP agent
for every registered device that speaks it, Redfish, Modbus, DICOM, MLLP, HTTP faces and the
district's databases. It imports `jingwei.terms` only; `run` starts it.
"""

from collections.abc import Sequence
from pathlib import Path

from jingwei.region.errors import RegionError
from jingwei.terms import Need, Peer

__all__ = ["RegionError", "serve"]


def serve(
    folder: Path, peers: Sequence[Peer], *, seed: int = 0, needs: Sequence[Need] = ()
) -> None:
    """Run the region in `folder` until SIGTERM or SIGINT, then clean everything up.

    With `needs`, who can't work without whom, a fault has its consequences for others.
    Blocks; call it in the main thread of its own process. Raises `RegionError` when a region
    already runs in `folder` or a part of it cannot start.
    """
    from jingwei.region.serving import run  # noqa: PLC0415 - the parts are heavy; the words are not

    run(folder, peers, seed=seed, needs=needs)
