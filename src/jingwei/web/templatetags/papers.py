"""`{% load papers %}`: buttons that write the report of what a page is about."""

from django import template

from jingwei.accounts.roles import May
from jingwei.desk.models import State, Ticket
from jingwei.reports import kinds, periodic
from jingwei.web import access

register = template.Library()


@register.inclusion_tag("web/reports/_build.html", takes_context=True)
def ticket_papers(context: template.Context, ticket: Ticket) -> dict[str, object]:
    """The papers of a ticket; a fault that was withdrawn has none."""
    offered = kinds.of_ticket(ticket.kind)
    if ticket.state == State.CANCELLED:
        offered = tuple(kind for kind in offered if kind is not kinds.FAULT)
    return _offered(context, [(kind, ticket.number) for kind in offered])


@register.inclusion_tag("web/reports/_build.html", takes_context=True)
def period_paper(context: template.Context, name: str) -> dict[str, object]:
    """The report of that kind about the period that holds the day; none without a contract."""
    kind = kinds.of(name)
    subject = periodic.proposed(context["request"].day).get(kind.span, "")
    return _offered(context, [(kind, subject)] if subject else [])


def _offered(
    context: template.Context, papers: list[tuple[kinds.ReportKind, str]]
) -> dict[str, object]:
    may = access.allowed(context["request"], May.BUILD_REPORTS)
    return {"papers": papers if may else []}
