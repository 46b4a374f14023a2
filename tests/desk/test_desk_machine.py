"""Random people doing random things to tickets at random times: what must hold, holds after each.

The machine knows no rule of the desk but its invariants: the log only grows, each line has its
link in the audit chain, the version counts writes, no state is outside the table, no clock is
negative, and what was refused changed nothing but the chain.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from desk_making import MORNING, client, data_change, incident, person, publish, request, site
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import verify_chain
from jingwei.accounts.roles import Role
from jingwei.contract import queries as contract
from jingwei.desk import actions, queries
from jingwei.desk.actions import DeskError
from jingwei.desk.facts import facts_of
from jingwei.desk.models import ENDED, Kind, Ticket, TicketEvent
from jingwei.desk.transitions import TABLE, first_state
from jingwei.sla.clock import ClockState
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
STEPS = sorted({way.step for way in TABLE})
KINDS = [Kind.INCIDENT, Kind.SERVICE_REQUEST, Kind.CHANGE, Kind.DATA_CHANGE]
who = st.integers(0, 4)
which = st.integers(0, 3)
minutes = st.integers(-600, 30)
words = st.sampled_from(["", " ", "看过", "重启了服务", "a\0b", "\ud800", "长" * 300])
off = st.sampled_from([0, 0, 0, 0, -1, 1])
FACTS = {
    "solution": "重启了服务", "precheck_ref": "JC-1", "window_start": "2022-11-07T20:00",
    "window_end": "2022-11-07T22:00", "backup_ref": "BK-1", "session_ref": "S-1",
    "actual_rows": "1", "images_ref": "IMG-1", "verified_by": "陈主任",
}  # fmt: skip


class Desk(RuleBasedStateMachine):
    """Four tickets of four kinds, five people, one clock that only goes on."""

    people: list[User]
    tickets: list[Ticket]

    @initialize()
    def open(self) -> None:
        self.now = MORNING
        roles = [
            Role.FIRST_LINE, Role.FIRST_LINE, Role.SECOND_LINE, Role.CLIENT_APPROVER,
            Role.INSTITUTION,
        ]  # fmt: skip
        self.people = [person(f"p{n}", role) for n, role in enumerate(roles)]
        first = self.people[0]
        self.tickets = [
            incident(first, site=site()), request(first), request(first, Kind.CHANGE),
            data_change(first),
        ]  # fmt: skip
        self.logs = {ticket.pk: self.log(ticket) for ticket in self.tickets}
        self.versions = {ticket.pk: ticket.version for ticket in self.tickets}
        self.ended: set[int] = set()

    def log(self, ticket: Ticket) -> list[tuple[Any, ...]]:
        """The lines as the database has them."""
        fields = ("pk", "kind", "at", "entered_at", "instant", "state", "value", "by", "late")
        return list(TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list(*fields))

    def row(self, ticket: Ticket) -> dict[str, Any]:
        """The ticket as the database has it."""
        found: dict[str, Any] = Ticket.objects.filter(pk=ticket.pk).values().get()
        return found

    def attempt(self, ticket: Ticket, act: Any, *, versioned: bool = True) -> None:
        """One action, a minute later; it works whole or it changes nothing but the chain."""
        self.now += timedelta(minutes=1)
        before, log = self.row(ticket), self.log(ticket)
        links = AuditEntry.objects.count()
        try:
            with transaction.atomic():
                act()
        except DeskError:
            assert self.row(ticket) == before
            assert self.log(ticket) == log
            assert not AuditEntry.objects.filter(sequence__gt=links, succeeded=True)
        else:
            after = self.row(ticket)
            assert after["version"] == before["version"] + versioned
            assert AuditEntry.objects.filter(succeeded=True).count() > 0
            assert before["state"] not in ENDED, "an ended ticket was written"
        ticket.refresh_from_db()

    @rule(of=which, by=who, step=st.sampled_from(STEPS), reason=words, stale=off)
    def step(self, of: int, by: int, step: str, reason: str, stale: int) -> None:
        ticket, user = self.tickets[of], self.people[by]
        act = actions.data_step if ticket.kind == Kind.DATA_CHANGE else actions.advance
        given = {"version": ticket.version + stale, "reason": reason, "facts": FACTS}
        self.attempt(ticket, lambda: act(ticket, step, user, self.now, **given))

    @rule(of=which, by=who)
    def on(self, of: int, by: int) -> None:
        """A step that leads on from here, so that histories get somewhere."""
        ticket = self.tickets[of]
        ways = [w for w in TABLE if ticket.kind in w.kinds and ticket.state in w.start]
        if ways:
            self.step(of, by, ways[0].step, "按流程", 0)

    @rule(of=which, by=who, name=st.sampled_from(Instant), when=minutes, here=st.booleans())
    def instant(self, of: int, by: int, name: Instant, when: int, here: bool) -> None:
        ticket = self.tickets[of]
        at = self.now + timedelta(minutes=when)
        self.attempt(ticket, lambda: actions.note_instant(
            ticket, name, at, self.people[by], self.now, version=ticket.version,
            resident=here and name is Instant.ARRIVED, reason="更正",
        ))  # fmt: skip

    @rule(of=which, by=who, severity=st.sampled_from(Severity), reason=words, stale=off)
    def regrade(self, of: int, by: int, severity: Severity, reason: str, stale: int) -> None:
        ticket = self.tickets[of]
        self.attempt(ticket, lambda: actions.regrade(
            ticket, severity, reason, self.people[by], self.now, version=ticket.version + stale
        ))  # fmt: skip

    @rule(of=which, by=who, when=minutes, reason=words)
    def pause(self, of: int, by: int, when: int, reason: str) -> None:
        ticket, at = self.tickets[of], self.now + timedelta(minutes=when)
        self.attempt(ticket, lambda: actions.pause(
            ticket, at, reason, self.people[by], self.now, version=ticket.version
        ))  # fmt: skip

    @rule(of=which, by=who, when=minutes)
    def resume(self, of: int, by: int, when: int) -> None:
        ticket, at = self.tickets[of], self.now + timedelta(minutes=when)
        self.attempt(ticket, lambda: actions.resume(
            ticket, at, self.people[by], self.now, version=ticket.version
        ))  # fmt: skip

    @rule(of=which, by=who, yes=st.booleans(), reason=words)
    def answer(self, of: int, by: int, yes: bool, reason: str) -> None:
        ticket = self.tickets[of]
        for asked in facts_of(ticket).waiting[:1]:
            self.attempt(ticket, lambda asked=asked: actions.answer(
                ticket, asked, yes, self.people[by], self.now, version=ticket.version,
                reason=reason,
            ))  # fmt: skip

    @rule(of=which, by=who, to=st.none() | who, stale=off)
    def assign(self, of: int, by: int, to: int | None, stale: int) -> None:
        ticket = self.tickets[of]
        taker = None if to is None else self.people[to]
        self.attempt(ticket, lambda: actions.assign(
            ticket, taker, self.people[by], self.now, version=ticket.version + stale
        ))  # fmt: skip

    @rule(of=which, by=who, text=words, when=minutes, spent=st.none() | st.integers(-5, 2000))
    def work(self, of: int, by: int, text: str, when: int, spent: int | None) -> None:
        ticket, at = self.tickets[of], self.now + timedelta(minutes=when)
        self.attempt(ticket, versioned=False, act=lambda: actions.log_work(
            ticket, text, self.people[by], self.now, at=at, minutes=spent
        ))  # fmt: skip

    @rule(of=which, by=who, remote=st.booleans(), reason=words)
    def remote(self, of: int, by: int, remote: bool, reason: str) -> None:
        ticket = self.tickets[of]
        self.attempt(ticket, lambda: actions.set_remote(
            ticket, remote, reason, self.people[by], self.now, version=ticket.version
        ))  # fmt: skip

    @invariant()
    def the_log_only_grows(self) -> None:
        for ticket in self.tickets:
            held, now = self.logs[ticket.pk], self.log(ticket)
            assert now[: len(held)] == held
            assert all(line[2] <= line[3] for line in now), "something happened after its entry"
            late = [line[3] - line[2] > timedelta(minutes=30) for line in now]
            assert [line[8] for line in now] == late
            self.logs[ticket.pk] = now

    @invariant()
    def each_state_was_reached_by_the_table(self) -> None:
        for ticket in self.tickets:
            path = [first_state(Kind(ticket.kind))]
            path += [line[5] for line in self.log(ticket) if line[5]]
            for start, end in pairwise(path):
                ways = [w for w in TABLE if ticket.kind in w.kinds and start in w.start]
                assert end in {way.end for way in ways}, (start, end)
            assert ticket.state == path[-1]
            assert ticket.version >= self.versions[ticket.pk]
            self.versions[ticket.pk] = ticket.version

    @invariant()
    def no_clock_is_negative_and_none_contradicts_itself(self) -> None:
        for ticket in self.tickets:
            for clock in queries.clocks(ticket, self.now).all:
                check(clock, self.now)

    def teardown(self) -> None:
        """The whole chain, and every ticket against its links in it."""
        if hasattr(self, "tickets"):
            assert verify_chain().intact
            assert contract.verify().broken == ()


def check(clock: Any, now: datetime) -> None:
    """One clock by itself."""
    if clock.used is not None:
        assert clock.used >= timedelta()
        assert clock.left == clock.limit.allowed - clock.used
    if clock.state is ClockState.MET:
        assert clock.used <= clock.limit.allowed
        assert clock.stopped is not None
    if clock.state in (ClockState.BREACHED, ClockState.OVERDUE):
        assert clock.used > clock.limit.allowed
    if clock.state is ClockState.RUNNING:
        assert clock.due is not None
        assert clock.due >= now


def test_no_history_breaks_the_desk() -> None:
    publish()

    class OneByOne(Desk):
        """Each history in a transaction that is taken back: every one begins with an empty desk."""

        def __init__(self) -> None:
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        OneByOne,
        settings=settings(
            max_examples=6, stateful_step_count=20, deadline=None,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_the_client_alone_cannot_take_a_ticket_anywhere() -> None:
    """Neither side can finish a ticket by itself: there is no way from new to closed for one."""
    for role in (Role.FIRST_LINE, Role.SECOND_LINE, Role.CLIENT_APPROVER):
        user = person(f"only-{role}", role) if role != Role.CLIENT_APPROVER else client()
        opener = person(f"opener-{role}")
        for ticket in (request(opener), request(opener, Kind.CHANGE)):
            for name in [way.step for way in TABLE] * 3:
                try:
                    actions.advance(
                        ticket, name, user, MORNING, version=ticket.version, reason="试",
                        facts=FACTS,
                    )  # fmt: skip
                except DeskError:
                    continue
            assert ticket.state not in ("closed", "confirmed"), role
