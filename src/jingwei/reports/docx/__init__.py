"""The document tree as a Word file: to edit, print and sign."""

from jingwei.reports.docx.writer import write

__all__ = ["write"]
