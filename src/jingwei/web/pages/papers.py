"""合同文件 and 歧义裁定: papers on file with their steps; what the client has decided."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.checks.actions.files import Upload
from jingwei.contract import actions, queries
from jingwei.contract.actions import ContractError, Paper
from jingwei.contract.models import Ambiguity, Contract, Document, DocumentStep
from jingwei.web.access import Request, allowed, requires
from jingwei.web.files import serve
from jingwei.web.forms import DateInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.paging import paginate

STEPS = DocumentStep.Kind


class PaperForm(Styled, forms.Form):
    """Put a paper on file."""

    kind = forms.ChoiceField(label="种类")
    title = forms.CharField(label="名称", max_length=200)
    about = forms.CharField(label="关于（工单、事件或演练编号）", max_length=64, required=False)
    period_start = forms.DateField(label="期间开始", required=False, widget=DateInput())
    period_end = forms.DateField(label="期间结束（含）", required=False, widget=DateInput())
    file = forms.FileField(label="扫描件或文件", required=False, help_text="不超过 10 MB")

    def __init__(self, kinds: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = list(kinds.items())


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def papers(request: Request) -> HttpResponse:
    """What is on file, by kind; and the form to add one."""
    contract = queries.current(request.day)
    content = queries.content_of(contract) if contract else None
    if contract is None or content is None:
        return render(request, "web/contract/none.html")
    form = PaperForm(dict(content.documents), posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _file(request, contract, form)
        if made is not None:
            return redirect("papers")
    rows = Document.objects.filter(contract=contract).prefetch_related("steps")
    wanted = request.GET.get("kind", "")[:64]
    if wanted:
        rows = rows.filter(kind=wanted)
    held = set(Document.objects.filter(contract=contract).values_list("kind", flat=True))
    context = {
        "contract": contract, "form": form, "page_obj": paginate(request, rows),
        "labels": content.documents, "steps": STEPS,
        "absent": [(k, label) for k, label in content.documents.items() if k not in held],
        "decides": allowed(request, May.APPROVE_TICKETS),
        "works": allowed(request, May.HANDLE_TICKETS),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/contract/papers.html", context, status=status)


def _file(request: Request, contract: Contract, form: PaperForm) -> Document | None:
    data = dict(form.cleaned_data)
    given = data.pop("file")
    upload = Upload(given.name or "", given.read()) if given else None
    try:
        made = actions.file_paper(
            contract, Paper(upload=upload, **data), request.user, timezone.now()
        )
    except ContractError as error:
        name = {"files": "file"}.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, error.message)
        return None
    messages.success(request, f"{made.title}已归档。")
    return made


@require_POST
@requires(May.SEE_DESK)
@once
def step(request: Request, pk: int) -> HttpResponse:
    """A paper was submitted, delivered, confirmed or returned."""
    found = get_object_or_404(Document, pk=pk)
    kind = request.POST.get("step", "")
    if kind not in STEPS.values:
        messages.error(request, "未知的步骤")
        return redirect("papers")
    try:
        actions.note_step(
            found, STEPS(kind), request.user, timezone.now(), note=request.POST.get("note", "")
        )
    except ContractError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{found.title}：{STEPS(kind).label}。")
    return redirect("papers")


@require_GET
@requires(May.SEE_DESK)
def file(request: Request, pk: int) -> HttpResponseBase:
    """The scan itself."""
    del request
    found = get_object_or_404(Document.objects.exclude(path=""), pk=pk)
    return serve(found.path, found.name, found.media_type)


@require_GET
@requires(May.SEE_DESK)
def decisions(request: Request) -> HttpResponse:
    """The places where the tender is unclear, and what was decided."""
    contract = queries.current(request.day)
    content = queries.content_of(contract) if contract else None
    if contract is None or content is None:
        return render(request, "web/contract/none.html")
    rows = Ambiguity.objects.filter(contract=queries.origin(contract)).prefetch_related("decisions")
    context = {
        "contract": contract, "rows": rows, "documents": content.documents,
        "bearing": queries.bearing(contract), "decides": allowed(request, May.APPROVE_TICKETS),
    }  # fmt: skip
    return render(request, "web/contract/decisions.html", context)


@require_POST
@requires(May.APPROVE_TICKETS)
@once
def settle(request: Request, pk: int) -> HttpResponse:
    """The client decides."""
    found = get_object_or_404(Ambiguity, pk=pk)
    value = request.POST.get("value", "").strip()
    try:
        actions.settle(
            found, request.user, timezone.now(), reason=request.POST.get("reason", ""),
            reading=request.POST.get("reading", "")[:32],
            about=request.POST.get("about", "")[:64],
            value=int(value) if value.isdecimal() and len(value) < 5 else None,
        )  # fmt: skip
    except ContractError as error:
        messages.error(request, f"{found.key}：{error.message}")
    else:
        messages.success(request, f"{found.key} 已裁定。")
    return redirect(f"/decisions/#{found.key}")


urlpatterns = [
    path("papers/", papers, name="papers"),
    path("papers/<int:pk>/step/", step, name="paper-step"),
    path("papers/<int:pk>/file/", file, name="paper-file"),
    path("decisions/", decisions, name="decisions"),
    path("decisions/<int:pk>/settle/", settle, name="settle"),
]
