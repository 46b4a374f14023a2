"""Coming and going: login, logout, password, language."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from jingwei.accounts import actions
from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.web.access import Request, address_of, allowed, open_to_all, requires
from jingwei.web.forms import Styled, posted

YEAR = 365 * 24 * 3600


class LoginForm(Styled, AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": "用户名或密码不对。注意大小写；连续输错 5 次将锁定 30 分钟。",
        "inactive": "该账号已停用，请联系系统管理员。",
    }


class PasswordForm(Styled, forms.Form):
    """The old password, the new one twice."""

    old = forms.CharField(
        label="当前密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )
    new = forms.CharField(
        label="新密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label="再输一次新密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, str]:
        """The two new ones agree."""
        data = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", "两次输入的新密码不一致")
        return data


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@open_to_all
def log_in(request: HttpRequest) -> HttpResponseBase:
    """The login page. Every try is in the audit log; five failures lock for half an hour."""
    if request.user.is_authenticated and request.method == "GET":
        return redirect(_next(request))
    form = LoginForm(request, data=posted(request))
    if request.method != "POST":
        return render(request, "web/login.html", {"form": form, "next": _next(request)})
    now, address = timezone.now(), address_of(request)
    if form.is_valid():
        user = form.get_user()
        login(request, user)
        actions.signed_in(user, address, now)
        return HttpResponseRedirect(_next(request, user))
    locked = bool(getattr(request, "axes_locked_out", False))
    actions.sign_in_failed(request.POST.get("username", "")[:150], address, now, locked=locked)
    context = {"form": form, "next": _next(request)}
    return render(request, "web/login.html", context, status=422)


@require_POST
@open_to_all
def log_out(request: HttpRequest) -> HttpResponseBase:
    """Ends the session."""
    if isinstance(request.user, User):
        actions.signed_out(request.user, address_of(request), timezone.now())
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@requires(None)
def password(request: Request) -> HttpResponse:
    """Change one's own password; forced when somebody else set it."""
    form = PasswordForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(
                request.user,
                form.cleaned_data["old"],
                form.cleaned_data["new"],
                address=address_of(request),
                now=timezone.now(),
            )
        except actions.AccountError as error:
            form.add_error("old" if str(error).startswith("原密码") else "new", str(error))
        else:
            request.user.refresh_from_db()
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改。")
            return redirect(_home(request.user))
    context = {
        "form": form,
        "rules": password_validators_help_texts(),
        "forced": request.user.must_change_password,
    }
    return render(
        request, "web/password.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
@open_to_all
def language(request: HttpRequest) -> HttpResponseBase:
    """Chinese or English for the frame of the pages, remembered in a cookie."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if wanted in {code for code, _ in settings.LANGUAGES}:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _next(request: HttpRequest, user: User | None = None) -> str:
    """Where somebody wanted to go, if it is ours; else the page their role starts at."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, request.is_secure()
    ):
        return wanted
    who = user or request.user
    return _home(who) if isinstance(who, User) else ""


def _home(user: User) -> str:
    """A wall visitor has no board, an institution's contact comes to report."""
    request = HttpRequest()
    request.user = user
    if allowed(request, May.REPORT_OWN):
        return resolve_url("own-tickets")
    return resolve_url("board" if allowed(request, May.SEE_BOARD) else "wall")


urlpatterns = [
    path("login/", log_in, name="login"),
    path("logout/", log_out, name="logout"),
    path("password/", password, name="password"),
    path("language/", language, name="language"),
]
