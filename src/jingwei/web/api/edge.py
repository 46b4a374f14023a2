"""What stands at the edge: heartbeats in, the overall status out."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from jingwei.accounts.roles import May
from jingwei.assets import queries as assets
from jingwei.checks import actions, queries
from jingwei.web.api.frame import api, needs
from jingwei.web.api.problem import Problem
from jingwei.web.api.values import Word


class Heard(Schema):
    """A heartbeat was taken."""

    ok: bool
    check: str
    at: datetime


class Status(Schema):
    """Everything at a glance."""

    at: datetime
    checks: dict[str, int]
    findings: dict[str, int]
    overdue: int
    last_check: datetime | None
    demo: bool


@api.api_operation(
    ["GET", "POST"],
    "/heartbeat/{token}",
    response=Heard,
    auth=None,
    url_name="heartbeat",
    summary="心跳",
    tags=["边缘"],
)
def heartbeat(request: HttpRequest, token: Word) -> dict[str, Any]:
    """被监视的任务每次完成后调用；超过约定时间没有调用即为异常。令牌在检查页上。"""
    del request
    now = timezone.now()
    try:
        check = actions.heartbeat(token, now)
    except actions.UnknownTokenError as error:
        raise Problem(404, str(error)) from None
    return {"ok": True, "check": check.key, "at": now}


@api.get("/status", response=Status, summary="总体状态", tags=["边缘"])
def status(request: HttpRequest) -> dict[str, Any]:
    """各状态的检查数、未恢复异常数、最近一次检查时间。"""
    needs(request, May.SEE_WALL)
    now = timezone.now()
    rows = queries.check_status()
    counts = queries.status_counts(rows)
    found = queries.open_counts()
    return {
        "at": now,
        "checks": {result.value: number for result, number in counts.items()},
        "findings": {"abnormal": found.abnormal, "attention": found.attention},
        "overdue": queries.overdue(now),
        "last_check": max((row.last_at for row in rows if row.last_at), default=None),
        "demo": assets.demo_active(),
    }
