"""What a drill sees: the same probes, rules and strikes as in service, its own memory.

Nothing here is stored among the checks' observations: a drill is never a reading of the real
district.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from jingwei import probes
from jingwei.assets.models import Target as Registered
from jingwei.checks import content
from jingwei.checks.queries import facts_of
from jingwei.emergency.actions.drill_runs import Read
from jingwei.emergency.scenarios import Watch
from jingwei.probes import Limits
from jingwei.rules.state import Change, Policy, Standing, is_good, step
from jingwei.run import asking, jobs
from jingwei.run.jobs import Job
from jingwei.terms import Endpoint, Result, Target, worst

SAMPLE_GAP = 1.0  # seconds between the two samples of a counter


@dataclass
class Eye:
    """One check that looks at one target, and what it holds to be true."""

    job: Job
    policy: Policy
    label: str  # what people call it: 区卫库 登录并查询
    standing: Standing = field(default_factory=Standing)

    @property
    def place(self) -> tuple[str, str]:
        """Target and item."""
        return self.job.target.key, self.job.item


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at everything: the readings, and what became hard by it."""

    readings: tuple[Read, ...]
    changes: tuple[tuple[Eye, Change], ...]


def eyes(
    watched: Iterable[Watch],
    endpoints: Iterable[Endpoint],
    devices: Sequence[content.DeviceModel],
) -> list[Eye]:
    """The checks service would make for these items, pointed at the private region."""
    at: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        at.setdefault(endpoint.key, {})[endpoint.protocol] = endpoint
    found: list[Eye] = []
    for watch in watched:
        row = Registered.objects.select_related("unit__row", "database").get(key=watch.key)
        held = at.get(watch.key, {})
        for template in content.templates_for(devices, facts_of(row), set(held)):
            if template.item in watch.items and template.protocol in held:
                found.append(_eye(len(found) + 1, row, template, held[template.protocol]))
    return found


def _eye(number: int, row: Registered, template: content.CheckTemplate, endpoint: Endpoint) -> Eye:
    probe = probes.find(template.probe)
    known = {option.name for option in probes.describe(probe)}
    given = {"port": endpoint.port, **endpoint.settings}
    options = {**template.options, **{key: v for key, v in given.items() if key in known}}
    job = Job(
        check_id=number, key=f"{row.key}:{template.id}", item=template.item, target_id=row.pk,
        target=Target(row.key, endpoint.address, endpoint.secrets), probe=probe,
        options=probes.parse_options(probe, options), timeout=template.timeout,
        retries=template.retries, rules=template.rules, on_error=template.on_error, memory={},
    )  # fmt: skip
    return Eye(job, Policy(strikes=template.strikes), f"{row.label} {template.label}")


async def look(watching: Sequence[Eye], when: Callable[[], datetime]) -> Glance:
    """Ask all once, at the same time. `when` is the script's own clock: rules that want a breach
    to last count by it.
    """
    limits = asking.limits()
    seen = await asyncio.gather(*(_one(eye, limits, when) for eye in watching))
    readings: dict[tuple[str, str], list[tuple[Result, str]]] = {}
    changes = []
    for eye, (result, reading, change) in zip(watching, seen, strict=True):
        readings.setdefault(eye.place, []).append((result, reading))
        if change is not None:
            changes.append((eye, change))
    at = when()
    rows = [_row(at, place, found) for place, found in readings.items()]
    return Glance(tuple(rows), tuple(changes))


def _row(at: datetime, place: tuple[str, str], found: Sequence[tuple[Result, str]]) -> Read:
    """One item as bad as the worst of its checks, in its words."""
    result = worst([one for one, _ in found])
    words = dict.fromkeys(text for one, text in found if one is result and text)
    return Read(at, *place, result, "；".join(words))


async def _one(
    eye: Eye, limits: Limits, when: Callable[[], datetime]
) -> tuple[Result, str, Change | None]:
    judgement = jobs.judge(eye.job, await jobs.ask(eye.job, limits, when()), when()).judgement
    if judgement.sample_again:
        eye.job = replace(eye.job, memory=judgement.memory)
        await asyncio.sleep(SAMPLE_GAP)
        judgement = jobs.judge(eye.job, await jobs.ask(eye.job, limits, when()), when()).judgement
    eye.job = replace(eye.job, memory=judgement.memory)
    eye.standing, change = step(eye.standing, judgement.result, when(), eye.policy)
    return judgement.result, judgement.reading_text or judgement.reason, change


def all_good(watching: Iterable[Eye]) -> bool:
    """Every check holds its target to be normal: not looking, or not knowing, is not good."""
    return all(is_good(eye.standing.result) for eye in watching)
