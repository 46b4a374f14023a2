"""The log of a ticket and the work done on it: written once, never changed."""

from django.conf import settings
from django.db import models

from jingwei.desk.models.append_only import AppendOnly
from jingwei.desk.models.ticket import Ticket
from jingwei.desk.models.words import EventKind, State
from jingwei.terms.incident import Instant


class TicketEvent(AppendOnly):
    """One line of the log: what happened `at`, and when it was written down.

    A correction is a new INSTANT with `refers_to` the one it replaces and a reason. PAUSE and a
    re-grading count only once an ANSWER that refers to them grants them. `late` stamps what was
    written down more than half an hour after it happened. `by` is empty where a rule wrote it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事项", max_length=16, choices=EventKind.choices)
    at = models.DateTimeField("发生时间")
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    instant = models.CharField(
        "时间点", max_length=20, blank=True, choices=[(each.value, each.label) for each in Instant]
    )
    state = models.CharField("到达状态", max_length=16, blank=True, choices=State.choices)
    value = models.CharField("内容", max_length=200, blank=True)
    granted = models.BooleanField("同意", null=True)
    resident = models.BooleanField("驻场在岗", default=False)
    reason = models.TextField("原因", blank=True)
    refers_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField("记录人", max_length=150)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.get_kind_display()} {self.value or self.instant}"


class WorkEntry(AppendOnly):
    """What somebody did on a ticket, and how long it took."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="work")
    at = models.DateTimeField("时间")
    entered_at = models.DateTimeField("录入时间")
    late = models.BooleanField("补录", default=False)
    minutes = models.PositiveIntegerField("用时（分钟）", null=True, blank=True)
    text = models.TextField("内容")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField("记录人", max_length=150)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text[:40]
