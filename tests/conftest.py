"""What every test shares: a data folder of its own, loopback-only sockets, cheap passwords."""

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before Django reads its settings: each process (each xdist worker too) has its own folder. That is
# why the settings are named here and not in pyproject.toml: pytest-django would read them first.
DATA = tempfile.mkdtemp(prefix="jingwei-test-")
os.environ["JINGWEI_DATA"] = DATA
Path(DATA, "static").mkdir()  # whitenoise wants it there
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
REAL_SERVERS = ("peers", "browser", "region")


class OffLoopbackError(RuntimeError):
    """A test tried to reach something that is not this machine."""


def _stay_home(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: connect, sendto, sendmsg and name look-ups of every thread, TCP and UDP."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        opened, address = arguments
        inet = opened.family in {socket.AF_INET, socket.AF_INET6}
        if inet and address is not None and not _is_loopback(address[0]):
            raise OffLoopbackError(f"{event} to {address}: tests stay on loopback")
    elif event == "socket.getaddrinfo" and not _is_home(arguments[0]):
        raise OffLoopbackError(f"look-up of {arguments[0]!r}: tests stay on loopback")


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    except ValueError:
        return host in {"localhost", ""}


def _is_home(host: str | bytes | None) -> bool:
    """A look-up that needs no name server: nothing, a number, or this machine's own names."""
    name = host.decode() if isinstance(host, bytes) else host or "localhost"
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name in {"localhost", "localhost.", socket.gethostname()}
    return True


sys.addaudithook(_stay_home)


def pytest_configure() -> None:
    """Read the settings now, and only here: xdist's workers inherit what is left in `environ`."""
    import django

    django.setup()
    os.environ.pop("DJANGO_SETTINGS_MODULE")


def pytest_unconfigure() -> None:
    """Leave nothing behind in /tmp."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes starts first, or one worker ends alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a test against real servers may not be skipped: its packages must be there.

    A laptop without MariaDB skips with the reason; CI (CI=true, as root) installs all of it, so a
    skip there means the install step is broken.
    """
    outcome: Any = yield  # type: ignore[misc]
    report = outcome.get_result()
    wanted = any(item.get_closest_marker(name) for name in REAL_SERVERS)
    in_ci = os.environ.get("CI") == "true" and os.geteuid() == 0
    if report.skipped and wanted and in_ci and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"must not be skipped in CI: {report.longrepr}"


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in life: a database in memory locks in another way than WAL does."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(Path(DATA) / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> tuple[str, ...]:
    """The tables of facts that the migrations alone leave unguarded, looked at before any test.

    Afterwards nobody could tell: the fixture below sets what is missing.
    """
    from django.db import connection

    from jingwei.accounts import guard
    from jingwei.run import paths

    if connection.vendor == "sqlite":
        paths.private(Path(connection.settings_dict["NAME"]))  # as settings do in life
    with django_db_blocker.unblock():
        return guard.missing()


@pytest.fixture(autouse=True)
def _facts_can_be_flushed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lifts the append-only guards while a transactional test is cleaned up, and only then.

    Such a test commits, and is cleaned up by emptying every table, which the guard refuses. The
    next test with a database, of whatever file the worker is handed, finds it standing again.
    """
    if not _commits(request):
        if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
            request.getfixturevalue("db")
            _guard(stand=True)
        yield
        return
    request.getfixturevalue("transactional_db")
    _guard(stand=True)
    yield
    _guard(stand=False)


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and bool(marker.kwargs.get("transaction") or marker.args[:1])
    return marked or bool({"transactional_db", "live_server"} & set(request.fixturenames))


def _guard(*, stand: bool) -> None:
    from django.db import connection

    from jingwei.accounts import guard

    if guard.stands() != stand:
        with connection.cursor() as cursor:
            (guard.stand if stand else guard.lift)(cursor.execute, connection.vendor)


@pytest.fixture
def content_folder() -> Path:
    """The shipped content of this checkout."""
    return Path(__file__).resolve().parent.parent / "content"
