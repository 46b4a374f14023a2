"""Monthly, quarterly and annual reports: one account of a period, three ways to tell it.

Tender L691 (月报), L583-587 (季报, four sections in its order), L589-592 (年报); reports.md 5-7.
"""

from jingwei.reports.periodic.documents import annual, conclusion, monthly, quarterly
from jingwei.reports.periodic.facts import Account
from jingwei.reports.periodic.gather import gather
from jingwei.reports.periodic.spans import Span, find, proposed, shape

__all__ = [
    "Account", "Span", "annual", "conclusion", "find", "gather", "monthly", "proposed",
    "quarterly", "shape",
]  # fmt: skip
