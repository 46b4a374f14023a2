"""What people do to an event: each act is one form, one action of the room, one way to fail.

A stale version is answered with 409 and what was typed; a refusal with 422 and the form as it was
sent; what is not allowed with 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.emergency import actions, queries
from jingwei.emergency.actions import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.emergency.models import Callee, Emergency, EmergencyEntry, PlanStep
from jingwei.reports import actions as reports
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.models import Report
from jingwei.terms.incident import Instant
from jingwei.web.access import Request, address_of, requires
from jingwei.web.once import once
from jingwei.web.pages import emergency_forms as forms
from jingwei.web.pages import emergency_page
from jingwei.web.pages.tickets_forms import moment


@dataclass(frozen=True, slots=True)
class Sent:
    """One act as it was sent: what the form says, by whom, when, on which version."""

    data: dict[str, Any]
    by: User
    now: datetime
    version: int

    @property
    def last(self) -> tuple[User, datetime]:
        """What every action takes last."""
        return self.by, self.now


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `versioned` ones are refused when somebody else wrote meanwhile."""

    name: str
    form: type[forms.ActForm]
    do: Callable[[Emergency, Sent], object]
    done: str
    anchor: str
    versioned: bool = True
    may: May = May.SEE_DESK


def _note(event: Emergency, sent: Sent) -> object:
    instant = Instant(sent.data["instant"])
    facts = queries.facts_of(event)
    known = [at for name, at in facts.instants.items() if name is not instant]
    return actions.note(
        event, instant, moment(sent.data["at"], known, sent.now), *sent.last,
        version=sent.version, reason=sent.data["reason"], resident=sent.data["resident"],
    )  # fmt: skip


def _message(event: Emergency, sent: Sent) -> object:
    return actions.message(event, sent.data["text"], *sent.last, at=sent.data["at"])


def _call(event: Emergency, sent: Sent) -> object:
    callee = Callee.objects.filter(pk=sent.data["callee"], emergency=event).first()
    if callee is None:
        raise BadInputError("callee", "联系人不在本事件的通知名单中")
    reached = sent.data["reached"] == "yes"
    return actions.call(event, callee, reached, *sent.last, at=sent.data["at"])


def _callee(event: Emergency, sent: Sent) -> object:
    data = sent.data
    return actions.add_callee(event, data["person"], data["role"], data["phone"], *sent.last)


def _step(event: Emergency, sent: Sent) -> object:
    step = PlanStep.objects.filter(pk=sent.data["step"]).first()
    if step is None:
        raise BadInputError("step", "预案里没有这一步")
    done = sent.data["done"] == "yes"
    return actions.step(event, step, done, *sent.last, reason=sent.data["reason"])


def _plan(event: Emergency, sent: Sent) -> object:
    return actions.use_plan(event, sent.data["plan"], *sent.last, version=sent.version)


def _level(event: Emergency, sent: Sent) -> object:
    data = sent.data
    return actions.regrade(event, data["level"], data["reason"], *sent.last, version=sent.version)


def _answer(event: Emergency, sent: Sent) -> object:
    asked = EmergencyEntry.objects.filter(pk=sent.data["asked"], emergency=event).first()
    if asked is None:
        raise BadInputError("asked", "该申请不存在或已答复")
    return actions.answer(
        event, asked, sent.data["granted"] == "yes", *sent.last, version=sent.version,
        reason=sent.data["reason"], at=sent.data["at"],
    )  # fmt: skip


def _end(event: Emergency, sent: Sent) -> object:
    return actions.ask_end(event, *sent.last, version=sent.version, reason=sent.data["reason"])


def _withdraw(event: Emergency, sent: Sent) -> object:
    return actions.withdraw(event, sent.data["reason"], *sent.last, version=sent.version)


def _cause(event: Emergency, sent: Sent) -> object:
    data = sent.data
    return actions.classify(event, data["cause"], data["reason"], *sent.last, version=sent.version)


def _exclude(event: Emergency, sent: Sent) -> object:
    return actions.ask_exclusion(event, sent.data["reason"], *sent.last, version=sent.version)


ACTS: tuple[Act, ...] = (
    Act("note", forms.NoteForm, _note, "时间已记录。", "taps"),
    Act("message", forms.MessageForm, _message, "处置记录已保存。", "story", versioned=False),
    Act("call", forms.CallForm, _call, "通知结果已记录。", "calls", versioned=False),
    Act("callee", forms.CalleeForm, _callee, "已加入通知名单。", "calls", versioned=False),
    Act("step", forms.StepForm, _step, "步骤已记录。", "plan", versioned=False),
    Act("plan", forms.PlanForm, _plan, "预案已启用。", "plan"),
    Act("level", forms.LevelForm, _level, "级别变更已记录。", "top"),
    Act("answer", forms.AnswerForm, _answer, "答复已记录。", "top", may=May.APPROVE_TICKETS),
    Act("end", forms.EndForm, _end, "已申请终止。", "top"),
    Act("withdraw", forms.WithdrawForm, _withdraw, "应急事件已撤销。", "top",
        may=May.APPROVE_TICKETS),
    Act("cause", forms.CauseForm, _cause, "原因已分类。", "budget"),
    Act("exclude", forms.ExcludeForm, _exclude, "已申请不计入。", "budget"),
)  # fmt: skip


def act(request: Request, number: str, what: Act) -> HttpResponse:
    """One act on one event."""
    event = get(number)
    form = what.form(request.POST, emergency=event)
    now = timezone.now()
    version = _version(request)
    if not form.is_valid():
        return emergency_page.render_page(request, event, now, form, status=422)
    try:
        if what.versioned and version != event.version:
            raise StaleError
        what.do(event, Sent(form.cleaned_data, request.user, now, version))
    except StaleError as error:
        form.add_error(None, f"{error.message}。您填写的内容还在，请看过最新情况后再提交。")
        return emergency_page.render_page(request, get(number), now, form, status=409)
    except ForbiddenError as error:
        response = render(request, "403.html", {"exception": error.message}, status=403)
        response.audited = True  # type: ignore[attr-defined]  # read by web.once
        return response
    except DeskError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return emergency_page.render_page(request, get(number), now, form, status=422)
    messages.success(request, what.done)
    response = redirect("emergency", event.number)
    response["Location"] += f"#{what.anchor}"
    return response


@require_POST
@requires(May.BUILD_REPORTS)
@once
def report(request: Request, number: str) -> HttpResponse:
    """Draft the written report (tender L685), or open the one there is."""
    event = get(number)
    try:
        made = reports.build(
            "emergency", event.number, request.user, timezone.now(), address=address_of(request)
        )
    except FrozenError as error:
        messages.warning(request, str(error))
        held = Report.objects.filter(number=f"JAWS-{number}").order_by("-version").first()
        return redirect("report", held.pk) if held else redirect("emergency", number)
    except ReportError as error:
        messages.error(request, str(error))
        return redirect("emergency", number)
    return redirect("report", made.pk)


def get(number: str) -> Emergency:
    """The event, or 404 in words."""
    try:
        return queries.by_number(number)
    except Emergency.DoesNotExist:
        raise Http404(f"没有编号为 {number[:40]} 的应急事件") from None


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _views() -> list[URLPattern]:
    """One address for each act; who may open it is asked before anything is read."""
    made = []
    for one in ACTS:

        def view(request: Request, number: str, what: Act) -> HttpResponse:
            return act(request, number, what)

        view.__name__ = f"emergency_{one.name}"
        guarded = require_POST(requires(one.may)(once(view)))
        route = f"emergencies/<slug:number>/{one.name}/"
        made.append(path(route, guarded, {"what": one}, name=f"emergency-{one.name}"))
    return made


urlpatterns = [
    *_views(),
    path("emergencies/<slug:number>/report/", report, name="emergency-report"),
]
