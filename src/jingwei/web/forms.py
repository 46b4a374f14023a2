"""What our forms share: the look of inputs, and the ties between a field and its errors."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict


def remember(marks: Mapping[str, str]) -> forms.CharField:
    """A hidden field with the marks of what a form showed: `assets.actions.marks`."""
    return forms.CharField(
        required=False, widget=forms.HiddenInput(), initial=json.dumps(dict(marks))
    )


def remembered(text: str) -> dict[str, str]:
    """The marks that came back; {} when the form does not say what it showed."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class Styled:
    """Mixed into a form: Bootstrap's classes on every input."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field.widget)


def dress(widget: forms.Widget) -> None:
    """The class that makes this widget look like the others."""
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        css = "form-check-input"
    elif isinstance(widget, forms.Select | forms.SelectMultiple):
        css = "form-select form-select-sm"
    else:
        css = "form-control form-control-sm"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when nothing was: an empty form sent is not one asked for."""
    return request.POST if request.method == "POST" else None


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own picker for a minute of the day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MomentInput(forms.DateTimeInput):
    """The browser's own picker for a minute in Asia/Shanghai."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")
