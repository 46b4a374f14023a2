"""The working calendar as data: one row a day, seeded from the State Council's notices."""

from django.db import models


class CalendarDay(models.Model):
    """Whether one date is a working day. A year without rows is 未公布, never guessed."""

    date = models.DateField("日期", primary_key=True)
    working = models.BooleanField("工作日")
    name = models.CharField("节日或调休", max_length=64, blank=True)
    source = models.CharField("来源", max_length=64)

    BY_HAND = (
        "人工录入："  # how a source begins that somebody typed; seeding leaves such a day alone
    )

    class Meta:
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date} {'工作日' if self.working else '休息日'} {self.name}".strip()

    @property
    def published(self) -> bool:
        """Whether the day comes from the published notices, not from somebody's hand."""
        return not self.source.startswith(self.BY_HAND)


class Safeguard(models.Model):
    """A safeguard period (重保期): elections, expo, sessions; entered by the client."""

    start = models.DateField("开始")
    end = models.DateField("结束（含）")
    name = models.CharField("名称", max_length=64)

    class Meta:
        ordering = ("start",)

    def __str__(self) -> str:
        return f"{self.name} {self.start}–{self.end}"
