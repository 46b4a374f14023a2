"""A contract year out of a seed: what happened, and what each obligation has to come to by it.

The truth is noted while things are made to happen; nothing here judges, and nothing of the
platform's judging is asked. It imports `jingwei.terms` only; `run.year` plays it.
"""

from jingwei.region.year.facts import Year
from jingwei.region.year.simulate import simulate
from jingwei.region.year.truth import Expected

__all__ = ["Expected", "Year", "simulate"]
