"""The outbox at work: a gateway on loopback, the real loop, a database that others share.

Nothing is lost, nothing is sent by two at the same time, and a channel that hangs is alone in it.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from notice_peers import Decide, Gateway, Request, closed_port, gateway, says

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "desk"))
from notice_making import channel

from jingwei.desk import webhook as signatures
from jingwei.desk.actions import channels as ways
from jingwei.desk.actions import outbox as rows
from jingwei.desk.actions.notices import post
from jingwei.desk.models import Delivery, Medium, Notice, NoticeChannel, NoticeState, Topic
from jingwei.run import clock
from jingwei.run.notices import sending
from jingwei.run.notices.outbox import PACED, Outbox

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s3cret-s3cret-s3cret"
QUICK = replace(PACED, poll=0.02, told=0.02, grace=0.3)
START = clock.now()


def hook(base: str, name: str = "值班群", **more: Any) -> NoticeChannel:
    """A webhook that leads to a gateway of the test's."""
    given = {"url": f"{base}/in", "secret": SECRET}
    return channel(name, Medium.WEBHOOK, address=given, **more)


def say(key: str = "k", topic: Topic = Topic.NEW_TICKET, at: datetime = START) -> int:
    return post(topic, key, f"工单 {key}", "x", at, link="/my-work/")


def works(
    until: Callable[[], bool], *, names: tuple[str, ...] = ("w1",), seconds: float = 8,
    now: Callable[[], datetime] = clock.now, pace: Any = QUICK,
) -> list[Outbox]:  # fmt: skip
    """Senders at work until the condition holds, or the test fails."""
    senders = [Outbox(name, now, pace) for name in names]

    async def run() -> None:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(each.run(stop)) for each in senders]
        ends = time.monotonic() + seconds
        try:
            while not await asyncio.to_thread(_closing, until):
                assert time.monotonic() < ends, "it did not come to that"
                await asyncio.sleep(0.02)
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    asyncio.run(run())
    return senders


def _closing(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    finally:
        connection.close()


def all_sent() -> bool:
    return not Notice.objects.filter(state=NoticeState.QUEUED).exists()


def state(key: str = "k") -> str:
    return str(Notice.objects.get(key=key).state)


def ids(peer: Gateway) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in peer.requests]


@pytest.fixture
def peer() -> Iterator[Gateway]:
    with gateway(says(b"", 204)) as made:
        yield made


def test_what_is_due_is_sent_once_signed_and_written_down(peer: Gateway) -> None:
    hook(peer.base)
    say()
    (sender,) = works(all_sent)
    (request,) = peer.requests
    signed = request.headers["Jingwei-Signature"]
    assert signatures.verify(signed, request.body, SECRET, clock.now())
    assert request.json["title"] == "工单 k"
    assert sender.sent == 1
    held = Notice.objects.get()
    assert (held.state, held.due, held.attempts) == (NoticeState.SENT, None, 1)
    assert held.sent_at is not None
    assert held.deliveries.get().ok


def test_killed_between_sending_and_writing_it_down_it_is_sent_again_under_the_same_id(
    peer: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(peer.base)
    say()
    real = rows.finish

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit("kill -9")

    first = Outbox("w1", clock.now, QUICK)
    until = clock.now() + timedelta(minutes=5)
    (notice,) = rows.claim("w1", 10, clock.now(), until)
    monkeypatch.setattr(rows, "finish", killed)
    with pytest.raises(SystemExit):
        asyncio.run(first.deliver(notice))
    assert len(peer.requests) == 1
    assert not Delivery.objects.exists()
    assert rows.claim("w2", 10, clock.now(), until) == []  # its lease still runs

    monkeypatch.setattr(rows, "finish", real)
    works(all_sent, names=("w2",), now=lambda: clock.now() + timedelta(minutes=6))
    assert len(ids(peer)) == 2
    assert len(set(ids(peer))) == 1
    assert state() == NoticeState.SENT


def test_a_database_that_is_locked_for_a_while_loses_no_delivery(
    peer: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(peer.base)
    say()
    real, tries = rows.finish, [0]

    def locked(*given: Any, **more: Any) -> None:
        tries[0] += 1
        if tries[0] < 4:
            raise OperationalError("database is locked")
        real(*given, **more)

    monkeypatch.setattr(rows, "finish", locked)
    works(all_sent)
    assert len(peer.requests) == 1
    assert Delivery.objects.count() == 1


def test_a_channel_that_hangs_holds_up_nobody_else(
    peer: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 1.5)
    let_go = threading.Event()
    with gateway(lambda request, _: let_go.wait(5) and None) as slow:
        stuck, quick = hook(slow.base, "卡住"), hook(peer.base, "快的")
        for number in range(5):
            say(f"k{number}")
        started = time.monotonic()

        def arrived() -> bool:
            return quick.notices.filter(state=NoticeState.SENT).count() == 5

        works(arrived)
        assert time.monotonic() - started < 1.5
        assert not stuck.notices.filter(state=NoticeState.SENT).exists()
        assert len(slow.requests) == 1  # one after another: no five connections wait there
        let_go.set()


def test_behind_one_that_failed_the_rest_waits_and_is_not_blamed() -> None:
    own = hook(f"http://127.0.0.1:{closed_port()}")
    for number in range(3):
        say(f"k{number}")
    works(lambda: Delivery.objects.exists() and not own.notices.exclude(leased_by="").exists())
    first, *rest = own.notices.order_by("pk")
    assert (first.attempts, first.state) == (1, NoticeState.QUEUED)
    assert [one.attempts for one in rest] == [0, 0]
    assert all(one.due is not None and one.due > clock.now() for one in rest)


def test_two_workers_at_once_send_each_notice_once(peer: Gateway) -> None:
    for number in range(4):
        hook(peer.base, f"群{number}")
    for number in range(25):
        say(f"k{number}")
    works(all_sent, names=("w1", "w2", "w3"), seconds=30)
    assert len(ids(peer)) == len(set(ids(peer))) == 100
    assert Delivery.objects.count() == 100


def test_of_many_who_claim_at_once_each_gets_others() -> None:
    own = channel()
    now = clock.now()
    Notice.objects.bulk_create(
        Notice(channel=own, topic=Topic.FINDING, key=f"k{n}", title="t", created_at=now, due=now)
        for n in range(60)
    )
    ready = threading.Barrier(4)

    def one(name: str) -> list[int]:
        try:
            ready.wait(10)
            until = now + timedelta(minutes=5)
            return [each.pk for _ in range(4) for each in rows.claim(name, 5, now, until)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        held = [pk for got in pool.map(one, ["a", "b", "c", "d"]) for pk in got]
    assert len(held) == len(set(held)) == 60


def no_then_yes(failures: int) -> tuple[Decide, list[Request]]:
    """A gateway that is down so many times."""
    seen: list[Request] = []

    def decide(request: Request, _: Any) -> tuple[int, dict[str, str], bytes]:
        seen.append(request)
        return (503 if len(seen) <= failures else 204), {}, b""

    return decide, seen


def rounds(minutes: list[float]) -> None:
    """One round of work at each of these minutes after the start."""
    for each in minutes:
        at = START + timedelta(minutes=each)
        tried = Delivery.objects.count()
        works(lambda tried=tried: Delivery.objects.count() > tried, now=lambda at=at: at)


def test_it_tries_again_after_growing_pauses_then_gives_up_and_by_hand_it_goes() -> None:
    decide, seen = no_then_yes(6)
    with gateway(decide) as down:
        own = hook(down.base)
        say()
        rounds([0, 1, 3, 8, 23, 83])
        held = Notice.objects.get()
        assert (held.state, held.due, held.attempts) == (NoticeState.FAILED, None, 6)
        assert [one.ok for one in held.deliveries.all()] == [False] * 6
        assert "503" in held.deliveries.all()[0].detail
        later = START + timedelta(minutes=90)
        assert rows.claim("w", 10, later, later + timedelta(minutes=5)) == []

        rows.resend(held, _manager(), later)
        works(all_sent, now=lambda: later)
        held.refresh_from_db()
        assert (held.state, held.attempts) == (NoticeState.SENT, 1)
        assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
        assert own.notices.count() == 1


def _manager() -> Any:
    from jingwei.accounts.models import User  # noqa: PLC0415
    from jingwei.accounts.roles import Role  # noqa: PLC0415

    return User.objects.create_user("root", password="Right-Horse-9", role=Role.SYSTEM_ADMIN)


def test_between_two_tries_it_rests(peer: Gateway) -> None:
    with gateway(says(b"", 500)) as down:
        hook(down.base)
        say()
        rounds([0])
        for minutes, due in ((0.9, 0), (1.0, 1)):
            at = START + timedelta(minutes=minutes)
            got = rows.claim("w", 10, at, at + timedelta(seconds=1))
            assert len(got) == due


def test_the_gateways_own_pause_is_kept_but_never_without_end() -> None:
    with gateway(says(b"", 429, Retry_After="999999")) as busy:
        hook(busy.base)
        say()
        rounds([0])
    assert Notice.objects.get().due == START + timedelta(hours=1)


def test_a_digest_is_one_message_with_all_titles_and_urgent_things_go_at_once(
    peer: Gateway,
) -> None:
    own = hook(peer.base, digest_minutes=30)
    for number in range(3):
        say(f"k{number}")
    say("e", Topic.EMERGENCY)
    works(lambda: own.notices.filter(state=NoticeState.SENT).count() == 1)
    assert [request.json["title"] for request in peer.requests] == ["工单 e"]

    later = START + timedelta(minutes=31)
    works(all_sent, now=lambda: later)
    digest = peer.requests[1].json
    assert digest["title"] == "摘要：3 条通知"
    assert all(f"工单 k{number}" in digest["body"] for number in range(3))
    folded = own.notices.filter(state=NoticeState.FOLDED)
    assert folded.count() == 3
    assert len({one.folded_into_id for one in folded}) == 1


def test_two_workers_make_one_digest(peer: Gateway) -> None:
    own = hook(peer.base, digest_minutes=30)
    for number in range(6):
        say(f"k{number}")
    later = START + timedelta(minutes=31)
    works(all_sent, names=("w1", "w2"), now=lambda: later)
    told = "".join(request.json["title"] + request.json["body"] for request in peer.requests)
    assert all(told.count(f"工单 k{number}") == 1 for number in range(6))
    assert own.notices.exclude(state=NoticeState.QUEUED).count() == own.notices.count()


def test_a_channel_switched_off_keeps_what_waits_until_it_is_on_again(peer: Gateway) -> None:
    own = hook(peer.base)
    say("a")
    NoticeChannel.objects.update(enabled=False)
    other = hook(peer.base, "另一个", topics=[Topic.OVERDUE])
    say("b", Topic.OVERDUE)
    works(lambda: other.notices.filter(state=NoticeState.SENT).exists())
    assert state("a") == NoticeState.QUEUED
    ways.switch(own, _manager(), clock.now(), on=True)
    works(all_sent)
    assert state("a") == NoticeState.SENT


def test_a_channel_whose_key_is_gone_says_so_and_others_go_on(peer: Gateway) -> None:
    broken, fine = hook(peer.base, "坏的"), hook(peer.base, "好的")
    NoticeChannel.objects.filter(pk=broken.pk).update(address=b"\x00" * 40)
    say()
    works(lambda: Delivery.objects.count() == 2)
    assert fine.notices.get().state == NoticeState.SENT
    said = broken.notices.get().deliveries.get()
    assert not said.ok
    assert "无法解密" in said.detail


def test_asked_to_stop_it_tells_what_was_begun_and_gives_the_rest_up() -> None:
    let_go = threading.Event()
    with gateway(lambda request, _: let_go.wait(5) and None) as slow:
        hook(slow.base)
        say()
        started = time.monotonic()
        works(lambda: bool(slow.requests))
        assert time.monotonic() - started < 3
        let_go.set()
    held = Notice.objects.get()
    assert held.state == NoticeState.QUEUED  # its lease ends, then it goes again
    assert not held.deliveries.exists()


def test_a_worker_whose_lease_ran_out_does_not_undo_what_another_did(peer: Gateway) -> None:
    hook(peer.base)
    say()
    now = clock.now()
    (slow,) = rows.claim("slow", 1, now, now + timedelta(seconds=1))
    later = now + timedelta(seconds=2)
    (taken,) = rows.claim("quick", 1, later, later + timedelta(minutes=5))
    rows.finish(taken, "quick", later, ok=True, detail="好", took_ms=1)
    rows.finish(slow, "slow", later, ok=False, detail="超时", took_ms=1)
    assert state() == NoticeState.SENT
    assert [one.ok for one in Delivery.objects.all()] == [True, False]  # both are on record
