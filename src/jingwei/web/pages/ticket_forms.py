"""填写表单: which form, then the form, then a ticket; and what institutions sign for."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Institution, Target
from jingwei.desk import actions
from jingwei.desk.actions import Intake
from jingwei.desk.forms import FORMS, Form, by_id
from jingwei.desk.models import Channel, Kind
from jingwei.web import declaredform
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.maintenance import TargetField
from jingwei.web.pages.ticket_forms_acts import urlpatterns as act_patterns

_SHARED = ("institution", "application", "target")


class RequestForm(Styled, forms.Form):
    """What every ticket says, and then the declared fields."""

    title = forms.CharField(
        label="标题", max_length=200, error_messages={"required": "请填写标题"},
        widget=forms.TextInput(attrs={"placeholder": "一句话说清要做什么"}),
    )  # fmt: skip
    channel = forms.ChoiceField(label="提出方式", choices=[
        choice for choice in Channel.choices if choice[0] != Channel.FINDING
    ])  # fmt: skip
    reporter = forms.CharField(label="提出人", required=False, max_length=64)
    phone = forms.CharField(
        label="联系电话", required=False, max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    institution = forms.ModelChoiceField(
        Institution.objects.filter(valid_to=None), label="机构", required=False,
        empty_label="（不涉及）", to_field_name="code",
    )  # fmt: skip
    application = forms.ModelChoiceField(
        Application.objects.filter(valid_to=None), label="系统", required=False,
        empty_label="（不涉及）", to_field_name="code",
    )  # fmt: skip
    target = TargetField(
        label="设备或对象", required=False, max_length=200,
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"}),
    )  # fmt: skip
    text = forms.CharField(
        label="说明", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, declared: Form, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for name in _SHARED:
            if declared.field(name) is not None:
                del self.fields[name]
        if declared.field("text") is not None:
            del self.fields["text"]
        self.own = list(self.fields)
        self.declared = [one for one in declared.fields if not one.client]
        declaredform.add(self, self.declared, due=True)

    @property
    def shared_fields(self) -> list[forms.BoundField]:
        """The fields every ticket has."""
        return [self[name] for name in self.own]

    @property
    def due_fields(self) -> list[forms.BoundField]:
        """What is needed now."""
        return [self[one.name] for one in self.declared if not one.closing]

    @property
    def later_fields(self) -> list[forms.BoundField]:
        """What may wait until it is resolved."""
        return [self[one.name] for one in self.declared if one.closing]


@require_GET
@requires(May.HANDLE_TICKETS)
def choose(request: Request) -> HttpResponse:
    """Which form: by kind, the nine kinds of occasional work first."""
    own = (Kind.SERVICE_REQUEST, Kind.CHANGE)  # several forms each
    groups = [(kind.label, [form for form in FORMS if form.kind is kind]) for kind in own]
    rest = [form for form in FORMS if form.kind not in (*own, Kind.DATA_CHANGE)]
    groups.append(("其他", rest))
    return render(request, "web/forms/choose.html", {"groups": groups})


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request, form_id: str) -> HttpResponse:
    """The form of one kind; sent, it is a ticket."""
    declared = by_id(form_id)
    if declared is None or declared.kind is Kind.DATA_CHANGE:
        raise Http404(f"没有表单“{form_id[:40]}”")
    form = RequestForm(declared, posted(request), initial=_initial(request, declared))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        named = {name: data[name] for name in _SHARED if name in form.own}
        intake = Intake(
            kind=declared.kind, title=data["title"], text=data.get("text", ""),
            channel=Channel(data["channel"]), reporter=data["reporter"], phone=data["phone"],
            **named,
        )  # fmt: skip
        values = declaredform.written(form.declared, data)
        try:
            ticket = actions.open_request(declared.id, values, intake, request.user, timezone.now())
        except actions.DeskError as error:
            refuse(form, error)
        else:
            messages.success(request, f"已建单 {ticket.number}。")
            return redirect("ticket", ticket.number)
    status = 422 if request.method == "POST" else 200
    targets = Target.objects.filter(valid_to=None).values_list("key", "label")
    context = {"form": form, "declared": declared, "targets": targets}
    return render(request, "web/forms/new.html", context, status=status)


def refuse(form: forms.Form, error: actions.DeskError) -> None:
    """Put what was refused beside its fields."""
    errors = getattr(error, "errors", None) or {error.field: error.message}
    for name, text in errors.items():
        form.add_error(name if name in form.fields else None, text)


def _initial(request: Request, declared: Form) -> dict[str, str]:
    """What a link may hand over, "?target=HW-016-1"; the title begins with the form's name."""
    given = {name: request.GET[name][:200] for name in request.GET if declared.field(name)}
    return {"title": request.GET.get("title", "")[:200], "channel": Channel.PHONE, **given}


urlpatterns = [
    path("forms/", choose, name="ticket-new"),
    path("forms/<slug:form_id>/", new, name="ticket-new-form"),
    *act_patterns,
]
