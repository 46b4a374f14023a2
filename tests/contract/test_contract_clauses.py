"""The obligations as content: all 189 of the tender, and what a wrong file says."""

from collections import Counter
from pathlib import Path

import pytest
from contract_making import FILES, write_contract

from jingwei.contract import clauses
from jingwei.rules.document import ContentError

SHIPPED = Path(__file__).resolve().parents[2] / "content" / "contracts" / "jingan-2022"


@pytest.fixture(scope="module")
def shipped() -> clauses.Clauses:
    found = clauses.read(SHIPPED)
    assert found is not None
    return found


def test_all_189_obligations_and_35_ambiguities_are_there(shipped: clauses.Clauses) -> None:
    assert len(shipped.obligations) == 189
    assert [row["position"] for row in shipped.obligations] == list(range(1, 190))
    assert [row["key"] for row in shipped.ambiguities] == [f"A{n:02d}" for n in range(1, 36)]


def test_every_obligation_has_its_words_its_lines_and_its_evidence(
    shipped: clauses.Clauses,
) -> None:
    for row in shipped.obligations:
        assert row["text"].strip()
        assert row["lines"], row["key"]
        assert row["evidence"], row["key"]
        assert row["reports"], row["key"]


def test_how_far_the_platform_proves_is_said_of_each(shipped: clauses.Clauses) -> None:
    counts = Counter(row["proof"] for row in shipped.obligations)
    assert set(counts) == {"auto", "semi", "manual"}
    assert counts["auto"] > counts["manual"]


def test_every_duty_and_paper_is_used_by_some_obligation(shipped: clauses.Clauses) -> None:
    named: set[str] = set()
    for row in shipped.obligations:
        for value in row["arguments"].values():
            named |= set(value) if isinstance(value, list) else {str(value)}
    assert set(shipped.duties) <= named
    reports_with_a_page_of_their_own = {"inspection"}
    assert set(shipped.documents) - named <= reports_with_a_page_of_their_own


def test_a_folder_without_obligations_has_none(tmp_path: Path) -> None:
    assert clauses.read(tmp_path) is None


def test_a_small_contract_of_another_place_is_read_as_well(tmp_path: Path) -> None:
    found = clauses.read(write_contract(tmp_path))
    assert found is not None
    assert [row["key"] for row in found.obligations] == [
        "seaside.daily", "seaside.round", "seaside.report", "seaside.nda",
    ]  # fmt: skip
    assert found.duties["round"].fields == (("place", "地点"), ("result", "结果"))
    assert found.documents == {"nda": "保密协议", "monthly": "月报"}


ALL = FILES["obligations/all.toml"]


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ('measure = "duty.done"', 'measure = "duty.dont"', 26, "未知的度量 duty.dont，应为："),
        ("every =", "often =", 27, "没有参数 often，应为：duty、every"),
        ('every = "month", confirmed', 'every = "moon", confirmed', 27, "未知的 'moon'，应为："),
        ('duty = "round"', 'duty = "rund"', 27, "未知的 'rund'，应为："),
        ('documents = ["nda"]', 'documents = ["ndb"]', 56, "未知的 'ndb'，应为："),
        ('ambiguities = ["B01"]', 'ambiguities = ["B09"]', 15, "未知的 'B09'，应为：B01、B02"),
        ('proof = "semi"', 'proof = "maybe"', 25, "未知的 'maybe'"),
        ("position = 2", "position = 1", 19, "position 应为不重复的正整数"),
        ("position = 2", 'position = "2"', 19, "position 应为不重复的正整数"),
        ('id = "seaside.round"', 'id = "seaside.daily"', 18, "义务 seaside.daily 重复"),
        ('text = "每日检查一次"', 'text = ""', 7, "text 应为非空文字"),
        ("lines = [3]", 'lines = ["3"]', 6, "lines 应为列表"),
        ('reports = ["contract"]', 'reports = ["contrakt"]', 58, "未知的 'contrakt'"),
        ('clause = "第二条"', 'clause = "第二条"\ncolour = "red"', 21, "未知的键 colour"),
    ],
)
def test_what_is_wrong_names_its_file_and_line(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    assert before in ALL
    place = write_contract(tmp_path, all=ALL.replace(before, after, 1))
    with pytest.raises(ContentError) as caught:
        clauses.read(place)
    assert (caught.value.file, caught.value.line) == ("obligations/all.toml", line)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("stem", "before", "after", "said"),
    [
        ("ambiguities", 'id = "working"', 'id = "natural"', "读法应至少两种且代码不重复"),
        ("ambiguities", 'arguments = { days = "working" }', "arguments = {}", "arguments"),
        ("ambiguities", 'issue = "每日', 'isue = "每日', "未知的键 isue"),
        ("duties", 'line = "first"', 'line = "third"', "未知的 'third'"),
        ("documents", 'label = "月报"', 'label = " "', "label 应为非空文字"),
    ],
)
def test_the_files_beside_it_are_checked_too(
    tmp_path: Path, stem: str, before: str, after: str, said: str
) -> None:
    text = FILES[f"{stem}.toml"]
    assert before in text
    place = write_contract(tmp_path, **{stem: text.replace(before, after, 1)})
    with pytest.raises(ContentError) as caught:
        clauses.read(place)
    assert said in caught.value.message


@pytest.mark.parametrize("name", ["documents.toml", "duties.toml", "ambiguities.toml"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    place = write_contract(tmp_path)
    (place / name).unlink()
    with pytest.raises(ContentError, match="缺少文件"):
        clauses.read(place)


def test_a_file_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    place = write_contract(tmp_path)
    (place / "duties.toml").write_bytes("label = '巡检'".encode("gb18030"))
    with pytest.raises(ContentError, match="不是 UTF-8"):
        clauses.read(place)
