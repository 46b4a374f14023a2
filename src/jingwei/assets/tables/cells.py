"""What one cell may hold: each kind of cell reads it, says what was expected, and shows it."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from jingwei.assets.tables.formulas import plain
from jingwei.assets.tables.problems import CellError
from jingwei.assets.tables.reading import Cell

Value = str | int | bool | date | None | list[str] | dict[str, object]

_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d{2}", re.IGNORECASE)
_LONGEST_MONTH = 20
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DIGITS = re.compile(r"-?(\d{1,15}|\d{1,3}(,\d{3}){1,4})")
_EXACT = 10**15  # beyond fifteen digits Excel has already rounded


class Kind(Protocol):
    """How one column's cells are read and shown; `read` raises CellError."""

    def read(self, cell: Cell) -> Value:
        """The value of a filled or blank cell."""

    def show(self, value: Value) -> str:
        """The text `read` gives the same value for."""


def text_of(cell: Cell, *, strip: bool = True) -> str:
    """A cell as text. Raises CellError where Excel has destroyed what was typed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        if not abs(cell) < _EXACT:  # nor is NaN
            raise CellError("数字超过 15 位，Excel 已把末尾改成 0；请把该列设为“文本”后重新填写")
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if cell.strip() in _EXCEL_ERRORS:
        raise CellError(f"单元格是公式错误 {cell.strip()}，请改成数值")
    text = plain(cell).replace("\r\n", "\n").replace("\r", "\n")  # what Windows makes of a break
    if _SCIENTIFIC.fullmatch(text.strip()):
        raise CellError(
            f"“{text.strip()}”是 Excel 的科学计数法，原数字已丢失；请把该列设为“文本”后重新填写"
        )
    return text.strip() if strip else text


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `longest` characters. `verbatim` keeps blanks at both ends (raw wording)."""

    longest: int = 200
    verbatim: bool = False

    def read(self, cell: Cell) -> Value:
        """The text; "" for a blank cell."""
        text = text_of(cell, strip=not self.verbatim)
        if len(text) > self.longest:
            raise CellError(f"最多 {self.longest} 个字，现有 {len(text)} 个")
        _refuse_invisible(text)
        return text

    def show(self, value: Value) -> str:
        """As it is."""
        return str(value or "")


@dataclass(frozen=True, slots=True)
class Code(Text):
    """A register key: letters, digits, dots, hyphens, underlines; no blanks."""

    longest: int = 32

    def read(self, cell: Cell) -> Value:
        """The key, as it is written."""
        text = text_of(cell)
        if len(text) > self.longest or not re.fullmatch(r"[\w.\-]*", text):
            raise CellError(f"应为不超过 {self.longest} 位的字母、数字、“-”“_”“.”，现为“{text}”")
        return text


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between `least` and `most`, both allowed; `blank` for a blank cell."""

    least: int = 0
    most: int = 1_000_000
    blank: int | None = None

    def read(self, cell: Cell) -> Value:
        """The number."""
        text = unicodedata.normalize("NFKC", text_of(cell))
        if not text:
            return self.blank
        if not _DIGITS.fullmatch(text):  # "1,024" is a number, "1,5" is not fifteen
            raise CellError(f"应为 {self.least} 到 {self.most} 的整数，现为“{text}”")
        number = int(text.replace(",", ""))
        if not self.least <= number <= self.most:
            raise CellError(f"应为 {self.least} 到 {self.most} 的整数，现为 {number}")
        return number

    def show(self, value: Value) -> str:
        """Digits."""
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Day:
    """A date; None for a blank cell."""

    def read(self, cell: Cell) -> Value:
        """The date, from an Excel date, 2022-11-01, 2022/11/1, 2022.11.1 or 2022年11月1日."""
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        text = unicodedata.normalize("NFKC", text_of(cell))
        if not text:
            return None
        found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        raise CellError(f"应为日期，如 2022-11-01，现为“{text}”")

    def show(self, value: Value) -> str:
        """ISO 8601."""
        return value.isoformat() if isinstance(value, date) else ""


@dataclass(frozen=True, slots=True)
class PurchaseMonth:
    """The tender's 购置年月, kept as written ("2013.01", "2018.4"); `month_of` reads it."""

    def read(self, cell: Cell) -> Value:
        """The wording. A number 2018.1 is refused: Excel shows it for January and October."""
        if isinstance(cell, datetime | date):
            text = f"{cell.year}.{cell.month:02}"
        elif isinstance(cell, float) and math.isfinite(cell) and cell != int(cell):
            text = f"{cell:.2f}"
            if text.endswith("0"):
                if text.endswith("10"):
                    raise CellError(
                        f"数字 {text[:-1]} 分不清是 1 月还是 10 月；"
                        f"请把该列设为“文本”，写成 {text[:4]}.01 或 {text}"
                    )
                text = text[:-1]
        else:
            text = text_of(cell, strip=False)
        if text.strip():
            month_of(text)
        if len(text) > _LONGEST_MONTH:
            raise CellError(f"最多 {_LONGEST_MONTH} 个字，现有 {len(text)} 个")
        return text

    def show(self, value: Value) -> str:
        """As written."""
        return str(value or "")


def month_of(wording: str) -> date:
    """The first day of the month a wording names. Raises CellError."""
    text = unicodedata.normalize("NFKC", wording).strip()
    found = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))(?:[-/.]\d{1,2})?", text)
    if found:
        month = int(found[2] or found[3])
        if 1 <= month <= 12 and 1980 <= int(found[1]) <= 2100:
            return date(int(found[1]), month, 1)
    raise CellError(f"应为年月，如 2018.04，现为“{text}”")


@dataclass(frozen=True, slots=True)
class Flag:
    """是 or 否; a blank cell is 否."""

    def read(self, cell: Cell) -> Value:
        """True for 是, yes, true, 1, √."""
        text = text_of(cell).lower()
        if text in {"是", "yes", "y", "true", "1", "√"}:
            return True
        if text in {"", "否", "no", "n", "false", "0", "×"}:
            return False
        raise CellError(f"应为“是”或“否”，现为“{text}”")

    def show(self, value: Value) -> str:
        """是 or 否."""
        return "是" if value else "否"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words; the code behind the word is accepted too; `blank` for a blank cell."""

    words: Mapping[str, str]
    blank: str = ""

    def read(self, cell: Cell) -> Value:
        """The code."""
        text = text_of(cell)
        folded = _folded(text)
        for code, word in self.words.items():
            if folded in {_folded(code), _folded(word)}:
                return code
        if not text:
            return self.blank
        raise CellError(f"应为 {'、'.join(self.words.values())} 之一，现为“{text}”")

    def show(self, value: Value) -> str:
        """The word."""
        return self.words.get(str(value), str(value or ""))


@dataclass(frozen=True, slots=True)
class Words:
    """Several words in one cell; written with `separator`, read with any usual one.

    Where their order means nothing they are `sorted`.
    """

    separator: str = ";"
    sorted: bool = False

    def read(self, cell: Cell) -> Value:
        """The words in order, each once."""
        parts = re.split(r"[;；|、\n]", text_of(cell))
        words = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        return sorted(words) if self.sorted else words

    def show(self, value: Value) -> str:
        """Joined."""
        return self.separator.join(value) if isinstance(value, list) else ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Probe options of an endpoint: a JSON object of plain values; {} for a blank cell."""

    def read(self, cell: Cell) -> Value:
        """The options."""
        text = text_of(cell)
        if not text:
            return {}
        try:
            value = json.loads(text, parse_constant=_no_number)
        except RecursionError as error:
            raise CellError('应为 JSON 对象，如 {"path": "/health"}') from error
        except ValueError as error:
            raise CellError(f'应为 JSON，如 {{"path": "/health"}}；{_where(error)}') from error
        if not isinstance(value, dict):
            raise CellError('应为 JSON 对象，如 {"path": "/health"}')
        for name, one in value.items():
            if not isinstance(one, str | int | float | bool):
                raise CellError(f"选项“{name}”应为文字、数字或 true/false")
            if isinstance(one, float) and not math.isfinite(one):
                raise CellError(f"选项“{name}”的数字过大")
            _refuse_invisible(f"{name}{one}")
        return value

    def show(self, value: Value) -> str:
        """Compact JSON, Chinese readable; blank for none."""
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def _no_number(name: str) -> None:
    raise ValueError(name)


def _refuse_invisible(text: str) -> None:
    """What one file format drops, another keeps and PostgreSQL refuses has no place here."""
    if _INVISIBLE.search(text):
        raise CellError("含有不可见的控制字符")


def _where(error: ValueError) -> str:
    position = getattr(error, "pos", None)
    return f"第 {position + 1} 个字符处写错" if position is not None else "写法有误"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "").casefold()
