"""Declaring an emergency: level with its basis, the linked fault, the call tree, the live page."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Institution, Person, Site, Target
from jingwei.desk.actions import Intake, note_instant
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.intake import make
from jingwei.desk.actions.writing import past
from jingwei.desk.facts import facts_of
from jingwei.desk.models import Channel, Kind, Ticket, TicketNumber
from jingwei.desk.queries import maker
from jingwei.emergency.actions.agreement import agree
from jingwei.emergency.actions.writing import demand, fits, is_client, tell, within, write
from jingwei.emergency.grading import HOME
from jingwei.emergency.models import Callee, Drill, Emergency, EntryKind, Level, Plan, Stage
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

OPEN = (Stage.OPEN, Stage.RESTORED)
_LINES = (
    (Person.Line.MANAGER, "项目负责人（指挥）"),
    (Person.Line.FIRST, "一线驻场（处置）"),
    (Person.Line.SECOND, "二线支持（保障）"),
    (Person.Line.CLIENT, "甲方"),
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said when an emergency is declared.

    `importance`, `hours`, `damage`: the three factors of GB/T 28827.3 section 5.4. `ticket` is the
    fault it began with; without one a fault ticket is opened at the same time. Instants that a
    given ticket has already are the ticket's: saying another time here is refused. `at` is when
    it was declared, for one that is written down later. `drill` marks what is not real.
    """

    title: str
    level: Level
    importance: str
    hours: str
    damage: str
    text: str = ""
    disaster: bool = False
    application: Application | None = None
    target: Target | None = None
    institution: Institution | None = None
    site: Site | None = None
    ticket: Ticket | None = None
    plan: Plan | None = None
    drill: Drill | None = None
    occurred_at: datetime | None = None
    detected_at: datetime | None = None
    reported_at: datetime | None = None
    channel: Channel = Channel.PHONE
    reporter: str = ""
    at: datetime | None = None


def declare(declaration: Declaration, by: User, now: datetime) -> Emergency:
    """Start the emergency: its clocks run from the earlier of alarm and report, from now on.

    The level needs the client's consent and holds until he answers; when he declares himself he
    has agreed. Raises ForbiddenError, BadInputError for missing factors, a place other than
    永和路 (L680), an event of the same ticket or system that is still open, and instants that
    contradict each other or the ticket.
    """
    demand(by, *((May.PLAN_DRILLS,) if declaration.drill else (May.DECLARE_EMERGENCY,)))
    with transaction.atomic():
        return _declare(declaration, by, now)


def _declare(said: Declaration, by: User, now: datetime) -> Emergency:
    title = within("title", said.title, 200, "标题")
    factors = {
        "importance": within("importance", said.importance, 200, "系统重要程度"),
        "hours": within("hours", said.hours, 200, "服务时段"),
        "damage": within("damage", said.damage, 200, "受损程度"),
    }
    fits("text", said.text, 5000, "情况说明")
    fits("reporter", said.reporter, 64, "报告人")
    declared = past(said.at or now, now)
    if said.disaster and not _occurred(said):
        raise BadInputError(
            "occurred_at", "灾难的 2 小时、4 小时从系统不能运行起算，请填写发生时间"
        )
    site = _site(said)
    number = said.drill.number if said.drill else _next_number(declared)
    _none_open(said)
    ticket = None if said.drill else _ticket(said, title, site, by, now)
    emergency = Emergency.objects.create(
        number=number, title=title, text=said.text.strip(), level=said.level,
        disaster=said.disaster, site=site, ticket=ticket, plan=said.plan, drill=said.drill,
        application=said.application or (ticket.application if ticket else None),
        target=said.target or (ticket.target if ticket else None),
        declared_at=declared, declared_by=by, token=secrets.token_urlsafe(24), **factors,
    )  # fmt: skip
    entry = write(
        emergency, EntryKind.DECLARED, by, now, at=declared, level=said.level,
        value=f"{Level(said.level).label}" + ("（灾难）" if said.disaster else ""),
        reason="；".join(factors.values()),
    )  # fmt: skip
    if said.drill is not None:
        for instant, at in _said(said).items():
            write(emergency, EntryKind.INSTANT, by, now, at=at, instant=instant)
        agree(emergency, entry, by, now, "演练：级别按脚本")
    elif is_client(by):
        agree(emergency, entry, by, now, "甲方启动")
    _call_tree(emergency, declared)
    tell(
        emergency, "启动应急",
        f"{factors['damage']}，请于 5 分钟内响应、1 小时内到场。{said.text.strip()}"[:1000], now,
    )  # fmt: skip
    return emergency


def _occurred(said: Declaration) -> bool:
    if said.occurred_at is not None:
        return True
    return said.ticket is not None and Instant.OCCURRED in facts_of(said.ticket).instants


def _site(said: Declaration) -> Site | None:
    """Where it happens: as said, else where the target stands, else 永和路."""
    of_target = None
    if said.target is not None:
        of_target = said.target.site or (said.target.room.site if said.target.room else None)
        if of_target is None and said.target.unit is not None:
            of_target = said.target.unit.row.site
    of_ticket = said.ticket.site if said.ticket else None
    site = said.site or of_target or of_ticket or Site.objects.filter(code=HOME).first()
    if site is not None and site.code != HOME and said.drill is None:
        raise BadInputError(
            "site", f"应急响应条款只适用于永和路数据中心（L680）；{site.name}的故障请按故障单处理"
        )
    return site


def _none_open(said: Declaration) -> None:
    """One fault, one event. Raises BadInputError with the number of the one that is open."""
    if said.drill is not None:
        return
    same = Q()
    if said.ticket is not None:
        same |= Q(ticket=said.ticket)
    if said.application is not None:
        same |= Q(application=said.application)
    if not same:
        return
    found = Emergency.objects.filter(same, drill__isnull=True, stage__in=OPEN).first()
    if found is not None:
        raise BadInputError(
            "title", f"{found.number}“{found.title}”尚未终止：请在该事件中处置，不必另行启动"
        )


def _ticket(said: Declaration, title: str, site: Site | None, by: User, now: datetime) -> Ticket:
    if said.ticket is None:
        reported = said.reported_at or said.detected_at or said.at or now
        return make(
            Intake(
                kind=Kind.INCIDENT, title=title, text=said.text, channel=said.channel,
                reporter=said.reporter, institution=said.institution,
                application=said.application, target=said.target, site=site,
                severity=Severity.OUTAGE,
                severity_reason=f"启动{Level(said.level).label}：{said.damage.strip()}"[:200],
                occurred_at=said.occurred_at, detected_at=said.detected_at,
                reported_at=reported,
            ),
            by, now,
        )  # fmt: skip
    ticket = Ticket.objects.get(pk=said.ticket.pk)
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("ticket", f"{ticket.number}不是故障单")
    if ticket.ended:
        raise BadInputError("ticket", f"{ticket.number}{ticket.get_state_display()}，不能关联")
    known = facts_of(ticket).instants
    for instant, at in _said(said).items():
        if instant not in known:
            note_instant(ticket, instant, at, by, now, version=ticket.version)
        elif known[instant] != at:
            stands = known[instant].astimezone(SHANGHAI)
            raise BadInputError(
                f"{instant.value}_at",
                f"{ticket.number}已记{instant.label}时间 {stands:%Y-%m-%d %H:%M}，以工单为准；"
                "如有误，请启动后更正并写明原因",
            )
    return ticket


def _said(said: Declaration) -> dict[Instant, datetime]:
    given = {
        Instant.OCCURRED: said.occurred_at,
        Instant.DETECTED: said.detected_at,
        Instant.REPORTED: said.reported_at,
    }
    return {instant: at for instant, at in given.items() if at is not None}


def _call_tree(emergency: Emergency, at: datetime) -> None:
    """The people in post that day: the manager on top, first and second line under him.

    Last comes the maker of the device that is down, to be called in (tender L705).
    """
    day = at.astimezone(SHANGHAI).date()
    people = list(
        Person.objects.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        )
    )
    top: Callee | None = None
    position = 0
    for line, role in _LINES:
        for each in sorted((p for p in people if p.line == line), key=lambda p: p.name):
            position += 1
            under = None if line in (Person.Line.MANAGER, Person.Line.CLIENT) else top
            made = Callee.objects.create(
                emergency=emergency, above=under, position=position, person=each,
                name=each.name, role=role, phone=each.phone,
            )  # fmt: skip
            if line == Person.Line.MANAGER and top is None:
                top = made
    found = maker(emergency.ticket) if emergency.ticket is not None else None
    if found is not None:
        Callee.objects.create(
            emergency=emergency, position=position + 1, name=found.name[:64],
            role="原厂（难以解决时召唤，L705）", phone=found.hotline[:32],
        )  # fmt: skip


def _next_number(at: datetime) -> str:
    """YJ-2026-001. The desk's row of the year is the lock: two at once wait and differ."""
    year = at.astimezone(SHANGHAI).year
    TicketNumber.objects.get_or_create(year=year)
    TicketNumber.objects.filter(year=year).update(last=F("last"))
    prefix = f"YJ-{year}-"
    last = (
        Emergency.objects.filter(number__startswith=prefix).order_by("-id").first()
    )  # never deleted, so the newest has the highest number
    return f"{prefix}{int(last.number.removeprefix(prefix)) + 1 if last else 1:03d}"
