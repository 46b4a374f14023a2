"""工单: the list, one ticket, its files, a ticket from a finding in one tap."""

from django import forms
from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.http.response import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Institution
from jingwei.checks import queries as checks
from jingwei.checks.models import Finding
from jingwei.contract import queries as contract
from jingwei.desk import actions, queries
from jingwei.desk.models import Kind, State, Ticket, TicketFile
from jingwei.desk.queries import Wanted
from jingwei.terms.incident import Severity
from jingwei.web.access import Request, requires
from jingwei.web.files import serve
from jingwei.web.forms import Styled
from jingwei.web.once import once
from jingwei.web.pages import tickets_acts, tickets_page
from jingwei.web.paging import paginate


class TicketFilter(Styled, forms.Form):
    """The filter card."""

    q = forms.CharField(
        label="关键字", required=False, max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "单号 / 现象 / 机构或拼音 / 处理内容"}
        ),
    )  # fmt: skip
    whose = forms.ChoiceField(
        label="处理人", required=False, choices=[("", "全部"), ("mine", "我的")]
    )
    show = forms.ChoiceField(
        label="范围", required=False, choices=[("", "未结束"), ("all", "全部（含已结束）")]
    )
    kind = forms.ChoiceField(label="类别", required=False, choices=[("", "全部"), *Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])
    severity = forms.ChoiceField(
        label="级别", required=False,
        choices=[("", "全部"), *((one.value, one.label) for one in Severity)],
    )  # fmt: skip
    institution = forms.ModelChoiceField(
        label="机构", required=False, queryset=Institution.objects.all(), to_field_name="code",
        empty_label="全部",
    )  # fmt: skip


@require_GET
@requires(May.SEE_DESK)
def tickets(request: Request) -> HttpResponse:
    """The list, newest first; a state that is an end shows ended ones too."""
    form = TicketFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    rows = queries.listed(
        Wanted(
            text=given.get("q", ""), kind=given.get("kind", ""), state=given.get("state", ""),
            severity=given.get("severity", ""), institution=given.get("institution"),
            open_only=given.get("show") != "all" and not given.get("state"),
            mine=request.user if given.get("whose") == "mine" else None,
        ),
        request.day,
    )  # fmt: skip
    shown: Page[Ticket] = paginate(request, rows)
    now = timezone.now()
    clocks = contract.clocks_of(shown.object_list, now)
    lines = [(row, tickets_page.next_clock(clocks[row.pk])) for row in shown.object_list]
    context = {
        "form": form, "page_obj": shown, "lines": lines, "filtered": bool(request.GET), "now": now,
    }  # fmt: skip
    return render(request, "web/tickets/list.html", context)


@require_GET
@requires(May.SEE_DESK)
def ticket(request: Request, number: str) -> HttpResponse:
    """One ticket."""
    found = queries.by_number(number)
    if found is None:
        raise Http404(f"没有单号为 {number} 的工单")
    return tickets_page.render_page(request, found)


@require_GET
@requires(May.SEE_DESK)
def file(request: Request, pk: int) -> HttpResponseBase:
    """One photo or file of a ticket."""
    del request
    found = get_object_or_404(TicketFile, pk=pk)
    return serve(found.path, found.name, found.media_type)


@require_POST
@requires(May.HANDLE_TICKETS)
@once
def from_finding(request: Request, pk: int) -> HttpResponse:
    """An incident from a finding: one tap, the severity beside the button."""
    try:
        found = checks.finding(pk)
    except Finding.DoesNotExist:
        raise Http404(f"没有编号为 {pk} 的异常") from None
    wanted = request.POST.get("severity", "")
    if wanted not in set(Severity):
        return _refused(request, f"故障级别“{wanted[:20]}”无法识别")
    try:
        made = actions.open_from_finding(found, Severity(wanted), request.user, timezone.now())
    except actions.DeskError as error:
        return _refused(request, error.message)
    messages.success(request, f"已建单 {made.number}。")
    return redirect("ticket", made.number)


def _refused(request: Request, text: str) -> HttpResponse:
    return render(request, "400.html", {"reason": text}, status=422)


urlpatterns = [
    path("tickets/", tickets, name="tickets"),
    path("tickets/file/<int:pk>/", file, name="ticket-file"),
    path("tickets/from-finding/<int:pk>/", from_finding, name="ticket-from-finding"),
    path("tickets/<slug:number>/", ticket, name="ticket"),
    *tickets_acts.urlpatterns,
]
