"""设备返修、备件更换记录 (tender L530, L591, L704; reports.md section 16).

Every part with both serial numbers, where it comes from and, second-hand, on what record; where a
disk that held data is kept. No stock is counted by the platform: that is a person's to write.
"""

from dataclasses import dataclass
from datetime import date, datetime

from jingwei.desk.models import ENDED, Kind, Origin, SparePart, Ticket
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, Heading, KeyValues, Note, Paragraph
from jingwei.reports.forms import ledger, periods, tickets
from jingwei.reports.forms.facts import Attached, day
from jingwei.reports.masking import masked
from jingwei.reports.periodic import tickets as counted
from jingwei.reports.periodic.parts import length, table, uncollected, when
from jingwei.reports.periodic.rows import Rows
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts as rounds
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Round
from jingwei.sla.measures.periods import midnight
from jingwei.terms import Result

TITLE = "设备返修、备件更换记录"
SHAPES = ("quarterly", "annual", "monthly")
KINDS = (Kind.SPARE_PART, Kind.INCIDENT, Kind.CHANGE)
_SECOND_HAND = "二手件只用于原厂停产并停服的设备或部件，依据须在更换之前登记（L704）。"
_UNKNOWN = uncollected("未登记")


@dataclass(frozen=True, slots=True)
class Fitted:
    """One part that was fitted. `down` seconds, None where its ticket was no outage."""

    number: str
    at: datetime
    by: str
    device: str
    name: str
    model: str
    serial_out: str
    serial_in: str
    origin: str
    genuine: bool
    basis: str = ""
    production: date | None = None
    support: date | None = None
    disk: bool = False
    kept: str = ""
    warranty: str = ""
    voucher: str = ""
    supplier: str = ""
    checked: str = ""
    down: int | None = None

    @property
    def founded(self) -> bool:
        """Genuine, or second-hand where both ends are on record before the fitting (L704)."""
        if self.genuine:
            return True
        ends = (self.production, self.support)
        return all(end is not None and end <= day(self.at) for end in ends)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A spare-part ticket that nothing was fitted for yet."""

    number: str
    at: datetime
    device: str
    part: str
    state: str


@dataclass(frozen=True, slots=True)
class Parts(Round):
    """The parts of a period, or of one ticket. `files` only for a ticket."""

    ticket: str = ""
    fitted: tuple[Fitted, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    files: tuple[Attached, ...] = ()
    rows: Rows = ledger.NO_ROWS


def gather(subject: str, now: datetime) -> Parts:
    """The parts of a period, "2026-Q1", or of a ticket. Raises ReportError."""
    found = SparePart.objects.select_related(
        "ticket__form", "ticket__application", "ticket__institution", "ticket__target", "target",
        "end_of_service",
    )  # fmt: skip
    if periods.named(subject):
        held, span, ticket = periods.of_ticket(subject, now, "spare-parts", *KINDS)
        mine = list(found.filter(ticket=ticket))
        waiting = _waiting([ticket]) if ticket.kind == Kind.SPARE_PART and not mine else ()
        return Parts(
            records.project(held, span), span, ticket.number, tuple(map(_fitted, mine)), waiting,
            tickets.common(ticket)["files"],
        )  # fmt: skip
    held, span = periods.find(subject, now, *SHAPES)
    inside = list(found.filter(fitted_at__gte=midnight(span.first), fitted_at__lt=span.as_of))
    owners = sorted({row.ticket_id: row.ticket for row in inside}.values(), key=lambda t: t.number)
    return Parts(
        records.project(held, span), span, "", tuple(map(_fitted, inside)), _open(span),
        rows=Rows(tickets=ledger.tickets(owners)),
    )  # fmt: skip


def _open(span: Span) -> tuple[Waiting, ...]:
    """Spare-part tickets of the contract year without a part, not ended, by the span's end."""
    rows = Ticket.objects.filter(
        kind=Kind.SPARE_PART, parts=None, created_at__gte=midnight(span.year_first),
        created_at__lt=span.as_of,
    ).exclude(state__in=ENDED)  # fmt: skip
    return _waiting(list(rows.select_related("form", "target").order_by("number")))


def _waiting(rows: list[Ticket]) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            row.number, row.created_at, str(row.target or "—"),
            masked(str(_said(row).get("part", ""))) or masked(row.title), row.get_state_display(),
        )
        for row in rows
    )  # fmt: skip


def _said(row: Ticket) -> dict[str, object]:
    held = getattr(row, "form", None)
    return dict(held.values) if held is not None and held.form == "spare_part" else {}


def _fitted(row: SparePart) -> Fitted:
    said = {key: masked(str(value)) for key, value in _said(row.ticket).items()}
    basis = row.end_of_service
    return Fitted(
        row.ticket.number, row.fitted_at, row.by_name, str(row.target or "—"), masked(row.name),
        masked(f"{row.maker} {row.model}".strip()), row.serial_out, row.serial_in,
        row.get_origin_display(), row.origin == Origin.GENUINE, basis.source if basis else "",
        basis.production_ends if basis else None, basis.support_ends if basis else None,
        row.disk, masked(row.disk_kept), said.get("warranty", ""), said.get("voucher", ""),
        said.get("supplier", ""), said.get("fitted", ""), counted.down(row.ticket),
    )  # fmt: skip


def document(held: Parts, issue: Issue, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    sections: list[ledger.Section] = [
        ("汇总", [_summary(held)]),
        ("更换明细", _details(held)),
        ("二手件依据", [_basis(held), Note(_SECOND_HAND)]),
        ("含数据的旧盘", [_disks(held), Note("含数据的硬盘不得离场，须留存或有销毁证明。")]),
        ("待更换与返修", [_left(held)]),
        ("备件库存", [Paragraph(f"库存数量：{uncollected('平台不登记备件库存')}。"),
                  Paragraph(rounds.by_hand("库存清点（名称、型号、数量、存放处）"))]),
    ]  # fmt: skip
    if held.ticket:
        rows = [(one.kind, one.name, one.sha256[:16] + "…") for one in held.files]
        columns = (("种类", 2.4), ("文件名", 8), ("SHA-256", 4))
        sections.append(("附件", [table("附件", columns, rows)]))
    return ledger.formal(held, issue, TITLE, sections, draft=draft, rows=held.rows)


def conclusion(held: Parts) -> tuple[Result, str]:
    """One verdict and one sentence; a second-hand part without record is never in order."""
    bad = [one for one in held.fitted if not one.founded]
    lost = [one for one in held.fitted if one.disk and not one.kept]
    text = f"更换 {len(held.fitted)} 件，二手 {sum(not one.genuine for one in held.fitted)} 件"
    text += f"，待更换 {len(held.waiting)} 件"
    if bad or lost:
        return Result.ABNORMAL, f"{text}；二手件无依据 {len(bad)} 件，旧盘去向不明 {len(lost)} 件"
    if held.waiting:
        return Result.ATTENTION, text
    return (Result.NORMAL, text) if held.fitted else (Result.NOT_APPLICABLE, "本期无备件更换")


def _summary(held: Parts) -> Block:
    second = sum(not one.genuine for one in held.fitted)
    every = periods.counted(held.rows, "tickets") if held.rows.tickets else None
    pairs = (
        ("更换件数", ledger.count(len(held.fitted), rows=every)), ("其中原厂正品", ledger.count(
            len(held.fitted) - second)),
        ("其中二手件", ledger.count(second)), ("含数据的旧盘", ledger.count(sum(
            one.disk for one in held.fitted))),
        ("待更换工单", ledger.count(len(held.waiting))),
        ("对甲方费用", Cell("0（L704；平台不登记费用）")),
    )  # fmt: skip
    return KeyValues(pairs, 2)


def _details(held: Parts) -> list[Block]:
    if not held.fitted:
        return [Paragraph("更换明细：本期无。")]
    blocks: list[Block] = []
    for place, one in enumerate(held.fitted, start=1):
        old = one.kept if one.disk else uncollected("平台只登记存储介质的去向")
        pairs = (
            ("设　　备", one.device), ("更换时间", when(one.at)),
            ("故 障 件", one.name), ("型　　号", one.model),
            ("旧序列号", one.serial_out or _UNKNOWN), ("新序列号", one.serial_in),
            ("来　　源", one.origin), ("质 保 至", one.warranty or _UNKNOWN),
            ("供 货 方", one.supplier or _UNKNOWN), ("采购凭证", one.voucher or _UNKNOWN),
            ("旧件去向", old or _UNKNOWN), ("停机时长", length(one.down)),
            ("更换后检查", one.checked or _UNKNOWN), ("更 换 人", one.by),
        )  # fmt: skip
        blocks += [Heading(3, f"{place}. {one.number}　{one.name}"),
                   KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)]  # fmt: skip
    return blocks


def _basis(held: Parts) -> Block:
    made = []
    for one in held.fitted:
        if one.genuine:
            continue
        state = Result.NORMAL if one.founded else Result.ABNORMAL
        word = "有依据" if one.founded else "无依据"
        made.append(
            (
                one.number,
                one.name,
                one.basis or "—",
                str(one.production or "—"),
                str(one.support or "—"),
                Cell(f"{state.sign} {word}", state=state),
            )
        )
    columns = (("单号", 4), ("部件", 3), ("停产停服依据", 5), ("停产", 2.4), ("停止支持", 2.4),
               ("结论", 2.4))  # fmt: skip
    return table("二手件依据", columns, made)


def _disks(held: Parts) -> Block:
    made = [
        (one.number, one.name, one.serial_out or "—", Cell(
            one.kept or "未登记", state=None if one.kept else Result.ABNORMAL))
        for one in held.fitted if one.disk
    ]  # fmt: skip
    return table("含数据的旧盘", (("单号", 4), ("部件", 4), ("旧序列号", 4), ("保管", 6)), made)


def _left(held: Parts) -> Block:
    made = [(one.number, when(one.at), one.device, one.part, one.state) for one in held.waiting]
    columns = (("单号", 4), ("建单", 3), ("设备", 4.4), ("故障件", 4), ("状态", 2))
    return table("待更换与返修", columns, made)
