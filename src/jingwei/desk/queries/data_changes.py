"""Data changes listed and counted: repeated fixes of one cause are a defect (domain.md 14)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from jingwei.assets.models import Application
from jingwei.desk.models import ENDED, DataChange, Kind, Purpose, State, Ticket

OFTEN = 3  # changes of one system for one cause, within REACH: our default
REACH = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class MonthCause:
    """One line of a month's statistics."""

    system: str
    cause: str
    total: int
    changed: int
    extracted: int
    rolled_back: int
    cancelled: int
    rows: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """One cause that keeps coming back; `problem` is the open problem that names its changes."""

    application: Application | None
    cause: str
    numbers: tuple[str, ...]
    problem: Ticket | None

    @property
    def system(self) -> str:
        """The system's name."""
        return self.application.name if self.application else "未指明系统"


def data_changes(
    *, text: str = "", state: str = "", open_only: bool = False, purpose: str = ""
) -> QuerySet[DataChange]:
    """Data changes, the newest first; every word in number, title, cause or system."""
    rows = DataChange.objects.select_related(
        "ticket__application", "ticket__institution", "executed_by"
    )
    for word in text.replace("\0", "").split()[:8]:
        rows = rows.filter(
            Q(ticket__number__icontains=word) | Q(ticket__title__icontains=word)
            | Q(cause__icontains=word) | Q(ticket__application__name__icontains=word)
            | Q(ticket__institution__name__icontains=word)
        )  # fmt: skip
    if state:
        rows = rows.filter(ticket__state=state)
    if purpose:
        rows = rows.filter(purpose=purpose)
    if open_only:
        rows = rows.exclude(ticket__state__in=ENDED)
    return rows.order_by("-ticket__created_at", "-pk")


def by_month(month: date) -> list[MonthCause]:
    """The month's changes (by the day they were opened) by system and cause, most first."""
    groups: dict[tuple[str, str], list[DataChange]] = {}
    rows = DataChange.objects.select_related("ticket__application").prefetch_related(
        "ticket__events"
    )
    for row in rows.filter(**_in_month(month)):
        groups.setdefault((_system(row), row.cause), []).append(row)
    found = [_counted(system, cause, rows) for (system, cause), rows in groups.items()]
    return sorted(found, key=lambda one: (-one.total, one.system, one.cause))


def repeated(as_of: date) -> list[Repeated]:
    """Causes with at least three changes of one system in the last 90 days, the most first."""
    since = as_of - REACH
    rows = DataChange.objects.select_related("ticket__application").filter(
        ticket__created_at__date__gt=since, ticket__created_at__date__lte=as_of,
        purpose=Purpose.MODIFY,
    ).exclude(ticket__state=State.CANCELLED)  # fmt: skip
    groups: dict[tuple[int | None, str], list[DataChange]] = {}
    for row in rows.order_by("ticket__number"):
        groups.setdefault((row.ticket.application_id, row.cause), []).append(row)
    found = []
    for (_, cause), held in groups.items():
        if len(held) >= OFTEN:
            numbers = tuple(one.ticket.number for one in held)
            found.append(Repeated(held[0].ticket.application, cause, numbers, _problem(numbers)))
    return sorted(found, key=lambda one: -len(one.numbers))


def causes() -> list[str]:
    """The causes written so far, the most frequent first: offered while one types."""
    return [cause for cause, _ in Counter(
        DataChange.objects.values_list("cause", flat=True)
    ).most_common(30)]  # fmt: skip


def _problem(numbers: tuple[str, ...]) -> Ticket | None:
    """An open problem whose form names one of these."""
    rows = Ticket.objects.filter(kind=Kind.PROBLEM).exclude(state__in=ENDED)
    for ticket in rows.select_related("form"):
        held = getattr(ticket, "form", None)
        named = str(held.values.get("incidents", "")).split() if held is not None else []
        if set(named) & set(numbers):
            return ticket
    return None


def _counted(system: str, cause: str, rows: list[DataChange]) -> MonthCause:
    back = [row for row in rows if _went_back(row)]
    done = [row for row in rows if row.actual_rows is not None and row not in back]
    return MonthCause(
        system, cause, len(rows), sum(row.purpose == Purpose.MODIFY for row in done),
        sum(row.purpose == Purpose.EXTRACT for row in done), len(back),
        sum(row.ticket.state == State.CANCELLED for row in rows),
        sum(row.actual_rows or 0 for row in done if row.purpose == Purpose.MODIFY),
    )  # fmt: skip


def _went_back(row: DataChange) -> bool:
    return any(event.state == State.ROLLED_BACK for event in row.ticket.events.all())


def _system(row: DataChange) -> str:
    return row.ticket.application.name if row.ticket.application else "未指明系统"


def _in_month(month: date) -> dict[str, date]:
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return {"ticket__created_at__date__gte": first, "ticket__created_at__date__lt": after}
