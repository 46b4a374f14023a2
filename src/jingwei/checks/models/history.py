"""What checks saw: skinny observations for weeks; state changes and daily summaries for good."""

from typing import TYPE_CHECKING

from django.db import models

from jingwei.checks.models.check import RESULTS, Check


class Series(models.Model):
    """One reading of one check over time ("disk.health" of instance "CTE0.3")."""

    check_ref = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="series")
    name = models.CharField("读数", max_length=100)
    instance = models.CharField("实例", max_length=100, blank=True)
    unit = models.CharField("单位", max_length=16, blank=True)
    # The newest observation that was written to a remote Prometheus; None: none ever.
    pushed = models.BigIntegerField("已外送到（秒）", null=True, editable=False)

    class Meta:
        ordering = ("check_ref", "name", "instance")
        constraints = (
            models.UniqueConstraint(fields=("check_ref", "name", "instance"), name="series_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}[{self.instance}]" if self.instance else self.name


class Observation(models.Model):
    """One value at one second. `code` is `Result.code`; `value` is None for words."""

    if TYPE_CHECKING:
        series_id: int
    pk = models.CompositePrimaryKey("series_id", "epoch")
    series = models.ForeignKey(
        Series, on_delete=models.CASCADE, related_name="observations", db_index=False
    )
    epoch = models.BigIntegerField("秒")
    code = models.SmallIntegerField("结果")
    value = models.FloatField("值", null=True)

    def __str__(self) -> str:
        return f"{self.series_id}@{self.epoch} {self.value}"


class DailySummary(models.Model):
    """One day of one series: the evidence that outlives the observations."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="days")
    date = models.DateField("日期")
    count = models.PositiveIntegerField("次数")
    bad = models.PositiveIntegerField("异常次数", default=0)
    unchecked = models.PositiveIntegerField("未检次数", default=0)
    minimum = models.FloatField("最小", null=True)
    maximum = models.FloatField("最大", null=True)
    mean = models.FloatField("平均", null=True)
    last = models.FloatField("最后", null=True)

    class Meta:
        ordering = ("series", "date")
        constraints = (models.UniqueConstraint(fields=("series", "date"), name="summary_day"),)

    def __str__(self) -> str:
        return f"{self.series_id} {self.date}"


class StateChange(models.Model):
    """A hard state changed. Append-only: this is evidence."""

    check_ref = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField("时间", db_index=True)
    before = models.CharField("之前", max_length=16, choices=RESULTS)
    after = models.CharField("之后", max_length=16, choices=RESULTS)
    reading = models.CharField("读数", max_length=300, blank=True)
    threshold = models.CharField("阈值", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.check_ref_id} {self.before} → {self.after}"
