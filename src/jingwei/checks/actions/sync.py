"""From content and register to checks: one row for every target and template that fits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from jingwei import probes
from jingwei.assets.models import Endpoint, Target
from jingwei.assets.words import PROTOCOLS
from jingwei.checks import content
from jingwei.checks.actions import calls, schedule, stoppage
from jingwei.checks.models import Check, CheckState, Finding
from jingwei.checks.queries.devices import facts_of
from jingwei.terms import SHANGHAI

_FIELDS = (
    "target_id", "endpoint_id", "item", "label", "probe", "options", "rules", "every", "timeout",
    "retries", "strikes", "on_error", "breaks", "suffers", "source", "enabled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Synced:
    """How many checks a sync made, changed, left alone and switched off."""

    created: int
    updated: int
    unchanged: int
    disabled: int


def sync_checks(devices: Sequence[content.DeviceModel], now: datetime) -> Synced:
    """Make the checks what content and register say, in one transaction. Repeating changes nothing.

    A check whose template or endpoint is gone is switched off, never deleted: what it saw stays,
    and its open finding is closed with that reason.
    """
    with transaction.atomic():
        wanted = {check.key: check for check in _wanted(devices, now)}
        held = {check.key: check for check in Check.objects.select_related("target")}
        _respect(wanted, held)
        created = [check for key, check in wanted.items() if key not in held]
        changed = [
            _take_over(held[key], check)
            for key, check in wanted.items()
            if key in held and _differs(held[key], check)
        ]
        gone = [
            check for key, check in held.items()
            if check.enabled and key not in wanted and not _lives_on(check, now)
        ]  # fmt: skip
        Check.objects.bulk_create(created, batch_size=200)
        Check.objects.bulk_update(changed, (*_FIELDS, "heartbeat_token"), batch_size=50)
        _disable(gone, now)
        _schedule([*created, *changed], now)
    unchanged = len(wanted) - len(created) - len(changed)
    return Synced(len(created), len(changed), unchanged, len(gone))


def _respect(wanted: Mapping[str, Check], held: Mapping[str, Check]) -> None:
    """What a person switched off stays off."""
    off = stoppage.stopped()
    for key, check in wanted.items():
        if key in held and held[key].pk in off:
            check.enabled = False


def _lives_on(check: Check, now: datetime) -> bool:
    """Made on a page, so no content asks for it; its target is still there."""
    ended = check.target.valid_to if check.by_hand else None
    return check.by_hand and (ended is None or ended > now.astimezone(SHANGHAI).date())


def unchecked_reasons(
    devices: Sequence[content.DeviceModel], wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """Why there is no check for each (item, target id): 未登记 … 地址, or what content says."""
    targets = {target.pk: target for target in _targets()}
    protocols = _endpoints()
    reasons, off = {}, stoppage.reasons()
    for item, pk in wanted:
        target = targets.get(pk)
        if (item, pk) in off:
            reasons[item, pk] = off[item, pk]
            continue
        if target is None:
            reasons[item, pk] = "该对象已停用"
            continue
        facts, have = facts_of(target), _speaks(protocols.get(pk, {}))
        found = content.unchecked_reason(devices, facts, item, have)
        reasons[item, pk] = found or "没有适用于该型号的检查"
    return reasons


def _targets() -> Iterable[Target]:
    return Target.objects.select_related("unit__row", "database").order_by("order", "key")


def _endpoints() -> dict[int, dict[str, Endpoint]]:
    found: dict[int, dict[str, Endpoint]] = {}
    for endpoint in Endpoint.objects.all():
        found.setdefault(endpoint.target_id, {})[endpoint.protocol] = endpoint
    return found


def _speaks(endpoints: Mapping[str, Endpoint]) -> set[str]:
    """The protocols a target can be asked in; what calls us by a token needs no address."""
    called = {probe.protocol for probe in probes.all_probes() if _called(probe)}
    return set(endpoints) | called


def _called(probe: probes.Probe) -> bool:
    """Something calls us and says by a token who it is, not by an address of the register."""
    return probe.passive and probe.protocol not in PROTOCOLS


def _wanted(devices: Sequence[content.DeviceModel], now: datetime) -> Iterable[Check]:
    endpoints = _endpoints()
    today = now.astimezone(SHANGHAI).date()
    for target in _targets():
        if target.valid_to is not None and target.valid_to <= today:
            continue
        held = endpoints.get(target.pk, {})
        protocols: Collection[str] = _speaks(held)
        for template in content.templates_for(devices, facts_of(target), protocols):
            yield _check(target, template, held.get(template.protocol))


def _check(target: Target, template: content.CheckTemplate, endpoint: Endpoint | None) -> Check:
    return Check(
        key=f"{target.key}:{template.id}",
        target=target,
        endpoint=endpoint,
        item=template.item,
        label=template.label[:100],
        probe=template.probe,
        options=_plain(template.options),
        rules=[_plain(rule.table()) for rule in template.rules],
        every=template.every,
        timeout=template.timeout,
        retries=template.retries,
        strikes=template.strikes,
        on_error=template.on_error.value,
        breaks=[one.table() for one in template.breaks],
        suffers=list(template.suffers),
        source=template.source[:100],
        heartbeat_token=calls.new_token() if _called(probes.find(template.probe)) else "",
    )


def _plain(value: Any) -> Any:
    """The same value as JSON gives it back, so that comparing finds no false differences."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _differs(held: Check, wanted: Check) -> bool:
    return any(getattr(held, name) != getattr(wanted, name) for name in _FIELDS)


def _take_over(held: Check, wanted: Check) -> Check:
    """The row stays (its history hangs on it), its configuration becomes the wanted one."""
    for name in _FIELDS:
        setattr(held, name, getattr(wanted, name))
    held.heartbeat_token = held.heartbeat_token or wanted.heartbeat_token
    return held


def _disable(gone: Sequence[Check], now: datetime) -> None:
    ids = [check.pk for check in gone]
    Check.objects.filter(pk__in=ids).update(enabled=False)
    for check in sorted(gone, key=lambda one: one.pk):  # as recorders lock them
        stoppage.forget(check, "检查已停用", now)
    for finding in Finding.objects.filter(check_ref_id__in=ids, closed_at__isnull=True):
        finding.closed_at = max(now, finding.opened_at)
        finding.detail = f"{finding.detail}（检查已停用，未确认恢复）".strip()
        finding.save(update_fields=["closed_at", "detail"])


def _schedule(checks: Sequence[Check], now: datetime) -> None:
    """A state for each, due in its own phase. A changed check forgets what its old rules kept."""
    due = {check.pk: schedule.next_due(check.key, check.every, now) for check in checks}
    held = {state.check_ref_id: state for state in CheckState.objects.filter(check_ref_id__in=due)}
    CheckState.objects.bulk_create(
        [
            CheckState(check_ref=check, due=due[check.pk])
            for check in checks
            if check.pk not in held
        ],
        batch_size=200,
    )
    for pk, state in held.items():
        state.due, state.memory = due[pk], {}
    CheckState.objects.bulk_update(held.values(), ("due", "memory"), batch_size=100)


def recheck(check: Check, now: datetime) -> None:
    """Let a worker run this check at once."""
    CheckState.objects.filter(check_ref=check, check_ref__enabled=True).update(due=now)
