"""Real servers from Debian's packages as peers: started on loopback, skipped where missing."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from probe_peers import HOME

ROOT = os.getuid() == 0
AS_NOBODY: dict[str, Any] = (
    {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}
)


def needs(command: str, package: str) -> str:
    """The path of a command; the test is skipped, with the package's name, where it is missing."""
    # /lib/nut first: the upsd in /usr/sbin is a script that starts nothing on a workstation.
    found = shutil.which(command, path=f"/lib/nut:{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"needs {command} (Debian package {package})")
    return found


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as question:
        question.settimeout(0.3)
        return question.connect_ex((HOME, port)) == 0


def patiently(done: Callable[[], bool], process: "subprocess.Popen[bytes]", most: float) -> None:
    """Wait until it is so; fails when the server ended or takes too long."""
    until = time.monotonic() + most
    while not done():
        assert process.poll() is None, f"server ended: {process.returncode}"
        assert time.monotonic() < until, "server does not start"
        time.sleep(0.05)


@contextmanager
def running(
    command: Sequence[str | Path],
    ready: Callable[[], bool],
    *,
    most: float = 15,
    environment: dict[str, str] | None = None,
    nobody: bool = False,
    folder: Path | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A server in the foreground, ended with its context."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        cwd=folder,
        **(AS_NOBODY if nobody else {}),
    )
    try:
        patiently(ready, process, most)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
