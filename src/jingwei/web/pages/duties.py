"""周期工作: what the contract owes by date, the form to write it down, the client's word."""

import secrets
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Unit
from jingwei.checks.actions.files import Upload
from jingwei.contract import actions, queries
from jingwei.contract.actions import ContractError, Done
from jingwei.contract.actions.duties import RESULTS
from jingwei.contract.clauses import Duty
from jingwei.contract.models import Contract, DutyFile, DutyRecord, DutySheet
from jingwei.sla.owed import between
from jingwei.terms.obligation import Standing
from jingwei.web import assessed
from jingwei.web.access import Request, allowed, requires
from jingwei.web.files import serve
from jingwei.web.forms import DateInput, MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.answers import ManyFiles
from jingwei.web.pages.compliance import moment
from jingwei.web.paging import paginate

MOST = timedelta(days=370)


class DutyFilter(Styled, forms.Form):
    """From when to when."""

    first = forms.DateField(label="自", required=False, widget=DateInput())
    last = forms.DateField(label="至", required=False, widget=DateInput())
    show = forms.ChoiceField(
        label="范围", required=False,
        choices=[("", "不含每日检查"), ("all", "全部"), ("missed", "只看错过的")],
    )  # fmt: skip


class RecordForm(Styled, forms.Form):
    """What every record of a duty has; its own fields are added from the contract."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    object = forms.CharField(
        label="对象", required=False, max_length=200,
        widget=forms.TextInput(attrs={"list": "objects", "placeholder": "设备号或应用号"}),
    )  # fmt: skip
    about = forms.CharField(label="起因（工单号等）", required=False, max_length=64)
    at = forms.DateTimeField(label="完成时间", widget=MomentInput())
    result = forms.ChoiceField(label="结论", choices=list(RESULTS.items()))
    photos = forms.Field(
        label="照片或文件", required=False, help_text="可拍照；单个不超过 10 MB。",
        widget=ManyFiles(attrs={"accept": "image/*,.pdf,.docx,.xlsx,.txt,.csv"}),
    )  # fmt: skip

    def __init__(self, duty: Duty, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duty = duty
        for name, label in duty.fields:
            self.fields[f"field_{name}"] = forms.CharField(
                label=label,
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control form-control-sm"}),
            )

    @property
    def values(self) -> dict[str, str]:
        """The duty's own fields as they were filled in."""
        return {name: self.cleaned_data[f"field_{name}"] for name, _ in self.duty.fields}


@require_GET
@requires(May.SEE_DESK)
def duties(request: Request) -> HttpResponse:
    """The calendar of what is owed; what was missed stays."""
    contract = queries.current(request.day)
    if contract is None:
        return render(request, "web/contract/none.html")
    form = DutyFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    first, last = _span(given, request.day, contract.period_start)
    owed = assessed.duties(contract, moment(request), past=request.as_of is not None)
    rows = between(owed, first, last)
    if given.get("show") == "missed":
        rows = queries.missed(rows)
    elif given.get("show") != "all":
        rows = [row for row in rows if row.what != "daily"]
    week = request.day + timedelta(days=6 - request.day.weekday())
    content = queries.content_of(contract)
    context = {
        "contract": contract, "form": form, "rows": rows, "first": first, "last": last,
        "week": [row for row in between(owed, request.day, week)
                 if row.last <= week and row.standing in (Standing.DUE, Standing.NOT_DUE)],
        "sunday": week, "missed": len(queries.missed(owed)),
        "sheets": {each.sheet.duty: each.id for each, _ in queries.sheets(contract)
                   if each.sheet is not None},
        "labels": queries.labels(contract),
        "forms": list(content.duties.values()) if content else [],
        "page_obj": paginate(request, queries.records(contract)),
        "decides": allowed(request, May.APPROVE_TICKETS),
        "unpublished": queries.unpublished(contract),
    }  # fmt: skip
    return render(request, "web/contract/duties.html", context)


def _span(given: dict[str, Any], today: date, start: date) -> tuple[date, date]:
    """From when to when: a week back and a month ahead unless said, at most a year."""
    if given.get("show") == "missed" and not given.get("first"):
        return start, given.get("last") or today  # what was missed stays, however long ago
    first = given.get("first") or today - timedelta(days=7)
    if not 2000 <= first.year < 2099:
        first = today - timedelta(days=7)
    last = given.get("last") or first + timedelta(days=40)
    return first, min(last, first + MOST)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request, duty: str) -> HttpResponse:
    """Write down that it was done; a photo from the tablet's camera goes with it."""
    contract, found = _duty(request, duty)
    initial = {
        "key": secrets.token_urlsafe(18), "at": timezone.localtime(),
        "object": request.GET.get("object", "")[:64], "about": request.GET.get("about", "")[:64],
    }  # fmt: skip
    form = RecordForm(found, posted(request), request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        uploads = [Upload(f.name or "", f.read()) for f in request.FILES.getlist("photos")]
        try:
            made = actions.record_duty(
                contract,
                Done(
                    found.id, data["at"], data["key"], data["result"],
                    object=data["object"].split(" ")[0].upper(), about=data["about"],
                    fields=form.values, uploads=uploads,
                ),
                request.user, timezone.now(),
            )  # fmt: skip
        except ContractError as error:
            names = {"files": "photos"}
            name = names.get(error.field, error.field)
            form.add_error(name if name in form.fields else None, error.message)
        else:
            messages.success(request, f"{found.label}已登记。")
            return redirect("duty-record", made.pk)
    context = {"form": form, "duty": found, "objects": _objects()}
    status = 422 if request.method == "POST" else 200
    return render(request, "web/contract/duty_form.html", context, status=status)


def _objects() -> list[tuple[str, str]]:
    """What a duty may be about, for typing ahead."""
    units = Unit.objects.filter(valid_to=None).select_related("row")
    found = [(unit.code, unit.row.name.split("\n")[0]) for unit in units]
    return found + list(Application.objects.filter(valid_to=None).values_list("code", "name"))


def _duty(request: Request, name: str) -> tuple[Contract, Duty]:
    contract = queries.current(request.day)
    content = queries.content_of(contract) if contract else None
    if contract is None or content is None or name not in content.duties:
        raise Http404(f"合同中没有“{name}”这项工作")
    return contract, content.duties[name]


@require_GET
@requires(May.SEE_DESK)
def record(request: Request, pk: int) -> HttpResponse:
    """One record with its photos and the client's word."""
    found = get_object_or_404(DutyRecord.objects.select_related("contract", "corrects"), pk=pk)
    content = queries.content_of(found.contract)
    duty = content.duties.get(found.duty) if content else None
    labels = dict(duty.fields) if duty else {}
    context = {
        "record": found, "label": duty.label if duty else found.duty,
        "fields": [(labels.get(name, name), text) for name, text in found.fields.items()],
        "result": RESULTS.get(found.result, found.result),
        "sheet": DutySheet.objects.filter(record=found).first(),
        "answer": found.confirmations.first(), "decides": allowed(request, May.APPROVE_TICKETS),
    }  # fmt: skip
    return render(request, "web/contract/duty_record.html", context)


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def confirm(request: Request, pk: int) -> HttpResponse:
    """The client agrees, or says why not."""
    found = get_object_or_404(DutyRecord, pk=pk)
    try:
        actions.confirm_duty(
            found, request.POST.get("granted") == "yes", request.user, timezone.now(),
            note=request.POST.get("note", ""),
        )  # fmt: skip
    except ContractError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "答复已记录。")
    return redirect("duty-record", pk)


@require_GET
@requires(May.SEE_DESK)
def file(request: Request, pk: int) -> HttpResponseBase:
    """One photo or scan of a record."""
    del request
    found = get_object_or_404(DutyFile, pk=pk)
    return serve(found.path, found.name, found.media_type)


urlpatterns = [
    path("duties/", duties, name="duties"),
    path("duties/new/<slug:duty>/", new, name="duty-new"),
    path("duties/<int:pk>/", record, name="duty-record"),
    path("duties/<int:pk>/confirm/", confirm, name="duty-confirm"),
    path("duties/files/<int:pk>/", file, name="duty-file"),
]
