"""服务请求工单 (tender L570-L580): the nine kinds of occasional work, and files sent out (L570)."""

from dataclasses import dataclass
from datetime import datetime

from jingwei.desk.forms.requests import REQUESTS
from jingwei.desk.models import Kind, State
from jingwei.desk.queries import receipts
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.forms import parts, tickets
from jingwei.reports.forms.facts import Slip
from jingwei.reports.forms.parts import Guard
from jingwei.reports.masking import masked
from jingwei.reports.periodic.parts import uncollected, when
from jingwei.terms import Result

TITLE = "服务请求工单"
KINDS = "、".join(form.label for form in REQUESTS)


@dataclass(frozen=True, slots=True)
class Sent:
    """One institution a file was sent to; `received` None: no receipt."""

    institution: str
    sent: datetime | None
    way: str
    received: datetime | None
    receiver: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Order(Slip):
    """One request. `sent` only where files were sent out; `minutes` of work written down."""

    distribution: bool = False
    sent: tuple[Sent, ...] = ()
    minutes: int = 0
    worked: int = 0


def gather(number: str) -> Order:
    """The request of that number as of its last record. Raises ReportError."""
    ticket = tickets.find(number, Kind.SERVICE_REQUEST, Kind.DISTRIBUTION)
    work = list(ticket.work.all())
    return Order(
        **tickets.common(ticket), distribution=ticket.kind == Kind.DISTRIBUTION,
        sent=tuple(
            Sent(row.institution.name, row.sent_at, row.way, row.received_at,
                 row.receiver, masked(row.note))
            for row in receipts(ticket)
        ),
        minutes=sum(row.minutes or 0 for row in work), worked=len(work),
    )  # fmt: skip


def document(held: Order, issue: Issue, *, draft: bool) -> Document:
    """Draw up the order. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("申请", [*parts.head(held, ("工作类别", held.form or "未填表单")),
                Note(f"临时工作共九类（L570～L580）：{KINDS}；文件下发另列。")]),
        ("办理内容", parts.fields(held)),
    ]  # fmt: skip
    if held.distribution:
        sections.append(("下发与回执", _receipts(held)))
    sections += [
        ("办理结果", _result(held)),
        ("核对", [parts.guards("核对", guards(held))]),
        ("办理过程", [*parts.story(held), *parts.files(held)]),
    ]
    sides = [("申请人", ("确认意见：□ 已完成　□ 未完成", "签　字：__________________"))]
    return parts.formal(held, issue, TITLE, sections, draft=draft, sides=sides)


def conclusion(held: Order) -> tuple[Result, str]:
    """One verdict and one sentence."""
    label = held.form or held.kind
    open_ = parts.unended(held)
    if open_ is not None:
        return open_[0], f"{label}：{open_[1]}"
    bad = parts.broken(guards(held))
    if bad:
        return Result.ATTENTION, f"{label}：{held.number} 已办结；不符合：{'、'.join(bad)}"
    return Result.NORMAL, f"{label}：{held.number} 已办结，用户已确认"


def guards(held: Order) -> list[Guard]:
    """What a request is held to: its form is filled in, its user said yes, receipts are there."""
    taken = held.step(State.ACCEPTED)
    yes = held.step(State.CONFIRMED)
    owed = [one.label for one in held.entries if one.closing and not one.client and not one.text]
    rows = [
        Guard("已受理", True if taken else (False if held.ended else None),
              parts.at(taken.at, taken.by) if taken else ""),
        Guard("表单要求的内容已填写", not owed if held.ended or not owed else None,
              f"未填：{'、'.join(owed)}" if owed else ""),
        Guard("用户已确认", True if yes else (False if held.ended else None),
              parts.at(yes.at, yes.by) if yes else ""),
    ]  # fmt: skip
    if held.distribution:
        missing = [one.institution for one in held.sent if one.received is None]
        rows.append(
            Guard("每家机构都有回执",
                  bool(held.sent) and not missing if held.ended or not missing else None,
                  f"{len(held.sent) - len(missing)}/{len(held.sent)} 家"
                  + (f"；缺 {'、'.join(missing)}" if missing else ""))
        )  # fmt: skip
    return rows


def _receipts(held: Order) -> list[Block]:
    rows = [
        (one.institution, when(one.sent, "未下发"), one.way or "—", Cell(
            when(one.received, "无回执"),
            state=None if one.received else Result.ATTENTION,
        ), one.receiver or "—", one.note or "—")
        for one in held.sent
    ]  # fmt: skip
    columns = (("机构", 4.4), ("下发", 3), ("方式", 2.4), ("回执", 3), ("签收人", 2), ("备注", 3))
    return [parts.listing("下发与回执", columns, rows)]


def _result(held: Order) -> list[Block]:
    done, yes = held.step(State.RESOLVED), held.step(State.CONFIRMED)
    spent = uncollected("没有工时记录")
    if held.minutes:
        spent = f"{held.minutes} 分钟（{held.worked} 次记录）"
    pairs = (
        ("完成时间", parts.at(done.at, done.by) if done else "未完成"),
        ("用户确认", parts.at(yes.at, yes.by) if yes else "未确认"),
        ("登记工时", spent), ("现在状态", held.state),
    )  # fmt: skip
    return [KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2),
            Paragraph(f"处理结果：{held.solution or uncollected('尚未填写')}。")]  # fmt: skip
