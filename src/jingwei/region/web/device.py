"""The web console of a device: a login page, and nothing behind it that checks would need."""

import html

from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response, Site


def device_face(thing: Thing) -> Site:
    """The console of one device."""
    peer = thing.peer
    title = html.escape(" ".join(filter(None, (peer.vendor, peer.model or peer.label))))
    page = (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title>'
        f'<body><h1>{title}</h1><form method="post" action="/login"><input name="username">'
        '<input name="password" type="password"><button>登录</button></form></body></html>'
    )

    def site(request: Request) -> Response:
        if request.method == "POST" and request.path == "/login":
            return Response.html("用户名或密码错误", 401)
        if request.path in {"/", "/login"}:
            return Response.html(page)
        return Response.html("<h1>404 Not Found</h1>", 404)

    return site
