"""What a ticket's page tells: its instants, its whole log, whom to call, what a caller may see."""

from dataclasses import dataclass
from datetime import datetime

from jingwei.assets.models import Vendor
from jingwei.desk.models import EventKind, State, Ticket, TicketEvent
from jingwei.desk.queries.clocks import OPEN, clocks
from jingwei.sla.calendar import Hours
from jingwei.sla.clock import Clock
from jingwei.sla.limits import Policy
from jingwei.terms.incident import Instant, Severity

# What a caller reads instead of our states; what is not here says the state's own word.
_PLAIN = {
    State.NEW: "已登记，等待工程师受理",
    State.ACCEPTED: "工程师已受理，准备处理",
    State.WORKING: "正在处理",
    State.RESOLVED: "已解决，等待用户确认",
    State.CONFIRMED: "用户已确认恢复",
    State.CLOSED: "已完成",
    State.CANCELLED: "已撤销",
}
PROMISES = {"phone": "电话响应", "on_site": "工程师到场", "repair": "排除故障"}


@dataclass(frozen=True, slots=True)
class InstantRow:
    """One of the eight instants: the line in force, and what it corrected, newest first."""

    instant: Instant
    event: TicketEvent | None
    before: tuple[TicketEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `mark` is how it looks: "is-ok", "is-warn", "is-bad" or nothing."""

    at: datetime
    entered_at: datetime
    late: bool
    who: str
    what: str
    text: str = ""
    reason: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made the device: `hotline` is empty while the register does not know it."""

    name: str
    hotline: str
    status: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What is to happen next, and by when on each calendar."""

    what: str
    clocks: tuple[Clock, ...]


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a caller sees by his link: no names, no internal log."""

    number: str
    title: str
    state: str
    ended: bool
    instants: tuple[tuple[str, datetime], ...]
    promise: Promise | None
    messages: tuple[TicketEvent, ...]


def instants(ticket: Ticket) -> list[InstantRow]:
    """The eight instants in their usual order, with every correction."""
    events = sorted(ticket.events.all(), key=lambda event: event.pk, reverse=True)
    rows = []
    for each in Instant:
        known = [e for e in events if e.kind == EventKind.INSTANT and e.instant == each]
        rows.append(InstantRow(each, known[0] if known else None, tuple(known[1:])))
    return rows


def log(ticket: Ticket) -> list[Line]:
    """Everything that was written down, the newest first: log, work, files."""
    lines = [_line(event) for event in ticket.events.all()]
    for entry in ticket.work.all():
        took = f"处理（{entry.minutes} 分钟）" if entry.minutes else "处理"
        lines.append(Line(entry.at, entry.entered_at, entry.late, entry.by_name, took, entry.text))
    lines += [
        Line(file.at, file.at, False, file.by_name, file.get_kind_display(),
             f"{file.name} {file.caption}".strip())
        for file in ticket.files.all()
    ]  # fmt: skip
    # Written in one moment: the last one of them is the newest.
    return sorted(lines, key=lambda line: line.entered_at)[::-1]


def _line(event: TicketEvent) -> Line:
    what, text, mark = event.get_kind_display(), event.value, ""
    if event.kind == EventKind.INSTANT:
        what = Instant(event.instant).label
        text = ("驻场在岗" if event.resident else "") + ("（更正）" if event.refers_to_id else "")
    elif event.kind == EventKind.SEVERITY:
        text = Severity(event.value).label + ("" if event.granted else "（待甲方答复）")
    elif event.kind == EventKind.ANSWER:
        text = ("同意：" if event.granted else "不同意：") + event.value
        mark = "is-ok" if event.granted else "is-bad"
    elif event.kind in {EventKind.PAUSE, EventKind.ESCALATE, EventKind.MESSAGE}:
        mark = "is-warn"
    elif event.state in {State.RESOLVED, State.CONFIRMED, State.CLOSED}:
        mark = "is-ok"
    return Line(
        event.at, event.entered_at, event.late, event.by_name, what, text, event.reason, mark
    )


def maker(ticket: Ticket) -> Maker | None:
    """The maker of the ticket's device, with the hotline where the register has it (L705)."""
    target = ticket.target
    row = target.unit.row if target is not None and target.unit is not None else None
    if row is None or not (row.vendor or row.vendor_cn):
        return None
    names = [name for name in (row.vendor_cn, row.vendor) if name]
    known = Vendor.objects.filter(name__in=names).first()
    return Maker(
        known.name if known else names[0], known.hotline if known else "", row.tender_status
    )


def promise(
    ticket: Ticket, now: datetime, *, policy: Policy | None = None, hours: Hours | None = None
) -> Promise | None:
    """The first promise that still runs, on both calendars; None when none does."""
    found = clocks(ticket, now, policy=policy, hours=hours)
    for name, what in PROMISES.items():
        running = [c for c in found.all if c.limit.name == name and c.state in OPEN]
        if running:
            # The stricter calendar first: nobody is promised more time than may be meant.
            running.sort(key=lambda clock: (clock.due is None, clock.due))
            return Promise(what, tuple(running))
    return None


def tracking(
    ticket: Ticket, now: datetime, *, policy: Policy | None = None, hours: Hours | None = None
) -> Tracking:
    """What the caller's link shows, and nothing else of the ticket."""
    state = State(ticket.state)
    return Tracking(
        number=ticket.number, title=ticket.title, state=_PLAIN.get(state, state.label),
        ended=ticket.ended,
        instants=tuple(
            (row.instant.label, row.event.at) for row in instants(ticket) if row.event is not None
        ),
        promise=None if ticket.ended else promise(ticket, now, policy=policy, hours=hours),
        messages=tuple(e for e in ticket.events.all() if e.kind == EventKind.MESSAGE),
    )  # fmt: skip
