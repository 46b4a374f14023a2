"""contract.toml, read and validated: an unknown key or a wrong date names its file and line."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jingwei.contract import policy
from jingwei.rules.document import ContentError, Document, load

FILE = "contract.toml"
_TEXTS = {"code": 64, "title": 200, "client": 200, "provider": 200}  # key → longest
_OPTIONAL = {"provider"}
_KEYS = {*_TEXTS, "version", "period_start", "period_end", "source", "policy"}
_SOURCES = ("title", "client", "period")


@dataclass(frozen=True)
class Terms:
    """One version of one contract as its file says it; `period_end` is included.

    `policy` is what its clocks run on (`contract.policy`), empty where the file is silent.
    """

    code: str
    version: int
    title: str
    client: str
    provider: str
    period_start: date
    period_end: date
    source: str
    policy: dict[str, Any] = field(default_factory=dict)


def read(folder: Path) -> Terms:
    """The contract of a folder. Raises ContentError with file and line."""
    path = folder / FILE
    name = f"{folder.name}/{FILE}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError(name, 1, "缺少合同文件") from None
    except UnicodeDecodeError as error:
        raise ContentError(name, 1, f"不是 UTF-8 编码（第 {error.start} 字节）") from None
    return parse(load(text, name))


def parse(document: Document) -> Terms:
    """The terms of a parsed file. Raises ContentError at the line of what is wrong."""
    for key in document.data:
        if key not in _KEYS:
            wanted = "、".join(sorted(_KEYS))
            raise document.error((key,), f"未知的键 {key}，应为：{wanted}")
    texts = {key: _text(document, key, longest) for key, longest in _TEXTS.items()}
    start, end = _date(document, "period_start"), _date(document, "period_end")
    if end < start:
        raise document.error(("period_end",), f"服务期结束 {end} 早于开始 {start}")
    version = document.data.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise document.error(("version",), "version 应为不小于 1 的整数")
    return Terms(
        version=version, period_start=start, period_end=end, source=_source(document),
        policy=policy.read(document), **texts,
    )  # fmt: skip


def _text(document: Document, key: str, longest: int) -> str:
    value = document.data.get(key, "" if key in _OPTIONAL else None)
    if not isinstance(value, str) or (not value.strip() and key not in _OPTIONAL):
        raise document.error((key,), f"{key} 应为非空文字")
    if len(value) > longest:
        raise document.error((key,), f"{key} 最长 {longest} 字，现有 {len(value)} 字")
    return value.strip()


def _date(document: Document, key: str) -> date:
    value = document.data.get(key)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise document.error((key,), f"{key} 应为日期，例如 2022-11-01")
    return value


def _source(document: Document) -> str:
    """Where the tender says it, as one line: "title L1；client L4；period L502"."""
    table = document.data.get("source", {})
    if not isinstance(table, dict):
        raise document.error(("source",), "source 应为表")
    for key, value in table.items():
        if key not in _SOURCES or not isinstance(value, str):
            raise document.error(
                ("source", key), f"未知的依据 {key}，应为 {'、'.join(_SOURCES)}，值为行号如 L502"
            )
    return "；".join(f"{key} {table[key]}" for key in _SOURCES if key in table)
