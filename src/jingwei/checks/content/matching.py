"""Which checks a target gets: for every item the most specific device model that can prove it."""

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from jingwei.checks.content.words import (
    CheckTemplate,
    DeviceModel,
    Match,
    TargetFacts,
    Unchecked,
)


def matches(match: Match, facts: TargetFacts) -> bool:
    """True when every given list of `match` has this target. Vendors and models ignore case."""
    return all(
        (
            not match.keys or facts.key in match.keys,
            not match.kinds or facts.kind in match.kinds,
            not match.engines or facts.engine in match.engines,
            not match.vendors or facts.vendor.lower() in [v.lower() for v in match.vendors],
            not match.models or any(_like(facts.model, glob) for glob in match.models),
        )
    )


def specificity(match: Match) -> int:
    """A key beats a model, a model a vendor or an engine, these a kind."""
    return (
        8 * bool(match.keys)
        + 4 * bool(match.models)
        + 2 * bool(match.vendors or match.engines)
        + bool(match.kinds)
    )


def models_for(devices: Iterable[DeviceModel], facts: TargetFacts) -> list[DeviceModel]:
    """The device models for a target, the most specific first."""
    found = [
        (specificity(model.match), model)
        for model in devices
        if model.match is not None and matches(model.match, facts)
    ]
    return [model for _, model in sorted(found, key=lambda pair: (-pair[0], pair[1].id))]


def templates_for(
    devices: Sequence[DeviceModel], facts: TargetFacts, endpoint_protocols: Collection[str]
) -> list[CheckTemplate]:
    """The checks of one target, given the protocols it has endpoints for.

    For every item the most specific model decides: it has checks whose protocol is registered, or
    says why the item is unchecked. A model that has only checks of other protocols leaves the
    item to a less specific one.
    """
    models = models_for(devices, facts)
    items = dict.fromkeys(check.item for model in models for check in model.checks)
    return [check for item in items for check in _decided(models, item, set(endpoint_protocols))[0]]


def unchecked_reason(
    devices: Sequence[DeviceModel],
    facts: TargetFacts,
    item: str,
    endpoint_protocols: Collection[str] = (),
) -> str | None:
    """Why `item` cannot be checked at this target; None when a check does it."""
    checks, reason = _decided(models_for(devices, facts), item, set(endpoint_protocols))
    return None if checks else reason


def limits_of(devices: Iterable[DeviceModel], facts: TargetFacts) -> str:
    """What the most specific model that says so cannot ask of this target; else empty.

    A model that is more specific than the one with limits, and asks something, has overcome them.
    """
    for model in models_for(devices, facts):
        if model.limits or model.checks:
            return model.limits
    return ""


def _decided(
    models: Sequence[DeviceModel], item: str, protocols: set[str]
) -> tuple[list[CheckTemplate], str]:
    """The checks of one item, or the reason there are none."""
    lacking: list[str] = []
    for model in models:
        checks = [check for check in model.checks if check.item == item]
        able = [check for check in checks if _able(check, protocols)]
        if able:
            first = [check for check in able if not check.fallback]
            return first or able[:1], ""
        lacking += [check.protocol for check in checks]
        word = _word(model, item)
        if word is not None:
            return [], word.reason
    if lacking:
        return [], f"未登记 {'、'.join(dict.fromkeys(lacking))} 端点"
    return [], "该型号没有可用的自动检查"


def _able(check: CheckTemplate, protocols: set[str]) -> bool:
    """A check with no protocol waits for calls (heartbeat): it needs no endpoint."""
    return not check.protocol or check.protocol in protocols


def _word(model: DeviceModel, item: str) -> Unchecked | None:
    return next((word for word in model.unchecked if word.item == item), None)


def _like(model: str, glob: str) -> bool:
    return fnmatchcase(model.lower(), glob.lower())
