"""应急事件: the list, the one button that declares, and the event's page."""

from datetime import datetime

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from jingwei.accounts.roles import May
from jingwei.assets.models import Application
from jingwei.contract import queries as contract
from jingwei.desk.models import Ticket
from jingwei.emergency import actions, queries
from jingwei.emergency.actions import BadInputError, Declaration, DeskError, ForbiddenError
from jingwei.emergency.facts import facts_of
from jingwei.emergency.models import Emergency, Stage
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.pages import emergency_forms as forms
from jingwei.web.pages import emergency_page
from jingwei.web.pages.emergency_acts import get
from jingwei.web.paging import paginate


class EventFilter(Styled, django_forms.Form):
    """The filter card."""

    q = django_forms.CharField(
        label="关键字", required=False, max_length=100,
        widget=django_forms.TextInput(attrs={"type": "search", "placeholder": "编号/标题/系统"}),
    )  # fmt: skip
    stage = django_forms.ChoiceField(
        label="阶段", required=False,
        choices=[("", "全部"), ("open", "未终止"), *Stage.choices],
    )  # fmt: skip
    level = django_forms.ChoiceField(
        label="级别", required=False, choices=[("", "全部"), *forms.LEVELS]
    )


@require_GET
@requires(May.SEE_DESK)
def emergencies(request: Request) -> HttpResponse:
    """Real events, newest first, with what the year's 24 h has left. Drills are elsewhere."""
    form = EventFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    stage = wanted.get("stage", "")
    rows = queries.search(
        stage="open" if stage == Stage.OPEN else stage, text=wanted.get("q", ""),
        level=int(wanted["level"]) if wanted.get("level") else None,
    )  # fmt: skip
    now = timezone.now()
    page = paginate(request, rows.prefetch_related("entries", "ticket__events"))
    for event in page:
        _dress(event, now)
    context = {"form": form, "page_obj": page, "filtered": bool(request.GET), "now": now}
    return render(request, "web/emergency/list.html", context)


def _dress(event: Emergency, now: datetime) -> None:
    facts = facts_of(event)
    stage = queries.stage_of(event, facts)
    event.sign, event.kind = emergency_page.STAGES[stage]  # type: ignore[attr-defined]
    event.word = stage.label  # type: ignore[attr-defined]
    event.clocks = queries.clocks(  # type: ignore[attr-defined]
        event, now, facts=facts, **contract.agreed(event.declared_at)
    )
    event.down = queries.downtime_of(event, facts)  # type: ignore[attr-defined]


@require_GET
@requires(May.SEE_DESK)
def emergency(request: Request, number: str) -> HttpResponse:
    """One event, real or drill."""
    return emergency_page.render_page(request, get(number), timezone.now())


@require_GET
@requires(May.SEE_DESK)
def now_(request: Request, number: str) -> HttpResponse:
    """The part that moves: clocks and story."""
    context = emergency_page.context_of(get(number), timezone.now()) | {"live": True}
    return render(request, "web/emergency/_now.html", context)


@require_GET
@requires(May.DECLARE_EMERGENCY)
def suggest(request: Request) -> HttpResponse:
    """The level a system's failure probably has, while somebody fills in the form."""
    form = forms.DeclareForm(initial=_proposed(_application(request)))
    context = {"form": form, "suggestion": queries.suggestion(_application(request))}
    return render(request, "web/emergency/_level.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.DECLARE_EMERGENCY)
@once
def declare(request: Request) -> HttpResponse:
    """One button, one confirmation: the clocks run from here."""
    application = _application(request)
    form = forms.DeclareForm(posted(request), initial=_start(request, application))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.declare(_said(form), request.user, timezone.now())
            except ForbiddenError as error:
                return render(request, "403.html", {"exception": error.message}, status=403)
            except DeskError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                messages.success(request, f"{made.number} 已启动，请立即响应并通知名单中的人员。")
                return redirect("emergency", made.number)
    suggestion = queries.suggestion(application)
    context = {"form": form, "suggestion": suggestion}
    return render(request, "web/emergency/declare.html", context, status=status)


def _said(form: forms.DeclareForm) -> Declaration:
    """What was filled in, what was left empty taken from register and calendar."""
    data = form.cleaned_data
    ticket = None
    if data["ticket"].strip():
        ticket = Ticket.objects.filter(number=data["ticket"].strip().upper()).first()
        if ticket is None:
            raise BadInputError("ticket", f"没有单号为 {data['ticket'].strip()} 的故障单")
    application = data["application"] or (ticket.application if ticket else None)
    began = data["occurred_at"] or data["detected_at"] or data["reported_at"] or data["at"]
    importance, hours = queries.factors(application, began or timezone.now())
    return Declaration(
        title=data["title"], level=data["level"], damage=data["damage"], text=data["text"],
        importance=data["importance"] or importance or "机房或网络基础设施",
        hours=data["hours"] or hours, disaster=data["disaster"], application=application,
        ticket=ticket, plan=data["plan"], occurred_at=data["occurred_at"],
        detected_at=data["detected_at"], reported_at=data["reported_at"],
        reporter=data["reporter"], at=data["at"],
    )  # fmt: skip


def _application(request: Request) -> Application | None:
    given = request.POST.get("application") or request.GET.get("application", "")
    if given.isdecimal() and len(given) < 10:
        return Application.objects.filter(pk=int(given)).first()
    return None


def _start(request: Request, application: Application | None) -> dict[str, object]:
    """What the form begins with: from the ticket it was opened from, and the suggestion."""
    ticket = Ticket.objects.filter(number=request.GET.get("ticket", "")[:20]).first()
    start: dict[str, object] = {"application": application, "plan": request.GET.get("plan")}
    if ticket is not None:
        start |= {
            "ticket": ticket.number, "title": ticket.title, "text": ticket.text,
            "application": ticket.application, }  # fmt: skip
        application = ticket.application
    return start | _proposed(application)


def _proposed(application: Application | None) -> dict[str, object]:
    suggestion = queries.suggestion(application)
    return {"level": suggestion.level} if application is not None else {}


urlpatterns = [
    path("emergencies/", emergencies, name="emergencies"),
    path("emergencies/declare/", declare, name="emergency-declare"),
    path("emergencies/suggest/", suggest, name="emergency-suggest"),
    path("emergencies/<slug:number>/", emergency, name="emergency"),
    path("emergencies/<slug:number>/now/", now_, name="emergency-now"),
]
