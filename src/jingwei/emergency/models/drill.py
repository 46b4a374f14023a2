"""Drills: planned with scenario, roles and script; measured; never a real event."""

from django.conf import settings
from django.db import models

from jingwei.desk.models import Ticket
from jingwei.desk.models.append_only import AppendOnly
from jingwei.emergency.models.plan import Plan
from jingwei.emergency.models.words import DrillAction, DrillKind, DrillState


class Drill(models.Model):
    """One drill. `roles` maps a role to a name; `targets` holds what is to be reached in minutes:
    detect, respond, diagnose, restore, rto, rpo. Two a year at least (tender L683).

    `started_at` is second 0 of the script: when the private region stood ready, not when the
    button was pressed. `speed`: script seconds per real second; faster than 1 is a rehearsal that
    does not count. `lease` is held by the one process that runs it. `cancelled_reason` says why it
    was cancelled before, or aborted during.
    """

    number = models.CharField("演练编号", max_length=20, unique=True)
    title = models.CharField("名称", max_length=200)
    kind = models.CharField("方式", max_length=16, choices=DrillKind.choices)
    scenario = models.CharField("场景", max_length=64)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="drills")
    level = models.PositiveSmallIntegerField("模拟级别")
    planned_at = models.DateTimeField("计划时间", db_index=True)
    background = models.TextField("情景设定")
    roles = models.JSONField("角色", default=dict)
    targets = models.JSONField("目标", default=dict)
    state = models.CharField(
        "状态", max_length=16, choices=DrillState.choices, default=DrillState.PLANNED
    )
    version = models.PositiveIntegerField("版本", default=1)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    speed = models.FloatField("时间倍率", default=1)
    lease = models.DateTimeField(null=True)
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_reason = models.CharField("取消或中止原因", max_length=200, blank=True)

    class Meta:
        ordering = ("-planned_at",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class DrillStep(models.Model):
    """One line of the script, so many seconds after the start. `done_at` is set by the runner."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="script")
    position = models.PositiveSmallIntegerField("顺序")
    after = models.PositiveIntegerField("开始后（秒）")
    action = models.CharField("动作", max_length=16, choices=DrillAction.choices)
    fault = models.CharField("故障", max_length=64, blank=True)
    target = models.CharField("对象", max_length=32, blank=True)
    text = models.CharField("内容", max_length=300)
    done_at = models.DateTimeField("执行时间", null=True, blank=True)
    result = models.CharField("执行结果", max_length=300, blank=True)

    class Meta:
        ordering = ("after", "position")
        constraints = (
            models.UniqueConstraint(fields=("drill", "position"), name="drill_step_once"),
        )

    def __str__(self) -> str:
        return f"{self.drill.number} +{self.after}s {self.text[:30]}"


class DrillReading(AppendOnly):
    """What a check saw during a drill; kept apart from the observations of the real district."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField("时间")
    target = models.CharField("对象", max_length=32)
    item = models.CharField("检查项", max_length=64)
    result = models.CharField("结果", max_length=16)
    reading = models.CharField("读数", max_length=300, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.target} {self.item} {self.result}"


class DrillGap(models.Model):
    """What the drill showed to be missing; becomes a ticket."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="gaps")
    text = models.CharField("差距", max_length=300)
    found_at = models.DateTimeField("时间")
    by_name = models.CharField("提出人", max_length=150)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="drill_gaps"
    )

    def __str__(self) -> str:
        return self.text[:40]
