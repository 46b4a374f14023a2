"""Every write of this room: the published calendar, and what the client enters by hand."""

from datetime import date, datetime

from django.db import transaction

from jingwei.accounts.actions import record
from jingwei.accounts.models import User
from jingwei.calendars import published
from jingwei.calendars.errors import CalendarError
from jingwei.calendars.models import CalendarDay, Safeguard

SYSTEM = "系统"


@transaction.atomic
def seed(now: datetime) -> int:
    """Bring in the published years; returns how many days were new or have changed.

    Idempotent. A day somebody entered by hand stays as he entered it. A year that is not published
    gets no rows: it is 未公布, never guessed.
    """
    source = published.source()
    known = {day.date: day for day in CalendarDay.objects.all()}
    new, changed = [], []
    for day in published.days():
        row = known.get(day.date)
        if row is None:
            new.append(
                CalendarDay(date=day.date, working=day.working, name=day.name, source=source)
            )
        elif row.published and (row.working, row.name) != (day.working, day.name):
            row.working, row.name, row.source = day.working, day.name, source
            changed.append(row)
    CalendarDay.objects.bulk_create(new, batch_size=500)
    CalendarDay.objects.bulk_update(changed, ["working", "name", "source"], batch_size=200)
    if new or changed:
        years = published.years()
        record(
            SYSTEM,
            "calendar.seed",
            kind="calendar",
            key=f"{years.start}-{years.stop - 1}",
            after={"new": len(new), "changed": [row.date for row in changed], "source": source},
            now=now,
        )
    return len(new) + len(changed)


@transaction.atomic
def set_day(
    day: date, working: bool, *, name: str = "", source: str, by: User | str, now: datetime
) -> CalendarDay:
    """Enter one day by hand: a year not in the package yet, or a change during the year.

    `source` names the notice. Raises CalendarError when it is missing.
    """
    source = source.strip()
    if not source:
        raise CalendarError("请写明依据，例如“国办发明电〔2026〕7号”。")
    if len(source) > 50 or len(name) > 64:
        raise CalendarError("依据最长 50 字，名称最长 64 字。")
    before = CalendarDay.objects.filter(date=day).values("working", "name", "source").first()
    after = {"working": working, "name": name.strip(), "source": f"{CalendarDay.BY_HAND}{source}"}
    row, _ = CalendarDay.objects.update_or_create(date=day, defaults=after)
    record(
        by,
        "calendar.day",
        kind="calendar",
        key=day.isoformat(),
        before=before,
        after=after,
        reason=source,
        now=now,
    )
    return row


@transaction.atomic
def add_safeguard(start: date, end: date, name: str, *, by: User | str, now: datetime) -> Safeguard:
    """Enter a safeguard period (重保期), both ends included. Raises CalendarError."""
    if end < start:
        raise CalendarError(f"结束日期 {end} 早于开始日期 {start}。")
    if not name.strip() or len(name) > 64:
        raise CalendarError("请填写重保期名称，最长 64 字，例如“进博会”。")
    row = Safeguard.objects.create(start=start, end=end, name=name.strip())
    record(
        by,
        "safeguard.add",
        kind="safeguard",
        key=str(row.pk),
        after={"start": start, "end": end, "name": row.name},
        now=now,
    )
    return row


@transaction.atomic
def end_safeguard(
    safeguard: Safeguard, end: date, *, reason: str, by: User | str, now: datetime
) -> None:
    """Move the end of a safeguard period; it is never deleted. Raises CalendarError."""
    if end < safeguard.start:
        raise CalendarError(f"结束日期 {end} 早于开始日期 {safeguard.start}。")
    if not reason.strip():
        raise CalendarError("请写明调整原因。")
    before = {"end": safeguard.end}
    safeguard.end = end
    safeguard.save(update_fields=["end"])
    record(
        by,
        "safeguard.end",
        kind="safeguard",
        key=str(safeguard.pk),
        before=before,
        after={"end": end},
        reason=reason,
        now=now,
    )
