"""The how-tos: every TOML they show loads, and they explain every key there is."""

import re
from pathlib import Path

import pytest

from jingwei.checks.content import load_devices, routine_items
from jingwei.rules import condition
from jingwei.rules.rule import KEYS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "how-to"
CHECK = (DOCS / "add-a-check.md").read_text(encoding="utf-8")
MODEL = (DOCS / "add-a-device-model.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [CHECK, MODEL])
def test_the_example_of_the_how_to_loads(text: str, tmp_path: Path, content_folder: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for number, block in enumerate(blocks):
        (tmp_path / f"example-{number}.toml").write_text(block, encoding="utf-8")
    items = routine_items(content_folder / "routines")
    models = load_devices(tmp_path, items)
    assert [len(model.checks) for model in models] == [1] * len(blocks)


def test_every_key_of_a_rule_is_explained() -> None:
    assert [key for key in KEYS if not re.search(rf"\b{key}\b", CHECK)] == []


def test_every_condition_of_the_table_can_be_read() -> None:
    table = CHECK[CHECK.index("| condition |") : CHECK.index('There is no "and"')]
    shown = re.findall(r"`([^`]+)`", table)
    assert len(shown) >= 10
    for text in shown:
        assert condition.parse(text).normal()


def test_every_key_of_a_check_and_a_device_is_explained() -> None:
    keys = ["every", "timeout", "retries", "strikes", "on_error", "fallback", "uses", "source"]
    keys += ["kinds", "vendors", "models", "engines", "keys", "unchecked"]
    assert [key for key in keys if key not in CHECK + MODEL] == []
