"""A job: one check made ready to run, with everything looked up that asking needs.

Loading touches the database; asking touches only the network; judging touches nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from jingwei import probes
from jingwei.assets import queries as assets
from jingwei.assets.credentials import SealBrokenError
from jingwei.checks.actions import Seen
from jingwei.checks.models import Check
from jingwei.probes import heartbeat
from jingwei.probes.frame import Probe
from jingwei.rules.judge import judge_outcome
from jingwei.rules.rule import Rule, RuleError, parse_all
from jingwei.terms import Outcome, Reason, Result, Target

Memory = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """One check ready to run. `problem` says (in Chinese) why it cannot be run at all."""

    check_id: int
    key: str
    item: str
    target_id: int
    target: Target
    probe: Probe | None
    options: Any
    timeout: float
    retries: int
    rules: tuple[Rule, ...]
    on_error: Result
    memory: Memory = field(repr=False)
    last_call: datetime | None = None
    problem: str = ""


def load(check_ids: Iterable[int]) -> list[Job]:
    """The enabled checks among `check_ids` as jobs, in their order. One query."""
    ids = list(check_ids)
    found = Check.objects.select_related("target", "endpoint__credential", "state").filter(
        pk__in=ids, enabled=True
    )
    by_id = {check.pk: check for check in found}
    return [make(by_id[pk]) for pk in ids if pk in by_id]


def make(check: Check) -> Job:
    """One check as a job. What is wrong with it becomes its `problem`, never an exception."""
    problem, probe, options = "", None, None
    rules: tuple[Rule, ...] = ()
    secrets: Mapping[str, str] = {}
    try:
        probe = probes.find(check.probe)
        options = probes.parse_options(probe, _options(check, probe))
        rules = _rules(json.dumps(check.rules, sort_keys=True))
        secrets = assets.secrets_of(check.endpoint) if check.endpoint else {}
    except LookupError as error:
        problem = str(error.args[0])
    except (probes.OptionError, RuleError) as error:
        problem = str(error)
    except SealBrokenError as error:
        problem = str(error)
    address = check.endpoint.address if check.endpoint else ""
    if not problem and probe is not None and not probe.passive and not address:
        problem = "没有登记地址"
    return Job(
        check_id=check.pk, key=check.key, item=check.item, target_id=check.target_id,
        target=Target(check.target.key, address, secrets), probe=probe, options=options,
        timeout=check.timeout, retries=check.retries, rules=rules,
        on_error=Result(check.on_error), memory=check.state.memory,
        last_call=check.state.last_call, problem=problem,
    )  # fmt: skip


def _options(check: Check, probe: Probe) -> dict[str, Any]:
    """The check's options, then what belongs to the endpoint: its port and its settings.

    An endpoint may carry settings for several probes; only those this probe knows are taken.
    """
    known = {option.name for option in probes.describe(probe)}
    merged = dict(check.options)
    if check.endpoint is not None:
        given = {"port": check.endpoint.port, **check.endpoint.settings}
        merged.update({key: value for key, value in given.items() if key in known})
    return merged


@lru_cache(maxsize=2048)
def _rules(tables: str) -> tuple[Rule, ...]:
    """Parsed once per wording: most checks share theirs with every device of their model."""
    return tuple(parse_all(json.loads(tables)))


async def ask(job: Job, limits: probes.Limits, now: datetime) -> Outcome:
    """Run the probe once (with its own retries). Raises nothing but cancellation."""
    if job.problem or job.probe is None:
        return Outcome((), 0.0, 1, job.problem, Reason.COLLECTOR)
    if job.probe.passive:
        return heartbeat.heard(job.last_call, now, job.options)
    return await probes.run(
        job.probe, job.target, job.options,
        timeout=job.timeout, retries=job.retries, limits=limits,
    )  # fmt: skip


def judge(
    job: Job,
    outcome: Outcome,
    at: datetime,
    memory: Memory | None = None,
    *,
    confirmed: bool = False,
) -> Seen:
    """What the rules make of an outcome, ready to be recorded."""
    kept = job.memory if memory is None else memory
    judgement = judge_outcome(job.rules, outcome, kept, at, job.on_error)
    return Seen(job.check_id, at, outcome, judgement, confirmed)
