"""Wrong usage of the command line: Chinese first, English under it, exit code 2."""

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import pytest
import typer

from jingwei.run import cli

Said = Callable[..., tuple[int, list[str]]]


class Calendar(StrEnum):
    WORK = "5x8"
    WALL = "7x24"


def tree() -> typer.Typer:
    """A command like ours."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

    @app.command()
    def due(
        minutes: Annotated[int, typer.Option(min=1, max=60)],
        calendar: Annotated[Calendar, typer.Option()] = Calendar.WORK,
        name: Annotated[str, typer.Argument(metavar="单号")] = "",
    ) -> None:
        typer.echo(f"{minutes} {calendar} {name}")
        if minutes == 13:
            raise typer.Exit(1)
        if minutes == 14:
            raise typer.BadParameter("不是工作日历的分钟数")
        if minutes == 15:
            raise typer.Abort

    @app.command()
    def show(number: Annotated[str, typer.Argument(metavar="单号")]) -> None:
        typer.echo(number)

    return app


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*words: str) -> tuple[int, list[str]]:
        monkeypatch.setattr(cli, "build", tree)
        monkeypatch.setattr(sys, "argv", ["jingwei", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(str(left.value.code)), capsys.readouterr().err.splitlines()

    return run


@pytest.mark.parametrize(
    ("words", "chinese", "english"),
    [
        (["due", "--minute", "3"], "没有选项“--minute”，是否为 --minutes", "No such option"),
        (["due"], "缺少选项“--minutes”", "Missing option '--minutes'"),
        (["show"], "缺少参数“单号”", "Missing argument"),
        (["due", "--minutes", "x"], "选项“--minutes”的值无效：应为整数", "Invalid value"),
        (["due", "--minutes", "61"], "选项“--minutes”的值无效：应", "Invalid value"),
        (["due", "--minutes", "0"], "选项“--minutes”的值无效：应", "Invalid value"),
        (["due", "--minutes"], "选项“--minutes”后面须有值", "requires an argument"),
        (["due", "--minutes", "3", "--calendar", "9x9"], "应为其中之一：'5x8', '7x24'", "9x9"),
        (["due", "--minutes", "3", "a", "b"], "多余的参数：b", "unexpected extra"),
        (["nix"], "没有命令“nix”", "No such command"),
        (["due", "--minutes", "14"], "不是工作日历的分钟数", "Invalid value"),
    ],
)
def test_wrong_usage_is_told_in_both_languages(
    said: Said, words: list[str], chinese: str, english: str
) -> None:
    code, lines = said(*words)
    assert code == 2
    assert lines[0].startswith("错误：")
    assert chinese in lines[0]
    assert english in lines[1]
    assert "Traceback" not in "\n".join(lines)


def test_help_is_named_where_the_command_is_known(said: Said) -> None:
    _, lines = said("due", "--nix")
    assert lines[-1].startswith("用法见：")
    assert lines[-1].endswith("jingwei due --help")


def test_a_commands_own_no_and_its_yes_keep_their_codes(said: Said) -> None:
    assert said("due", "--minutes", "13") == (1, [])
    assert said("due", "--minutes", "12") == (0, [])
    assert said("--help") == (0, [])


def test_who_stops_a_command_gets_one_and_a_word(said: Said) -> None:
    assert said("due", "--minutes", "15") == (1, ["已中止。", "Aborted."])


def test_no_command_at_all_shows_the_help_once(said: Said) -> None:
    code, lines = said()
    assert (code, [line for line in lines if line.startswith("错误")]) == (2, [])
