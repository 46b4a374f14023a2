"""A page's form made from a declared form of the desk: the widgets here, the judging there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms

from jingwei.assets.models import Application, Database, Institution, Person
from jingwei.desk.forms import Field, Type, Value
from jingwei.terms import SHANGHAI
from jingwei.web.forms import DateInput, MomentInput, dress

_ROWS = 3


def add(form: forms.Form, fields: Sequence[Field], *, due: bool) -> None:
    """Put declared fields into a form; `due` asks for what is required to open a ticket."""
    for one in fields:
        made = _field(one, required=due and one.required)
        dress(made.widget)
        form.fields[one.name] = made


def initial(fields: Sequence[Field], values: Mapping[str, Value]) -> dict[str, Any]:
    """Kept values as the widgets show them."""
    found: dict[str, Any] = {}
    for one in fields:
        value = values.get(one.name)
        if isinstance(value, str) and one.type is Type.DATETIME:
            at = datetime.fromisoformat(value).astimezone(SHANGHAI)
            found[one.name] = at.strftime("%Y-%m-%dT%H:%M")
        elif value is not None:
            found[one.name] = value
    return found


def written(fields: Sequence[Field], data: Mapping[str, Any]) -> dict[str, object]:
    """What was written into the declared fields, by name."""
    return {one.name: data.get(one.name, "") for one in fields}


def _field(one: Field, *, required: bool) -> forms.Field:
    label = f"{one.label}（{one.unit}）" if one.unit else one.label
    notes = [one.help] if one.help else []
    if one.closing:
        notes.append("解决前填写")
    more: dict[str, Any] = {
        "label": label, "required": required, "help_text": "；".join(notes),
        "error_messages": {"required": f"请填写{one.label}"},
    }  # fmt: skip
    if one.type is Type.INSTITUTIONS:
        return forms.MultipleChoiceField(
            choices=_institutions()[1:], widget=forms.CheckboxSelectMultiple,
            **(more | {"error_messages": {"required": f"请选择{one.label}"}}),
        )  # fmt: skip
    # Loose on purpose: the declared form says what is wrong, in the same words to everybody.
    return forms.CharField(widget=_widget(one), strip=False, **more)


def _widget(one: Field) -> forms.Widget:
    if one.type is Type.LONG:
        return forms.Textarea(attrs={"rows": _ROWS})
    if one.type is Type.DATE:
        return DateInput()
    if one.type is Type.DATETIME:
        return MomentInput()
    if one.type is Type.NUMBER:
        return forms.TextInput(attrs={"inputmode": "numeric" if one.whole else "decimal"})
    if one.type is Type.TARGET:
        return forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"})
    choices = _choices(one)
    return forms.Select(choices=choices) if choices else forms.TextInput()


def _choices(one: Field) -> list[tuple[str, str]]:
    if one.type is Type.CHOICE:
        return [("", "请选择"), *((each, each) for each in one.choices)]
    if one.type is Type.INSTITUTION:
        return _institutions()
    if one.type is Type.APPLICATION:
        rows = list(Application.objects.filter(valid_to=None).values_list("code", "name"))
    elif one.type is Type.DATABASE:
        rows = list(Database.objects.filter(valid_to=None).values_list("code", "name"))
    elif one.type is Type.PERSON:
        people = Person.objects.filter(valid_to=None).order_by("line", "name")
        return [("", "请选择"), *((one.name, str(one)) for one in people)]
    else:
        return []
    return [("", "请选择"), *rows]


def _institutions() -> list[tuple[str, str]]:
    rows = Institution.objects.filter(valid_to=None).order_by("area", "kind", "code")
    return [("", "请选择"), *((row.code, row.name) for row in rows)]
