"""What belongs to a ticket: files and photos, the things it concerns."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Target
from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.ticket import Ticket
from jingwei.desk.models.words import FileKind


class TicketFile(AppendOnly):
    """A photo, document or scan to a ticket, stored under its SHA-256 below MEDIA_ROOT."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField("种类", max_length=16, choices=FileKind.choices)
    name = models.CharField("文件名", max_length=200)
    caption = models.CharField("说明", max_length=200, blank=True)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=300)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("上传人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class TicketTarget(AppendOnly):
    """Another unit or application the ticket concerns, beside its own target."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="target_links")
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="ticket_links")
    at = models.DateTimeField("时间")
    by_name = models.CharField("关联人", max_length=150)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "target"), name="ticket_target_once"),
        )

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.target.key}"
