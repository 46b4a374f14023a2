"""The check engine against Zabbix 6.0 and Prometheus with blackbox, in one run, in turns.

Workload W: 100 addresses; every second 1,000 HTTP requests (new connection, status 200), 1,000 TCP
connects and 100 SNMP GETs of 10 objects; a threshold on every result, everything stored. Each
side runs alone for a round, the sides alternate; what counts is the CPU of the checker and its
database for each result that is *stored*. A round in which a side stores under 98 % of what was
asked for is rejected and said so.

    python benchmarks/checks.py [--rounds 3] [--seconds 30] [--only jingwei,zabbix,prometheus]
                                [--per http=10,tcp=10,snmp=1] [--dead 0.2] [--slow 0.1]

Peers are Debian's packages: zabbix-server-pgsql, postgresql, prometheus, prometheus-blackbox-
exporter. Those that are not installed are left out, and said so.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from engine import cpu, ours, targets
from engine.prometheus import Prometheus
from engine.zabbix import Zabbix

WARM = 12.0  # seconds before a round is measured
SIDES = {"jingwei": ours.Jingwei, "zabbix": Zabbix, "prometheus": Prometheus}


def main() -> None:
    """Prepare every side, alternate, print CPU per 1,000 stored results and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="jingwei,zabbix,prometheus")
    parser.add_argument("--per", default="http=10,tcp=10,snmp=1")
    parser.add_argument("--dead", type=float, default=0.0)
    parser.add_argument("--slow", type=float, default=0.0)
    given = parser.parse_args()
    per = {kind: int(number) for kind, number in (one.split("=") for one in given.per.split(","))}
    with tempfile.TemporaryDirectory(prefix="jingwei-engine-") as home:
        playing = play(given.dead, given.slow)
        sides = prepared(Path(home), given.only.split(","), per, given.every)
        try:
            measured: dict[str, list[dict[str, float]]] = {side.name: [] for side in sides}
            for number in range(given.rounds):
                for side in sides if number % 2 == 0 else reversed(sides):
                    found = measure(side, per, given.every, given.seconds)
                    measured[side.name].append(found)
                    print(f"round {number + 1} {side.name:10} {told(found)}", flush=True)
                    if hasattr(side, "latest"):
                        skip = int(len(targets.ADDRESSES) * (given.dead + given.slow))
                        late = side.latest(found["began"], found["ended"], skip, given.every)
                        print(f"    healthy checks: the latest {late:.0f} s after its turn")
        finally:
            for side in sides:
                side.stop()
            playing.kill()
    compare(measured)


def play(dead: float, slow: float) -> "subprocess.Popen[bytes]":
    """The targets, in a process whose CPU counts for nobody."""
    command = [sys.executable, "-m", "engine.targets", "--dead", str(dead), "--slow", str(slow)]
    started = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parent
    )
    assert started.stdout is not None
    if started.stdout.readline() != b"ready\n":
        sys.exit("the targets did not start")
    return started


def prepared(home: Path, names: list[str], per: dict[str, int], every: int) -> list:
    """The sides that can run here."""
    found = []
    for name in names:
        lacking = getattr(SIDES[name], "lacking", lambda: "")()
        if lacking:
            print(f"{name}: left out, {lacking}")
            continue
        folder = home / name
        folder.mkdir()
        found.append(SIDES[name](folder, per, every))
    return found


def measure(side, per: dict[str, int], every: int, length: float) -> dict[str, float]:
    """One round of one side."""
    side.start()
    try:
        time.sleep(WARM)
        began, used = time.time(), cpu.seconds(side.pids())
        time.sleep(length)
        ended, used = time.time(), cpu.seconds(side.pids()) - used
        memory = cpu.resident(side.pids())
        time.sleep(3)  # what waits in a cache is stored
        stored = side.stored(began, ended)
    finally:
        side.stop()
    wanted = {
        kind: number * len(targets.ADDRESSES) * (len(targets.OIDS) if kind == "snmp" else 1)
        * (ended - began) / every
        for kind, number in per.items() if kind in stored
    }  # fmt: skip
    # Ten values of one SNMP answer are one result.
    results = sum(n / (len(targets.OIDS) if kind == "snmp" else 1) for kind, n in stored.items())
    share = min((stored[kind] / wanted[kind] for kind in wanted if wanted[kind]), default=0.0)
    return {
        "cpu": used, "results": results, "share": share, "memory": memory,
        "per_thousand": used / results * 1000 if results else float("nan"),
        "load": used / (ended - began), "began": began, "ended": ended,
    }  # fmt: skip


def told(found: dict[str, float]) -> str:
    """A round in a line."""
    rejected = "" if found["share"] >= 0.98 else "  REJECTED (under 98 %)"
    return (
        f"{found['per_thousand']:.3f} CPU-s per 1,000 results, {found['results']:.0f} stored "
        f"({found['share']:.1%} of the least), {found['load']:.2f} cores, "
        f"{found['memory']:.0f} MB{rejected}"
    )


def compare(measured: dict[str, list[dict[str, float]]]) -> None:
    """The medians of what was not rejected, and ours over each peer's."""
    middle = {}
    for name, rounds in measured.items():
        good = [one["per_thousand"] for one in rounds if one["share"] >= 0.98]
        if good:
            middle[name] = statistics.median(good)
            print(f"{name:10} median {middle[name]:.3f} CPU-s per 1,000 of {len(good)} rounds")
        elif rounds:
            print(f"{name:10} no round was accepted")
    if "jingwei" in middle:
        for name, value in middle.items():
            if name != "jingwei":
                print(f"jingwei uses {middle['jingwei'] / value:.2f} of {name}'s CPU per result")


if __name__ == "__main__":
    main()
