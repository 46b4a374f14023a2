"""What a ledger is asked for: a month, a quarter, a contract year or, for some, one ticket.

"2022-12", "2022-Q1", "2022-C1", "2022" as `periodic.spans` reads them; "GD-2022-00001" is a ticket.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.contract.queries.versions import in_order
from jingwei.desk.models import Kind, Ticket
from jingwei.reports.document import Behind, Block, Heading, Note
from jingwei.reports.errors import ReportError
from jingwei.reports.fault.gather import as_of
from jingwei.reports.forms import tickets
from jingwei.reports.forms.facts import day
from jingwei.reports.periodic import appendix, spans
from jingwei.reports.periodic.rows import APPENDICES, Rows, behind
from jingwei.reports.periodic.spans import Span
from jingwei.sla.measures.periods import midnight

_DAY = timedelta(days=1)
_LOOKS = {
    "monthly": re.compile(r"2\d{3}-\d{2}"), "quarterly": re.compile(r"2\d{3}-[QC]\d"),
    "annual": re.compile(r"2\d{3}"),
}  # fmt: skip
_TICKET = "GD-"


def asked(kinds: Sequence[str], ticket: str = "") -> str:
    """How a subject is written, for people; `ticket`: which ticket may be named instead."""
    words = [spans.shape(kind) for kind in kinds]
    return "；或 ".join([*words, *([f"{ticket}的单号，如 GD-2026-00001"] if ticket else [])])


def find(subject: str, now: datetime, *kinds: str) -> tuple[Contract, Span]:
    """The contract and the days. Raises ReportError: written otherwise, no contract, to come."""
    said = subject.strip()
    kind = next((kind for kind in kinds if _LOOKS[kind].fullmatch(said)), "")
    if not kind:
        raise ReportError(f"“{said[:20]}”应写成 {asked(kinds)}")
    return spans.find(kind, said, now)


def named(subject: str) -> bool:
    """Whether a ticket is asked for, and not a period."""
    return subject.strip().startswith(_TICKET)


def of_ticket(
    subject: str, now: datetime, kind: str, *wanted: Kind
) -> tuple[Contract, Span, Ticket]:
    """The contract, the days of the ticket and the ticket. Raises ReportError."""
    ticket = tickets.find(subject, *wanted)
    first, last = day(ticket.created_at), day(as_of(ticket))
    for held in in_order(contract.contracts().order_by()):
        if held.period_start <= first <= held.period_end:
            span = Span(
                kind, ticket.number, f"工单 {ticket.number}", first, last, held.period_start,
                held.period_end, min(now, midnight(last + _DAY)),
            )  # fmt: skip
            return held, span, ticket
    raise ReportError(f"没有合同覆盖 {first}（工单 {ticket.number} 的建单日）")


def number(code: str, subject: str) -> str:
    """The number of a form: JAWS-<class>-<period or ticket>-01, for any text that was given."""
    kept = re.sub(r"[^0-9A-Za-z-]", "", subject)[:60]
    return f"JAWS-{code}-{kept if kept.startswith(_TICKET) else kept.replace('-', '')}-01"


def counted(rows: Rows, name: str, **where: str | tuple[str, ...]) -> Behind:
    """A reference to rows of a set, named as `listed` prints it."""
    ref = behind(name, **where)
    return Behind(ref.rows, ref.where, _place(rows, name))


def _sets(rows: Rows) -> list[str]:
    return [name for name in APPENDICES if getattr(rows, name)]


def _place(rows: Rows, name: str) -> str:
    sets = _sets(rows)
    return f"附件 {sets.index(name) + 1}" if name in sets else ""


def listed(rows: Rows) -> list[Block]:
    """Every set of rows there is, under a heading of its own."""
    made: list[Block] = []
    for name in _sets(rows):
        made.append(Heading(1, f"{_place(rows, name)}　{APPENDICES[name]}"))
        made.append(appendix.table(name, getattr(rows, name)))
    return made or [Note("本期没有明细。")]
