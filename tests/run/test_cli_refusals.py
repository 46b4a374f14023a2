"""What the command line says when content, disk, dates or targets are not as they should be."""

import errno
import json
import logging
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import check_making as making
import pytest
from check_making import saw
from django.db import DatabaseError
from typer.testing import CliRunner

from jingwei.checks import actions
from jingwei.checks.actions import BadInputError
from jingwei.checks.models import RoutineRun
from jingwei.rules.document import ContentError
from jingwei.run import cli, clock, paths, routine, setup
from jingwei.run.cli import assets, check, contract, region, report
from jingwei.run.doctor import Level, installation, machine
from jingwei.terms import Result as Word


def raising(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_: object, **__: object) -> NoReturn:
        raise error

    return fail


def ended_with(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit code and words of a `jingwei` whose command raises `error`."""
    monkeypatch.setattr(cli, "build", lambda: raising(error))
    monkeypatch.setattr("jingwei.run.logs.configure", lambda *_, **__: None)
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(str(left.value.code)), capsys.readouterr().err


# -- errors no command catches itself


def test_wrong_content_at_a_first_start_is_one_sentence_with_file_and_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ContentError("devices/room.toml", 25, "unit：应为其中之一：°C；得到 'furlong'")
    code, said = ended_with(error, monkeypatch, capsys)
    assert code == 2
    assert "devices/room.toml:25: unit" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        DatabaseError("database or disk is full"),
        DatabaseError("could not extend file: No space left on device"),
    ],
)
def test_a_full_disk_is_called_a_full_disk(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = ended_with(error, monkeypatch, capsys)
    assert code == 2
    assert said.startswith("错误：磁盘已满（")
    assert "jingwei up" not in said


def test_another_error_of_the_system_is_not_taken_for_a_full_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "build", lambda: raising(ConnectionError("x")))
    with pytest.raises(ConnectionError):
        cli.main()


def test_another_database_error_still_points_to_the_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = ended_with(DatabaseError("file is not a database"), monkeypatch, capsys)
    assert code == 2
    assert "jingwei doctor" in said


def test_a_region_that_breaks_says_one_sentence_and_logs_the_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jingwei.run.district.peers", list)
    monkeypatch.setattr("jingwei.run.district.needs", list)
    monkeypatch.setattr("jingwei.run.logs.configure", lambda *_, **__: None)
    monkeypatch.setattr("jingwei.region.serve", raising(RuntimeError("disk full")))
    with caplog.at_level(logging.ERROR):
        ended = CliRunner().invoke(region.app, ["serve"])
    assert ended.exit_code == 1
    assert "演示区域未能运行：RuntimeError：disk full" in ended.output
    assert any(record.exc_info for record in caplog.records)


# -- check status, check list, check run


@pytest.fixture
def room(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routine, "load_devices", list)
    monkeypatch.setattr(setup, "ensure", lambda: None)
    made = making.check(making.target())
    actions.record([saw(made, making.celsius(24), confirmed=True, at=clock.now())])


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("command", ["status", "list"])
def test_an_unknown_target_is_refused_and_not_shown_as_no_checks(command: str) -> None:
    ended = CliRunner().invoke(check.app, [command, "--target", "HW-999-9", "--json"])
    assert ended.exit_code == 2
    assert "登记里没有 HW-999-9" in json.loads(ended.stdout)["error"]


@pytest.mark.usefixtures("room")
def test_a_run_that_checked_nothing_never_says_normal() -> None:
    ended = CliRunner().invoke(check.app, ["run", "daily"])
    assert ended.exit_code == 0
    assert "已检 0" in ended.stdout
    assert f"{Word.UNCHECKED.sign} {Word.UNCHECKED.label}：没有一项得到检查" in ended.stdout
    assert "没有异常" not in ended.stdout


@pytest.mark.usefixtures("room")
def test_a_past_day_is_not_filled_with_the_readings_of_today() -> None:
    yesterday = clock.today() - timedelta(days=1)
    ended = CliRunner().invoke(check.app, ["run", "daily", "--date", str(yesterday), "--json"])
    assert ended.exit_code == 2
    assert "现在的读数不能说明当日情况" in json.loads(ended.stdout)["error"]
    with pytest.raises(BadInputError, match="已过"):
        actions.request_routine("daily", yesterday, "tester", clock.now())
    assert not RoutineRun.objects.exists()


# -- assets


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["garbage", "2026-02-30", "9999-99-99"])
def test_a_wrong_date_is_told_in_chinese(text: str) -> None:
    ended = CliRunner().invoke(assets.app, ["summary", "--as-of", text])
    assert ended.exit_code == 2
    assert f"--as-of 应为 YYYY-MM-DD 格式的日期，得到“{text}”" in ended.output


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["garbage", "2026-02-30", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("app", "asked"),
    [
        (assets.app, ["summary", "--as-of"]),
        (assets.app, ["export", "never-written.xlsx", "--as-of"]),
        (check.app, ["run", "daily", "--date"]),
        (check.app, ["status", "--as-of"]),
        (report.app, ["build", "daily", "--date"]),
        (report.app, ["list", "--from"]),
        (report.app, ["list", "--to"]),
        (contract.app, ["duties", "--from"]),
        (contract.app, ["duties", "--to"]),
    ],
)
def test_a_wrong_date_is_json_where_json_was_asked_for(
    app: Any, asked: list[str], text: str
) -> None:
    ended = CliRunner().invoke(app, [*asked, text, "--json"])
    assert ended.exit_code == 2, ended.output
    assert asked[-1] in json.loads(ended.stdout)["error"]


def test_a_file_that_is_not_there_is_told_in_chinese(tmp_path: Path) -> None:
    absent = CliRunner().invoke(assets.app, ["import", str(tmp_path / "x.csv"), "--json"])
    assert absent.exit_code == 2
    assert "没有这个文件" in json.loads(absent.stdout)["errors"][0]["message"]
    folder = CliRunner().invoke(assets.app, ["import", str(tmp_path), "--json"])
    assert "这是一个文件夹" in json.loads(folder.stdout)["errors"][0]["message"]


# -- doctor


def test_the_content_shipped_is_fine() -> None:
    (line,) = installation.content()
    assert line.level is Level.OK
    assert "个设备型号" in line.detail


def test_the_doctor_names_file_and_line_of_a_wrong_unit(tmp_path: Path, settings: Any) -> None:
    shutil.copytree(paths.content_folder(), tmp_path / "content")
    settings.JINGWEI_CONTENT = tmp_path / "content"
    room_file = tmp_path / "content" / "devices" / "room.toml"
    lines = room_file.read_text(encoding="utf-8").splitlines()
    number = next(n for n, text in enumerate(lines, 1) if 'unit = "°C"' in text)
    lines[number - 1] = lines[number - 1].replace('"°C"', '"furlong"')
    room_file.write_text("\n".join(lines), encoding="utf-8")
    (line,) = installation.content()
    assert line.level is Level.BAD
    assert "room.toml:" in line.detail
    assert "furlong" in line.detail
    assert "add-a-check" in line.mend


def test_the_doctor_leaves_no_file_behind_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, _: bytes) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    (line,) = machine.folder(tmp_path)
    assert line.level is Level.BAD
    assert list(tmp_path.iterdir()) == []
