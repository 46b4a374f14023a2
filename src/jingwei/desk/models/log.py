"""The log of a ticket and the work done on it: written once, never changed."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.db import models

from jingwei.desk.models.ticket import Ticket
from jingwei.desk.models.words import EventKind, State
from jingwei.terms.incident import Instant

M = TypeVar("M", bound=models.Model)
REFUSED = "记录只可追加，不可修改或删除；更正请另记一条并写明原因"


class AppendOnlyError(TypeError):
    """Something tried to change or delete what is only ever added to."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows to read; many cannot be changed at once either."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)

    def delete(self) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(
        self,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Insert. Raises AppendOnlyError for a row that is there already."""
        if self.pk is not None or force_update or update_fields is not None:
            raise AppendOnlyError(REFUSED)
        super().save(force_insert=True, using=using)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)


class TicketEvent(AppendOnly):
    """One line of the log: what happened `at`, and when it was written down.

    A correction is a new INSTANT with `refers_to` the one it replaces and a reason. PAUSE and a
    re-grading count only once an ANSWER that refers to them grants them. `late` stamps what was
    written down more than half an hour after it happened.
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
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
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
