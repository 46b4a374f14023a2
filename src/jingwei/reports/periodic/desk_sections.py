"""Sections about the desk: service levels, faults, requests, changes, parts, what is left."""

from typing import Any

from jingwei.desk.models import Kind
from jingwei.reports.document import (
    BY_HAND,
    Behind,
    Block,
    Cell,
    Heading,
    Note,
    Paragraph,
    percent,
)
from jingwei.reports.periodic import pictures
from jingwei.reports.periodic.facts import Account, Fault, Kept
from jingwei.reports.periodic.parts import length, number, table, tallies, when
from jingwei.reports.periodic.rows import DONE, OPEN, behind
from jingwei.terms import Result

# A fault that was withdrawn is no fault: these are the ones counted.
_FAULT: dict[str, Any] = {"kind": Kind.INCIDENT.label, "ended": (DONE, OPEN)}
_FORMLESS = "未填表单"


def service_levels(held: Account) -> list[Block]:
    """The three limits by severity on both calendars, and what was late."""
    columns = (("级别", 5), ("时限", 2.6), ("日历", 1.6), ("达标", 1.5), ("超时", 1.5),
               ("达标率", 2), ("进行中", 1.6), ("远程解决", 1.8), ("数据缺陷", 1.8))  # fmt: skip
    rows = [
        (k.severity, k.limit, k.calendar, number(k.met, rows=_clocks(k, "met")),
         number(k.late, Result.ABNORMAL, _clocks(k, "late")),
         Cell(percent(k.met, k.met + k.late), align="right", rows=_clocks(k, "met", "late")),
         number(k.running, rows=_clocks(k, "running")),
         number(k.remote, rows=_clocks(k, "remote")),
         number(k.unclear, Result.ATTENTION, _clocks(k, "unclear")))
        for k in held.kept
    ]  # fmt: skip
    late = [
        (x.number, x.title, x.limit, x.calendar, length(x.allowed), length(x.used))
        for x in held.late
    ]
    wide = (("故障单", 3.6), ("标题", 5), ("时限", 2.4), ("日历", 1.6), ("约定", 2), ("用时", 2.6))
    blocks: list[Block] = [table("服务级别达成", columns, rows)]
    if held.kept:
        blocks.append(
            Note(
                "达标率 = 达标 /（达标 + 超时）；远程解决、数据缺陷单列，不算达标。"
                "两种日历并列（A03）。"
            )
        )
    return [*blocks, *pictures.kept(held), Heading(3, "超时明细"), table("超时明细", wide, late)]


def _clocks(kept: Kept, *outcomes: str) -> Behind:
    return behind(
        "clocks", severity=kept.severity, limit=kept.limit, calendar=kept.calendar,
        outcome=outcomes,
    )  # fmt: skip


def faults(held: Account) -> list[Block]:
    """Faults by severity, system and cause, and each of them."""
    return [
        *pictures.severities(held),
        tallies("故障按级别", "级别", held.severities, lambda name: _FAULT | {"severity": name}),
        tallies("故障按原因", "原因分类", held.causes, lambda name: _FAULT | {"cause": name}),
        _list("故障清单", held.faults),
    ]


def _list(caption: str, rows: tuple[Fault, ...]) -> Block:
    columns = (("单号", 4.4), ("标题", 4), ("系统、机构、设备", 4), ("级别", 2.6), ("原因", 2.2),
               ("建单", 3.4), ("恢复", 3.4), ("状态", 1.8))  # fmt: skip
    return table(
        caption, columns,
        [(f.number, f.title, f.where, f.severity or "—", f.cause or "—", when(f.at),
          when(f.restored), f.state) for f in rows],
    )  # fmt: skip


def requests(held: Account) -> list[Block]:
    """Service requests by the tender's kinds of occasional work (L570-578)."""
    return [
        tallies("服务请求按临时工作类别", "类别", held.requests, _request),
        Note("故障与服务请求分开统计（L586）；类别顺序同招标文件 L570～L578，没有的计 0 件。"),
    ]


def counts(held: Account) -> list[Block]:
    """All tickets by kind, channel, system, institution."""
    return [
        tallies("工单按类别", "类别", held.tickets, lambda name: {"kind": name}),
        tallies("工单按来源", "来源", held.channels, lambda name: {"channel": name}),
        tallies("工单按系统", "系统", held.systems, lambda name: {"system": name}),
        tallies("工单按机构", "机构", held.institutions, lambda name: {"institution": name}),
    ]


def _request(label: str) -> dict[str, Any]:
    """Service requests of a form; without one they are counted as 未填表单."""
    return {"kind": Kind.SERVICE_REQUEST.label, "form": "" if label == _FORMLESS else label}


def changes(held: Account) -> list[Block]:
    """Changes with approval and the health check before them (L584, L622)."""
    columns = (("单号", 3.8), ("时间", 3), ("对象", 3.6), ("内容", 5), ("批准或签字", 2.4),
               ("变更前检查", 3), ("状态", 2))  # fmt: skip
    rows = [
        (c.number, when(c.at), c.where, c.what,
         Cell(c.approved or "无", state=None if c.approved else Result.ATTENTION),
         Cell(when(c.checked_at, "无"), state=None if c.checked_at else Result.ATTENTION),
         c.state)
        for c in held.changes
    ]  # fmt: skip
    return [
        table("变更清单", columns, rows),
        Paragraph(f"配置基线差异：{BY_HAND}"),
    ]


def parts(held: Account) -> list[Block]:
    """Devices repaired and parts replaced (L591, L704)."""
    columns = (("日期", 3.2), ("设备", 3.6), ("部件", 3.4), ("旧序列号", 2.8), ("新序列号", 2.8),
               ("来源与依据", 2.6), ("旧盘保管", 2.2), ("停机", 2), ("单号", 4.4))  # fmt: skip
    rows = [
        (when(p.at)[:10], p.device, p.name, p.serial_out or "—", p.serial_in,
         "；".join(word for word in (p.origin, p.basis) if word), p.disk_kept or "—",
         length(p.down), p.number)
        for p in held.parts
    ]  # fmt: skip
    return [table("设备返修与备件更换", columns, rows)]


def hardware(held: Account) -> list[Block]:
    """Warranty and end of service (L655): what the client has to know in time."""
    ends = [
        (e.row, e.name, e.ends.isoformat(), "已过保" if e.ended else "将过保",
         e.status) for e in held.expiries
    ]  # fmt: skip
    announced = [
        (e.model, e.production.isoformat() if e.production else "—",
         e.support.isoformat() if e.support else "—", number(e.units),
         "已停止" if e.ended else "90 天内停止")
        for e in held.endings
    ]  # fmt: skip
    return [
        Heading(3, "保修到期"),
        table("保修到期提醒",
              (("清单行", 2.4), ("设备", 6), ("到期", 2.8), ("状态", 2), ("清单所写", 2)), ends),
        Note("按购置年月加保修年限推算；列出本期内与期后 90 天内到期的。"),
        Heading(3, "停产停服"),
        table("停产停服提醒", (("型号", 6), ("停产", 2.6), ("停止支持", 2.6), ("在用台数", 2),
                          ("状态", 2.6)), announced),
    ]  # fmt: skip


def events(held: Account) -> list[Block]:
    """Emergencies that touch the period."""
    columns = (("编号", 3), ("名称", 5), ("级别", 3.4), ("开始", 3.2), ("恢复", 3.2), ("原因", 2.8),
               ("剔除", 2.6))  # fmt: skip
    rows = [
        (e.number, e.title, e.level, when(e.start), when(e.end, "尚未恢复"), e.cause,
         e.excluded_by or "否")
        for e in held.events
    ]  # fmt: skip
    return [table("应急事件", columns, rows)]


def left(held: Account) -> list[Block]:
    """What is not ended, and the risks a person sees in it."""
    return [_list("遗留工单", held.left), Paragraph(f"风险与建议：{BY_HAND}")]


def advice() -> list[Block]:
    """Advice is a person's: no record writes it (L523, L592)."""
    return [Paragraph(f"优化调整建议：{BY_HAND}")]
