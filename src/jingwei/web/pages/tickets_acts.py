"""What people do to a ticket: each act is one form, one action of the desk, one way to fail.

A stale version is answered with 409 and what was typed; a refusal with 422 and the form as it was
sent; what is not allowed with 403, and the action's own line of the audit chain stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.checks.actions import Upload
from jingwei.checks.models import Finding
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, DeskError, ForbiddenError, StaleError
from jingwei.desk.actions.amend import Basics, amend
from jingwei.desk.facts import facts_of
from jingwei.desk.models import ENDED, FileKind, SupportLevel, Ticket
from jingwei.terms.incident import Cause, Instant, Severity
from jingwei.web.access import Request, requires
from jingwei.web.once import once
from jingwei.web.pages import tickets_forms as forms
from jingwei.web.pages import tickets_page


@dataclass(frozen=True, slots=True)
class Sent:
    """One act as it was sent: what the form says, by whom, when, on which version."""

    data: dict[str, Any]
    by: User
    now: datetime
    version: int
    files: Any

    @property
    def last(self) -> tuple[User, datetime]:
        """What every action takes last."""
        return self.by, self.now


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `versioned` ones are refused when somebody else wrote meanwhile; `audited` ones
    write their refusals into the audit chain.
    """

    name: str
    may: May
    form: type[forms.ActForm]
    do: Callable[[Ticket, Sent], object]
    done: str
    versioned: bool = True
    anchor: str = ""
    audited: bool = False


def _advance(ticket: Ticket, sent: Sent) -> object:
    facts = {name: sent.data.get(name, "") for name in ("solution", "precheck_ref")}
    return actions.advance(
        ticket, sent.data["step"], *sent.last, version=sent.version, reason=sent.data["reason"],
        facts=facts,
    )  # fmt: skip


def _instant(ticket: Ticket, sent: Sent) -> object:
    """An instant; those grouped under it get the same where they have none and it may be."""
    instant = Instant(sent.data["instant"])
    known = [at for name, at in facts_of(ticket).instants.items() if name is not instant]
    at = forms.moment(sent.data["at"], known, sent.now)
    with transaction.atomic():
        actions.note_instant(
            ticket, instant, at, *sent.last, version=sent.version,
            resident=sent.data["resident"], reason=sent.data["reason"],
        )  # fmt: skip
        if not sent.data["children"] or instant not in tickets_page.SHARED:
            return None
        for child in ticket.children.exclude(state__in=ENDED):
            if instant not in facts_of(child).instants:
                _share(child, instant, at, sent)
    return None


def _share(child: Ticket, instant: Instant, at: datetime, sent: Sent) -> None:
    """The parent's instant for one of its children; what refuses it names the child."""
    known = list(facts_of(child).instants.values())
    try:
        actions.note_instant(
            child, instant, forms.moment(at, known, sent.now), *sent.last, version=child.version
        )
    except DeskError as error:
        raise BadInputError("at", f"{child.number}：{error.message}") from error


def _classify(ticket: Ticket, sent: Sent) -> object:
    cause, reason = Cause(sent.data["cause"]), sent.data["reason"]
    return actions.classify(ticket, cause, reason, *sent.last, version=sent.version)


def _exclude(ticket: Ticket, sent: Sent) -> object:
    return actions.exclude(ticket, sent.data["reason"], *sent.last, version=sent.version)


def _amend(ticket: Ticket, sent: Sent) -> object:
    names = ("title", "text", "institution", "application", "target", "site", "reporter", "phone")
    basics = Basics(**{name: sent.data[name] for name in names})
    return amend(ticket, basics, sent.data["reason"], *sent.last, version=sent.version)


def _regrade(ticket: Ticket, sent: Sent) -> object:
    severity = Severity(sent.data["severity"])
    reason = sent.data["reason"]
    return actions.regrade(ticket, severity, reason, *sent.last, version=sent.version)


def _pause(ticket: Ticket, sent: Sent) -> object:
    start, reason = sent.data["at"] or sent.now, sent.data["reason"]
    return actions.pause(ticket, start, reason, *sent.last, version=sent.version)


def _resume(ticket: Ticket, sent: Sent) -> object:
    paused = facts_of(ticket).open_pause
    known = [paused.at] if paused else []
    end = forms.moment(sent.data["at"], known, sent.now)
    return actions.resume(ticket, end, *sent.last, version=sent.version)


def _answer(ticket: Ticket, sent: Sent) -> object:
    asked = next((e for e in facts_of(ticket).waiting if e.pk == sent.data["asked"]), None)
    if asked is None:
        raise BadInputError("asked", "该申请不存在或已答复")
    granted, reason = sent.data["granted"] == "yes", sent.data["reason"]
    return actions.answer(ticket, asked, granted, *sent.last, version=sent.version, reason=reason)


def _remote(ticket: Ticket, sent: Sent) -> object:
    remote, reason = sent.data["remote"] == "yes", sent.data["reason"]
    return actions.set_remote(ticket, remote, reason, *sent.last, version=sent.version)


def _assign(ticket: Ticket, sent: Sent) -> object:
    return actions.assign(ticket, sent.data["to"], *sent.last, version=sent.version)


def _take(ticket: Ticket, sent: Sent) -> object:
    return actions.assign(ticket, sent.by, *sent.last, version=sent.version)


def _work(ticket: Ticket, sent: Sent) -> object:
    return actions.log_work(
        ticket, sent.data["text"], *sent.last, at=sent.data["at"], minutes=sent.data["minutes"]
    )


def _attach(ticket: Ticket, sent: Sent) -> object:
    kind = FileKind(sent.data["kind"] or FileKind.DOCUMENT)
    given = [(FileKind.PHOTO, sent.files.getlist("photos")), (kind, sent.files.getlist("papers"))]
    if not any(files for _, files in given):
        raise BadInputError("files", "请选择文件或拍照")
    with transaction.atomic():
        return [
            actions.attach(
                ticket, what, [Upload(file.name, file.read()) for file in files],
                sent.data["caption"], *sent.last,
            )
            for what, files in given if files
        ]  # fmt: skip


def _link(ticket: Ticket, sent: Sent) -> object:
    return actions.link_target(ticket, sent.data["target"], *sent.last)


def _finding(ticket: Ticket, sent: Sent) -> object:
    finding = Finding.objects.filter(pk=sent.data["finding"]).first()
    if finding is None:
        raise BadInputError("finding", f"没有编号为 {sent.data['finding']} 的异常")
    return actions.link_finding(ticket, finding, *sent.last, version=sent.version)


def _escalate(ticket: Ticket, sent: Sent) -> object:
    level, reason = SupportLevel(sent.data["level"]), sent.data["reason"]
    return actions.escalate(ticket, level, reason, *sent.last, version=sent.version)


def _group(ticket: Ticket, sent: Sent) -> object:
    number = sent.data["parent"].strip().upper()
    parent = queries.by_number(number)
    if parent is None:
        raise BadInputError("parent", f"没有单号为 {number} 的工单")
    return actions.group(ticket, parent, *sent.last, version=sent.version)


def _ungroup(ticket: Ticket, sent: Sent) -> object:
    return actions.ungroup(ticket, sent.data["reason"], *sent.last, version=sent.version)


def _merge(ticket: Ticket, sent: Sent) -> object:
    """All or none: the ones that were ticked, each in the version that was seen."""
    with transaction.atomic():
        for picked in sent.data["pick"]:
            number, _, version = picked.partition(":")
            child = queries.by_number(number)
            if child is None or not version.isdecimal():
                raise BadInputError("pick", f"没有单号为 {number[:20]} 的工单")
            try:
                actions.group(child, ticket, *sent.last, version=int(version[:9]))
            except StaleError:
                raise BadInputError("pick", f"{number} 已被他人修改，请看过后再归入") from None
    return None


_WORK, _SEE = May.HANDLE_TICKETS, May.SEE_DESK
ACTS: tuple[Act, ...] = (
    Act("advance", _SEE, forms.AdvanceForm, _advance, "已记录。"),
    Act("instant", _SEE, forms.InstantForm, _instant, "时间已记录。", anchor="instants"),
    Act("amend", _WORK, forms.AmendForm, _amend, "基本信息已更正。"),
    Act("regrade", _SEE, forms.RegradeForm, _regrade, "改级已记录。"),
    Act("classify", _SEE, forms.ClassifyForm, _classify, "原因分类已记录。", anchor="cause"),
    Act("exclude", _SEE, forms.ExcludeForm, _exclude, "申请已记录。", anchor="cause"),
    Act("pause", _SEE, forms.PauseForm, _pause, "暂停申请已记录。"),
    Act("resume", _SEE, forms.ResumeForm, _resume, "恢复计时已记录。"),
    Act("answer", May.APPROVE_TICKETS, forms.AnswerForm, _answer, "答复已记录。"),
    Act("remote", _WORK, forms.RemoteForm, _remote, "已记录。"),
    Act("assign", _WORK, forms.AssignForm, _assign, "已指派。"),
    Act("take", _WORK, forms.ActForm, _take, "已指派给您。"),
    Act("work", _WORK, forms.WorkForm, _work, "处理记录已保存。", versioned=False, anchor="work"),
    Act("attach", _SEE, forms.AttachForm, _attach, "已上传。", versioned=False, anchor="files"),
    Act("link", _WORK, forms.LinkForm, _link, "已关联。", versioned=False, anchor="links"),
    Act("finding", _WORK, forms.FindingForm, _finding, "已关联。", anchor="links"),
    Act("escalate", _WORK, forms.EscalateForm, _escalate, "已升级支持。"),
    Act("group", _WORK, forms.GroupForm, _group, "已归入。", anchor="links"),
    Act("ungroup", _WORK, forms.UngroupForm, _ungroup, "已移出。", anchor="links"),
    Act("merge", _WORK, forms.MergeForm, _merge, "已归入本单。", versioned=False, anchor="links"),
)


def act(request: Request, number: str, what: Act) -> HttpResponse:
    """One act on one ticket."""
    ticket = queries.by_number(number)
    if ticket is None:
        raise Http404(f"没有单号为 {number} 的工单")
    form = what.form(request.POST, request.FILES, ticket=ticket)
    version = _version(request)
    if what.versioned and version != ticket.version:
        return _stale(request, ticket, form)
    if not form.is_valid():
        return tickets_page.render_page(request, ticket, form, status=422)
    sent = Sent(form.cleaned_data, request.user, timezone.now(), version, request.FILES)
    try:
        what.do(ticket, sent)
    except StaleError:
        return _stale(request, ticket, form)
    except ForbiddenError as error:
        response = render(request, "403.html", {"exception": error.message}, status=403)
        response.audited = True  # type: ignore[attr-defined]  # read by web.once
        return response
    except DeskError as error:
        field = {"files": "papers"}.get(error.field, error.field)
        for name, text in (getattr(error, "errors", None) or {field: error.message}).items():
            form.add_error(name if name in form.fields else None, text)
        response = tickets_page.render_page(request, ticket, form, status=422)
        response.audited = what.audited  # type: ignore[attr-defined]  # read by web.once
        return response
    messages.success(request, what.done)
    response = redirect("ticket", ticket.number)
    if what.anchor:
        response["Location"] += f"#{what.anchor}"
    return response


def _version(request: Request) -> int:
    """The version somebody saw; nonsense is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _stale(request: Request, ticket: Ticket, form: forms.ActForm) -> HttpResponse:
    """已被他人修改: what was typed, what happened meanwhile, and the same form once more."""
    fresh = queries.by_number(ticket.number)
    assert fresh is not None  # noqa: S101 - nothing is ever deleted
    typed = [
        field for field in form.visible_fields()
        if field.name not in request.FILES and (field.value() or field.field.required)
    ]  # fmt: skip
    context = {
        "ticket": fresh, "typed": typed, "hidden": form.hidden_fields(),
        "lost_files": sorted(request.FILES), "again": request.path,
        "lines": queries.log(fresh)[:5],
    }  # fmt: skip
    return render(request, "web/tickets/stale.html", context, status=409)


def views(acts: Sequence[Act]) -> list[URLPattern]:
    """One address for each act; who may open it is asked before anything is read."""
    made = []
    for one in acts:

        def view(request: Request, number: str, what: Act) -> HttpResponse:
            return act(request, number, what)

        view.__name__ = f"ticket_{one.name}"
        guarded = require_POST(requires(one.may)(once(view)))
        route = f"tickets/<slug:number>/{one.name}/"
        made.append(path(route, guarded, {"what": one}, name=f"ticket-{one.name}"))
    return made


urlpatterns = views(ACTS)
