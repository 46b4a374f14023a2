"""What the interface refuses, as RFC 9457 problem details: Chinese words and the field."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jingwei.checks.actions.errors import BadInputError as BadFindingError
from jingwei.desk.actions import BadFormError, DeskError, ForbiddenError, StaleError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "请求有误",
    401: "未登录或令牌无效",
    403: "不允许",
    404: "没有找到",
    409: "同一请求正在处理",
    412: "已被他人修改",
    413: "内容过大",
    422: "内容有误",
    428: "缺少版本",
    429: "过于频繁",
}
_TYPES = {
    "missing": "不能缺少",
    "extra_forbidden": "没有这一项",
    "enum": "不在可选值之内",
    "literal_error": "不在可选值之内",
    "string_type": "应为文字",
    "string_unicode": "含有无法保存的字符",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大",
    "int_from_float": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "model_attributes_type": "应为 JSON 对象",
    "dict_type": "应为 JSON 对象",
}
_TIME = "应为带时区的 ISO 8601 时间，如 2026-11-23T09:00:00+08:00（地址中的 + 写成 %2B）"


class ProblemDetails(Schema):
    """Why something was refused (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str = ""
    errors: list[dict[str, str]] = []


class Problem(Exception):  # noqa: N818 - the RFC's word
    """Refused: the status, what was expected, and which field."""

    def __init__(
        self,
        status: int,
        detail: str,
        field: str = "",
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.field = status, detail, field
        self.errors, self.headers = list(errors), dict(headers or {})


# What a person or program asked for wrongly: nothing was done, and it may be asked again.
REFUSALS = (Problem, DeskError, BadFindingError, Http404)


def of(error: Exception) -> Problem:
    """The problem an error of ours is to whoever called."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StaleError):
        return Problem(412, error.message, error.field)
    if isinstance(error, ForbiddenError):
        return Problem(403, error.message, error.field)
    if isinstance(error, BadFormError):
        errors = [{"field": name, "detail": text} for name, text in error.errors.items()]
        return Problem(422, error.message, error.field, errors=errors)
    if isinstance(error, DeskError | BadFindingError):
        return Problem(422, error.message, error.field)
    return Problem(404, str(error) or TITLES[404])


def response(problem: Problem) -> HttpResponse:
    """The answer that tells it."""
    details = ProblemDetails(
        title=TITLES.get(problem.status, "请求有误"), status=problem.status, detail=problem.detail,
        field=problem.field, errors=problem.errors,
    )  # fmt: skip
    text = json.dumps(details.model_dump(exclude_defaults=True) | {"type": details.type},
                      ensure_ascii=False)  # fmt: skip
    made = HttpResponse(text, status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        made[name] = value
    return made


def tell_all(api: NinjaAPI) -> None:
    """Every refusal of this interface is a problem document."""
    for kind in REFUSALS:
        api.add_exception_handler(kind, _refused)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(ValidationError, _invalid)


def _refused(_: HttpRequest, error: Any) -> HttpResponse:
    return response(of(error))


def _http(_: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        headers = {"WWW-Authenticate": "Bearer"}
        return response(
            Problem(401, "请登录，或在 Authorization 中给出有效的令牌", headers=headers)
        )
    detail = str(error)
    if detail.startswith("Cannot parse request body"):
        detail = "请求正文不是有效的 JSON"
    elif detail.startswith("CSRF"):
        detail = "缺少 CSRF 令牌；程序请用接口令牌，不用会话"
    return response(Problem(error.status_code, detail))


def _invalid(_: HttpRequest, error: Any) -> HttpResponse:
    errors = [{"field": _field(one), "detail": _detail(one)} for one in error.errors]
    first = errors[0]
    detail = f"{first['field']}：{first['detail']}" if first["field"] else first["detail"]
    return response(Problem(422, detail, first["field"], errors=errors))


def _field(one: dict[str, Any]) -> str:
    """The name of the field without where it came from (body, its parameter's name)."""
    where = [str(part) for part in one["loc"]]
    where = where[2:] if where[:1] == ["body"] else where[1:]
    return ".".join(where).encode(errors="replace").decode()


def _detail(one: dict[str, Any]) -> str:
    kind = str(one["type"])
    if kind == "value_error":
        return str(one.get("ctx", {}).get("error", "格式不正确"))
    if kind.startswith(("datetime", "timezone")):
        return _TIME
    words = _TYPES.get(kind, "格式不正确")
    known = one.get("ctx", {})
    limits = {
        "enum": known.get("expected"), "literal_error": known.get("expected"),
        "greater_than_equal": f"不小于 {known.get('ge')}",
        "less_than_equal": f"不大于 {known.get('le')}",
        "string_too_long": f"最多 {known.get('max_length')} 字",
    }  # fmt: skip
    return f"{words}：{limits[kind]}" if limits.get(kind) else words
