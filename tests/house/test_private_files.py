"""The database file is its owner's alone, from its first byte on and after an upgrade."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from jingwei.run import paths
from jingwei.run.doctor import installation
from jingwei.run.doctor.line import Level


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_the_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths.private(tmp_path / "a.sqlite3")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a.sqlite3") == 0o600


def test_a_file_from_before_and_its_companions_become_so_and_keep_their_bytes(
    tmp_path: Path,
) -> None:
    names = ["a.sqlite3", "a.sqlite3-wal", "a.sqlite3-shm"]
    for name in names:
        (tmp_path / name).write_bytes(b"held")
        (tmp_path / name).chmod(0o644)
    paths.private(tmp_path / "a.sqlite3")
    assert [mode(tmp_path / name) for name in names] == [0o600] * 3
    assert {(tmp_path / name).read_bytes() for name in names} == {b"held"}


def test_a_place_where_no_file_can_be_is_left_to_the_connection(tmp_path: Path) -> None:
    paths.private(tmp_path / "absent" / "a.sqlite3")
    paths.private(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_start_in_an_empty_folder_makes_a_private_database(tmp_path: Path) -> None:
    program = (
        "import os; os.umask(0); import django; django.setup();"
        "from django.db import connection;"
        "connection.cursor().execute('CREATE TABLE t (a)')"
    )
    environment = {
        key: value for key, value in os.environ.items() if key != "JINGWEI_DATABASE_URL"
    } | {"JINGWEI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "jingwei.run.settings"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    found = sorted(tmp_path.glob("jingwei.sqlite3*"))
    assert found
    assert {mode(path) for path in found} == {0o600}


@pytest.mark.django_db
def test_the_doctor_names_a_database_others_can_read() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its own files")
    file = Path(connection.settings_dict["NAME"])
    before = mode(file)
    try:
        file.chmod(0o644)
        lines = [line for line in installation.database() if "可被他人读取" in line.detail]
        assert [(line.level, f"chmod 600 {file}" in line.mend) for line in lines] == [
            (Level.WARN, True)
        ]
        file.chmod(0o600)
        assert not [line for line in installation.database() if "可被他人读取" in line.detail]
    finally:
        file.chmod(before)
