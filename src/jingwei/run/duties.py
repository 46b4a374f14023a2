"""What a worker owes besides checks: start routines on time, keep checks in line, fold the days.

Every duty can be done twice, by two workers, or late: the result is the same.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max

from jingwei.assets.models import Endpoint, Target
from jingwei.checks import content
from jingwei.checks.actions import request_routine, retention, sync
from jingwei.checks.actions import routine as runs
from jingwei.checks.models import RoutineRun
from jingwei.checks.queries import plan
from jingwei.contract import actions as contract_actions
from jingwei.contract import queries as contracts
from jingwei.contract.models import Seal
from jingwei.desk.actions import automatic, leave, watch
from jingwei.run import policies, routine
from jingwei.terms import SHANGHAI

logger = logging.getLogger("jingwei.duties")
BY = "系统"
STUCK_AFTER = timedelta(minutes=10)
SEAL_EVERY = timedelta(hours=1)


def start_routines(now: datetime) -> list[RoutineRun]:
    """Ask for today's run of every routine whose start has passed and that nobody asked for.

    A machine that was off at the start catches up here; days it missed altogether get their
    sheet too, with every item 未检.
    """
    asked = []
    for routine_id in plan.routine_ids():
        one = plan.routine(routine_id)
        if one.sheet is not None:
            continue  # people fill it, in front of the thing
        _missed(one, now)
        run = _start(one, now)
        if run is not None:
            asked.append(run)
    return asked


def _start(one: content.Routine, now: datetime) -> RoutineRun | None:
    local = now.astimezone(SHANGHAI)
    if one.calendar != "daily" or local.time() < one.start:
        return None
    held = RoutineRun.objects.filter(routine=one.id, date=local.date()).first()
    if held is not None and (held.due is not None or held.started_at is not None):
        return None
    run = request_routine(one.id, local.date(), BY, now)
    logger.info("routine %s of %s asked for, due at %s", one.id, local.date(), one.start)
    return run


def _missed(one: content.Routine, now: datetime) -> None:
    for day in runs.record_missed_days(one, now):
        logger.warning("routine %s was not run on %s: the system was off", one.id, day)


def abandoned_runs(now: datetime) -> int:
    """Ask again for runs that were begun but never finished and that nobody holds; how many.

    A killed worker leaves such a run; its `due` stays set until it is done, so this concerns only
    runs begun from the command line and cut off there.
    """
    today = now.astimezone(SHANGHAI).date()
    stuck = RoutineRun.objects.filter(
        date=today, started_at__lt=now - STUCK_AFTER, finished_at__isnull=True, due__isnull=True
    )
    return stuck.update(due=now)


def open_tickets(now: datetime) -> list[automatic.Opened]:
    """Open a ticket for every finding a rule asks for (content/desk/automatic.toml)."""
    opened = automatic.open_due(policies.automatic(), now)
    for one in opened:
        logger.info("finding %d: ticket %s", one.finding, one.ticket.number)
    return opened


def tell(now: datetime) -> int:
    """Queue what people are to be told by themselves (content/desk/watch.toml)."""
    return watch.look(policies.watch(), now, reckon=contracts.clocks_of)


def housekeeping(now: datetime) -> None:
    """Replacements whose day has come, finished days folded, old observations let go: daily."""
    changed = leave.carry_out_changes(now)
    days = retention.store_missing_days(now)
    deleted = retention.prune(now, settings.JINGWEI_OBSERVATION_DAYS)
    logger.info(
        "folded %d days, deleted %d old observations, %d people replaced", days, deleted, changed
    )


def housekeeping_due(now: datetime, done_on: object) -> bool:
    """Once per Shanghai day and process, ten minutes after midnight, and at start."""
    local = now.astimezone(SHANGHAI)
    late_enough = (local.hour, local.minute) >= (0, 10)
    return done_on is None or (done_on != local.date() and late_enough)


def seal_evidence(now: datetime) -> int:
    """Seal what has become final since the last time: at most once an hour, whoever does it."""
    last = Seal.objects.aggregate(last=Max("at"))["last"]
    if last is not None and now - last < SEAL_EVERY:
        return 0
    sealed = contract_actions.seal(now)
    if sealed:
        logger.info("sealed %d rows of evidence", sealed)
    return sealed


def register_state() -> tuple[object, ...]:
    """Changes whenever checks may have to be made or switched off: a cheap look, two queries."""
    endpoints = Endpoint.objects.aggregate(number=Count("id"), last=Max("id"))
    targets = Target.objects.aggregate(number=Count("id"), gone=Count("valid_to"))
    return (*endpoints.values(), *targets.values(), id(routine.load_devices()))


def align_checks(now: datetime) -> None:
    """Bring checks in line with register and content, and say what changed."""
    synced = sync.sync_checks(routine.load_devices(), now)
    if synced.created or synced.updated or synced.disabled:
        logger.info(
            "checks: %d new, %d changed, %d switched off",
            synced.created, synced.updated, synced.disabled,
        )  # fmt: skip
