"""本机构报修: what an institution's own contact sees and sends; whose contact a login is."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, Role
from jingwei.assets.models import Application, Institution
from jingwei.assets.queries import ApplicationFilter, applications
from jingwei.desk import actions, queries
from jingwei.desk.actions import Intake
from jingwei.desk.models import Impact, InstitutionContact, Kind, Urgency
from jingwei.web.access import Request, requires
from jingwei.web.forms import MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.intake import link
from jingwei.web.paging import paginate


class OwnForm(Styled, forms.Form):
    """What a contact tells; the institution is his own."""

    application = forms.ModelChoiceField(
        label="系统", required=False, to_field_name="code", empty_label="（不清楚）",
        queryset=Application.objects.filter(valid_to__isnull=True),
    )  # fmt: skip
    title = forms.CharField(
        label="现象", max_length=200, error_messages={"required": "请填写现象"},
        widget=forms.TextInput(attrs={"placeholder": "如 PACS 调不出片子，全院"}),
    )  # fmt: skip
    impact = forms.ChoiceField(label="影响范围", choices=Impact.choices, initial=Impact.INSTITUTION)
    urgency = forms.ChoiceField(
        label="紧急程度", choices=[("", "请选择"), *Urgency.choices],
        error_messages={"required": "请选择紧急程度"},
    )  # fmt: skip
    occurred_at = forms.DateTimeField(label="何时开始", required=False, widget=MomentInput(),
                                      help_text="不清楚可留空")  # fmt: skip
    reporter = forms.CharField(label="联系人", required=False, max_length=64)
    phone = forms.CharField(
        label="联系电话", max_length=32, error_messages={"required": "请留联系电话"},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    text = forms.CharField(
        label="补充说明", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_GET
@requires(May.REPORT_OWN)
def own(request: Request) -> HttpResponse:
    """The tickets of one's own institution, newest first; each opens its caller's page."""
    contact = InstitutionContact.objects.filter(user=request.user).first()
    page = paginate(request, queries.own(request.user))
    context = {"contact": contact, "page_obj": page}
    return render(request, "web/tickets/own.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.REPORT_OWN)
@once
def report(request: Request) -> HttpResponse:
    """Report a fault of one's own institution."""
    contact = InstitutionContact.objects.filter(user=request.user).first()
    form = OwnForm(posted(request), initial={"reporter": request.user.full_name})
    if contact is not None:
        _own_first(form, contact.institution)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = actions.report_own(_intake(form.cleaned_data), request.user, timezone.now())
        except actions.ForbiddenError as error:
            return render(request, "403.html", {"exception": error.message}, status=403)
        except actions.DeskError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"已报修，单号 {ticket.number}。")
            return redirect("own-done", ticket.number)
    context = {"form": form, "contact": contact}
    status = 422 if request.method == "POST" else 200
    return render(request, "web/tickets/own_report.html", context, status=status)


@require_GET
@requires(May.REPORT_OWN)
def done(request: Request, number: str) -> HttpResponse:
    """The number, large, and the link; only of one's own institution."""
    ticket = get_object_or_404(queries.own(request.user), number=number)
    context = {"ticket": ticket, "link": link(request, ticket)}
    return render(request, "web/tickets/own_done.html", context)


@require_GET
@requires(May.MANAGE_USERS)
def contacts(request: Request) -> HttpResponse:
    """Which institution each contact's login belongs to."""
    users = User.objects.filter(role=Role.INSTITUTION).select_related(
        "institution_contact__institution"
    )
    context = {
        "page_obj": paginate(request, users.order_by("username")),
        "institutions": Institution.objects.filter(valid_to__isnull=True),
    }
    return render(request, "web/tickets/contacts.html", context)


@require_POST
@requires(May.MANAGE_USERS)
@once
def set_contact(request: Request, pk: int) -> HttpResponse:
    """Say whose contact somebody is; empty is nobody's."""
    user = get_object_or_404(User, pk=pk)
    code = request.POST.get("institution", "")
    institution = get_object_or_404(Institution, code=code[:32]) if code else None
    try:
        actions.set_contact(user, institution, request.user, timezone.now())
    except actions.DeskError as error:
        return render(request, "400.html", {"reason": error.message}, status=422)
    messages.success(request, f"{user}：{institution.name if institution else '不属于任何机构'}")
    return redirect("contacts")


def _own_first(form: OwnForm, institution: Institution) -> None:
    """The institution's systems; all of them where the register names none."""
    mine = applications(ApplicationFilter(institution=institution.code), timezone.localdate())
    field = form.fields["application"]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
    if mine.exists():
        field.queryset = mine


def _intake(data: dict[str, Any]) -> Intake:
    return Intake(
        kind=Kind.INCIDENT, title=data["title"], text=data["text"], reporter=data["reporter"],
        phone=data["phone"], application=data["application"], impact=Impact(data["impact"]),
        urgency=Urgency(data["urgency"]), occurred_at=data["occurred_at"],
    )  # fmt: skip


urlpatterns = [
    path("own/", own, name="own-tickets"),
    path("own/report/", report, name="own-report"),
    path("own/<slug:number>/", done, name="own-done"),
    path("users/contacts/", contacts, name="contacts"),
    path("users/<int:pk>/institution/", set_contact, name="contact-set"),
]
