"""Finding events and plans."""

from datetime import datetime
from difflib import SequenceMatcher

from django.db.models import Q, QuerySet

from jingwei.assets.models import Application
from jingwei.calendars.queries import days
from jingwei.desk.models import Ticket
from jingwei.emergency.grading import HOME, Scope, Suggestion, is_named, suggest
from jingwei.emergency.models import Emergency, Plan, Stage
from jingwei.emergency.queries.budget import events
from jingwei.terms import SHANGHAI

ALIKE = 4  # characters two names share before they are taken to mean one thing: PACS, 区域平台
OPEN = (Stage.OPEN, Stage.RESTORED)


def search(
    *, stage: str = "", level: int | None = None, text: str = "", real: bool = True
) -> QuerySet[Emergency]:
    """Real events (or drills) by stage, level and words, newest first."""
    rows = events(real=real)
    if stage == "open":
        rows = rows.filter(stage__in=OPEN)
    elif stage:
        rows = rows.filter(stage=stage)
    if level is not None:
        rows = rows.filter(level=level)
    if text:
        rows = rows.filter(
            Q(number__icontains=text) | Q(title__icontains=text)
            | Q(application__name__icontains=text) | Q(ticket__number__icontains=text)
        )  # fmt: skip
    return rows


def on_top() -> list[Emergency]:
    """What stands in the band on top of every page: open events, real ones first, then drills."""
    rows = Emergency.objects.filter(stage__in=OPEN).select_related("drill")
    return sorted(rows, key=lambda row: (row.drill_id is not None, row.level, row.declared_at))


def of_ticket(ticket: Ticket) -> QuerySet[Emergency]:
    """The events a fault ticket belongs to."""
    return Emergency.objects.filter(ticket=ticket)


def by_number(number: str) -> Emergency:
    """One event. Raises Emergency.DoesNotExist."""
    return (
        Emergency.objects.select_related(
            "application", "target", "site", "ticket", "plan", "drill", "declared_by"
        )
        .filter(number=number)
        .get()
    )


def by_token(token: str) -> Emergency | None:
    """The event a live link opens; None for a token nobody was given."""
    return (
        Emergency.objects.select_related("application", "target", "site", "ticket", "plan", "drill")
        .filter(token=token)
        .first()
    )


def plans() -> QuerySet[Plan]:
    """The plans in force."""
    return Plan.objects.filter(valid_to__isnull=True).order_by("level", "key")


def plan_for(application: Application | None) -> Plan | None:
    """The plan whose title shares the most words with the system's name; None when none does."""
    if application is None:
        return None
    shared = [(_shared(row.title, application.name), row) for row in plans()]
    length, found = max(shared, key=lambda pair: pair[0], default=(0, None))
    return found if length >= ALIKE else None


def _shared(first: str, second: str) -> int:
    """The length of the longest run of characters that both hold."""
    match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    return match.size


def plan(key: str, version: int | None = None) -> Plan:
    """One plan, the version in force unless another is named. Raises Plan.DoesNotExist."""
    rows = Plan.objects.filter(key=key)
    wanted = rows.filter(version=version) if version else rows.filter(valid_to__isnull=True)
    return wanted.get()


def plan_versions(key: str) -> QuerySet[Plan]:
    """Every version of a plan, newest first."""
    return Plan.objects.filter(key=key).order_by("-version")


def suggestion(application: Application | None, *, institutions: int | None = None,
               site: str = HOME) -> Suggestion:  # fmt: skip
    """The level a system's failure probably has; `institutions` hit, else as covered."""
    if application is None:
        return suggest(Scope("", site=site, institutions=institutions or 0))
    reach = institutions
    if reach is None:
        reach = application.covered_institutions.filter(valid_to__isnull=True).count() or None
    areas = 2 if application.coverage.startswith("district-all") and institutions is None else 0
    return suggest(Scope(application.name, application.core, site, reach, areas))


def factors(application: Application | None, at: datetime) -> tuple[str, str]:
    """Proposed words for how important the system is, and for the hours it was hit in."""
    if application is None:
        importance = ""
    elif is_named(application.name):
        importance = f"{application.name}：招标文件点名的核心系统"
    else:
        importance = f"{application.name}：{application.get_core_display()}"
    local = at.astimezone(SHANGHAI)
    known = days(local.date(), local.date())
    working = known.get(local.date())
    kind = "工作日安排未公布" if working is None else "工作日" if working else "休息日"
    return importance, f"{local:%Y-%m-%d %H:%M}（周{'一二三四五六日'[local.weekday()]}，{kind}）"
