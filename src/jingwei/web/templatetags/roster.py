"""What nobody can say yet about the roster."""

from datetime import date, datetime

from django import template

from jingwei.desk.queries import roster
from jingwei.terms import SHANGHAI

register = template.Library()


@register.simple_tag
def unknown_from(start: date | datetime, end: date | datetime) -> date | None:
    """The first day of a span whose year is not published: "enough" can't be said of it."""
    return roster.unknown_from(_day(start), _day(end))


def _day(when: date | datetime) -> date:
    return when.astimezone(SHANGHAI).date() if isinstance(when, datetime) else when
