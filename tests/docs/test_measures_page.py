"""Every measure a contract can name stands on its page."""

from pathlib import Path

import pytest

from jingwei.sla.measures import MEASURES
from jingwei.terms.obligation import Standing

PAGE = (
    Path(__file__).resolve().parents[2] / "docs" / "how-to" / "prove-the-contract.md"
).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("standing", Standing)
def test_every_light_stands_beside_its_word(standing: Standing) -> None:
    assert f"{standing.label} `{standing.value}`" in PAGE
