"""A finding: something that is not as it should be, until it is healed."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Target
from jingwei.checks.models.check import RESULTS, Check


class Finding(models.Model):
    """Open from the hard state change (or a person's answer) until healed; one open per check.

    `cause` is the finding that explains this one (see `rules.cause`): people are shown and told
    of the cause, and this one stands behind it. It becomes one of its own when it outlives it.

    What others tell us (syslog, traps, alerts of other systems) has no check: `fingerprint` says
    which of them are the same, `times` how often it was told since it opened.
    """

    class Origin(models.TextChoices):
        """Who found it."""

        CHECK = "check", "自动检查"
        ROUTINE = "routine", "日检"
        MANUAL = "manual", "人工"
        EVENT = "event", "外来事件"

    check_ref = models.ForeignKey(
        Check, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="findings")
    item = models.CharField("检查项", max_length=64, db_index=True)
    origin = models.CharField("来源", max_length=16, choices=Origin.choices)
    result = models.CharField("级别", max_length=16, choices=RESULTS)
    opened_at = models.DateTimeField("发现时间", db_index=True)
    closed_at = models.DateTimeField("恢复时间", null=True, blank=True, db_index=True)
    reading = models.CharField("读数", max_length=300, blank=True)
    threshold = models.CharField("阈值", max_length=200, blank=True)
    detail = models.TextField("说明", blank=True)
    cause = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="symptoms"
    )
    fingerprint = models.CharField("指纹", max_length=64, blank=True, db_index=True)
    times = models.PositiveIntegerField("次数", default=1)
    last_at = models.DateTimeField("最近一次", null=True, blank=True)
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("check_ref",),
                condition=models.Q(closed_at__isnull=True),
                name="finding_one_open",
            ),
            models.UniqueConstraint(
                fields=("fingerprint",),
                condition=models.Q(closed_at__isnull=True) & ~models.Q(fingerprint=""),
                name="finding_one_open_fingerprint",
            ),
        )

    def __str__(self) -> str:
        return f"{self.target.key} {self.item} {self.reading}"


class FindingNote(models.Model):
    """A follow-up on a finding (tender L602: checks that an anomaly calls for); append-only."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField("时间")
    by_name = models.CharField("记录人", max_length=150)
    text = models.TextField("内容")

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text[:40]
