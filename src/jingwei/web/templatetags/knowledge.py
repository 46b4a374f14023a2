"""`{% load knowledge %}`: articles that may help with a ticket."""

from django import template

from jingwei.desk.models import State, Ticket
from jingwei.desk.queries import knowledge

register = template.Library()
_SOLVED = frozenset({State.RESOLVED, State.CONFIRMED, State.CLOSED})


@register.inclusion_tag("web/knowledge/_suggested.html")
def suggested_articles(ticket: Ticket, writes: bool = False) -> dict[str, object]:
    """What was learned about the like of it; `writes` offers to write down what was learned."""
    return {
        "articles": knowledge.suggest(ticket),
        "written": list(ticket.articles.order_by("-version")[:1]),
        "ticket": ticket,
        "offer": writes and ticket.state in _SOLVED,
    }
