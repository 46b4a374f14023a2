"""A miniature region of a drill's own: its folder, its process, its end."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from jingwei.region import control
from jingwei.run import district
from jingwei.run.supervisor import Child
from jingwei.terms import Peer

STARTING = timedelta(seconds=150)  # the lease while the region starts: that may take two minutes
_PEERS = "peers.json"


def folder(number: str) -> Path:
    """Where the region of this drill keeps its files while it runs."""
    return Path(settings.JINGWEI_DATA) / "drills" / number


@contextmanager
def region(
    number: str, peers: Sequence[Peer], stopped: Callable[[], bool] = lambda: False
) -> Iterator[Path]:
    """A region with just these peers, in a child process; its folder. Gone when the block ends.

    It has a loopback network and ports of its own, so the demonstration's is not touched. If we
    die the child ends itself. Raises RegionError when it cannot start.
    """
    where = folder(number)
    where.mkdir(parents=True, exist_ok=True)
    (where / _PEERS).write_text(
        json.dumps([asdict(peer) for peer in peers], ensure_ascii=False), encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "jingwei.run", "drill", "serve", str(where), "--with-parent"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the runner, which stops us in order
    )
    try:
        district.ready(process, stopped, where=where)
        yield where
    finally:
        Child("drill region", lambda: process, process=process).stop()
        shutil.rmtree(where, ignore_errors=True)


def sweep(number: str) -> None:
    """Remove what a killed run left, unless its region is still on its way out."""
    if not control.running(folder(number)):
        shutil.rmtree(folder(number), ignore_errors=True)


def read_peers(where: Path) -> list[Peer]:
    """Whom the region in this folder plays."""
    rows = json.loads((where / _PEERS).read_text(encoding="utf-8"))
    return [Peer(**{**row, "protocols": tuple(row["protocols"])}) for row in rows]
