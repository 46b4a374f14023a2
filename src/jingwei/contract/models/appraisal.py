"""The appraisal of a period (考核): proposed by rule, issued by the client, appealed, decided."""

from django.conf import settings
from django.db import models

from jingwei.contract.models.contract import Contract
from jingwei.desk.models.append_only import AppendOnly


class Appraisal(AppendOnly):
    """A draft by rule: `lines` propose deductions, each with reason and evidence; no score.

    `coverage` says of each group how much of it had evidence; only the client gives points.
    `form` is the sheet's form as it was then, so that a later one changes nothing.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="appraisals")
    period_start = models.DateField("期间开始", db_index=True)
    period_end = models.DateField("期间结束（含）")
    version = models.PositiveSmallIntegerField("版本", default=1)
    form = models.JSONField("考核表样式")
    lines = models.JSONField("建议扣分")
    coverage = models.JSONField("证据情况")
    at = models.DateTimeField("起草时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("起草人", max_length=150)

    class Meta:
        ordering = ("-period_start", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("contract", "period_start", "version"), name="appraisal_version"
            ),
        )

    def __str__(self) -> str:
        return f"考核 {self.period_start}～{self.period_end} V{self.version}"


class AppraisalStep(AppendOnly):
    """The client issued or decided (`lines` are then the sheet's own), or the provider appealed."""

    class Kind(models.TextChoices):
        """What happened."""

        ISSUED = "issued", "甲方发布"
        APPEALED = "appealed", "服务方申诉"
        DECIDED = "decided", "甲方裁定"

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("步骤", max_length=16, choices=Kind.choices)
    lines = models.JSONField("扣分", default=list)
    score = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True)
    text = models.TextField("说明", blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("经办人", max_length=150)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("appraisal", "kind"), name="appraisal_step_once"),
        )

    def __str__(self) -> str:
        return f"{self.appraisal} {self.get_kind_display()}"
