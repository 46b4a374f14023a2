"""The miniature region end to end: the daily check finds every fault, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jingwei.checks.models import Finding
from jingwei.region import control, faults
from jingwei.run import clock, district, setup
from jingwei.run.routine import Outcome, run_routine
from jingwei.terms import Result

pytestmark = [pytest.mark.region, pytest.mark.long, pytest.mark.django_db(transaction=True)]
MOST_SECONDS = 20.0  # of one daily check, on two cores

# The region's own process: what it plays comes from the register of this test, by a file.
SERVE = """
import json, sys
from pathlib import Path
from jingwei import region
from jingwei.terms import Peer
peers = [Peer(*row) for row in json.loads(Path(sys.argv[2]).read_text())]
region.serve(Path(sys.argv[1]), peers)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("district")


@pytest.fixture
def played(folder: Path, settings: Any) -> Iterator[Path]:
    """The whole register, played by a region, its endpoints and checks registered."""
    settings.JINGWEI_DATA = folder
    setup.prepare(administrator=False)
    rows = [[peer.key, peer.kind, peer.label, peer.vendor, peer.model] for peer in district.peers()]
    (folder / "peers.json").write_text(json.dumps(rows))
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(district.folder()), str(folder / "peers.json")],
        env={**os.environ},
    )
    try:
        district.ready(process)
        district.register()
        yield district.folder()
    finally:
        process.terminate()
        process.wait(60)


def look() -> Outcome:
    return run_routine("daily", clock.today())


def exceptions(found: Outcome) -> list[tuple[str, str, Result]]:
    return [(row.target, row.item, row.result) for row in found.board.exceptions]


def test_a_healthy_region_is_normal_and_every_fault_is_found_alone(played: Path) -> None:
    """One region for all faults: starting one takes longer than looking at it."""
    first = look()
    assert exceptions(first) == []
    assert first.took < MOST_SECONDS
    counts = first.board.counts
    assert counts.planned > 700
    assert counts.checked > 600
    assert counts.planned == counts.checked + counts.unchecked + counts.not_applicable
    assert all(row.reason for row in first.board.rows if row.result is Result.UNCHECKED)

    specs = control.faults(played)
    assert len(specs) >= 12
    wrong = {}
    for spec in specs:
        target = control.fault(played, spec.name)["target"]
        found = look()
        control.heal(played)
        if exceptions(found) != [(target, spec.item, Result.ABNORMAL)]:
            wrong[spec.name] = (target, spec.item, exceptions(found))
        assert found.took < MOST_SECONDS
        open_now = Finding.objects.filter(closed_at__isnull=True)
        assert [(one.target.key, one.item) for one in open_now] == [(target, spec.item)], spec.name
    assert wrong == {}

    last = look()
    assert exceptions(last) == []
    assert not Finding.objects.filter(closed_at__isnull=True).exists()
    # Two faults in a row at one check are one finding: it never was normal in between.
    places = {spec.item for spec in specs}
    assert set(Finding.objects.values_list("item", flat=True)) == places


def test_the_faults_of_the_register_are_known_without_a_region() -> None:
    setup.prepare(administrator=False)
    names = [spec.name for spec in faults.available(district.peers())]
    assert len(names) == len(set(names)) >= 12
