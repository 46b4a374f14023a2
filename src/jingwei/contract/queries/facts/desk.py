"""What the desk proves: tickets with their clocks, downtimes, parts, and what faults called for."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingwei.contract.queries.clocks import Agreed
from jingwei.contract.queries.facts import notices
from jingwei.desk import queries
from jingwei.desk.models import (
    Channel,
    EventKind,
    Kind,
    Purpose,
    SparePart,
    State,
    SupportLevel,
    Ticket,
    TicketEvent,
)
from jingwei.desk.queries.availability import outages
from jingwei.sla.availability import Downtime, Term
from jingwei.sla.measures.facts import ClockFact, ConsentFact, DoneFact, PartFact, TicketFact
from jingwei.sla.measures.periods import day_of
from jingwei.terms.obligation import Ref

_UPGRADE = "change_rebuild"
_MAKER = f"→ {SupportLevel.MAKER.label}"  # how an escalation names whom it goes to
_LEVELS: dict[str, tuple[str, ...]] = {
    SupportLevel.SECOND: ("second-line",),
    SupportLevel.MAKER: ("second-line", "maker"),
}
_ASPECTS = ("structure", "communication", "management")
_KEPT = "不改变"  # tender L707, the form's own word
_ENDS = (State.RESOLVED, State.EXECUTED, State.ROLLED_BACK)
_HELD = (State.CONFIRMED, State.VERIFIED)
_AGAIN = (State.WORKING,)  # sent back: what had ended has not
# Marks that the data itself says: a field of a form that happens to be called so says none of it.
_SAID = frozenset({
    "phone", "second-line", "maker", "hardware", "part", "service-kind", "extract", "approved",
    "structure-kept", "release",
})  # fmt: skip


def _of(term: Term, now: datetime) -> QuerySet[Ticket]:
    return (
        Ticket.objects.filter(created_at__gte=term.start, created_at__lt=term.end)
        .filter(created_at__lte=now)
        .select_related("form", "data_change", "target")
        .prefetch_related("parts")
        .order_by("id")
    )


def _steps(term: Term, now: datetime) -> dict[int, list[tuple[str, datetime]]]:
    """Ticket id → the states that facts ask for, with when it came to them: one query for all."""
    rows = TicketEvent.objects.filter(
        ticket__created_at__gte=term.start, ticket__created_at__lt=term.end,
        ticket__created_at__lte=now, entered_at__lte=now, kind=EventKind.STATE,
        state__in=(*_ENDS, *_HELD, *_AGAIN),
    ).order_by("id")  # fmt: skip
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for ticket, state, at in rows.values_list("ticket", "state", "at"):
        found[ticket].append((state, at))
    return found


def tickets(term: Term, now: datetime, agreed: Agreed) -> tuple[TicketFact, ...]:
    """Every ticket opened in the term, with both calendars' clocks."""
    rows = list(_of(term, now))
    steps = _steps(term, now)
    clocks = queries.clocks_of(rows, now, known=now, **agreed)
    before = queries.stood(rows, now)
    found = []
    for row in rows:
        found.append(
            TicketFact(
                Ref("ticket", row.number, row.created_at), row.kind, row.created_at,
                form=row.form.form if hasattr(row, "form") else "",
                severity=(clocks[row.pk].severity or ""),
                ended_at=_standing(steps[row.pk], *_ENDS),
                confirmed_at=_standing(steps[row.pk], *_HELD),
                cancelled=(before[row.pk].state if row.pk in before else row.state)
                == State.CANCELLED,
                marks=_marks(row),
                clocks=tuple(
                    ClockFact(c.limit.name, c.calendar, c.state, c.used, c.due)
                    for c in clocks[row.pk].all
                ),
            )
        )  # fmt: skip
    return tuple(found)


def _reached(steps: list[tuple[str, datetime]], *states: State) -> datetime | None:
    """When it last came to one of these states."""
    return max((at for state, at in steps if state in states), default=None)


def _standing(steps: list[tuple[str, datetime]], *states: State) -> datetime | None:
    """When it last came to one of these states; None when it was sent back to work since."""
    found = None
    for state, at in steps:
        if state in states:
            found = at
        elif state in _AGAIN:
            found = None
    return found


def _marks(row: Ticket) -> frozenset[str]:
    """What sets a ticket apart: said by its data, or ticked in its form."""
    marks = set(_LEVELS.get(row.level, ()))
    if row.channel == Channel.PHONE:
        marks.add("phone")
    if row.target is not None and row.target.unit_id is not None:
        marks.add("hardware")
    if row.parts.all():
        marks.add("part")
    if row.kind in Kind.values:
        marks.add("service-kind")
    form = getattr(row, "data_change", None)
    if form is not None:
        marks |= {"extract"} if form.purpose == Purpose.EXTRACT else set()
        marks |= {"approved"} if form.approved_by_id or form.paper_ref else set()
    values = _values(row)
    marks |= {
        name for name, value in values.items() if value not in ("", None, []) and name not in _SAID
    }
    if values.get("what") == notices.RELEASE:
        marks.add("release")
    if values.get("communication") and not any(values.get(name) != _KEPT for name in _ASPECTS):
        marks.add("structure-kept")
    return frozenset(marks)


def _values(row: Ticket) -> dict[str, Any]:
    """What its form says; nothing for a ticket without one."""
    return dict(row.form.values) if hasattr(row, "form") else {}


def downtimes(term: Term, now: datetime) -> tuple[tuple[Ref, Downtime], ...]:
    """The downtimes of core things, each with the ticket that proves it."""
    return tuple(
        (Ref("ticket", each.ticket.number, each.downtime.start), each.downtime)
        for each in outages(term.start, min(term.end, now), now)
    )


def parts(term: Term, now: datetime) -> tuple[PartFact, ...]:
    """Parts fitted in the term. The desk refuses what is not allowed; the rule is judged again."""
    rows = SparePart.objects.filter(
        fitted_at__gte=term.start, fitted_at__lt=term.end, entered_at__lte=now
    ).select_related("end_of_service", "ticket")
    return tuple(
        PartFact(
            Ref("part", str(row.pk), row.fitted_at), row.fitted_at,
            second_hand=row.origin == "second_hand",
            allowed=row.origin == "genuine" or _ended(row), disk=row.disk,
            disk_kept=bool(row.disk_kept),
        )
        for row in rows
    )  # fmt: skip


def _ended(row: SparePart) -> bool:
    notice = row.end_of_service
    return (
        notice is not None
        and notice.production_ends is not None
        and notice.support_ends is not None
        and max(notice.production_ends, notice.support_ends) <= day_of(row.fitted_at)
    )


def calls(term: Term, now: datetime) -> list[DoneFact]:
    """Changes with the health check before them, faults that the first line could not solve."""
    found = []
    escalated = TicketEvent.objects.filter(ticket=OuterRef("pk"), kind=EventKind.ESCALATE)
    rows = _of(term, now).filter(Q(kind=Kind.CHANGE) | Exists(escalated))
    for row in rows.prefetch_related("events"):
        key = row.number
        events = [event for event in row.events.all() if event.entered_at <= now]
        steps = [(event.state, event.at) for event in events]
        if row.kind == Kind.CHANGE and (at := _reached(steps, State.WORKING)):
            done = _standing(steps, *_ENDS) is not None
            found.append(DoneFact(Ref("ticket", key, at), "change", at, going_on=not done))
            checked = _reached(steps, State.PRECHECKED)
            if checked is not None and checked <= at:
                found.append(
                    DoneFact(Ref("ticket", key, checked), "change-check", checked, about=key,
                             confirmed_at=checked)  # the client signs it
                )  # fmt: skip
            found += _after(row, at)
        for event in events:
            if event.kind == EventKind.ESCALATE:
                found.append(DoneFact(Ref("ticket", key, event.at), "unsolved", event.at))
                found.append(
                    DoneFact(Ref("ticket", key, event.at), "escalation", event.at, about=key)
                )
                if _MAKER in event.value:
                    found += _called(key, event.at)
    return found


def _called(key: str, at: datetime) -> list[DoneFact]:
    """Raising a fault to the maker says both: that he is needed, and that he was called (L705)."""
    ref = Ref("ticket", key, at)
    return [DoneFact(ref, "maker-needed", at), DoneFact(ref, "maker-called", at, about=key)]


def upgrades(term: Term, now: datetime) -> list[ConsentFact]:
    """Upgrades that were begun: the client has to have agreed before (tender L655)."""
    found = []
    rows = _of(term, now).filter(kind=Kind.CHANGE, form__form=_UPGRADE)
    for row in rows.prefetch_related("events"):
        steps = [(e.state, e.at) for e in row.events.all() if e.entered_at <= now]
        if begun := _reached(steps, State.WORKING):
            agreed = _reached(steps, State.APPROVED)
            ref = Ref("ticket", row.number, row.created_at)
            # Asked for when it was opened; begun in the same minute it was not asked afterwards.
            asked = min(row.created_at, agreed or row.created_at)
            found.append(ConsentFact(ref, "change", asked, begun, agreed))
    return found


def _after(row: Ticket, at: datetime) -> list[DoneFact]:
    """What a change's form says was done after it: watched for a while, the register brought up."""
    values = _values(row)
    return [
        DoneFact(Ref("ticket", row.number, at), duty, at, about=row.number)
        for name, duty in (("watched", "change-watch"), ("archive", "register-update"))
        if values.get(name)
    ]
