"""A budget as a small picture: what is left, month by month, and where it leads at this pace."""

from collections.abc import Iterable
from dataclasses import dataclass

from jingwei.contract.queries.budgets import Budget

WIDE, HIGH, EDGE = 240, 64, 2  # units of the picture


@dataclass(frozen=True, slots=True)
class Burndown:
    """`points` of what was left so far, `ahead` of the rest of the term at the same pace.

    `sign`, `word` and `kind` say how it stands: never by colour alone.
    """

    budget: Budget
    points: str
    ahead: str
    sign: str
    word: str
    kind: str


def lines_of(budgets: Iterable[Budget]) -> list[Burndown]:
    """One picture for each."""
    return [_line(each) for each in budgets]


def _line(budget: Budget) -> Burndown:
    points = " ".join(_point(budget, share, used) for share, used in budget.points)
    ahead = ""
    if budget.projected is not None and budget.share < 1:
        now = _point(budget, budget.share, budget.used)
        ahead = f"{now} {_point(budget, 1.0, budget.projected)}"
    return Burndown(budget, points, ahead, *_word(budget))


def _word(budget: Budget) -> tuple[str, str, str]:
    if budget.unknown:
        return "?", budget.unknown, "unchecked"
    if budget.broken:
        return "✕", "已超出", "abnormal"
    if budget.at_risk:
        return "◆", "照此将超出", "attention"
    return "●", "有余", "normal"


def _point(budget: Budget, share: float, used: float) -> str:
    """Where in the picture: what is left, from full at the top to nothing at the bottom."""
    left = max(0.0, 1 - used / budget.limit) if budget.limit else 0.0
    x = EDGE + share * (WIDE - 2 * EDGE)
    y = EDGE + (1 - left) * (HIGH - 2 * EDGE)
    return f"{x:.1f},{y:.1f}"
