"""Where a year is played: an empty database, its contract marked as a demonstration, its people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.checks.models import RoutineRun
from jingwei.contract.models import Contract, Document, DutyRecord
from jingwei.desk.models import Ticket
from jingwei.emergency.models import Emergency
from jingwei.region.year.days import FIRST, LAST
from jingwei.region.year.places import FIRST_LINE, SECOND_LINE

BY = "演示年度"
_SUFFIX = "-year"


class OccupiedError(Exception):
    """The database holds somebody's work already: a year is only played into an empty one."""


@dataclass
class Stage:
    """The contract of the year, who acts, and what the facts' keys became."""

    contract: Contract
    manager: User
    engineer: User
    second: User
    client: User
    other_client: User
    people: dict[str, Person]
    numbers: dict[str, str] = field(default_factory=dict)
    keys: Iterator[int] = field(default_factory=count)


def contract_of() -> Contract | None:
    """The marked copy a year is played under; None where none was played."""
    rows = Contract.objects.filter(code__endswith=_SUFFIX, period_start=FIRST)
    return rows.select_related("copy_of").first()


def raise_stage(now: datetime) -> Stage:
    """The stage in a database that `setup.prepare` has made. Raises OccupiedError."""
    for model in (Ticket, Emergency, RoutineRun, Document, DutyRecord):
        if model._default_manager.exists():
            raise OccupiedError(f"数据库中已有{model._meta.verbose_name}，只能写入空的数据库")
    signed = Contract.objects.get(copy_of=None, period_start=FIRST, period_end=LAST)
    contract = Contract.objects.create(
        code=f"{signed.code}{_SUFFIX}", title=signed.title, client=signed.client,
        provider=signed.provider, period_start=FIRST, period_end=LAST, copy_of=signed,
        source=f"演示副本：模拟的合同年；{signed.source}",
    )  # fmt: skip

    def user(name: str, role: Role, label: str) -> User:
        return accounts.create_user(name, role, full_name=label, by=BY, now=now)[0]

    return Stage(
        contract,
        user("year-manager", Role.MANAGER, "演示经理"),
        user("year-engineer", Role.FIRST_LINE, "演示驻场"),
        user("year-second", Role.SECOND_LINE, "演示二线"),
        user("year-client", Role.CLIENT_APPROVER, "演示甲方"),
        user("year-client-2", Role.CLIENT_ADMIN, "演示甲方管理员"),
        people=_people(),
    )


def _people() -> dict[str, Person]:
    found = {}
    for names, line in ((FIRST_LINE, Person.Line.FIRST), (SECOND_LINE, Person.Line.SECOND)):
        for name in names:
            found[name] = Person.objects.create(
                name=name, line=line, sample=True, valid_from=date(2022, 10, 1)
            )
    return found
