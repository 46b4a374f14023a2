"""The obligations of a contract version, what its words leave open, and what the client decided."""

from django.conf import settings
from django.db import models

from jingwei.contract.models.contract import Contract
from jingwei.contract.models.document import Document
from jingwei.desk.models.append_only import AppendOnly
from jingwei.terms.obligation import Proof

PROOFS = [(each.value, each.label) for each in Proof]


class Obligation(AppendOnly):
    """One promise in the tender's own words, and the measure that judges it.

    Written when the contract version is loaded and never changed: another reading, measure or
    limit is another version. `arguments` go to the measure; `parameters` are the analyst's notes.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="obligations")
    key = models.CharField("义务代码", max_length=100)
    position = models.PositiveSmallIntegerField("顺序")
    clause = models.CharField("条款", max_length=200)
    lines = models.JSONField("招标文件行号")
    duplicates = models.JSONField("重复行号", default=list)
    text = models.TextField("原文")
    kind = models.CharField("性质", max_length=32)
    party = models.CharField("义务方", max_length=16)
    phase = models.CharField("阶段", max_length=32)
    proof = models.CharField("取证", max_length=16, choices=PROOFS)
    measure = models.CharField("度量", max_length=64)
    arguments = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    evidence = models.JSONField("应有证据", default=list)
    reports = models.JSONField("所在报告", default=list)
    ambiguities = models.JSONField("歧义", default=list)
    note = models.TextField("说明", blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("contract", "key"), name="obligation_once"),)

    def __str__(self) -> str:
        return self.key


class Ambiguity(AppendOnly):
    """A place where the contract contradicts itself or is silent; `readings` as in its content.

    `value` names an argument the client has to give, a date for instance; empty for most.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="questions")
    key = models.CharField("歧义代码", max_length=16)
    issue = models.TextField("问题")
    default = models.TextField("默认处理")
    value = models.CharField("须给出的值", max_length=32, blank=True)
    readings = models.JSONField("读法", default=list)

    class Meta:
        ordering = ("key",)
        constraints = (models.UniqueConstraint(fields=("contract", "key"), name="ambiguity_once"),)

    def __str__(self) -> str:
        return self.key


class Decision(AppendOnly):
    """The client settled an ambiguity: one reading, or a value for one kind of document.

    The newest one counts from `at` on; what was assessed before keeps the reading it had.
    """

    ambiguity = models.ForeignKey(Ambiguity, on_delete=models.PROTECT, related_name="decisions")
    reading = models.CharField("读法", max_length=32, blank=True)
    about = models.CharField("适用于", max_length=64, blank=True)
    value = models.IntegerField("值", null=True, blank=True)
    reason = models.TextField("依据")
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("甲方经办", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.ambiguity} {self.reading or self.value}"
