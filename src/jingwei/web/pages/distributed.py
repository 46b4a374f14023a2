"""What was sent to an institution, taken by it: its contact's page, or a link without a login."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.desk import actions, queries
from jingwei.desk.models import Receipt, TicketFile
from jingwei.web.access import Request, open_to_all, requires
from jingwei.web.files import serve
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.pages.ticket_forms import refuse
from jingwei.web.pages.tracking import private
from jingwei.web.paging import paginate


class SignForm(Styled, forms.Form):
    """Who signs for the institution."""

    receiver = forms.CharField(
        label="签收人姓名", max_length=64, error_messages={"required": "请填写签收人姓名"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip


@require_GET
@requires(May.REPORT_OWN)
def own_receipts(request: Request) -> HttpResponse:
    """文件签收: what was sent to one's own institution."""
    page = paginate(request, queries.own_receipts(request.user))
    rows = [(row, list(queries.distributed(row.ticket))) for row in page]
    return render(request, "web/forms/own_receipts.html", {"page_obj": page, "rows": rows})


@require_POST
@requires(May.REPORT_OWN)
@once
def own_receive(request: Request, pk: int) -> HttpResponse:
    """Sign for one of them: in one's own name, now."""
    receipt = get_object_or_404(Receipt, pk=pk)
    try:
        actions.receive(receipt, "", request.user, timezone.now())
    except actions.DeskError as error:
        return _refused(request, error)
    messages.success(request, "已签收。")
    return redirect(reverse("own-receipts"))


@never_cache
@require_POST
@requires(May.REPORT_OWN)
def own_file(request: Request, pk: int, file: int) -> HttpResponseBase:
    """Take one file: the first time it is the receipt, afterwards only a download."""
    receipt = get_object_or_404(Receipt, pk=pk)
    found = get_object_or_404(TicketFile, pk=file)
    try:
        actions.take_file(receipt, found, request.user, timezone.now())
    except actions.DeskError as error:
        return _refused(request, error)
    return serve(found.path, found.name, found.media_type)


@never_cache
@require_http_methods(["GET", "POST"])
@open_to_all
@once
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What was sent, its checksums, who signs; the files after that."""
    receipt = _by(token)
    form = SignForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.receive(receipt, form.cleaned_data["receiver"], None, timezone.now())
        except actions.DeskError as error:
            refuse(form, error)
        else:
            messages.success(request, "已签收，可以下载。")
            return private(redirect("distributed", token))
    context = {
        "receipt": receipt, "form": form, "token": token,
        "files": list(queries.distributed(receipt.ticket)),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return private(render(request, "web/forms/distributed.html", context, status=status))


@never_cache
@require_GET
@open_to_all
def link_file(request: HttpRequest, token: str, file: int) -> HttpResponseBase:
    """One file by the link, once somebody has signed."""
    receipt = _by(token)
    found = get_object_or_404(TicketFile, pk=file, ticket=receipt.ticket_id)
    try:
        actions.take_file(receipt, found, None, timezone.now())
    except actions.DeskError as error:
        return _refused(request, error)
    response = serve(found.path, found.name, found.media_type)
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _by(token: str) -> Receipt:
    receipt = queries.by_link(token)
    if receipt is None:
        raise Http404("链接无效或已过期，请向服务台核对")
    return receipt


def _refused(request: HttpRequest, error: actions.DeskError) -> HttpResponse:
    if isinstance(error, actions.ForbiddenError):
        return render(request, "403.html", {"exception": error.message}, status=403)
    return render(request, "400.html", {"reason": error.message}, status=422)


urlpatterns = [
    path("receipts/", own_receipts, name="own-receipts"),
    path("receipts/<int:pk>/sign/", own_receive, name="own-receive"),
    path("receipts/<int:pk>/file/<int:file>/", own_file, name="own-file"),
    path("d/<str:token>/", link, name="distributed"),
    path("d/<str:token>/<int:file>/", link_file, name="distributed-file"),
]
