"""Taking in the contingency plans of a contract: a changed text is a new version."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.emergency import plans
from jingwei.emergency.models import Plan, PlanStep

LOADER = "系统"


@transaction.atomic
def load_plans(folder: Path, now: datetime) -> list[Plan]:
    """The plans of `folder`/plans/*.toml, in force from now on, in the order of their keys.

    Idempotent. A changed text becomes the next version and the one before ends; events and drills
    keep the version they used. Raises ContentError with file and line, and then nothing has
    changed.
    """
    found = plans.read(folder)
    current = {plan.key: plan for plan in Plan.objects.filter(valid_to__isnull=True)}
    kept = []
    for text in found:
        standing = current.get(text.key)
        if standing is not None and standing.digest == text.digest:
            kept.append(standing)
            continue
        if standing is not None:
            _end(standing, now)
        kept.append(_version(text, now))
    return kept


@transaction.atomic
def retire_plans(kept: Collection[Plan], now: datetime) -> None:
    """End what stands in force but in no contract's folder any more; call after all are loaded."""
    gone = Plan.objects.filter(valid_to__isnull=True).exclude(pk__in=[plan.pk for plan in kept])
    for plan in gone:
        _end(plan, now)


def _end(plan: Plan, now: datetime) -> None:
    plan.valid_to = now
    plan.save(update_fields=("valid_to",))
    _record(plan, "plan.ended", now)


def _version(text: plans.PlanText, now: datetime) -> Plan:
    newest = Plan.objects.filter(key=text.key).order_by("-version").first()
    plan = Plan.objects.create(
        key=text.key, version=newest.version + 1 if newest else 1, title=text.title,
        scope=text.scope, signs="\n".join(text.signs), resources="\n".join(text.resources),
        level=text.level, digest=text.digest, loaded_at=now,
    )  # fmt: skip
    PlanStep.objects.bulk_create(
        PlanStep(
            plan=plan, position=number, phase=step.phase, text=step.text, who=step.who,
            within=step.within,
        )
        for number, step in enumerate(text.steps, start=1)
    )  # fmt: skip
    _record(plan, "plan.loaded", now)
    return plan


def _record(plan: Plan, action: str, now: datetime) -> None:
    accounts.record(
        LOADER, action, kind="plan", key=plan.key, now=now,
        after={"version": plan.version, "title": plan.title, "digest": plan.digest},
    )  # fmt: skip
