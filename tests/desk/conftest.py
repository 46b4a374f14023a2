"""The desk's clocks are held against the slow reference of tests/sla."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sla"))
