"""The doctor names what is wrong and how to mend it, and nothing else falls over."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from typer.testing import CliRunner

from jingwei.accounts import guard
from jingwei.accounts.actions import create_user, record
from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.assets.credentials import seal
from jingwei.assets.models import Credential, Endpoint, Target
from jingwei.calendars import actions as calendars
from jingwei.calendars.models import CalendarDay
from jingwei.contract import actions as contracts
from jingwei.reports import fonts
from jingwei.run import doctor, secrets
from jingwei.run.cli import doctor as command
from jingwei.run.doctor import Level, Line, installation, machine

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def only(lines: Iterator[Line]) -> Line:
    """The one line a check gives."""
    (line,) = list(lines)
    return line


def test_this_python_and_this_sqlite_are_fine() -> None:
    assert only(machine.python()).level is Level.OK
    assert only(machine.sqlite()).level is Level.OK


def test_an_old_python_and_an_old_sqlite_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PYTHON", (4, 0))
    monkeypatch.setattr(machine.sqlite3, "sqlite_version_info", (3, 34, 1))
    assert only(machine.python()).level is Level.BAD
    line = only(machine.sqlite())
    assert line.level is Level.BAD
    assert "JINGWEI_DATABASE_URL" in line.mend


def test_a_clock_before_the_software_is_bad() -> None:
    line = only(machine.clock(datetime(2020, 1, 1, tzinfo=UTC)))
    assert (line.level, line.mend) == (Level.BAD, "校准系统时间")


@pytest.mark.parametrize(
    ("said", "level"), [("yes\n", Level.OK), ("no\n", Level.WARN), ("?", Level.OK)]
)
def test_the_clock_is_as_good_as_systemd_says(
    monkeypatch: pytest.MonkeyPatch, said: str, level: Level
) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda _: "/usr/bin/timedatectl")
    answer = subprocess.CompletedProcess([], 0, stdout=said)
    monkeypatch.setattr(machine.subprocess, "run", lambda *_, **__: answer)
    assert only(machine.clock(NOW)).level is level


def test_a_systemd_that_does_not_answer_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("timedatectl", 5)

    monkeypatch.setattr(machine.shutil, "which", lambda _: "/usr/bin/timedatectl")
    monkeypatch.setattr(machine.subprocess, "run", fail)
    assert only(machine.clock(NOW)).level is Level.OK


def test_a_data_folder_that_can_be_written_is_fine_and_left_clean(tmp_path: Path) -> None:
    line = only(machine.folder(tmp_path / "new"))
    assert line.level in {Level.OK, Level.WARN}
    assert list((tmp_path / "new").iterdir()) == []


def test_a_data_folder_that_can_not_be_written_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = only(machine.folder(tmp_path / "file" / "data"))
    assert line.level is Level.BAD
    assert "无法写入" in line.detail
    assert "JINGWEI_DATA" in line.mend


@pytest.mark.parametrize(("free", "level"), [(0.5, Level.BAD), (3, Level.WARN), (50, Level.OK)])
def test_a_full_disk_is_seen_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: float, level: Level
) -> None:
    usage = type("Usage", (), {"free": int(free * 1024**3)})
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)
    assert only(machine.folder(tmp_path)).level is level


def test_a_key_file_is_private_or_told(tmp_path: Path) -> None:
    assert only(machine.key_file(tmp_path)).level is Level.WARN
    path = tmp_path / "secret.key"
    secrets.master_key(path)
    assert only(machine.key_file(tmp_path)).level is Level.OK
    path.chmod(0o644)
    line = only(machine.key_file(tmp_path))
    assert (line.level, line.mend) == (Level.BAD, f"chmod 600 {path}")
    path.write_text("broken")
    assert "已损坏" in only(machine.key_file(tmp_path)).detail


def test_missing_fonts_are_told_with_the_package_that_brings_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none() -> None:
        raise fonts.FontsMissingError

    monkeypatch.setattr(fonts, "find", none)
    line = only(machine.fonts())
    assert line.level is Level.BAD
    assert "fonts-noto-cjk" in line.mend


def test_no_right_to_ping_is_a_warning_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError

    assert only(machine.icmp()).level in {Level.OK, Level.WARN}
    monkeypatch.setattr(machine.socket, "socket", refuse)
    line = only(machine.icmp())
    assert line.level is Level.WARN
    assert "ping_group_range" in line.mend


def test_a_free_port_is_fine_and_a_taken_one_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
        line = only(machine.port(number))
        assert line.level is Level.WARN
        assert f"--port {number + 1}" in line.mend
    assert only(machine.port(number)).level is Level.OK


def test_a_port_that_is_ours_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_answers", lambda _: True)
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        line = only(machine.port(ours.getsockname()[1]))
    assert (line.level, "正在运行的静卫" in line.detail) == (Level.OK, True)


def test_missing_test_servers_are_only_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda *_, **__: None)
    tested, compared = machine.peers()
    assert (tested.level, compared.level) == (Level.WARN, Level.WARN)
    assert "apt-get install chromium mariadb-server snmpd" in tested.mend
    assert "redis-server（Redis）" in tested.detail
    assert "对真实服务的测试会跳过，运行不受影响" in tested.detail
    assert "nginx（HTTP 与证书）" in compared.detail
    assert "不能与真实软件手工对照" in compared.detail


def test_what_is_there_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_absent", lambda _: False)
    tested, compared = machine.peers()
    assert (tested.level, compared.level) == (Level.OK, Level.OK)
    assert "prometheus" in tested.detail


def test_full_installs_what_the_doctor_names_and_takes_only_known_words() -> None:
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    text = (scripts / "install").read_text("utf-8")
    full = text.split('packages_full="')[1].split('"')[0]
    packages = {pair.split(":")[0] for pair in full.split()}
    assert packages >= {package for package, _ in machine._COMPARED.values()}
    assert len(packages) == 13
    wrong = subprocess.run(
        [scripts / "install", "everything"], capture_output=True, text=True, check=False
    )
    said = "scripts/install: run, full or dev, not everything\n"
    assert (wrong.returncode, wrong.stderr) == (2, said)


@pytest.mark.django_db
def test_a_migrated_database_is_fine() -> None:
    assert [line.level for line in installation.database()] == [Level.OK]


@pytest.mark.django_db
def test_missing_migrations_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.MigrationExecutor, "migration_plan", lambda *_: ["one", "two"])
    line = list(installation.database())[-1]
    assert line.level is Level.BAD
    assert "2 个升级步骤" in line.detail


@pytest.mark.django_db
def test_an_unreachable_database_hides_what_needs_it_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    lines = doctor.examine(tmp_path, NOW)
    names = [line.name for line in lines]
    assert "审计链" not in names
    assert lines[-1].detail == "数据库未就绪，其余各项未检查"
    assert "中文字体" in names


@pytest.mark.django_db
def test_an_intact_chain_is_fine_and_a_broken_one_is_named() -> None:
    record("张三", "login", now=NOW)
    record("张三", "logout", now=NOW)
    assert only(installation.audit(NOW)).level is Level.OK
    with connection.cursor() as cursor:
        guard.lift(cursor.execute, connection.vendor)
    assert "触发器缺失" in only(installation.audit(NOW)).detail
    AuditEntry.objects.filter(sequence=2).update(actor="别人")
    with connection.cursor() as cursor:
        guard.stand(cursor.execute, connection.vendor)
    line = only(installation.audit(NOW))
    assert (line.level, "第 2 条断开" in line.detail) == (Level.BAD, True)


@pytest.mark.django_db
def test_a_clock_that_went_back_is_seen_in_the_chain() -> None:
    record("张三", "login", now=NOW + timedelta(hours=2))
    lines = list(installation.audit(NOW))
    assert [(line.name, line.level) for line in lines] == [
        ("时钟", Level.BAD), ("审计链", Level.OK),
    ]  # fmt: skip


@pytest.mark.django_db
def test_without_people_or_without_an_administrator_nobody_can_help_himself() -> None:
    assert only(installation.people()).level is Level.WARN
    create_user("zhang", Role.FIRST_LINE, by="命令行", now=NOW)
    assert only(installation.people()).level is Level.BAD
    create_user("boss", Role.SYSTEM_ADMIN, by="命令行", now=NOW)
    line = only(installation.people())
    assert (line.level, line.detail) == (Level.OK, "2 个在用账号")
    User.objects.filter(username="boss").update(is_active=False)
    assert only(installation.people()).level is Level.BAD


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "level"),
    [
        ("2026-11-23", Level.OK),
        ("2026-12-02", Level.WARN),
        ("2025-06-01", Level.OK),
        ("2031-01-01", Level.BAD),
    ],
)
def test_the_calendar_is_looked_at_for_this_year_and_the_next(day: str, level: Level) -> None:
    calendars.seed(NOW)
    CalendarDay.objects.filter(date__year__gt=2026).delete()
    line = only(installation.calendar(datetime.fromisoformat(f"{day}T04:00:00+00:00")))
    assert line.level is level


@pytest.mark.django_db
def test_an_empty_calendar_is_bad() -> None:
    assert only(installation.calendar(NOW)).detail == "尚未导入"


@pytest.mark.django_db
def test_the_contract_in_force_is_named(content_folder: Path) -> None:
    assert only(installation.contract(NOW)).level is Level.WARN
    contracts.load(content_folder / "contracts" / "jingan-2022", NOW.date())
    contracts.ensure_demo_copy(NOW.date())
    line = only(installation.contract(NOW))
    assert line.level is Level.OK
    assert "演示副本" in line.detail


def endpoint(protocol: str, port: int = 161, **more: Any) -> Endpoint:
    """An endpoint of a device of its own."""
    number = Target.objects.count() + 1
    target = Target.objects.create(key=f"HW-{number:03}", kind="switch", label="交换机")
    return Endpoint.objects.create(
        target=target, protocol=protocol, address="127.0.0.1", port=port, **more
    )


@pytest.mark.django_db
def test_an_endpoint_that_needs_a_login_and_has_none_is_named() -> None:
    endpoint("tcp")
    assert only(installation.endpoints()).level is Level.OK
    endpoint("snmp")
    line = only(installation.endpoints())
    assert (line.level, "HW-002 snmp" in line.detail) == (Level.WARN, True)


@pytest.mark.django_db
def test_a_credential_that_no_longer_opens_is_bad() -> None:
    good = Credential.objects.create(name="好", ciphertext=seal({"community": "x"}, "好"))
    endpoint("snmp", credential=good)
    assert only(installation.endpoints()).level is Level.OK
    Credential.objects.create(name="坏", ciphertext=b"\x01" + os.urandom(40))
    line = only(installation.endpoints())
    assert (line.level, line.detail) == (Level.BAD, "1 项凭据无法解密：坏")


@pytest.mark.django_db
def test_checks_that_nobody_does_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(installation.worker(NOW)).level is Level.OK
    monkeypatch.setattr(installation.checks, "overdue", lambda _: 17)
    line = only(installation.worker(NOW))
    assert (line.level, "17 项" in line.detail) == (Level.WARN, True)


@pytest.mark.django_db
def test_the_region_is_off_running_or_dead() -> None:
    assert only(installation.region()).detail == "未启用"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        endpoint("http", port=server.getsockname()[1], demo=True)
        assert only(installation.region()).level is Level.OK
    assert only(installation.region()).level is Level.WARN


@pytest.mark.django_db
def test_a_check_that_crashes_is_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def crash() -> Iterator[Line]:
        raise RuntimeError("boom")
        yield

    monkeypatch.setattr(machine, "sqlite", crash)
    lines = doctor.examine(tmp_path, NOW)
    crashed = next(line for line in lines if line.name == "SQLite")
    assert (crashed.level, "RuntimeError: boom" in crashed.detail) == (Level.BAD, True)
    assert len(lines) > 10


@pytest.mark.django_db
def test_the_command_gives_json_and_an_exit_code() -> None:
    calendars.seed(NOW)
    create_user("boss", Role.SYSTEM_ADMIN, by="命令行", now=NOW)
    result = CliRunner().invoke(command.app, ["--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == (0 if said["ok"] else 1)
    assert {"name", "level", "detail", "mend"} == set(said["checks"][0])
    assert all(check["mend"] for check in said["checks"] if check["level"] != "ok")


@pytest.mark.django_db
def test_one_fault_makes_the_exit_code_1_and_is_shown_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [doctor.ok("甲", "好"), doctor.bad("乙", "坏了", "修它")]
    monkeypatch.setattr(command, "examine", lambda *_: lines)
    result = CliRunner().invoke(command.app, [])
    assert result.exit_code == 1
    assert "→ 修它" in result.stdout
    assert "共 2 项：正常 1，注意 0，故障 1" in result.stdout


@pytest.mark.django_db
def test_warnings_alone_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "examine", lambda *_: [doctor.warn("甲", "小事", "随便")])
    assert CliRunner().invoke(command.app, []).exit_code == 0


@pytest.mark.django_db
def test_looking_changes_nothing() -> None:
    before = AuditEntry.objects.count(), CalendarDay.objects.count()
    doctor.examine(settings.JINGWEI_DATA, NOW)
    assert (AuditEntry.objects.count(), CalendarDay.objects.count()) == before
