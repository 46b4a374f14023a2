"""What a finding does to others: the findings behind it, and who lost what through it."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.assets.models import Target
from jingwei.assets.queries import needs_of_all
from jingwei.checks.models import Finding
from jingwei.rules.cause import Causes, Fault, Need

_LABELS = {
    "power": "供电", "network": "网络", "host": "主机", "storage": "存储", "database": "数据库",
    "application": "应用",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Affected:
    """A target that has lost something through a finding; `lost` in words, joined by 、."""

    target: Target
    lost: str


@dataclass(frozen=True, slots=True)
class Impact:
    """The findings behind one, and the targets it took something from; applications first.

    `shared`: how many others lean on the target and have another one to lean on.
    """

    symptoms: Sequence[Finding]
    affected: Sequence[Affected]
    shared: int


def impact(finding: Finding) -> Impact:
    """What stands behind a finding by its symptoms and by the register's dependencies."""
    symptoms = finding.symptoms.select_related("target").order_by("result", "opened_at", "id")
    check = finding.check_ref
    kinds = {table["kind"] for table in check.breaks} if check else set()
    if not kinds or finding.closed_at is not None:
        return Impact(list(symptoms), (), 0)
    needs: dict[int, list[Need]] = {}
    for dependent, giver, kind in needs_of_all():
        needs.setdefault(dependent, []).append(Need(giver, kind))
    fault = Fault(finding.opened_at.timestamp(), finding.pk)
    causes = Causes(needs, {finding.target_id: dict.fromkeys(sorted(kinds), fault)})
    lost = {target: causes.lost(target) for target in needs if target != finding.target_id}
    hit = {target: kinds for target, kinds in lost.items() if kinds}
    found = Target.objects.filter(pk__in=hit, valid_to__isnull=True).order_by("order", "key")
    ordered = sorted(found, key=lambda one: one.kind != "application")
    leaning = {
        target for target, givers in needs.items()
        if any(need.target == finding.target_id and need.kind in kinds for need in givers)
    }  # fmt: skip
    return Impact(
        list(symptoms),
        [Affected(one, "、".join(_LABELS[kind] for kind in hit[one.pk])) for one in ordered],
        len(leaning - hit.keys()),
    )
