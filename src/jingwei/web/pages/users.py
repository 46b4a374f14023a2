"""用户: one person, one account, one role. Passwords are made here, never chosen for somebody."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingwei.accounts import actions, queries
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, Role
from jingwei.web.access import Request, address_of, requires
from jingwei.web.forms import Styled, posted
from jingwei.web.once import once
from jingwei.web.paging import paginate


class UserForm(Styled, forms.Form):
    """A new account."""

    username = forms.CharField(
        label="用户名", max_length=150, help_text="字母、数字和 @ . + - _，建议姓名拼音"
    )
    full_name = forms.CharField(label="姓名", max_length=64)
    role = forms.ChoiceField(label="角色", choices=Role.choices)


class ChangeForm(Styled, forms.Form):
    """What may change of an account."""

    full_name = forms.CharField(label="姓名", max_length=64)
    role = forms.ChoiceField(label="角色", choices=Role.choices)
    reason = forms.CharField(label="原因", max_length=200, required=False)


@require_GET
@requires(May.MANAGE_USERS)
def users(request: Request) -> HttpResponse:
    """Every account, ended ones too."""
    rows = queries.users(active_only=request.GET.get("show") != "all")
    context = {"page_obj": paginate(request, rows), "all": request.GET.get("show") == "all"}
    return render(request, "web/users/list.html", context)


@require_http_methods(["GET", "POST"])
@requires(May.MANAGE_USERS)
@once
def new(request: Request) -> HttpResponse:
    """Make an account; its first password is shown once and must be changed."""
    form = UserForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made, password = actions.create_user(
                form.cleaned_data["username"], form.cleaned_data["role"],
                full_name=form.cleaned_data["full_name"], by=request.user,
                address=address_of(request), now=timezone.now(),
            )  # fmt: skip
        except actions.AccountError as error:
            form.add_error(None, str(error))
        else:
            _show_once(request, made, password)
            return redirect("user", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "web/users/form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(May.MANAGE_USERS)
@once
def user(request: Request, pk: int) -> HttpResponse:
    """One account: name and role, reset, end, and what was done to it."""
    found = get_object_or_404(User, pk=pk)
    initial = {"full_name": found.full_name, "role": found.role}
    form = ChangeForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        data, where, now = form.cleaned_data, address_of(request), timezone.now()
        try:
            actions.set_full_name(found, data["full_name"], by=request.user, address=where, now=now)
            if data["role"] != found.role:
                actions.set_role(
                    found, data["role"], by=request.user, reason=data["reason"],
                    address=where, now=now,
                )  # fmt: skip
        except actions.AccountError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "已保存。")
            return redirect("user", pk)
    context = {
        "person": found, "form": form,
        "entries": queries.entries("user", found.username)[:20],
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "web/users/user.html", context, status=status)


def _change(
    request: Request, pk: int, act: Callable[[User], str | None], done: str
) -> HttpResponse:
    """One button of the account page; a refusal is said, nothing changes."""
    found = get_object_or_404(User, pk=pk)
    try:
        password = act(found)
    except actions.AccountError as error:
        messages.error(request, str(error))
    else:
        if password:
            _show_once(request, found, password)
        else:
            messages.success(request, done)
    return redirect("user", pk)


@require_POST
@requires(May.MANAGE_USERS)
@once
def reset(request: Request, pk: int) -> HttpResponse:
    """A new random password, shown once; running sessions end."""
    where, now = address_of(request), timezone.now()
    return _change(
        request, pk,
        lambda one: actions.reset_password(one, by=request.user, address=where, now=now), "",
    )  # fmt: skip


@require_POST
@requires(May.MANAGE_USERS)
def deactivate(request: Request, pk: int) -> HttpResponse:
    """End an account; its history stays."""
    where, now = address_of(request), timezone.now()
    reason = request.POST.get("reason", "")[:200]
    return _change(
        request, pk,
        lambda one: actions.deactivate(one, by=request.user, reason=reason, address=where, now=now),
        "账号已停用，其会话已结束。",
    )  # fmt: skip


@require_POST
@requires(May.MANAGE_USERS)
def reactivate(request: Request, pk: int) -> HttpResponse:
    """Let an ended account work again."""
    where, now = address_of(request), timezone.now()
    return _change(
        request, pk,
        lambda one: actions.reactivate(one, by=request.user, address=where, now=now),
        "账号已恢复。",
    )  # fmt: skip


@require_POST
@requires(May.MANAGE_USERS)
def unlock(request: Request, pk: int) -> HttpResponse:
    """Forget failed logins, so that the person may try again at once."""
    where, now = address_of(request), timezone.now()

    def act(one: User) -> None:
        actions.unlock(one.username, by=request.user, address=where, now=now)

    return _change(request, pk, act, "登录锁定已解除。")


def _show_once(request: Request, found: User, password: str) -> None:
    messages.warning(
        request,
        format_html(
            '{} 的新密码：<b class="secret mono">{}</b> 只显示这一次，请当面或经可靠渠道交给本人；'
            "首次登录须修改。",
            str(found), password,
        ),
    )  # fmt: skip


urlpatterns = [
    path("users/", users, name="users"),
    path("users/new/", new, name="user-new"),
    path("users/<int:pk>/", user, name="user"),
    path("users/<int:pk>/reset/", reset, name="user-reset"),
    path("users/<int:pk>/deactivate/", deactivate, name="user-deactivate"),
    path("users/<int:pk>/reactivate/", reactivate, name="user-reactivate"),
    path("users/<int:pk>/unlock/", unlock, name="user-unlock"),
]
