"""Papers of the contract: what was filed, submitted, delivered on paper, confirmed or returned."""

from django.conf import settings
from django.db import models

from jingwei.contract.models.contract import Contract
from jingwei.desk.models.append_only import AppendOnly


class Document(AppendOnly):
    """One paper of a `kind` named in the contract's documents; `about` names an event it is about.

    `report` is the number of a report of this platform it goes with. Its file lies under its
    SHA-256. Where it stands is in its steps.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField("种类", max_length=64, db_index=True)
    title = models.CharField("名称", max_length=200)
    about = models.CharField("关于", max_length=64, blank=True)
    report = models.CharField("报告编号", max_length=64, blank=True)
    period_start = models.DateField("期间开始", null=True, blank=True)
    period_end = models.DateField("期间结束（含）", null=True, blank=True)
    sections = models.JSONField("章节", default=list)
    name = models.CharField("文件名", max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField("字节", default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField("归档时间", db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("归档人", max_length=150)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title


class DocumentStep(AppendOnly):
    """Something happened to a paper. Confirming and returning are the client's."""

    class Kind(models.TextChoices):
        """What happened."""

        REVIEWED = "reviewed", "内审通过"
        ELECTRONIC = "electronic", "已提交电子版"
        PAPER = "paper", "书面已送达"
        CONFIRMED = "confirmed", "客户确认"
        RETURNED = "returned", "客户退回"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("步骤", max_length=16, choices=Kind.choices)
    at = models.DateTimeField("时间")
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    note = models.CharField("意见", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("经办人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.document} {self.get_kind_display()}"
