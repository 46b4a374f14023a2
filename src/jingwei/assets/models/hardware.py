"""Hardware: the tender's 54 rows, and the 172 units they stand for."""

from django.db import models

from jingwei.assets.models.place import Institution, Rack, Site


class AssetRow(models.Model):
    """One row of the tender's hardware list: its raw wording beside normalised fields.

    `code` is HW-nnn. `tender_status` is the tender's own 过保/保内 word; the true warranty is
    derived as of a date (`assets.queries.warranty`), and the two can disagree.
    """

    code = models.CharField("资产号", max_length=32, unique=True)
    row_no = models.PositiveIntegerField("清单行", unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rows")
    category = models.CharField("类别（原文）", max_length=50)
    name_raw = models.TextField("名称型号（原文）")
    name = models.CharField("名称型号", max_length=200)
    purchase_raw = models.CharField("购置年月（原文）", max_length=20)
    purchase_month = models.DateField("购置月份（该月 1 日）")
    warranty_years = models.PositiveSmallIntegerField("保修年限")
    quantity = models.PositiveIntegerField("数量")
    tender_status = models.CharField("招标文件状态", max_length=10)
    is_new = models.BooleanField("新增设备", default=False)
    vendor = models.CharField("厂商", max_length=100, blank=True)
    vendor_cn = models.CharField("厂商（中文）", max_length=100, blank=True)
    model = models.CharField("型号", max_length=100, blank=True)
    kind = models.CharField("种类", max_length=32, db_index=True)
    role = models.CharField("用途", max_length=100, blank=True)
    zone = models.CharField("网络区域", max_length=32, blank=True)
    channels = models.JSONField("可用检查通道", default=list)
    discharges_per_year = models.PositiveSmallIntegerField("每年充放电次数", null=True, blank=True)
    notes = models.TextField("备注", blank=True)
    source_line = models.PositiveIntegerField("招标文件行号", null=True, blank=True)
    pinyin = models.CharField("拼音首字母", max_length=200, blank=True, db_index=True)

    class Meta:
        ordering = ("row_no",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Unit(models.Model):
    """One physical device. `code` is HW-nnn-k; nothing is deleted, a unit ends by `valid_to`."""

    code = models.CharField("设备号", max_length=32, unique=True)
    row = models.ForeignKey(AssetRow, on_delete=models.PROTECT, related_name="units")
    number = models.PositiveIntegerField("序")
    serial = models.CharField("序列号", max_length=100, blank=True)
    location = models.CharField("位置说明", max_length=200, blank=True)
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.PROTECT, related_name="units"
    )
    rack = models.ForeignKey(
        Rack, null=True, blank=True, on_delete=models.PROTECT, related_name="units"
    )
    rack_u = models.PositiveSmallIntegerField("起始 U 位", null=True, blank=True)
    notes = models.TextField("备注", blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    pinyin = models.CharField("拼音首字母", max_length=200, blank=True, db_index=True)

    class Meta:
        ordering = ("row__row_no", "number")
        constraints = (models.UniqueConstraint(fields=("row", "number"), name="unit_number"),)

    def __str__(self) -> str:
        return self.code


class PowerCord(models.Model):
    """One power cord of a unit: which PDU feeds it (tender: at least two different PDUs)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cords")
    number = models.PositiveSmallIntegerField("电源线")
    pdu = models.CharField("PDU", max_length=64, blank=True)
    feed = models.CharField("供电路", max_length=32, blank=True)

    class Meta:
        ordering = ("unit", "number")
        constraints = (models.UniqueConstraint(fields=("unit", "number"), name="cord_number"),)

    def __str__(self) -> str:
        return f"{self.unit.code} #{self.number} {self.pdu}"
