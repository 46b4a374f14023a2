"""Regions come and go: two at once, twice in one folder, killed, restarted."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from region_peers import one_of_each, whole_district
from region_process import Launch, alive, running_region, terminate

from jingwei.region import RegionError, control, serve
from jingwei.region.database.server import home_of, remove_leftovers
from jingwei.region.district import District
from jingwei.terms import Peer

FEW = [
    Peer("ROOM-01", "room", "机房"),
    Peer("HW-001-1", "crac", "空调", "Emerson/Vertiv", "CRV35RA"),
    Peer("APP-01", "application", "区域平台"),
]


def postmaster(folder: Path) -> int:
    return int((home_of(folder) / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_two_regions_run_at_once_and_never_meet(shared_region: Path) -> None:
    with running_region() as other:
        networks = {control.status(folder)["network"] for folder in (shared_region, other)}
        assert len(networks) == 2
        control.fault(other, "room-hot")
        assert control.status(shared_region)["faults"] == []


def test_a_second_region_in_one_folder_is_refused(shared_region: Path) -> None:
    with pytest.raises(RegionError, match="已在运行"):
        serve(shared_region, FEW)
    assert control.status(shared_region)["running"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_region_and_leaves_nothing(
    tmp_path: Path, launch: Launch, number: int
) -> None:
    process = launch(tmp_path)
    database = postmaster(tmp_path)
    home = home_of(tmp_path)
    assert terminate(process, number) == 0
    assert not alive(database)
    assert not home.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"region.lock"}
    with pytest.raises(RegionError, match="没有运行"):
        control.status(tmp_path)


def test_a_killed_region_is_seen_as_dead_and_its_database_is_cleared_away(
    tmp_path: Path, launch: Launch
) -> None:
    process = launch(tmp_path)
    control.fault(tmp_path, "db-lock-wait")
    orphan = postmaster(tmp_path)
    terminate(process, signal.SIGKILL)
    assert alive(orphan)
    assert (tmp_path / "region.json").exists()
    assert not control.running(tmp_path)
    with pytest.raises(RegionError, match="没有运行"):
        control.status(tmp_path)
    (tmp_path / "region.json").unlink()  # so that the wait is for the new one
    again = launch(tmp_path)
    assert not alive(orphan)
    assert control.status(tmp_path)["faults"] == []
    assert terminate(again) == 0


def test_a_stale_record_of_a_dead_process_is_replaced(tmp_path: Path, launch: Launch) -> None:
    process = launch(tmp_path)
    stale = (tmp_path / "region.json").read_text()
    terminate(process)
    (tmp_path / "region.json").write_text(stale)
    assert not control.running(tmp_path)
    (tmp_path / "region.json").unlink()  # so that the wait is for the new one
    again = launch(tmp_path)
    assert control.status(tmp_path)["pid"] == again.pid
    terminate(again)


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can become somebody else")
def test_an_ordinary_user_can_run_a_region(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="jingwei-region-nobody-"))
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    # Once as ourselves, so that everything is imported that the other cannot reach.
    program = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from jingwei.region.district import District\n"
        "from jingwei.terms import Peer\n"
        "async def main(folder):\n"
        "    async with District(folder, [Peer('DB-01', 'database', '')]) as region:\n"
        "        told = region.status()['protocols']\n"
        "        return told, (folder / 'postgres' / 'data').is_dir()\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
        "os.setgroups([]); os.setgid(int(sys.argv[4])); os.setuid(int(sys.argv[3]))\n"
        "print(asyncio.run(main(Path(sys.argv[2]))))\n"
    )
    numbers = [str(nobody.pw_uid), str(nobody.pw_gid)]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(folder), *numbers],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"({'sql': 1}, True)\n"), done.stderr.decode()
    shutil.rmtree(folder)


def test_leftovers_of_others_are_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    (home / "data").mkdir(parents=True)
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    remove_leftovers(home)  # the number is ours, but we are no PostgreSQL
    assert not home.exists()
    remove_leftovers(home)
    (tmp_path / "elsewhere").mkdir()
    home.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RegionError, match="符号链接"):
        remove_leftovers(home)


async def test_a_district_starts_and_stops_inside_another_program(tmp_path: Path) -> None:
    async with District(tmp_path, FEW, seed=3) as district:
        told = district.status()
        assert told["protocols"] == {
            "snmp": 1,
            "http": 1,
            "https": 1,
            "mllp": 1,
            "modbus": 1,
            "mq": 1,
            "soap": 1,
        }
        assert (await district.fault("room-hot"))["target"] == "ROOM-01"
    assert district.status()["faults"] == []
    assert not (tmp_path / "ca.pem").exists()
    endpoints = await district.start()
    assert {endpoint.key for endpoint in endpoints} == {"ROOM-01", "HW-001-1", "APP-01"}
    assert district.status()["faults"] == []
    await district.stop()
    await district.stop()


async def test_a_district_without_databases_starts_no_postgresql(tmp_path: Path) -> None:
    async with District(tmp_path, FEW):
        assert not home_of(tmp_path).exists()


def test_two_things_of_one_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match="重复"):
        District(tmp_path, [FEW[0], FEW[0]])


async def test_a_fault_that_cannot_be_played_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with District(tmp_path, FEW) as district:

        async def broken(self: object, thing: object) -> None:
            raise OSError("no more sockets")  # also when it is taken back

        parts = district._parts
        monkeypatch.setattr(type(parts[0]), "follow", broken)
        with pytest.raises(RegionError, match="未能注入到 ROOM-01：no more sockets"):
            await district.fault("room-hot")
        assert district.status()["faults"] == []
        monkeypatch.undo()


def test_every_thing_has_an_address_of_its_own(shared_region: Path) -> None:
    endpoints = control.endpoints(shared_region)
    by_key: dict[str, set[str]] = {}
    for endpoint in endpoints:
        by_key.setdefault(endpoint.key, set()).add(endpoint.address)
    assert all(len(addresses) == 1 for addresses in by_key.values())
    assert len({next(iter(a)) for a in by_key.values()}) == len(by_key)
    assert {peer.key for peer in one_of_each() if peer.kind != "kvm"} == set(by_key)


def test_the_whole_district_starts_in_five_seconds_and_stays_small(
    tmp_path: Path, launch: Launch
) -> None:
    process = launch(tmp_path, "whole_district")
    status = control.status(tmp_path)
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    terminate(process)
    assert status["things"] == len(whole_district())
    assert status["protocols"]["snmp"] > 140
    assert resident < 120_000  # kB; 76 MB measured, most of it libraries
