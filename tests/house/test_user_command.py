"""jingwei user: the rules of the pages, passwords shown once, exit codes that mean something."""

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from jingwei.accounts import queries
from jingwei.accounts.models import User
from jingwei.run.cli.user import app

pytestmark = pytest.mark.django_db


def run(*arguments: str, said: str = "") -> Result:
    """One command."""
    return CliRunner().invoke(app, list(arguments), input=said)


def told(*arguments: str) -> Any:
    """What one command says to a machine."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_new_account_is_told_with_its_password_once() -> None:
    made = told("add", "zhang", "--role", "first_line", "--full-name", "张三")
    user = User.objects.get()
    assert user.check_password(made["password"])
    assert (made["username"], made["role"], made["full_name"]) == ("zhang", "first_line", "张三")
    assert made["must_change_password"] is True
    assert "password" not in told("list")[0]


def test_people_read_it_in_words() -> None:
    result = run("add", "zhang", "--role", "manager")
    assert "已新建：zhang（项目负责人）" in result.stdout
    assert "密码（只显示这一次）：" in result.stdout


def test_a_password_can_be_typed_and_is_then_not_shown() -> None:
    result = run(
        "add", "zhang", "--role", "manager", "--ask", said="Kunlun-7391-xq\nKunlun-7391-xq\n"
    )
    assert result.exit_code == 0
    assert "Kunlun" not in result.stdout
    assert User.objects.get().check_password("Kunlun-7391-xq")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "zhang", "--role", "boss"), "没有角色“boss”"),
        (("add", "a b", "--role", "visitor"), "用户名"),
        (("reset", "nobody"), "没有用户“nobody”"),
        (("role", "nobody", "visitor"), "没有用户“nobody”"),
        (("deactivate", "nobody"), "没有用户“nobody”"),
        (("reactivate", "nobody"), "没有用户“nobody”"),
    ],
)
def test_a_refusal_is_exit_code_1_with_the_reason(arguments: tuple[str, ...], why: str) -> None:
    for_people = run(*arguments)
    assert for_people.exit_code == 1
    assert why in for_people.stderr
    for_machines = run(*arguments, "--json")
    assert for_machines.exit_code == 1
    assert why in json.loads(for_machines.stdout)["error"]
    assert not User.objects.exists()


def test_a_missing_role_is_wrong_usage() -> None:
    assert run("add", "zhang").exit_code == 2


def test_the_list_shows_everybody_and_what_he_is() -> None:
    told("add", "zhang", "--role", "first_line", "--full-name", "张三")
    told("add", "boss", "--role", "system_admin")
    told("deactivate", "zhang", "--reason", "离场")
    result = run("list")
    for word in ("zhang", "张三", "一线驻场", "已停用", "系统管理员", "从未"):
        assert word in result.stdout
    rows = {row["username"]: row["active"] for row in told("list")}
    assert rows == {"zhang": False, "boss": True}


def test_a_reset_gives_a_new_password_and_lifts_a_lock() -> None:
    first = told("add", "zhang", "--role", "first_line")["password"]
    second = told("reset", "zhang")["password"]
    user = User.objects.get()
    assert user.check_password(second)
    assert not user.check_password(first)
    actions = [entry.action for entry in queries.entries("user", "zhang")]
    assert actions == ["user.unlock", "user.reset_password", "user.create"]


def test_a_role_is_changed_with_its_reason() -> None:
    told("add", "zhang", "--role", "first_line")
    assert told("role", "zhang", "manager", "--reason", "任命")["role"] == "manager"
    entry = queries.entries(action="user.role").get()
    assert (entry.actor, entry.reason) == ("命令行", "任命")


def test_the_last_administrator_stays_from_here_too() -> None:
    told("add", "boss", "--role", "system_admin")
    for arguments in (("deactivate", "boss"), ("role", "boss", "visitor")):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "唯一在用的系统管理员" in result.stderr


def test_an_ended_account_comes_back() -> None:
    told("add", "zhang", "--role", "first_line")
    assert told("deactivate", "zhang")["active"] is False
    assert told("reactivate", "zhang")["active"] is True


def test_an_administrator_does_not_come_back_beside_himself() -> None:
    told("add", "spare", "--role", "system_admin")
    told("add", "wang", "--role", "audit_admin", "--full-name", "王五")
    told("deactivate", "wang")
    told("add", "wang2", "--role", "security_admin", "--full-name", "王五")
    result = run("reactivate", "wang")
    assert result.exit_code == 1
    assert "互斥" in result.stderr
