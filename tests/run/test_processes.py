"""Workers as processes: each check once, nothing lost by SIGKILL, a clean end on SIGTERM."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "jingwei"
PREPARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
import django
django.setup()
from datetime import timedelta
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.models import Check, CheckState, RoutineRun
from jingwei.run import clock, setup
setup.migrate()
port, count = int(sys.argv[1]), int(sys.argv[2])
now = clock.now()
rule = {"reading": "connect.time", "unit": "ms", "label": "连接", "crit": "> 60000"}
for number in range(count):
    key = f"T-{number:03}"
    target = Target.objects.create(key=key, kind="test", label=key, order=number)
    endpoint = Endpoint.objects.create(
        target=target, protocol="tcp", address="127.0.0.1", port=port)
    check = Check.objects.create(key=f"{key}:tcp", target=target, endpoint=endpoint, item="x",
        label="x", probe="tcp", rules=[rule], every=86400, timeout=3, strikes=1)
    CheckState.objects.create(check_ref=check, due=now - timedelta(seconds=1))
# Today's sheet exists already: these tests are about checks.
RoutineRun.objects.create(routine="daily", date=clock.today(), started_at=now, finished_at=now)
"""
# The register's checks are what content says; these tests bring their own.
WORK = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
import django
django.setup()
from jingwei.run import duties, logs, paths
duties.align_checks = lambda now: None
from jingwei.run import worker
logs.configure(paths.data_folder())
worker.work()
"""


def ask(data: Path, statement: str) -> list[str]:
    """What a SELECT says, by the sqlite3 of this Python: no worker is involved."""
    with sqlite3.connect(data / "jingwei.sqlite3", timeout=10) as database:
        return [row[0] for row in database.execute(statement)]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "the condition did not come"
        time.sleep(0.05)


class House:
    """A data folder with due checks, and workers in it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.environment = {**os.environ, "JINGWEI_DATA": str(data)}
        self.environment.pop("JINGWEI_DATABASE_URL", None)
        self.workers: list[subprocess.Popen[bytes]] = []

    def prepare(self, count: int) -> None:
        command = [sys.executable, "-c", PREPARE, str(self.port), str(count)]
        subprocess.run(command, env=self.environment, check=True, timeout=60)

    def work(self) -> "subprocess.Popen[bytes]":
        worker = subprocess.Popen([sys.executable, "-c", WORK], env=self.environment)
        self.workers.append(worker)
        return worker

    def working(self) -> int:
        """How many workers have begun; before that a signal just ends the process."""
        log = self.data / "logs" / "jingwei.log"
        return log.read_text().count(" works") if log.exists() else 0

    def stored(self) -> int:
        return len(ask(self.data, "SELECT 1 FROM checks_checkstate WHERE last_at IS NOT NULL"))

    def leased(self) -> list[str]:
        return ask(self.data, "SELECT leased_by FROM checks_checkstate WHERE leased_by != ''")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Accepts connections by the kernel alone: a long backlog, nobody at home."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, listener: socket.socket) -> Iterator[House]:
    made = House(tmp_path, listener.getsockname()[1])
    yield made
    for worker in made.workers:
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def test_two_workers_run_every_check_exactly_once(house: House) -> None:
    house.prepare(400)
    workers = [house.work(), house.work()]
    until(lambda: house.stored() == 400 and house.working() == 2)
    for worker in workers:
        worker.terminate()
    assert [worker.wait(20) for worker in workers] == [0, 0]
    asked = ask(house.data, "SELECT count(*) FROM checks_observation GROUP BY series_id")
    assert len(asked) == 800  # connect.time and check.took of each
    assert set(asked) == {1}
    assert house.leased() == []


def test_a_killed_worker_loses_nothing(house: House) -> None:
    """What it held falls due again when its lease runs out; here time is helped along."""
    house.prepare(40)
    held = socket.create_server(("127.0.0.1", 0), backlog=1)
    with held:
        # A port that neither accepts nor refuses: its queue is full. So the checks stay open.
        fill = [socket.socket() for _ in range(4)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(held.getsockname())
        with sqlite3.connect(house.data / "jingwei.sqlite3") as database:
            database.execute("UPDATE assets_endpoint SET port = ?", (held.getsockname()[1],))
            database.execute("UPDATE checks_check SET timeout = 120")
        victim = house.work()
        until(lambda: len(house.leased()) == 40)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        for one in fill:
            one.close()
    assert house.stored() == 0
    assert len(house.leased()) == 40
    with sqlite3.connect(house.data / "jingwei.sqlite3") as database:
        database.execute("UPDATE assets_endpoint SET port = ?", (house.port,))
        database.execute("UPDATE checks_checkstate SET leased_until = '2020-01-01 00:00:00'")
    house.work()
    until(lambda: house.stored() == 40)
    assert ask(house.data, "SELECT result FROM checks_checkstate") == ["normal"] * 40


def test_sigterm_ends_a_worker_cleanly_and_gives_back_its_leases(house: House) -> None:
    house.prepare(20)
    worker = house.work()
    until(lambda: house.stored() == 20)
    worker.terminate()
    assert worker.wait(20) == 0
    assert house.leased() == []
    assert "stopped" in (house.data / "logs" / "jingwei.log").read_text()


def test_a_worker_survives_a_database_that_is_locked_for_long(house: House) -> None:
    house.prepare(20)
    with sqlite3.connect(house.data / "jingwei.sqlite3", isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        worker = house.work()
        time.sleep(3)
        assert worker.poll() is None
        database.execute("COMMIT")
    until(lambda: house.stored() == 20, 60)
    assert worker.poll() is None


def test_a_worker_runs_the_daily_that_is_due_and_says_why_nothing_was_checked(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "JINGWEI_DATA": str(tmp_path)}
    environment.pop("JINGWEI_DATABASE_URL", None)
    ask_for_it = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
import django
django.setup()
from jingwei.run import setup, supervisor
setup.prepare(administrator=False)
supervisor.first_run()
"""
    subprocess.run([sys.executable, "-c", ask_for_it], env=environment, check=True, timeout=60)
    worker = subprocess.Popen([sys.executable, "-m", "jingwei.run", "work"], env=environment)
    try:
        finished = "SELECT 1 FROM checks_routinerun WHERE finished_at IS NOT NULL AND due IS NULL"
        until(lambda: bool(ask(tmp_path, finished)), 60)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    results = ask(tmp_path, "SELECT result FROM checks_itemresult")
    assert len(results) > 700
    assert set(results) <= {"unchecked", "not_applicable"}
    assert ask(tmp_path, "SELECT 1 FROM checks_itemresult WHERE reason = ''") == []
