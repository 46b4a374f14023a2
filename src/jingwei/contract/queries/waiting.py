"""What of a contract waits for somebody: what the client has to decide, what the provider owes."""

from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.contract.models import Contract, Document, DocumentStep, DutyRecord
from jingwei.contract.queries.assess import Assessed
from jingwei.contract.queries.duties import missed
from jingwei.sla.owed import Owed
from jingwei.terms.obligation import Standing

CLIENT, PROVIDER = "client", "provider"
_K = DocumentStep.Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things of one kind wait for one side. `kind` names the page that has them."""

    who: str
    kind: str
    what: str
    number: int


def waiting(contract: Contract, rows: Sequence[Assessed], owed: Sequence[Owed]) -> list[Waiting]:
    """The client's first; only what there is."""
    undecided = {key for row in rows for key in row.assessment.open_questions}
    hanging = sum(row.assessment.verdict.standing is Standing.NOT_AGREED for row in rows)
    broken = sum(row.assessment.verdict.standing is Standing.BREACHED for row in rows)
    unproven = sum(row.assessment.verdict.standing is Standing.NO_EVIDENCE for row in rows)
    found = [
        Waiting(CLIENT, "decisions", f"歧义未裁定（{hanging} 条义务因此未约定）", len(undecided)),
        Waiting(CLIENT, "records", "周期工作记录待确认", _unconfirmed(contract)),
        Waiting(CLIENT, "papers", "已提交的文件待确认或退回", _unanswered(contract)),
        Waiting(PROVIDER, "breached", "违约待整改或说明", broken),
        Waiting(PROVIDER, "missed", "错过的周期工作", len(missed(owed))),
        Waiting(PROVIDER, "no_evidence", "义务还没有证据", unproven),
    ]
    return [each for each in found if each.number]


def _unconfirmed(contract: Contract) -> int:
    rows = DutyRecord.objects.filter(contract=contract, corrected_by=None, confirmations=None)
    return rows.count()


def _unanswered(contract: Contract) -> int:
    given = DocumentStep.objects.filter(document__contract=contract)
    return (
        Document.objects.filter(contract=contract)
        .filter(pk__in=given.filter(kind=_K.ELECTRONIC).values("document"))
        .exclude(pk__in=given.filter(kind__in=(_K.CONFIRMED, _K.RETURNED)).values("document"))
        .count()
    )
