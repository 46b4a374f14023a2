"""Putting a notice in the outbox: one row for each channel that carries its topic.

Everybody who has something to say calls `post` inside the transaction that makes it true: what is
rolled back is never said. Sending is the worker's (`jingwei.run.notices`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q

from jingwei.accounts.models import User
from jingwei.accounts.roles import May, Role, may
from jingwei.desk.models import Notice, NoticeChannel, NoticeState, Topic
from jingwei.terms import SHANGHAI

LONGEST_KEY = 100
LONGEST_BODY = 4000
# What somebody must hear now is never gathered with other things first, nor kept till morning.
URGENT = frozenset({Topic.EMERGENCY, Topic.UNTAKEN, Topic.TEST})
STAFF = [role for role in Role.values if may(role, May.SEE_DESK)]


@dataclass(frozen=True, slots=True)
class Message:
    """What is said: `key` names what it is about, `link` is a path of ours or a whole address.

    `users` are the ids of those whom it concerns: their own channels carry it too.
    """

    topic: Topic
    key: str
    title: str
    body: str
    link: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    users: frozenset[int] = frozenset()


def post(
    topic: Topic, key: str, title: str, body: str, now: datetime, *, link: str = "",
    data: Mapping[str, Any] | None = None, user: User | None = None,
) -> int:  # fmt: skip
    """Queue one notice on every enabled channel that carries the topic; how many will be sent.

    Without `user` the shared channels, with one that person's own too. The same key within a
    channel's throttle time is kept as a folded row behind the one that stands, not sent again.
    Text no database can keep is mended and what is too long is cut, never refused: a notice must
    not undo what it tells of.
    """
    message = Message(topic, _key(key), _clean(title)[:200], _clean(body)[:LONGEST_BODY],
                      _clean(link)[:300], dict(data or {}))  # fmt: skip
    users = [user] if user is not None else []
    with transaction.atomic():
        return sum(queue(each, message, now) for each in carrying(topic, users))


def carrying(topic: Topic, users: Iterable[User | int] = ()) -> list[NoticeChannel]:
    """The enabled channels that carry a topic: shared ones, and these persons' own.

    An emergency concerns everybody who sees the desk.
    """
    theirs = Q(user__isnull=False) if topic is Topic.EMERGENCY else Q(user__in=list(users))
    mine = Q(user__isnull=True) | theirs & Q(user__is_active=True, user__role__in=STAFF)
    rows = NoticeChannel.objects.filter(mine, enabled=True).order_by("pk")
    return [row for row in rows if not row.topics or topic in row.topics]


def queue(channel: NoticeChannel, message: Message, now: datetime) -> bool:
    """One row on one channel; whether it will be sent. Call inside a transaction."""
    standing = _standing(channel, message.key, now)
    Notice.objects.create(
        channel=channel, topic=message.topic, key=message.key, title=message.title,
        body=message.body, link=message.link, data=dict(message.data), created_at=now,
        state=NoticeState.FOLDED if standing else NoticeState.QUEUED, folded_into=standing,
        due=None if standing else _due(channel, message.topic, now),
    )  # fmt: skip
    return standing is None


def _standing(channel: NoticeChannel, key: str, now: datetime) -> Notice | None:
    """The notice about the same thing that was said or will be, too recent to say it again."""
    since = now - timedelta(minutes=channel.throttle_minutes)
    recent = Notice.objects.filter(channel=channel, key=key, created_at__gt=since)
    # One folded behind its like says nothing itself; one gathered into a digest does.
    return recent.exclude(state=NoticeState.FAILED).exclude(folded_into__key=key).first()


def _due(channel: NoticeChannel, topic: Topic, now: datetime) -> datetime:
    """Now; after the quiet hours; on a channel with a digest, when what gathers now is sent."""
    if topic in URGENT:
        return now
    now = _awake(channel, now)
    if not channel.digest_minutes:
        return now
    latest = now + timedelta(minutes=channel.digest_minutes)
    gathering = channel.notices.filter(
        state=NoticeState.QUEUED, attempts=0, due__gt=now, due__lte=latest
    ).order_by("due")
    first = gathering.values_list("due", flat=True).first()
    return first or latest


def _awake(channel: NoticeChannel, now: datetime) -> datetime:
    """Now, or the end of the quiet hours `now` falls into."""
    start, end = channel.quiet_from, channel.quiet_to
    if start is None or end is None:
        return now
    local = now.astimezone(SHANGHAI)
    clock = local.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return now
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, SHANGHAI)


def _key(key: str) -> str:
    """A key that fits; a long one keeps its beginning and gets a digest of the whole."""
    key = _clean(key)
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]}#{sha256(key.encode()).hexdigest()[:16]}"


def _clean(text: str) -> str:
    """Text every database takes: no NUL, no lone surrogates."""
    return text.replace("\0", "").encode(errors="replace").decode().strip()
