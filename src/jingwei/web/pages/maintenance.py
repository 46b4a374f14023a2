"""维护窗口: announced work opens no findings."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.models import Maintenance
from jingwei.web.access import Request, requires
from jingwei.web.forms import MomentInput, Styled, posted
from jingwei.web.once import once
from jingwei.web.paging import paginate


class TargetField(forms.CharField):
    """A target by its key, offered from the register as one types; empty when not required."""

    def clean(self, value: object) -> Target | None:
        """The target itself."""
        text = str(super().clean(value)).strip()
        key = text.split(" ")[0].upper()
        if not key:
            return None
        found = Target.objects.filter(key=key).first()
        if found is None:
            raise forms.ValidationError(f"登记里没有“{key}”，应为设备号、应用号、数据库号或机房号")
        return found


class MaintenanceForm(Styled, forms.Form):
    """Announce work."""

    target = TargetField(
        label="对象", required=False, max_length=200,
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"}),
        help_text="留空表示全部对象。",
    )  # fmt: skip
    start = forms.DateTimeField(label="开始", widget=MomentInput())
    end = forms.DateTimeField(label="结束", widget=MomentInput())
    reason = forms.CharField(
        label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写维护原因"},
    )  # fmt: skip


@require_GET
@requires(May.SEE_BOARD)
def maintenance(request: Request) -> HttpResponse:
    """Every window, newest first; those in force are marked."""
    context = {"page_obj": paginate(request, queries.maintenances()), "now": timezone.now()}
    return render(request, "web/maintenance/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.EDIT_MAINTENANCE)
@once
def new(request: Request) -> HttpResponse:
    """The form to announce work."""
    initial = {"target": request.GET.get("target", "")}
    form = MaintenanceForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.add_maintenance(
                data["target"], data["start"], data["end"], data["reason"],
                request.user, timezone.now(),
            )  # fmt: skip
        except actions.BadInputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "维护窗口已登记。窗口内照常检查，但不产生异常。")
            return redirect("maintenance")
    status = 422 if request.method == "POST" else 200
    targets = Target.objects.filter(valid_to__isnull=True).values_list("key", "label")
    context = {"form": form, "targets": targets}
    return render(request, "web/maintenance/form.html", context, status=status)


@require_POST
@requires(May.EDIT_MAINTENANCE)
def cancel(request: Request, pk: int) -> HttpResponse:
    """End a window early."""
    window = get_object_or_404(Maintenance, pk=pk)
    try:
        actions.cancel_maintenance(window, request.user, timezone.now())
    except actions.BadInputError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "维护窗口已取消。")
    return redirect("maintenance")


urlpatterns = [
    path("maintenance/", maintenance, name="maintenance"),
    path("maintenance/new/", new, name="maintenance-new"),
    path("maintenance/<int:pk>/cancel/", cancel, name="maintenance-cancel"),
]
