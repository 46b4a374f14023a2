"""TOML that knows on which line each key stands, so that an error can name the line.

tomllib gives the values; a small scanner of the same text gives the lines. The scanner may trust
the text: tomllib has already accepted it.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


class ContentError(Exception):
    """Something wrong in a content file: which file, which line, what was expected (Chinese)."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Document:
    """A parsed file: `data` as tomllib gives it, `lines` from the path of a key to its line."""

    filename: str
    data: dict[str, Any]
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that has one; 1 at the least."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Path, message: str) -> ContentError:
        """An error at `path`, ready to raise."""
        return ContentError(self.filename, self.line(path), message)


def load(text: str, filename: str) -> Document:
    """Parse TOML. Raises ContentError with the line tomllib complains about."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(filename, _line_of(error, text), f"不是合法的 TOML：{error}") from None
    return Document(filename, data, _Scanner(text).scan())


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


class _Scanner:
    """Walks TOML once and notes the line of every key, table and row."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}  # how many [[rows]] an array of tables has so far
        self._counted = (0, 1)  # up to which offset newlines are counted, and the line there

    def scan(self) -> dict[Path, int]:
        """The lines of the whole text."""
        table: Path = ()
        while self._skip(_BLANK) and self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Path:
        line = self._line()
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        path: Path = ()
        keys = list(self._keys())
        for key in keys[:-1]:
            path = self._into((*path, key), line)
        path = (*path, keys[-1])
        if double:
            number = self.rows.get(path, 0)
            self.rows[path] = number + 1
            self.lines.setdefault(path, line)
            path = (*path, number)
        self.lines[path] = line
        self.at += 2 if double else 1
        return path

    def _into(self, path: Path, line: int) -> Path:
        """A header's parent: the last row of it when it is an array of tables."""
        self.lines.setdefault(path, line)
        return (*path, self.rows[path] - 1) if path in self.rows else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> Iterator[str]:
        """The parts of a dotted key; ends before `=` or `]`."""
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                yield tomllib.loads(f"x = {self._string()}")["x"]
            else:
                found = _BARE.match(self.text, self.at)
                assert found is not None, "tomllib accepted this key"  # noqa: S101
                self.at = found.end()
                yield found[0]
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return
            self.at += 1

    def _value(self, path: Path) -> None:
        sign = self.text[self.at]
        if sign == "[":
            self._list(path)
        elif sign == "{":
            self._inline(path)
        elif sign in "\"'":
            self._string()
        else:
            self._skip(_SCALAR)

    def _list(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self._skip(_BLANK) and self.text[self.at] != "]":
            self.lines[(*path, number)] = self._line()
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            self.at += self.text[self.at] == ","
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._skip(_BLANK) and self.text[self.at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            self.at += self.text[self.at] == ","
        self.at += 1

    def _string(self) -> str:
        for form in _STRINGS:
            if found := form.match(self.text, self.at):
                self.at = found.end()
                return found[0]
        raise AssertionError("tomllib accepted this string")

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return True

    def _line(self) -> int:
        offset, line = self._counted
        line += self.text.count("\n", offset, self.at)
        self._counted = (self.at, line)
        return line
