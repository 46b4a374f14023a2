"""A deadline on either calendar of the contract, for whoever plans with it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from jingwei.accounts.roles import May, may
from jingwei.contract import queries as contract
from jingwei.desk.queries import calendars
from jingwei.sla.calendar import UnpublishedError
from jingwei.sla.calendar import due as deadline
from jingwei.terms import SHANGHAI
from jingwei.web.api.frame import api, caller
from jingwei.web.api.problem import Problem
from jingwei.web.api.values import Asked

MOST_MINUTES = 366 * 24 * 60


class Which(StrEnum):
    """The two calendars."""

    WORKING = "5x8"
    WALL = "7x24"


class Deadline(Schema):
    """Until when, inclusive."""

    calendar: Which
    start: datetime = Field(serialization_alias="from")
    minutes: int
    due: datetime


@api.get("/clock/due", response=Deadline, summary="计算到期时间", tags=["时限"], by_alias=True)
def due(
    request: HttpRequest,
    calendar: Which,
    start: Annotated[Asked, Query(alias="from")],
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)],
) -> Deadline:
    """从某一时刻起若干分钟的时限到何时为止（含该时刻）。from 不写时区按北京时间；所需年份的放假
    安排未公布时为 422，不作猜测。"""
    user = caller(request)
    if not (may(user.role, May.SEE_DESK) or may(user.role, May.REPORT_OWN)):
        raise Problem(403, "该账号的角色不能查看服务台")
    begun = start.astimezone(SHANGHAI)
    allowed = timedelta(minutes=minutes)
    # Eight hours a working day, five days a week: six times the time on the wall, and holidays.
    working, wall = calendars(begun, begun + 6 * allowed, contract.hours(begun.date()))
    try:
        end = deadline(working if calendar is Which.WORKING else wall, begun, allowed)
    except (UnpublishedError, OverflowError) as error:
        raise Problem(422, str(error), "from") from None
    return Deadline(calendar=calendar, start=begun, minutes=minutes, due=end)
