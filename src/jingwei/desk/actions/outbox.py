"""Taking notices out of the outbox: claimed by a lease, told what became of it, tried again.

A worker that dies between sending and telling leaves a lease to run out: the notice is sent again
(at least once), under the same identity, by which a receiver knows it (`identity`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.desk.actions.channels import demand_over
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.notices import LONGEST_BODY, URGENT
from jingwei.desk.models import Delivery, Notice, NoticeChannel, NoticeState, Topic

PAUSES = tuple(timedelta(minutes=each) for each in (1, 2, 5, 15, 60))  # then it has failed
LONGEST_PAUSE = timedelta(hours=1)  # however long a gateway asks us to wait
TEST_PAUSE = timedelta(seconds=10)
_CLAIM = """
UPDATE desk_notice SET leased_until = %s, leased_by = %s
WHERE id IN (
    SELECT n.id FROM desk_notice n
    JOIN desk_noticechannel c ON c.id = n.channel_id
    WHERE n.due <= %s AND n.state = 'queued'
    AND (n.leased_until IS NULL OR n.leased_until <= %s)
    AND (c.enabled OR n.topic = 'test') {busy}
    ORDER BY n.due, n.id LIMIT %s {skip})
AND (leased_until IS NULL OR leased_until <= %s)
RETURNING id
"""


def claim(
    worker: str, most: int, now: datetime, until: datetime, busy: Iterable[int] = ()
) -> list[Notice]:
    """Lease up to `most` due notices, the longest due first, none of the channels in `busy`."""
    channels = list(busy)
    to_database = connection.ops.adapt_datetimefield_value
    low, high = to_database(now), to_database(until)
    statement = _CLAIM.format(
        busy=f"AND n.channel_id NOT IN ({', '.join(['%s'] * len(channels))})" if channels else "",
        skip="FOR UPDATE OF n SKIP LOCKED" if connection.vendor == "postgresql" else "",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [high, worker, low, low, *channels, most, low])
        ids = [row[0] for row in cursor.fetchall()]
    held = Notice.objects.filter(pk__in=ids).select_related("channel")
    return list(held.order_by("due", "pk"))


def claim_one(notice: Notice, worker: str, now: datetime, until: datetime) -> bool:
    """Lease this very notice; False when another worker has it or it waits no more."""
    free = Notice.objects.filter(pk=notice.pk, state=NoticeState.QUEUED).exclude(
        leased_until__gt=now
    )
    return bool(free.update(leased_until=until, leased_by=worker))


def gather(notices: Sequence[Notice], now: datetime) -> list[Notice]:
    """Make one digest of what one channel gathered; what is sent instead, in order.

    The digest takes over the lease, so nobody sees it half done. What is urgent or was tried
    already goes by itself.
    """
    many = [one for one in notices if _gathers(one)]
    if len(many) < 2 or not many[0].channel.digest_minutes:
        return list(notices)
    first = many[0]
    lines = [f"{n}. [{one.get_topic_display()}] {one.title}" for n, one in enumerate(many, 1)]
    body = "\n".join(lines)
    with transaction.atomic():
        digest = Notice.objects.create(
            channel=first.channel, topic=first.topic, key=f"digest:{first.pk}",
            title=f"摘要：{len(many)} 条通知", body=body[:LONGEST_BODY], created_at=now, due=now,
            state=NoticeState.QUEUED, leased_until=first.leased_until, leased_by=first.leased_by,
            data={"digest": len(many)},
        )  # fmt: skip
        Notice.objects.filter(pk__in=[one.pk for one in many]).update(
            state=NoticeState.FOLDED, folded_into=digest, due=None, leased_until=None, leased_by=""
        )
    return [digest, *(one for one in notices if one not in many)]


def _gathers(notice: Notice) -> bool:
    fresh = not notice.attempts and "digest" not in notice.data
    return fresh and notice.topic not in URGENT


def finish(
    notice: Notice, worker: str, now: datetime, *, ok: bool, detail: str, took_ms: int,
    wait: timedelta | None = None, reached: Iterable[str] = (),
) -> None:  # fmt: skip
    """What became of one attempt: sent, or due again after a growing pause, or failed for good.

    The attempt is recorded even when the lease ran out meanwhile; the state then is another
    worker's to change. `wait` is how long the gateway asks us to wait at least; `reached` names
    (as digests) whom it reached before it failed for others: they are not told twice.
    """
    detail = detail.replace("\0", "").encode(errors="replace").decode()[:300]
    with transaction.atomic():
        Delivery(notice=notice, at=now, ok=ok, detail=detail, took_ms=took_ms).save()
        held = Notice.objects.filter(pk=notice.pk, leased_by=worker, state=NoticeState.QUEUED)
        attempts = notice.attempts + 1
        if reached:
            known = {*notice.data.get("reached", ()), *reached}
            held.update(data={**notice.data, "reached": sorted(known)})
        if ok:
            held.update(
                state=NoticeState.SENT, sent_at=now, due=None, attempts=attempts,
                leased_until=None, leased_by="",
            )  # fmt: skip
        elif attempts > len(PAUSES) or notice.topic == Topic.TEST:
            held.update(
                state=NoticeState.FAILED, due=None, attempts=attempts, leased_until=None,
                leased_by="",
            )  # fmt: skip
        else:
            pause = max(PAUSES[attempts - 1], min(wait or timedelta(), LONGEST_PAUSE))
            held.update(due=now + pause, attempts=attempts, leased_until=None, leased_by="")


def release(notices: Iterable[Notice], worker: str, due: datetime | None = None) -> None:
    """Give notices back that were not tried; `due` puts them off behind a gateway that is down."""
    held = Notice.objects.filter(pk__in=[one.pk for one in notices], leased_by=worker)
    change = {"leased_until": None, "leased_by": ""}
    held.update(**change, **({"due": due} if due is not None else {}))


def resend(notice: Notice, by: User, now: datetime) -> None:
    """Try a failed notice again, from the beginning of its pauses.

    Raises ForbiddenError for another person's channel, BadInputError unless it has failed or its
    channel is switched off.
    """
    demand_over(notice.channel, by)
    with transaction.atomic():
        held = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if held.state != NoticeState.FAILED:
            raise BadInputError("state", f"只有发送失败的通知可以重发，这条{_word(held)}")
        if not notice.channel.enabled:
            raise BadInputError("channel", f"渠道“{notice.channel.name}”已停用，请先启用")
        Notice.objects.filter(pk=held.pk).update(state=NoticeState.QUEUED, due=now, attempts=0)
        accounts.record(
            by, "notice.resend", kind="notice", key=str(held.pk),
            after={"channel": notice.channel.name, "title": held.title}, now=now,
        )  # fmt: skip


def test(channel: NoticeChannel, by: User | None, now: datetime) -> Notice:
    """Queue a message that says it is a test; it is really sent, once. No `by`: the command line.

    Goes on a channel that is switched off too: one tries it before switching it on. Raises
    ForbiddenError for another person's channel, BadInputError within seconds of the last test.
    """
    if by is not None:
        demand_over(channel, by)
    with transaction.atomic():
        NoticeChannel.objects.select_for_update().get(pk=channel.pk)
        last = channel.notices.filter(topic=Topic.TEST, created_at__gt=now - TEST_PAUSE)
        if last.exists():
            raise BadInputError("channel", "刚刚已发过测试，请稍候再试")
        who = str(by) if by is not None else "命令行"
        made = Notice.objects.create(
            channel=channel, topic=Topic.TEST, key=f"test:{now.isoformat()}", title="测试通知",
            body=f"这是一条测试通知，由{who}发出。收到即表示渠道“{channel.name}”可用。",
            created_at=now, due=now, state=NoticeState.QUEUED,
        )  # fmt: skip
        accounts.record(
            by or "系统（命令行）", "notice.test", kind="notice_channel", key=channel.name,
            after={"notice": made.pk}, now=now,
        )  # fmt: skip
    return made


def identity(notice: Notice) -> str:
    """What a receiver knows a notice by when it comes twice."""
    return f"jw-{notice.pk}-{int(notice.created_at.timestamp())}"


def count_suppressed(notice: Notice) -> int:
    """How often the same was kept back behind this one."""
    return Notice.objects.filter(folded_into=notice, key=F("folded_into__key")).count()


def _word(notice: Notice) -> str:
    return notice.get_state_display()
