"""The laws of the house no linter knows: size, docstrings, shape, what is never committed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jingwei"
FILES = sorted(
    path
    for path in SOURCE.rglob("*.py")
    if "migrations" not in path.parts and "__pycache__" not in path.parts
)
ROOMS = sorted(
    path.name for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").exists()
)
DJANGO_ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/apps.py"))
LONGEST = 400
NO_TESTS_OF_ITS_OWN: set[str] = set()
AIM = 0.75  # lines of tests a line of code, blank lines not counted
OWING = {
    "assets": 0.65, "checks": 0.63, "contract": 0.7, "region": 0.45,
    "reports": 0.65, "run": 0.7, "web": 0.6,
}  # fmt: skip


def named(path: Path) -> str:
    """A file's path in the repository."""
    return str(path.relative_to(ROOT))


def lines(paths: list[Path]) -> int:
    """Lines that are not blank."""
    return sum(1 for path in paths for line in path.read_text("utf-8").splitlines() if line.strip())


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_public_thing_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    if tree.body and path.name != "__init__.py":
        assert ast.get_docstring(tree), f"{named(path)} has no docstring"
    for node in tree.body:
        _documented(node, named(path))


def _documented(node: ast.stmt, where: str) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if not isinstance(node, kinds) or node.name.startswith("_"):
        return
    assert ast.get_docstring(node), f"{where}:{node.lineno} {node.name} has no docstring"
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            overload = isinstance(inner, kinds) and any(
                getattr(each, "id", "") == "override" for each in inner.decorator_list
            )
            if not overload and getattr(inner, "name", "") not in {"Meta"}:
                _documented(inner, f"{where} {node.name}")


@pytest.mark.parametrize("room", DJANGO_ROOMS)
def test_every_django_room_has_the_same_shape(room: str) -> None:
    if room == "web":
        return
    for part in ("models", "actions", "queries"):
        here = SOURCE / room / part
        assert here.is_dir() or here.with_suffix(".py").exists(), f"{room} has no {part}"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_tests(room: str) -> None:
    if room not in NO_TESTS_OF_ITS_OWN:
        found = list((ROOT / "tests" / room).glob("test_*.py"))
        assert found, f"tests/{room} has no tests"


def test_no_two_test_files_share_a_name() -> None:
    """Their folders are no packages, so pytest knows each by its bare name."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert {name for name in names if names.count(name) > 1} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_tests_keep_pace_with_the_code(room: str) -> None:
    """A line of tests a line of code is the aim; what a room owes is written above and shrinks."""
    if room in NO_TESTS_OF_ITS_OWN:
        return
    code = lines([path for path in FILES if path.relative_to(SOURCE).parts[0] == room])
    folders = [room, "house"] if room == "run" else [room]
    tests = lines([path for name in folders for path in (ROOT / "tests" / name).rglob("*.py")])
    assert tests >= OWING.get(room, AIM) * code, f"{room}: {tests} lines of tests, {code} of code"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nothing_is_left_to_do_and_nothing_pretends(path: Path) -> None:
    text = path.read_text("utf-8")
    found = re.findall(r"\b(?:TODO|FIXME|HACK)\b", text)
    assert found == [], named(path)


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in FILES
        if path.relative_to(SOURCE).parts[0] in {"terms", "rules", "sla"}
        or path.name == "models.py"
        or "models" in path.relative_to(SOURCE).parts
    ],
    ids=named,
)
def test_models_and_pure_rooms_read_no_clock(path: Path) -> None:
    text = path.read_text("utf-8")
    found = re.findall(r"\b(?:datetime\.now|timezone\.now|date\.today|time\.time|utcnow)\(", text)
    assert found == [], named(path)


def test_there_are_no_signals_of_ours() -> None:
    guilty = [
        named(path)
        for path in FILES
        if re.search(
            r"@receiver|\bSignal\(|post_save|pre_save|\.connect\(\s*sender", path.read_text("utf-8")
        )
    ]
    assert guilty == []


def tracked() -> list[Path]:
    """The text files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def test_no_path_of_a_machine_and_no_registry_is_in_the_repository() -> None:
    # Put together here so that this file does not find itself.
    forbidden = re.compile(
        "|".join((
            "/wo" + "rk/", "/tmp/" + "venv", "pypi" + r"\.org", "pythonhosted" + r"\.org",
            "registry\\." + "npmjs", "deb\\." + "debian", "find" + "-links *=", "index" + "-url *=",
        ))
    )  # fmt: skip
    guilty = []
    for path in tracked():
        if "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if forbidden.search(line) and "emit-" + "index-url" not in line:
                guilty.append(f"{named(path)}:{number}")
    assert guilty == []


def test_no_private_key_is_in_the_repository() -> None:
    mark = "-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----"
    guilty = [
        named(path) for path in tracked() if re.search(mark, path.read_text("utf-8", "replace"))
    ]
    assert guilty == []


def test_every_lock_line_has_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = re.findall(r"^([\w.\[\]-]+==[^\s;\\]+)", text, re.MULTILINE)
        blocks = re.split(r"^(?=[\w.\[\]-]+==)", text, flags=re.MULTILINE)[1:]
        assert len(pins) == len(blocks) > 30
        assert all("--hash=sha256:" in block for block in blocks)


def test_the_locks_hold_every_dependency_of_the_project() -> None:
    import tomllib  # noqa: PLC0415

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    run = project["project"]["dependencies"]
    dev = run + project["dependency-groups"]["dev"]
    for name, wanted in (("requirements.lock", run), ("requirements-dev.lock", dev)):
        pinned = set(re.findall(r"^([\w.-]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
        for requirement in wanted:
            package = re.split(r"[<>=\[;]", requirement)[0].strip().lower().replace("_", "-")
            assert package in pinned, f"{package} is not in {name}: make the locks again"
