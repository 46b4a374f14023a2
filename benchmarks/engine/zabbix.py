"""Zabbix 6.0 with PostgreSQL, both Debian's, with the workload as items and triggers.

The items go straight into its tables: what is measured is checking, not its API. Commits are not
waited for (`synchronous_commit = off`), as our SQLite does not wait either.
"""

import gzip
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from engine import targets

_BIN = Path("/usr/lib/postgresql/15/bin")
_SQL = Path("/usr/share/zabbix-server-pgsql")
_PORT, _LISTEN = 15_499, 19_051
_FIRST = 900_000  # ids above everything the shipped data uses
_SIMPLE, _HTTP, _SNMP = 3, 19, 20
_UNSIGNED, _TEXT = 3, 4


class Zabbix:
    """A server and a database of its own."""

    name = "zabbix"

    def __init__(self, folder: Path, per: dict[str, int], every: int = 1) -> None:
        self._folder = folder
        self._data = folder / "pg"
        self._user = pwd.getpwnam("postgres")
        for parent in (folder, *folder.parents):
            if parent == Path("/tmp"):
                break
            parent.chmod(0o755)
        self._data.mkdir()
        shutil.chown(self._data, "postgres")
        self._as([str(_BIN / "initdb"), "-D", str(self._data), "-U", "zabbix", "-A", "trust"])
        (self._data / "postgresql.conf").open("a").write(
            f"port = {_PORT}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
            "synchronous_commit = off\nmax_connections = 200\nshared_buffers = 256MB\n"
        )
        self._server: subprocess.Popen[bytes] | None = None
        self._database = self._start_database()
        self._run("createdb", "-E", "UTF8", "-T", "template0", "zabbix")
        for name in ("schema", "images", "data"):
            text = gzip.decompress((_SQL / f"{name}.sql.gz").read_bytes())
            self._sql(text)
        self._sql(b"UPDATE hosts SET status = 1 WHERE status = 0;")
        self._sql("\n".join(_workload(per, every)).encode())
        (folder / "zabbix.conf").write_text(
            f"DBHost=127.0.0.1\nDBPort={_PORT}\nDBName=zabbix\nDBUser=zabbix\n"
            f"ListenPort={_LISTEN}\nListenIP=127.0.0.1\nLogFile={folder}/zabbix.log\nAllowRoot=1\n"
            f"PidFile={folder}/zabbix.pid\nSocketDir={folder}\nStartPollers=60\n"
            "StartPollersUnreachable=20\nStartTrappers=1\nStartPingers=1\nStartDiscoverers=0\n"
            "StartHTTPPollers=0\nCacheSize=128M\nHistoryCacheSize=128M\nHistoryIndexCacheSize=64M\n"
            "ValueCacheSize=128M\nTrendCacheSize=64M\nTimeout=3\nHousekeepingFrequency=0\n"
        )

    @staticmethod
    def lacking() -> str:
        """What is not installed, or why it cannot run."""
        if os.geteuid() != 0:
            return "its database needs root to become another user"
        wanted = (Path("/usr/sbin/zabbix_server"), _BIN / "initdb", _SQL / "schema.sql.gz")
        absent = [str(path) for path in wanted if not path.exists()]
        return f"{'、'.join(absent)} not installed" if absent else ""

    def start(self) -> None:
        """Begin to check."""
        if self._database is None:
            self._database = self._start_database()
        self._server = subprocess.Popen(
            ["/usr/sbin/zabbix_server", "-f", "-c", str(self._folder / "zabbix.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def pids(self) -> list[int]:
        """The server with its pollers, and the database with its backends."""
        roots = [self._server, self._database]
        return [process.pid for process in roots if process is not None]

    def stored(self, since: float, until: float) -> dict[str, int]:
        """Values in the history tables, by the kind of their item."""
        found = dict.fromkeys(("http", "tcp", "snmp"), 0)
        for table in ("history_uint", "history_text"):
            rows = self._ask(
                f"SELECT i.type, count(*) FROM {table} h JOIN items i ON i.itemid = h.itemid"
                f" WHERE h.clock >= {int(since)} AND h.clock < {int(until)} GROUP BY i.type"
            )
            for row in rows.splitlines():
                kind, number = row.split("|")
                name = {_HTTP: "http", _SIMPLE: "tcp", _SNMP: "snmp"}.get(int(kind))
                if name:
                    found[name] += int(number)
        return found

    def stop(self) -> None:
        """End the server, then the database."""
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(60)
            except subprocess.TimeoutExpired:
                self._server.kill()
            self._server = None
        if self._database is not None:
            self._database.send_signal(signal.SIGINT)
            self._database.wait(60)
            self._database = None

    def _start_database(self) -> "subprocess.Popen[bytes]":
        started = subprocess.Popen(
            [str(_BIN / "postgres"), "-D", str(self._data)], user=self._user.pw_uid,
            group=self._user.pw_gid, extra_groups=[], cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(100):
            ready = [str(_BIN / "pg_isready"), "-h", "127.0.0.1", "-p", str(_PORT), "-q"]
            if subprocess.run(ready, check=False).returncode == 0:
                return started
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start")

    def _as(self, command: list[str]) -> None:
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, user=self._user.pw_uid,
            group=self._user.pw_gid, extra_groups=[], cwd="/",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        where = ["-h", "127.0.0.1", "-p", str(_PORT), "-U", "zabbix"]
        subprocess.run([str(_BIN / program), *where, *arguments], check=True)

    def _psql(self) -> list[str]:
        return [
            str(_BIN / "psql"), "-h", "127.0.0.1", "-p", str(_PORT), "-U", "zabbix", "-q", "-A",
            "-t", "-v", "ON_ERROR_STOP=1", "zabbix",
        ]  # fmt: skip

    def _sql(self, text: bytes) -> None:
        subprocess.run([*self._psql(), "-1"], input=text, check=True, stdout=subprocess.DEVNULL)

    def _ask(self, statement: str) -> str:
        done = subprocess.run(
            [*self._psql(), "-c", statement], check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout


def _workload(per: dict[str, int], every: int) -> list[str]:
    """INSERTs: a host for each address and repetition, an item and a trigger for each check."""
    said, number = [], _FIRST
    for address in targets.ADDRESSES:
        for again in range(max(per.values())):
            number += 100
            host = number
            said.append(
                f"INSERT INTO hosts (hostid, host, name, status) VALUES ({host}, 'h{host}', "
                f"'h{host}', 0);"
                "INSERT INTO interface (interfaceid, hostid, main, type, ip, port) VALUES "
                f"({host}, {host}, 1, 1, '{address}', '10050'), "
                f"({host + 1}, {host}, 1, 2, '{address}', '{targets.SNMP}');"
                "INSERT INTO interface_snmp (interfaceid, version, bulk, community) VALUES "
                f"({host + 1}, 2, 1, '{targets.COMMUNITY}');"
            )
            if again < per.get("http", 0):
                said.append(_item(host + 10, host, every, _HTTP, "w.http", _TEXT, host,
                                  url=f"http://{address}:{targets.HTTP}/"))  # fmt: skip
            if again < per.get("tcp", 0):
                key = f"net.tcp.service[tcp,{address},{targets.TCP}]"
                said.append(_item(host + 11, host, every, _SIMPLE, key, _UNSIGNED, host))
            if again < per.get("snmp", 0):
                said += [
                    _item(host + 20 + place, host, every, _SNMP, f"w.snmp.{place}", _UNSIGNED,
                          host + 1, oid=oid)
                    for place, oid in enumerate(targets.OIDS)
                ]  # fmt: skip
    return said


def _item(
    item: int, host: int, every: int, kind: int, key: str, value: int, interface: int,
    *, url: str = "", oid: str = "",
) -> str:  # fmt: skip
    name, parameter, test = {
        _HTTP: ("find", '$,,"like","ok"', "=0"),
        _SIMPLE: ("last", "$", "=0"),
        _SNMP: ("last", "$", ">4000000000"),
    }[kind]
    return (
        "INSERT INTO items (itemid, type, hostid, name, key_, delay, value_type, interfaceid, url,"
        f" snmp_oid, trends) VALUES ({item}, {kind}, {host}, '{key}', '{key}', '{every}s', {value},"
        f" {interface}, '{url}', '{oid}', '0');"
        f"INSERT INTO item_rtdata (itemid) VALUES ({item});"
        "INSERT INTO triggers (triggerid, expression, description) VALUES "
        f"({item}, '{{{item}}}{test}', 't{item}');"
        "INSERT INTO functions (functionid, itemid, triggerid, name, parameter) VALUES "
        f"({item}, {item}, {item}, '{name}', '{parameter}');"
    )
