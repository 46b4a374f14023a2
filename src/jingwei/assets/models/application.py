"""Applications: 25 rows of the tender mapped to its 22 systems, their coverage and databases."""

from django.db import models

from jingwei.assets.models.hardware import Unit
from jingwei.assets.models.place import Institution


class System(models.Model):
    """One of the 22 application systems in the tender's scope list (L533-554)."""

    number = models.PositiveSmallIntegerField("序号", unique=True)
    name = models.CharField("系统", max_length=200)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """One application row. `code` is APP-nn; `coverage_raw` is the tender's own wording."""

    class Core(models.TextChoices):
        """Whether it counts as a core system, and who says so."""

        YES = "yes", "核心（招标文件）"
        PROPOSED = "proposed", "拟定核心（待甲方确认）"
        NO = "no", "非核心"

    code = models.CharField("应用号", max_length=32, unique=True)
    short = models.CharField("简码", max_length=32, unique=True)
    row_no = models.PositiveIntegerField("清单行", unique=True)
    name = models.CharField("应用名称", max_length=200)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="applications")
    coverage_raw = models.CharField("覆盖范围（原文）", max_length=200, blank=True)
    coverage = models.CharField("覆盖范围", max_length=100)
    function = models.TextField("功能描述", blank=True)
    interfaces = models.JSONField("常见接口", default=list)
    must_prove = models.TextField("健康检查须证明", blank=True)
    core = models.CharField("核心系统", max_length=16, choices=Core.choices, default=Core.NO)
    core_basis = models.CharField("核心依据", max_length=200, blank=True)
    emergency_note = models.CharField("应急说明", max_length=200, blank=True)
    notes = models.TextField("备注", blank=True)
    source_line = models.PositiveIntegerField("招标文件行号", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    pinyin = models.CharField("拼音首字母", max_length=200, blank=True, db_index=True)

    class Meta:
        ordering = ("row_no",)

    def __str__(self) -> str:
        return self.name


class Coverage(models.Model):
    """An application serves an institution, from a date to a date."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="covered_institutions"
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="covered_by"
    )
    valid_from = models.DateField("开始", null=True, blank=True)
    valid_to = models.DateField("结束", null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application", "institution"), name="coverage_once"),
        )

    def __str__(self) -> str:
        return f"{self.application} → {self.institution}"


class Database(models.Model):
    """A database instance. The tender names none: seeded ones are marked sample. DB-nn."""

    code = models.CharField("数据库号", max_length=32, unique=True)
    name = models.CharField("名称", max_length=100)
    engine = models.CharField("引擎", max_length=32, blank=True)
    host = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="databases"
    )
    sample = models.BooleanField("示例数据", default=False)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name
