"""The kinds of report there are: what each is about, gathers, and says. One table.

A report is about one subject, told by a short text: the day of a daily check, the number of an
emergency. A new kind is one package (its frozen dataclass, `gather`, `draw`) and one row here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jingwei.desk.models import Kind
from jingwei.reports import appraisal, daily, drill, emergency, fault, gather, periodic
from jingwei.reports.daily.front import conclusion
from jingwei.reports.daily.sheet import Issue, Sheet
from jingwei.reports.document import Document
from jingwei.reports.drill import Exercise
from jingwei.reports.emergency import Handling
from jingwei.reports.errors import ReportError
from jingwei.reports.fault import Fault
from jingwei.reports.forms import (
    change_record,
    data_change,
    dev_ledger,
    eos_notice,
    performance,
    periods,
    spare_parts,
    staffing,
    training,
    work_order,
)
from jingwei.reports.periodic import Account
from jingwei.reports.rounds import (
    archive,
    inspection,
    monthly_exchange,
    monthly_inspection,
    precheck,
    room_record,
    security_check,
    subjects,
    ups_discharge,
)
from jingwei.terms import Result


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind. `shape` is the frozen dataclass its snapshot holds.

    `gather` reads the facts of a subject as they stand (`timed`: as of a moment, for a period that
    may not be over) and `draw` turns them into a document
    (the last argument: whether it is a draft); `number` and `period` identify the report;
    `conclude` says in one line what it comes to. `asked` tells people how a subject is written,
    `span` which of the periods of `periodic.proposed` it goes by. `proves`: whether these facts are
    the paper the contract asks for; a part of it, or a frame without figures, is not.
    """

    name: str
    label: str
    shape: type[Any]
    gather: Callable[..., Any]
    number: Callable[[str], str]
    period: Callable[[Any], tuple[date, date]]
    draw: Callable[[Any, Issue, bool], Document]
    conclude: Callable[[Any], tuple[Result, str]]
    timed: bool = False
    asked: str = ""
    span: str = ""
    proves: Callable[[Any], bool] = lambda held: True

    def facts(self, subject: str, now: datetime) -> Any:
        """The facts of a subject. Raises ReportError for one there is not."""
        return self.gather(subject, now) if self.timed else self.gather(subject)


def _day(sheet: Sheet) -> tuple[date, date]:
    return sheet.head.date, sheet.head.date


DAILY = ReportKind(
    name="daily", label="日检报告", shape=Sheet,
    gather=lambda day: gather.daily(date.fromisoformat(day)),
    number=lambda day: f"JAWS-RJ-{day.replace('-', '')}-01", period=_day,
    draw=lambda sheet, issue, draft: daily.document(sheet, issue, draft=draft),
    conclude=conclusion,
)  # fmt: skip
EMERGENCY = ReportKind(
    name="emergency", label="应急事件处置报告", shape=Handling,
    gather=emergency.gather, number=lambda event: f"JAWS-{event}",
    period=lambda handling: handling.period,
    draw=lambda handling, issue, draft: emergency.document(handling, issue, draft=draft),
    conclude=emergency.conclusion,
)  # fmt: skip
DRILL = ReportKind(
    name="drill", label="应急演练报告", shape=Exercise,
    gather=drill.gather, number=lambda number: f"JAWS-{number}",
    period=lambda exercise: exercise.period,
    draw=lambda exercise, issue, draft: drill.document(exercise, issue, draft=draft),
    conclude=drill.conclusion,
)  # fmt: skip
FAULT = ReportKind(
    name="fault", label="故障处理报告", shape=Fault,
    gather=fault.gather, number=lambda ticket: f"JAWS-GZ-{ticket}-01",
    period=lambda held: held.period,
    draw=lambda held, issue, draft: fault.document(held, issue, draft=draft),
    conclude=fault.conclusion,
)  # fmt: skip


def _periodic(name: str, label: str, code: str, draw: Callable[..., Document]) -> ReportKind:
    return ReportKind(
        name=name, label=label, shape=Account,
        gather=lambda subject, now: periodic.gather(name, subject, now),
        number=lambda subject: f"JAWS-{code}-{subject.strip().replace('-', '')}-01",
        period=lambda held: held.period,
        draw=lambda held, issue, draft: draw(held, issue, draft=draft),
        conclude=periodic.conclusion, timed=True, asked=periodic.shape(name), span=name,
    )  # fmt: skip


MONTHLY = _periodic("monthly", "维保月报", "YB", periodic.monthly)
QUARTERLY = _periodic("quarterly", "季度维护报告", "JB", periodic.quarterly)
ANNUAL = _periodic("annual", "年度维护服务报告", "NB", periodic.annual)
PERIODIC = (MONTHLY, QUARTERLY, ANNUAL)


def _round(
    name: str, label: str, code: str, shape: type[Any], room: Any, span: str, asked: str = "",
    proves: Callable[[Any], bool] = lambda held: True,
) -> ReportKind:  # fmt: skip
    """A kind of `reports.rounds`: `room` is its module."""
    return ReportKind(
        name=name, label=label, shape=shape, gather=room.gather,
        number=lambda subject: subjects.number(code, subject), period=lambda held: held.period,
        draw=lambda held, issue, draft: room.document(held, issue, draft=draft),
        conclude=room.conclusion, timed=True, asked=asked or periodic.shape(span), span=span,
        proves=proves,
    )  # fmt: skip


_ONE = "；只要一台或一个站点时加“/设备号”，如 {}/HW-046-1"
ROUNDS = (
    _round("inspection", "硬件巡检报告", "XJ", inspection.Inspection, inspection, "quarterly",
           periodic.shape("quarterly") + _ONE.format("2026-Q1"), lambda held: not held.scope),
    _round("precheck", "节前、变更前健康检查报告", "JQ", precheck.Precheck, precheck, "",
           "假期首日，如 2027-01-01，或变更单号"),
    _round("monthly-inspection", "应用系统月度巡视检查报告", "YXJ",
           monthly_inspection.Applications, monthly_inspection, "monthly"),
    _round("monthly-exchange", "业务系统月交互数据检查报告", "YJH", monthly_exchange.Exchange,
           monthly_exchange, "monthly", proves=lambda held: False),
    _round("room-record", "机房检查记录", "JF", room_record.Rooms, room_record, "quarterly"),
    _round("ups-discharge", "UPS 充放电维护记录", "UPS", ups_discharge.Discharges, ups_discharge,
           "half-yearly", periodic.shape("half-yearly") + _ONE.format("2026-H1"),
           lambda held: not held.scope),
    _round("security-check", "系统安全检查报告", "AQ", security_check.Security, security_check,
           "quarterly"),
    _round("archive", "系统硬件维护服务档案", "DA", archive.Archive, archive, "annual"),
)  # fmt: skip
APPRAISAL = ReportKind(
    name="appraisal", label="服务质量考核表", shape=appraisal.Sheet,
    gather=appraisal.gather, number=lambda first: f"JAWS-KH-{first.strip().replace('-', '')}-01",
    period=lambda held: held.period,
    draw=lambda held, issue, draft: appraisal.document(held, issue, draft=draft),
    conclude=appraisal.conclusion, asked="季度首日，如 2026-11-01",
    proves=lambda held: False,  # filed by the contract's room when the client issues it
)  # fmt: skip


def _slip(name: str, label: str, code: str, shape: type[Any], room: Any) -> ReportKind:
    """A kind of `reports.forms` about one ticket: `room` is its module."""
    return ReportKind(
        name=name, label=label, shape=shape, gather=room.gather,
        number=lambda subject: periods.number(code, subject), period=lambda held: held.period,
        draw=lambda held, issue, draft: room.document(held, issue, draft=draft),
        conclude=room.conclusion,
    )  # fmt: skip


def _ledger(
    name: str, label: str, code: str, shape: type[Any], room: Any, ticket: str = ""
) -> ReportKind:
    """A kind of `reports.forms` about a period; `ticket`: which ticket it is about instead."""
    return ReportKind(
        name=name, label=label, shape=shape, gather=room.gather,
        number=lambda subject: periods.number(code, subject), period=lambda held: held.period,
        draw=lambda held, issue, draft: room.document(held, issue, draft=draft),
        conclude=room.conclusion, timed=True, asked=periods.asked(room.SHAPES, ticket),
        span=room.SHAPES[0],
    )  # fmt: skip


SLIPS = (
    _slip("data-change-form", "数据修改报告单", "SJ", data_change.DataForm, data_change),
    _slip("work-order", "服务请求工单", "FW", work_order.Order, work_order),
    _slip("change-record", "变更方案与记录", "BG", change_record.Change, change_record),
    _slip("eos-notice", "停产停服告知单", "GZD", eos_notice.Notice, eos_notice),
)
LEDGERS = (
    _ledger("spare-parts", "备件更换记录", "BJ", spare_parts.Parts, spare_parts,
            "备件、故障或变更单"),
    _ledger("dev-ledger", "调整开发工作量台账", "KF", dev_ledger.Ledger, dev_ledger),
    _ledger("training", "培训记录", "PX", training.Trainings, training, "培训单"),
    _ledger("staffing", "人员考勤与请假记录", "RY", staffing.Staff, staffing),
    _ledger("performance", "性能分析与优化报告", "XN", performance.Performance, performance),
)  # fmt: skip
ASKED = (*PERIODIC, *ROUNDS, APPRAISAL, *LEDGERS)
OF_TICKET = (FAULT, *SLIPS)  # asked for on the page of their ticket
_BY_TICKET: dict[str, tuple[str, ...]] = {
    Kind.INCIDENT: ("fault",), Kind.DATA_CHANGE: ("data-change-form",),
    Kind.SERVICE_REQUEST: ("work-order",), Kind.DISTRIBUTION: ("work-order",),
    Kind.CHANGE: ("change-record", "precheck"), Kind.EOS_NOTICE: ("eos-notice",),
    Kind.SPARE_PART: ("spare-parts",), Kind.TRAINING: ("training",),
}  # fmt: skip
KINDS: dict[str, ReportKind] = {
    kind.name: kind for kind in (DAILY, *ASKED, EMERGENCY, DRILL, *OF_TICKET)
}


def of_ticket(kind: str) -> tuple[ReportKind, ...]:
    """The papers a ticket of that kind has."""
    return tuple(KINDS[name] for name in _BY_TICKET.get(kind, ()))


def of(name: str) -> ReportKind:
    """The kind of that name. Raises ReportError for one there is not."""
    if name not in KINDS:
        raise ReportError(f"没有“{name}”这类报告；可用：{'、'.join(KINDS)}")
    return KINDS[name]
