"""The operator's command line: one file a group, all calling the same actions as the pages.

Exit codes: 0 done, 1 the command's own no (a finding, a refusal, bad input), 2 wrong usage or the
installation can't work (data folder, key file, database).
"""

import logging
import os
import sys
from typing import NoReturn

import typer

from jingwei.run import logs, paths
from jingwei.run.secrets import KeyFileError

_LOG = logging.getLogger("jingwei.cli")


def main() -> None:
    """Entry point of `jingwei`: prepares Django, then hands over to the groups."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.run.settings")
    try:
        app = build()
    except KeyFileError as error:
        _stop(f"{error}。请从备份恢复；无备份时移走该文件并重新登记全部凭据。")
    except OSError as error:
        _stop(
            f"数据文件夹 {paths.data_folder()} 无法使用：{error.strerror or error}。"
            "请检查属主与权限，或用环境变量 JINGWEI_DATA 另选文件夹。"
        )
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        app()
    except DatabaseError as error:
        logs.configure(paths.data_folder(), console=logging.CRITICAL)  # people get the sentence
        _LOG.error("数据库错误", exc_info=error)
        _stop(
            f"数据库无法使用：{error}。首次使用请先运行 jingwei up；其他情况请运行 jingwei doctor。"
        )


def build() -> typer.Typer:
    """The command tree, with logging set up. Imports the groups late: they need Django ready.

    Raises OSError when the data folder can't be used, KeyFileError for a damaged key.
    """
    import django  # noqa: PLC0415

    django.setup()
    logs.configure(paths.data_folder())
    from jingwei.run.cli import tree  # noqa: PLC0415

    return tree.app


def _stop(message: str) -> NoReturn:
    sys.stderr.write(f"错误：{message}\n")
    sys.exit(2)
