"""A run of a routine on one date, and the answers to its items."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Target
from jingwei.checks.models.check import RESULTS
from jingwei.checks.models.finding import Finding


class RoutineRun(models.Model):
    """One routine on one date. Running again adds answers; it never makes a second run.

    `due` is set to ask a worker for the automatic part (first at the routine's start time, again
    when somebody presses 重新检查). `header` holds the sheet's head as given: weather, present
    staff, inspector, reviewer.
    """

    routine = models.CharField("例行检查", max_length=32)
    date = models.DateField("日期")
    working_day = models.BooleanField("是否工作日", null=True)
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    automatic_only = models.BooleanField("仅自动检查", default=False)
    by_name = models.CharField("检查人", max_length=150, blank=True)
    header = models.JSONField("表头", default=dict)
    due = models.DateTimeField("待执行", null=True, db_index=True)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=64, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-date",)
        constraints = (
            models.UniqueConstraint(fields=("routine", "date"), name="routine_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.routine} {self.date}"


class ItemResult(models.Model):
    """One answer to one item at one target. Append-only; the newest counts.

    `reason` says why an item is 未检 or 不适用; `late` marks an entry made after its day.
    """

    class Source(models.TextChoices):
        """Who answered."""

        AUTOMATIC = "automatic", "自动"
        MANUAL = "manual", "人工"

    run = models.ForeignKey(RoutineRun, on_delete=models.PROTECT, related_name="results")
    item = models.CharField("检查项", max_length=64)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="item_results")
    result = models.CharField("结果", max_length=16, choices=RESULTS)
    reading = models.CharField("实测值", max_length=300, blank=True)
    threshold = models.CharField("阈值", max_length=200, blank=True)
    trend = models.CharField("趋势", max_length=100, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    note = models.TextField("说明", blank=True)
    at = models.DateTimeField("检查时间")
    source = models.CharField("方式", max_length=16, choices=Source.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    by_name = models.CharField("检查人", max_length=150, blank=True)
    late = models.BooleanField("补录", default=False)
    current = models.BooleanField("有效", default=True)
    finding = models.ForeignKey(
        Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="item_results"
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "item", "target"),
                condition=models.Q(current=True),
                name="item_result_current_once",
            ),
        )
        indexes = (models.Index(fields=("run", "current", "result"), name="item_result_current"),)

    def __str__(self) -> str:
        return f"{self.item} {self.target.key} {self.result}"


class Attachment(models.Model):
    """A photo or file to an answer, named by its SHA-256."""

    item_result = models.ForeignKey(ItemResult, on_delete=models.PROTECT, related_name="files")
    name = models.CharField("文件名", max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.name
