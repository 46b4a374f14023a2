"""The daily check report 日检报告 (reports.md section 2): from a frozen sheet to a document."""

from jingwei.reports.daily.build import document
from jingwei.reports.daily.sheet import Sheet

__all__ = ["Sheet", "document"]
