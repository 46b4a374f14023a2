"""Syslog lines of real devices, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.probes import syslog
from jingwei.probes.syslog import Line, parse


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            Line(4, 2, "mymachine", "su", "'su root' failed for lonvick on /dev/pts/8"),
        ),
        (
            "<165>1 2003-10-11T22:14:15.003Z host.example evntslog - ID47 "
            '[exampleSDID@32473 iut="3" eventSource="App\\"s"] \ufeffAn application event',
            Line(20, 5, "host.example", "evntslog", "An application event"),
        ),
        (
            "<165>1 - - - - - - only text",
            Line(20, 5, "", "", "only text"),
        ),
        (
            "<86>Nov 23 08:30:01 web01 sshd[4711]: Failed password for root from 10.1.2.3 port 22",
            Line(10, 6, "web01", "sshd", "Failed password for root from 10.1.2.3 port 22"),
        ),
        (
            "<189>2026-11-23T08:30:00+08:00 FW-1 %%01SEC/4/ATTACK: 检测到攻击",
            Line(23, 5, "FW-1", "%%01SEC/4/ATTACK", "检测到攻击"),
        ),
        ("no priority at all", Line(1, 5, "", "", "no priority at all")),
        ("<999>odd", Line(1, 5, "", "", "<999>odd")),
        ("", Line(1, 5, "", "", "")),
    ],
)
def test_a_line_is_read_as_it_was_meant(raw: str, line: Line) -> None:
    assert parse(raw.encode()) == line


def test_chinese_in_either_encoding_is_read() -> None:
    text = "<13>Nov 23 08:30:00 fw ips: 发现木马"
    assert parse(text.encode("gb18030")) == parse(text.encode("utf-8"))


def test_a_long_line_is_cut_and_nul_is_gone() -> None:
    found = parse(b"<13>a\0b" + b"x" * 100_000)
    assert found.text.startswith("abx")
    assert len(found.text) <= syslog.LONGEST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Failed password for root from 10.1.2.3 port 5501 ssh2",
         "Failed password for root from 10.9.8.7 port 41 ssh2"),
        ("I/O error, dev sda, sector 41", "I/O error, dev sda, sector 7"),
        ("session deadbeefcafe opened", "session 0123456789ab opened"),
        ("user 'zhang' locked", "user 'li' locked"),
    ],
)  # fmt: skip
def test_what_differs_only_in_numbers_and_names_is_of_one_kind(one: str, other: str) -> None:
    assert parse(one.encode()).kind == parse(other.encode()).kind


def test_other_words_are_of_another_kind() -> None:
    assert parse(b"disk sda failed").kind != parse(b"disk sda recovered").kind


@given(st.binary(max_size=400))
def test_whatever_comes_is_a_line(raw: bytes) -> None:
    found = parse(raw)
    assert 0 <= found.severity <= 7
    assert 0 <= found.facility <= 23
    assert "\0" not in found.text
    assert len(found.kind) <= 300
