"""重大变更、升级方案与记录 (tender L517-L518, L655-L661, L707; reports.md section 16).

A change is approved by the client and the health check before it is signed by him before anybody
touches a device (L622); structure, communication and management stay as they are (L707).
"""

from dataclasses import dataclass
from datetime import datetime

from jingwei.contract import queries as contract
from jingwei.contract.models import DutyRecord
from jingwei.desk.models import Kind, State, Ticket
from jingwei.reports.daily.sheet import Issue
from jingwei.reports.document import Block, Cell, Document, KeyValues, Note, Paragraph
from jingwei.reports.forms import parts, tickets
from jingwei.reports.forms.facts import Slip, Step, day
from jingwei.reports.forms.parts import Guard
from jingwei.reports.periodic.parts import uncollected, when
from jingwei.reports.rounds import parts as rounds
from jingwei.reports.rounds import records
from jingwei.reports.rounds.facts import Done
from jingwei.terms import Result

TITLE = "重大变更方案与记录"
CHECK, WATCH = "change-check", "change-watch"
_IMPACT = ("structure", "communication", "management")
_PLAN = ("plan", "affected", "rollback", "told", "engineer")
_WINDOW = ("window_from", "window_to")
_DONE = ("done", "verified", "watched", "archive")


@dataclass(frozen=True, slots=True)
class Change(Slip):
    """One change; `checks` and `watches` are the records of the duties about it."""

    window_from: datetime | None = None
    window_to: datetime | None = None
    checks: tuple[Done, ...] = ()
    watches: tuple[Done, ...] = ()


def gather(number: str) -> Change:
    """The change of that number as of its last record. Raises ReportError."""
    ticket = tickets.find(number, Kind.CHANGE)
    held = getattr(ticket, "form", None)
    values = held.values if held is not None else {}
    return Change(
        **tickets.common(ticket), window_from=_moment(values.get("window_from")),
        window_to=_moment(values.get("window_to")), checks=_about(ticket, CHECK),
        watches=_about(ticket, WATCH),
    )  # fmt: skip


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _about(ticket: Ticket, duty: str) -> tuple[Done, ...]:
    """Records of a duty that name this change, the first first."""
    held = contract.current(day(ticket.created_at))
    forms = records.duties_of(held) if held is not None else {}
    rows = DutyRecord.objects.filter(duty=duty, about=ticket.number).order_by("at", "pk")
    return tuple(records.one(row, forms.get(duty)) for row in rows.prefetch_related("files"))


def document(held: Change, issue: Issue, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    own = {one.key for one in held.entries} - {*_IMPACT, *_PLAN, *_WINDOW, *_DONE, "precheck"}
    sections: list[parts.Section] = [
        ("变更申请", [*parts.head(held, ("变更类型", held.form or "未填表单")),
                  *(parts.fields(held, own) if own else [])]),
        ("方案与回退", [*parts.fields(held, _PLAN), _window(held)]),
        ("影响评估", [Note("系统结构、通信方式、管理模式不应改变（L707）。"),
                  *parts.fields(held, _IMPACT)]),
        ("变更前健康检查", _checks(held)),
        ("批准", [_approvals(held)]),
        ("实施、验证与观察", [*parts.fields(held, _DONE),
                       _records("变更后观察记录", held.watches)]),
        ("先后核对", [parts.guards("先后核对", guards(held))]),
        ("办理过程", [*parts.story(held), *parts.files(held)]),
    ]  # fmt: skip
    sides = [("现场工程师", ("实施意见：________________", "签　字：__________________"))]
    return parts.formal(held, issue, TITLE, sections, draft=draft, sides=sides)


def conclusion(held: Change) -> tuple[Result, str]:
    """One verdict and one sentence: what was done in the wrong order comes first."""
    bad = parts.broken(guards(held))
    if bad and not held.cancelled:
        return Result.ABNORMAL, f"{held.number} 不符合：{'、'.join(bad)}"
    open_ = parts.unended(held)
    if open_ is not None:
        return open_
    return Result.NORMAL, f"{held.number} 已实施并确认"


def guards(held: Change) -> list[Guard]:
    """Approved, checked and signed before it began, inside its window, nothing else changed."""
    begun, done = held.step(State.WORKING), held.step(State.RESOLVED)
    yes, signed = held.step(State.APPROVED), held.step(State.PRECHECKED)
    changed = [one.label for one in held.entries if one.key in _IMPACT and one.text == "改变"]
    known = [one for one in held.entries if one.key in _IMPACT and one.text]
    return [
        Guard("甲方批准在先", _before(_at(yes), _at(begun)),
              parts.at(yes.at, yes.by) if yes else ""),
        Guard("变更前健康检查经甲方签署在先", _before(_at(signed), _at(begun)),
              parts.at(signed.at, signed.by) if signed else ""),
        Guard("有回退方案", bool(held.said("rollback")) if held.entries else False,
              "见“方案与回退”" if held.said("rollback") else ""),
        Guard("系统结构、通信方式、管理模式不改变", len(known) == len(_IMPACT) and not changed,
              f"改变：{'、'.join(changed)}" if changed else
              f"已评估 {len(known)}/{len(_IMPACT)} 项"),
        Guard("在时间窗内开始", _within(held, _at(begun)),
              when(begun.at) if begun else ""),
        Guard("在时间窗内完成", _within(held, _at(done)), when(done.at) if done else ""),
        Guard("已验证", bool(held.said("verified")) if done else None, held.said("verified")),
    ]  # fmt: skip


def _at(step: Step | None) -> datetime | None:
    return step.at if step is not None else None


def _before(first: datetime | None, then: datetime | None) -> bool | None:
    """Whether one came before the other; None while neither had to."""
    if then is None:
        return True if first is not None else None
    return first is not None and first <= then


def _within(held: Change, moment: datetime | None) -> bool | None:
    if moment is None:
        return None
    if held.window_from is None or held.window_to is None:
        return False
    return held.window_from <= moment <= held.window_to


def _window(held: Change) -> Block:
    if held.window_from is None or held.window_to is None:
        return Paragraph(f"时间窗：{uncollected('没有填写')}。")
    return Paragraph(f"时间窗：{when(held.window_from)} 至 {when(held.window_to)}。")


def _checks(held: Change) -> list[Block]:
    signed = held.step(State.PRECHECKED)
    said = held.said("precheck") or "未填写"
    words = f"{parts.at(signed.at, signed.by)}：{signed.text}" if signed else "尚未签署"
    return [
        KeyValues((("健康检查号", Cell(said)), ("甲方签署", Cell(words))), 1),
        _records("变更前健康检查记录", held.checks),
        Note("逐项内容见同一变更单号的变更前健康检查报告。"),
    ]


def _records(caption: str, rows: tuple[Done, ...]) -> Block:
    if not rows:
        return Paragraph(f"{caption}：{rounds.UNRECORDED}。")
    return rounds.records(caption, rows, objects=False)


def _approvals(held: Change) -> Block:
    yes, user = held.step(State.APPROVED), held.step(State.CONFIRMED)
    pairs = (
        ("甲方批准", parts.at(yes.at, yes.by) if yes else "尚未批准"),
        ("批准内容", yes.text if yes else "—"),
        ("用户确认", parts.at(user.at, user.by) if user else "尚未确认"),
        ("现在状态", held.state),
    )
    return KeyValues(tuple((label, Cell(text)) for label, text in pairs), 2)
