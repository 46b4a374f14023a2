"""Our side: a worker on a database of its own, with the workload as checks."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from engine import targets

_PREPARE = """
import os, sys, json
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
import django
django.setup()
from datetime import timedelta
from jingwei.assets import actions as assets
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.models import Check, CheckState, RoutineRun
from jingwei.run import clock, setup
from jingwei.terms import Endpoint as Place
asked = json.loads(sys.argv[1])
setup.migrate()
now = clock.now()
Target.objects.bulk_create(
    Target(key=f"T-{n:03}", kind="test", label=f"T-{n:03}", order=n)
    for n in range(len(asked["addresses"])))
places = []
for n, address in enumerate(asked["addresses"]):
    for protocol, port, secrets in (
        ("http", asked["http"], {}), ("tcp", asked["tcp"], {}),
        ("snmp", asked["snmp"], {"community": asked["community"]})):
        places.append(Place(key=f"T-{n:03}", protocol=protocol, address=address, port=port,
                            settings={}, secrets=secrets))
assets.set_endpoints(places, demo=False, actor="benchmark", now=now)
held = {(e.target.key, e.protocol): e for e in Endpoint.objects.select_related("target")}
HTTP = [{"reading": "http.status", "label": "status", "crit": "!= 200"}]
TCP = [{"reading": "connect.time", "unit": "ms", "label": "connect", "crit": "> 3000"}]
SNMP = [{"reading": "if.octets", "label": "octets {instance}", "crit": "> 4000000000"}]
get = [{"reading": "if.octets", "oid": oid, "instance": str(place)}
       for place, oid in enumerate(asked["oids"], 1)]
checks = []
for key, per in asked["per"].items():
    for n in range(len(asked["addresses"])):
        for again in range(per):
            place = held[f"T-{n:03}", key]
            checks.append(Check(
                key=f"T-{n:03}:{key}.{again}", target=place.target, endpoint=place, item="x",
                label=key, probe=key, every=asked["every"], timeout=3, retries=0, strikes=3,
                options={"get": get} if key == "snmp" else {},
                rules={"http": HTTP, "tcp": TCP, "snmp": SNMP}[key]))
Check.objects.bulk_create(checks, batch_size=2000)
CheckState.objects.bulk_create(
    [CheckState(check_ref=check, due=now) for check in Check.objects.all()], batch_size=2000)
RoutineRun.objects.create(routine="daily", date=clock.today(), started_at=now, finished_at=now)
"""
_WORK = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
import django
django.setup()
from jingwei.run import duties, logs, paths
duties.align_checks = lambda now: None  # the workload is not the register's
from jingwei.run import worker
logs.configure(paths.data_folder())
worker.work()
"""
_KINDS = {"http": "http.status", "tcp": "connect.time", "snmp": "if.octets"}


class Jingwei:
    """A worker; `per` says how many checks of each protocol an address has."""

    name = "jingwei"

    def __init__(self, folder: Path, per: dict[str, int], every: int = 1) -> None:
        self._folder = folder
        self._environment = {**os.environ, "JINGWEI_DATA": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None
        asked = {
            "addresses": targets.ADDRESSES, "http": targets.HTTP, "tcp": targets.TCP,
            "snmp": targets.SNMP, "community": targets.COMMUNITY, "oids": targets.OIDS,
            "per": per, "every": every,
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", _PREPARE, json.dumps(asked)], env=self._environment, check=True
        )

    def start(self) -> None:
        """Begin to check."""
        self._process = subprocess.Popen([sys.executable, "-c", _WORK], env=self._environment)

    def pids(self) -> list[int]:
        """The roots of everything that counts as ours."""
        return [self._process.pid] if self._process else []

    def stored(self, since: float, until: float) -> dict[str, int]:
        """Results in the database of these seconds, by protocol; SNMP by values."""
        statement = (
            "SELECT s.name, count(*) FROM checks_observation o JOIN checks_series s"
            " ON s.id = o.series_id WHERE o.epoch >= ? AND o.epoch < ? GROUP BY s.name"
        )
        with sqlite3.connect(self._folder / "jingwei.sqlite3", timeout=60) as database:
            found = dict(database.execute(statement, (int(since), int(until))))
        return {kind: found.get(name, 0) for kind, name in _KINDS.items()}

    def kill(self) -> None:
        """End it as a power cut would, and begin again."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.start()

    def verdicts(self, skip: int) -> tuple[int, int]:
        """HTTP verdicts stored of the addresses after the first `skip`: answered, given up."""
        statement = (
            "SELECT count(o.value), count(*) - count(o.value) FROM checks_observation o JOIN"
            " checks_series s ON s.id = o.series_id JOIN checks_check c ON c.id = s.check_ref_id"
            " JOIN assets_target t ON t.id = c.target_id"
            " WHERE s.name = 'check.took' AND c.probe = 'http' AND t.key >= ?"
        )
        with sqlite3.connect(self._folder / "jingwei.sqlite3", timeout=60) as database:
            answered, silent = database.execute(statement, (f"T-{skip:03}",)).fetchone()
            return int(answered), int(silent)

    def latest(self, since: float, until: float, skip: int, every: int) -> float:
        """By how many seconds the latest answer of a healthy HTTP or TCP check came after its turn.

        The first `skip` addresses are dead or slow and not looked at.
        """
        statement = (
            "SELECT max(gap) FROM (SELECT o.epoch - lag(o.epoch) OVER (PARTITION BY s.id ORDER BY"
            " o.epoch) AS gap FROM checks_observation o JOIN checks_series s ON s.id = o.series_id"
            " JOIN checks_check c ON c.id = s.check_ref_id JOIN assets_target t ON"
            " t.id = c.target_id WHERE s.name IN ('http.status', 'connect.time') AND t.key >= ?"
            " AND o.epoch >= ? AND o.epoch < ?)"
        )
        with sqlite3.connect(self._folder / "jingwei.sqlite3", timeout=60) as database:
            row = database.execute(statement, (f"T-{skip:03}", int(since), int(until)))
            return float((row.fetchone()[0] or float("nan")) - every)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._process = None
            time.sleep(0.5)
