"""A report: numbered, versioned, frozen; its steps, its files and what people wrote into it."""

from django.conf import settings
from django.db import models

from jingwei.desk.models.append_only import AppendOnly
from jingwei.reports.life import ReportState

__all__ = [
    "Report",
    "ReportFile",
    "ReportState",
    "ReportStatement",
    "ReportStep",
    "ReportTemplate",
]


class Report(models.Model):
    """One version of one report: the data snapshot it was written from, and its SHA-256.

    `number` is JAWS-<class>-<period>-<sequence> (reports.md section 0), unique and never reused;
    a new version of a period keeps the number's stem and adds `version`.
    """

    kind = models.CharField("类别", max_length=32)
    period_start = models.DateField("报告期开始")
    period_end = models.DateField("报告期结束（含）")
    number = models.CharField("编号", max_length=64)
    version = models.PositiveIntegerField("版本", default=1)
    reason = models.TextField("改版原因", blank=True)
    state = models.CharField(
        "状态", max_length=16, choices=ReportState.choices, default=ReportState.DRAFT
    )
    snapshot = models.JSONField("数据快照")
    sha256 = models.CharField("快照 SHA-256", max_length=64)
    created_at = models.DateTimeField("生成时间")
    created_by = models.CharField("生成人", max_length=150)

    class Meta:
        ordering = ("-period_start", "-version")
        constraints = (
            models.UniqueConstraint(fields=("number", "version"), name="report_number_version"),
        )

    def __str__(self) -> str:
        return f"{self.number} v{self.version}"


class ReportStep(AppendOnly):
    """One step in a report's life; `at` is when it happened, `entered_at` when it was written down.

    A paper's delivery says who received it; its receipt, or the page the client signed, is kept as
    a scan under its SHA-256.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField("时间")
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    state = models.CharField("状态", max_length=16, choices=ReportState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    by_name = models.CharField("经办人", max_length=150)
    receiver = models.CharField("签收人", max_length=64, blank=True)
    opinion = models.TextField("意见", blank=True)
    name = models.CharField("扫描件", max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.report} {self.state} {self.at:%Y-%m-%d %H:%M}"


class ReportTemplate(AppendOnly):
    """A client's Word template for a kind of report (tender L622); of a kind the newest counts.

    Without a `path` it says that from then on our own layout is used again. `fields` are the names
    it uses, as they were found at upload.
    """

    kind = models.CharField("报告类别", max_length=32)
    version = models.PositiveIntegerField("版本")
    name = models.CharField("文件名", max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=300, blank=True)
    fields = models.JSONField("所用字段", default=list)
    reason = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("上传时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("上传人", max_length=150)

    class Meta:
        ordering = ("kind", "-version")
        constraints = (
            models.UniqueConstraint(fields=("kind", "version"), name="report_template_version"),
        )

    def __str__(self) -> str:
        return f"{self.kind} 模板 V{self.version}"


class ReportFile(AppendOnly):
    """A rendered file of one report version, kept with its own hash, and the template it is by."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files")
    format = models.CharField("格式", max_length=8)
    path = models.CharField("文件", max_length=300)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    template = models.ForeignKey(
        ReportTemplate, null=True, on_delete=models.PROTECT, related_name="files"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("report", "format"), name="report_file_format"),
        )

    def __str__(self) -> str:
        return self.path


class ReportStatement(AppendOnly):
    """What a person wrote where the facts of a draft end; of one place the newest counts.

    `key` names the place (`reports.statements`), `before` is the sentence as it was drafted.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="statements")
    key = models.CharField("位置", max_length=32)
    before = models.TextField("原句")
    text = models.TextField("填写内容")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("填写人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.report} {self.before[:20]}"
