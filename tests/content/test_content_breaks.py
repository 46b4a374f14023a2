"""What the shipped checks say breaks for others: only a fault that really takes it from them."""

from pathlib import Path

import pytest

from jingwei.checks.content import CheckTemplate, load_devices
from jingwei.checks.content.words import Break

FOLDER = Path(__file__).resolve().parents[2] / "content" / "devices"
CHECKS = [check for model in load_devices(FOLDER) for check in model.checks]
BREAKING = [(check, broken) for check in CHECKS for broken in check.breaks]
GROUND = {"power", "network", "host", "storage"}


@pytest.mark.parametrize(
    ("check", "broken"), BREAKING, ids=[f"{c.id}-{b.kind}-{n}" for n, (c, b) in enumerate(BREAKING)]
)
def test_what_answers_and_complains_still_carries_what_is_on_it(
    check: CheckTemplate, broken: Break
) -> None:
    """A host with a full disk took a failed login of its guest behind it: that fault was hidden.

    So a check of the ground others stand on breaks it when it is silent or a reading says so; by
    any abnormal verdict only if there is none but that nothing answered.
    """
    judged = [rule for rule in check.rules if rule.crit is not None]
    assert broken.kind not in GROUND or broken.silent or broken.reading or judged == []


def test_every_kind_of_host_can_be_found_dead() -> None:
    hosts = {check.id for check, broken in BREAKING if broken.kind == "host"}
    assert hosts == {"server.online", "windows.host", "vmware.host"}
