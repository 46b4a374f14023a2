"""服务质量考核表 (tender L702, domain.md section 12): the client's sheet, printed to be signed."""

from jingwei.reports.appraisal.build import conclusion, document
from jingwei.reports.appraisal.facts import Sheet
from jingwei.reports.appraisal.gather import gather

__all__ = ["Sheet", "conclusion", "document", "gather"]
