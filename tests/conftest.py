"""What every test shares: a data folder of its own, loopback-only sockets, cheap passwords."""

import os
import tempfile
from pathlib import Path

import pytest

os.environ["JINGWEI_DATA"] = os.environ.get("JINGWEI_TEST_DATA") or tempfile.mkdtemp(
    prefix="jingwei-test-"
)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Every socket of a test stays on loopback."""
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.0/8", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture
def content_folder() -> Path:
    """The shipped content of this checkout."""
    return Path(__file__).resolve().parent.parent / "content"
