"""Every thing has its word in docs/words.md: one Chinese word, one English name."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from jingwei import terms
from jingwei.accounts.roles import Role
from jingwei.terms import Result
from jingwei.terms.incident import Cause, Instant, Severity

ROOT = Path(__file__).resolve().parents[2]
WORDS = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in WORDS.splitlines()
    if line.startswith("|") and not set(line) <= set("|-: ")
]
MODELS = sorted(
    model.__name__ for model in apps.get_models() if model.__module__.startswith("jingwei.")
)
ENUMS = [*Result, *Role, *Instant, *Severity, *Cause]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_its_word(name: str) -> None:
    assert any(f"`{name}`" in row[1] for row in ROWS), f"{name} is missing in docs/words.md"


@pytest.mark.parametrize("name", sorted(terms.__all__))
def test_every_shared_term_has_its_word(name: str) -> None:
    if name == "Result":
        assert "`jingwei.terms.Result`" in WORDS
    else:
        assert any(f"`{name}`" in row[1] for row in ROWS), f"{name} is missing in docs/words.md"


@pytest.mark.parametrize("member", ENUMS, ids=lambda each: f"{type(each).__name__}.{each.name}")
def test_every_verdict_role_instant_severity_and_cause_stands_beside_its_label(
    member: Result | Role | Instant | Severity | Cause,
) -> None:
    rows = [row for row in ROWS if str(member.label) in row[0] and f"`{member.value}`" in row[1]]
    assert rows, f"{member.label} = {member.value} is missing in docs/words.md"


def test_no_chinese_word_means_two_things() -> None:
    words = [
        word
        for row in ROWS
        if row[0] != "中文"
        for word in re.sub(r"（.*?）", "", row[0]).split(" / ")
    ]  # fmt: skip
    allowed = {
        "报修",
        "电话响应",
        "到场",
        "检查",
        "异常",
        "应用系统",
        "驻场",
    }  # contract word and instant
    twice = {word for word in words if words.count(word) > 1} - allowed
    assert not twice


def test_every_row_has_three_cells() -> None:
    assert [row for row in ROWS if len(row) != 3] == []
