"""报告模板: the client's own Word template for a kind of report, its fields, its versions."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.checks.actions.files import Upload
from jingwei.reports import actions, kinds, queries, templated
from jingwei.reports.errors import ReportError
from jingwei.reports.kinds import ReportKind
from jingwei.reports.models import ReportTemplate
from jingwei.reports.sections import demanded
from jingwei.reports.templated.fields import Fields
from jingwei.web.access import Request, address_of, allowed, requires
from jingwei.web.files import serve
from jingwei.web.forms import Styled
from jingwei.web.once import once

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class TemplateForm(Styled, forms.Form):
    """A template, and why it changes."""

    file = forms.FileField(
        label="Word 模板", help_text=".docx，不超过 5 MB，不带宏；上传时逐项核对字段"
    )
    reason = forms.CharField(label="说明", max_length=200, required=False)


@require_GET
@requires(May.SEE_REPORTS)
def templates(request: Request) -> HttpResponse:
    """Every kind, and whose layout it is written in."""
    held = queries.all_in_force()
    rows = [(kind, held.get(kind.name)) for kind in kinds.KINDS.values()]
    return render(request, "web/reports/templates.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@requires(May.SEE_REPORTS)
@once
def template(request: Request, name: str) -> HttpResponse:
    """One kind: the fields it has, its versions, and a new one to upload."""
    kind, edits = _kind(name), allowed(request, May.REPLACE_TEMPLATES)
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            made = actions.replace_template(
                name, Upload(given.name or "", given.read()), form.cleaned_data["reason"],
                request.user, timezone.now(), address=address_of(request),
            )  # fmt: skip
        except ReportError as error:
            form.add_error("file", str(error))
        else:
            used = f"V{made.version} 自现在起生效，用到 {len(made.fields)} 个字段。"
            messages.success(request, f"{kind.label}模板 {used}已提交的报告不变。")
            return redirect("report-template", name=name)
    fields, problem = _fields(name)
    versions = queries.templates(name)
    context = {
        "kind": kind, "form": form, "edits": edits, "fields": fields, "problem": problem,
        "versions": versions, "demanded": demanded(name),
        "in_force": versions[0] if versions and versions[0].path else None,
    }  # fmt: skip
    refused = request.method == "POST"
    return render(request, "web/reports/template.html", context, status=422 if refused else 200)


@require_POST
@requires(May.REPLACE_TEMPLATES)
@once
def withdraw(request: Request, name: str) -> HttpResponse:
    """Back to our own layout."""
    kind = _kind(name)
    try:
        actions.withdraw_template(
            name, request.POST.get("reason", ""), request.user, timezone.now(),
            address=address_of(request),
        )  # fmt: skip
    except ReportError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{kind.label}自现在起按平台版式编制。")
    return redirect("report-template", name=name)


@require_GET
@requires(May.SEE_REPORTS)
def sample(request: Request, name: str) -> HttpResponse:
    """A template with every field, to begin with."""
    kind = _kind(name)
    try:
        fields = templated.fields_of(queries.example(name))
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("report-template", name=name)
    answer = HttpResponse(templated.sample(kind.label, fields), content_type=DOCX)
    answer["Content-Disposition"] = f'attachment; filename="template-{name}.docx"'
    return answer


@require_GET
@requires(May.SEE_REPORTS)
def version(request: Request, pk: int) -> HttpResponseBase:
    """A template as it was uploaded."""
    del request
    held = get_object_or_404(ReportTemplate, pk=pk)
    if not held.path:
        raise Http404("这一版是停用记录，没有文件")
    return serve(held.path, f"template-{held.kind}-V{held.version}.docx", DOCX)


def _kind(name: str) -> ReportKind:
    try:
        return kinds.of(name)
    except ReportError as error:
        raise Http404(str(error)) from error


def _fields(name: str) -> tuple[Fields | None, str]:
    try:
        return templated.fields_of(queries.example(name)), ""
    except ReportError as error:
        return None, str(error)


urlpatterns = [
    path("reports/templates/", templates, name="report-templates"),
    path("reports/templates/<str:name>/", template, name="report-template"),
    path("reports/templates/<str:name>/withdraw/", withdraw, name="report-template-withdraw"),
    path("reports/templates/<str:name>/sample/", sample, name="report-template-sample"),
    path("reports/template-versions/<int:pk>/", version, name="report-template-version"),
]
