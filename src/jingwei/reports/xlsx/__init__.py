"""The tables of a document tree as a workbook: to sort, add up and copy from."""

from jingwei.reports.xlsx.writer import write

__all__ = ["write"]
