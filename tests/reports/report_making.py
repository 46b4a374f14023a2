"""A small register with one answered day, for the tests of reports that need a database."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from jingwei.accounts import guard
from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.calendars.models import CalendarDay
from jingwei.checks.actions import Answer, write_answers
from jingwei.checks.models import Finding, FindingNote, RoutineRun
from jingwei.contract.models import Contract
from jingwei.reports import actions, queries
from jingwei.reports import guard as reports_guard
from jingwei.reports.models import Report
from jingwei.terms import SHANGHAI, Result

NOW = datetime(2026, 11, 20, 8, 40, tzinfo=SHANGHAI)  # a Friday


@dataclass
class Day:
    """What the tests point at."""

    run: RoutineRun
    room: Target
    application: Target
    hot: Finding


def make_day() -> Day:
    """A room too hot and an application in order, answered on the morning of a Friday."""
    Contract.objects.create(
        code="jingan-2022", title="静安区区域卫生信息平台日常运维",
        client="上海市静安区卫生信息中心", period_start=NOW.date(), period_end=NOW.date(),
    )  # fmt: skip
    CalendarDay.objects.create(date=NOW.date(), working=True, source="test")
    room = Target.objects.create(key="ROOM-01", kind="room", label="永和路机房", order=2)
    application = Target.objects.create(
        key="APP-01", kind="application", label="区域平台（一期）", order=1
    )
    hot = Finding.objects.create(
        target=room, item="room.temperature", origin=Finding.Origin.CHECK, result=Result.ABNORMAL,
        opened_at=NOW.replace(hour=6, minute=5), reading="机房温度 29.4 ℃", threshold="18–28 ℃",
    )  # fmt: skip
    FindingNote.objects.create(
        finding=hot, at=NOW.replace(hour=7), by_name="王磊", text="已通知空调厂家"
    )
    run = RoutineRun.objects.create(
        routine="daily", date=NOW.date(), working_day=True,
        started_at=NOW.replace(hour=6, minute=0), finished_at=NOW.replace(hour=6, minute=1),
        header={"weather": "多云", "inspector": "王磊", "reviewer": "陈思远",
                "present": "王磊、陈思远，李婷 赵敏"},
    )  # fmt: skip
    write_answers(
        run,
        [
            Answer("room.temperature", room.pk, Result.ABNORMAL, "机房温度 29.4 ℃", "18–28 ℃",
                   finding_id=hot.pk),
            Answer("room.humidity", room.pk, Result.NORMAL, "51 %RH", "35–75 %"),
            Answer("room.leak", room.pk, Result.UNCHECKED, reason="无漏水探测通道"),
            Answer("app.available", application.pk, Result.NORMAL, "状态码 200；自检 UP"),
            Answer("exchange.arrival", application.pk, Result.UNCHECKED,
                   reason="交换数据模块尚未接入"),
        ],
        NOW.replace(hour=6, minute=1),
    )  # fmt: skip
    return Day(run, room, application, hot)


def behind(statement: str, *values: object) -> None:
    """Whoever owns the database takes the guards away, changes a row, and sets them again."""
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor)
        reports_guard.lift(cursor.execute, connection.vendor)
        cursor.execute(statement, values)
        guard.stand(cursor.execute, connection.vendor)
        reports_guard.stand(cursor.execute, connection.vendor)


def ready(report: Report, now: datetime) -> Report:
    """Every place written and the version reviewed by somebody else, as a submission demands."""
    writer, reader = (
        User.objects.get_or_create(username=name, defaults={"role": role, "full_name": name})[0]
        for name, role in (("writer", "first_line"), ("reader", "second_line"))
    )
    for each in queries.asked(report):
        actions.state_place(report, each.place.key, "本期无", writer, now)
    return actions.review(report, reader, now)
