"""What the ledgers of a period share: the whole document, with the rows its numbers count."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jingwei.desk.models import Ticket
from jingwei.reports import front
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import (
    Behind,
    Block,
    Cell,
    Contents,
    Document,
    PageBreak,
    chinese_number,
    minute,
)
from jingwei.reports.forms import periods
from jingwei.reports.periodic.listing import opened
from jingwei.reports.periodic.parts import chapters, number
from jingwei.reports.periodic.rows import Opened, Rows
from jingwei.reports.rounds.facts import Round
from jingwei.terms import Result

Section = tuple[str, Sequence[Block]]
NO_ROWS = Rows()


def formal(
    held: Round, issue: Issue, title: str, sections: Sequence[Section], *, draft: bool,
    rows: Rows = NO_ROWS,
) -> Document:  # fmt: skip
    """The whole ledger: cover, revisions, numbered sections, signatures, the rows behind it.

    It is short: it has no contents and begins under its revisions.
    """
    span = held.span
    notice = "" if span.closed else f"报告期未结束，数据截至 {minute(span.as_of)}。"
    signed = front.signatures(f"{chinese_number(len(sections) + 1)}、签字确认")
    wide = [PageBreak(landscape=True)] if rows.tickets else []
    extra = [*wide, *periods.listed(rows)] if rows != NO_ROWS else []
    period = f"{span.days}（{span.label}）"
    made = front.formal(
        held.project, issue, title, period, [*chapters(sections), *signed, *extra], draft=draft,
        notice=notice,
    )  # fmt: skip
    return replace(made, blocks=tuple(one for one in made.blocks if not _left_out(one)))


def _left_out(one: Block) -> bool:
    return isinstance(one, Contents) or (isinstance(one, PageBreak) and not one.landscape)


def count(value: int, bad: Result | None = None, rows: Behind | None = None) -> Cell:
    """A count in a grid of labels, where texts stand beside it: aligned as they are."""
    return replace(number(value, bad, rows), align=None)


def tickets(found: Iterable[Ticket]) -> tuple[Opened, ...]:
    """Tickets as rows of the set 工单明细."""
    return tuple(opened(row) for row in found)
