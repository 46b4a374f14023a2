"""A job: one check made ready to run, with everything looked up that asking needs.

Loading touches the database; asking touches only the network; judging touches nothing.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Max, TextField
from django.db.models.functions import Cast

from jingwei import probes
from jingwei.assets import queries as assets
from jingwei.assets.credentials import SealBrokenError
from jingwei.checks.actions import Seen
from jingwei.checks.models import Check, CheckState
from jingwei.probes import heartbeat
from jingwei.probes.forwarding import received, syslog_received
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
    newest: datetime | None = None  # the last log line of anybody, for checks of log forwarding
    due: datetime | None = None
    problem: str = ""

    @property
    def remembers(self) -> bool:
        """Whether the answer before, or a call that came in, has a say in the next verdict."""
        passive = self.probe is not None and self.probe.passive
        return passive or bool(self.problem) or any(rule.remembers for rule in self.rules)


class Row(NamedTuple):
    """What a job is made of, as the database has it: the same row gives the same job."""

    id: int
    key: str
    item: str
    target_id: int
    target: str
    probe: str
    timeout: float
    retries: int
    on_error: str
    options: str
    rules: str
    address: str | None
    port: int | None
    settings: str | None
    credential: str | None
    sealed: bytes | None


@dataclass(slots=True)
class _Kept:
    """A job as it was made, of which row, and when that row was read (monotonic seconds)."""

    row: Row
    job: Job
    read_at: float


class Loader:
    """Makes jobs of checks and keeps each until its check, endpoint or credential changes.

    Reading options, parsing rules and opening a sealed credential take longer than asking. What
    was read in the last `trusted` seconds is not read again: a change works that much later, and
    checks asked every second cost a tenth. Memory and heartbeats are always read anew.
    """

    def __init__(self, trusted: float = 0.0) -> None:
        self._trusted = trusted
        self._kept: dict[int, _Kept] = {}

    def load(self, dues: Mapping[int, datetime | None]) -> list[Job]:
        """The enabled checks of these (id → due) as jobs, in their order. One query, or two."""
        ids = list(dues)
        since = time.monotonic() - self._trusted
        known = {pk: kept for pk in ids if (kept := self._kept.get(pk)) and kept.read_at > since}
        found = {pk: kept.job for pk, kept in known.items()}
        moving = [pk for pk, job in found.items() if job.remembers]
        for pk, memory, last_call in _moving(moving) if moving else ():
            found[pk] = _moved(found[pk], memory, last_call)
        unknown = [pk for pk in ids if pk not in known]
        for *columns, sealed, memory, last_call in _rows(unknown) if unknown else ():
            row = Row._make([*columns, None if sealed is None else bytes(sealed)])
            found[row.id] = _moved(self._job(row), memory, last_call)
        return _told([replace(found[pk], due=due) for pk, due in dues.items() if pk in found])

    def _job(self, row: Row) -> Job:
        held = self._kept.get(row.id)
        job = held.job if held is not None and held.row == row else make(row)
        self._kept[row.id] = _Kept(row, job, time.monotonic())
        return job


def _moved(job: Job, memory: str, last_call: datetime | None) -> Job:
    """The job with what changes from one asking to the next."""
    if memory == "{}" and last_call is None:
        return job
    return replace(job, memory=json.loads(memory), last_call=last_call)


def _told(found: list[Job]) -> list[Job]:
    """Whether a device's log is silent or our receiver is, its lines alone don't say."""
    if not any(job.probe is syslog_received for job in found):
        return found
    states = CheckState.objects.filter(check_ref__probe=syslog_received.name)
    newest = states.aggregate(newest=Max("last_call"))["newest"]
    return [replace(job, newest=newest) if job.probe is syslog_received else job for job in found]


def _moving(ids: Sequence[int]) -> Iterable[tuple[int, str, datetime | None]]:
    """(check, memory, last heartbeat) of these checks."""
    found = CheckState.objects.filter(pk__in=ids).order_by()
    return found.annotate(memory_text=Cast("memory", TextField())).values_list(
        "pk", "memory_text", "last_call"
    )


def _rows(ids: Sequence[int]) -> Iterable[Sequence[Any]]:
    """The columns of `Row`, then memory and the last heartbeat. JSON stays text until needed."""
    found = Check.objects.filter(pk__in=ids, enabled=True).order_by()
    return found.annotate(
        options_text=Cast("options", TextField()),
        rules_text=Cast("rules", TextField()),
        settings_text=Cast("endpoint__settings", TextField()),
        memory_text=Cast("state__memory", TextField()),
    ).values_list(
        "id", "key", "item", "target_id", "target__key", "probe", "timeout", "retries",
        "on_error", "options_text", "rules_text", "endpoint__address", "endpoint__port",
        "settings_text", "endpoint__credential__name", "endpoint__credential__ciphertext",
        "memory_text", "state__last_call",
    )  # fmt: skip


def load(check_ids: Iterable[int]) -> list[Job]:
    """The enabled checks among `check_ids` as jobs, in their order, made anew."""
    return Loader().load(dict.fromkeys(check_ids))


def make(row: Row) -> Job:
    """One check as a job. What is wrong with it becomes its `problem`, never an exception."""
    problem, probe, options = "", None, None
    rules: tuple[Rule, ...] = ()
    secrets: Mapping[str, str] = {}
    try:
        probe = probes.find(row.probe)
        options = probes.parse_options(probe, _options(row, probe))
        rules = _rules(row.rules)
        if row.sealed is not None:
            secrets = assets.opened(row.credential or "", row.sealed)
    except LookupError as error:
        problem = str(error.args[0])
    except (probes.OptionError, RuleError) as error:
        problem = str(error)
    except SealBrokenError as error:
        problem = str(error)
    address = row.address or ""
    if not problem and probe is not None and not probe.passive and not address:
        problem = "没有登记地址"
    return Job(
        check_id=row.id, key=row.key, item=row.item, target_id=row.target_id,
        target=Target(row.target, address, secrets), probe=probe, options=options,
        timeout=row.timeout, retries=row.retries, rules=rules, on_error=Result(row.on_error),
        memory={}, problem=problem,
    )  # fmt: skip


def _options(row: Row, probe: Probe) -> dict[str, Any]:
    """The check's options, then what belongs to the endpoint: its port and its settings.

    An endpoint may carry settings for several probes; only those this probe knows are taken.
    """
    known = {option.name for option in probes.describe(probe)}
    merged: dict[str, Any] = json.loads(row.options)
    if row.address is not None:
        given = {"port": row.port, **json.loads(row.settings or "{}")}
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
    if job.probe is syslog_received:
        return received(job.last_call, job.newest, now, job.options)
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
