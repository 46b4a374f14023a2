"""What is owed again and again and done by people: inspections, rounds, discharges, talks."""

from django.conf import settings
from django.db import models

from jingwei.contract.models.contract import Contract
from jingwei.desk.models.append_only import AppendOnly


class DutyRecord(AppendOnly):
    """A duty of the contract was done, on one object where it goes by object.

    `duty` is named in the contract's duties, `fields` holds what its form asks for, `about` the
    event that called for it. A correction is a new record that refers to the old one.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="duty_records")
    duty = models.CharField("工作", max_length=64, db_index=True)
    object = models.CharField("对象", max_length=64, blank=True)
    about = models.CharField("起因", max_length=64, blank=True)
    at = models.DateTimeField("完成时间", db_index=True)
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    fields = models.JSONField("记录", default=dict)
    result = models.CharField("结论", max_length=16)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    key = models.CharField("提交键", max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("执行人", max_length=150)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.duty} {self.object} {self.at:%Y-%m-%d}".strip()


class DutySheet(AppendOnly):
    """The sheet behind a record: every answer as it was given in front of the thing.

    `tablet_at` is when it was finished by the tablet's own clock, `skew` how many seconds that
    clock was behind ours when the sheet was sent; `at` of the record is the corrected time.
    """

    record = models.OneToOneField(DutyRecord, on_delete=models.PROTECT, related_name="sheet")
    routine = models.CharField("例行检查", max_length=32)
    began_at = models.DateTimeField("开始时间")
    tablet_at = models.DateTimeField("平板记录时间")
    skew = models.IntegerField("平板时钟偏差（秒）", default=0)
    answers = models.JSONField("逐项记录", default=list)

    def __str__(self) -> str:
        return f"{self.routine} {self.record_id}"


class DutyConfirmation(AppendOnly):
    """The client has seen the record and agrees, or does not."""

    record = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, related_name="confirmations")
    granted = models.BooleanField("同意")
    note = models.CharField("意见", max_length=300, blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("确认人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.record} {'同意' if self.granted else '不同意'}"


class DutyFile(AppendOnly):
    """A photo or scan to a record, stored under its SHA-256."""

    record = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, related_name="files")
    name = models.CharField("文件名", max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.name
