"""What is known of targets now, or by the end of a day: beside every line of the register."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from jingwei.accounts import queries as accounts
from jingwei.accounts.models import AuditEntry
from jingwei.assets.models import Target
from jingwei.assets.queries import Link, needed_by, needs
from jingwei.checks import queries as checks
from jingwei.checks.models import CheckState, Finding, StateChange
from jingwei.checks.queries import CheckRow
from jingwei.checks.queries.findings import end_of
from jingwei.terms import Result, worst

STATES: list[tuple[str, str]] = [
    (result.value, f"{result.sign} {result.label}")
    for result in (
        Result.ABNORMAL,
        Result.ATTENTION,
        Result.UNCHECKED,
        Result.NORMAL,
        Result.NOT_APPLICABLE,
    )
]
_MOST = 30


@dataclass(frozen=True, slots=True)
class About:
    """What the page of one target shows besides its facts."""

    state: Result
    checks: list[CheckRow]
    findings: list[tuple[Finding, str]]
    changes: list[StateChange]
    needs: list[Link]
    needed_by: list[Link]
    log: list[AuditEntry]


def states(as_of: date | None, keys: Collection[str] | None = None) -> dict[str, Result]:
    """Target key → the worst state of its checks. A target that isn't in it has no checks: 未检."""
    found: dict[str, list[Result]] = defaultdict(list)
    if as_of is None:
        rows = CheckState.objects.filter(check_ref__in=checks.standing())
        if keys is not None:
            rows = rows.filter(check_ref__target__key__in=keys)
        for key, result in rows.values_list("check_ref__target__key", "result"):
            found[key].append(Result(result))
    else:
        for row in checks.check_status(as_of):
            found[row.target].append(row.result)
    return {key: worst(results) for key, results in found.items()}


def keys_in(state: str, as_of: date | None, every: Iterable[str]) -> list[str]:
    """Which of these keys are in a state; those without checks are 未检."""
    known = states(as_of)
    return [key for key in every if known.get(key, Result.UNCHECKED) == state]


def about(target: Target, as_of: date | None, log: Collection[tuple[str, str]]) -> About:
    """Checks, findings, changes, dependencies and change log of a target.

    `log` are the (kind, key) pairs of the audit chain that belong to it.
    """
    rows = checks.check_status(as_of, target=target.key)
    until = end_of(as_of) if as_of else None
    found = checks.findings(as_of, open_only=False, target=target.key)[:_MOST]
    labels = _item_labels()
    entries: list[AuditEntry] = []
    for kind, key in log:
        entries += accounts.entries(kind, key, until=until)[:_MOST]
    entries.sort(key=lambda entry: -entry.sequence)
    return About(
        state=worst([row.result for row in rows]),
        checks=sorted(rows, key=lambda row: _GRAVITY.index(row.result)),
        findings=[(one, labels.get(one.item, one.item)) for one in found],
        changes=list(checks.changes(target=target.key, until=until)[:_MOST]),
        needs=needs(target),
        needed_by=needed_by(target),
        log=entries[:_MOST],
    )


_GRAVITY = [
    Result.ABNORMAL,
    Result.ATTENTION,
    Result.UNCHECKED,
    Result.NORMAL,
    Result.NOT_APPLICABLE,
]


def _item_labels() -> dict[str, str]:
    return {
        item.id: item.label
        for routine in checks.routine_ids()
        for item in checks.routine(routine).items
    }
