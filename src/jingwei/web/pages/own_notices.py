"""我的通知: where one is reached, each for himself, by way of a shared channel; and when not."""

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
from jingwei.desk.models import Medium, NoticeChannel, Topic
from jingwei.desk.queries import notices as queries
from jingwei.web.access import Request, requires
from jingwei.web.forms import Styled, TimeInput, posted
from jingwei.web.once import once

# What can concern a person; the rest is said on shared channels only.
TOPICS = (
    Topic.NEW_TICKET, Topic.UNTAKEN, Topic.DUE_SOON, Topic.OVERDUE, Topic.ESCALATED,
    Topic.WAITING_CLIENT, Topic.EMERGENCY, Topic.LEAVE, Topic.SHORTFALL,
)  # fmt: skip


class OwnForm(Styled, forms.Form):
    """One way to reach whoever is logged in."""

    via = forms.ModelChoiceField(label="经由公共渠道", queryset=NoticeChannel.objects.none())
    place = forms.CharField(max_length=200, strip=True)
    topics = forms.MultipleChoiceField(
        label="主题（不选即全部）", required=False,
        choices=[(each.value, each.label) for each in TOPICS],
        widget=forms.CheckboxSelectMultiple,
        help_text="只发与本人有关的：本人受理的工单、本人的请假、本人角色须处理的事；应急事件发给每个人。",
    )  # fmt: skip
    quiet_from = forms.TimeField(label="免打扰自", required=False, widget=TimeInput())
    quiet_to = forms.TimeField(
        label="免打扰至", required=False, widget=TimeInput(),
        help_text="可跨零点；到点后补发。应急事件和无人受理不等。",
    )  # fmt: skip
    digest_minutes = forms.IntegerField(
        label="摘要间隔（分钟，0 为即时）", initial=0, min_value=0, max_value=1440
    )

    def __init__(self, medium: Medium, held: NoticeChannel | None, *args: Any) -> None:
        initial: dict[str, Any] = {}
        if held is not None:
            initial = {
                "topics": held.topics, "quiet_from": held.quiet_from, "quiet_to": held.quiet_to,
                "digest_minutes": held.digest_minutes, "via": queries.via(held),
            }  # fmt: skip
        super().__init__(*args, initial=initial)
        declared = media.OWN[medium]
        place, via = self.fields["place"], self.fields["via"]
        place.label, place.help_text = declared.label, declared.help
        if held is not None:
            place.required = False
            place.help_text = f"现为 {held.shown.rpartition('→ ')[2]}，留空即不变。"
        assert isinstance(via, forms.ModelChoiceField)  # noqa: S101 - it is, five lines above
        via.queryset = queries.shared(medium)
        if held is None and via.queryset.count() == 1:
            via.initial = via.queryset.first()


@require_GET
@requires(May.SEE_DESK)
def own(request: Request) -> HttpResponse:
    """Where I am reached, and what was sent to me lately."""
    possible = [each for each in media.OWN if queries.shared(each).exists()]
    context = {
        "channels": queries.own(request.user), "media": possible,
        "missing": "、".join(each.label for each in media.OWN if each not in possible),
        "sent": queries.lately(request.user), "most": channels.MOST_OWN,
    }  # fmt: skip
    return render(request, "web/notices/own.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def new(request: Request, medium: str) -> HttpResponse:
    """A new place of mine."""
    if medium not in [each.value for each in media.OWN]:
        raise Http404(f"没有“{medium}”这种个人渠道")
    return _edit(request, Medium(medium), None)


@require_http_methods(["GET", "POST"])
@requires(May.SEE_DESK)
@once
def edit(request: Request, pk: int) -> HttpResponse:
    """Change one of mine; another person's is not found."""
    held = get_object_or_404(NoticeChannel, pk=pk, user=request.user)
    return _edit(request, Medium(held.medium), held)


def _edit(request: Request, medium: Medium, held: NoticeChannel | None) -> HttpResponse:
    form = OwnForm(medium, held, posted(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = channels.Wanted(
            held.name if held else queries.free_name(request.user, medium), medium,
            {media.OWN[medium].name: data["place"]}, data["topics"],
            held.enabled if held else True, held.throttle_minutes if held else 15,
            data["digest_minutes"], request.user, data["via"], data["quiet_from"],
            data["quiet_to"],
        )  # fmt: skip
        try:
            channels.save_channel(wanted, request.user, timezone.now(), channel=held)
        except DeskError as error:
            name = "place" if error.field == media.OWN[medium].name else error.field
            form.add_error(name if name in form.fields else None, error.message)
        else:
            messages.success(request, "已保存，可发一条测试。")
            return redirect("own-notices")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "medium": medium, "held": held}
    return render(request, "web/notices/own_form.html", context, status=status)


@require_POST
@requires(May.SEE_DESK)
@once
def act(request: Request, pk: int) -> HttpResponse:
    """Switch one of mine on or off, or try it."""
    held = get_object_or_404(NoticeChannel, pk=pk, user=request.user)
    now, do = timezone.now(), request.POST.get("do", "")
    try:
        if do == "test":
            outbox.test(held, request.user, now)
            messages.success(request, "测试已排队，几秒后刷新可见结果。")
        elif do in ("on", "off"):
            channels.switch(held, request.user, now, on=do == "on")
            messages.success(request, "已启用。" if do == "on" else "已停用。")
    except DeskError as error:
        messages.error(request, error.message)
    return redirect("own-notices")


urlpatterns = [
    path("my-notices/", own, name="own-notices"),
    path("my-notices/new/<slug:medium>/", new, name="own-notice-new"),
    path("my-notices/<int:pk>/", edit, name="own-notice-edit"),
    path("my-notices/<int:pk>/act/", act, name="own-notice-act"),
]
