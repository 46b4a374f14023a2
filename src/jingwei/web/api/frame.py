"""The interface itself: who calls, what he may, how large a call may be, its OpenAPI document."""

from copy import deepcopy
from typing import Any, cast

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer, SessionAuth

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.web import tokens
from jingwei.web.access import WORDS
from jingwei.web.api import problem
from jingwei.web.api.problem import Problem, ProblemDetails

LARGEST = 1024 * 1024  # bytes of one call: files go by the pages
_WRITES = "jingwei_writes"  # on the request: may it change anything?


class Bearer(HttpBearer):
    """`Authorization: Bearer …` with a token from the page 接口说明."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person behind the token."""
        _small(request)
        held = tokens.held(token)
        if held is None:
            return None
        setattr(request, _WRITES, held.write)
        return held.user


class Session(SessionAuth):
    """Somebody logged in with a browser; a write needs the CSRF token as a form does."""

    def __call__(self, request: HttpRequest) -> Any | None:
        """The person; a stranger is unknown before his CSRF token is looked at."""
        _small(request)
        if not request.user.is_authenticated:
            return None
        if getattr(request.user, "must_change_password", False):
            raise Problem(403, "请先登录页面修改初始密码")
        setattr(request, _WRITES, True)
        return super().__call__(request)


class Interface(NinjaAPI):
    """The OpenAPI document with what every operation shares."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Each operation answers a refusal with a problem; no two share an operation id."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["components"]["schemas"]["ProblemDetails"] = ProblemDetails.model_json_schema()
        refused = {
            "description": "拒绝：原因与字段（RFC 9457）",
            "content": {
                problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
            },
        }
        for methods in schema["paths"].values():
            for number, (method, what) in enumerate(list(methods.items())):
                own = deepcopy(what)
                own["responses"]["default"] = refused
                if number:
                    own["operationId"] = f"{what['operationId']}_{method}"
                methods[method] = own
        return schema


api = Interface(
    title="静卫接口",
    version="1",
    description="心跳接入；状态、异常、工单与时限的读取和登记。"
    "时间均为 ISO 8601，带时区。拒绝一律为 application/problem+json。",
    docs_url=None,  # /api/docs is our own page: Swagger's needs inline scripts
    urls_namespace="api",
    auth=[Bearer(), Session(csrf=True)],
)
problem.tell_all(api)


def caller(request: HttpRequest) -> User:
    """Who calls; only behind authentication."""
    return cast("User", request.auth)  # type: ignore[attr-defined]


def needs(request: HttpRequest, what: May) -> User:
    """Who calls. Raises Problem 403 when his role may not do this."""
    user = caller(request)
    if not may(user.role, what):
        raise Problem(403, f"该账号的角色不能{WORDS[what]}")
    return user


def writer(request: HttpRequest) -> User:
    """Who calls. Raises Problem 403 for a read-only token."""
    if not getattr(request, _WRITES, False):
        raise Problem(403, "该令牌只读；请在“接口说明”页另生成读写令牌")
    return caller(request)


def _small(request: HttpRequest) -> None:
    """Raises Problem 413 before anything of a large body is read."""
    length = request.headers.get("Content-Length", "0")
    if length.isdigit() and int(length) > LARGEST:
        raise Problem(413, f"一次请求不超过 {LARGEST // 1024 // 1024} MB")
