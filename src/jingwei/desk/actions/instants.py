"""The eight instants, their corrections, and whether a fault was solved from afar."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import demand, past, take, wanted, whole, write
from jingwei.desk.facts import facts_of
from jingwei.desk.models import EventKind, Kind, Ticket, TicketEvent
from jingwei.terms.incident import Instant

RESIDENT_SITE = "SITE-1"  # 永和路数据中心: where resident staff may be before anybody calls
# What cannot come before what. Arrival before report has its own exception.
ORDER = (
    (Instant.OCCURRED, Instant.DETECTED),
    (Instant.OCCURRED, Instant.REPORTED),
    (Instant.OCCURRED, Instant.RESTORED),
    (Instant.REPORTED, Instant.PHONE_RESPONDED),
    (Instant.REPORTED, Instant.ARRIVED),
    (Instant.RESTORED, Instant.CONFIRMED),
)


@whole
def note_instant(
    ticket: Ticket,
    instant: Instant,
    at: datetime,
    by: User,
    now: datetime,
    *,
    version: int,
    resident: bool = False,
    reason: str = "",
) -> TicketEvent:
    """Write down when something happened; a second time needs a reason and is a correction.

    `resident` says that the engineer was on site already, which only 永和路 knows. Raises
    ForbiddenError when the provider confirms for the client, BadInputError for what contradicts
    what is known, StaleError.
    """
    demand(by, May.APPROVE_TICKETS if instant is Instant.CONFIRMED else May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("instant", "只有故障单记录八个时间点")
    past(at, now)
    facts = facts_of(ticket)
    standing = facts.events.get(instant)
    if standing is not None:
        wanted("reason", reason, f"更正{instant.label}时间的原因")
    if resident:
        _resident(ticket, instant)
    in_order({**facts.instants, instant: at}, resident=resident or facts.resident, changed=instant)
    return write(
        ticket, EventKind.INSTANT, by, now, at=at, instant=instant, resident=resident,
        reason=reason, refers_to=standing,
        before={"at": standing.at.isoformat()} if standing else None,
    )  # fmt: skip


@whole
def set_remote(
    ticket: Ticket, remote: bool, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Solved without going there (or not, after all). Raises BadInputError after an arrival."""
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.kind != Kind.INCIDENT:
        raise BadInputError("remote", "只有故障单标明远程解决")
    if remote and Instant.ARRIVED in facts_of(ticket).instants:
        raise BadInputError("remote", "已记录到场，不能标为远程解决")
    wanted("reason", reason, "远程解决的说明")
    value = "远程解决" if remote else "非远程解决"
    return write(ticket, EventKind.REMOTE, by, now, value=value, granted=remote, reason=reason)


def in_order(instants: dict[Instant, datetime], *, resident: bool, changed: Instant) -> None:
    """Raises BadInputError, naming both instants, when one comes before what must precede it."""
    for first, second in ORDER:
        if changed not in (first, second) or not {first, second} <= instants.keys():
            continue
        if instants[second] >= instants[first]:
            continue
        if second is Instant.ARRIVED:
            if resident:
                continue
            raise BadInputError("at", "到场早于报修：仅永和路驻场人员在岗时可以，请标明驻场在岗")
        raise BadInputError("at", f"{second.label}时间不能早于{first.label}时间")


def _resident(ticket: Ticket, instant: Instant) -> None:
    if instant is not Instant.ARRIVED:
        raise BadInputError("resident", "驻场在岗只用于到场时间")
    if ticket.site is None or ticket.site.code != RESIDENT_SITE:
        where = ticket.site.name if ticket.site else "未登记站点"
        raise BadInputError("resident", f"驻场在岗只适用于永和路数据中心，本单在{where}")
