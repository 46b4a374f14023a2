"""A simulated contract year played on the platform, and what it comes to held against its truth."""

from jingwei.run.year.compare import Difference, compare
from jingwei.run.year.play import play
from jingwei.run.year.stage import OccupiedError, contract_of

__all__ = ["Difference", "OccupiedError", "compare", "contract_of", "play"]
