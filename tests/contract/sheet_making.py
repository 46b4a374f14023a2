"""A contract of another place whose rounds are made object by object, and how a sheet is filled."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from contract_making import FILES, at, write_contract

from jingwei.assets.models import AssetRow, Site, Target, Unit
from jingwei.contract import actions
from jingwei.contract.actions import Filled
from jingwei.contract.models import Contract
from jingwei.contract.sheets import Answer
from jingwei.terms import Result

NOW = at("2025-04-20 10:00")
ROUTINE = """
[routine]
id = "walk"
label = "逐台巡视"
calendar = "month"
due = "17:30"
start = "08:30"
source = "第二条"

[routine.sheet]
duty = "round"
each = "unit"
fills = { place = "summary" }

[[section]]
id = "all"
number = 1
label = "全部"

[[item]]
id = "walk.lamp"
section = "all"
label = "指示灯"
applies = { kinds = ["*"] }
mode = "manual"
standard = "无告警"

[[item]]
id = "walk.disk"
section = "all"
label = "磁盘"
applies = { kinds = ["storage"] }
mode = "manual"
standard = "健康"
"""
BY_UNIT = FILES["obligations/all.toml"].replace(
    'duty = "round", every = "month"', 'duty = "round", every = "month", objects = "unit"'
)


def make_sheets(folder: Path, today: date = date(2025, 4, 1), **changes: str) -> Contract:
    """The small contract with rounds by unit, its routine, and three units."""
    given = {"all": BY_UNIT} | changes
    actions.load(write_contract(folder / "contracts", **given), today)
    (folder / "routines").mkdir(exist_ok=True)
    (folder / "routines" / "walk.toml").write_text(ROUTINE, encoding="utf-8")
    return Contract.objects.get(code="seaside", version=1)


def make_units() -> list[Target]:
    """A storage and two servers in one room."""
    site, _ = Site.objects.get_or_create(code="SITE-1", defaults={"name": "海滨机房"})
    return [unit(site, 901, "storage"), unit(site, 902, "server"), unit(site, 903, "server")]


def unit(site: Site, number: int, kind: str) -> Target:
    """One unit of a row of its own."""
    row = AssetRow.objects.create(
        code=f"SEA-{number}", row_no=number, site=site, category="硬件", name_raw=kind, name=kind,
        purchase_raw="2023.05", purchase_month=date(2023, 5, 1), warranty_years=3, quantity=1,
        tender_status="过保", kind=kind,
    )  # fmt: skip
    made = Unit.objects.create(code=f"SEA-{number}-1", row=row, number=1, location="A 列 3 柜")
    return Target.objects.create(key=made.code, kind=kind, label=kind, unit=made, order=number)


def answers(*items: str, **other: Answer) -> dict[str, Answer]:
    """Every item 正常; `lamp=`, `disk=` give another answer."""
    given = {f"walk.{name}": Answer(Result.NORMAL) for name in items or ("lamp",)}
    return given | {f"walk.{name}": answer for name, answer in other.items()}


def filled(key: str = "k1", now: datetime = NOW, **more: Any) -> Filled:
    """A sheet of the second unit, finished five minutes before it is sent."""
    facts: dict[str, Any] = {
        "routine": "walk", "key": key, "began": now - timedelta(minutes=9),
        "finished": now - timedelta(minutes=5), "sent": now, "answers": answers(),
        "object": "SEA-902-1", "fields": {"result": "运行平稳"},
    } | more  # fmt: skip
    return Filled(**facts)
