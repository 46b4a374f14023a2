"""`jingwei up`: children kept alive, a clear word when the port is taken, a clean end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import check_making as making
import pytest

from jingwei.accounts.models import User
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.models import RoutineRun
from jingwei.emergency.models import Plan
from jingwei.run import clock, district, setup, supervisor
from jingwei.run.supervisor import Child, PortTakenError, Supervisor


def python(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code])


def test_a_child_that_dies_is_started_again_ever_more_slowly() -> None:
    starts = 0

    def start() -> "subprocess.Popen[bytes]":
        nonlocal starts
        starts += 1
        process = python("raise SystemExit(3)")
        process.wait()
        return process

    child = Child("x", start)
    assert child.watch(0.0)
    assert not child.watch(0.1)  # dead: one second's pause
    assert not child.watch(1.0)
    assert child.watch(1.2)
    child.watch(1.3)
    assert child.again_at == pytest.approx(3.3)  # then two
    for now in range(4, 4000):
        child.watch(float(now))
    assert child.again_at - child.started <= 62
    assert starts == pytest.approx(4000 / 61, abs=12)


def test_a_child_that_lived_long_is_started_again_at_once() -> None:
    made: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        made.append(python("import time; time.sleep(60)"))
        return made[-1]

    child = Child("x", start)
    child.watch(0.0)
    made[0].kill()
    made[0].wait()
    child.watch(1000.0)
    assert child.again_at == 1001.0
    assert child.watch(1001.0)
    assert not child.watch(1002.0)
    child.stop()
    assert made[1].returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_PATIENCE", 0.3)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(1, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    child = Child("x", lambda: process, process=process)
    child.stop()
    assert process.returncode == -signal.SIGKILL
    child.stop()  # harmless


def test_a_taken_port_is_told_before_anything_is_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"{port} 已被占用"):
            supervisor.bind("127.0.0.1", port)


def test_stopping_a_supervisor_without_children_is_harmless() -> None:
    idle = Supervisor(None, None, every=0.01)
    idle.stop()
    idle.watch()
    assert idle.stopping.is_set()


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", '''
import os, threading, time
from jingwei.run import district
parent = os.getppid()
open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
district.follow_parent(parent, lambda: os._exit(0), every=0.05)
'''])
time.sleep(60)
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "jingwei.run.settings"}
    prelude = "import django; django.setup();"
    parent = subprocess.Popen(
        [sys.executable, "-c", code.replace("'''\nimport os", f"'''\n{prelude}\nimport os")],
        env=environment,
    )
    ends = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < ends
        time.sleep(0.05)
    child = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    while _alive(child):
        assert time.monotonic() < ends
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.django_db
class TestFirstUse:
    """Whether the region is wanted, and what a first start makes."""

    @pytest.fixture(autouse=True)
    def _data(self, settings: object, tmp_path: Path) -> None:
        settings.JINGWEI_DATA = tmp_path  # type: ignore[attr-defined]

    def test_the_region_is_the_default_until_real_endpoints_are_registered(self) -> None:
        assert district.wanted(None)
        target = making.target()
        making.endpoint(target, "modbus")
        assert not district.wanted(None)
        Endpoint.objects.create(
            target=target, protocol="snmp", address="127.0.0.1", port=1, demo=True
        )
        assert district.wanted(None)

    def test_a_choice_is_remembered(self) -> None:
        assert not district.wanted(False)
        assert not district.wanted(None)
        assert district.wanted(True)
        assert district.wanted(None)

    def test_preparing_twice_makes_one_register_and_one_administrator(self) -> None:
        first = setup.prepare()
        assert first.administrator is not None
        assert first.administrator[0] == "admin"
        targets = Target.objects.count()
        assert targets > 200
        assert Plan.objects.filter(valid_to__isnull=True).count() == 18
        second = setup.prepare()
        assert second.administrator is None
        assert Target.objects.count() == targets
        assert Plan.objects.count() == 18

    def test_a_command_that_works_alone_makes_no_administrator(self) -> None:
        setup.prepare(administrator=False)
        assert not User.objects.exists()

    def test_the_first_daily_is_asked_for_once(self) -> None:
        supervisor.first_run()
        supervisor.first_run()
        assert RoutineRun.objects.get().date == clock.today()

    def test_every_registered_thing_but_sites_is_played(self) -> None:
        setup.prepare(administrator=False)
        peers = district.peers()
        assert {peer.kind for peer in peers}.isdisjoint({"site"})
        assert len([peer for peer in peers if peer.kind == "application"]) == 25
        assert len([peer for peer in peers if peer.key.startswith("HW-")]) == 172


def test_up_serves_pages_and_ends_on_sigterm(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "JINGWEI_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "jingwei.run", "up", "--port", str(port), "--no-region"]
    up = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        ends = time.monotonic() + 60
        while True:
            assert time.monotonic() < ends
            assert up.poll() is None
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5) as page:
                    assert page.status == 200
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        second = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == 2
        assert "已被占用" in second.stderr
        up.terminate()
        said, _ = up.communicate(timeout=30)
        assert up.returncode == 0
    finally:
        if up.poll() is None:
            up.kill()
            up.wait()
    assert said.count("初始密码") == 1
    assert f"http://127.0.0.1:{port}/" in said
    log = (tmp_path / "logs" / "jingwei.log").read_text()
    assert "stopped" in log
    password = said.split("初始密码 ")[1].split("（")[0]
    assert password not in log
