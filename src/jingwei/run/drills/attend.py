"""What a worker owes to drills: run the one that was started, and end those whose runner died."""

import logging
import subprocess
import sys
from datetime import datetime, timedelta

from jingwei.emergency.actions import drill_runs
from jingwei.emergency.models import Drill
from jingwei.run.drills import stage
from jingwei.run.supervisor import Child

logger = logging.getLogger("jingwei.drill")
_EVERY = timedelta(seconds=10)  # between two looks for runners that died


class Attendant:
    """One worker's share: at most one drill at a time, in a child process."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._drill: Drill | None = None
        self._looked: datetime | None = None

    def look(self, now: datetime) -> None:
        """Start the drill that waits; cheap, so a worker may ask every second."""
        if self._child is not None and self._child.poll() is not None:
            self._ended(now)
        if self._looked is None or now - self._looked >= _EVERY:
            self._looked = now
            abandon(now)
        if self._child is not None:
            return
        waiting = drill_runs.claim_drill(now, now + stage.STARTING)
        if waiting is not None:
            self._drill, self._child = waiting, spawn(waiting.number)
            logger.info("drill %s runs as process %d", waiting.number, self._child.pid)

    def close(self) -> None:
        """Stop what runs: it aborts its drill and takes its region down."""
        child, self._child = self._child, None
        if child is not None:
            Child("drill", lambda: child, process=child).stop()

    def _ended(self, now: datetime) -> None:
        """A runner that went without ending its drill was killed, or could not start."""
        drill, self._child, self._drill = self._drill, None, None
        if drill is not None and drill_runs.abort(drill, drill_runs.DEAD, now):
            logger.error("drill %s aborted: its runner died", drill.number)
            stage.sweep(drill.number)


def abandon(now: datetime) -> list[Drill]:
    """Abort the drills whose runner died, and take away what their regions left."""
    dead = drill_runs.abandon(now)
    for drill in dead:
        logger.error("drill %s aborted: its runner died", drill.number)
        stage.sweep(drill.number)
    return dead


def spawn(number: str) -> "subprocess.Popen[bytes]":
    """A runner for a drill that was claimed for it; it ends when we do."""
    command = [sys.executable, "-m", "jingwei.run", "drill", "run", number, "--claimed"]
    return subprocess.Popen(
        [*command, "--with-parent"], stdin=subprocess.DEVNULL, start_new_session=True
    )
