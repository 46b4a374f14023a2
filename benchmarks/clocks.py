"""A year of tickets with all their clocks on both calendars, read through the desk.

Fills a new database of its own with a contract year of faults (events straight into the tables:
what is measured is reading), then measures `desk.queries.clocks_of` over tickets as they come
from the database, and a sample against the slow reference of the tests, which looks at every
minute: same answers, and how many times faster.

    python benchmarks/clocks.py [--tickets 10000] [--profile]
"""

import argparse
import cProfile
import os
import pstats
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

HOME = tempfile.TemporaryDirectory(prefix="jingwei-clocks-")
os.environ["JINGWEI_DATA"] = HOME.name
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.run.settings"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "sla"))

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from slow_clock import slow_minutes  # noqa: E402

from jingwei.calendars import published  # noqa: E402
from jingwei.calendars.models import CalendarDay  # noqa: E402
from jingwei.calendars.queries import days  # noqa: E402
from jingwei.desk import queries  # noqa: E402
from jingwei.desk.models import EventKind, Kind, State, Ticket, TicketEvent  # noqa: E402
from jingwei.terms import SHANGHAI  # noqa: E402
from jingwei.terms.incident import Instant, Severity  # noqa: E402

START = datetime(2022, 11, 1, tzinfo=SHANGHAI)
NOW = datetime(2023, 11, 1, tzinfo=SHANGHAI)
YEAR = 365 * 24 * 60
MONTH = 30 * 24 * 60  # the last month is for what was reported before to end
LIMIT = 1.0  # seconds
ROUNDS = 5
SAMPLE = 100


def main() -> None:
    """Fills, measures, compares, prints; ends with 1 when it took longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    fill(given.tickets)
    took = []
    for _ in range(ROUNDS):
        rows = list(Ticket.objects.all())
        began = time.perf_counter()
        found = queries.clocks_of(rows, NOW)
        took.append(time.perf_counter() - began)
    clocks = sum(len(each.all) for each in found.values())
    print(f"{len(rows)} tickets, {TicketEvent.objects.count()} events, {clocks} clocks")
    print(f"clocks_of: best {min(took):.2f} s, worst {max(took):.2f} s of {ROUNDS} rounds")
    compare(rows, found, min(took) / len(rows))
    if given.profile:
        profile = cProfile.Profile()
        profile.runcall(queries.clocks_of, list(Ticket.objects.all()), NOW)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    sys.exit(min(took) > LIMIT)


def fill(number: int) -> None:
    """A published calendar, and so many faults over the year; one in twenty is still open."""
    call_command("migrate", verbosity=0)
    CalendarDay.objects.all().delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
    )
    rng = random.Random(0)
    at = sorted(START + timedelta(minutes=rng.randrange(YEAR - MONTH)) for _ in range(number))
    tickets = Ticket.objects.bulk_create(
        [
            Ticket(
                number=f"IN{n:08}", kind=Kind.INCIDENT, title="打不开", created_at=when,
                token=f"token-{n:08}",
                state=State.WORKING if rng.random() < 0.05 else State.CLOSED,
                severity=rng.choice(list(Severity)),
            )
            for n, when in enumerate(at)
        ],
        batch_size=500,
    )  # fmt: skip
    TicketEvent.objects.bulk_create(
        [event for ticket in tickets for event in log(ticket, rng)], batch_size=500
    )


def log(ticket: Ticket, rng: random.Random) -> list[TicketEvent]:
    """What the desk would have written of one fault: ten lines or so."""
    at = ticket.created_at
    lines: list[TicketEvent] = []

    def write(kind: EventKind, minutes: int, **more: object) -> None:
        nonlocal at
        at += timedelta(minutes=minutes)
        lines.append(
            TicketEvent(ticket=ticket, kind=kind, at=at, entered_at=at, by_name="王工", **more)
        )

    write(EventKind.OPENED, 0)
    write(EventKind.INSTANT, 0, instant=Instant.REPORTED)
    write(EventKind.SEVERITY, 0, value=ticket.severity, granted=True)
    write(EventKind.STATE, 1, state=State.ACCEPTED)
    write(EventKind.INSTANT, rng.randrange(40), instant=Instant.PHONE_RESPONDED)
    write(EventKind.STATE, 1, state=State.WORKING)
    write(EventKind.INSTANT, rng.randrange(150), instant=Instant.ARRIVED)
    if ticket.state == State.CLOSED:
        write(EventKind.INSTANT, 20, instant=Instant.DIAGNOSED)
        write(EventKind.INSTANT, rng.randrange(900), instant=Instant.RESTORED)
        write(EventKind.STATE, 5, state=State.RESOLVED)
        write(EventKind.STATE, 60, state=State.CLOSED)
    return lines


def compare(rows: list[Ticket], found: dict[int, queries.TicketClocks], each: float) -> None:
    """A sample by the slow reference: the same minutes, and the ratio of the times."""
    known = days(START.date(), NOW.date() + timedelta(days=60))
    sample = rows[:: max(len(rows) // SAMPLE, 1)][:SAMPLE]
    began = time.perf_counter()
    for ticket in sample:
        clocks = found[ticket.pk]
        for held, calendar in ((clocks.working, known), (clocks.wall, None)):
            for clock in held:
                if clock.started is None or clock.used is None:
                    raise SystemExit(f"{ticket.number}: a clock without a figure")
                minutes = slow_minutes(
                    clock.started.astimezone(SHANGHAI), clock.stopped or NOW, [], calendar
                )
                if clock.used != timedelta(minutes=minutes):
                    raise SystemExit(f"{ticket.number} {clock.limit.name}: {clock.used}")
    slow = (time.perf_counter() - began) / len(sample)
    print(f"slow reference: {slow * 1000:.2f} ms a ticket, ours {each * 1000:.3f} ms")
    print(f"ratio {slow / each:.0f}, equal minutes on {len(sample)} tickets")


if __name__ == "__main__":
    main()
