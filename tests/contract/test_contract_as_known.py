"""What a past day is judged by: only what was written down by then, nothing later."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import FILES, at, person, write_contract

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Target
from jingwei.checks.models import ItemResult, RoutineRun
from jingwei.contract import actions, queries
from jingwei.contract.actions import Done
from jingwei.contract.models import Contract
from jingwei.desk import actions as desk
from jingwei.desk import queries as desk_queries
from jingwei.desk.actions import leave as leaves
from jingwei.desk.models import Attendance, Kind, State, Ticket
from jingwei.sla.measures import Facts
from jingwei.terms import Result
from jingwei.terms.incident import Cause, Instant, Severity

pytestmark = pytest.mark.django_db
THEN, NOW = at("2025-04-10 12:00"), at("2025-04-20 10:00")


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    return Contract.objects.get(code="seaside")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def client_side() -> User:
    return person("gu", Role.CLIENT_APPROVER)


def then(contract: Contract) -> Facts:
    """What was known on the tenth."""
    return queries.gather(contract, THEN)


def outage(by: User, **more: Any) -> Ticket:
    """A fault of the tenth, reported at nine; nobody has come yet."""
    reported = at("2025-04-10 09:00")
    target = more.pop("target", None)
    return desk.open_ticket(
        desk.Intake(kind=Kind.INCIDENT, title="PACS 停", severity=Severity.OUTAGE,
                    reported_at=reported, target=target),
        by, reported,
    )  # fmt: skip


def core() -> Target:
    """Something whose downtime counts."""
    return Target.objects.create(key="HW-016-1", kind="storage", label="存储", order=1)


def test_an_arrival_written_down_days_later_is_no_arrival_of_that_day(
    seaside: Contract, engineer: User
) -> None:
    ticket = outage(engineer)
    before = then(seaside)
    desk.note_instant(
        ticket, Instant.ARRIVED, at("2025-04-10 10:00"), engineer, NOW, version=ticket.version
    )
    assert then(seaside) == before
    assert queries.gather(seaside, NOW).tickets[0].clocks != before.tickets[0].clocks


def test_a_ticket_withdrawn_later_still_counted_that_day(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    ticket = outage(engineer)
    before = then(seaside)
    desk.advance(ticket, "cancel", client_side, NOW, version=ticket.version, reason="误报")
    ticket.refresh_from_db()
    assert ticket.state == State.CANCELLED
    assert then(seaside) == before
    assert [fact.cancelled for fact in then(seaside).tickets] == [False]
    assert [fact.cancelled for fact in queries.gather(seaside, NOW).tickets] == [True]


def test_a_downtime_has_the_cause_and_the_end_that_were_known(
    seaside: Contract, engineer: User
) -> None:
    ticket = outage(engineer, target=core())
    before = then(seaside)
    assert [down.cause for _, down in before.downtimes] == [Cause.UNCLASSIFIED]
    desk.classify(
        ticket, Cause.HARDWARE, "电源坏", engineer, NOW - timedelta(days=1), version=ticket.version
    )
    desk.note_instant(
        ticket, Instant.RESTORED, at("2025-04-10 11:00"), engineer, NOW, version=ticket.version
    )
    assert then(seaside) == before
    ((_, now_known),) = queries.gather(seaside, NOW).downtimes
    assert (now_known.cause, now_known.end) == (Cause.HARDWARE, at("2025-04-10 11:00"))


def test_what_was_classified_before_keeps_its_cause_when_it_changes(
    seaside: Contract, engineer: User
) -> None:
    ticket = outage(engineer, target=core())
    early = at("2025-04-10 11:30")
    desk.classify(ticket, Cause.HARDWARE, "电源坏", engineer, early, version=ticket.version)
    before = then(seaside)
    desk.classify(ticket, Cause.SYSTEM_SOFTWARE, "再查", engineer, NOW, version=ticket.version)
    assert then(seaside) == before
    assert desk_queries.stood([ticket], THEN)[ticket.pk].cause == Cause.HARDWARE
    assert desk_queries.stood([ticket], NOW) == {}


def test_a_correction_of_a_record_does_not_reach_back(seaside: Contract, engineer: User) -> None:
    done = Done("round", at("2025-04-09 10:00"), "k1", "normal", fields={"place": "北院"})
    first = actions.record_duty(seaside, done, engineer, at("2025-04-09 10:10"))
    before = then(seaside)
    again = Done("round", at("2025-04-08 10:00"), "k2", "normal", fields={"place": "南院"})
    second = actions.record_duty(seaside, again, engineer, NOW, corrects=first, reason="写错")
    assert then(seaside) == before
    assert [fact.ref.key for fact in then(seaside).done] == [str(first.pk)]
    assert [fact.ref.key for fact in queries.gather(seaside, NOW).done] == [str(second.pk)]


def test_a_round_entered_late_is_not_known_before_it_was_entered(
    seaside: Contract, engineer: User
) -> None:
    before = then(seaside)
    late = Done("round", at("2025-04-09 10:00"), "k1", "normal")
    made = actions.record_duty(seaside, late, engineer, NOW)
    assert (made.late, made.at < THEN) == (True, True)
    assert then(seaside) == before


def test_an_attendance_corrected_later_stands_as_it_was(seaside: Contract, engineer: User) -> None:
    somebody = Person.objects.create(name="王工", line=Person.Line.FIRST)
    came = {"person": somebody, "date": date(2025, 4, 9), "source": "本人", "by": engineer,
            "by_name": "王"}  # fmt: skip
    first = Attendance(**came, came_at=at("2025-04-09 08:20"), entered_at=at("2025-04-09 08:20"))
    first.save()
    before = then(seaside)
    Attendance(**came, came_at=None, corrects=first, reason="没来", entered_at=NOW).save()
    assert then(seaside) == before
    assert [fact.there for fact in before.presence] == [1]
    assert queries.gather(seaside, NOW).presence == ()


def test_leave_that_was_granted_later_was_still_waiting(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    somebody = Person.objects.create(name="王工", line=Person.Line.FIRST, user=engineer)
    other = Person.objects.create(name="李工", line=Person.Line.FIRST)
    wish = leaves.Wish(
        somebody, at("2025-04-14 08:30"), at("2025-04-14 17:30"), "家事", "本市", "13800000000",
        other,
    )  # fmt: skip
    asked = leaves.ask_leave(wish, engineer, at("2025-04-10 09:00"))
    before = then(seaside)
    leaves.answer_leave(asked, True, client_side, at("2025-04-11 09:00"))
    assert then(seaside) == before
    assert [fact.granted_at for fact in before.consents] == [None]
    assert queries.gather(seaside, NOW).consents[0].granted_at == at("2025-04-11 09:00")


def answered(run: RoutineRun, target: Target, result: Result, when: str, **more: Any) -> None:
    ItemResult.objects.create(
        run=run, item="room.walk", target=target, result=result, at=at(when),
        source=ItemResult.Source.MANUAL, **more,
    )  # fmt: skip


def test_answers_given_or_replaced_later_leave_the_day_as_it_was(seaside: Contract) -> None:
    room = Target.objects.create(key="ROOM-01", kind="room", label="机房")
    other = Target.objects.create(key="ROOM-02", kind="room", label="配电间")
    run = RoutineRun.objects.create(
        routine="daily", date=date(2025, 4, 9), started_at=at("2025-04-09 06:00"),
        finished_at=at("2025-04-09 06:10"),
    )  # fmt: skip
    answered(run, room, Result.UNCHECKED, "2025-04-09 06:05")
    answered(run, other, Result.NORMAL, "2025-04-09 09:00")
    before = then(seaside)
    assert before.runs[0].items == {"room.walk": (2, 1)}
    ItemResult.objects.filter(target=room).update(current=False)
    answered(run, room, Result.NORMAL, "2025-04-12 09:00", late=True)
    RoutineRun.objects.filter(pk=run.pk).update(confirmed_at=at("2025-04-12 10:00"))
    assert then(seaside) == before
    assert queries.gather(seaside, NOW).runs[0].items == {"room.walk": (2, 2)}


def test_a_new_version_leaves_every_old_assessment_as_it_was(
    seaside: Contract, engineer: User, client_side: User, tmp_path: Path
) -> None:
    done = Done("round", at("2025-04-01 10:00"), "k1", "normal")
    record = actions.record_duty(seaside, done, engineer, at("2025-04-01 10:10"))
    actions.confirm_duty(record, True, client_side, at("2025-04-02 10:00"))
    before = [(row.obligation.pk, row.assessment) for row in queries.assess_all(seaside, NOW)]
    folder = write_contract(
        tmp_path / "contracts",
        contract=FILES["contract.toml"].replace("version = 1", "version = 2"),
        all=FILES["obligations/all.toml"].replace('every = "month", confirmed',
                                                  'every = "day", confirmed'),
    )  # fmt: skip
    actions.load(folder, date(2025, 4, 1))
    assert [(r.obligation.pk, r.assessment) for r in queries.assess_all(seaside, NOW)] == before
    newest = queries.current(date(2025, 4, 20))
    assert newest is not None
    assert newest.version == 2
    rounds = {row.obligation.key: row for row in queries.assess_all(newest, NOW)}
    assert rounds["seaside.round"].obligation.arguments["every"] == "day"
