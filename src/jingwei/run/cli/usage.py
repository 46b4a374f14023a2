"""Wrong usage told in Chinese, with the English sentence under it; exit code 2."""

import re
import sys
from typing import Any, NoReturn, cast

import typer

# Typer carries these classes itself since 0.27 and took them from click before: its public
# BadParameter stands on both.
UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])

# What follows "无效的值：" and the rest of what the parser says; the first that fits speaks.
_SAID: tuple[tuple[str, str], ...] = (
    (r"No such command '(.+?)'", "没有命令“{0}”"),
    (r"Missing command", "缺少命令"),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*?)\)", "多余的参数：{0}"),
    (r"less than or equal to (\S+)", "应不大于 {0}"),
    (r"greater than or equal to (\S+)", "应不小于 {0}"),
    (r"is not in the range (.+?)\.?$", "应在范围 {0} 之内"),
    (r"valid integer", "应为整数"),
    (r"valid number|valid float", "应为数字"),
    (r"valid boolean", "应为 true 或 false"),
    (r"valid datetime|does not match the formats? (.+)", "应为日期时间，如 2026-11-23T08:30:00"),
    (r"is not one of (.+?)\.?$|Input should be ('.+)$", "应为其中之一：{0}"),
    (r"(?:File|Path|Directory) '(.+?)' does not exist", "“{0}”不存在"),
    (r"Path '(.+?)' is not readable|File '(.+?)' is a directory", "“{0}”无法读取"),
    (r"Option '(.+?)' requires an argument", "选项“{0}”后面须有值"),
    (r"Option '(.+?)' does not take a value", "选项“{0}”不带值"),
)


def tell(error: Exception) -> NoReturn:
    """One sentence in Chinese, the parser's own in English, and where help is.

    Exits with 2; with 1 where somebody stopped a question.
    """
    if isinstance(error, typer.Abort):
        sys.stderr.write("已中止。\nAborted.\n")
        sys.exit(1)
    if type(error).__name__ != "NoArgsIsHelpError":  # the help was printed already
        sys.stderr.write(f"错误：{chinese(error)}\n{_english(error)}\n{_help(error)}")
    sys.exit(2)


def chinese(error: Exception) -> str:
    """What was wrong with the command line, with the option or argument named."""
    said = _english(error)
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = "、".join(sorted(getattr(error, "possibilities", None) or ()))
        return f"没有选项“{getattr(error, 'option_name', '')}”" + (
            f"，是否为 {near}" if near else ""
        )
    if kind == "MissingParameter":
        return f"缺少{_what(error)}"
    if kind == "BadParameter":
        return f"{_what(error)}的值无效：{_detail(said) or '不符合要求'}"
    return _detail(said) or "命令用法有误"


def _detail(said: str) -> str:
    for pattern, words in _SAID:
        found = re.search(pattern, said)
        if found is not None:
            return words.format(next((group for group in found.groups() if group), ""))
    # Our own callbacks speak Chinese already.
    own = said.rpartition(": ")[2]
    return own if re.search(r"[\u4e00-\u9fff]", own) else ""


def _what(error: Exception) -> str:
    param: Any = getattr(error, "param", None)
    if param is None:
        return "参数"
    word = "选项" if param.param_type_name == "option" else "参数"
    name = param.opts[-1] if word == "选项" else (param.metavar or param.name or "").upper()
    return f"{word}“{name}”"


def _english(error: Exception) -> str:
    told = getattr(error, "format_message", None)
    return str(told() if told is not None else error)


def _help(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"用法见：{context.command_path} --help\n" if context is not None else ""
