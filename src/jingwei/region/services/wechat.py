"""The WeChat platform as an official account sees it: stable_token and the list of templates.

Return codes as WeChat's open documentation numbers them. No interface here sends anything.
"""

import json

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing
from jingwei.region.web.server import Request, Response

TEMPLATE = "JW-APPOINTMENT-REMINDER"
_TOKEN = "region-access-token"  # noqa: S105 - opens nothing but this peer
_WORDS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40013: "invalid appid",
    40125: "invalid appsecret",
    43002: "require POST method",
    45009: "reach max api daily quota limit",
    47001: "data format error",
}


class WeChat:
    """api.weixin.qq.com for one account."""

    def __init__(self, thing: Thing, *, app_id: str, app_secret: str) -> None:
        self._thing = thing
        self._login = (app_id, app_secret)

    def __call__(self, request: Request) -> Response:
        """The response to a request: WeChat says no with status 200 and a code."""
        pages = {
            "/cgi-bin/stable_token": self._token,
            "/cgi-bin/template/get_all_private_template": self._templates,
        }
        page = pages.get(request.path)
        return Response.html("", 404) if page is None else page(request)

    def _token(self, request: Request) -> Response:
        if request.method != "POST":
            return _no(43002)
        try:
            said = json.loads(request.body)
        except ValueError:
            return _no(47001)
        app_id, app_secret = self._login
        if not isinstance(said, dict) or said.get("appid") != app_id:
            return _no(40013)
        if said.get("secret") != app_secret or self._thing.has(FaultName.WECHAT_REFUSED):
            return _no(40125)
        return Response.json({"access_token": _TOKEN, "expires_in": 7200})

    def _templates(self, request: Request) -> Response:
        if request.method != "GET":
            return _no(43002)
        if self._thing.has(FaultName.WECHAT_QUOTA):
            return _no(45009)
        row = {"template_id": TEMPLATE, "title": "预约提醒", "content": "{{thing1.DATA}}"}
        return Response.json({"template_list": [row]})


def _no(code: int) -> Response:
    return Response.json({"errcode": code, "errmsg": _WORDS[code]})
