"""Contract versions: which one is in force, and where its obligations stand."""

from datetime import date

from django.db.models import Case, F, IntegerField, QuerySet, When

from jingwei.contract.models import Contract, Obligation


def contracts() -> QuerySet[Contract]:
    """All versions, demonstration copies included, the latest period first."""
    return Contract.objects.select_related("copy_of").order_by("-period_start", "code", "-version")


def current(as_of: date, *, demonstration: bool = True) -> Contract | None:
    """The contract whose service period contains the date, its newest version.

    A signed contract comes before a demonstration copy; without `demonstration` copies don't count.
    """
    rows = Contract.objects.filter(period_start__lte=as_of, period_end__gte=as_of)
    if not demonstration:
        rows = rows.filter(copy_of=None)
    return in_order(rows).first()


def in_order(rows: QuerySet[Contract]) -> QuerySet[Contract]:
    """Of versions that cover the same day the one that counts comes first.

    A copy over its original's own days is only in a database that is a demonstration as a whole (a
    simulated year): there it counts before the signed one.
    """
    rank = Case(
        When(copy_of=None, then=1),
        When(copy_of__period_start=F("period_start"), then=0),
        default=2,
        output_field=IntegerField(),
    )
    return rows.order_by(rank, "-period_start", "-version")


def origin(contract: Contract) -> Contract:
    """The version whose words count: of a demonstration copy the one it copies."""
    return contract.copy_of or contract


def obligations_of(contract: Contract) -> QuerySet[Obligation]:
    """The obligations of a version in the tender's order."""
    return Obligation.objects.filter(contract=origin(contract)).order_by("position")
