"""One ticket's page: what runs out, the eight instants, what may be done, the whole log."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Target
from jingwei.contract import queries as contract
from jingwei.desk import queries
from jingwei.desk.actions.escalation import CLAUSES
from jingwei.desk.actions.instants import RESIDENT_SITE
from jingwei.desk.completion import owed
from jingwei.desk.facts import facts_of
from jingwei.desk.models import Kind, SupportLevel, Ticket
from jingwei.desk.queries import TicketClocks
from jingwei.desk.queries.clocks import OPEN
from jingwei.desk.transitions import Transition, from_here
from jingwei.sla.clock import Clock
from jingwei.terms.incident import Instant
from jingwei.web.access import Request
from jingwei.web.pages import tickets_forms as forms

SHOWN = (
    forms.AmendForm, forms.ClassifyForm, forms.ExcludeForm, forms.WorkForm, forms.AttachForm,
    forms.AssignForm, forms.EscalateForm, forms.RegradeForm, forms.PauseForm, forms.ResumeForm,
    forms.AnswerForm, forms.RemoteForm, forms.LinkForm, forms.FindingForm, forms.GroupForm,
    forms.UngroupForm, forms.InstantForm, forms.MergeForm,
)  # fmt: skip
# What happens to one fault once, wherever it was reported; somebody arrives at each place apart.
SHARED = frozenset({Instant.OCCURRED, Instant.DETECTED, Instant.DIAGNOSED, Instant.RESTORED})


@dataclass(frozen=True, slots=True)
class Step:
    """A transition this reader may make, and its form; `tap` needs nothing but one tap."""

    way: Transition
    form: forms.ActForm
    fields: tuple[str, ...]

    @property
    def tap(self) -> bool:
        """Whether nothing must be filled in."""
        return not self.fields

    @property
    def opened(self) -> bool:
        """Whether it was just refused and shows what was sent."""
        return self.form.is_bound


def render_page(
    request: Request, ticket: Ticket, sent: forms.ActForm | None = None, status: int = 200
) -> HttpResponse:
    """The page; `sent` is the form that was refused, shown as it was sent."""
    context = page(ticket, request.user, timezone.now(), sent)
    return render(request, "web/tickets/ticket.html", context, status=status)


def page(
    ticket: Ticket, user: User, now: datetime, sent: forms.ActForm | None = None
) -> dict[str, object]:
    """Everything the template shows."""
    clocks = contract.ticket_clocks(ticket, now)
    facts = facts_of(ticket)
    incident = ticket.kind == Kind.INCIDENT
    return {
        "ticket": ticket,
        "now": now,
        "sent": sent,
        "clocks": clocks,
        "pairs": list(zip(clocks.working, clocks.wall, strict=True)),
        "next_clock": next_clock(clocks),
        "instants": queries.instants(ticket) if incident else [],
        "facts": facts,
        "incident": incident,
        "steps": steps(ticket, user, sent),
        "forms": {form.name: form for form in _forms(ticket, sent)},
        "resident_site": ticket.site is not None and ticket.site.code == RESIDENT_SITE,
        "lines": queries.log(ticket),
        "files": ticket.files.all(),
        "minutes": sum(entry.minutes or 0 for entry in ticket.work.all()),
        "targets": ticket.target_links.select_related("target"),
        "findings": ticket.finding_links.select_related("finding__target"),
        "children": ticket.children.select_related("institution", "application"),
        "shared": SHARED,
        "similar": _similar(ticket) if incident and not ticket.ended else [],
        "maker": queries.maker(ticket),
        "levels": forms.higher(ticket.level),
        "maker_clause": CLAUSES[SupportLevel.MAKER],
        "choices": Target.objects.filter(valid_to__isnull=True).values_list("key", "label"),
        "helps": may(user.role, May.HANDLE_TICKETS),
        "decides": may(user.role, May.APPROVE_TICKETS),
    }


def steps(ticket: Ticket, user: User, sent: forms.ActForm | None) -> list[Step]:
    """The transitions this person may make from here; a data change has its own page for them."""
    if ticket.kind == Kind.DATA_CHANGE:
        return []
    healed = not ticket.finding_links.filter(finding__closed_at__isnull=True).exists()
    found = []
    for way in from_here(ticket.kind, ticket.state):
        if not may(user.role, way.may):
            continue
        needs = way.needs if way.step != "close" or healed else ("reason",)
        if way.step == "resolve" and owed(ticket).reason:
            needs = (*needs, "reason")  # receipts, parts or bookings are missing: it says why
        form: forms.ActForm = forms.AdvanceForm(ticket=ticket)
        if sent is not None and sent.name == "advance" and sent.data.get("step") == way.step:
            form = sent
        form.auto_id = f"{way.step}_%s"
        found.append(Step(way, form, needs))
    return found


def next_clock(clocks: TicketClocks) -> Clock | None:
    """The clock that runs out first, on either calendar."""
    running = [(one.due, one) for one in clocks.all if one.state in OPEN and one.due is not None]
    return min(running, key=lambda each: each[0], default=(None, None))[1]


def _forms(ticket: Ticket, sent: forms.ActForm | None) -> list[forms.ActForm]:
    return [
        sent if sent is not None and sent.name == form.name else form(ticket=ticket)
        for form in SHOWN
    ]


def _similar(ticket: Ticket) -> list[Ticket]:
    """Those that may be the same fault; a child's like are its parent's."""
    if ticket.parent_id is not None:
        return []
    found = queries.similar(
        application=ticket.application, target=ticket.target, text=ticket.title, but=ticket
    )
    return [one for one in found if not one.children.exists()][:8]
