"""Which standing fault is behind a bad verdict: what cannot be reached, what waits, what follows.

Three things keep one fault one finding. A target that is silent behind a broken network path is
未检 with the reason: unreachable is not down. A verdict that a fault not yet certain would explain
opens no finding until that is settled. And an open finding that another one explains stands behind
it, whichever was seen first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from jingwei.assets.queries import needs_of_all
from jingwei.checks.models import Check, CheckState, Finding
from jingwei.rules import cause, condition
from jingwei.rules.cause import NETWORK, SILENCING, Causes, Fault
from jingwei.rules.judge import SILENCE
from jingwei.rules.verdict import Judgement
from jingwei.terms import Outcome, Reason, Result

if TYPE_CHECKING:
    from jingwei.checks.actions.recording import Seen

FRESH = timedelta(seconds=20)  # a neighbour asked this recently need not be asked again
# A symptom may be seen before its cause, by no more than this: neighbours are asked at once and
# three strikes take two minutes. What is older was there before and is a fault of its own.
LEAD = timedelta(minutes=5)
_BAD = (Result.ATTENTION, Result.ABNORMAL)


def silent(outcome: Outcome) -> bool:
    """No answer came, and not through a fault of our own; who refuses can be reached."""
    return outcome.reason in {Reason.TIMEOUT, Reason.PROTOCOL}


def kinds_of(check: Check, *, silence: bool) -> frozenset[str]:
    """What lost need could explain a bad verdict of this check."""
    return frozenset(check.suffers) | (SILENCING if silence else frozenset())


@dataclass(frozen=True, slots=True)
class Standing:
    """The faults that stand, who lost what through them, and how each is named."""

    causes: Causes
    names: Mapping[int, str]  # check id → 对象 检查

    def __bool__(self) -> bool:
        """Whether any fault stands that takes something from others."""
        return bool(self.names)

    def behind(self, check: Check, *, silence: bool) -> Fault | None:
        """The fault that explains a bad verdict of a check; never one of its own."""
        found = self.causes.root(check.target_id, kinds_of(check, silence=silence))
        return None if found is None or found.check == check.pk else found


def standing(batch: Iterable["Seen"] = (), checks: Mapping[int, Check] | None = None) -> Standing:
    """The faults that stand now by the database, and by verdicts that are not stored yet."""
    broken: dict[int, dict[str, Fault]] = {}
    names: dict[int, str] = {}
    # Not seeing a fault is not its end: who could not be asked stands as he stood.
    fresh = {seen.check_id: seen for seen in batch if seen.result is not Result.UNCHECKED}
    rows = CheckState.objects.filter(Q(result__in=_BAD) | Q(soft_result__in=_BAD))
    rows = rows.filter(check_ref__enabled=True).exclude(check_ref__breaks=[])
    held = list(rows.select_related("check_ref__target"))
    unseen = {one.pk for one in held if one.soft_result == Result.UNCHECKED}
    told = _told_silent(unseen) if unseen else set()
    for state in held:
        check = state.check_ref
        if check.pk in fresh:
            continue
        values = {row["key"]: row.get("value") for row in state.readings}
        hard = state.result == Result.ABNORMAL
        if not hard and state.soft_result != Result.ABNORMAL:
            continue
        since = (state.since if hard else state.last_at) or state.last_at
        fault = Fault(since.timestamp() if since else 0.0, check.pk, hard)
        silence = state.reading.startswith(SILENCE) or check.pk in told
        _break(broken, names, check, fault, values, silence=silence)
    for seen in fresh.values():
        known = (checks or {}).get(seen.check_id)
        if known is None or not known.breaks or seen.result is not Result.ABNORMAL:
            continue
        values = {v.key: v.reading.value for v in seen.judgement.verdicts if v.reading}
        fault = Fault(seen.at.timestamp(), known.pk, seen.confirmed)
        _break(broken, names, known, fault, values, silence=silent(seen.outcome))
    return Standing(Causes(_needs() if broken else {}, broken), names)


def _told_silent(ids: set[int]) -> set[int | None]:
    """Those of the checks whose open finding says that nothing answered."""
    held = Finding.objects.filter(
        check_ref__in=ids, closed_at__isnull=True, reading__startswith=SILENCE
    )
    return set(held.values_list("check_ref_id", flat=True))


def _break(
    broken: dict[int, dict[str, Fault]], names: dict[int, str], check: Check, fault: Fault,
    values: Mapping[str, Any], *, silence: bool,
) -> None:  # fmt: skip
    for table in check.breaks:
        if (table["silent"] and not silence) or (table["reading"] and not _holds(table, values)):
            continue
        held = broken.setdefault(check.target_id, {})
        held[table["kind"]] = min(fault, held.get(table["kind"], fault))
        names[check.pk] = f"{check.target.label}（{check.target.key}）{check.label}"


def _holds(table: Mapping[str, str], values: Mapping[str, Any]) -> bool:
    value = values.get(table["reading"])
    try:
        return value is not None and condition.parse(table["is"]).holds(value)
    except condition.IncomparableError:
        return False


def _needs() -> dict[int, list[cause.Need]]:
    found: dict[int, list[cause.Need]] = {}
    for dependent, giver, kind in needs_of_all():
        found.setdefault(dependent, []).append(cause.Need(giver, kind))
    return found


# -- unreachable is not down


def reconsider(
    batch: Sequence["Seen"], checks: Mapping[int, Check], news: Sequence["Seen"] | None = None
) -> list["Seen"]:
    """The same batch; what is silent behind a broken network path becomes 未检 with the reason.

    `news`: those of the batch that are later than what is known (else all are); an old word told
    again says nothing of how a path is now.
    """
    if not any(silent(seen.outcome) for seen in batch):
        return list(batch)
    now = standing(batch if news is None else news, checks)
    return [_reconsidered(seen, checks, now) for seen in batch]


def _reconsidered(seen: "Seen", checks: Mapping[int, Check], now: Standing) -> "Seen":
    check = checks.get(seen.check_id)
    if check is None or not silent(seen.outcome):
        return seen
    path = now.causes.root(check.target_id, (NETWORK,))
    if path is None or path.check == check.pk:
        return seen
    reason = f"不可达：{now.names[path.check]}异常，网络路径中断"
    kept = dict(seen.judgement.memory)
    unreachable = Judgement(Result.UNCHECKED, Result.UNCHECKED, "", "", reason[:300], (), kept)
    return replace(seen, judgement=unreachable)


# -- which findings stand behind which


def attribute(causing: Standing, judged: Mapping[int, bool | None]) -> None:
    """Put every open finding behind the one that explains it.

    `judged`: the checks asked just now, and whether they were silent (None: could not be asked,
    so as before). Only these may come out from behind a cause that is gone, for of the others
    nothing new is known; and those of checks that are off, for nothing new will ever be.
    """
    held = Finding.objects.filter(closed_at__isnull=True, check_ref__isnull=False)
    found = list(held.select_related("check_ref__state"))
    by_check = {finding.check_ref_id: finding for finding in found}
    changed = []
    for finding in found:
        check = finding.check_ref
        assert check is not None  # noqa: S101 - by the filter above
        said = judged.get(check.pk)
        silence = _was_silent(finding) if said is None else said
        root = causing.behind(check, silence=silence)
        if root and finding.opened_at.timestamp() < root.since - LEAD.total_seconds():
            root = None
        cause_ = by_check.get(root.check) if root else None
        new = cause_.pk if cause_ else None
        waits = check.enabled and check.pk not in judged
        if new == finding.cause_id or (new is None and waits):
            continue
        finding.cause_id = new
        changed.append(finding)
    Finding.objects.bulk_update(changed, ("cause",), batch_size=200)


def _was_silent(finding: Finding) -> bool:
    """Whether the last word on an open finding was that nothing answered."""
    return finding.reading.startswith(SILENCE)


# -- ask the neighbours


def ask_upstream(doubted: Iterable[Check], at: datetime) -> None:
    """Let what these checks' targets need be asked at once: the cause is to be known first."""
    targets = {check.target_id for check in doubted}
    if not targets:
        return
    needs = _needs()
    above: set[int] = set()
    for target in targets:
        above |= cause.upstream(target, needs)
    rows = CheckState.objects.filter(
        check_ref__target_id__in=above, check_ref__enabled=True, due__gt=at
    ).exclude(check_ref__breaks=[])
    rows = rows.filter(Q(last_at__isnull=True) | Q(last_at__lt=at - FRESH))
    CheckState.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(due=at)
