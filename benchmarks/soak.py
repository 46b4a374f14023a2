"""A long run under faults: memory and file handles flat, and no result lost across kill -9.

A worker checks 100 addresses, a fifth of them dead and a tenth slow, and is killed (SIGKILL) again
and again. Every ten seconds its memory (its own, and with the database it maps) and its handles are
noted; at the end what the healthy addresses were asked is compared with the verdicts stored. Asked
and not stored may be only what was on its way at a kill: its check falls due again at once.

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
ILL = 30  # of a hundred addresses


Sample = tuple[float, float, int]  # MB of its own, MB with what it maps, handles


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
        asked, (answered, late) = int(count.read_text()), side.verdicts(ILL)
    grew = told(lives)
    most = given.kills * AT_A_KILL * PER["http"] * 70 / given.every
    lost = asked - answered - late
    print(
        f"asked {asked}, stored {answered} answers and {late} that came too late: {lost} on their"
        f" way at {given.kills} kills, at most {most:.0f} expected"
    )
    sys.exit(int(grew or lost > most))


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


def soak(side: ours.Jingwei, seconds: float, kills: int) -> list[list[Sample]]:
    """Samples every ten seconds, of each life of the worker."""
    lives: list[list[Sample]] = [[]]
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
        lives[-1].append((cpu.resident([pid], "Pss_Anon"), cpu.resident([pid]), handles))
    return lives


def told(lives: list[list[Sample]]) -> bool:
    """Print each life; whether one grew from its second third to its last, by a tenth and 10 MB."""
    grew = False
    for number, life in enumerate(lives, 1):
        third = max(1, len(life) // 3)
        middle, end = life[third : 2 * third] or life, life[-third:]
        first, last = (sum(own for own, _, _ in part) / len(part) for part in (middle, end))
        handles = [most for _, _, most in life]
        more = last > first * 1.1 and last > first + 10
        grew = grew or more
        mark = " GREW" if more else ""
        print(
            f"life {number}: {len(life) * 10} s, {first:.0f} then {last:.0f} MB{mark}"
            f" ({life[-1][1]:.0f} with the database), handles {min(handles)} to {max(handles)}"
        )
    return grew


if __name__ == "__main__":
    main()
