"""Forms of the register, made from the columns its files have: one rule for pages and files."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from jingwei.assets.actions import Change, MovedOnError, RefusedError, marks
from jingwei.assets.tables.cells import Choice, Day, Flag, Number, Text, Value, Words
from jingwei.assets.tables.columns import Column, Table, blank
from jingwei.assets.tables.problems import CellError
from jingwei.web.access import Request, address_of
from jingwei.web.forms import DateInput, dress, remember, remembered

_LONG = 300
_SEEN = "seen"


class RecordForm(forms.Form):
    """Some columns of one record, and the reason for changing them.

    `options` are the choices of columns that name other records. Errors of cells and refusals
    stand beside their field.
    """

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        record: Mapping[str, Value],
        options: Mapping[str, Sequence[tuple[str, str]]],
        data: Any = None,
        *,
        prefix: str,
    ) -> None:
        self._record = record
        self.columns = [table.column(name) for name in names]
        initial = {column.name: _shown(column, record) for column in self.columns}
        super().__init__(data, initial=initial, prefix=prefix)
        for column in self.columns:
            self.fields[column.name] = _field(column, options.get(column.name))
        self.fields["reason"] = forms.CharField(
            label="修改原因",
            max_length=300,
            help_text="写进变更记录，如“现场盘点核对序列号”",
            error_messages={"required": "请写明原因，它会写进变更记录"},
        )
        for field in self.fields.values():
            dress(field.widget)
        self._now = marks(table, names, record)
        self.fields[_SEEN] = remember(self._now)

    def clean(self) -> dict[str, Any]:
        """Reads every cell as a file's cell would be read."""
        cleaned = super().clean() or {}
        for column in self.columns:
            if column.name not in cleaned:
                continue
            try:
                cleaned[column.name] = column.cells.read(cleaned[column.name])
            except CellError as error:
                self.add_error(column.name, str(error))
                continue
            if column.needed and blank(cleaned[column.name]):
                self.add_error(column.name, "不能为空")
        return cleaned

    @property
    def values(self) -> dict[str, Value]:
        """What was filled in, without the reason."""
        return {column.name: self.cleaned_data[column.name] for column in self.columns}

    @property
    def seen(self) -> dict[str, str]:
        """The marks of what this form showed when it was opened; {} when it does not say."""
        return remembered(self.cleaned_data.get(_SEEN, ""))

    def refuse(self, error: RefusedError) -> None:
        """Puts a refusal beside the field it names."""
        if isinstance(error, MovedOnError):
            self._moved_on(error)
            return
        names = {column.header: column.name for column in self.columns} | {"修改原因": "reason"}
        self.add_error(names.get(error.field), error.message)

    def _moved_on(self, error: MovedOnError) -> None:
        """Says what stands there now; what was typed stays, and may be saved knowingly."""
        self.add_error(None, error.message)
        for column in error.columns:
            held = column.cells.show(self._record.get(column.name)) or "空"
            self.add_error(column.name, f"现值：{held[:200]}")
        sent = {name: self.data[name] for name in self.data}  # a QueryDict keeps lists inside
        self.data = sent | {self.add_prefix(_SEEN): json.dumps(self._now)}


def _shown(column: Column, record: Mapping[str, Value]) -> Any:
    value = record.get(column.name)
    if isinstance(column.cells, Flag):
        return bool(value)
    if isinstance(column.cells, Choice):
        return value or column.cells.blank
    if isinstance(column.cells, Words) and isinstance(value, list):
        return "\n".join(value)
    return column.cells.show(value)


def _field(column: Column, options: Sequence[tuple[str, str]] | None) -> forms.Field:
    label = column.header
    if options is not None:
        return forms.ChoiceField(label=label, choices=[("", "—"), *options], required=False)
    kind = column.cells
    if isinstance(kind, Flag):
        return forms.BooleanField(label=label, required=False)
    if isinstance(kind, Choice):
        return forms.ChoiceField(label=label, choices=list(kind.words.items()), required=False)
    widget: forms.Widget = forms.TextInput()
    help_text = ""
    if isinstance(kind, Day):
        widget = DateInput()
    elif isinstance(kind, Number):
        widget = forms.NumberInput(attrs={"min": kind.least, "max": kind.most})
    elif isinstance(kind, Words):
        widget, help_text = forms.Textarea(attrs={"rows": 3}), "一行一个"
    elif isinstance(kind, Text) and kind.longest > _LONG:
        widget = forms.Textarea(attrs={"rows": 3})
    strip = not (isinstance(kind, Text) and kind.verbatim)
    return forms.CharField(
        label=label, widget=widget, help_text=help_text, required=False, strip=strip
    )


def edit_page(
    request: Request,
    form: RecordForm,
    save: Callable[..., Change | None],
    *,
    code: str,
    label: str,
    note: str,
    within: tuple[str, str],
    back: str,
) -> HttpResponseBase:
    """Shows a record's form, or saves it and goes `back`; a refusal is 422 beside its field.

    `within` is the label and URL name of the list the record belongs to.
    """
    if request.method == "POST" and form.is_valid():
        try:
            change = save(
                code,
                form.values,
                actor=request.user,
                now=timezone.now(),
                reason=form.cleaned_data["reason"],
                origin=address_of(request),
                seen=form.seen,
            )
        except RefusedError as error:
            form.refuse(error)
        else:
            messages.success(request, f"已修改 {code}" if change else "没有改动，未写入")
            return redirect(back)
    context = {
        "form": form,
        "code": code,
        "label": label,
        "note": note,
        "back": back,
        "list_label": within[0],
        "list_url": reverse(within[1]),
    }
    return render(request, "web/assets/edit.html", context, status=422 if form.errors else 200)
