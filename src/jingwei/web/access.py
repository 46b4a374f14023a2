"""Who may open a page: one decorator, asked with one `May`, on every view."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may

P = ParamSpec("P")


class Request(HttpRequest):
    """What a view behind `requires` gets: somebody is logged in, `AsOfMiddleware` has run."""

    user: User
    as_of: date | None  # the date of `?as_of=`, None for now
    day: date  # as_of, or today in Shanghai


WORDS: dict[May, str] = {
    May.SEE_BOARD: "查看今日检查",
    May.SEE_WALL: "查看大屏",
    May.RUN_CHECKS: "发起检查",
    May.ANSWER_ITEMS: "填写检查项",
    May.HANDLE_FINDINGS: "处置异常",
    May.SEE_ASSETS: "查看资产台账",
    May.EDIT_ASSETS: "修改资产台账",
    May.EDIT_ENDPOINTS: "修改接入端点",
    May.EDIT_CHECKS: "修改检查",
    May.EDIT_MAINTENANCE: "登记维护窗口",
    May.BUILD_REPORTS: "生成报告",
    May.SUBMIT_REPORTS: "提交报告",
    May.REVIEW_REPORTS: "内审报告",
    May.SIGN_REPORTS: "签收报告",
    May.SEE_REPORTS: "查看报告",
    May.REPLACE_TEMPLATES: "更换报告模板",
    May.MANAGE_USERS: "管理用户",
    May.SEE_AUDIT: "查看审计日志",
    May.MANAGE_REGION: "管理演示区域",
    May.HANDLE_TICKETS: "处理工单",
    May.APPROVE_TICKETS: "代表甲方审批和确认工单",
    May.SEE_DESK: "查看服务台",
    May.REPORT_OWN: "为本机构报修",
    May.MANAGE_ROSTER: "管理排班",
    May.MANAGE_NOTICES: "管理通知渠道",
    May.DECLARE_EMERGENCY: "启动应急",
    May.PLAN_DRILLS: "计划和组织演练",
}


def allowed(request: HttpRequest, what: May) -> bool:
    """Whether whoever sends this request may do this."""
    role = getattr(request.user, "role", "") if request.user.is_active else ""
    return may(role, what)


def requires(
    what: May | None,
) -> Callable[
    [Callable[Concatenate[Request, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Only for those who may do this; None asks for a login and nothing more.

    A stranger is sent to the login page (htmx is told to go there whole); who is logged in but may
    not gets 403 with the reason in words.
    """

    def decorate(
        view: Callable[Concatenate[Request, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            if what is not None and not allowed(request, what):
                role = request.user.get_role_display()
                raise PermissionDenied(f"您的角色（{role}）不能{WORDS[what]}。")
            return view(cast("Request", request), *args, **kwargs)

        guarded.may = what  # type: ignore[attr-defined]  # read by tests: every view asks
        return guarded

    return decorate


def open_to_all(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Marks the few views that need no login (login itself, health); tests read the mark."""
    view.may = "everybody"  # type: ignore[attr-defined]
    return view


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and back; a fragment can't be redirected, so the page is."""
    where = resolve_url("login")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": where})
    return redirect(f"{where}?{urlencode({'next': request.get_full_path()})}")


def address_of(request: HttpRequest) -> str:
    """The client's address for the audit log."""
    return str(request.META.get("REMOTE_ADDR", ""))
