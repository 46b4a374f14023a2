"""How long it takes to judge all 189 obligations over a played contract year.

Plays a year with every place of the daily sheet answered into a folder of its own (or takes one
that `jingwei region year --thorough --into` has left), then times the assessment in this process
and `jingwei contract assess --as-of 2023-10-31 --json` as a command.

    python benchmarks/assess.py [--seed 7] [--folder DIR] [--times 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "jingwei.run"]
AS_OF = "2023-10-31"
GOAL = 2.0  # seconds, by the issue


def main() -> None:
    """Prints one JSON document: sizes, seconds of each way, whether the goal was reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jingwei-assess-") as scratch:
        folder = given.folder or Path(scratch) / "year"
        if given.folder is None:
            command = [*COMMAND, "region", "year", "--seed", str(given.seed), "--thorough"]
            subprocess.run([*command, "--into", str(folder)], check=True, stdout=sys.stderr)
        inside = {**os.environ, "JINGWEI_DATA": str(folder.resolve())}
        inside.pop("JINGWEI_DATABASE_URL", None)
        os.environ.update(inside)
        found = in_process(given.times) | {"command": as_command(inside, given.times)}
    found["goal_s"], found["reached"] = GOAL, found["command"]["median_s"] < GOAL
    print(json.dumps(found, indent=2))


def in_process(times: int) -> dict[str, object]:
    """The facts gathered and all obligations judged, apart and together."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.run.settings")
    import django  # noqa: PLC0415 - its settings come from the folder

    django.setup()
    from jingwei.checks.models import ItemResult  # noqa: PLC0415
    from jingwei.contract import queries  # noqa: PLC0415
    from jingwei.contract.models import DutyRecord  # noqa: PLC0415
    from jingwei.desk.models import Ticket  # noqa: PLC0415
    from jingwei.region.year.days import END, LAST  # noqa: PLC0415

    contract = queries.current(LAST)
    assert contract is not None
    gathered, judged = [], []
    for _ in range(times):
        start = time.perf_counter()
        facts = queries.gather(contract, END)
        middle = time.perf_counter()
        rows = queries.assess_all(contract, END, facts)
        gathered.append(middle - start)
        judged.append(time.perf_counter() - middle)
    sizes = {
        "obligations": len(rows), "item_results": ItemResult.objects.count(),
        "duty_records": DutyRecord.objects.count(), "tickets": Ticket.objects.count(),
    }  # fmt: skip
    return sizes | {"gather": told(gathered), "judge": told(judged)}


def as_command(inside: dict[str, str], times: int) -> dict[str, float]:
    """From the start of the process to its end, Django included."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        command = [*COMMAND, "contract", "assess", "--as-of", AS_OF, "--json"]
        subprocess.run(command, env=inside, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return told(taken)


def told(seconds: list[float]) -> dict[str, float]:
    """Median and worst."""
    return {"median_s": round(statistics.median(seconds), 3), "worst_s": round(max(seconds), 3)}


if __name__ == "__main__":
    main()
