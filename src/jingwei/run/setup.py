"""Making an installation whole: tables, calendar, contract, register, checks, first administrator.

Every step looks before it acts, so any start may run all of them.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from jingwei.accounts import actions as accounts
from jingwei.assets import actions as assets
from jingwei.assets.models import AssetRow
from jingwei.calendars import actions as calendars
from jingwei.checks import actions as checks
from jingwei.contract import actions as contract
from jingwei.emergency import actions as emergency
from jingwei.run import clock, policies, routine
from jingwei.run.drills import scenarios


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparing came to. `administrator` is (user name, password), once, at a first start."""

    first: bool
    administrator: tuple[str, str] | None


def prepare(say: Callable[[str], None] = lambda _: None, *, administrator: bool = True) -> Prepared:
    """Bring the installation to where it can work. Raises ContentError, SeedError, DatabaseError.

    `say` is told in Chinese what is being done, for people who wait. Without `administrator` no
    account is made: its password is shown once, and only `up` has somebody to show it to.
    """
    with _alone():
        return _prepare(say, administrator=administrator)


def ensure(say: Callable[[str], None] = lambda _: None) -> None:
    """For commands that work alone: an up-to-date database, and the rest where it is missing.

    The register is written nearly last and whole, so its absence tells of a start cut short.
    """
    with _alone():
        if _migrate(say) or not AssetRow.objects.exists():
            _prepare(say, administrator=False)


def migrate(say: Callable[[str], None] = lambda _: None) -> bool:
    """Bring the tables up to date; True when there were none before."""
    with _alone():
        return _migrate(say)


@contextmanager
def _alone() -> Iterator[None]:
    """One process of this folder at a time: two that make the same tables at once collide."""
    path = Path(settings.JINGWEI_DATA) / "setup.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepare(say: Callable[[str], None], *, administrator: bool) -> Prepared:
    policies.check()  # before anything is written
    first = _migrate(say)
    now = clock.now()
    accounts.restore_guard(now)
    calendars.seed(now)
    for folder in contracts():
        contract.load(folder, clock.today())
    contract.ensure_demo_copy(clock.today())
    plans = [plan for folder in contracts() for plan in emergency.load_plans(folder, now)]
    emergency.retire_plans(plans, now)
    scenarios.need_plans({plan.key for plan in plans})
    if not AssetRow.objects.exists():
        for folder in contracts():
            say("正在登记资产台账")
            assets.seed(folder, now=now)
    checks.sync_checks(routine.load_devices(), clock.now())
    return Prepared(first, accounts.first_administrator(now) if administrator else None)


def _migrate(say: Callable[[str], None]) -> bool:
    executor = MigrationExecutor(connection)
    first = not executor.loader.applied_migrations
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("正在建立数据库" if first else "正在升级数据库")
        call_command(
            "migrate", database=DEFAULT_DB_ALIAS, interactive=False, verbosity=0, skip_checks=True
        )
    return first


def contracts() -> list[Path]:
    """The contract folders of the content."""
    folder = Path(settings.JINGWEI_CONTENT) / "contracts"
    return sorted(path.parent for path in folder.glob("*/contract.toml"))
