"""异常与处置: what is not as it should be, who takes care, what was done."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.checks import actions, queries
from jingwei.checks.models import Finding
from jingwei.terms import Result
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled
from jingwei.web.links import item_label, item_labels
from jingwei.web.once import once
from jingwei.web.paging import paginate


class FindingFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "对象 / 读数 / 说明"}),
    )  # fmt: skip
    level = forms.ChoiceField(
        label="级别", required=False,
        choices=[("", "全部"), ("abnormal", "异常"), ("attention", "关注")],
    )  # fmt: skip
    item = forms.ChoiceField(label="检查项", required=False)
    show = forms.ChoiceField(
        label="状态", required=False, choices=[("", "未恢复"), ("all", "全部（含已恢复）")]
    )
    behind = forms.ChoiceField(
        label="连带", required=False, choices=[("", "归入根因"), ("each", "逐条列出")]
    )

    def __init__(self, data: object) -> None:
        super().__init__(data)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", "全部"), *item_labels().items()]


class NoteForm(Styled, forms.Form):
    """A follow-up."""

    note = forms.CharField(
        label="跟进记录",
        max_length=2000,
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": "做了哪些后续检查，结果如何，下一步…"}
        ),
        error_messages={"required": "请填写跟进内容"},
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a finding's timeline."""

    at: datetime
    who: str
    text: str
    kind: str = ""


@require_GET
@requires(May.SEE_BOARD)
def findings(request: Request) -> HttpResponse:
    """The list, newest first; abnormal before attention.

    What follows from another finding stands behind it, unless one looks for something.
    """
    form = FindingFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    sought = wanted.get("q") or wanted.get("item") or request.GET.get("target")
    rows = queries.findings(
        request.as_of,
        open_only=wanted.get("show") != "all",
        roots=not sought and wanted.get("behind") != "each",
        item=wanted.get("item") or None,
        result=Result(wanted["level"]) if wanted.get("level") else None,
        target=request.GET.get("target") or None,
        text=wanted.get("q", ""),
    ).annotate(
        note_count=Count("notes", distinct=True), symptom_count=Count("symptoms", distinct=True)
    )
    # "abnormal" sorts before "attention": worst first, then newest.
    page = paginate(request, rows.order_by("result", "-opened_at", "-id"))
    context = {"form": form, "page_obj": page, "filtered": bool(request.GET)}
    return render(request, "web/findings/list.html", context)


@require_GET
@requires(May.SEE_BOARD)
def finding(request: Request, pk: int) -> HttpResponse:
    """One finding: what was seen, what was done, and the form to say more."""
    return _page(request, _get(pk), NoteForm())


@require_POST
@requires(May.HANDLE_FINDINGS)
@once
def note(request: Request, pk: int) -> HttpResponse:
    """Add a follow-up; it may also acknowledge, or close what a person opened."""
    found = _get(pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    now = timezone.now()
    try:
        if request.POST.get("do") == "close":
            actions.close(found, form.cleaned_data["note"], request.user, now)
            messages.success(request, "已记录处理结果并关闭。")
        else:
            actions.note(found, form.cleaned_data["note"], request.user, now)
            if found.acknowledged_at is None and found.closed_at is None:
                actions.acknowledge(found, request.user, now)
            messages.success(request, "跟进已记录。")
    except actions.BadInputError as error:
        form.add_error("note", error.message)
        return _page(request, found, form, status=422)
    return redirect("finding", pk)


@require_POST
@requires(May.HANDLE_FINDINGS)
def acknowledge(request: Request, pk: int) -> HttpResponse:
    """I have seen it and take care. The first one counts."""
    found = _get(pk)
    actions.acknowledge(found, request.user, timezone.now())
    return redirect("finding", pk)


def _get(pk: int) -> Finding:
    try:
        return queries.finding(pk)
    except Finding.DoesNotExist:
        raise Http404(f"没有编号为 {pk} 的异常") from None


def _page(request: Request, found: Finding, form: NoteForm, status: int = 200) -> HttpResponse:
    context = {
        "finding": found,
        "form": form,
        "moments": moments(found),
        "state": getattr(found.check_ref, "state", None) if found.check_ref else None,
        "closable": found.check_ref is None and found.closed_at is None,
        "item": item_label(found.item),
        "impact": queries.impact(found),
        "answers": found.item_results.select_related("run").order_by("-id")[:5],
    }
    return render(request, "web/findings/finding.html", context, status=status)


def moments(found: Finding) -> list[Moment]:
    """Everything that happened to a finding, newest first."""
    lines = [Moment(note.at, note.by_name, note.text) for note in found.notes.all()]
    origin = found.get_origin_display()
    what = f"发现：{found.reading}" if found.reading else "发现"
    lines.append(Moment(found.opened_at, origin, what, "is-bad"))
    if found.times > 1 and found.last_at:
        lines.append(Moment(found.last_at, origin, f"共 {found.times} 次，这是最近一次", "is-warn"))
    if found.acknowledged_at:
        lines.append(Moment(found.acknowledged_at, str(found.acknowledged_by), "已确认，开始处理"))
    if found.check_ref_id:
        changes = queries.changes(check=found.check_ref_id, until=found.closed_at)
        for change in changes.filter(at__gt=found.opened_at)[:50]:
            before, after = Result(change.before).label, Result(change.after).label
            text = f"{before} → {after} {change.reading}".strip()
            lines.append(Moment(change.at, "自动检查", text, "is-warn"))
    if found.closed_at:
        why = "复检正常，自动关闭" if found.check_ref_id else "已恢复"
        lines.append(Moment(found.closed_at, "", why, "is-ok"))
    return sorted(lines, key=lambda line: line.at, reverse=True)


urlpatterns = [
    path("findings/", findings, name="findings"),
    path("findings/<int:pk>/", finding, name="finding"),
    path("findings/<int:pk>/note/", note, name="finding-note"),
    path("findings/<int:pk>/acknowledge/", acknowledge, name="finding-acknowledge"),
]
