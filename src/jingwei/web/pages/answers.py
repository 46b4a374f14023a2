"""What people do on the board: confirm, answer, recheck, finish. Each is one action of `checks`."""

from collections.abc import Iterable
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.models import Attachment, ItemResult, RoutineRun
from jingwei.terms import Result
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.pages import board

_SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp")


class ManyFiles(forms.ClearableFileInput):
    """A file input for several files; on a phone it offers the camera."""

    allow_multiple_selected = True


class AnswerForm(Styled, forms.Form):
    """A person's answer to one item at one target."""

    result = forms.ChoiceField(
        label="结果",
        choices=[(one.value, f"{one.sign} {one.label}") for one in Result
                 if one is not Result.UNCHECKED],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结果", "invalid_choice": "请选择列出的结果之一"},
    )  # fmt: skip
    reading = forms.CharField(
        label="实测值", required=False, max_length=300, help_text="例如 特征库 2026-11-20"
    )
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="关注、异常必填：发现了什么，作了哪些后续检查；不适用须填原因。",
    )
    photos = forms.Field(
        label="照片或文件",
        required=False,
        widget=ManyFiles(attrs={"accept": "image/*,.pdf,.docx,.xlsx,.txt,.csv"}),
        help_text="可拍照；单个不超过 10 MB。",
    )


class HeaderForm(Styled, forms.Form):
    """The head of the day's sheet."""

    weather = forms.CharField(label="天气", required=False, max_length=200)
    present = forms.CharField(
        label="到岗人员", required=False, max_length=200, help_text="驻场不少于 4 人，以顿号分隔"
    )
    inspector = forms.CharField(label="检查人", required=False, max_length=200)
    reviewer = forms.CharField(label="复核人", required=False, max_length=200)


@require_POST
@requires(May.RUN_CHECKS)
def run(request: Request) -> HttpResponse:
    """重新检查: a worker runs the automatic part; the board follows it live."""
    try:
        day = board.day_of(request)
        actions.request_routine(board.ROUTINE, day, request.user, timezone.now())
    except (board.BadDateError, actions.BadInputError) as error:
        return _refused(request, str(error))
    return _done(request)


@require_POST
@requires(May.ANSWER_ITEMS)
@once
def confirm(request: Request) -> HttpResponse:
    """Stand behind automatic results: one exception, the ticked ones, or a section's normal ones.

    All or none. What changed under somebody's eyes is refused, not confirmed blindly.
    """
    run = _run(request)
    section = request.POST.get("section", "")
    if section:
        places = _normal_rows(request, section)
    elif request.POST.getlist("pick"):
        places = [_split(text) for text in request.POST.getlist("pick")]
    else:
        places = [(request.POST.get("item", ""), request.POST.get("target", ""))]
    targets = _targets(key for _, key in places)
    now = timezone.now()
    try:
        with transaction.atomic():
            for item, key in places:
                actions.confirm_item(
                    run, item, _one(targets, key), by=request.user, now=now
                )  # fmt: skip
    except actions.BadInputError as error:
        return _refused(request, str(error))
    if len(places) > 1:
        return _done(request, f"已确认 {len(places)} 项。")
    return _done(request)


@require_POST
@requires(May.ANSWER_ITEMS)
@once
def normal(request: Request) -> HttpResponse:
    """One tap: a manual item is 正常 at one target, or at all the named ones."""
    run = _run(request)
    keys = request.POST.getlist("target")
    targets = _targets(keys)
    now = timezone.now()
    try:
        with transaction.atomic():
            for key in keys:
                actions.answer_item(
                    run, request.POST.get("item", ""), _one(targets, key), Result.NORMAL,
                    by=request.user, now=now,
                )  # fmt: skip
    except actions.BadInputError as error:
        return _refused(request, str(error))
    return _done(request, f"已记为正常 {len(keys)} 项。" if len(keys) > 1 else "")


@require_http_methods(["GET", "POST"])
@requires(May.ANSWER_ITEMS)
@once
def answer(request: Request, item: str, key: str) -> HttpResponse:
    """The answer form of one item at one target, with note, reading and files."""
    try:
        day = board.day_of(request)
    except board.BadDateError as error:
        return render(request, "400.html", {"reason": str(error)}, status=400)
    asked = queries.routine(board.ROUTINE).item(item)
    if asked is None:
        raise Http404(f"没有检查项 {item}")
    target = get_object_or_404(Target, key=key)
    sheet = get_object_or_404(RoutineRun, routine=board.ROUTINE, date=day)
    form = AnswerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        uploads = [
            actions.Upload(file.name or "", file.read()) for file in request.FILES.getlist("photos")
        ]
        try:
            actions.answer_item(
                sheet, item, target, Result(form.cleaned_data["result"]),
                note=form.cleaned_data["note"], reading=form.cleaned_data["reading"],
                files=uploads, by=request.user, now=timezone.now(),
            )  # fmt: skip
        except actions.BadInputError as error:
            field = {"files": "photos"}.get(error.field, error.field)
            form.add_error(field if field in form.fields else None, error.message)
        except OSError:
            form.add_error("photos", "文件没有存下来：服务器磁盘可能已满，请联系系统管理员")
        else:
            return _done(request, f"已记录：{asked.label} {target.label}。")
    held = sheet.results.filter(item=item, target=target).prefetch_related("files")
    context = {
        "form": form, "item": asked, "target": target, "day": day,
        "given": held.order_by("-id"), "late": timezone.localdate() > day,
    }  # fmt: skip
    partial = request.headers.get("HX-Request")
    name = "web/board/_answer_form.html" if partial else "web/board/answer.html"
    return render(request, name, context, status=422 if request.method == "POST" else 200)


@require_POST
@requires(May.HANDLE_FINDINGS)
@once
def open_finding(request: Request, pk: int) -> HttpResponse:
    """A finding a check did not open: the person goes on to write what they saw."""
    row = get_object_or_404(ItemResult.objects.select_related("target"), pk=pk, current=True)
    text = request.POST.get("note", "") or row.note or row.reading or "日检时登记"
    found = actions.open_finding_from_item(row, text, request.user, timezone.now())
    return redirect("finding", found.pk)


@require_POST
@requires(May.ANSWER_ITEMS)
@once
def finish(request: Request) -> HttpResponse:
    """完成日检: a person stands behind the whole sheet."""
    sheet = _run(request)
    try:
        actions.confirm_run(sheet, request.user, timezone.now())
    except actions.BadInputError as error:
        return _refused(request, str(error))
    return _done(request, f"{sheet.date} 日检已完成，可以生成日检报告。")


@require_http_methods(["GET", "POST"])
@requires(May.ANSWER_ITEMS)
def header(request: Request) -> HttpResponse:
    """The head of the sheet: weather, who was there, who inspected and reviewed."""
    sheet = _run(request)
    form = HeaderForm(posted(request), initial=sheet.header)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_header(sheet, form.cleaned_data, request.user, timezone.now())
        except actions.BadInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return _done(request, "表头已保存。")
    context = {"form": form, "day": sheet.date}
    status = 422 if request.method == "POST" else 200
    return render(request, "web/board/header.html", context, status=status)


@require_GET
@requires(May.SEE_BOARD)
def attachment(request: Request, pk: int) -> HttpResponseBase:
    """One photo or file of an answer. Nothing in it may run, whatever it is."""
    del request
    file = get_object_or_404(Attachment, pk=pk)
    place = Path(settings.MEDIA_ROOT) / file.path
    if not place.is_file():
        raise Http404("文件不在数据目录中，可能没有随备份恢复")
    inline = file.media_type in _SHOWN_INLINE
    response = FileResponse(
        place.open("rb"), filename=file.name, as_attachment=not inline,
        content_type=file.media_type,
    )  # fmt: skip
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _run(request: Request) -> RoutineRun:
    try:
        day = board.day_of(request)
    except board.BadDateError as error:
        raise Http404(str(error)) from None
    return get_object_or_404(RoutineRun, routine=board.ROUTINE, date=day)


def _normal_rows(request: Request, section_id: str) -> list[tuple[str, str]]:
    """Every confirmable row of a section, as it stands now."""
    found = queries.board(board.ROUTINE, board.day_of(request))
    return [
        (row.item, row.target)
        for row in found.rows
        if row.section == section_id and board.confirmable(row)
    ]


def _split(text: str) -> tuple[str, str]:
    item, _, key = text.partition("|")
    return item, key


def _targets(keys: "Iterable[str]") -> dict[str, Target]:
    return {target.key: target for target in Target.objects.filter(key__in=set(keys))}


def _one(targets: dict[str, Target], key: str) -> Target:
    if key not in targets:
        raise actions.BadInputError("target", f"登记中没有“{key}”")
    return targets[key]


def _done(request: Request, text: str = "") -> HttpResponse:
    """Back to the board; a live board gets its moving parts instead of a whole page."""
    day = board.day_of(request)
    if request.headers.get("HX-Request"):
        response = board.live_response(request, queries.board(board.ROUTINE, day))
        response["HX-Reswap"] = "none"
        return response
    if text:
        messages.success(request, text)
    suffix = "" if day == timezone.localdate() else f"?date={day}"
    return redirect(reverse("board") + suffix)


def _refused(request: Request, text: str) -> HttpResponse:
    """Say why nothing was done."""
    if request.headers.get("HX-Request"):
        response = render(request, "web/_refused.html", {"text": text}, status=422)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "400.html", {"reason": text}, status=422)


urlpatterns = [
    path("board/run/", run, name="board-run"),
    path("board/confirm/", confirm, name="board-confirm"),
    path("board/normal/", normal, name="board-normal"),
    path("board/answer/<str:item>/<str:key>/", answer, name="board-answer"),
    path("board/open-finding/<int:pk>/", open_finding, name="board-open-finding"),
    path("board/finish/", finish, name="board-finish"),
    path("board/header/", header, name="board-header"),
    path("files/<int:pk>/", attachment, name="attachment"),
]
