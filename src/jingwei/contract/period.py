"""Moving a service period by whole years, pure."""

from datetime import date, timedelta

_DAY = timedelta(days=1)


def shifted(start: date, end: date, today: date) -> tuple[date, date, int] | None:
    """The period moved by whole years so that it contains `today`: start, end (included), years.

    None when no whole number of years does it: the period is shorter than a year and `today`
    falls into the gap.
    """
    guess = today.year - start.year
    for years in (guess - 1, guess, guess + 1):
        moved = _years_later(start, years), _years_later(end + _DAY, years) - _DAY
        if moved[0] <= today <= moved[1]:
            return *moved, years
    return None


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a common year: the day after the 28th
        return date(day.year + years, 3, 1)
