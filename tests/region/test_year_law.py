"""The simulator judges nothing with the platform's own judging: neither of the two may know it."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "src/jingwei/region/year"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_the_simulator_imports_the_words_and_itself_only(path: Path) -> None:
    names = [
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    ours = [name for name in names if name.startswith("jingwei")]
    assert all(name.startswith(("jingwei.region.year", "jingwei.terms")) for name in ours)
