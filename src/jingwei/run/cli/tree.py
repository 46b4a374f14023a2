"""The command tree: `jingwei <group> <command>`, and the few that need no group.

Only the group that is asked for is imported: all of them take a second, which a command that
answers in a fifth of that would spend for nothing.
"""

from collections.abc import Sequence
from importlib import import_module

import typer

# name ("": its commands stand at the top), help, whether the database is made whole before: the
# first command of an installation may be any of these.
_GROUPS: dict[str, tuple[str, str, bool]] = {
    "work": ("", "", False),  # up, work
    "doctor": ("", "", False),
    "probe": ("", "", False),
    "region": ("region", "演示区域", False),
    "assets": ("assets", "资产台账", True),
    "check": ("check", "检查", False),
    "clock": ("clock", "时限", False),
    "contract": ("contract", "合同履约", True),
    "drill": ("drill", "应急演练", False),
    "metrics": ("metrics", "指标外送", True),
    "notice": ("notice", "通知", True),
    "report": ("report", "报告", True),
    "user": ("user", "用户", True),
}


def ready() -> None:
    """Makes the database whole before commands that read it: the first one may be any of them."""
    from jingwei.run import setup  # noqa: PLC0415 - what a group does not need is not imported

    setup.ensure()


def build(words: Sequence[str] = ()) -> typer.Typer:
    """The tree for a command line; all of it where its first word names no group."""
    app = typer.Typer(
        name="jingwei",
        help="静卫：区域卫生信息平台运维管理平台",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    asked = [one for one, (name, _, _) in _GROUPS.items() if name and name in words[:1]]
    for module in asked or _GROUPS:
        name, words_of_help, needs = _GROUPS[module]
        group: typer.Typer = import_module(f"jingwei.run.cli.{module}").app
        if name:
            app.add_typer(group, name=name, help=words_of_help, callback=ready if needs else None)
        else:
            app.add_typer(group)
    if asked:  # one group alone would be taken for the whole program
        app.callback()(lambda: None)
    return app
