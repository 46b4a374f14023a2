"""知识库 and 交接班: what was learned, and what one shift leaves to the next."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.models import User
from jingwei.accounts.roles import ALLOWED, May
from jingwei.assets.models import Application
from jingwei.contract import queries as contract
from jingwei.desk import queries as desk
from jingwei.desk.actions import DeskError
from jingwei.desk.actions import knowledge as actions
from jingwei.desk.models import Article, Handover, Ticket
from jingwei.desk.queries import knowledge as queries
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.roster import add_error, show
from jingwei.web.paging import paginate


class ArticleForm(Styled, forms.Form):
    """An article."""

    title = forms.CharField(label="标题", max_length=200)
    application = forms.ModelChoiceField(
        label="应用系统", required=False, queryset=Application.objects.all()
    )
    symptom = forms.CharField(label="现象", widget=forms.Textarea(attrs={"rows": 4}))
    cause = forms.CharField(label="原因", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    solution = forms.CharField(label="处理方法", widget=forms.Textarea(attrs={"rows": 8}))
    keywords = forms.CharField(label="关键字", max_length=200, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class HandoverForm(Styled, forms.Form):
    """Leave the open work to a colleague."""

    taker = forms.ModelChoiceField(label="接班人", queryset=User.objects.none())
    text = forms.CharField(
        label="交代事项", max_length=5000,
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "正在观察什么、答应了谁什么、钥匙和备件在哪"}
        ),
    )  # fmt: skip

    def __init__(self, request: Request) -> None:
        super().__init__(posted(request))
        field = self.fields["taker"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        working = [role for role, allowed in ALLOWED.items() if May.HANDLE_TICKETS in allowed]
        field.queryset = User.objects.filter(is_active=True, role__in=working).exclude(
            pk=request.user.pk
        )


@require_GET
@requires(May.SEE_DESK)
def articles(request: Request) -> HttpResponse:
    """The list, by words or pinyin initials."""
    text = request.GET.get("q", "")[:200]
    context = {"q": text, "page_obj": paginate(request, queries.articles(text))}
    return render(request, "web/knowledge/list.html", context)


@require_GET
@requires(May.SEE_DESK)
def article(request: Request, number: int) -> HttpResponse:
    """One article, the newest version or a named one."""
    wanted = request.GET.get("version", "")
    version = int(wanted) if wanted.isdecimal() and len(wanted) < 8 else None
    found = queries.article(number, version)
    if found is None:
        raise Http404(f"没有编号为 {number} 的知识条目")
    context = {"article": found, "versions": queries.versions(number)}
    return render(request, "web/knowledge/article.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def new(request: Request) -> HttpResponse:
    """A new article; from a solved ticket it is filled in already."""
    source = Ticket.objects.filter(number=request.GET.get("ticket", "")[:20]).first()
    form = ArticleForm(posted(request), initial=_from(source))
    if request.method == "POST" and form.is_valid():
        made = _write(request, form, source)
        if made is not None:
            return redirect("article", made.number)
    return show(request, form, "新知识条目", "knowledge")


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def edit(request: Request, number: int) -> HttpResponse:
    """The next version of an article."""
    held = queries.article(number)
    if held is None:
        raise Http404(f"没有编号为 {number} 的知识条目")
    initial = {
        name: getattr(held, name)
        for name in ("title", "application", "symptom", "cause", "solution", "keywords", "version")
    }
    form = ArticleForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _write(request, form, held.ticket, number)
        if made is not None:
            return redirect("article", number)
    return show(request, form, f"修改 K{number:04d}", "knowledge")


def _write(
    request: Request, form: ArticleForm, ticket: Ticket | None, number: int | None = None
) -> Article | None:
    data = dict(form.cleaned_data)
    version = data.pop("version") or 0
    try:
        made = actions.write_article(
            actions.Text(ticket=ticket, **data), request.user, timezone.now(), number=number,
            version=version,
        )  # fmt: skip
    except DeskError as error:
        add_error(form, error)
        return None
    messages.success(request, f"已保存 K{made.number:04d} 第 {made.version} 版。")
    return made


def _from(ticket: Ticket | None) -> dict[str, object]:
    if ticket is None:
        return {}
    return {
        "title": ticket.title, "symptom": ticket.text or ticket.title,
        "solution": ticket.solution, "application": ticket.application,
        "cause": ticket.get_cause_display() if ticket.cause else "",
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@requires(May.HANDLE_TICKETS)
@once
def handovers(request: Request) -> HttpResponse:
    """What waits for me, what I gave, and the form to hand over."""
    now = timezone.now()
    work = desk.my_work(request.user, now, reckon=contract.clocks_of)
    form = HandoverForm(request)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.hand_over(
                form.cleaned_data["taker"], form.cleaned_data["text"], work, request.user, now
            )
        except DeskError as error:
            add_error(form, error)
        else:
            messages.success(request, "已交班，等待接班人确认。")
            return redirect("handovers")
    if request.method == "POST":
        status = 422
    context = {
        "form": form, "work": work, "late": set(queries.not_taken(now)),
        "page_obj": paginate(request, queries.handovers(request.user)),
    }  # fmt: skip
    return render(request, "web/knowledge/handovers.html", context, status=status)


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def take(request: Request, pk: int) -> HttpResponse:
    """I have read it."""
    held = get_object_or_404(Handover, pk=pk)
    try:
        actions.take_over(held, request.user, timezone.now(), note=request.POST.get("note", ""))
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已接班。")
    return redirect("handovers")


urlpatterns = [
    path("knowledge/", articles, name="knowledge"),
    path("knowledge/new/", new, name="article-new"),
    path("knowledge/<int:number>/", article, name="article"),
    path("knowledge/<int:number>/edit/", edit, name="article-edit"),
    path("handovers/", handovers, name="handovers"),
    path("handovers/<int:pk>/take/", take, name="handover-take"),
]
