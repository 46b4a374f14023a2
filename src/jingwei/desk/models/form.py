"""What a ticket of one kind is about beyond its text: the form, receipts, parts, days of work."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Institution, Person, Target
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.ticket import Ticket
from jingwei.desk.models.words import Origin


class TicketForm(models.Model):
    """The filled form of a ticket: `form` names it in `desk.forms`, `values` holds its fields.

    Each of the tender's kinds of occasional work has its own form (L570-582).
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="form")
    form = models.CharField("表单", max_length=32, db_index=True)
    values = models.JSONField("内容", default=dict)

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.form}"


class Receipt(models.Model):
    """One institution a file was sent to, and when it said that it has it (tender L570)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="receipts")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("下发时间", null=True, blank=True)
    way = models.CharField("下发方式", max_length=64, blank=True)
    received_at = models.DateTimeField("回执时间", null=True, blank=True)
    receiver = models.CharField("签收人", max_length=64, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "institution"), name="receipt_once"),
            models.CheckConstraint(
                condition=models.Q(received_at__isnull=True)
                | models.Q(received_at__gte=models.F("sent_at")),
                name="receipt_after_sending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.institution}"


class EndOfService(AppendOnly):
    """What a maker announced about a model: end of production, end of support (tender L655)."""

    maker = models.CharField("厂商", max_length=100)
    model = models.CharField("型号或版本", max_length=100, db_index=True)
    production_ends = models.DateField("停产日期", null=True, blank=True)
    support_ends = models.DateField("停止支持日期", null=True, blank=True)
    source = models.CharField("依据", max_length=300)
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("登记人", max_length=150)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.maker} {self.model}"


class SparePart(AppendOnly):
    """A part that was fitted into `target`. Genuine, or second-hand where the maker ended both
    production and support on record (tender L704). A replaced disk stays with the client:
    `disk_kept` says where.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="parts")
    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    name = models.CharField("部件", max_length=100)
    maker = models.CharField("厂商", max_length=100)
    model = models.CharField("型号", max_length=100)
    serial_out = models.CharField("换下序列号", max_length=100, blank=True)
    serial_in = models.CharField("换上序列号", max_length=100)
    origin = models.CharField("来源", max_length=16, choices=Origin.choices)
    end_of_service = models.ForeignKey(
        EndOfService, null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    disk = models.BooleanField("存储介质", default=False)
    disk_kept = models.CharField("旧盘保管", max_length=200, blank=True)
    fitted_at = models.DateTimeField("更换时间")
    entered_at = models.DateTimeField("录入时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("更换人", max_length=150)

    class Meta:
        ordering = ("fitted_at", "id")

    def __str__(self) -> str:
        return f"{self.name} {self.serial_in}"


class Effort(AppendOnly):
    """Person-days booked against the 10 person-months of development (tender L517).

    A wrong booking is corrected by one with the opposite sign that refers to it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="efforts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    date = models.DateField("日期", db_index=True)
    days = models.DecimalField("人日", max_digits=6, decimal_places=2)
    work = models.CharField("工作内容", max_length=300)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    entered_at = models.DateTimeField("录入时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("登记人", max_length=150)

    class Meta:
        ordering = ("date", "id")

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.date} {self.days}"
