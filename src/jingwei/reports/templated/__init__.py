"""A client's own Word template instead of our layout: its fields, its check, its filling.

The fields are what the report itself says, by the report's own names, so every kind has them.
"""

from jingwei.reports.templated.check import check
from jingwei.reports.templated.fields import Fields, Listed, fields_of
from jingwei.reports.templated.fill import fill
from jingwei.reports.templated.sample import sample

__all__ = ["Fields", "Listed", "check", "fields_of", "fill", "sample"]
