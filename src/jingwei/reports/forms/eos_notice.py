"""版本、补丁与停产停服告知单 (tender L655; reports.md section 16).

What the maker announced, which devices it concerns, what is advised, what the client decided.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from jingwei.desk.models import Kind, State, Ticket
from jingwei.desk.queries import affected, announced
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.forms import parts, tickets
from jingwei.reports.forms.facts import Slip, day
from jingwei.reports.forms.parts import Guard
from jingwei.reports.periodic.parts import uncollected
from jingwei.terms import Result

TITLE = "停产停服告知单"
AHEAD = timedelta(days=90)  # reports.md section 1: our default, the tender says 及时


@dataclass(frozen=True, slots=True)
class Device:
    """One device in use that it concerns."""

    key: str
    label: str
    site: str


@dataclass(frozen=True, slots=True)
class Notice(Slip):
    """One notice; the announcement in force on record, "" and None where there is none."""

    production: date | None = None
    support: date | None = None
    source: str = ""
    registered: date | None = None
    devices: tuple[Device, ...] = ()

    @property
    def ends(self) -> date | None:
        """The day it ends: as the form says, else the first end on record."""
        said = self.said("expires")
        if said:
            return date.fromisoformat(said)
        return min((at for at in (self.production, self.support) if at is not None), default=None)


def gather(number: str) -> Notice:
    """The notice of that number as of its last record. Raises ReportError."""
    ticket = tickets.find(number, Kind.EOS_NOTICE)
    held = getattr(ticket, "form", None)
    values = held.values if held is not None else {}
    maker, model = str(values.get("maker", "")), str(values.get("model", ""))
    row = announced(maker, model)
    common = tickets.common(ticket)
    if row is None:
        return Notice(**common, devices=_devices(ticket, maker, model))
    return Notice(
        **common, production=row.production_ends, support=row.support_ends, source=row.source,
        registered=day(row.at), devices=_devices(ticket, maker, model),
    )  # fmt: skip


def _devices(ticket: Ticket, maker: str, model: str) -> tuple[Device, ...]:
    """The devices in use when it was opened."""
    if not maker or not model:
        return ()
    return tuple(
        Device(one.key, one.label, one.unit.row.site.name if one.unit is not None else "")
        for one in affected(maker, model, day(ticket.created_at))
    )


def document(held: Notice, issue: Issue, *, draft: bool) -> Document:
    """Draw up the notice. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("告知事项", [*parts.head(held), *parts.fields(held, but=("decision", "decision_note")),
                  _registered(held)]),
        ("受影响设备", [_concerned(held), Note("按资产登记中同厂商、同型号的在用设备列出。")]),
        ("甲方决定", [*parts.fields(held, ("decision", "decision_note")),
                  Note("升级、暂缓或不升级由甲方决定；未决定不视为同意。")]),
        ("核对", [parts.guards("核对", guards(held))]),
        ("办理过程", [*parts.story(held), *parts.files(held)]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft)


def conclusion(held: Notice) -> tuple[Result, str]:
    """One verdict and one sentence; without the client's decision it is not in order."""
    what = " ".join(word for word in (held.said("maker"), held.said("model")) if word) or held.title
    if held.cancelled:
        return Result.NOT_APPLICABLE, f"{held.number} 已撤销"
    bad = parts.broken(guards(held))
    if bad:
        return Result.ABNORMAL, f"{what}：不符合：{'、'.join(bad)}"
    if not held.said("decision"):
        return Result.ATTENTION, f"{what}：在用 {len(held.devices)} 台，待甲方决定"
    return Result.NORMAL, f"{what}：在用 {len(held.devices)} 台，甲方决定{held.said('decision')}"


def guards(held: Notice) -> list[Guard]:
    """Told in time, with a source and advice, and answered."""
    ends, told = held.ends, day(held.opened_at)
    left = (ends - told).days if ends is not None else None
    handed = held.step(State.RESOLVED)
    return [
        Guard("有公告来源", bool(held.said("source") or held.source),
              held.said("source") or held.source),
        Guard(f"到期前 {AHEAD.days} 天告知（平台默认，招标文件写“及时”）", _in_time(held, left),
              "" if left is None else f"告知 {told}，到期 {ends}，提前 {left} 天"),
        Guard("写明影响和建议", bool(held.said("impact") and held.said("advice"))),
        Guard("已送达甲方", True if handed else (False if held.ended else None),
              parts.at(handed.at, handed.by) if handed else ""),
        Guard("甲方已决定", True if held.said("decision") else (False if held.ended else None),
              held.said("decision")),
    ]  # fmt: skip


def _in_time(held: Notice, left: int | None) -> bool | None:
    """None where no end is known; what was announced too late itself is told at once."""
    if left is None:
        return None
    if left >= AHEAD.days:
        return True
    known = held.said("announced")
    late = known and date.fromisoformat(known) + timedelta(days=7) >= day(held.opened_at)
    return bool(late)


def _registered(held: Notice) -> Block:
    if not held.source:
        return Paragraph(f"停产停服登记：{uncollected('平台没有这个厂商和型号的公告')}。")
    pairs = (
        ("停产日期", held.production.isoformat() if held.production else "未公布"),
        ("停止支持日期", held.support.isoformat() if held.support else "未公布"),
        ("登记依据", held.source),
        ("登记日期", held.registered.isoformat() if held.registered else "—"),
    )
    return KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)


def _concerned(held: Notice) -> Block:
    rows = [(one.key, one.label, one.site or "—") for one in held.devices]
    return parts.listing("受影响的在用设备", (("设备号", 3), ("名称", 8), ("站点", 4)), rows)
