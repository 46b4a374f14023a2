"""What a ticket of each kind is about: the declared forms, and what they take."""

from jingwei.desk.forms.check import Checked, Look, Value, check, shown, unfinished
from jingwei.desk.forms.declared import Field, Form, Type
from jingwei.desk.forms.others import OTHERS
from jingwei.desk.forms.requests import REQUESTS

FORMS: tuple[Form, ...] = REQUESTS + OTHERS
_BY_ID = {form.id: form for form in FORMS}

__all__ = [
    "FORMS", "REQUESTS", "Checked", "Field", "Form", "Look", "Type", "Value", "by_id", "check",
    "of_kind", "shown", "unfinished",
]  # fmt: skip


def by_id(form_id: str) -> Form | None:
    """The form of that id."""
    return _BY_ID.get(form_id)


def of_kind(kind: str) -> tuple[Form, ...]:
    """The forms a ticket of this kind may have; none for an incident, which has its instants."""
    return tuple(form for form in FORMS if form.kind == kind)
