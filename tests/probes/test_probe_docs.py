"""The docs are true: the reference is what the code says, the how-to's example runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from probe_peers import HOME, says, tcp_peer

from jingwei.probes import BUILTIN, Probe, describe, parse_options, run
from jingwei.probes.docs import document, document_all
from jingwei.terms import Reason, Target

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_reference_is_what_the_code_says() -> None:
    written = (DOCS / "probes.md").read_text("utf-8")
    assert written == document_all(), "run: python -m jingwei.probes.docs > docs/probes.md"


def test_the_reference_can_be_made_from_the_command_line() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "jingwei.probes.docs"], capture_output=True, check=True, timeout=60
    )
    assert made.stdout.decode("utf-8") == document_all()


@pytest.mark.parametrize("probe", BUILTIN, ids=lambda probe: probe.name)
def test_every_option_and_reading_of_a_probe_is_documented(probe: Probe) -> None:
    page = document(probe)
    for field in describe(probe):
        assert f"| `{field.name}` | {field.label} |" in page
        for column in field.columns:
            assert f"| `{column.name}` | {column.label} |" in page
    for measure in probe.readings:
        assert f"`{measure.name}`" in page


def example() -> dict[str, Any]:
    """The names the how-to's Python example defines."""
    text = (DOCS / "how-to" / "add-a-probe.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    module = type(sys)("example")
    sys.modules["example"] = module
    exec(compile(code, "add-a-probe.md", "exec"), module.__dict__)
    names.update(module.__dict__)
    return names


async def test_the_how_to_example_is_a_probe_that_works() -> None:
    made = example()["redis"]
    assert isinstance(made, Probe)
    options = {"expect": "+PONG"}
    async with tcp_peer(says(b"+PONG\r\n")) as port:
        chosen = parse_options(made, {"port": port, **options})
        outcome = await run(made, Target("T", HOME), chosen, timeout=2)
    assert outcome.answered
    assert [reading.name for reading in outcome.readings] == ["redis.ping"]
    async with tcp_peer(says(b"-NOAUTH Authentication required\r\n")) as port:
        chosen = parse_options(made, {"port": port})
        refused = await run(made, Target("T", HOME), chosen, timeout=2)
    assert refused.reason is Reason.REFUSED
