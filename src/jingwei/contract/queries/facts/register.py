"""How complete the register is: power, cables, remarks, duties by warranty."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count

from jingwei.assets.models import Application, AssetRow, Unit
from jingwei.desk.models import EndOfService
from jingwei.sla.measures.facts import CoverageFact
from jingwei.terms.obligation import Ref

_MOST = 20  # names of what is missing that anybody reads


def coverage(day: date) -> tuple[CoverageFact, ...]:
    """The coverage facts of a day. What the register does not hold at all gives no fact."""
    units = Unit.objects.exclude(valid_to__lt=day)
    servers = units.filter(row__kind="server").annotate(pdus=Count("cords__pdu", distinct=True))
    registered = [unit.code for unit in servers if unit.pdus]
    poor = [unit.code for unit in servers if unit.pdus == 1]
    facts = [
        _fact("register", units.count() + Application.objects.count(), []),
        _fact("duty-full", AssetRow.objects.filter(tender_status="过保").count(), []),
        _fact("duty-coordinate", AssetRow.objects.filter(tender_status="保内").count(), []),
    ]
    if registered:
        blank = sorted(unit.code for unit in servers if not unit.pdus)
        facts.append(_fact("dual-pdu", servers.count(), sorted(poor), blank))
    ended = {(row.maker, row.model) for row in EndOfService.objects.all()}
    if ended:
        facts.append(_fact("eos-remark", len(ended), []))
    return tuple(fact for fact in facts if fact.total)


def _fact(what: str, total: int, missing: Sequence[str], blank: Sequence[str] = ()) -> CoverageFact:
    return CoverageFact(
        Ref("register", what), what, total - len(missing) - len(blank), total,
        tuple(missing[:_MOST]), len(blank), tuple(blank[:_MOST]),
    )  # fmt: skip
