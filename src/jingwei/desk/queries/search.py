"""Finding tickets: by any word of theirs, and those that look like the one being taken down."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from jingwei.accounts.models import User
from jingwei.assets.models import Application, Institution, Target
from jingwei.assets.queries import institutions
from jingwei.desk.models import (
    ENDED,
    InstitutionContact,
    Kind,
    Ticket,
    TicketEvent,
    TicketFile,
    WorkEntry,
)

ALIKE = 0.34  # of the shorter title: a third of its pairs of characters
MOST_WORDS = 8
# What concerns an institution as a caller: never data changes or bookings of work.
OWN_KINDS = (Kind.INCIDENT, Kind.SERVICE_REQUEST, Kind.COMPLAINT, Kind.TRAINING)

_FIELDS = (
    "number", "title", "text", "solution", "reporter", "phone", "institution__name",
    "institution__code", "application__name", "application__short", "application__pinyin",
    "target__key", "target__label",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list; blank means everything. `mine` is whose tickets."""

    text: str = ""
    kind: str = ""
    state: str = ""
    severity: str = ""
    institution: Institution | None = None
    open_only: bool = False
    mine: User | None = None


def search(
    text: str,
    as_of: date,
    *,
    kind: str = "",
    state: str = "",
    open_only: bool = False,
) -> QuerySet[Ticket]:
    """Tickets in which every word occurs, newest first; see `listed`."""
    return listed(Wanted(text=text, kind=kind, state=state, open_only=open_only), as_of)


def listed(wanted: Wanted, as_of: date) -> QuerySet[Ticket]:
    """Tickets in which every word occurs, newest first: in the ticket, its institution (by name,
    code or pinyin initials), its application, its target, its log, its files, or the work on it.
    """
    rows = Ticket.objects.select_related("institution", "application", "target", "assignee")
    exact = {"kind": wanted.kind, "state": wanted.state, "severity": wanted.severity}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.institution is not None:
        rows = rows.filter(institution=wanted.institution)
    if wanted.mine is not None:
        rows = rows.filter(assignee=wanted.mine)
    if wanted.open_only:
        rows = rows.exclude(state__in=ENDED)
    for word in wanted.text.replace("\0", "").split()[:MOST_WORDS]:
        rows = rows.filter(_says(word, as_of))
    return rows


def _says(word: str, as_of: date) -> Q:
    here = OuterRef("pk")
    found = (
        Q(Exists(WorkEntry.objects.filter(ticket=here, text__icontains=word)))
        | Q(Exists(TicketEvent.objects.filter(_any(word, "value", "reason"), ticket=here)))
        | Q(Exists(TicketFile.objects.filter(_any(word, "name", "caption"), ticket=here)))
    )
    places = institutions(as_of, text=word, retired=True)
    return found | _any(word, *_FIELDS) | Q(institution__in=[one.pk for one in places])


def _any(word: str, *fields: str) -> Q:
    said = Q(pk__in=[])
    for field in fields:
        said |= Q(**{f"{field}__icontains": word})
    return said


def similar(
    *,
    institution: Institution | None = None,
    application: Application | None = None,
    target: Target | None = None,
    text: str = "",
    but: Ticket | None = None,
) -> list[Ticket]:
    """Open incidents on the same target or application, then those told in like words, then
    others of the same institution.

    Top of a group only: a new report of the same fault goes under its parent.
    """
    rows = Ticket.objects.filter(kind=Kind.INCIDENT, parent=None).exclude(state__in=ENDED)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    wanted = pairs(text)

    def alike(row: Ticket) -> float:
        """How much of the shorter title is in the other, 0 to 1."""
        said = pairs(row.title)
        return len(wanted & said) / min(len(wanted), len(said)) if wanted and said else 0.0

    def closeness(row: Ticket) -> tuple[bool, bool, bool, float, float]:
        thing = target is not None and row.target_id == target.pk
        system = application is not None and row.application_id == application.pk
        place = institution is not None and row.institution_id == institution.pk
        words = alike(row) if alike(row) >= ALIKE else 0.0
        return not thing, not system, not (place or words), -words, -row.created_at.timestamp()

    ranked = sorted(
        (
            (closeness(row), row)
            for row in rows.select_related("institution", "application", "target")
        ),
        key=lambda each: each[0],
    )
    return [row for rank, row in ranked if not all(rank[:3])]


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text: Chinese has no blanks between words."""
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def own(user: User) -> QuerySet[Ticket]:
    """The tickets of the institution a contact's login belongs to, newest first; else none."""
    contact = InstitutionContact.objects.filter(user=user).first()
    if contact is None:
        return Ticket.objects.none()
    rows = Ticket.objects.filter(institution=contact.institution_id, kind__in=OWN_KINDS)
    return rows.select_related("application")


def by_number(number: str) -> Ticket | None:
    """The ticket of that number, with what its page shows."""
    rows = Ticket.objects.select_related(
        "institution", "application", "target__unit__row", "site", "parent", "assignee",
        "created_by",
    )  # fmt: skip
    known = rows.prefetch_related("events", "work", "files")
    return known.filter(number=number).first() if "\0" not in number else None


def by_token(token: str) -> Ticket | None:
    """The ticket whose caller follows this link."""
    return Ticket.objects.filter(token=token).first() if token and "\0" not in token else None
