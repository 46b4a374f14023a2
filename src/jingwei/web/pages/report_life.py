"""The steps of a report's life: written into, reviewed, submitted, delivered, signed, archived."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.checks.actions.files import Upload
from jingwei.reports import actions, queries
from jingwei.reports.errors import ReportError
from jingwei.reports.fonts import FontsMissingError
from jingwei.reports.models import Report, ReportStep
from jingwei.web.access import Request, address_of, requires
from jingwei.web.files import serve
from jingwei.web.once import once
from jingwei.web.pages import reports
from jingwei.web.pages.report_forms import ArchiveForm, DeliveryForm, StatementsForm


@require_POST
@requires(May.BUILD_REPORTS)
@once
def fill(request: Request, pk: int) -> HttpResponse:
    """What people write where the facts end: all places of the draft at once, or none."""
    held = _get(pk)
    form = StatementsForm(queries.asked(held), request.POST)
    if form.is_valid():
        wrote = _write(request, held, form)
        if not form.errors:
            said = f"已保存 {wrote} 处。" if wrote else "没有新的内容。"
            messages.success(request, said)
            return redirect("report", pk=pk)
    return reports.page(request, held, status=422, statements=form)


def _write(request: Request, held: Report, form: StatementsForm) -> int:
    now, wrote = timezone.now(), 0
    with transaction.atomic():
        for each in form.asked:
            text = form.cleaned_data[each.place.key].strip()
            if not text or text == each.text:
                continue
            try:
                actions.state_place(
                    held, each.place.key, text, request.user, now, address=address_of(request)
                )
            except ReportError as error:
                form.add_error(each.place.key, str(error))
            else:
                wrote += 1
        if form.errors:
            transaction.set_rollback(True)
    return wrote


@require_POST
@requires(May.REVIEW_REPORTS)
@once
def review(request: Request, pk: int) -> HttpResponse:
    """Internal review: passed."""

    def act(held: Report, opinion: str) -> None:
        actions.review(
            held, request.user, timezone.now(), opinion=opinion, address=address_of(request)
        )

    return _step(request, pk, act, "内审通过，可以提交。")


@require_POST
@requires(May.REVIEW_REPORTS)
@once
def object_(request: Request, pk: int) -> HttpResponse:
    """Internal review: to be changed, and what."""

    def act(held: Report, opinion: str) -> None:
        actions.object_(held, opinion, request.user, timezone.now(), address=address_of(request))

    return _step(request, pk, act, "修改意见已记录。")


@require_POST
@requires(May.SUBMIT_REPORTS)
@once
def submit(request: Request, pk: int) -> HttpResponse:
    """Submit electronically."""

    def act(held: Report, opinion: str) -> None:
        actions.submit(
            held, request.user, timezone.now(), opinion=opinion, address=address_of(request)
        )

    return _step(request, pk, act, "已提交，内容自此不再改动。")


@require_POST
@requires(May.SUBMIT_REPORTS)
@once
def deliver(request: Request, pk: int) -> HttpResponse:
    """The paper was handed over."""
    held = _get(pk)
    form = DeliveryForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.deliver(
                held, data["at"], data["receiver"], request.user, timezone.now(),
                opinion=data["opinion"], scan=_upload(form), address=address_of(request),
            )  # fmt: skip
        except ReportError as error:
            form.add_error(_about(str(error)), str(error))
        else:
            messages.success(request, "书面版送达已登记。")
            return redirect("report", pk=pk)
    return reports.page(request, _get(pk), status=422, delivery=form)


@require_POST
@requires(May.SIGN_REPORTS)
@once
def sign(request: Request, pk: int) -> HttpResponse:
    """The client signs a submitted version."""

    def act(held: Report, opinion: str) -> None:
        actions.sign(
            held, request.user, timezone.now(), opinion=opinion or "同意",
            address=address_of(request),
        )  # fmt: skip

    return _step(request, pk, act, "已签收。")


@require_POST
@requires(May.SIGN_REPORTS)
@once
def return_(request: Request, pk: int) -> HttpResponse:
    """The client returns a submitted version with a reason."""

    def act(held: Report, opinion: str) -> None:
        actions.return_(held, opinion, request.user, timezone.now(), address=address_of(request))

    return _step(request, pk, act, "已退回。")


@require_POST
@requires(May.SUBMIT_REPORTS)
@once
def archive(request: Request, pk: int) -> HttpResponse:
    """Put away for good, with the signed page."""
    held = _get(pk)
    form = ArchiveForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.archive(
                held, request.user, timezone.now(), scan=_upload(form),
                opinion=form.cleaned_data["opinion"], address=address_of(request),
            )  # fmt: skip
        except ReportError as error:
            form.add_error(_about(str(error)), str(error))
        else:
            messages.success(request, "已归档。")
            return redirect("report", pk=pk)
    return reports.page(request, _get(pk), status=422, putting_away=form)


@require_GET
@requires(May.SEE_REPORTS)
def scan(request: Request, pk: int) -> HttpResponseBase:
    """The scan of a receipt or a signed page."""
    del request
    held = get_object_or_404(ReportStep.objects.exclude(path=""), pk=pk)
    return serve(held.path, held.name, held.media_type)


def _upload(form: forms.Form) -> Upload | None:
    given = form.cleaned_data["scan"]
    return Upload(given.name or "", given.read()) if given else None


_FIELDS = {
    "送达时间": "at", "签收人": "receiver", "扫描件": "scan", "文件": "scan", "说明": "opinion",
}  # fmt: skip


def _about(message: str) -> str | None:
    return next((name for word, name in _FIELDS.items() if word in message), None)


def _step(
    request: Request, pk: int, act: Callable[[Report, str], None], done: str
) -> HttpResponseRedirect:
    try:
        act(_get(pk), request.POST.get("opinion", "").strip())
    except (ReportError, FontsMissingError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("report", pk=pk)


def _get(pk: int) -> Report:
    try:
        return queries.report(pk)
    except Report.DoesNotExist:
        raise Http404("没有这份报告") from None


urlpatterns = [
    path("reports/<int:pk>/fill/", fill, name="report-fill"),
    path("reports/<int:pk>/review/", review, name="report-review"),
    path("reports/<int:pk>/object/", object_, name="report-object"),
    path("reports/<int:pk>/submit/", submit, name="report-submit"),
    path("reports/<int:pk>/deliver/", deliver, name="report-deliver"),
    path("reports/<int:pk>/sign/", sign, name="report-sign"),
    path("reports/<int:pk>/return/", return_, name="report-return"),
    path("reports/<int:pk>/archive/", archive, name="report-archive"),
    path("reports/scans/<int:pk>/", scan, name="report-scan"),
]
