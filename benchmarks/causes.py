"""One cause, one finding: over every fault and every scenario of the whole region.

The register's whole district is played, with its dependencies; the product's own claiming, probes,
rules and recording run in turn with a clock of their own, so that ten minutes of checking take
seconds: only the waiting between two rounds is left out. An answer comes as late as it really
came. After each fault the region is healed and checked until nothing is open. The check that must
find a fault is hurried when it is asked less than every five minutes (a certificate every six
hours): its verdict is what counts here, not the wait for it.

Prints, of all runs: how often the true cause is the first finding, how many findings people see
for each fault, and which runs fell short. With --pairs, two faults at once: both must be seen, or
the hidden one must stand on its own when the other is healed.

    python benchmarks/causes.py [--minutes 12] [--pairs 20] [--seed 1] [--only NAME,...]
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta

HOME = tempfile.TemporaryDirectory(prefix="jingwei-causes-")
os.environ["JINGWEI_DATA"] = HOME.name
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"

import django  # noqa: E402

django.setup()

from django.db.models import Min  # noqa: E402

from jingwei.checks.actions import Seen, claim, record  # noqa: E402
from jingwei.checks.models import CheckState, Finding  # noqa: E402
from jingwei.region import control, scenarios  # noqa: E402
from jingwei.region.consequences import plights  # noqa: E402
from jingwei.region.lines import BREAKS  # noqa: E402
from jingwei.run import clock, district, engine, jobs, setup  # noqa: E402

STEP = timedelta(seconds=5)  # what is due within one is asked at once: silence is waited for once
LEASE = timedelta(minutes=5)


class Turns:
    """The engine's work in turns, on a clock that jumps to what is next."""

    def __init__(self) -> None:
        self.now = clock.now()
        self._answers: list[Seen] = []
        self.asked = 0

    def run(self, length: timedelta) -> None:
        """So much time of checking."""
        ends = self.now + length
        while self.now < ends:
            self._claim()
            self._store()
            self.now = max(self.now + STEP, min(self._next(), ends))

    def _next(self) -> datetime:
        due = CheckState.objects.filter(check_ref__enabled=True, leased_until__isnull=True)
        first = due.aggregate(first=Min("due"))["first"] or self.now
        return min([first, *(seen.at for seen in self._answers)])

    def _claim(self) -> None:
        ids = claim.claim_checks("turns", 500, self.now, self.now + LEASE)
        if ids:
            self._answers += asyncio.run(self._ask(jobs.load(ids)))
            self.asked += len(ids)

    async def _ask(self, wanted: list[jobs.Job]) -> list[Seen]:
        limits = engine.fast_lane()

        async def one(job: jobs.Job) -> Seen:
            outcome = await jobs.ask(job, limits, self.now)
            return jobs.judge(job, outcome, self.now + timedelta(seconds=outcome.took))

        return list(await asyncio.gather(*(one(job) for job in wanted)))

    def _store(self) -> None:
        """What has come by now."""
        come = [seen for seen in self._answers if seen.at <= self.now]
        self._answers = [seen for seen in self._answers if seen.at > self.now]
        if come:
            record(come)


def main() -> None:
    """Play everything, count, print; ends with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    setup.prepare(administrator=False)
    process = district.spawn(detached=True)
    try:
        district.ready(process)
        district.register()
        turns = Turns()
        CheckState.objects.update(due=turns.now)
        turns.run(timedelta(minutes=6))
        standing = list(Finding.objects.filter(closed_at__isnull=True))
        print(f"healthy: {len(standing)} findings, {turns.asked} checks asked", flush=True)
        ended = pairs(turns, given) if given.pairs else single(turns, given)
    finally:
        process.terminate()
        process.wait(60)
    sys.exit(ended)


def single(turns: Turns, given: argparse.Namespace) -> int:
    """Each fault at its first target, and each scenario."""
    folder = district.folder()
    plays = [
        (spec.name, lambda s=spec: control.fault(folder, s.name)) for spec in control.faults(folder)
    ]
    plays += [
        (name, lambda name=name: control.scenario(folder, name)) for name in scenarios.SCENARIOS
    ]
    wanted = set(filter(None, given.only.split(",")))
    runs = []
    for name, play in plays:
        if wanted and name not in wanted:
            continue
        began, started = turns.now, time.monotonic()
        told = play()
        cause = told.get("cause", told)
        target, item = cause["target"], cause["item"]
        faults = told.get("faults", [told])
        causes = len(faults)
        # Both switches of a fabric die at once: neither is more the cause than the other.
        true = {(one["target"], one["item"]) for one in faults if one["fault"] == cause["fault"]}
        watch(turns, given.minutes, [(target, item)])
        found = Finding.objects.filter(opened_at__gte=began).select_related("target", "check_ref")
        roots = sorted((one for one in found if one.cause_id is None), key=_first)
        first = bool(roots) and (roots[0].target.key, roots[0].item) in true
        symptoms = found.count() - len(roots)
        runs.append((name, first, len(roots) / causes))
        late = (roots[0].opened_at - began).total_seconds() if roots else float("nan")
        print(
            f"{name:24} {target:10} {'first' if first else 'NOT FIRST':9} {len(roots)} roots of "
            f"{causes}, {symptoms} behind, {told.get('affected', '-')} affected, seen after "
            f"{late:.0f} s, took {time.monotonic() - started:.0f} s", flush=True,
        )  # fmt: skip
        if not first or len(roots) > causes:
            for one in roots[:8]:
                print(f"    {one.opened_at:%H:%M:%S} {one.target.key} {one.item} {one.reading}")
        heal(turns)
    right = sum(first for _, first, _ in runs) / len(runs)
    each = sum(number for *_, number in runs) / len(runs)
    print(f"{len(runs)} runs: the cause first in {right:.1%}, {each:.2f} findings per fault")
    return int(right < 0.95 or each > 1.2)


def watch(turns: Turns, minutes: float, wanted: list[tuple[str, str]]) -> None:
    """So long of checking, with what is wanted and seldom asked being asked four times."""
    for _ in range(4):
        for target, item in wanted:
            slow = CheckState.objects.filter(
                check_ref__target__key=target, check_ref__item=item, check_ref__every__gt=300
            )
            slow.update(due=turns.now)
        turns.run(timedelta(minutes=minutes / 4))


def _first(one: Finding) -> tuple[datetime, int]:
    return one.opened_at, one.pk


def heal(turns: Turns, name: str | None = None, target: str | None = None) -> None:
    """Heal, and check until nothing is open (or it takes too long, and that is said)."""
    control.heal(district.folder(), name, target)
    if name is not None:
        return
    left = Finding.objects.filter(closed_at__isnull=True)
    for _ in range(4):
        CheckState.objects.filter(check_ref__in=left.values("check_ref")).update(due=turns.now)
        turns.run(timedelta(minutes=5.5))
        if not left.exists():
            return
    print(f"    still open after healing: {[str(one) for one in left[:5]]}")
    left.update(closed_at=turns.now)


def pairs(turns: Turns, given: argparse.Namespace) -> int:
    """Two faults at once, at random: unrelated ones side by side, related ones one by one."""
    folder, chance, hidden = district.folder(), random.Random(given.seed), 0
    specs = control.faults(folder)
    needs = district.needs()
    for _ in range(given.pairs):
        one, two = chance.sample(specs, 2)
        where = [chance.choice(one.targets), chance.choice(two.targets)]
        if where[0] == where[1]:
            continue
        for spec, target in zip((one, two), where, strict=True):
            control.fault(folder, spec.name, target)
        both = [(where[0], one.item), (where[1], two.item)]
        watch(turns, given.minutes, both)
        reach = plights(needs, {where[0]: BREAKS.get(one.name, frozenset())})
        back = plights(needs, {where[1]: BREAKS.get(two.name, frozenset())})
        missing = [
            (spec.name, target)
            for spec, target, over in ((one, where[0], back), (two, where[1], reach))
            if not _root(target, spec.item) and target not in over
        ]
        related = where[1] in reach or where[0] in back
        if related and not missing:  # the one that explains the other goes first
            outer = (one, where[0]) if where[1] in reach else (two, where[1])
            inner = (two, where[1]) if where[1] in reach else (one, where[0])
            heal(turns, outer[0].name, outer[1])
            watch(turns, given.minutes, [(inner[1], inner[0].item)])
            if not _root(inner[1], inner[0].item):
                missing = [(inner[0].name, inner[1])]
        hidden += bool(missing)
        said = f"HIDDEN {missing}" if missing else "both seen"
        print(
            f"{one.name} on {where[0]}, {two.name} on {where[1]}"
            f"{' (related)' if related else ''}: {said}", flush=True,
        )  # fmt: skip
        heal(turns)
    print(f"{given.pairs} pairs: {hidden} with a hidden fault")
    return int(hidden > 0)


def _root(target: str, item: str) -> bool:
    held = Finding.objects.filter(closed_at__isnull=True, cause__isnull=True)
    return held.filter(target__key=target, item=item).exists()


if __name__ == "__main__":
    main()
