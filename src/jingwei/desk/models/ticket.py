"""The ticket: one thing somebody asked of the desk, whatever its kind."""

from django.conf import settings
from django.db import models

from jingwei.assets.models import Application, Institution, Site, Target
from jingwei.checks.models import Finding
from jingwei.desk.models.words import (
    ENDED,
    Channel,
    Impact,
    Kind,
    State,
    SupportLevel,
    Urgency,
)
from jingwei.terms.incident import Cause, Severity

SEVERITIES = [(each.value, each.label) for each in Severity]
CAUSES = [(each.value, each.label) for each in Cause]


class TicketNumber(models.Model):
    """The last number given in a year; taken by one UPDATE in the ticket's own transaction."""

    year = models.PositiveSmallIntegerField("年", primary_key=True)
    last = models.PositiveIntegerField("末号", default=0)

    def __str__(self) -> str:
        return f"{self.year}-{self.last}"


class Ticket(models.Model):
    """What is asked, by whom, about what, and where it stands.

    Instants, gradings and pauses are in its log (`TicketEvent`), never here: clocks are computed
    on read. `severity` repeats the last grading in force, for lists. `version` counts writes:
    who writes says which version he saw. `token` opens the caller's tracking page without login.
    `impact` and `urgency` give the priority for dispatching; the contract judges `severity` only.
    `created_by` is empty for a ticket that a rule opened.
    """

    number = models.CharField("单号", max_length=20, unique=True)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices, db_index=True)
    state = models.CharField("状态", max_length=16, choices=State.choices, db_index=True)
    version = models.PositiveIntegerField("版本", default=1)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("现象与说明", blank=True)
    solution = models.TextField("处理结果", blank=True)
    severity = models.CharField("故障级别", max_length=16, choices=SEVERITIES, blank=True)
    channel = models.CharField("报修方式", max_length=16, choices=Channel.choices)
    reporter = models.CharField("报修人", max_length=64, blank=True)
    phone = models.CharField("联系电话", max_length=32, blank=True)
    institution = models.ForeignKey(
        Institution, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    target = models.ForeignKey(
        Target, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    site = models.ForeignKey(
        Site, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    impact = models.CharField("影响范围", max_length=16, choices=Impact.choices, blank=True)
    urgency = models.CharField("紧急程度", max_length=16, choices=Urgency.choices, blank=True)
    level = models.CharField(
        "支持级别", max_length=16, choices=SupportLevel.choices, default=SupportLevel.FIRST
    )
    cause = models.CharField("原因分类", max_length=24, choices=CAUSES, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT,
        related_name="assigned_tickets",
    )  # fmt: skip
    created_at = models.DateTimeField("建单时间", db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    token = models.CharField("跟踪令牌", max_length=64, unique=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="ticket_not_its_own_parent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in ENDED


class TicketFinding(models.Model):
    """A finding this ticket is to heal."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="finding_links")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="ticket_links")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "finding"), name="ticket_finding_once"),
        )

    def __str__(self) -> str:
        return f"{self.ticket.number} {self.finding}"
