"""The face of an application: a health page, a login, a home page behind it.

No patient and no person stands in any page: the one account is a test account.
"""

import hmac
import html
import secrets
from datetime import datetime
from urllib.parse import parse_qs

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response
from jingwei.terms import SHANGHAI

_MOST_SESSIONS = 100


class ApplicationFace:
    """Answers for one application, on HTTP and HTTPS alike."""

    def __init__(self, thing: Thing, *, user: str, password: str) -> None:
        self._thing = thing
        self._user = user
        self._password = password
        self._sessions: list[str] = []

    def __call__(self, request: Request) -> Response:
        """The response to a request."""
        if request.path == "/health":
            return self._health() if request.method in {"GET", "HEAD"} else _not_allowed()
        if request.path == "/login":
            return self._login(request)
        if request.path == "/home":
            return self._home(request)
        if request.path == "/":
            return Response(302, headers={"Location": "/login"})
        return Response.html("<h1>404 页面不存在</h1>", 404)

    def _health(self) -> Response:
        ill, stuck = self._thing.has(FaultName.APP_500), self._thing.plight.stuck
        failing = ill or stuck
        checks = dict.fromkeys(("database", "queue", "disk", "interface"), "UP")
        if ill:
            checks["queue"] = "DOWN"
        if stuck:
            checks["database"] = checks["interface"] = "DOWN"
        document = {
            "status": "DOWN" if failing else "UP",
            "app": self._thing.key,
            "name": self._thing.peer.label,
            "time": datetime.fromtimestamp(self._thing.clock(), SHANGHAI).isoformat("T", "seconds"),
            "checks": checks,
        }
        return Response.json(document, 500 if failing else 200)

    def _login(self, request: Request) -> Response:
        if self._thing.has(FaultName.APP_LOGIN_BROKEN):
            return Response.html(self._page("<p>系统繁忙，请稍后再试</p>"), 500)
        if request.method in {"GET", "HEAD"}:
            return Response.html(self._form())
        if request.method != "POST":
            return _not_allowed()
        form = parse_qs(request.body.decode("utf-8", "replace"))
        user, password = (form.get(name, [""])[0] for name in ("username", "password"))
        if not (_same(user, self._user) and _same(password, self._password)):
            return Response.html(self._form("用户名或密码错误"), 401)
        session = secrets.token_hex(16)
        self._sessions = [*self._sessions[1 - _MOST_SESSIONS :], session]
        cookie = f"SESSION={session}; Path=/; HttpOnly; SameSite=Lax"
        return Response(302, headers={"Location": "/home", "Set-Cookie": cookie})

    def _home(self, request: Request) -> Response:
        cookies = request.headers.get("cookie", "")
        session = next((c[8:] for c in cookies.split("; ") if c.startswith("SESSION=")), "")
        if session not in self._sessions:
            return Response(302, headers={"Location": "/login"})
        return Response.html(self._page("<p>测试账号已登录</p>"))

    def _form(self, message: str = "") -> str:
        told = f'<p class="error">{message}</p>' if message else ""
        return self._page(
            f'{told}<form method="post" action="/login">'
            '<label>用户名 <input name="username" autocomplete="username"></label>'
            '<label>密码 <input name="password" type="password"></label>'
            '<button type="submit">登录</button></form>'
        )

    def _page(self, content: str) -> str:
        title = html.escape(self._thing.peer.label or self._thing.key)
        return (
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title>'
            f"<body><h1>{title}</h1>{content}</body></html>"
        )


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _not_allowed() -> Response:
    return Response.html("<h1>405</h1>", 405)
