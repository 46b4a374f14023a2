"""Warranty: derived as of a date, beside the tender's own word, with what it means for repairs.

The tender gives a purchase month and years, no day: a warranty counts through the last day of the
month it ends in, and pages say that this is an inference. The duty (who repairs) follows the
tender's word (domain.md section 2) until the client settles a disagreement.
"""

import calendar
from dataclasses import dataclass
from datetime import date

from jingwei.assets.models import AssetRow

OUT = "过保"
IN = "保内"
DAY_UNKNOWN = "按购置年月加保修年限推算；清单未写日，按到期月最后一日计"


@dataclass(frozen=True, slots=True)
class Warranty:
    """What is known of one row's warranty as of a date.

    `tender` and `derived` are 过保 or 保内; `ends` is the last covered day; `days_left` counts from
    `as_of` to it (0 on that day, negative after).
    """

    tender: str
    derived: str
    ends: date
    as_of: date
    days_left: int

    @property
    def agrees(self) -> bool:
        """Whether the dates say what the tender says."""
        return self.tender == self.derived

    @property
    def in_warranty(self) -> bool:
        """What the dates say."""
        return self.derived == IN

    @property
    def left(self) -> str:
        """The days left or gone, in words."""
        if self.days_left >= 0:
            return f"剩 {self.days_left} 天"
        return f"已过 {-self.days_left} 天"

    @property
    def basis(self) -> str:
        """How the end was derived."""
        return DAY_UNKNOWN

    @property
    def meaning(self) -> str:
        """Who repairs, or what has to be settled first."""
        if self.agrees and self.derived == OUT:
            return "过保：由中标商负责维修，含备件与人工"
        if self.agrees:
            return "保内：由中标商联系厂商保修，并负责日常巡检与运维管理"
        if self.derived == OUT:
            return (
                f"招标文件写“保内”（联系厂商保修），但按日期已于 {self.ends} 到期，"
                "厂商可能不再免费维修：由谁维修须与甲方确认"
            )
        return (
            f"招标文件写“过保”（中标商维修，含备件与人工），但按日期保修到 {self.ends}，"
            "可先联系厂商：由谁维修须与甲方确认"
        )


def month_end(month: date, years: int) -> date:
    """The last day of the month `years` after a month."""
    year = month.year + years
    return date(year, month.month, calendar.monthrange(year, month.month)[1])


def warranty(row: AssetRow, as_of: date) -> Warranty:
    """The warranty of a row as of a date (tender L28-414: 购置年月, 保修年限, 过保/保内)."""
    ends = month_end(row.purchase_month, row.warranty_years)
    return Warranty(
        tender=row.tender_status,
        derived=IN if as_of <= ends else OUT,
        ends=ends,
        as_of=as_of,
        days_left=(ends - as_of).days,
    )
