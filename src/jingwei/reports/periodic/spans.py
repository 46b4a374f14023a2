"""Which days a periodic report is about, from its short subject.

"2026-Q1" is the first quarter of the contract year that begins in 2026 (three months each from its
first day), "2026-C1" the calendar's first quarter of 2026 clipped to the term (ambiguity A14),
"2026-H1" the first half of that contract year, "2026-11" the contract month that begins in November
2026, "2026" the contract year that begins in 2026. A title always shows the dates.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.contract.queries.versions import in_order
from jingwei.reports.errors import ReportError
from jingwei.sla.measures.periods import add_months, midnight

_DAY = timedelta(days=1)
_SHAPES = {
    "quarterly": (re.compile(r"(2\d{3})-([QC])([1-4])"),
                  "年-Q季，如 2026-Q1（合同季）或 2026-C1（自然季）"),
    "monthly": (re.compile(r"(2\d{3})-(0[1-9]|1[0-2])"), "年-月，如 2026-11"),
    "half-yearly": (re.compile(r"(2\d{3})-H([12])"),
                    "年-H半年，如 2026-H1（合同年度上半年）"),
    "annual": (re.compile(r"(2\d{3})"), "合同年度开始的年份，如 2026"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report, both included, within the contract year that holds them.

    `as_of` is the end of the days or, while they last, the moment of gathering.
    """

    kind: str
    subject: str
    label: str
    first: date
    last: date
    year_first: date
    year_last: date
    as_of: datetime

    @property
    def closed(self) -> bool:
        """Whether the last day is over."""
        return self.as_of >= midnight(self.last + _DAY)

    @property
    def days(self) -> str:
        """The dates, as a title shows them."""
        return f"{self.first.isoformat()} 至 {self.last.isoformat()}"

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it and was not after `as_of`."""
        return midnight(self.first) <= at < midnight(self.last + _DAY) and at <= self.as_of


def shape(kind: str) -> str:
    """How a subject of this kind is written."""
    return _SHAPES[kind][1]


def find(kind: str, subject: str, now: datetime) -> tuple[Contract, Span]:
    """The contract and the days. Raises ReportError: written otherwise, no contract, to come."""
    pattern, words = _SHAPES[kind]
    said = pattern.fullmatch(subject.strip())
    if said is None:
        raise ReportError(f"报告期“{subject[:20]}”应写成 {words}")
    for held in in_order(contract.contracts().order_by()):
        found = _within(held, kind, said)
        if found is None:
            continue
        first, last, label, year = found
        if midnight(first) > now:
            raise ReportError(f"{label}（{first} 至 {last}）还没有开始，不能生成报告")
        as_of = min(now, midnight(last + _DAY))
        return held, Span(kind, subject.strip(), label, first, last, *year, as_of)
    raise ReportError(f"没有合同覆盖报告期“{subject[:20]}”")


def proposed(today: date) -> dict[str, str]:
    """Kind → the subject of the period that holds a day, to fill a form; none without contract."""
    held = contract.current(today)
    if held is None:
        return {}
    year = _year_of(held, today)
    months = (today.year - year[0].year) * 12 + today.month - year[0].month
    months -= today.day < year[0].day
    month = add_months(year[0], months)
    return {
        "monthly": f"{month:%Y-%m}", "quarterly": f"{year[0].year}-Q{months // 3 + 1}",
        "half-yearly": f"{year[0].year}-H{months // 6 + 1}", "annual": str(year[0].year),
    }  # fmt: skip


Found = tuple[date, date, str, tuple[date, date]]


def _within(held: Contract, kind: str, said: "re.Match[str]") -> Found | None:
    """The days, their name and the contract year, where this contract has such a period."""
    number = int(said[1])
    if kind == "monthly":
        return _month(held, number, int(said[2]))
    if kind == "quarterly" and said[2] == "C":
        return _calendar_quarter(held, number, int(said[3]))
    year = next((year for year in _years(held) if year[0].year == number), None)
    if year is None:
        return None
    if kind == "annual":
        return *year, f"{number} 合同年度", year
    if kind == "half-yearly":
        half = int(said[2])
        return _part(year, 6, half, f"{number} 合同年度{'上下'[half - 1]}半年")
    quarter = int(said[3])
    return _part(year, 3, quarter, f"{number} 合同年度第 {quarter} 季度")


def _part(year: tuple[date, date], months: int, place: int, label: str) -> Found | None:
    """The so-manieth part of a contract year; the last one may be shorter, or not there at all."""
    first = add_months(year[0], months * (place - 1))
    last = min(add_months(year[0], months * place) - _DAY, year[1])
    return None if first > year[1] else (first, last, label, year)


def _month(held: Contract, number: int, month: int) -> Found | None:
    for year in _years(held):
        for step in range(12):
            first = add_months(year[0], step)
            if first > year[1] or (first.year, first.month) != (number, month):
                continue
            last = min(add_months(year[0], step + 1) - _DAY, year[1])
            return first, last, f"{number} 年 {month} 月", year
    return None


def _calendar_quarter(held: Contract, number: int, quarter: int) -> Found | None:
    start = date(number, 3 * quarter - 2, 1)
    first = max(start, held.period_start)
    last = min(add_months(start, 3) - _DAY, held.period_end)
    if first > last:
        return None
    return first, last, f"{number} 年自然第 {quarter} 季度", _year_of(held, first)


def _years(held: Contract) -> list[tuple[date, date]]:
    """The contract years: twelve months each from the first day, the last one may be shorter."""
    found: list[tuple[date, date]] = []
    first = held.period_start
    while first <= held.period_end:
        step = 12 * (len(found) + 1)
        after = add_months(held.period_start, step)
        found.append((first, min(after - _DAY, held.period_end)))
        first = after
    return found


def _year_of(held: Contract, day: date) -> tuple[date, date]:
    return next(year for year in _years(held) if year[0] <= day <= year[1])
