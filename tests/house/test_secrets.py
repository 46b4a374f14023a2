"""The key file: made once, private, whole, and never silently replaced."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jingwei.run import secrets


def test_a_first_start_makes_a_private_key_of_32_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    key = secrets.master_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_every_later_start_reads_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    assert secrets.master_key(path) == secrets.master_key(path) == secrets.read_key(path)


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert secrets.master_key(tmp_path / "a") != secrets.master_key(tmp_path / "b")


def test_django_gets_a_key_that_is_not_the_master_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    derived = secrets.django_key(path)
    assert len(derived) == 64
    assert derived == secrets.django_key(path)
    assert secrets.master_key(path).hex() not in derived


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"not base64 at all!", base64.urlsafe_b64encode(b"short"), b"\xff" * 44],
)
def test_a_damaged_key_is_refused_and_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(secrets.KeyFileError, match="已损坏"):
        secrets.master_key(path)
    assert path.read_bytes() == content


def test_a_key_with_a_line_break_at_its_end_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    key = secrets.master_key(path)
    path.write_bytes(path.read_bytes() + b"\n")
    assert secrets.read_key(path) == key


def test_reading_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        secrets.read_key(tmp_path / "secret.key")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_start_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / f"secret.{os.getpid()}").write_bytes(b"half")
    assert len(secrets.master_key(tmp_path / "secret.key")) == 32


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from jingwei.run.secrets import master_key\n"
        "print(master_key(Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "secret.key")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = {process.communicate(timeout=60)[0].strip() for process in running}
    assert len(said) == 1
    assert len(said.pop()) == 64
