"""Fixtures of the probe tests."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from probe_peers import HOME, Authority


@pytest.fixture
def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as taken:
        taken.bind((HOME, 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority of this test run."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def public_folder() -> Iterator[Path]:
    """A folder that servers dropped to another user can reach.

    Not below pytest's own: that is closed to others again whenever any pytest starts.
    """
    with tempfile.TemporaryDirectory(prefix="jingwei-peers-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
