"""Finding tickets: by any word of theirs, and those that look like the one being taken down."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingwei.assets.models import Application, Institution, Target
from jingwei.assets.queries import institutions
from jingwei.desk.models import ENDED, Kind, Ticket, WorkEntry

_FIELDS = (
    "number", "title", "text", "solution", "reporter", "phone", "institution__name",
    "institution__code", "application__name", "application__short", "application__pinyin",
    "target__key", "target__label",
)  # fmt: skip


def search(
    text: str,
    as_of: date,
    *,
    kind: str = "",
    state: str = "",
    open_only: bool = False,
) -> QuerySet[Ticket]:
    """Tickets in which every word occurs, newest first: in the ticket, its institution (by name,
    code or pinyin initials), its application, its target, or what was worked on it.
    """
    rows = Ticket.objects.select_related("institution", "application", "target", "assignee")
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state=state)
    if open_only:
        rows = rows.exclude(state__in=ENDED)
    for word in text.split():
        wanted = Q(Exists(WorkEntry.objects.filter(ticket=OuterRef("pk"), text__icontains=word)))
        for field in _FIELDS:
            wanted |= Q(**{f"{field}__icontains": word})
        found = institutions(as_of, text=word, retired=True)
        rows = rows.filter(wanted | Q(institution__in=[one.pk for one in found]))
    return rows


def similar(
    *,
    institution: Institution | None = None,
    application: Application | None = None,
    target: Target | None = None,
    but: Ticket | None = None,
) -> list[Ticket]:
    """Open incidents on the same target or application, then others of the same institution.

    Top of a group only: a new report of the same fault goes under its parent.
    """
    same = Q(pk__in=[])
    if target is not None:
        same |= Q(target=target)
    if application is not None:
        same |= Q(application=application)
    if institution is not None:
        same |= Q(institution=institution)
    rows = Ticket.objects.filter(same, kind=Kind.INCIDENT, parent=None).exclude(state__in=ENDED)
    if but is not None:
        rows = rows.exclude(pk=but.pk)

    def closeness(row: Ticket) -> tuple[bool, bool, float]:
        thing = target is not None and row.target_id == target.pk
        system = application is not None and row.application_id == application.pk
        return not thing, not system, -row.created_at.timestamp()

    return sorted(rows.select_related("institution", "application", "target"), key=closeness)


def by_token(token: str) -> Ticket | None:
    """The ticket whose caller follows this link."""
    return Ticket.objects.filter(token=token).first() if token else None
