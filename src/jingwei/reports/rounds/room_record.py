"""机房环境、供电与布线检查记录 (tender L663-676): climate, leaks, fire, UPS rounds, power, cables.

Temperature and humidity are measured; everything else is what people found on their rounds.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Max, Min, Q

from jingwei.assets.models import Room, Unit
from jingwei.checks.models import DailySummary
from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import Block, Cell, Document, Heading, Note, Paragraph
from jingwei.reports.periodic.parts import number, table, uncollected
from jingwei.reports.periodic.spans import Span
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Expected, Issue, Round
from jingwei.sla.measures.periods import day_of
from jingwei.terms import Result

TITLE = "机房环境、供电与布线检查记录"
ROUNDS = ("leak-check", "fire-check", "ups-inspection", "room-record", "power-record",
          "cabling-record")  # fmt: skip
_ALL = (*ROUNDS, "leak-report", "crac-maintenance")
# Tender L664: both ends of the range are still good.
RANGES = {"room.temperature": ("温度（℃）", 18, 28), "room.humidity": ("湿度（%）", 35, 75)}
PDUS = 2  # tender L671: every server from at least two PDUs
_MOST = 40  # units named one by one; how many more there are is told


@dataclass(frozen=True, slots=True)
class Climate:
    """One measuring point over the span: lowest, highest, mean, and the days it was out."""

    room: str
    item: str
    days: int
    low: float
    high: float
    mean: float
    out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Power:
    """What the register knows of power: how many units have cords written down, and which are poor.

    `poor` are fed by fewer than two PDUs.
    """

    units: int
    known: int
    poor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rooms(Round):
    """The rooms of a quarter. `rooms` are those of the register; `days` the days of the span."""

    rooms: tuple[str, ...] = ()
    days: int = 0
    climate: tuple[Climate, ...] = ()
    rows: tuple[Done, ...] = ()
    expected: tuple[Expected, ...] = ()
    issues: tuple[Issue, ...] = ()
    power: Power | None = None

    def of(self, duty: str) -> tuple[Done, ...]:
        """The records of one duty."""
        return tuple(row for row in self.rows if row.duty == duty)


def gather(subject: str, now: datetime) -> Rooms:
    """A quarter's rounds through the rooms, "2026-Q1". Raises ReportError."""
    held, span, _ = subjects.find("quarterly", subject, now)
    last = min(span.last, day_of(span.as_of - timedelta(microseconds=1)))
    return Rooms(
        records.project(held, span), span,
        tuple(f"{room.code} {room.name}" for room in Room.objects.order_by("code")),
        (last - span.first).days + 1, _climate(span), records.done(held, span, *_ALL),
        records.expected(held, span, now, *ROUNDS), records.issues(span, items="room."),
        _power(span),
    )  # fmt: skip


def _climate(span: Span) -> tuple[Climate, ...]:
    days = defaultdict(list)
    rows = (
        DailySummary.objects.filter(
            date__gte=span.first, date__lte=day_of(span.as_of), series__name__in=RANGES,
            series__check_ref__item__in=RANGES, minimum__isnull=False,
        )
        .filter(date__lte=span.last)
        .order_by()
        .values("date", "series__check_ref__target__label", "series__name")
        .annotate(low=Min("minimum"), high=Max("maximum"), middle=Avg("mean"))
    )  # fmt: skip
    for row in rows:
        days[row["series__check_ref__target__label"], row["series__name"]].append(row)
    made = []
    for (room, item), found in sorted(days.items()):
        label, low, high = RANGES[item]
        out = sorted(row["date"].isoformat() for row in found
                     if row["low"] < low or row["high"] > high)  # fmt: skip
        made.append(
            Climate(
                room, label, len(found), round(min(row["low"] for row in found), 1),
                round(max(row["high"] for row in found), 1),
                round(sum(row["middle"] for row in found) / len(found), 1), tuple(out),
            )
        )  # fmt: skip
    return tuple(made)


def _power(span: Span) -> Power:
    fed = Q(cords__pdu__gt="")
    rows = list(
        Unit.objects.filter(row__kind="server")
        .filter(Q(valid_to=None) | Q(valid_to__gt=span.last))
        .annotate(pdus=Count("cords__pdu", filter=fed, distinct=True))
        .order_by("row__row_no", "number")
        .values_list("code", "pdus")
    )
    known = [(code, pdus) for code, pdus in rows if pdus]
    return Power(len(rows), len(known), tuple(code for code, pdus in known if pdus < PDUS))


def document(held: Rooms, issue: Edition, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("完成情况", [Paragraph(f"机房：{'、'.join(held.rooms) or '台账中没有机房'}。"),
                  *parts.owed(held.expected)]),
        ("温湿度", _measured(held)),
        ("漏水点人工排查", [*_round(held, "leak-check", "漏水点人工排查表"),
                     parts.records("疑似漏水上报记录", held.of("leak-report"))]),
        ("消防隐患排查", [*_round(held, "fire-check", "消防隐患排查表"),
                    Note("隐患须整改闭环：未写整改的记录由服务方补充。")]),
        ("UPS 主机巡检", [*_round(held, "ups-inspection", "UPS 巡检表"),
                      Note("每季度一次，会同强电运维单位（L669）；充放电见另一份记录。")]),
        ("机房环境检查记录", _round(held, "room-record", "机房环境检查记录")),
        ("供电", [*_feeds(held), *_round(held, "power-record", "供电检查记录")]),
        ("布线", _round(held, "cabling-record", "布线检查记录")),
        ("照片与附件", parts.photos(held.rows)),
        ("结论", [Paragraph(f"统计：{conclusion(held)[1]}。"), Paragraph(parts.by_hand("说明"))]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft, third="强电运维单位")


def conclusion(held: Rooms) -> tuple[Result, str]:
    """One verdict and one sentence: what was missed and what was out of its range."""
    out = sum(len(each.out) for each in held.climate)
    missed = [row.label for row in held.expected if row.missed and row.done < row.owed]
    climate = f"温湿度超限 {out} 点·天" if held.climate else "温湿度未采集"
    text = f"巡查记录 {len(held.rows)} 条；{climate}；逾期未完成：{'、'.join(missed) or '无'}"
    state = parts.worst_word(row.result for row in held.rows)
    if missed or out or state is Result.ABNORMAL:
        return Result.ABNORMAL, text
    if not held.rows or not held.climate:
        return Result.UNCHECKED, text
    waiting = any(row.done < row.owed for row in held.expected)
    if waiting or state is Result.ATTENTION or any(one.closed_at is None for one in held.issues):
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _round(held: Rooms, duty: str, caption: str) -> list[Block]:
    rows = held.of(duty)
    if rows:
        return [parts.records(caption, rows)]
    return [Paragraph(f"{caption}：{uncollected('本期没有人登记')}。")]


def _measured(held: Rooms) -> list[Block]:
    if not held.climate:
        return [Paragraph(uncollected("本期没有温湿度读数")),
                parts.issues("机房环境异常", held.issues)]  # fmt: skip
    made = [
        (each.room, each.item, f"{each.days} / {held.days}", f"{each.low:g}", f"{each.high:g}",
         f"{each.mean:g}", _out(each))
        for each in held.climate
    ]  # fmt: skip
    columns = (("测点", 4), ("项目", 2.2), ("有读数天数", 2), ("最低", 1.4), ("最高", 1.4),
               ("平均", 1.4), ("超限日期", 5))  # fmt: skip
    return [
        table("温湿度（范围 18–28 ℃、35–75 %，含端点，L664）", columns, made),
        Heading(2, "（一）超限与处置"), parts.issues("机房环境异常", held.issues),
        parts.records("精密空调维护", held.of("crac-maintenance")),
        Note("有读数天数少于报告期天数的，其余各天未采集，不视为正常。"),
    ]  # fmt: skip


def _out(each: Climate) -> Cell:
    if not each.out:
        return Cell("无")
    return Cell(f"{len(each.out)} 天：{'、'.join(each.out)}", state=Result.ABNORMAL)


def _feeds(held: Rooms) -> list[Block]:
    power = held.power
    if power is None or not power.known:
        return [Paragraph(f"机柜-PDU-服务器映射：{uncollected('台账未登记电源线')}。")]
    missing = power.units - power.known
    named = "、".join(power.poor[:_MOST]) + (" 等" if len(power.poor) > _MOST else "")
    made = [
        ("服务器", number(power.units)), ("已登记电源线", number(power.known)),
        ("未登记（未采集）", number(missing, Result.ATTENTION)),
        ("只接一个 PDU", number(len(power.poor), Result.ABNORMAL)),
    ]  # fmt: skip
    blocks = [table("服务器供电（每台应接两个不同 PDU）", (("项目", 6), ("台数", 3)), made,
                    small=False)]  # fmt: skip
    return [*blocks, Paragraph(f"例外清单：{named}。")] if named else blocks
