"""The wheel does the same without the repository: code, content, templates and assets are in it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built here without downloading anything."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)]
    ended = subprocess.run(
        [*command, str(ROOT)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel laid out as pip lays it out."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the wheel before the checkout, elsewhere on the disk."""
    data.mkdir(exist_ok=True)
    environment = {
        name: value for name, value in os.environ.items() if name != "JINGWEI_DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=data,
        env=environment | {"PYTHONPATH": str(unpacked), "JINGWEI_DATA": str(data / "data")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_everything_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    wanted = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "jingwei").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {
        f"jingwei/{path.relative_to(ROOT)}"
        for path in (ROOT / "content").rglob("*")
        if path.is_file()
    }
    assert wanted - inside == set()
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_nothing_private_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.namelist()
    for ending in (".key", ".sqlite3", ".log", ".pyc", ".env"):
        assert not [name for name in inside if name.endswith(ending)]
    assert not [name for name in inside if name.startswith(("tests/", "data/"))]


def test_the_wheel_runs_from_its_own_files(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import jingwei, json; from jingwei.run import paths\n"
        "print(json.dumps([jingwei.__file__, str(paths.content_folder())]))"
    )
    ended = run(unpacked, tmp_path, "-c", program)
    code, content = json.loads(ended.stdout)
    assert Path(code).is_relative_to(unpacked)
    assert Path(content).is_relative_to(unpacked)


def test_help_and_doctor_run_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    told = run(unpacked, tmp_path, "-m", "jingwei.run", "--help")
    assert told.returncode == 0, told.stderr
    looked = run(unpacked, tmp_path, "-m", "jingwei.run", "doctor", "--json")
    names = {check["name"] for check in json.loads(looked.stdout)["checks"]}
    assert {"Python", "SQLite", "中文字体", "数据库"} <= names
    assert "开发工具" not in names, "an installation needs no test servers"


def test_the_register_is_seeded_from_the_content_in_the_wheel(
    unpacked: Path, tmp_path: Path
) -> None:
    ended = run(unpacked, tmp_path, "-m", "jingwei.run", "assets", "summary", "--json")
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["rows"], summary["units"], summary["applications"]) == (54, 172, 25)


def test_pages_and_assets_are_served_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'jingwei.run.settings'\n"
        "from jingwei.run.wsgi import application\n"
        "from django.test import Client\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "client = Client(SERVER_NAME='localhost')\n"
        "from django.urls import reverse\n"
        "page = client.get(reverse('login'), follow=True)\n"
        "print(page.status_code, 'csrfmiddlewaretoken' in page.content.decode())\n"
        "print(client.get('/static/vendor/htmx/htmx.min.js').status_code)\n"
    )
    ended = run(unpacked, tmp_path, "-c", program)
    assert ended.stdout.split() == ["200", "True", "200"], ended.stderr
