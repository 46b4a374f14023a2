"""UPS 充放电维护记录 (tender L36, L43, L50, L670): every unit, twice a year, with both other sides.

One half of the contract year at a time; what the year has in all stands beside it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from jingwei.reports.daily.sheet import Issue as Edition
from jingwei.reports.document import (
    BY_HAND,
    Block,
    Cell,
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
)
from jingwei.reports.errors import ReportError
from jingwei.reports.periodic.parts import number, table
from jingwei.reports.rounds import parts, records, subjects
from jingwei.reports.rounds.facts import Done, Expected, Round, Thing, of_object
from jingwei.terms import Result

TITLE = "UPS 充放电维护记录"
DUTY = "ups-discharge"
PER_YEAR = 2  # tender L670
THIRD = "强电运维单位"


@dataclass(frozen=True, slots=True)
class Discharges(Round):
    """The discharges of a half year; `year` holds those of the whole contract year so far."""

    scope: str = ""
    units: tuple[Thing, ...] = ()
    rows: tuple[Done, ...] = ()
    year: tuple[Done, ...] = ()
    expected: tuple[Expected, ...] = ()

    @property
    def missing(self) -> tuple[Thing, ...]:
        """Units without a discharge in the half."""
        done = {row.object for row in self.rows}
        return tuple(unit for unit in self.units if unit.code not in done)


def gather(subject: str, now: datetime) -> Discharges:
    """A half year's discharges, "2026-H1", of one UPS with "/". Raises ReportError."""
    held, span, scope = subjects.find("half-yearly", subject, now, scoped=True)
    units = records.units(span, scope, kind="ups")
    if not units:
        raise ReportError(
            f"“{scope[:30]}”不是在用的 UPS；设备号如 HW-046-1，见台账"
            if scope else "台账中没有在用的 UPS，无法生成充放电记录"
        )  # fmt: skip
    codes = {unit.code for unit in units}
    whole = replace(span, first=span.year_first)
    year = tuple(row for row in records.done(held, whole, DUTY) if row.object in codes)
    days = span.holds
    expected = () if scope else records.expected(held, span, now, DUTY)
    return Discharges(
        records.project(held, span), span, scope, units,
        tuple(row for row in year if days(row.at)), year, expected,
    )  # fmt: skip


def document(held: Discharges, issue: Edition, *, draft: bool) -> Document:
    """Draw up the record. Pure: the same facts and issue always give the same tree."""
    sections: list[parts.Section] = [
        ("完成情况", _summary(held)),
        ("逐台记录", _units(held)),
        ("方案与安全", [
            Paragraph(parts.by_hand("变更单号与作业窗口")), Paragraph(parts.by_hand("应急预案")),
            Note("放电前应确认旁路、市电和负载转移方案；作业由强电运维单位实施，服务方配合（L670）。"),
        ]),
        ("照片与附件", parts.photos(held.rows)),
        ("结论", [Paragraph(f"统计：{conclusion(held)[1]}。"),
               Paragraph(parts.by_hand("电池状况评价与更换建议"))]),
    ]  # fmt: skip
    return parts.formal(held, issue, TITLE, sections, draft=draft, third=THIRD)


def conclusion(held: Discharges) -> tuple[Result, str]:
    """One verdict and one sentence; a unit without a record is never in order."""
    done = len(held.units) - len(held.missing)
    waiting = sum(row.answer != "yes" for row in held.rows)
    text = f"UPS {len(held.units)} 台，本期已充放电 {done} 台，未做 {len(held.missing)} 台"
    text += f"；待甲方确认 {waiting} 次"
    state = parts.worst_word(row.result for row in held.rows)
    if not done:
        return (Result.ABNORMAL if held.span.closed else Result.UNCHECKED), text
    if state is Result.ABNORMAL or (held.missing and held.span.closed):
        return Result.ABNORMAL, text
    if state is Result.ATTENTION or held.missing or waiting:
        return Result.ATTENTION, text
    return Result.NORMAL, text


def _summary(held: Discharges) -> list[Block]:
    made = []
    for unit in held.units:
        here, year = of_object(held.rows, unit.code), of_object(held.year, unit.code)
        if here:
            state, word = Result.NORMAL, "已做"
        elif held.span.closed:
            state, word = Result.ABNORMAL, "未做"
        else:
            state, word = Result.ATTENTION, "未到期"
        made.append(
            (unit.code, unit.name, unit.place or unit.site, number(len(here)),
             f"{len(year)} / {PER_YEAR}", Cell(f"{state.sign} {word}", state=state))
        )  # fmt: skip
    columns = (("设备", 2.2), ("型号", 5), ("位置", 4), ("本期", 1.3), ("本合同年", 1.8),
               ("状态", 1.8))  # fmt: skip
    return [
        Paragraph("要求：每台每合同年两次，配合强电运维单位进行（L36、L43、L50、L670）。"),
        table("逐台完成情况", columns, made), *parts.owed(held.expected),
    ]  # fmt: skip


def _units(held: Discharges) -> list[Block]:
    blocks: list[Block] = []
    for place, row in enumerate(held.rows, start=1):
        name = next((unit.name for unit in held.units if unit.code == row.object), "")
        pairs = [
            ("设　　备", Cell(f"{row.object} {name}")), ("完成时间", Cell(parts.moment(row))),
            ("执 行 人", Cell(row.by)), ("结　　论", parts.judged(row.result)),
        ]  # fmt: skip
        pairs += [(field.label, Cell(field.text)) for field in row.fields]
        pairs += [
            ("容量估算", Cell(row.said("capacity") or BY_HAND)),
            ("充电恢复", Cell(row.said("recharge") or BY_HAND)),
            ("甲方确认", parts.answer(row)), ("证　　据", Cell(row.ref)),
        ]  # fmt: skip
        blocks += [Heading(3, f"{place}. {row.object}"), KeyValues(tuple(pairs), 2)]
    missing = "、".join(unit.code for unit in held.missing)
    if missing:
        blocks += [Paragraph(f"本期没有充放电记录的 UPS：{missing}。")]
        if held.span.closed:
            blocks.append(Paragraph(parts.by_hand("未做原因与补做安排")))
    return blocks
