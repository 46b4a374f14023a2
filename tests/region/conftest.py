"""A region of its own in a process of its own, as in real life; every test leaves it healthy."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from region_peers import one_of_each
from region_process import Launch, Where, running_region, terminate
from region_process import launch as launched

from jingwei.region import control
from jingwei.terms import Peer


@pytest.fixture(scope="session")
def shared_region() -> Iterator[Path]:
    """One region for the whole session."""
    with running_region() as folder:
        yield folder


@pytest.fixture
def region(shared_region: Path) -> Iterator[Path]:
    """The shared region, healthy before and after the test."""
    yield shared_region
    control.heal(shared_region)


@pytest.fixture(scope="session")
def peers() -> list[Peer]:
    """What the shared region plays."""
    return one_of_each()


@pytest.fixture
def where(region: Path) -> Where:
    """The endpoint of a key and a protocol."""
    known = {(each.key, each.protocol): each for each in control.endpoints(region)}
    return lambda key, protocol: known[key, protocol]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts regions; none outlives its test, whatever becomes of the test."""
    started = []

    def start(folder: Path, peers: str = "one_of_each") -> "subprocess.Popen[bytes]":
        started.append(launched(folder, peers))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            terminate(process)
