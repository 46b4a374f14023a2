"""What a target needs, and what needs it."""

from dataclasses import dataclass

from jingwei.assets.models import Dependency, Target
from jingwei.assets.words import kind_label


@dataclass(frozen=True, slots=True)
class Link:
    """One dependency seen from one end: the target at the other end, and the kind of need."""

    target: Target
    need: str
    sample: bool

    @property
    def kind(self) -> str:
        """The word for the kind of the target at the other end."""
        return kind_label(self.target.kind)


def needs(target: Target) -> list[Link]:
    """What this target can't work without, power first."""
    found = Dependency.objects.filter(dependent=target).select_related("needs")
    return [_link(one, one.needs) for one in _ordered(list(found))]


def needed_by(target: Target) -> list[Link]:
    """What stops working without this target."""
    found = Dependency.objects.filter(needs=target).select_related("dependent")
    return [_link(one, one.dependent) for one in _ordered(list(found))]


def _link(one: Dependency, other: Target) -> Link:
    return Link(target=other, need=Dependency.Kind(one.kind).label, sample=one.sample)


def _ordered(found: list[Dependency]) -> list[Dependency]:
    order = list(Dependency.Kind.values)
    return sorted(found, key=lambda one: (order.index(one.kind), one.pk))


def needs_of_all() -> list[tuple[int, int, str]]:
    """Every dependency as (id of the dependent target, id of what it needs, kind)."""
    return list(Dependency.objects.values_list("dependent_id", "needs_id", "kind"))
