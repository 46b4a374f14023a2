"""The facts of a contract's term, gathered from every room that has some.

A room that does not exist yet delivers no family: what needs it has no evidence.
"""

from datetime import date, datetime, timedelta

from jingwei.assets.models import Application, Database, Unit
from jingwei.calendars import queries as calendars
from jingwei.contract.models import Contract
from jingwei.contract.queries.clocks import agreed_in
from jingwei.contract.queries.content import content_of
from jingwei.contract.queries.facts import (
    checks,
    desk,
    duties,
    emergencies,
    papers,
    people,
    register,
)
from jingwei.sla.availability import Term
from jingwei.sla.measures.facts import Facts, Family
from jingwei.sla.measures.periods import day_of, last_day, midnight

DELIVERED = frozenset(Family) - {
    Family.EXCHANGE, Family.LOGS, Family.BACKUPS, Family.RESTORES,
}  # fmt: skip

_CLOCKED = frozenset({Family.TICKETS, Family.DOWNTIMES})


def term_of(contract: Contract) -> Term:
    """The service period, its last day included."""
    return Term(midnight(contract.period_start), midnight(contract.period_end + timedelta(days=1)))


def gather(contract: Contract, now: datetime, *, clocks: bool = True) -> Facts:
    """Everything known of the contract's term as of `now`; what happened later is left out.

    Without `clocks` the desk's tickets and downtimes are not read, nor known: dated duties do not
    ask for them, and they are most of the work; of the daily runs only whether they were done.
    """
    term = term_of(contract)
    first, last = day_of(term.start), last_day(term)
    agreed = agreed_in(contract)
    tickets = desk.tickets(term, now, agreed) if clocks else ()
    events = emergencies.emergencies(term, now, agreed)
    runs = checks.runs(first, last, now, items=clocks)
    return Facts(
        term=term,
        now=now,
        known=DELIVERED if clocks else DELIVERED - _CLOCKED,
        working=calendars.days(first - timedelta(days=30), last),
        blocks=blocks(first, last),
        objects=objects(day_of(now)),
        labels=labels(contract),
        watched_from=checks.watched_from(term, now),
        tickets=tickets,
        downtimes=desk.downtimes(term, now) if clocks else (),
        emergencies=events,
        runs=runs,
        readings=checks.readings(first, last, now),
        done=(*duties.records(contract, now), *duties.called_for(contract, term, now)),
        documents=papers.documents(contract, now),
        presence=people.presence(first, last, now),
        consents=people.consents(term, now),
        efforts=people.efforts(first, last, now),
        drills=emergencies.drills(term, now),
        coverage=register.coverage(day_of(now)),
        parts=desk.parts(term, now),
    )


def blocks(first: date, last: date) -> tuple[tuple[date, str], ...]:
    """The first day off of each holiday in the term, with its name."""
    return tuple((block.first, block.name) for block in calendars.holidays(first, last))


def labels(contract: Contract) -> dict[str, str]:
    """What a duty, paper or routine is called: its name → Chinese."""
    found = content_of(contract)
    if found is None:
        return {}
    names = {duty.id: duty.label for duty in found.duties.values()}
    return {"daily": "每日检查"} | names | dict(found.documents)


def objects(day: date) -> dict[str, tuple[str, ...]]:
    """What duties go by: every application, database, unit and UPS in the register on a day."""
    units = Unit.objects.exclude(valid_to__lt=day)
    return {
        "application": tuple(
            Application.objects.exclude(valid_to__lt=day).values_list("code", flat=True)
        ),
        "database": tuple(
            Database.objects.exclude(valid_to__lt=day).values_list("code", flat=True)
        ),
        "unit": tuple(units.values_list("code", flat=True)),
        "ups": tuple(units.filter(row__kind="ups").values_list("code", flat=True)),
    }
