"""The edge API: heartbeats in, status and findings out. Its OpenAPI document makes /api/docs."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth
from pydantic import Field

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets import queries as assets
from jingwei.checks import actions, queries
from jingwei.web import tokens
from jingwei.web.access import WORDS


class Bearer(HttpBearer):
    """`Authorization: Bearer …` with a token from the page 系统状态."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The person behind the token."""
        return tokens.reader(token)


api = NinjaAPI(
    title="静卫接口",
    version="1",
    description="心跳接入，状态与异常读取。时间均为 ISO 8601，带时区。",
    docs_url=None,  # /api/docs is our own page: Swagger's needs inline scripts
    urls_namespace="api",
    auth=[Bearer(), SessionAuth(csrf=True)],
)


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


class OneFinding(Schema):
    """One open finding."""

    id: int
    target: str
    target_label: str
    item: str
    result: str
    reading: str
    threshold: str
    opened_at: datetime
    closed_at: datetime | None
    acknowledged_at: datetime | None


@api.api_operation(
    ["GET", "POST"],
    "/heartbeat/{token}",
    response=Heard,
    auth=None,
    url_name="heartbeat",
    summary="心跳",
)
def heartbeat(request: HttpRequest, token: str) -> dict[str, Any]:
    """被监视的任务每次完成后调用；超过约定时间没有调用即为异常。令牌在检查页上。"""
    del request
    now = timezone.now()
    try:
        check = actions.heartbeat(token, now)
    except actions.UnknownTokenError as error:
        raise HttpError(404, str(error)) from None
    return {"ok": True, "check": check.key, "at": now}


@api.get("/status", response=Status, summary="总体状态")
def status(request: HttpRequest) -> dict[str, Any]:
    """各状态的检查数、未恢复异常数、最近一次检查时间。"""
    _needs(request, May.SEE_WALL)
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


@api.get("/findings", response=list[OneFinding], summary="异常")
def findings(
    request: HttpRequest,
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    offset: Annotated[int, Field(ge=0)] = 0,
    all: bool = False,  # noqa: A002 - the word of the URL
) -> list[dict[str, Any]]:
    """未恢复的异常，新的在前；all=true 含已恢复的。"""
    _needs(request, May.SEE_BOARD)
    return [
        {
            "id": one.pk, "target": one.target.key, "target_label": one.target.label,
            "item": one.item, "result": one.result, "reading": one.reading,
            "threshold": one.threshold, "opened_at": one.opened_at, "closed_at": one.closed_at,
            "acknowledged_at": one.acknowledged_at,
        }
        for one in queries.findings(open_only=not all)[offset : offset + limit]
    ]  # fmt: skip


def _needs(request: HttpRequest, what: May) -> None:
    user: Any = request.auth  # type: ignore[attr-defined]
    if not may(user.role, what):
        raise HttpError(403, f"该账号的角色不能{WORDS[what]}")
