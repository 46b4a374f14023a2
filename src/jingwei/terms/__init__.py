"""The words: frozen dataclasses and enums every room shares. Imports nothing of ours."""

from jingwei.terms.outcome import Outcome, Reason
from jingwei.terms.peer import Endpoint, FaultSpec, Need, Peer
from jingwei.terms.reading import Reading, Value
from jingwei.terms.result import Result, worst
from jingwei.terms.target import Target
from jingwei.terms.zone import SHANGHAI

__all__ = [
    "SHANGHAI",
    "Endpoint",
    "FaultSpec",
    "Need",
    "Outcome",
    "Peer",
    "Reading",
    "Reason",
    "Result",
    "Target",
    "Value",
    "worst",
]
