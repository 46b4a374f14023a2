"""Tickets counted by their form: the quarterly report lists the nine kinds one by one (L586)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from jingwei.desk.forms import REQUESTS, Form
from jingwei.desk.models import Kind, State, Ticket

DONE = (State.RESOLVED, State.CONFIRMED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Counted:
    """One kind of occasional work; `form` is None for requests taken down without a form."""

    form: Form | None
    opened: int
    done: int
    cancelled: int

    @property
    def label(self) -> str:
        """What the kind is called."""
        return self.form.label if self.form is not None else "未填表单"


def requests_by_form(start: date, end: date) -> list[Counted]:
    """Service requests opened in a period, both days included, by kind in the tender's order.

    Every kind is there, with 0 where nothing was asked; those without a form come last, if any.
    """
    rows = Ticket.objects.filter(
        kind=Kind.SERVICE_REQUEST, created_at__date__gte=start, created_at__date__lte=end
    ).values_list("form__form", "state")
    counts: Counter[tuple[str | None, str]] = Counter()
    for form_id, state in rows:  # no form at all reads as None
        counts[form_id, state] += 1
    kinds: list[Form | None] = [*REQUESTS]
    if any(form is None for form, _ in counts):
        kinds.append(None)
    return [_counted(form, counts) for form in kinds]


def _counted(form: Form | None, counts: Counter[tuple[str | None, str]]) -> Counted:
    mine = {state: n for (of, state), n in counts.items() if of == (form.id if form else None)}
    done = sum(n for state, n in mine.items() if state in DONE)
    return Counted(form, sum(mine.values()), done, mine.get(State.CANCELLED, 0))
