"""应急响应演练报告 (tender L682, reports.md section 11): facts gathered, and the document drawn."""

from jingwei.reports.drill.build import conclusion, document
from jingwei.reports.drill.facts import Exercise
from jingwei.reports.drill.gather import gather

__all__ = ["Exercise", "conclusion", "document", "gather"]
