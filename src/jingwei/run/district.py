"""The miniature region as this installation's guest: its process, and its place in the register."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from jingwei.assets import actions as assets
from jingwei.assets.models import Endpoint, Target
from jingwei.assets.queries import needs_of_all
from jingwei.checks import actions as checks
from jingwei.checks.queries import facts_of
from jingwei.region import RegionError, control
from jingwei.run import clock, routine
from jingwei.terms import SHANGHAI, Need, Peer

BY = "演示区域"
PATIENCE = 120.0  # seconds a region may take to start, its embedded database included


def folder() -> Path:
    """Where the region keeps its files."""
    return Path(settings.JINGWEI_DATA) / "region"


def peers() -> list[Peer]:
    """Every registered thing in service, as the region sees it."""
    today = clock.now().astimezone(SHANGHAI).date()
    found = Target.objects.select_related("unit__row", "database").exclude(kind="site")
    made = []
    for target in found.order_by("order", "key"):
        if target.valid_to is not None and target.valid_to <= today:
            continue
        facts = facts_of(target)
        made.append(Peer(target.key, target.kind, target.label, facts.vendor, facts.model))
    return made


def needs() -> list[Need]:
    """Who can't work without whom, by the register: what gives a fault its consequences."""
    keys = dict(Target.objects.values_list("pk", "key"))
    return [Need(keys[dependent], keys[giver], kind) for dependent, giver, kind in needs_of_all()]


def spawn(*, detached: bool = False) -> "subprocess.Popen[bytes]":
    """Start the region in a process of its own; `ready` says when it answers.

    Detached, it outlives us and writes to logs/region.log; else it ends when we do.
    """
    command = [sys.executable, "-m", "jingwei.run", "region", "serve"]
    if not detached:
        return subprocess.Popen([*command, "--with-parent"], stdin=subprocess.DEVNULL)
    log = Path(settings.JINGWEI_DATA) / "logs" / "region.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )


def ready(
    process: "subprocess.Popen[bytes]",
    stopped: Callable[[], bool] = lambda: False,
    patience: float = PATIENCE,
    where: Path | None = None,
) -> None:
    """Wait until the spawned region answers. Raises RegionError when it ended or takes too long.

    `where` is its folder when it is not the demonstration's.
    """
    ends = time.monotonic() + patience
    while not stopped():
        if process.poll() is not None:
            raise RegionError(f"演示区域未能启动（退出码 {process.returncode}），见日志")
        try:
            if control.status(where or folder())["pid"] == process.pid:
                return
        except RegionError:
            pass  # not yet
        if time.monotonic() > ends:
            raise RegionError(f"演示区域 {patience:.0f} 秒内没有就绪")
        time.sleep(0.1)
    raise RegionError("已停止等待演示区域")


def register() -> dict[str, int]:
    """Enter the running region's endpoints as 演示 and make their checks. Raises RegionError.

    Endpoints of an earlier region that this one no longer plays are taken out.
    """
    found = control.endpoints(folder())
    now = clock.now()
    tally = assets.set_endpoints(found, demo=True, actor=BY, now=now)
    played = {(endpoint.key, endpoint.protocol) for endpoint in found}
    for endpoint in Endpoint.objects.filter(demo=True).select_related("target"):
        if (endpoint.target.key, endpoint.protocol) not in played:
            assets.remove_endpoint(
                endpoint.target.key, endpoint.protocol, actor=BY, now=now, reason="演示区域不再提供"
            )
    checks.sync_checks(routine.load_devices(), clock.now())
    return tally


def leave() -> int:
    """Take the region out of the register; its checks become 未登记. How many endpoints went."""
    removed = assets.remove_demo_endpoints(actor=BY, now=clock.now())
    checks.sync_checks(routine.load_devices(), clock.now())
    return removed


# -- whether this installation wants a region


def wanted(choice: bool | None) -> bool:
    """Should `up` start the region? A choice on the command line counts and is remembered.

    Without one: yes, unless it was refused before or real endpoints are registered.
    """
    refused = folder() / "refused"
    if choice is not None:
        folder().mkdir(parents=True, exist_ok=True)
        if choice:
            refused.unlink(missing_ok=True)
        else:
            refused.touch()
        return choice
    if refused.exists():
        return False
    real = Endpoint.objects.filter(demo=False).exists()
    return not real or Endpoint.objects.filter(demo=True).exists()


def follow_parent(pid: int, end: Callable[[], None], every: float = 1.0) -> None:
    """Call `end` when the process that started us is gone, however it went. Blocks."""
    while os.getppid() == pid:
        time.sleep(every)
    end()
