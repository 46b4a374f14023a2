"""`jingwei up`: the pages in this process, worker and region as children that are kept alive."""

import contextlib
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import waitress
from django.conf import settings

from jingwei.checks import actions as checks
from jingwei.checks.models import RoutineRun
from jingwei.region import RegionError
from jingwei.run import clock, district, setup
from jingwei.run.setup import Prepared

logger = logging.getLogger("jingwei.up")

_LONG_ENOUGH = 60.0  # seconds alive after which a death is a new one
_MOST_PAUSE = 60.0
_PATIENCE = 20.0  # seconds for a child to end after SIGTERM


class PortTakenError(Exception):
    """Something else listens where the pages should. The message says what to do."""


@dataclass
class Child:
    """A process that is started again when it dies, ever more slowly while it keeps dying."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    started: float = 0.0
    again_at: float = 0.0

    def watch(self, now: float) -> bool:
        """Start it when it should run; True when it was started just now. `now` is monotonic."""
        if self.process is not None:
            if self.process.poll() is None:
                return False
            self._died(now)
        if now < self.again_at:
            return False
        self.process, self.started = self.start(), now
        logger.info("%s started, process %d", self.name, self.process.pid)
        return True

    def _died(self, now: float) -> None:
        code = self.process.returncode if self.process else None
        self.deaths = 1 if now - self.started > _LONG_ENOUGH else self.deaths + 1
        pause = min(_MOST_PAUSE, 2.0 ** (self.deaths - 1))
        self.process, self.again_at = None, now + pause
        logger.error("%s ended with code %s, again in %.0f s", self.name, code, pause)

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            logger.error("%s did not stop in %.0f s, killed", self.name, _PATIENCE)
            process.kill()
            process.wait()


def spawn_worker() -> "subprocess.Popen[bytes]":
    """A worker that ends when we do."""
    command = [sys.executable, "-m", "jingwei.run", "work", "--with-parent"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


@dataclass
class Supervisor:
    """Everything `up` keeps running beside the pages."""

    region: Child | None
    worker: Child | None
    say: Callable[[str], None] = lambda _: None
    every: float = 0.5
    stopping: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Keep the children alive until `stop`. The worker starts when the region is registered."""
        while not self.stopping.is_set():
            if self.region is not None and self.region.watch(time.monotonic()):
                self._welcome(self.region)
            if self.worker is not None and not self.stopping.is_set():
                self.worker.watch(time.monotonic())
            self.stopping.wait(self.every)

    def _welcome(self, region: Child) -> None:
        """A region that (re)started has new secrets: register it, then look at it."""
        if region.process is None:
            return
        try:
            district.ready(region.process, self.stopping.is_set)
            district.register()
            first_run()
            self.say("演示区域已就绪")
        except RegionError as error:
            if not self.stopping.is_set():
                logger.error("%s", error)
                self.say(f"演示区域：{error}")
        except Exception:
            logger.exception("the region cannot be registered")

    def stop(self) -> None:
        """End the children: first who asks, then who is asked."""
        self.stopping.set()
        for child in (self.worker, self.region):
            if child is not None:
                child.stop()


def first_run() -> None:
    """Ask for the first daily check of this installation, at once."""
    if not RoutineRun.objects.filter(routine="daily").exists():
        checks.request_routine("daily", clock.today(), "系统", clock.now())


def bind(host: str, port: int) -> Any:
    """The server of the pages, listening already. Raises PortTakenError."""
    listening = _listen(host, port)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # whitenoise wants it there
    from jingwei.run.wsgi import application  # noqa: PLC0415 - loads every page

    return waitress.create_server(
        application,
        sockets=[listening],
        threads=16,
        ident="jingwei",
        channel_timeout=120,
        connection_limit=500,
        max_request_body_size=25 * 1024 * 1024,
        clear_untrusted_proxy_headers=True,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"端口 {port} 已被占用：静卫可能已在运行，或用 --port 换一个端口"
        elif error.errno == errno.EACCES:
            message = f"没有权限使用端口 {port}：请用 1024 以上的端口"
        else:
            message = f"不能在 {host}:{port} 上监听：{error.strerror or error}"
        raise PortTakenError(message) from error


def up(
    host: str, port: int, *, region: bool | None, worker: bool, say: Callable[[str], None],
    greet: Callable[[Prepared, bool], None],
) -> None:  # fmt: skip
    """Prepare, start everything, serve until SIGTERM or SIGINT. Raises PortTakenError first."""
    server = bind(host, port)
    try:
        prepared = setup.prepare(say)
        with_region = district.wanted(region)
        if not with_region:
            district.leave()
            first_run()
        supervisor = Supervisor(
            region=Child("region", district.spawn) if with_region else None,
            worker=Child("worker", spawn_worker) if worker else None,
            say=say,
        )
        greet(prepared, with_region)
        _serve(server, supervisor)
    finally:
        server.close()


def _serve(server: Any, supervisor: Supervisor) -> None:
    watcher = threading.Thread(target=supervisor.watch, name="supervisor", daemon=True)
    watcher.start()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        with contextlib.suppress(SystemExit):
            server.run()  # returns on SystemExit, having let open answers end
    finally:
        supervisor.stopping.set()
        watcher.join(_PATIENCE)
        supervisor.stop()
        logger.info("stopped")


def _leave(number: int, frame: FrameType | None) -> None:
    del frame
    signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C does not cut the stopping short
    raise SystemExit(0)


def end_with_parent() -> None:
    """Let this child get SIGTERM when its parent is gone, even by SIGKILL."""
    parent = os.getppid()
    threading.Thread(
        target=district.follow_parent,
        args=(parent, lambda: os.kill(os.getpid(), signal.SIGTERM)),
        name="parent",
        daemon=True,
    ).start()
