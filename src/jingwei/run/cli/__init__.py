"""The operator's command line: one file a group, all calling the same actions as the pages.

Exit codes: 0 done, 1 the command's own no (a finding, a refusal, bad input), 2 wrong usage or the
installation can't work (data folder, key file, database).
"""

import errno
import logging
import os
import sys
from typing import NoReturn

import typer

from jingwei.rules.document import ContentError
from jingwei.run import logs, paths
from jingwei.run.address import SettingError
from jingwei.run.cli import usage
from jingwei.run.secrets import KeyFileError

_LOG = logging.getLogger("jingwei.cli")
_FULL = "磁盘已满（{}）：未完成的写入已撤销。请腾出空间后重新执行。"


def main() -> None:
    """Entry point of `jingwei`: prepares Django, then hands over to the groups."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.run.settings")
    try:
        app = build()
    except KeyFileError as error:
        _stop(f"{error}。请从备份恢复；无备份时移走该文件并重新登记全部凭据。")
    except SettingError as error:
        _stop(str(error))
    except OSError as error:
        _stop(
            f"数据文件夹 {paths.data_folder()} 无法使用：{error.strerror or error}。"
            "请检查属主与权限，或用环境变量 JINGWEI_DATA 另选文件夹。"
        )
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        code = app(standalone_mode=False)
    except (usage.UsageError, typer.Abort) as error:
        usage.tell(error)
    except ContentError as error:  # a first start reads all content, whatever the command
        _stop(f"检查内容有误：{error}")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _stop(_FULL.format(paths.data_folder()))
    except DatabaseError as error:
        logs.configure(paths.data_folder(), console=logging.CRITICAL)  # people get the sentence
        _LOG.error("数据库错误", exc_info=error)
        if "disk is full" in str(error) or "No space left" in str(error):
            _stop(_FULL.format(paths.data_folder()))
        _stop(
            f"数据库无法使用：{error}。首次使用请先运行 jingwei up；其他情况请运行 jingwei doctor。"
        )
    sys.exit(code if isinstance(code, int) else 0)


def build() -> typer.Typer:
    """The command tree, with logging set up. Imports the groups late: they need Django ready.

    Raises OSError when the data folder can't be used, KeyFileError for a damaged key.
    """
    import django  # noqa: PLC0415

    django.setup()
    logs.configure(paths.data_folder())
    from jingwei.run.cli import tree  # noqa: PLC0415

    return tree.build(sys.argv[1:])


def _stop(message: str) -> NoReturn:
    sys.stderr.write(f"错误：{message}\n")
    sys.exit(2)
