"""A worker that died here: what it held is due at once, and nobody else's is touched."""

import os
import socket
import subprocess
import sys
from datetime import timedelta

import check_making as making
import pytest
from check_making import NOON

from jingwei.checks.actions import claim
from jingwei.checks.models import CheckState
from jingwei.run.desk import DatabaseDesk, is_dead, worker_name

HERE = socket.gethostname()[:30]


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_worker_whose_process_ended_here_is_dead(gone: int) -> None:
    assert is_dead(f"{HERE}:{gone}:0a1b2c3d")


def test_a_running_process_is_not_dead_whoever_runs_it() -> None:
    assert not is_dead(f"{HERE}:{os.getppid()}:0a1b2c3d")
    assert not is_dead(f"{HERE}:1:0a1b2c3d")


def test_our_own_number_under_another_name_is_that_of_a_dead_one() -> None:
    assert is_dead(f"{HERE}:{os.getpid()}:0a1b2c3d")


@pytest.mark.parametrize("name", ["other-host:{gone}:0a1b2c3d", "{gone}", "", "a:b:c", "turns"])
def test_of_other_hosts_and_other_names_nothing_is_claimed(name: str, gone: int) -> None:
    assert not is_dead(name.format(gone=gone))


def test_a_number_no_process_can_have_is_not_called_dead() -> None:
    assert not is_dead(f"{HERE}:{10**30}:0a1b2c3d")


@pytest.mark.django_db
def test_what_a_dead_worker_held_is_due_at_once_and_no_other(gone: int) -> None:
    room = making.target()
    for number in range(6):
        making.check(room, name=f"c{number}", due=NOON)
    own, until = worker_name(), NOON + timedelta(minutes=5)
    for name in (f"{HERE}:{gone}:dead0000", f"{HERE}:{os.getppid()}:alive000", own):
        assert len(claim.claim_checks(name, 2, NOON, until)) == 2
    desk = DatabaseDesk(own, lambda: NOON)
    assert desk.take_over() == 2
    assert CheckState.objects.filter(leased_until__isnull=True).count() == 2
    assert desk.take_over() == 0
    desk.close()
