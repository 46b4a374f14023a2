"""The form behind a data change ticket (数据修改报告单, domain.md section 14)."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Database
from jingwei.desk.models.ticket import Ticket
from jingwei.desk.models.words import Purpose


class DataChange(models.Model):
    """What is to be changed, who agreed to it, what was done: facts, no statement runs from here.

    Who did each step stays as a person, so that nobody executes and reviews the same change.
    `images_ref` names where the encrypted before and after images lie; they are never kept here.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="data_change")
    purpose = models.CharField("用途", max_length=16, choices=Purpose.choices)
    cause = models.CharField("修改原因分类", max_length=64)
    database = models.ForeignKey(Database, null=True, blank=True, on_delete=models.PROTECT)
    sealed_by = models.CharField("单位负责人（签章）", max_length=64)
    script = models.TextField("脚本")
    rollback_script = models.TextField("回滚脚本", blank=True)
    count_query = models.TextField("行数核对语句")
    expected_rows = models.PositiveIntegerField("预期行数")
    medical_batch = models.BooleanField("批量修改或删除医疗记录", default=False)
    script_hash = models.CharField("脚本 SHA-256", max_length=64, blank=True)
    fields = models.TextField("取数字段", blank=True)
    masking = models.CharField("脱敏方式", max_length=200, blank=True)
    medium = models.CharField("交付介质", max_length=100, blank=True)
    expires_on = models.DateField("销毁期限", null=True, blank=True)
    destruction_ref = models.CharField("销毁证明", max_length=200, blank=True)
    window_start = models.DateTimeField("时间窗开始", null=True, blank=True)
    window_end = models.DateTimeField("时间窗结束", null=True, blank=True)
    oral_by = models.CharField("口头批准人", max_length=64, blank=True)
    paper_due = models.DateField("书面补办期限", null=True, blank=True)
    paper_ref = models.CharField("书面批准编号", max_length=100, blank=True)
    backup_ref = models.CharField("备份编号", max_length=200, blank=True)
    session_ref = models.CharField("堡垒机会话号", max_length=200, blank=True)
    actual_rows = models.PositiveIntegerField("实际行数", null=True, blank=True)
    images_ref = models.CharField("前后镜像编号", max_length=200, blank=True)
    verified_by = models.CharField("验证人", max_length=64, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    second_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    executed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.get_purpose_display()}"
