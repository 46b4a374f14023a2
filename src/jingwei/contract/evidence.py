"""What counts as evidence: every table whose rows prove something, and what of a row never changes.

A row is sealed once it is `final`: from then on no action of any room writes to its `fields`
again, so whatever differs later was changed behind the platform's back.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q

from jingwei.checks import models as checks
from jingwei.contract import models as contract
from jingwei.desk import models as desk
from jingwei.emergency import models as emergency
from jingwei.terms import SHANGHAI

_SETTLED = timedelta(days=3)


def _always(now: datetime) -> Q:
    del now
    return Q()


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One table. `fields` are its fixed columns, all when empty; `final`: the rows to be sealed."""

    name: str
    label: str
    model: type[Model]
    fields: tuple[str, ...] = ()
    final: Callable[[datetime], Q] = _always

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns a seal covers, by name."""
        if self.fields:
            return self.fields
        return tuple(
            field.attname for field in self.model._meta.concrete_fields if not field.primary_key
        )


KINDS: tuple[Evidence, ...] = (
    Evidence("obligation", "义务", contract.Obligation),
    Evidence("ambiguity", "歧义", contract.Ambiguity),
    Evidence("decision", "裁定", contract.Decision),
    Evidence("document", "合同文件", contract.Document),
    Evidence("document-step", "文件步骤", contract.DocumentStep),
    Evidence("duty", "履约记录", contract.DutyRecord),
    Evidence("duty-sheet", "现场表单", contract.DutySheet),
    Evidence("duty-answer", "履约答复", contract.DutyConfirmation),
    Evidence("duty-file", "履约附件", contract.DutyFile),
    Evidence("appraisal", "考核草案", contract.Appraisal),
    Evidence("appraisal-step", "考核记录", contract.AppraisalStep),
    Evidence("ticket", "工单", desk.Ticket, ("number", "created_at", "created_by_id")),
    Evidence("ticket-event", "工单日志", desk.TicketEvent),
    Evidence("work-entry", "处理记录", desk.WorkEntry),
    Evidence("ticket-file", "工单文件", desk.TicketFile),
    Evidence("part", "备件记录", desk.SparePart),
    Evidence("effort", "工作量登记", desk.Effort),
    Evidence("end-of-service", "停产停服登记", desk.EndOfService),
    Evidence("attendance", "考勤记录", desk.Attendance),
    Evidence(
        "leave", "请假", desk.Leave,
        ("person_id", "start", "end", "reason", "stand_in_id", "asked_at", "asked_by_id",
         "state", "answered_at", "answered_by_id", "answer"),
        lambda now: Q(answered_at__isnull=False, start__lt=now),  # begun: not withdrawn any more
    ),
    Evidence(
        "staff-change", "人员更换", desk.StaffChange,
        ("leaving_id", "joining_name", "qualification", "on", "reason", "client_asked", "state",
         "asked_at", "asked_by_id", "answered_at", "answered_by_id", "answer"),
        lambda now: Q(answered_at__isnull=False),
    ),
    Evidence("guard", "保障期", desk.GuardPeriod,
             ("name", "start", "end", "needed", "declared_at", "declared_by")),
    Evidence("shift", "排班", desk.Shift,
             ("person_id", "period_id", "start", "end", "on_call", "entered_by", "cancelled_at"),
             lambda now: Q(start__lt=now)),
    Evidence("answer", "检查结果", checks.ItemResult,
             ("run_id", "item", "target_id", "result", "reading", "threshold", "trend", "reason",
              "note", "at", "source", "by_id", "by_name", "late")),
    Evidence("answer-file", "检查附件", checks.Attachment),
    Evidence(
        "routine", "例行检查", checks.RoutineRun,
        ("routine", "date", "working_day", "started_at", "finished_at"),
        lambda now: Q(date__lt=_day(now) - _SETTLED, finished_at__isnull=False),
    ),
    Evidence("state-change", "状态变化", checks.StateChange),
    Evidence("reading", "每日汇总", checks.DailySummary, (),
             lambda now: Q(date__lt=_day(now) - timedelta(days=8))),
    Evidence(
        "finding", "异常", checks.Finding,
        ("target_id", "item", "origin", "opened_at", "closed_at"),
        lambda now: Q(closed_at__isnull=False),
    ),
    Evidence("finding-note", "异常跟进", checks.FindingNote),
    Evidence("emergency", "应急事件", emergency.Emergency,
             ("number", "declared_at", "declared_by_id")),
    Evidence("emergency-entry", "应急日志", emergency.EmergencyEntry),
    Evidence(
        "drill", "演练", emergency.Drill,
        ("number", "kind", "scenario", "planned_at", "state", "started_at", "ended_at", "speed"),
        lambda now: Q(ended_at__isnull=False),
    ),
    Evidence("drill-reading", "演练读数", emergency.DrillReading),
    Evidence("drill-gap", "演练差距", emergency.DrillGap,
             ("drill_id", "text", "found_at", "by_name")),
)  # fmt: skip
BY_NAME = {each.name: each for each in KINDS}
_SHORT = 16


def digest(values: Sequence[Any]) -> str:
    """The short hash of one row's values, in hex."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_SHORT]


def sealed(kind: str, columns: Sequence[str], digests: str) -> str:
    """The hash of a whole seal: what the audit chain keeps of it."""
    text = "\n".join((kind, ",".join(columns), digests))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
