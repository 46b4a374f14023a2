"""A contract year of data in a data folder: what the pages must stay fast on.

Takes the folder of an installation that has finished one daily check (so every series, item and
report is real) and multiplies it back in time: five-minute observations of every series for as
long as they are kept, daily summaries for the year, state changes with their findings, a daily
run with all its answers for every day, and a report for every working day.

    JINGWEI_DATA=folder python benchmarks/year.py [--days 365]
"""

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.run.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from jingwei.calendars import queries as calendars  # noqa: E402
from jingwei.checks.models import (  # noqa: E402
    Check,
    Finding,
    ItemResult,
    Observation,
    RoutineRun,
    Series,
    StateChange,
)
from jingwei.reports.models import Report  # noqa: E402
from jingwei.terms import SHANGHAI, Result  # noqa: E402

STEP = 300


def main() -> None:
    """Multiplies the folder named by JINGWEI_DATA and prints what it then holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    days = parser.parse_args().days
    started = time.perf_counter()
    now = timezone.now()
    counts = {
        "observations": observations(now, settings.JINGWEI_OBSERVATION_DAYS),
        "daily summaries": summaries(now, days),
        "state changes": changes(now, days),
        "daily runs": runs(now, days),
        "reports": reports(now, days),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    size = sum(file.stat().st_size for file in settings.DATA.glob("jingwei.sqlite3*"))
    print(json.dumps(counts | {"MB": size >> 20, "s": round(time.perf_counter() - started)}))


def observations(now: datetime, days: int) -> int:
    """Every series every five minutes, ordered as the primary key is."""
    bases = dict(Observation.objects.order_by("epoch").values_list("series_id", "value"))
    end = int(now.timestamp()) // STEP * STEP - STEP
    start = end - days * 86400
    table = Observation._meta.db_table
    total = 0
    for series in Series.objects.order_by("pk").values_list("pk", flat=True):
        rows = list(_wave(series, bases.get(series), start, end))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT OR IGNORE INTO {table} (series_id, epoch, code, value)"
                " VALUES (%s, %s, %s, %s)",
                rows,
            )
        total += len(rows)
    return total


def _wave(
    series: int, base: float | None, start: int, end: int
) -> Iterator[tuple[int, int, int, float | None]]:
    normal = Result.NORMAL.code
    for epoch in range(start, end, STEP):
        value = None
        if base is not None:
            value = round(base * (1 + 0.03 * math.sin(epoch / 13751 + series)), 3)
        yield series, epoch, normal, value


def summaries(now: datetime, days: int) -> int:
    """A row a day and series, from the newest observation of the series."""
    dates = [(now.astimezone(SHANGHAI) - timedelta(days=n)).date() for n in range(1, days + 1)]
    latest = Observation.objects.order_by("epoch").values_list("series_id", "value")
    rows = [
        (series, day.isoformat(), 288, 0, 0, value, value, value, value)
        for series, value in dict(latest).items()
        for day in dates
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR IGNORE INTO checks_dailysummary (series_id, date, count, bad, unchecked,"
            " minimum, maximum, mean, last) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
    return len(rows)


def changes(now: datetime, days: int) -> int:
    """Ten checks a day turn abnormal for a quarter of an hour: two changes and a finding each."""
    checks = list(Check.objects.select_related("target").order_by("pk"))
    rows: list[StateChange] = []
    findings: list[Finding] = []
    for n in range(days * 10):
        check = checks[n * 7 % len(checks)]
        at = now - timedelta(minutes=n * 144 + 60)
        for before, after, moment in (
            (Result.NORMAL, Result.ABNORMAL, at),
            (Result.ABNORMAL, Result.NORMAL, at + timedelta(minutes=15)),
        ):
            rows.append(StateChange(check_ref=check, at=moment, before=before, after=after))
        findings.append(
            Finding(
                check_ref=check,
                target=check.target,
                item=check.item,
                origin=Finding.Origin.CHECK,
                result=Result.ABNORMAL,
                opened_at=at,
                closed_at=at + timedelta(minutes=15),
                reading="基准数据",
                threshold="—",
            )
        )
    StateChange.objects.bulk_create(rows, batch_size=500)
    Finding.objects.bulk_create(findings, batch_size=500)
    return len(rows)


def runs(now: datetime, days: int) -> int:
    """The newest run's answers again for every day before it."""
    model = RoutineRun.objects.filter(finished_at__isnull=False).latest("date")
    fields = [f.column for f in ItemResult._meta.concrete_fields if f.column not in {"id"}]
    copied = ", ".join(
        {"run_id": "%s", "at": "%s", "finding_id": "NULL"}.get(column, column) for column in fields
    )
    for n in range(1, days + 1):
        day = model.date - timedelta(days=n)
        at = datetime.combine(day, clock(6, 1), SHANGHAI)
        run, made = RoutineRun.objects.get_or_create(
            routine=model.routine,
            date=day,
            defaults={
                "working_day": calendars.working(day),
                "started_at": at,
                "finished_at": at + timedelta(seconds=15),
            },
        )
        if not made:
            continue
        values = [{"run_id": run.pk, "at": at}[c] for c in fields if c in {"run_id", "at"}]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO checks_itemresult ({', '.join(fields)})"
                f" SELECT {copied} FROM checks_itemresult WHERE run_id = %s AND current",
                [*values, model.pk],
            )
    return days


def reports(now: datetime, days: int) -> int:
    """A daily report for every working day, from the newest real one."""
    model = Report.objects.filter(kind="daily").latest("period_start")
    made = []
    for n in range(1, days + 1):
        day = model.period_start - timedelta(days=n)
        if calendars.working(day) is False:
            continue
        made.append(
            Report(
                kind=model.kind,
                period_start=day,
                period_end=day,
                number=f"JAWS-RJ-{day:%Y%m%d}-01",
                snapshot=model.snapshot,
                sha256=model.sha256,
                state="signed",
                created_at=datetime.combine(day, clock(8, 50), SHANGHAI),
                created_by="基准数据",
            )
        )
    return len(Report.objects.bulk_create(made, batch_size=20))


if __name__ == "__main__":
    main()
