"""The caller's page: by its link, without a login, and never more than the caller may know."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jingwei.contract import queries as contract
from jingwei.desk import actions, queries
from jingwei.desk.actions.callers import LONGEST_MESSAGE
from jingwei.web.access import open_to_all
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once


class MessageForm(Styled, forms.Form):
    """What the caller adds."""

    name = forms.CharField(
        label="称呼", required=False, max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    text = forms.CharField(
        label="留言", max_length=LONGEST_MESSAGE, error_messages={"required": "请填写留言内容"},
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "补充情况，例如又有几个科室打不开"}),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
@open_to_all
@once
def tracking(request: HttpRequest, token: str) -> HttpResponse:
    """Number, state in plain words, instants so far, what comes next, a message box."""
    ticket = queries.by_token(token)
    if ticket is None:
        raise Http404("链接无效，请向服务台核对")
    now = timezone.now()
    form = MessageForm(posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.leave_message(token, data["text"], data["name"], now)
        except actions.BadInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "留言已送达服务台。")
            return private(redirect("tracking", token))
    seen = queries.tracking(ticket, now, **contract.agreed(ticket.created_at))
    context = {"seen": seen, "form": form, "now": now}
    status = 422 if request.method == "POST" else 200
    return private(render(request, "web/tickets/tracking.html", context, status=status))


def private(response: HttpResponse) -> HttpResponse:
    """The link is the key: no search engine, no cache and no other site may learn it."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store, private"
    return response


urlpatterns = [path("t/<slug:token>/", tracking, name="tracking")]
