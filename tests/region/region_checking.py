"""Checks the region as the product does: shipped content, real probes, real rules, no database."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jingwei import probes
from jingwei.checks.content import TargetFacts, load_devices, templates_for
from jingwei.rules.judge import judge_outcome
from jingwei.terms import Endpoint, Peer, Result, Target, worst

Sheet = dict[tuple[str, str], Result]

_SAMPLE_GAP = 0.4


@dataclass(frozen=True)
class Check:
    """One check of one target."""

    endpoint: Endpoint
    template: Any


class Checker:
    """All checks of some peers at their endpoints."""

    def __init__(self, devices: Path, peers: Sequence[Peer], endpoints: Iterable[Endpoint]) -> None:
        models = load_devices(devices)
        known = {(each.key, each.protocol): each for each in endpoints}
        self.checks: list[Check] = []
        for peer in peers:
            engine = "postgresql" if peer.kind == "database" else ""
            facts = TargetFacts(
                key=peer.key, kind=peer.kind, vendor=peer.vendor, model=peer.model, engine=engine
            )
            protocols = [protocol for key, protocol in known if key == peer.key]
            for template in templates_for(models, facts, protocols):
                endpoint = known.get((peer.key, template.protocol))
                if endpoint is not None:
                    self.checks.append(Check(endpoint, template))

    def sheet(self, keys: Iterable[str] | None = None, *, patience: float = 60.0) -> Sheet:
        """The verdict on each (target, item), for some targets or for all.

        `patience` is the most seconds to wait for an answer: less where silence is expected.
        """
        wanted = None if keys is None else set(keys)
        return asyncio.run(self._sheet(wanted, patience))

    async def _sheet(self, wanted: set[str] | None, patience: float) -> Sheet:
        checks = [c for c in self.checks if wanted is None or c.endpoint.key in wanted]
        limits = probes.Limits()
        results = await asyncio.gather(*(self._one(check, limits, patience) for check in checks))
        grouped: dict[tuple[str, str], list[Result]] = {}
        for check, result in zip(checks, results, strict=True):
            grouped.setdefault((check.endpoint.key, check.template.item), []).append(result)
        return {place: worst(found) for place, found in grouped.items()}

    async def _one(self, check: Check, limits: Any, patience: float) -> Result:
        template, endpoint = check.template, check.endpoint
        probe = probes.find(template.probe)
        known = {option.name for option in probes.describe(probe)}
        given = {"port": endpoint.port, **endpoint.settings}
        options = {**template.options, **{k: v for k, v in given.items() if k in known}}
        parsed = probes.parse_options(probe, options)
        target = Target(endpoint.key, endpoint.address, endpoint.secrets)
        memory: Any = {}
        for _ in range(2):
            outcome = await probes.run(
                probe,
                target,
                parsed,
                timeout=min(template.timeout, patience),
                retries=0,
                limits=limits,
            )
            judgement = judge_outcome(
                template.rules, outcome, memory, datetime.now(UTC), template.on_error
            )
            if not judgement.sample_again:
                break
            memory = judgement.memory
            await asyncio.sleep(_SAMPLE_GAP)
        return judgement.seen


def bad(sheet: Sheet) -> dict[tuple[str, str], Result]:
    """What is abnormal or needs attention."""
    return {k: v for k, v in sheet.items() if v in (Result.ABNORMAL, Result.ATTENTION)}
