"""A small district for the pages: an application, an array, a room, an IDS; one day's sheet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from jingwei.assets.models import (
    Application,
    AssetRow,
    Endpoint,
    Institution,
    Room,
    Site,
    System,
    Target,
    Unit,
)
from jingwei.checks.actions import Answer, write_answers
from jingwei.checks.models import (
    Check,
    CheckState,
    Finding,
    Observation,
    RoutineRun,
    Series,
    StateChange,
)
from jingwei.terms import Result

PASSWORD = "Right-Horse-9"
SignIn = Callable[..., Client]


@dataclass
class World:
    """What the tests point at."""

    today: date
    run: RoutineRun
    array: Target
    room: Target
    pacs: Target
    ids: Target
    check: Check  # room temperature, abnormal
    disk: Check
    finding: Finding
    endpoint: Endpoint


def make_world() -> World:
    """Temperature is too high, a disk is about to fail, the rest is well; the IDS waits."""
    now = timezone.now()
    site = Site.objects.create(code="SITE-1", name="永和路数据中心")
    array = _unit(site, 16, "storage", "华为OceanStor 5500V3")
    ids = _unit(site, 29, "ids", "入侵检测（外网）")
    room_row = Room.objects.create(code="ROOM-01", name="永和路机房", site=site)
    room = Target.objects.create(
        key="ROOM-01", kind="room", label="永和路机房", room=room_row, order=30
    )
    system = System.objects.create(number=1, name="区域PACS")
    Institution.objects.create(code="I-1", name="市北医院", area="N", kind="hospital-l2")
    application = Application.objects.create(
        code="APP-10", short="PACSN", row_no=10, name="区域PACS（北片）", system=system,
        coverage="jingan-north",
    )  # fmt: skip
    pacs = Target.objects.create(
        key="APP-10", kind="application", label="区域PACS（北片）", application=application, order=1
    )
    endpoint = Endpoint.objects.create(
        target=room, protocol="modbus", address="127.0.0.1", port=1502, demo=True
    )
    temperature = _check(room, "room.temperature", "温度", Result.ABNORMAL, "机房温度 29.4 ℃", now)
    temperature.endpoint = endpoint
    temperature.rules = [
        {"reading": "room.temperature", "label": "机房温度", "unit": "°C",
         "warn": "not 18..27", "crit": "not 18..28", "why": "tender L664"}
    ]  # fmt: skip
    temperature.save()
    disk = _check(array, "storage.disk", "磁盘", Result.ABNORMAL, "磁盘 CTE0.3 预失效", now)
    _check(pacs, "app.available", "健康页", Result.NORMAL, "200，45 ms", now)
    _check(pacs, "app.dicom", "DICOM C-ECHO", Result.NORMAL, "有应答", now)
    hot = _finding(temperature, now)
    run = RoutineRun.objects.create(
        routine="daily", date=timezone.localdate(now), working_day=True, started_at=now,
        finished_at=now,
    )  # fmt: skip
    write_answers(run, [
        Answer("room.temperature", room.pk, Result.ABNORMAL, "机房温度 29.4 ℃", "18–28 ℃",
               "较昨日 +5.1 ℃", finding_id=hot.pk),
        Answer("storage.disk", array.pk, Result.ABNORMAL, "磁盘 CTE0.3 预失效", "正常",
               finding_id=_finding(disk, now).pk),
        Answer("storage.controller", array.pk, Result.NORMAL, "全部健康"),
        Answer("storage.pool", array.pk, Result.NORMAL, "使用率 61 %", "< 80 %"),
        Answer("app.available", pacs.pk, Result.NORMAL, "200，45 ms"),
        Answer("app.dicom", pacs.pk, Result.NORMAL, "有应答"),
        Answer("exchange.arrival", pacs.pk, Result.UNCHECKED, reason="交换数据模块尚未接入"),
        Answer("security.signature", ids.pk, Result.UNCHECKED, reason="待人工检查"),
    ], now)  # fmt: skip
    return World(
        timezone.localdate(now), run, array, room, pacs, ids, temperature, disk, hot, endpoint
    )


def _unit(site: Site, number: int, kind: str, name: str) -> Target:
    row = AssetRow.objects.create(
        code=f"HW-{number:03}", row_no=number, site=site, category="硬件", name_raw=name, name=name,
        purchase_raw="2017.05", purchase_month=date(2017, 5, 1), warranty_years=3, quantity=1,
        tender_status="过保", kind=kind,
    )  # fmt: skip
    unit = Unit.objects.create(code=f"HW-{number:03}-1", row=row, number=1)
    return Target.objects.create(key=unit.code, kind=kind, label=name, unit=unit, order=number)


def _check(target: Target, item: str, label: str, result: Result, reading: str, now: Any) -> Check:
    check = Check.objects.create(
        key=f"{target.key}:{item}", target=target, item=item, label=label, probe="modbus"
    )
    CheckState.objects.create(
        check_ref=check, result=result, soft_result=result, reading=reading, last_at=now,
        since=now - timedelta(hours=2), due=now + timedelta(minutes=5),
        readings=[{
            "key": item, "label": label, "value": 29.4, "unit": "°C", "shown": reading,
            "result": result.value, "seen": result.value, "threshold": "18–28 ℃", "reason": "",
            "limits": [],
        }],
    )  # fmt: skip
    StateChange.objects.create(
        check_ref=check, at=now - timedelta(hours=2), before="unchecked", after=result,
        reading=reading,
    )  # fmt: skip
    series = Series.objects.create(check_ref=check, name=item, unit="°C")
    epoch = int(now.timestamp())
    Observation.objects.bulk_create(
        Observation(series=series, epoch=epoch - 300 * back, code=result.code, value=29.4 - back)
        for back in range(6)
    )
    return check


def _finding(check: Check, now: Any) -> Finding:
    return Finding.objects.create(
        check_ref=check, target=check.target, item=check.item, origin=Finding.Origin.CHECK,
        result=Result.ABNORMAL, opened_at=now - timedelta(hours=2), reading=check.state.reading,
        threshold="18–28 ℃",
    )  # fmt: skip
