"""Contingency plans (应急预案): documents with versions, their steps at hand when it burns."""

from django.db import models

from jingwei.emergency.models.words import Phase


class Plan(models.Model):
    """One version of one plan; a changed text is a new version, events keep the one they used."""

    key = models.CharField("预案代码", max_length=64)
    version = models.PositiveIntegerField("版本")
    title = models.CharField("预案名称", max_length=100)
    scope = models.TextField("适用范围")
    signs = models.TextField("征兆")
    resources = models.TextField("保障资源", blank=True)
    level = models.PositiveSmallIntegerField("建议级别")
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField("生效时间")
    valid_to = models.DateTimeField("失效时间", null=True, blank=True)

    class Meta:
        ordering = ("key", "-version")
        constraints = (models.UniqueConstraint(fields=("key", "version"), name="plan_version"),)

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class PlanStep(models.Model):
    """One step: what, by whom, within how many minutes of the alarm."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField("顺序")
    phase = models.CharField("阶段", max_length=16, choices=Phase.choices)
    text = models.TextField("内容")
    who = models.CharField("责任人", max_length=64)
    within = models.PositiveIntegerField("时限（分钟）", null=True, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("plan", "position"), name="plan_step_once"),)

    def __str__(self) -> str:
        return f"{self.position} {self.text[:40]}"
