"""The measures: how an obligation is judged from facts. Each is a pure function.

A contract's content names a measure and gives its arguments; `parse` checks both.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

from jingwei.sla.measures import documents, duties, people, things, tickets, times
from jingwei.sla.measures.facts import Facts
from jingwei.sla.measures.verdict import Line, Verdict

__all__ = ["MEASURES", "ArgumentError", "Facts", "Line", "Measure", "Verdict", "parse"]


class ArgumentError(ValueError):
    """An argument is unknown, missing or of the wrong type; `name` says which."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(frozen=True)
class Measure:
    """One way to judge: its name in content, its Chinese label, its arguments."""

    name: str
    label: str
    arguments: type[Any]
    judge: Callable[[Any, Facts], Verdict]


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("ticket.clock", "故障时限", tickets.ClockArguments, tickets.ticket_clock),
        Measure("ticket.handled", "工单办结", tickets.HandledArguments, tickets.ticket_handled),
        Measure("ticket.count", "事件起数", tickets.CountArguments, tickets.ticket_count),
        Measure("downtime.total", "停机时长", times.DowntimeArguments, times.downtime),
        Measure("downtime.classified", "停机原因分类", times.NoArguments, times.classified),
        Measure("emergency.clock", "应急时限", times.EmergencyClockArguments,
                times.emergency_clock),
        Measure("emergency.total", "应急总时长", times.TotalArguments, times.emergency_total),
        Measure("emergency.graded", "应急定级", times.GradedArguments, times.emergency_graded),
        Measure("routine.done", "例行检查", duties.RoutineArguments, duties.routine_done),
        Measure("duty.done", "周期工作", duties.DutyArguments, duties.duty_done),
        Measure("duty.each", "逐次工作", duties.EachArguments, duties.duty_each),
        Measure("reading.within", "读数范围", things.WithinArguments, things.reading_within),
        Measure("register.complete", "台账完整", things.CoverageArguments, things.coverage),
        Measure("part.rule", "备件规则", things.PartArguments, things.parts),
        Measure("drill.count", "演练次数", things.DrillArguments, things.drill_count),
        Measure("backup.fresh", "备份", things.BackupArguments, things.backup_fresh),
        Measure("restore.tested", "恢复测试", things.RestoreArguments, things.restore_tested),
        Measure("document.delivered", "按期交付", documents.DeliveredArguments,
                documents.document_delivered),
        Measure("document.section", "报告章节", documents.SectionArguments,
                documents.document_section),
        Measure("document.each", "逐件报告", documents.PerEventArguments,
                documents.document_each),
        Measure("document.filed", "文件归档", documents.FiledArguments, documents.document_filed),
        Measure("roster.present", "在岗人数", people.PresentArguments, people.roster_present),
        Measure("consent.before", "事先同意", people.ConsentArguments, people.consent_before),
        Measure("effort.total", "工作量", people.EffortArguments, people.effort_total),
    )
}  # fmt: skip


def parse(measure: Measure, given: Mapping[str, Any]) -> Any:
    """The arguments as the measure's dataclass. Raises ArgumentError."""
    hints = get_type_hints(measure.arguments)
    known = {each.name: each for each in fields(measure.arguments)}
    for name in given:
        if name not in known:
            wanted = "、".join(known) or "无"
            raise ArgumentError(name, f"{measure.name} 没有参数 {name}，应为：{wanted}")
    values = {name: _value(name, hints[name], value) for name, value in given.items()}
    for name, each in known.items():
        if name not in values and each.default is MISSING:
            raise ArgumentError(name, f"{measure.name} 缺少参数 {name}")
    return measure.arguments(**values)


def _value(name: str, kind: Any, value: Any) -> Any:
    if kind in (str, bool) and type(value) is kind:
        return value
    if kind is int and type(value) is int:
        return value
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind == tuple[str, ...] and _list_of(value, str):
        return tuple(value)
    if kind == tuple[int, ...] and _list_of(value, int):
        return tuple(value)
    raise ArgumentError(name, f"{name} 的类型不对：{value!r}")


def _list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(each) is kind for each in value)
