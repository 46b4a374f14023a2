"""The pages stay true: links lead somewhere, commands exist, examples compile."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from jingwei.run.cli import tree

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def named(page: Path) -> str:
    """A page's path in the repository."""
    return str(page.relative_to(ROOT))


def fences(kind: str) -> Iterator[tuple[str, str]]:
    """Every example of a kind: where it stands, and its text."""
    for page in PAGES:
        for number, (language, text) in enumerate(FENCE.findall(page.read_text("utf-8")), 1):
            if language == kind:
                yield f"{named(page)} #{number}", text


def commands() -> list[tuple[str, str]]:
    """Every `$ jingwei ...` and `$ scripts/...` line of the pages."""
    lines = []
    for where, text in fences("console"):
        for line in text.splitlines():
            if line.startswith("$ "):
                command = line[2:].split("  #")[0].split("    #")[0].strip()
                lines.append((where, command))
    return lines


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    for link in LINK.findall(text):
        if link.startswith(("https://", "http://", "mailto:", "#")):
            continue
        target = (page.parent / link.split("#")[0]).resolve()
        assert target.exists(), f"{named(page)} links to {link}, which is not there"


def test_every_how_to_and_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    pages = [page for page in PAGES if "docs" in page.parts and page.name != "index.md"]
    missing = [
        named(page) for page in pages if page.name not in index and "decisions" not in named(page)
    ]
    assert missing == []


def test_decision_records_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(page.name[:4]) for page in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("where", "text"), list(fences("python")), ids=[where for where, _ in fences("python")]
)
def test_python_examples_compile(where: str, text: str) -> None:
    ast.parse(text, filename=where)


@pytest.mark.parametrize(
    ("where", "text"), list(fences("toml")), ids=[where for where, _ in fences("toml")]
)
def test_toml_examples_are_toml(where: str, text: str) -> None:
    assert tomllib.loads(text), where


@pytest.mark.parametrize(
    ("where", "line"), commands(), ids=[f"{where}: {line[:40]}" for where, line in commands()]
)
def test_every_command_of_the_pages_exists(where: str, line: str) -> None:
    words = [word for word in shlex.split(line) if "=" not in word or word.startswith("-")]
    program = Path(words[0]).name if words else ""
    if words and words[0].startswith("scripts/"):
        assert (ROOT / words[0]).stat().st_mode & 0o111, f"{where}: {words[0]} can't be run"
    elif program == "jingwei":
        _check(typer.main.get_command(tree.build()), words[1:], where)


def _check(command: Any, words: list[str], where: str) -> None:
    """Follow the words down the tree: each group, command and option must be known."""
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{where}: jingwei has no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    known = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    for word in words:
        if word.startswith("--") and word != "--help":
            assert word.split("=")[0] in known, f"{where}: {command.name} has no option {word}"


def test_both_readmes_show_the_two_commands_on_the_first_screen() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        first_screen = (ROOT / name).read_text("utf-8").splitlines()[:12]
        assert any(line.startswith("$ scripts/up") for line in first_screen)
        assert any(line.startswith("$ scripts/test") for line in first_screen)


def test_both_readmes_show_the_same_commands() -> None:
    shown = {}
    for name in ("README.md", "README.zh-CN.md"):
        shown[name] = [line for where, line in commands() if where.startswith(f"{name} ")]
    assert shown["README.md"] == shown["README.zh-CN.md"]
    assert len(shown["README.md"]) > 5


def test_every_setting_from_the_environment_is_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "operate.md").read_text("utf-8")
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        used |= set(
            re.findall(r"environ(?:\.get)?[\[(]\s*\"(JINGWEI_\w+)\"", path.read_text("utf-8"))
        )
    assert used
    assert {name for name in used if f"`{name}`" not in page} == set()
