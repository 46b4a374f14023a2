"""jingwei user: accounts from the command line, by the same actions as the pages."""

import json
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from jingwei.accounts import actions, queries
from jingwei.accounts.actions.audit import COMMAND_LINE
from jingwei.accounts.errors import AccountError
from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.run import clock

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="用户名", metavar="NAME")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Reason = Annotated[str, typer.Option(help="原因，记入审计日志")]
_ROLES = "、".join(f"{role.value}（{role.label}）" for role in Role)


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=f"角色：{_ROLES}")],
    full_name: Annotated[str, typer.Option(help="姓名")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="自行输入密码，否则随机生成")] = False,
    as_json: AsJson = False,
) -> None:
    """新建账号。密码只显示这一次，首次登录须修改。"""
    password = typer.prompt("密码", hide_input=True, confirmation_prompt=True) if ask else ""
    try:
        user, made = actions.create_user(
            name, role, full_name=full_name, password=password, by=COMMAND_LINE, now=clock.now()
        )
    except AccountError as error:
        _refuse(error, as_json)
    _tell(user, "" if ask else made, "已新建", as_json)


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """列出全部账号，含已停用的。"""
    users = list(queries.users())
    if as_json:
        _print([_row(user) for user in users])
        return
    table = Table("用户名", "姓名", "角色", "状态", "最近登录")
    for user in users:
        seen = f"{clock.local(user.last_login):%Y-%m-%d %H:%M}" if user.last_login else "从未"
        state = "在用" if user.is_active else "已停用"
        table.add_row(user.username, user.full_name, user.get_role_display(), state, seen)
    Console().print(table)


@app.command()
def reset(name: Name, as_json: AsJson = False) -> None:
    """重设随机密码并解除登录锁定；密码只显示这一次。"""
    user = _find(name, as_json)
    now = clock.now()
    password = actions.reset_password(user, by=COMMAND_LINE, now=now)
    actions.unlock(user.username, by=COMMAND_LINE, now=now)
    _tell(user, password, "已重设密码", as_json)


@app.command()
def role(name: Name, role: str, reason: Reason = "", as_json: AsJson = False) -> None:
    """修改账号的角色。"""
    user = _find(name, as_json)
    try:
        actions.set_role(user, role, by=COMMAND_LINE, reason=reason, now=clock.now())
    except AccountError as error:
        _refuse(error, as_json)
    _tell(_find(name, as_json), "", "已修改角色", as_json)


@app.command()
def deactivate(name: Name, reason: Reason = "", as_json: AsJson = False) -> None:
    """停用账号：不能再登录，记录保留。"""
    user = _find(name, as_json)
    try:
        actions.deactivate(user, by=COMMAND_LINE, reason=reason, now=clock.now())
    except AccountError as error:
        _refuse(error, as_json)
    _tell(_find(name, as_json), "", "已停用", as_json)


@app.command()
def reactivate(name: Name, reason: Reason = "", as_json: AsJson = False) -> None:
    """重新启用账号。"""
    user = _find(name, as_json)
    try:
        actions.reactivate(user, by=COMMAND_LINE, reason=reason, now=clock.now())
    except AccountError as error:
        _refuse(error, as_json)
    _tell(_find(name, as_json), "", "已重新启用", as_json)


def _find(name: str, as_json: bool) -> User:
    user = queries.user(name)
    if user is None:
        _refuse(AccountError(f"没有用户“{name}”，用 jingwei user list 查看。"), as_json)
    return user


def _row(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "full_name": user.full_name,
        "role": user.role,
        "active": user.is_active,
        "must_change_password": user.must_change_password,
        "last_login": clock.local(user.last_login).isoformat() if user.last_login else None,
    }


def _tell(user: User, password: str, done: str, as_json: bool) -> None:
    if as_json:
        _print(_row(user) | ({"password": password} if password else {}))
        return
    typer.echo(f"{done}：{user.username}（{user.get_role_display()}）")
    if password:
        typer.echo(f"密码（只显示这一次）：{password}")


def _refuse(error: AccountError, as_json: bool) -> NoReturn:
    """Exit code 1 and the reason, on stderr for people, as JSON for machines."""
    if as_json:
        _print({"error": str(error)})
    else:
        typer.echo(f"错误：{error}", err=True)
    raise typer.Exit(1)


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
