"""What the desk learned, and what one shift leaves to the next."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Application
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.ticket import Ticket


class Article(AppendOnly):
    """One version of a knowledge article; the highest version of a number is the one in force."""

    number = models.PositiveIntegerField("编号", db_index=True)
    version = models.PositiveIntegerField("版本")
    title = models.CharField("标题", max_length=200)
    symptom = models.TextField("现象")
    cause = models.TextField("原因", blank=True)
    solution = models.TextField("处理方法")
    keywords = models.CharField("关键字", max_length=200, blank=True)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="articles"
    )
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="articles"
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("作者", max_length=150)

    class Meta:
        ordering = ("-number", "-version")
        constraints = (
            models.UniqueConstraint(fields=("number", "version"), name="article_version"),
        )

    def __str__(self) -> str:
        return f"K{self.number:04d} {self.title}"


class Handover(models.Model):
    """What one engineer leaves to the next: `lines` are the open tickets as they stood then."""

    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers_given"
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers_taken"
    )
    at = models.DateTimeField("交班时间", db_index=True)
    text = models.TextField("交代事项")
    lines = models.JSONField("在办工单", default=list)
    taken_at = models.DateTimeField("接班时间", null=True, blank=True)
    taken_note = models.CharField("接班意见", max_length=300, blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.giver} → {self.taker} {self.at:%Y-%m-%d %H:%M}"
