"""What the platform makes of a played year, held against the simulator's own truth."""

from dataclasses import dataclass

from jingwei.contract import queries
from jingwei.contract.models import Contract
from jingwei.region.year import Expected, Year
from jingwei.sla.measures import Verdict
from jingwei.terms.obligation import Standing

_MOST = 5  # rows of evidence named with a difference


@dataclass(frozen=True, slots=True)
class Difference:
    """An obligation that came out otherwise than it has to; `evidence` are the rows behind it."""

    obligation: str
    expected: str
    found: str
    evidence: tuple[str, ...]


def compare(contract: Contract, year: Year) -> list[Difference]:
    """Every obligation of the contract against the truth of the year, as of its close.

    One that the truth does not know, or that the contract does not have, is a difference too.
    """
    rows = {
        row.obligation.key: row.assessment.verdict
        for row in queries.assess_all(contract, year.close)
    }
    found = [
        Difference(
            name, _said(year.truth.get(name)), "没有这条义务" if name not in rows else "", ()
        )
        for name in sorted(set(rows) ^ set(year.truth))
    ]
    for name, verdict in rows.items():
        expected = year.truth.get(name)
        if expected is not None and not _same(expected, verdict):
            lines = [f"{line.text}（{line.ref or '无记录'}）" for line in verdict.lines[:_MOST]]
            seen = Expected(verdict.standing, *_counts(verdict))
            found.append(Difference(name, _said(expected), _said(seen), tuple(lines)))
    return found


def _same(expected: Expected, verdict: Verdict) -> bool:
    if expected.standing is not verdict.standing:
        return False
    counted = expected.kept is not None and bool(verdict.lines)
    return not counted or (expected.kept, expected.broken) == _counts(verdict)


def _counts(verdict: Verdict) -> tuple[int, int]:
    standings = [line.standing for line in verdict.lines]
    return standings.count(Standing.MET), standings.count(Standing.BREACHED)


def _said(expected: Expected | None) -> str:
    if expected is None:
        return "没有真值"
    counts = "" if expected.kept is None else f"（{expected.kept} 达到，{expected.broken} 违约）"
    return f"{expected.standing.label}{counts}"
