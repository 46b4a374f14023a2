"""通知渠道: the ways out, what was sent on them, and what failed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts.roles import May
from jingwei.desk import media
from jingwei.desk.actions import DeskError, channels, outbox
from jingwei.desk.models import Medium, Notice, NoticeChannel, NoticeState, Topic
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, dress, posted
from jingwei.web.once import once
from jingwei.web.paging import paginate


class ChannelForm(Styled, forms.Form):
    """What every channel has; the fields of its medium are added (`desk.media.FIELDS`)."""

    name = forms.CharField(label="名称", max_length=64)
    topics = forms.MultipleChoiceField(
        label="主题（不选即全部）", required=False,
        choices=[each for each in Topic.choices if each[0] != Topic.TEST],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    throttle_minutes = forms.IntegerField(
        label="同一事项最短间隔（分钟）", initial=15, min_value=0, max_value=1440
    )
    digest_minutes = forms.IntegerField(
        label="摘要间隔（分钟，0 为即时）", initial=0, min_value=0, max_value=1440
    )
    enabled = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, medium: Medium, held: NoticeChannel | None, *args: Any) -> None:
        initial: dict[str, Any] = {}
        if held is not None:
            initial = {
                "name": held.name, "topics": held.topics, "enabled": held.enabled,
                "throttle_minutes": held.throttle_minutes, "digest_minutes": held.digest_minutes,
                **_open_parts(medium, held),
            }  # fmt: skip
        super().__init__(*args, initial=initial)
        self.medium = medium
        for each in media.FIELDS[medium]:
            self.fields[f"to_{each.name}"] = _field(each, keeps=held is not None)

    @property
    def address(self) -> dict[str, str]:
        """The medium's own fields as they were filled in."""
        return {
            each.name: self.cleaned_data[f"to_{each.name}"] for each in media.FIELDS[self.medium]
        }


def _field(declared: media.Field, *, keeps: bool) -> forms.Field:
    """One declared field; a secret is never shown, and left empty it stays as it is."""
    if declared.choices:
        made: forms.Field = forms.ChoiceField(
            label=declared.label, choices=declared.choices, required=declared.required,
            initial=declared.default,
        )  # fmt: skip
    else:
        widget: forms.Widget = forms.TextInput()
        if declared.secret:
            widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        elif declared.long:
            widget = forms.Textarea(attrs={"rows": 2})
        kept = "留空即不变。" if declared.secret and keeps else ""
        made = forms.CharField(
            label=declared.label, max_length=2000, initial=declared.default, widget=widget,
            required=declared.required and not (declared.secret and keeps),
            help_text=f"{declared.help}{'。' if declared.help and kept else ''}{kept}",
        )  # fmt: skip
    dress(made.widget)
    return made


def _open_parts(medium: Medium, held: NoticeChannel) -> dict[str, str]:
    """What of an address may be shown again: nothing secret."""
    try:
        address = channels.address_of(held)
    except (DeskError, LookupError, ValueError):
        return {}
    return {
        f"to_{each.name}": address.get(each.name, "")
        for each in media.FIELDS[medium]
        if not each.secret
    }


@require_GET
@requires(May.MANAGE_NOTICES)
def notices(request: Request) -> HttpResponse:
    """The channels, and what was sent on them, newest first."""
    rows = Notice.objects.select_related("channel").prefetch_related("deliveries")
    state, channel = request.GET.get("state", ""), request.GET.get("channel", "")
    if state in NoticeState.values:
        rows = rows.filter(state=state)
    if channel.isdecimal() and len(channel) < 10:
        rows = rows.filter(channel=int(channel))
    context = {
        "channels": NoticeChannel.objects.select_related("user"), "media": Medium.choices,
        "page_obj": paginate(request, rows), "states": NoticeState.choices, "state": state,
        "failed": Notice.objects.filter(state=NoticeState.FAILED).count(),
    }  # fmt: skip
    return render(request, "web/notices/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.MANAGE_NOTICES)
@once
def new(request: Request, medium: str) -> HttpResponse:
    """A new shared channel of one medium."""
    if medium not in Medium.values:
        raise Http404(f"没有“{medium}”这种方式")
    return _edit(request, Medium(medium), None)


@require_http_methods(["GET", "POST"])
@requires(May.MANAGE_NOTICES)
@once
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a shared channel; what is secret of it stays unless it is given anew."""
    held = get_object_or_404(NoticeChannel, pk=pk, user=None)
    return _edit(request, Medium(held.medium), held)


def _edit(request: Request, medium: Medium, held: NoticeChannel | None) -> HttpResponse:
    form = ChannelForm(medium, held, posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = channels.Wanted(
            data["name"], medium, form.address, data["topics"], data["enabled"],
            data["throttle_minutes"], data["digest_minutes"],
        )  # fmt: skip
        try:
            made = channels.save_channel(wanted, request.user, timezone.now(), channel=held)
        except DeskError as error:
            name = error.field if error.field in form.fields else f"to_{error.field}"
            form.add_error(name if name in form.fields else None, error.message)
        else:
            messages.success(request, f"渠道“{made.name}”已保存，可发一条测试。")
            return redirect("notices")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "medium": medium, "held": held}
    return render(request, "web/notices/form.html", context, status=status)


@require_POST
@requires(May.MANAGE_NOTICES)
@once
def act(request: Request, pk: int) -> HttpResponse:
    """Switch a channel on or off, or send a test on it."""
    held = get_object_or_404(NoticeChannel, pk=pk)
    now, do = timezone.now(), request.POST.get("do", "")
    try:
        if do == "test":
            outbox.test(held, request.user, now)
            messages.success(request, "测试已排队，几秒后刷新可见结果。")
        else:
            channels.switch(held, request.user, now, on=do == "on")
            messages.success(request, "已启用。" if do == "on" else "已停用。")
    except DeskError as error:
        messages.error(request, error.message)
    return redirect("notices")


@require_POST
@requires(May.MANAGE_NOTICES)
@once
def resend(request: Request, pk: int) -> HttpResponse:
    """Try a failed notice again."""
    held = get_object_or_404(Notice.objects.select_related("channel"), pk=pk)
    try:
        outbox.resend(held, request.user, timezone.now())
    except DeskError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "已重新排队。")
    return redirect("notices")


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/channels/new/<slug:medium>/", new, name="channel-new"),
    path("notices/channels/<int:pk>/", edit, name="channel-edit"),
    path("notices/channels/<int:pk>/act/", act, name="channel-act"),
    path("notices/<int:pk>/resend/", resend, name="notice-resend"),
]
