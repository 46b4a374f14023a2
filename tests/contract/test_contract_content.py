"""contract.toml: what is wrong in it is told with file and line, and nothing is stored."""

from datetime import date
from pathlib import Path

import pytest

from jingwei.contract import actions, content
from jingwei.contract.models import Contract
from jingwei.rules.document import ContentError

TODAY = date(2026, 11, 23)
GOOD = """\
code = "x-1"
version = 1
title = "某区运维"
client = "某中心"
period_start = 2026-01-01
period_end = 2026-12-31

[source]
period = "L502"
title = "L1"
"""


def folder(tmp_path: Path, text: str | bytes) -> Path:
    """A contract folder with this file."""
    made = tmp_path / "x-1"
    made.mkdir(exist_ok=True)
    (made / "contract.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return made


def test_a_good_file_is_read(tmp_path: Path) -> None:
    terms = content.read(folder(tmp_path, GOOD))
    assert terms == content.Terms(
        code="x-1", version=1, title="某区运维", client="某中心", provider="",
        period_start=date(2026, 1, 1), period_end=date(2026, 12, 31),
        source="title L1；period L502",
    )  # fmt: skip


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    assert content.read(folder(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).code == "x-1"


@pytest.mark.parametrize(
    ("before", "after", "line", "why"),
    [
        ('client = "某中心"', 'client = ""', 4, "client 应为非空文字"),
        ('client = "某中心"\n', "", 1, "client 应为非空文字"),
        ('client = "某中心"', "client = 3", 4, "client 应为非空文字"),
        ('title = "某区运维"', f'title = "{"长" * 201}"', 3, "title 最长 200 字，现有 201 字"),
        ("version = 1", "version = 0", 2, "不小于 1 的整数"),
        ("version = 1", "version = true", 2, "不小于 1 的整数"),
        ("period_end = 2026-12-31", 'period_end = "2026-12-31"', 6, "应为日期"),
        ("period_end = 2026-12-31", "period_end = 2026-12-31T10:00:00", 6, "应为日期"),
        ("period_end = 2026-12-31", "period_end = 2025-12-31", 6, "早于开始 2026-01-01"),
        ("version = 1", "versoin = 1", 2, "未知的键 versoin"),
        ('period = "L502"', 'page = "3"', 9, "未知的依据 page"),
        ('title = "L1"', "title = 1", 10, "未知的依据 title"),
        ("version = 1", "version = = 1", 2, "不是合法的 TOML"),
        ('[source]\nperiod = "L502"\ntitle = "L1"\n', "", 1, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, why: str
) -> None:
    assert before in GOOD
    broken = folder(tmp_path, GOOD.replace(before, after, 1))
    if not why:
        assert content.read(broken).source == ""
        return
    with pytest.raises(ContentError, match=why) as caught:
        content.read(broken)
    assert (caught.value.file, caught.value.line) == ("x-1/contract.toml", line)


def test_a_source_that_is_no_table_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace('[source]\nperiod = "L502"\ntitle = "L1"\n', 'source = "L502"\n')
    with pytest.raises(ContentError, match="source 应为表"):
        content.read(folder(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="缺少合同文件"):
        content.read(tmp_path)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="不是 UTF-8"):
        content.read(folder(tmp_path, GOOD.encode("gb18030")))


@pytest.mark.django_db
def test_a_stored_version_never_changes(tmp_path: Path) -> None:
    actions.load(folder(tmp_path, GOOD), TODAY)
    with pytest.raises(ContentError, match="period_end 不同：已入库的版本不可修改"):
        actions.load(folder(tmp_path, GOOD.replace("2026-12-31", "2027-12-31")), TODAY)
    assert Contract.objects.get().period_end == date(2026, 12, 31)


@pytest.mark.django_db
def test_a_change_under_a_new_version_is_taken_and_the_old_one_stays(tmp_path: Path) -> None:
    actions.load(folder(tmp_path, GOOD), TODAY)
    changed = GOOD.replace("version = 1", "version = 2").replace("某区运维", "某区运维（补充）")
    found = actions.load(folder(tmp_path, changed), TODAY)
    assert found is not None
    assert (found.version, found.title) == (2, "某区运维（补充）")
    assert Contract.objects.get(version=1).title == "某区运维"


@pytest.mark.django_db
def test_a_broken_file_stores_nothing(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        actions.load(folder(tmp_path, GOOD.replace("version = 1", "version = 0")), TODAY)
    assert not Contract.objects.exists()
