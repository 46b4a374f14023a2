"""What a measure says, and how several such sayings become one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jingwei.terms.obligation import Ref, Standing


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence, or the lack of one: `ref` is None for what is missing."""

    standing: Standing
    text: str
    ref: Ref | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where an obligation stands and why. `value` and `limit` are words for people.

    `lines` are the rows behind it, what is wrong first; `due` when the next thing is to be done.
    """

    standing: Standing
    value: str = ""
    limit: str = ""
    lines: tuple[Line, ...] = ()
    due: datetime | None = None
    note: str = ""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The records behind it."""
        return tuple(line.ref for line in self.lines if line.ref is not None)


# What has been kept so far is met although the next time is still to come: `due` says when.
_FIRST = (
    Standing.BREACHED, Standing.NOT_AGREED, Standing.NO_EVIDENCE, Standing.MET,
    Standing.DUE, Standing.NOT_DUE, Standing.NOT_APPLICABLE,
)  # fmt: skip


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """What is wrong first, then by time."""

    def key(line: Line) -> tuple[int, float, str]:
        at = line.due or (line.ref.at if line.ref else None)
        return _FIRST.index(line.standing), at.timestamp() if at else 0.0, line.text

    return tuple(sorted(lines, key=key))


def summed(
    lines: Sequence[Line], *, limit: str = "", nothing: Standing = Standing.NOT_APPLICABLE,
    nothing_text: str = "本期无", note: str = "",
) -> Verdict:  # fmt: skip
    """The verdict over single occurrences: one breach is a breach.

    Lines that are not applicable count for nothing. Without any other line it is `nothing`.
    """
    counted = [line for line in lines if line.standing is not Standing.NOT_APPLICABLE]
    if not counted:
        return Verdict(nothing, nothing_text, limit, in_order(lines), note=note)
    standings = {line.standing for line in counted}
    standing = next(each for each in _FIRST if each in standings)
    met = sum(line.standing is Standing.MET for line in counted)
    judged = sum(line.standing in (Standing.MET, Standing.BREACHED) for line in counted)
    waiting = (Standing.DUE, Standing.NOT_DUE)
    dues = [line.due for line in counted if line.standing in waiting and line.due]
    return Verdict(
        standing, f"{met}/{judged} 达到" if judged else in_order(counted)[0].text, limit,
        in_order(lines), due=min(dues, default=None), note=note,
    )  # fmt: skip
