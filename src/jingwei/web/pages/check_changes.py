"""停用、启用 a check, with who and why; heartbeat checks made by hand, their token shown once."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.models import Check
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.links import item_labels
from jingwei.web.once import once
from jingwei.web.pages.maintenance import TargetField


class StopForm(Styled, forms.Form):
    """Why a check is switched off."""

    reason = forms.CharField(
        label="停用原因", max_length=200, error_messages={"required": "请填写停用原因"},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="停用期间该项记为未检（停用：原因），不会显示为正常。",
    )  # fmt: skip


class HeartbeatForm(Styled, forms.Form):
    """A job that calls us when it is done."""

    target = TargetField(
        label="对象", max_length=200, error_messages={"required": "请选择对象"},
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"}),
    )  # fmt: skip
    label = forms.CharField(
        label="名称", max_length=100, error_messages={"required": "请填写名称"},
        widget=forms.TextInput(attrs={"placeholder": "如 夜间备份"}),
    )  # fmt: skip
    item = forms.ChoiceField(label="检查项", help_text="这个心跳说明日检的哪一项。")
    every = forms.IntegerField(
        label="周期（分钟）", initial=1440, min_value=1, max_value=366 * 1440,
        help_text="正常情况下多久上报一次。",
    )  # fmt: skip
    grace = forms.IntegerField(
        label="宽限（分钟）", initial=60, min_value=0, max_value=31 * 1440,
        help_text="超过周期再等多久判为异常。",
    )  # fmt: skip

    def __init__(self, request: Request) -> None:
        super().__init__(posted(request), initial={"target": request.GET.get("target", "")[:100]})
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = list(item_labels().items())


@require_http_methods(["GET", "POST"])
@requires(May.EDIT_CHECKS)
@once
def stop(request: Request, pk: int) -> HttpResponse:
    """Switch a check off."""
    found = _get(pk)
    form = StopForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.stop(found, form.cleaned_data["reason"], request.user, timezone.now())
        except actions.BadInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "检查已停用，停用期间记为未检。")
            return redirect("check", pk)
    context = {"form": form, "title": f"停用检查：{found.label} · {found.target.label}"}
    back = {"back": reverse("check", args=(pk,)), "button": "停用"}
    status = 422 if request.method == "POST" else 200
    return render(request, "web/checks/form.html", context | back, status=status)


@require_POST
@requires(May.EDIT_CHECKS)
@once
def start(request: Request, pk: int) -> HttpResponse:
    """Switch it on again."""
    try:
        actions.start(_get(pk), request.user, timezone.now())
    except actions.BadInputError as error:
        return render(request, "400.html", {"reason": error.message}, status=422)
    messages.success(request, "检查已启用，马上检查一次。")
    return redirect("check", pk)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(May.EDIT_CHECKS)
@once
def heartbeat_new(request: Request) -> HttpResponse:
    """Register a job that calls us; the answer shows its address, once."""
    form = HeartbeatForm(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made, token = actions.register(
                data["target"], data["item"], data["label"], data["every"] * 60,
                data["grace"] * 60, request.user, timezone.now(),
            )  # fmt: skip
        except actions.BadInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            return _token(request, made, token)
    context = {
        "form": form, "title": "登记心跳检查", "back": reverse("checks"), "button": "登记",
        "targets": Target.objects.filter(valid_to__isnull=True).values_list("key", "label"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/checks/form.html", context, status=status)


@never_cache
@require_POST
@requires(May.EDIT_CHECKS)
@once
def heartbeat_renew(request: Request, pk: int) -> HttpResponse:
    """Another address; the one before is void."""
    found = _get(pk)
    try:
        token = actions.renew(found, request.user, timezone.now())
    except actions.BadInputError as error:
        return render(request, "400.html", {"reason": error.message}, status=422)
    return _token(request, found, token)


def _token(request: Request, check: Check, token: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("api:heartbeat", args=(token,)))
    return render(request, "web/checks/token.html", {"check": check, "address": address})


def _get(pk: int) -> Check:
    try:
        return queries.check(pk)
    except Check.DoesNotExist:
        raise Http404(f"没有编号为 {pk} 的检查") from None


urlpatterns = [
    path("checks/heartbeats/new/", heartbeat_new, name="heartbeat-new"),
    path("checks/<int:pk>/stop/", stop, name="check-stop"),
    path("checks/<int:pk>/start/", start, name="check-start"),
    path("checks/<int:pk>/renew/", heartbeat_renew, name="heartbeat-renew"),
]
