"""The contract a district signed: its words stay, its versions add."""

from django.db import models


class Contract(models.Model):
    """One version of one contract. `period_end` is inclusive, as the tender writes it.

    A demonstration copy keeps the tender's words and shifts only the period so that it contains
    today; `copy_of` marks it. `policy` is what its clocks run on (`contract.policy`); empty means
    the tender's own values, and of a copy its original's count.
    """

    code = models.CharField("合同代码", max_length=64)
    version = models.PositiveIntegerField("版本", default=1)
    title = models.CharField("项目名称", max_length=200)
    client = models.CharField("用户方", max_length=200)
    provider = models.CharField("服务方", max_length=200, blank=True)
    period_start = models.DateField("服务期开始")
    period_end = models.DateField("服务期结束（含）")
    copy_of = models.ForeignKey(
        "self", verbose_name="演示副本的原件", null=True, blank=True, on_delete=models.PROTECT
    )
    source = models.TextField("依据", blank=True)
    policy = models.JSONField("时限与工作时间", default=dict, blank=True)

    class Meta:
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="contract_version"),
            models.CheckConstraint(
                condition=models.Q(period_end__gte=models.F("period_start")),
                name="contract_period_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def demonstration(self) -> bool:
        """Whether this is a marked copy for demonstration, not the signed contract."""
        return self.copy_of_id is not None
