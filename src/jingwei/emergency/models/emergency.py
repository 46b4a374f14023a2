"""An emergency of level 1 or 2, its log, and who is to be called."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Application, Person, Site, Target
from jingwei.desk.models import Ticket
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.ticket import CAUSES
from jingwei.emergency.models.drill import Drill
from jingwei.emergency.models.plan import Plan, PlanStep
from jingwei.emergency.models.words import EntryKind, Level, Stage
from jingwei.terms.incident import Instant


class Emergency(models.Model):
    """One event. Instants, levels and causes in force are in its log; `level`, `stage` and `cause`
    repeat them for lists. `drill` marks what is not real: no budget and no list of events has it.

    `importance`, `hours`, `damage` are the three factors of GB/T 28827.3 section 5.4 that justify
    the level. `disaster`: the system cannot run, 2 h and 4 h run too (tender L515). `token` opens
    the client's live page without login. `ticket` is the fault it began with: linked, not copied.
    """

    number = models.CharField("事件编号", max_length=20, unique=True)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("情况", blank=True)
    level = models.PositiveSmallIntegerField("级别", choices=Level.choices)
    stage = models.CharField("阶段", max_length=16, choices=Stage.choices, default=Stage.OPEN)
    disaster = models.BooleanField("灾难", default=False)
    importance = models.CharField("系统重要程度", max_length=200)
    hours = models.CharField("服务时段", max_length=200)
    damage = models.CharField("受损程度", max_length=200)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="emergencies"
    )
    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="emergencies"
    )
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="emergencies"
    )
    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="emergencies"
    )
    drill = models.OneToOneField(
        Drill, null=True, blank=True, on_delete=models.PROTECT, related_name="emergency"
    )
    cause = models.CharField("原因分类", max_length=24, choices=CAUSES, blank=True)
    version = models.PositiveIntegerField("版本", default=1)
    declared_at = models.DateTimeField("启动时间", db_index=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    token = models.CharField("现场页令牌", max_length=64, unique=True)

    class Meta:
        ordering = ("-declared_at",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Callee(models.Model):
    """One knot of the call tree of an event, as it was when the event was declared."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="callees")
    above = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="below"
    )
    position = models.PositiveSmallIntegerField("顺序")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField("姓名", max_length=64)
    role = models.CharField("职责", max_length=64)
    phone = models.CharField("电话", max_length=32, blank=True)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.name} {self.role}"


class EmergencyEntry(AppendOnly):
    """One line of the log: what happened `at`, and when it was written down.

    LEVEL, EXCLUDE and END count once an ANSWER that refers to them grants them; a level that is
    declared is answered as well. CALL says in `granted` whether the callee was reached.
    """

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField("事项", max_length=16, choices=EntryKind.choices)
    at = models.DateTimeField("发生时间")
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    instant = models.CharField(
        "时间点", max_length=20, blank=True, choices=[(each.value, each.label) for each in Instant]
    )
    level = models.PositiveSmallIntegerField("级别", null=True, choices=Level.choices)
    value = models.CharField("内容", max_length=500, blank=True)
    granted = models.BooleanField("同意或接通", null=True)
    reason = models.TextField("原因", blank=True)
    step = models.ForeignKey(PlanStep, null=True, blank=True, on_delete=models.PROTECT)
    callee = models.ForeignKey(
        Callee, null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    refers_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField("记录人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.emergency.number} {self.get_kind_display()} {self.value}"
