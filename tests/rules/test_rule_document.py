"""TOML with line numbers."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.rules.document import ContentError, load

TEXT = '''\
# a comment with [brackets] and key = "value"
title = "x"          # trailing = comment

[device]
id = "a"
match = { kinds = ["server", "switch"], models = ["R*"] }
"quoted key".sub = 1

[[check]]
id = "one"
query = """
select [1] = "x"
-- key = 3
"""
literal = \'\'\'
[[not]] = a header\'\'\'
[check.options]
get = [
    { reading = "a", oid = "1.2" },   # first
    # a comment, with a ] bracket
    { reading = "b" },

    { oid = "1.3" },
]
[[check.rule]]
warn = "> 5"

[[check]]
id = "two"
[[check.rule]]
reading = "x"
[[check.rule]]
reading = "y"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("device",), 4),
        (("device", "id"), 5),
        (("device", "match", "kinds"), 6),
        (("device", "match", "kinds", 1), 6),
        (("device", "quoted key", "sub"), 7),
        (("check", 0), 9),
        (("check", 0, "query"), 11),
        (("check", 0, "literal"), 15),
        (("check", 0, "options"), 17),
        (("check", 0, "options", "get", 0, "oid"), 19),
        (("check", 0, "options", "get", 1, "reading"), 21),
        (("check", 0, "options", "get", 2, "oid"), 23),
        (("check", 0, "rule", 0, "warn"), 26),
        (("check", 1, "id"), 29),
        (("check", 1, "rule", 1, "reading"), 33),
    ],
)
def test_every_key_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    document = load(TEXT, "x.toml")
    assert document.lines[path] == line


def test_a_key_that_is_not_there_has_the_line_of_what_is_around_it() -> None:
    document = load(TEXT, "x.toml")
    assert document.line(("check", 1, "rule", 0, "warn", "deeper")) == 30
    assert document.line(("nothing",)) == 1


def test_an_error_prints_file_line_and_message() -> None:
    error = load(TEXT, "content/x.toml").error(("device", "id"), "应为别的")
    assert str(error) == "content/x.toml:5: 应为别的"
    assert (error.file, error.line, error.message) == ("content/x.toml", 5, "应为别的")


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = \nc = 3", 2), ('a = "open\n', 1), ("[a]\nx=1\n[a]\n", 3)]
)
def test_broken_toml_is_an_error_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ContentError) as caught:
        load(text, "broken.toml")
    assert caught.value.line == line
    assert "不是合法的 TOML" in caught.value.message


def test_windows_line_ends_and_a_byte_order_mark_change_no_line() -> None:
    plain = load(TEXT, "x.toml")
    windows = load("\ufeff" + TEXT.replace("\n", "\r\n"), "x.toml")
    assert windows.lines == plain.lines


def test_a_date_or_a_number_may_stand_anywhere() -> None:
    document = load("a = 1979-05-27T07:32:00Z\nb = [1.5, -2, true]\nc = {d = 0x1F, e = inf}\n", "x")
    assert document.lines[("b", 2)] == 2
    assert document.lines[("c", "e")] == 3


_keys = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
_leaves = st.one_of(
    st.integers(-1000, 1000),
    st.booleans(),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
)
_values = st.recursive(
    _leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=8,
)


def _written(value: Any) -> str:
    """A value as TOML on one line."""
    if isinstance(value, dict):
        pairs = (f"{_quoted(key)} = {_written(inner)}" for key, inner in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_written(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    if not isinstance(value, dict | list):
        return found
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        found |= _paths(below, (*path, key))
    return found


@given(st.dictionaries(_keys, _values, max_size=5))
def test_the_scanner_finds_exactly_the_keys_the_parser_finds(data: dict[str, Any]) -> None:
    lines = [f"{_quoted(key)} = {_written(value)}" for key, value in data.items()]
    document = load("\n".join(lines) + "\n", "x.toml")
    assert document.data == data
    assert set(document.lines) == _paths(data)
    for number, key in enumerate(data, start=1):
        assert document.lines[(key,)] == number


@given(st.text(alphabet="ab[]{}=\"'.,\n #1\\", max_size=40))
def test_the_scanner_never_fails_on_what_the_parser_accepts(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(ContentError):
            load(text, "x.toml")
        return
    document = load(text, "x.toml")
    assert _paths(data) <= set(document.lines)
