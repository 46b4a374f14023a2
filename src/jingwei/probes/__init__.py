"""Probes: one file per protocol. Ask a target, return readings, judge nothing.

probe = find("http")
options = parse_options(probe, {"port": 8080, "path": "/health"})
outcome = await run(probe, Target("APP-10", "127.0.0.1"), options, timeout=5)
"""

from jingwei.probes.builtin import BUILTIN, UnknownProbeError, all_probes, find
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import (
    Measure,
    Probe,
    check_options,
    describe,
    parse_options,
    probe,
    readings_of,
    run,
)
from jingwei.probes.limits import Limits
from jingwei.probes.options import Field, OptionError, option
from jingwei.probes.units import UNITS

__all__ = [
    "BUILTIN",
    "UNITS",
    "Field",
    "Limits",
    "Measure",
    "OptionError",
    "Probe",
    "ProbeError",
    "UnknownProbeError",
    "all_probes",
    "check_options",
    "describe",
    "find",
    "option",
    "parse_options",
    "probe",
    "readings_of",
    "run",
]
