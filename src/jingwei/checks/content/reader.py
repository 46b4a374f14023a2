"""Reading a TOML table strictly: every key has its type, unknown keys are errors with a line."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from jingwei.rules import duration
from jingwei.rules.document import ContentError, Document, Path


class Table:
    """One table of a document. Every getter raises ContentError naming the line."""

    def __init__(self, document: Document, path: Path, data: Any) -> None:
        self.document = document
        self.path = path
        if not isinstance(data, dict):
            raise document.error(path, f"{_name(path)} 应为表（[{_name(path)}]），得到 {data!r}")
        self.data: dict[str, Any] = data

    def error(self, key: str | Path, message: str) -> ContentError:
        """An error at a key of this table (or at a path below it)."""
        below = (key,) if isinstance(key, str) else key
        return self.document.error((*self.path, *below), message)

    def only(self, *known: str) -> None:
        """Refuse keys that are not known, with the nearest one that is."""
        for key in self.data:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"是不是 {near[0]}？" if near else ""
                where = f"[{_name(self.path)}] " if self.path else ""
                raise self.error(key, f"{where}没有 “{key}” 这个键。{hint}可用：{'、'.join(known)}")

    def table(self, key: str) -> "Table":
        """A required table."""
        if key not in self.data:
            raise self.error((), f"缺少 [{key}]")
        return Table(self.document, (*self.path, key), self.data[key])

    def maybe(self, key: str) -> "Table | None":
        """A table, or None when it is absent."""
        return self.table(key) if key in self.data else None

    def rows(self, key: str) -> "Iterator[Table]":
        """The rows of [[key]], none when it is absent."""
        rows = self.data.get(key, [])
        if not isinstance(rows, list):
            raise self.error(key, f"{key} 应写成 [[{key}]]")
        for number, row in enumerate(rows):
            yield Table(self.document, (*self.path, key, number), row)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required and not blank when no default is given."""
        value = self.data.get(key, default)
        if value is None:
            raise self.error((), f"[{_name(self.path)}] 缺少 {key}（文本）")
        if not isinstance(value, str):
            raise self.error(key, f"{key} 应为文本，得到 {value!r}")
        if default is None and not value.strip():
            raise self.error(key, f"{key} 不能为空")
        return value.strip()

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        words = list(choices)
        value = self.text(key, default)
        if value not in words:
            near = get_close_matches(value, words, n=1)
            hint = f"是不是 {near[0]}？" if near else ""
            raise self.error(key, f"{key} 没有 “{value}”。{hint}可用：{'、'.join(words)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty when absent."""
        values = self.data.get(key, [])
        if not isinstance(values, list) or any(
            not isinstance(value, str) or not value for value in values
        ):
            raise self.error(key, f'{key} 应为文本列表，如 ["server"]，得到 {values!r}')
        return tuple(values)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(key, f"{key} 应为 {low} 到 {high} 的整数，得到 {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false when absent."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"{key} 应为 true 或 false，得到 {value!r}")
        return value

    def seconds(self, key: str, default: str) -> float:
        """A positive duration in seconds."""
        value = self.text(key, default)
        try:
            found = duration.parse(value)
        except ValueError as error:
            raise self.error(key, f"{key}：{error}") from None
        if found <= 0:
            raise self.error(key, f"{key} 应大于 0，得到 “{value}”")
        return found


def _name(path: Path) -> str:
    return ".".join(part for part in path if isinstance(part, str)) or "文件"
