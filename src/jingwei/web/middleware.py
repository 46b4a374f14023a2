"""What every page goes through: language, as-of date, idle timeout, password change."""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from jingwei.accounts.actions import signed_out
from jingwei.accounts.models import User
from jingwei.web import days
from jingwei.web.access import address_of

Respond = Callable[[HttpRequest], HttpResponseBase]

IDLE_SECONDS = 30 * 60
SEEN = "seen_at"  # session key: epoch of the last thing a person did
WALL_SESSION_SECONDS = 30 * 24 * 3600
POLL_HEADER = "X-Poll"  # sent by live refreshes: they are no sign of a person


class LanguageMiddleware:
    """The language somebody chose, else Chinese; the browser's own wish is not asked.

    Half the browsers in these institutions say en-US and their readers do not.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = {code for code, _ in settings.LANGUAGES}
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            return self.get_response(request)


class PlainMiddleware:
    """An address holds no NUL: nothing of ours has one, and PostgreSQL takes none (400).

    Under /api/ each operation says which field it was.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = (value for _, values in request.GET.lists() for value in values)
        odd = "\0" in request.path or any("\0" in value for value in asked)
        if odd and not request.path.startswith("/api/"):
            reason = "地址中含有无法识别的字符（NUL），请删除后重试。"
            return render(request, "400.html", {"reason": reason}, status=400)
        return self.get_response(request)


class AsOfMiddleware:
    """`request.as_of`: the date of `?as_of=YYYY-MM-DD`, or None for now. A bad date is 400.

    Under /api/ `as_of` is an instant, and each operation's own.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        of_page = not request.path.startswith("/api/")
        text = request.GET.get("as_of", "").strip() if of_page else ""
        as_of: date | None = None
        if text:
            try:
                as_of = days.read(text, "截至日期")
            except ValueError as error:
                return render(request, "400.html", {"reason": f"{error}。"}, status=400)
        request.as_of = as_of  # type: ignore[attr-defined]
        request.day = as_of or timezone.localdate()  # type: ignore[attr-defined]
        return self.get_response(request)


class IdleMiddleware:
    """Half an hour without a person ends the session (GB/T 22239 8.1.4.1), except on the wall.

    Live refreshes do not count as a person. A wall screen's account keeps its session while it
    polls: nobody touches that screen.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated or request.path.startswith("/static/"):
            return self.get_response(request)
        now = int(timezone.now().timestamp())
        seen = int(request.session.get(SEEN, now))
        if request.path.startswith(reverse("wall")):
            if getattr(request.user, "role", "") == "visitor" and now - seen > 3600:
                request.session[SEEN] = now
                request.session.set_expiry(WALL_SESSION_SECONDS)
            return self.get_response(request)
        if now - seen > IDLE_SECONDS:
            return self._expired(request)
        if SEEN not in request.session or (
            now - seen > 60 and not request.headers.get(POLL_HEADER)
        ):
            request.session[SEEN] = now  # at most one write a minute
        return self.get_response(request)

    def _expired(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            signed_out(request.user, address_of(request), timezone.now(), "30 分钟没有操作")
        logout(request)
        messages.info(request, "您已 30 分钟没有操作，为安全起见已退出，请重新登录。")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("login")})
        return redirect(f"{reverse('login')}?{urlencode({'next': request.get_full_path()})}")


class PasswordChangeMiddleware:
    """Who got a password from somebody else changes it before anything else."""

    ALLOWED = ("password", "logout", "language")

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        must = getattr(request.user, "must_change_password", False)
        if not must or request.path.startswith(("/static/", "/api/", "/healthz")):
            return self.get_response(request)
        if request.path in {reverse(name) for name in self.ALLOWED}:
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("password")})
        return redirect("password")
