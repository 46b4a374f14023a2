"""What people are told without anybody asking: each crossing once on each channel that carries it.

A crossing has a key (a clock of a ticket that ran out, an answer that is owed). What a channel has
said is in its rows, so a restart, a second worker or a long outage says nothing twice; beyond so
many at once, one message sums them up and the rest are folded behind it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, Role, may
from jingwei.checks.models import Finding
from jingwei.desk.actions.notices import Message, carrying, queue
from jingwei.desk.facts import facts_of
from jingwei.desk.models import (
    EventKind,
    Notice,
    NoticeChannel,
    NoticeState,
    State,
    Ticket,
    TicketEvent,
    Topic,
)
from jingwei.desk.policies import Watch
from jingwei.desk.queries import roster
from jingwei.desk.queries.clocks import calendars, clocks_of
from jingwei.desk.queries.lists import Reckon, Work, papers_owed, team_work
from jingwei.sla.calendar import UnpublishedError, elapsed
from jingwei.sla.clock import Clock, ClockState
from jingwei.terms import SHANGHAI, Result

CLOCKS = {"phone": "电话响应", "on_site": "到场", "repair": "排除故障"}
WEEK = timedelta(days=7)


def look(policy: Watch, now: datetime, *, reckon: Reckon = clocks_of) -> int:
    """Queue what is to be said as of `now`; how many notices were queued. Idempotent."""
    if not NoticeChannel.objects.filter(enabled=True).exists():
        return 0
    work = team_work(now, reckon=reckon)
    people = _people()
    messages = [
        *_tickets(work, policy, now, people),
        *_log(policy, now),
        *_owed(work, now, people),
        *_shortfalls(now, people),
        *_findings(policy, now),
    ]
    return _say(messages, policy, now)


@dataclass(frozen=True, slots=True)
class _People:
    """Whose own channels hear what is nobody's yet."""

    managers: frozenset[int]
    clients: frozenset[int]


def _people() -> _People:
    """Those in these roles who have a channel of their own: the others hear the shared ones."""
    rows = User.objects.filter(is_active=True, notice_channels__enabled=True)
    held = dict(rows.values_list("pk", "role"))
    return _People(
        frozenset(pk for pk, role in held.items() if role == Role.MANAGER),
        frozenset(pk for pk, role in held.items() if may(role, May.APPROVE_TICKETS)),
    )


def _whose(ticket: Ticket) -> frozenset[int]:
    """Who works on it; empty while nobody does."""
    return frozenset() if ticket.assignee_id is None else frozenset({ticket.assignee_id})


def _tickets(
    work: Iterable[Work], policy: Watch, now: datetime, people: _People
) -> Iterator[Message]:
    """New ones, those nobody took, clocks that run out or ran out."""
    for each in work:
        ticket = each.ticket
        link = f"/tickets/{ticket.number}/"
        if ticket.created_by_id is not None and now - ticket.created_at <= policy.past:
            text = f"{ticket.get_kind_display()}，{ticket.get_channel_display()}"
            yield Message(Topic.NEW_TICKET, f"new:{ticket.number}", _named(each), text, link,
                          users=_whose(ticket))  # fmt: skip
        if ticket.state == State.NEW:
            yield from _untaken(each, policy, now, people)
        users = _whose(ticket) or people.managers
        for clock in each.clocks.all:
            yield from _clock(each, clock, policy, now, users)


def _untaken(each: Work, policy: Watch, now: datetime, people: _People) -> Iterator[Message]:
    waited = _waited(each.ticket.created_at, now, working=policy.working)
    if waited is None:
        return
    link = f"/tickets/{each.ticket.number}/"
    for limit, who, word, users in (
        (policy.manager, "manager", "请项目负责人指派", people.managers),
        (policy.client, "client", "已告知甲方", people.clients),
    ):
        if waited >= limit:
            text = f"{waited // timedelta(minutes=1)} 分钟无人受理，{word}"
            key = f"untaken:{each.ticket.number}:{who}"
            yield Message(Topic.UNTAKEN, key, f"无人受理：{_named(each)}", text, link, users=users)


def _waited(start: datetime, now: datetime, *, working: bool) -> timedelta | None:
    """How long it has waited; None when the working calendar is not published."""
    if not working:
        return now - start
    try:
        return elapsed(calendars(start, now)[0], start, now)
    except UnpublishedError:
        return None


def _clock(
    each: Work, clock: Clock, policy: Watch, now: datetime, users: frozenset[int]
) -> Iterator[Message]:
    link = f"/tickets/{each.ticket.number}/"
    name = f"{CLOCKS.get(clock.limit.name, clock.limit.name)}（{clock.calendar}）"
    about = f"{each.ticket.number}:{clock.limit.name}:{clock.calendar}"
    if clock.state is ClockState.OVERDUE:
        title = f"已超时：{_named(each)}"
        key = f"overdue:{about}"
        yield Message(Topic.OVERDUE, key, title, f"{name}已超时", link, users=users)
    elif clock.state is ClockState.RUNNING and clock.due is not None:
        reached = [
            span for span in policy.soon
            if clock.limit.allowed > span and clock.due - now <= span
        ]  # fmt: skip
        if reached:
            span = min(reached)
            minutes = span // timedelta(minutes=1)
            due = clock.due.astimezone(SHANGHAI)
            yield Message(
                Topic.DUE_SOON, f"soon:{about}:{minutes}", f"即将超时：{_named(each)}",
                f"{name} {due:%m-%d %H:%M} 到期，不足 {minutes} 分钟", link,
                users=users,
            )  # fmt: skip


def _log(policy: Watch, now: datetime) -> Iterator[Message]:
    """Faults that went up a line, and what callers wrote."""
    rows = TicketEvent.objects.filter(
        kind__in=(EventKind.ESCALATE, EventKind.MESSAGE), entered_at__gt=now - policy.past
    ).select_related("ticket")
    for event in rows:
        ticket = event.ticket
        link = f"/tickets/{ticket.number}/"
        if event.kind == EventKind.ESCALATE:
            title = f"升级支持：{ticket.number} {ticket.title}"
            yield Message(Topic.ESCALATED, f"escalated:{event.pk}", title, event.reason, link,
                          users=_whose(ticket))  # fmt: skip
        else:
            title = f"报修人留言：{ticket.number} {ticket.title}"
            yield Message(Topic.NEW_TICKET, f"message:{event.pk}", title, event.reason, link,
                          users=_whose(ticket))  # fmt: skip


def _owed(work: Iterable[Work], now: datetime, people: _People) -> Iterator[Message]:
    """What waits for the client's word, and papers that are due."""
    for each in work:
        for event in facts_of(each.ticket).waiting:
            yield Message(
                Topic.WAITING_CLIENT, f"waiting:{event.pk}", f"待甲方答复：{_named(each)}",
                f"{event.get_kind_display()}：{event.reason}", f"/tickets/{each.ticket.number}/",
                users=people.clients,
            )  # fmt: skip
    today = now.astimezone(SHANGHAI).date()
    for form in papers_owed():
        if form.paper_due is not None and form.paper_due <= today:
            yield Message(
                Topic.WAITING_CLIENT, f"paper:{form.ticket.number}",
                f"待补书面手续：{form.ticket.number} {form.ticket.title}",
                f"口头批准人 {form.oral_by}，期限 {form.paper_due}",
                f"/tickets/{form.ticket.number}/", users=people.clients | _whose(form.ticket),
            )  # fmt: skip


def _shortfalls(now: datetime, people: _People) -> Iterator[Message]:
    today = now.astimezone(SHANGHAI).date()
    for short in roster.shortfalls(today, today + WEEK):
        start = short.start.astimezone(SHANGHAI)
        yield Message(
            Topic.SHORTFALL, f"short:{short.line}:{start:%Y%m%d%H%M}:{short.there}",
            f"在岗不足：{short.label} {start:%m-%d %H:%M} 起 {short.there}/{short.needed} 人",
            short.why, "/roster/", users=people.managers | people.clients,
        )  # fmt: skip


def _findings(policy: Watch, now: datetime) -> Iterator[Message]:
    """What turned abnormal, and what healed, since the last half hour or so; causes only."""
    rows = Finding.objects.filter(result=Result.ABNORMAL, cause=None).select_related("target")
    since = now - policy.past
    for row in rows.filter(opened_at__gt=since, closed_at=None):
        yield Message(
            Topic.FINDING, f"finding:{row.pk}", f"异常：{row.target.label}",
            f"{row.item} {row.reading}", f"/findings/{row.pk}/",
        )  # fmt: skip
    for row in rows.filter(closed_at__gt=since):
        yield Message(
            Topic.FINDING, f"healed:{row.pk}", f"已恢复：{row.target.label}", row.item,
            f"/findings/{row.pk}/",
        )  # fmt: skip


def _say(messages: list[Message], policy: Watch, now: datetime) -> int:
    """Each message on each channel that has not said it yet."""
    by_topic: dict[Topic, list[Message]] = defaultdict(list)
    for message in messages:
        by_topic[message.topic].append(message)
    wanted: dict[int, list[Message]] = defaultdict(list)
    channels: dict[int, NoticeChannel] = {}
    for topic, said in by_topic.items():
        for channel in carrying(topic, frozenset().union(*(message.users for message in said))):
            channels[channel.pk] = channel
            own = channel.user_id
            wanted[channel.pk] += [each for each in said if own is None or own in each.users]
    return sum(_on(channels[pk], said, policy, now) for pk, said in wanted.items())


@transaction.atomic
def _on(channel: NoticeChannel, messages: list[Message], policy: Watch, now: datetime) -> int:
    # Locked, so that two workers cannot both find that it was not said yet.
    NoticeChannel.objects.select_for_update().get(pk=channel.pk)
    keys = [message.key for message in messages]
    known = set(Notice.objects.filter(channel=channel, key__in=keys).values_list("key", flat=True))
    fresh = list({m.key: m for m in messages if m.key not in known}.values())
    if len(fresh) <= policy.most:
        return sum(queue(channel, message, now) for message in fresh)
    return _summed(channel, fresh, now)


def _summed(channel: NoticeChannel, fresh: list[Message], now: datetime) -> int:
    """One message for all of them; each still has its row, so that it is not said again."""
    body = "\n".join(message.title for message in fresh[:50])
    summary = Message(
        Topic.OVERDUE if any(m.topic is Topic.OVERDUE for m in fresh) else fresh[0].topic,
        f"summary:{now:%Y%m%d%H%M%S}", f"{len(fresh)} 件事项需要处理", body, "/my-work/",
    )  # fmt: skip
    queue(channel, summary, now)
    said = Notice.objects.filter(channel=channel, key=summary.key).latest("pk")
    Notice.objects.bulk_create(
        Notice(
            channel=channel, topic=m.topic, key=m.key, title=m.title[:200], body=m.body,
            link=m.link, created_at=now, state=NoticeState.FOLDED, folded_into=said, due=None,
        )
        for m in fresh
    )  # fmt: skip
    return 1


def _named(each: Work) -> str:
    return f"{each.ticket.number} {each.ticket.title}"[:150]
