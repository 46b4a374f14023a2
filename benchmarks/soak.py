"""A long run under faults: memory and file handles flat, and no result lost across kill -9.

A worker checks 100 addresses, a fifth of them dead and a tenth slow, and is killed (SIGKILL) again
and again. Every ten seconds its memory and its handles are noted; at the end what the addresses
were asked is compared with what is stored. Asked and not stored may be only what was on its way at
a kill: its check falls due again when its lease ends.

    python benchmarks/soak.py [--minutes 30] [--kills 5] [--every 2]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from engine import cpu, ours

PER = {"http": 2, "tcp": 2, "snmp": 1}
AT_A_KILL = 1.5  # seconds of answers that may be on their way: stored twice a second, and asked


def main() -> None:
    """Play, kill, count, print; ends with 1 when something grew or was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--every", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jingwei-soak-") as home:
        count = Path(home) / "asked"
        playing = play(count)
        side = ours.Jingwei(Path(home) / "worker", PER, given.every)
        side.start()
        try:
            lives = soak(side, given.minutes * 60, given.kills)
        finally:
            side.stop()
            time.sleep(2)
            playing.kill()
        asked, (stored, silent) = int(count.read_text()), side.answers()
    grew = told(lives)
    most = given.kills * AT_A_KILL * PER["http"] * 70 / given.every
    print(
        f"asked {asked}, stored {stored} (and {silent} of dead and slow ones): {asked - stored} on "
        f"their way at {given.kills} kills, at most {most:.0f} expected"
    )
    sys.exit(int(grew or asked - stored > most))


def play(count: Path) -> "subprocess.Popen[bytes]":
    """The addresses."""
    command = [sys.executable, "-m", "engine.targets", "--dead", "0.2", "--slow", "0.1"]
    started = subprocess.Popen(
        [*command, "--count", str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
    )  # fmt: skip
    assert started.stdout is not None
    if started.stdout.readline() != b"ready\n":
        sys.exit("the targets did not start")
    return started


def soak(side: ours.Jingwei, seconds: float, kills: int) -> list[list[tuple[float, int]]]:
    """(memory in MB, handles) every ten seconds, of each life of the worker."""
    lives: list[list[tuple[float, int]]] = [[]]
    began = time.monotonic()
    turns = [seconds * (n + 1) / (kills + 1) for n in range(kills)]
    while (now := time.monotonic() - began) < seconds:
        if turns and now >= turns[0]:
            turns.pop(0)
            side.kill()
            lives.append([])
        time.sleep(10)
        (pid,) = side.pids()
        handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        lives[-1].append((cpu.resident([pid]), handles))
    return lives


def told(lives: list[list[tuple[float, int]]]) -> bool:
    """Print each life; whether one grew from its second third to its last, by a tenth and 10 MB."""
    grew = False
    for number, life in enumerate(lives, 1):
        third = max(1, len(life) // 3)
        middle, end = life[third : 2 * third] or life, life[-third:]
        first, last = (sum(m for m, _ in part) / len(part) for part in (middle, end))
        handles = [most for _, most in life]
        more = last > first * 1.1 and last > first + 10
        grew = grew or more
        print(f"life {number}: {len(life) * 10} s, {first:.0f} then {last:.0f} MB"
              f"{' GREW' if more else ''}, handles {min(handles)} to {max(handles)}")  # fmt: skip
    return grew


if __name__ == "__main__":
    main()
