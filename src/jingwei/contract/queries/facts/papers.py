"""The papers of a contract as they stand, its own reports among them."""

from datetime import datetime

from django.db.models import Q

from jingwei.contract.models import Contract, Document, DocumentStep
from jingwei.sla.measures.facts import DocumentFact
from jingwei.terms.obligation import Ref

_K = DocumentStep.Kind


def documents(contract: Contract, now: datetime) -> tuple[DocumentFact, ...]:
    """Every paper on file for this contract as of `now`, with its steps by then."""
    rows = (
        Document.objects.filter(Q(contract=contract), at__lte=now)
        .prefetch_related("steps")
        .order_by("id")
    )
    return tuple(_fact(row, now) for row in rows)


def _fact(row: Document, now: datetime) -> DocumentFact:
    steps = {step.kind: step.at for step in row.steps.all() if step.entered_at <= now}
    return DocumentFact(
        ref=Ref("document", str(row.pk), row.at), kind=row.kind, period_start=row.period_start,
        period_end=row.period_end, about=row.about, electronic_at=steps.get(_K.ELECTRONIC),
        paper_at=steps.get(_K.PAPER), confirmed_at=steps.get(_K.CONFIRMED),
        sections=frozenset(row.sections), returned=_K.RETURNED in steps,
    )  # fmt: skip
