"""The life of a report, as data: its states, what may follow what, which kinds need what.

草稿 → 内审 → 已提交（电子）→ 书面已送达 → 客户确认或退回 → 归档 (reports.md section 0).
"""

from django.db import models


class ReportState(models.TextChoices):
    """How far a report has come. From submission on it is frozen."""

    DRAFT = "draft", "草稿"
    REVIEWED = "reviewed", "内审通过"
    SUBMITTED = "submitted", "已提交"
    DELIVERED = "delivered", "书面已送达"
    SIGNED = "signed", "已签收"
    RETURNED = "returned", "已退回"
    ARCHIVED = "archived", "已归档"


# What may follow what; the database holds the same table by trigger (`reports.guard`).
FOLLOWS: dict[str, tuple[str, ...]] = {
    "draft": ("reviewed", "submitted"),
    "reviewed": ("submitted",),
    "submitted": ("delivered", "signed", "returned"),
    "delivered": ("signed", "returned"),
    "signed": ("archived",),
}
OPEN = frozenset({ReportState.DRAFT, ReportState.REVIEWED})  # not frozen yet
OUT = frozenset({ReportState.SUBMITTED, ReportState.DELIVERED})  # with the client
DONE = frozenset({ReportState.SIGNED, ReportState.ARCHIVED})  # the client agreed

# Delivered in both forms before the client can confirm (tender L583, L589, L685).
ON_PAPER = frozenset({"quarterly", "annual", "emergency"})
# Submitted only after somebody else has read them; the daily check names its reviewer itself.
REVIEWED_FIRST = ON_PAPER | frozenset(
    {"monthly", "fault", "drill", "security-check", "inspection", "monthly-inspection",
     "monthly-exchange", "performance"}
)  # fmt: skip
