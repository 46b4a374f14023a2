"""The commands an operator types, as processes: region up, fault, check run, heal, down."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.region


class Shell:
    """A terminal in one data folder."""

    def __init__(self, data: Path) -> None:
        self.environment = {**os.environ, "JINGWEI_DATA": str(data)}

    def __call__(self, *words: str, code: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "jingwei.run", *words, "--json"],
            env=self.environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)


def test_a_fault_typed_is_a_finding_told(tmp_path: Path) -> None:
    jingwei = Shell(tmp_path)
    if "JINGWEI_DATABASE_URL" in os.environ:
        pytest.skip("commands need a database of their own")
    up = jingwei("region", "up", "--detach")
    try:
        assert up["endpoints"] > 300
        assert jingwei("region", "status")["faults"] == []
        healthy = jingwei("check", "run", "daily")
        assert (healthy["abnormal"], healthy["findings"]) == (0, [])
        assert healthy["took_seconds"] < 20
        fault = jingwei("region", "fault", "disk-pre-fail", "--on", "HW-016-1")
        found = jingwei("check", "run", "daily", "--fail-on-abnormal", code=1)
        told = [(one["target"], one["item"]) for one in found["findings"]]
        assert told == [("HW-016-1", "storage.disk")]
        assert fault["item"] == "storage.disk"
        assert found["findings"][0]["reading"]
        assert found["findings"][0]["threshold"]
        status = jingwei("check", "status")
        assert status["counts"]["abnormal"] == 1
        assert "disk-pre-fail" in jingwei("region", "fault", "no-such", code=2)["error"]
        jingwei("region", "heal", "disk-pre-fail")
        assert jingwei("check", "run", "daily")["findings"] == []
    finally:
        jingwei("region", "down")
    # Nobody answers any more because nobody is asked: 未检 with its reason, no fault of a device.
    after = jingwei("check", "run", "daily")
    assert (after["checked"], after["findings"]) == (0, [])
    assert any("未登记" in reason for reason in after["unchecked_reasons"])
    assert "region up" in jingwei("region", "status", code=1)["error"]
