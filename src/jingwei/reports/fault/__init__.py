"""系统故障处理报告 (tender L605, reports.md section 10): facts gathered, the document drawn."""

from jingwei.reports.fault.build import conclusion, document
from jingwei.reports.fault.facts import Fault
from jingwei.reports.fault.gather import gather

__all__ = ["Fault", "conclusion", "document", "gather"]
