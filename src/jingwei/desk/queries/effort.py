"""The ledger of development work against the 10 person-months (tender L517, ambiguity A23)."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from jingwei.desk.models import Effort

MONTHS = Decimal(10)
# The tender says nothing (A23); 21.75 is the statutory average of paid days in a month.
DAYS_PER_MONTH = Decimal("21.75")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking, what was used up to and with it, whether that is over the budget."""

    effort: Effort
    used: Decimal
    over: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """A period's bookings. `limit`, `used`, `left` in person-days; `left` may be negative."""

    start: date
    end: date
    days_per_month: Decimal
    limit: Decimal
    used: Decimal
    entries: tuple[Entry, ...]

    @property
    def left(self) -> Decimal:
        """What remains, negative when over."""
        return self.limit - self.used

    @property
    def over(self) -> Decimal:
        """By how many person-days the budget is exceeded: for the client to decide."""
        return max(-self.left, Decimal(0))

    @property
    def months(self) -> Decimal:
        """What was used in person-months."""
        return (self.used / self.days_per_month).quantize(CENT, ROUND_HALF_UP)

    @property
    def note(self) -> str:
        """How the figure was reckoned, and that the tender does not say."""
        return f"换算口径招标文件未写（A23），按 1 人月 = {self.days_per_month} 人日计，含等于"


def ledger(
    start: date, end: date, *, days_per_month: Decimal = DAYS_PER_MONTH, months: Decimal = MONTHS
) -> Ledger:
    """Every booking whose day lies in the period, both included, corrections beside them."""
    rows = Effort.objects.filter(date__gte=start, date__lte=end)
    limit = (months * days_per_month).quantize(CENT)
    used = Decimal(0)
    entries = []
    for row in rows.select_related("ticket", "person", "corrects").order_by("date", "id"):
        used += row.days
        entries.append(Entry(row, used, used > limit))
    return Ledger(start, end, days_per_month, limit, used, tuple(entries))
