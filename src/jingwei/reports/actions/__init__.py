"""Every write of reports: built, written into, reviewed, submitted, delivered, signed, archived."""

from jingwei.reports.actions.building import (
    FIRST,
    REFRESHED,
    build,
    build_daily,
    new_version,
    number_of,
)
from jingwei.reports.actions.render import contents_of, render
from jingwei.reports.actions.steps import archive, deliver, object_, return_, review, sign, submit
from jingwei.reports.actions.templates import replace_template, withdraw_template
from jingwei.reports.actions.writing import state_place

__all__ = [
    "FIRST",
    "REFRESHED",
    "archive",
    "build",
    "build_daily",
    "contents_of",
    "deliver",
    "new_version",
    "number_of",
    "object_",
    "render",
    "replace_template",
    "return_",
    "review",
    "sign",
    "state_place",
    "submit",
    "withdraw_template",
]
