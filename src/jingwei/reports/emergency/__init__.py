"""应急事件处置报告 (tender L685, reports.md section 11): facts gathered, and the document drawn."""

from jingwei.reports.emergency.build import conclusion, document
from jingwei.reports.emergency.facts import Handling
from jingwei.reports.emergency.gather import gather

__all__ = ["Handling", "conclusion", "document", "gather"]
