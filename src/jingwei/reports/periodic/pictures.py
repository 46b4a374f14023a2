"""The charts of a periodic report: what people would rather look at than read.

Each needs at least two months, or one counted case; without them there is no chart. A month in
which nobody watched is a gap, with the reason under the chart.
"""

from collections.abc import Sequence

from jingwei.reports.charts import Chart, Limit, Series
from jingwei.reports.document import Block
from jingwei.reports.periodic.facts import Account
from jingwei.reports.periodic.rows import Timed
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Severity

PROMISED = 99.9  # percent of the time, tender L700
_HOUR = 3600
_UNGRADED = "未定级"
_NAMES = (*(each.label for each in Severity), _UNGRADED)
_CALENDARS = ("5x8", "7x24")
# Upper ends in minutes, with the limit of the contract among them (30 min, 2 h).
_STEPS = {
    "电话响应": ((5, "≤5 分"), (10, "≤10 分"), (20, "≤20 分"), (30, "≤30 分"), (60, "≤1 小时")),
    "到达现场": ((30, "≤30 分"), (60, "≤1 小时"), (90, "≤1.5 小时"), (120, "≤2 小时"),
             (240, "≤4 小时")),
}  # fmt: skip
_BEYOND = {"电话响应": "＞1 小时", "到达现场": "＞4 小时"}
_FEWEST = 2


def _labels(held: Account) -> tuple[str, ...]:
    return tuple(month.label for month in held.months)


def _unknown(labels: Sequence[str], values: Sequence[float | None]) -> str:
    """Which months nobody watched."""
    gaps = [label for label, value in zip(labels, values, strict=True) if value is None]
    return f"{'、'.join(gaps)}：未采集（当时没有日检，不作 100 % 计）。" if gaps else ""


def availability(held: Account) -> list[Block]:
    """The share of each month against 99.9 %, and what is left of 8.8 h and 24 h."""
    labels = _labels(held)
    shares = tuple(month.ratio for month in held.months)
    if len(labels) < _FEWEST or all(share is None for share in shares):
        return []
    low = min(99.8, *(share for share in shares if share is not None))
    made: list[Block] = [
        Chart(
            "line", "核心设备逐月可用率", "%", labels, (Series("可用率", shares),),
            (Limit("99.9 %", PROMISED),), (low, 100.0), 3, _unknown(labels, shares),
        )
    ]  # fmt: skip
    down = tuple(_hours(month.down_left) for month in held.months)
    spells = tuple(_hours(month.emergency_left) for month in held.months)
    return [
        *made,
        Chart("line", "停机余量（合同年，各月末）", "小时", labels, (Series("8.8 小时余量", down),),
              (Limit("用尽", 0.0),), places=2),
        Chart("line", "一、二级应急事件余量（合同年，各月末）", "小时", labels,
              (Series("24 小时余量", spells),), (Limit("用尽", 0.0),), places=2),
    ]  # fmt: skip


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else seconds / _HOUR


def severities(held: Account) -> list[Block]:
    """Faults by severity and month of the contract year."""
    counts = [month.severities for month in held.months if month.severities is not None]
    if len(counts) < _FEWEST or not any(map(sum, counts)):
        return []
    series = tuple(
        Series(name, tuple(
            None if month.severities is None else month.severities[place] for month in held.months
        ))
        for place, name in enumerate(_NAMES)
        if name != _UNGRADED or any(each[place] for each in counts)
    )  # fmt: skip
    return [Chart("stacked", "故障按级别（合同年逐月）", "件", _labels(held), series)]


def kept(held: Account) -> list[Block]:
    """The share in time by month, and how long the answer and the way took."""
    return [*_in_time(held), *_took(held, "电话响应"), *_took(held, "到达现场")]


def _in_time(held: Account) -> list[Block]:
    """By the month a fault was opened in; a month without a decided limit is a gap."""
    months = {row.number: f"{row.at.astimezone(SHANGHAI):%y-%m}" for row in held.rows.tickets}
    labels = tuple(sorted(set(months.values())))
    if len(labels) < _FEWEST:
        return []
    series = tuple(
        Series(calendar, tuple(_share(held, months, label, calendar) for label in labels))
        for calendar in _CALENDARS
    )
    if not any(value is not None for each in series for value in each.values):
        return []
    note = "达标率 =（达标）/（达标 + 超时），三项时限合计，按建单月；没有到期时限的月份不画点。"
    return [
        Chart("line", "时限达标率（逐月）", "%", labels, series, axis=_from(series), places=1,
              note=note)
    ]  # fmt: skip


def _from(series: Sequence[Series]) -> tuple[float, float]:
    """From a round ten below the lowest share, so that differences are seen."""
    lowest = min(value for each in series for value in each.values if value is not None)
    return max(0.0, lowest // 10 * 10 - 10), 100.0


def _share(held: Account, months: dict[str, str], label: str, calendar: str) -> float | None:
    mine = [
        row.outcome for row in held.rows.clocks
        if row.calendar == calendar and months.get(row.number) == label
    ]  # fmt: skip
    decided = mine.count("met") + mine.count("late")
    return mine.count("met") / decided * 100 if decided else None


def _took(held: Account, limit: str) -> list[Block]:
    """How many were as quick as that, on both calendars (A03)."""
    rows = [row for row in held.rows.clocks if row.limit == limit and row.used is not None]
    if not rows:
        return []
    labels = (*(words for _, words in _STEPS[limit]), _BEYOND[limit])
    series = tuple(
        Series(calendar, _counts([row for row in rows if row.calendar == calendar], limit))
        for calendar in _CALENDARS
    )
    missing = sum(row.limit == limit and row.used is None for row in held.rows.clocks)
    note = f"另有 {missing} 项没有用时（未到场、远程解决或数据缺陷），不在图中。" if missing else ""
    return [Chart("bar", f"{limit}用时分布", "件", labels, series, note=note)]


def _counts(rows: Sequence[Timed], limit: str) -> tuple[float, ...]:
    ends = [minutes * 60 for minutes, _ in _STEPS[limit]]
    counts = [0] * (len(ends) + 1)
    for row in rows:
        used = row.used or 0
        counts[next((place for place, end in enumerate(ends) if used <= end), len(ends))] += 1
    return tuple(counts)


def checks(held: Account) -> list[Block]:
    """Daily checks finished of those owed, by month."""
    if len(held.months) < _FEWEST or not any(month.finished for month in held.months):
        return []
    series = (
        Series("应检工作日", tuple(month.owed for month in held.months)),
        Series("完成日检", tuple(month.finished for month in held.months)),
    )
    unknown = [month.label for month in held.months if month.owed is None]
    note = f"{'、'.join(unknown)}：工作日安排未公布。" if unknown else ""
    return [Chart("bar", "日检完成情况（合同年逐月）", "天", _labels(held), series, note=note)]


def efforts(held: Account) -> list[Block]:
    """Person-days of development used of the ten person-months, by the end of each month."""
    if len(held.months) < _FEWEST or not any(month.days_used for month in held.months):
        return []
    limit = float(held.budgets.days_limit)
    series = (Series("累计用量", tuple(month.days_used for month in held.months)),)
    return [
        Chart("line", "开发工作量累计（合同年，各月末）", "人日", _labels(held), series,
              (Limit(f"10 人月 = {limit:g} 人日", limit),), places=2)
    ]  # fmt: skip
