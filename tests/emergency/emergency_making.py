"""What tests of emergencies are made of: people to call, a system, an event."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Application, Person, Site, System
from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.emergency import actions
from jingwei.emergency.actions import Declaration
from jingwei.emergency.models import Drill, DrillKind, Emergency, Level, Plan, PlanStep
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant

EVE = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)  # the last working hour before the festival


def at(text: str) -> datetime:
    """An instant in Shanghai, "2023-01-20 17:20"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def person(username: str = "wang", role: str = Role.FIRST_LINE) -> User:
    """Somebody with a role."""
    return User.objects.create_user(
        username, password="a-long-enough-one", full_name=username, role=role
    )


def client(username: str = "gu") -> User:
    """Somebody of the client who approves."""
    return person(username, Role.CLIENT_APPROVER)


def publish() -> None:
    """The State Council's notices of the service year."""
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if day.date.year in (2022, 2023)
    )


def site(code: str = "SITE-1", name: str = "永和路数据中心") -> Site:
    """A site of the tender."""
    return Site.objects.get_or_create(code=code, defaults={"name": name})[0]


def pacs() -> Application:
    """The system the definition of level 1 names."""
    of = System.objects.create(number=8, name="区域PACS")
    return Application.objects.create(
        code="APP-10", short="PACS-N", row_no=10, name="区域PACS（北片）", system=of,
        coverage="jingan-north", core="yes",
    )  # fmt: skip


def people() -> None:
    """One of each line, and one who has left."""
    for name, line, phone in (
        ("陈经理", "manager", "13800000001"), ("李一线", "first", "13800000002"),
        ("周二线", "second", "13800000003"), ("顾主任", "client", "13800000004"),
    ):  # fmt: skip
        Person.objects.create(name=name, line=line, phone=phone)
    Person.objects.create(name="旧同事", line="first", valid_to=at("2022-12-01 00:00").date())


def declared(by: User, when: datetime = EVE, **more: Any) -> Emergency:
    """An event declared when it happened, unless said otherwise."""
    site()
    given: dict[str, Any] = {
        "title": "PACS 不可用", "level": Level.ONE, "importance": "招标文件点名的核心系统",
        "hours": "节前最后一个工作时段", "damage": "业务中断", "detected_at": when,
        "reported_at": when,
    }  # fmt: skip
    now = more.pop("now", when)
    return actions.declare(Declaration(**{**given, **more}), by, now)


def note(emergency: Emergency, instant: Instant, when: datetime, by: User, **more: Any) -> None:
    """An instant with the version as it stands, written down when it happened."""
    now = more.pop("now", when)
    actions.note(emergency, instant, when, by, now, version=emergency.version, **more)


def plan(key: str = "pacs-down", steps: int = 3) -> Plan:
    """A plan with some steps."""
    made = Plan.objects.create(
        key=key, version=1, title="PACS 不可用", scope="区域PACS", signs="调阅失败", level=1,
        digest="0" * 64, loaded_at=EVE,
    )  # fmt: skip
    for number in range(1, steps + 1):
        PlanStep.objects.create(
            plan=made, position=number, phase="first", text=f"步骤 {number}", who="一线", within=5
        )
    return made


def drill(by: User, number: str = "YL-2023-001") -> Drill:
    """A planned drill."""
    return Drill.objects.create(
        number=number, title="PACS 演练", kind=DrillKind.TABLETOP, scenario="pacs", level=1,
        plan=plan(f"drill-{number}".lower()), planned_at=EVE, background="演练", created_at=EVE,
        created_by=by,
    )  # fmt: skip


def contract_folder() -> Path:
    """The shipped contract."""
    return Path(sys.modules[__name__].__file__ or "").parents[2] / "content/contracts/jingan-2022"
