"""Assessment over the database: each room's rows become facts, and facts become standings."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person, write_contract

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Site, Target
from jingwei.calendars.models import CalendarDay
from jingwei.checks.models import (
    Check,
    DailySummary,
    Finding,
    FindingNote,
    ItemResult,
    RoutineRun,
    Series,
)
from jingwei.contract import actions, queries
from jingwei.contract.actions import Done, Paper
from jingwei.contract.models import Ambiguity, Contract, DocumentStep
from jingwei.desk import actions as desk
from jingwei.desk.models import Attendance, Effort, Kind
from jingwei.sla.measures.facts import Family
from jingwei.terms import Result
from jingwei.terms.incident import Severity
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 3, 15), date(2025, 9, 14)
NOW = at("2025-04-20 10:00")
K = DocumentStep.Kind


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    actions.load(write_contract(tmp_path / "contracts"), date(2025, 4, 1))
    days = ((FIRST + timedelta(days=n)) for n in range((LAST - FIRST).days + 1))
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, working=day.weekday() < 5, source="国务院放假通知") for day in days
    )
    return Contract.objects.get(code="seaside")


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def client_side() -> User:
    return person("gu", Role.CLIENT_APPROVER)


@pytest.fixture
def room() -> Target:
    return Target.objects.create(key="ROOM-01", kind="room", label="机房")


def standings(contract: Contract, now: Any = NOW) -> dict[str, Standing]:
    return {
        row.obligation.key.removeprefix("seaside."): row.assessment.verdict.standing
        for row in queries.assess_all(contract, now)
    }


def ran(day: date, target: Target, *, result: str = Result.NORMAL) -> RoutineRun:
    run = RoutineRun.objects.create(
        routine="daily", date=day, started_at=at(f"{day} 08:30"), finished_at=at(f"{day} 08:40")
    )
    ItemResult.objects.create(
        run=run, item="db.connection", target=target, result=result, at=at(f"{day} 08:31"),
        source=ItemResult.Source.AUTOMATIC,
    )  # fmt: skip
    return run


def every_day(target: Target, *, but: tuple[date, ...] = ()) -> None:
    day = FIRST
    while day <= date(2025, 4, 20):
        if day not in but:
            ran(day, target)
        day += timedelta(days=1)


def test_an_empty_house_has_met_nothing(seaside: Contract) -> None:
    assert standings(seaside) == {
        "daily": Standing.NO_EVIDENCE, "round": Standing.NO_EVIDENCE,
        "report": Standing.NOT_AGREED, "nda": Standing.NO_EVIDENCE,
    }  # fmt: skip


def test_runs_on_working_days_only_are_not_agreed_until_the_client_decides(
    seaside: Contract, room: Target, client_side: User
) -> None:
    weekends = tuple(
        FIRST + timedelta(days=n) for n in range(37) if (FIRST + timedelta(days=n)).weekday() >= 5
    )
    every_day(room, but=weekends)
    assert standings(seaside)["daily"] is Standing.NOT_AGREED
    question = Ambiguity.objects.get(key="B01")
    actions.settle(question, client_side, NOW, reading="working", reason="纪要")
    assert standings(seaside)["daily"] is Standing.MET
    actions.settle(question, client_side, NOW + timedelta(days=1), reading="natural", reason="改")
    assert standings(seaside, NOW + timedelta(hours=1))["daily"] is Standing.MET
    assert standings(seaside, at("2025-04-21 23:00"))["daily"] is Standing.BREACHED


def test_what_is_written_down_later_does_not_change_an_earlier_assessment(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    earlier = at("2025-04-10 12:00")
    paper = actions.file_paper(seaside, Paper("nda", "保密协议"), engineer, NOW)
    actions.note_step(paper, K.CONFIRMED, client_side, NOW, at=at("2025-04-02"))
    assert standings(seaside, earlier)["nda"] is Standing.NO_EVIDENCE
    assert standings(seaside)["nda"] is Standing.MET


def test_a_round_counts_with_the_clients_word(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    for key, when in (("a", "2025-04-01 10:00"), ("b", "2025-04-18 10:00")):
        done = Done("round", at(when), key, "normal")
        record = actions.record_duty(seaside, done, engineer, NOW)
        if key == "a":
            actions.confirm_duty(record, True, client_side, NOW)
    assert standings(seaside)["round"] is Standing.MET
    refused = actions.record_duty(
        seaside, Done("round", at("2025-04-19 10:00"), "c", "normal"), engineer, NOW
    )
    actions.confirm_duty(refused, False, client_side, NOW, note="没来")
    assert standings(seaside)["round"] is Standing.MET


def test_a_report_is_on_time_once_a_date_is_agreed(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    paper = actions.file_paper(
        seaside,
        Paper("monthly", "四月月报", period_start=FIRST, period_end=date(2025, 4, 14)),
        engineer, at("2025-04-16 09:00"),
    )  # fmt: skip
    actions.note_step(paper, K.ELECTRONIC, engineer, at("2025-04-16 09:00"))
    actions.note_step(paper, K.CONFIRMED, client_side, at("2025-04-17 09:00"))
    assert standings(seaside)["report"] is Standing.NOT_AGREED
    due = Ambiguity.objects.get(key="B02")
    actions.settle(due, client_side, NOW, about="monthly", value=5, reason="补充协议")
    assert standings(seaside)["report"] is Standing.MET
    actions.settle(due, client_side, NOW, about="monthly", value=1, reason="补充协议二")
    assert standings(seaside)["report"] is Standing.BREACHED


def test_each_room_delivers_its_facts(seaside: Contract, engineer: User, room: Target) -> None:
    Site.objects.create(code="SITE-1", name="主机房")
    ran(date(2025, 4, 1), room, result=Result.UNCHECKED)
    check = Check.objects.create(
        key="k", target=room, item="room.temperature", probe="modbus", every=60,
        options={}, rules=[],
    )  # fmt: skip
    series = Series.objects.create(check_ref=check, name="room.temperature", unit="°C")
    DailySummary.objects.create(
        series=series, date=date(2025, 4, 1), count=9, minimum=19.5, maximum=23.0
    )
    found = Finding.objects.create(
        target=room, item="room.leak", origin=Finding.Origin.MANUAL, result=Result.ABNORMAL,
        opened_at=at("2025-04-02 10:00"),
    )  # fmt: skip
    FindingNote.objects.create(finding=found, at=at("2025-04-02 11:00"), by_name="王", text="已查")
    ticket = desk.open_ticket(
        desk.Intake(kind=Kind.INCIDENT, title="停机", severity=Severity.OUTAGE,
                    reported_at=at("2025-04-03 09:00")),
        engineer, at("2025-04-03 09:00"),
    )  # fmt: skip
    first = Person.objects.create(name="王工", line=Person.Line.FIRST)
    Attendance(
        person=first, date=date(2025, 4, 1), came_at=at("2025-04-01 08:20"), source="本人",
        entered_at=at("2025-04-01 08:20"), by=engineer, by_name="王",
    ).save()  # fmt: skip
    Effort(ticket=ticket, person=first, date=date(2025, 4, 1), days=Decimal("2.5"), work="改",
           entered_at=at("2025-04-01 18:00"), by=engineer, by_name="王").save()  # fmt: skip
    facts = queries.gather(seaside, NOW)
    assert facts.runs[0].items == {"db.connection": (1, 0)}
    assert [(r.low, r.high, r.precondition) for r in facts.readings] == [(19.5, 23.0, None)]
    assert {(d.duty, d.about) for d in facts.done} == {
        ("finding", ""), ("leak", ""), ("follow-up", f"finding-{found.pk}")
    }  # fmt: skip
    assert [t.ref.key for t in facts.tickets] == [ticket.number]
    assert {c.calendar for c in facts.tickets[0].clocks} == {"5x8", "7x24"}
    assert [(p.line, p.there) for p in facts.presence] == [("first", 1)]
    assert [e.days for e in facts.efforts] == [Decimal("2.5")]
    assert facts.watched_from == at("2025-04-01 08:40")
    assert Family.BACKUPS not in facts.known


def test_facts_outside_the_term_are_left_out(seaside: Contract, room: Target) -> None:
    ran(date(2025, 3, 14), room)
    ran(date(2025, 3, 15), room)
    assert [run.date for run in queries.gather(seaside, NOW).runs] == [FIRST]


def test_the_duty_calendar_is_dated_and_what_was_missed_stays(
    seaside: Contract, room: Target, engineer: User
) -> None:
    missing = date(2025, 4, 2)
    every_day(room, but=(missing,))
    actions.record_duty(
        seaside, Done("round", at("2025-04-18 10:00"), "a", "normal"), engineer, NOW
    )
    rows = queries.duties(seaside, NOW)
    daily = [row for row in rows if row.what == "daily"]
    assert len(daily) == (LAST - FIRST).days + 1
    assert [row.opens for row in queries.missed(daily)] == [missing]
    rounds = [row for row in rows if row.what == "round"]
    assert [(row.done, row.standing) for row in rounds][:3] == [
        (0, Standing.BREACHED), (1, Standing.MET), (0, Standing.NOT_DUE)
    ]  # fmt: skip
    assert queries.labels(seaside)["round"] == "现场巡视"


def test_two_obligations_that_ask_for_one_thing_are_one_duty(seaside: Contract) -> None:
    rows = queries.duties(seaside, NOW)
    keys = [(row.what, row.label) for row in rows]
    assert len(keys) == len(set(keys))


def test_a_copy_for_demonstration_has_the_obligations_of_its_original(seaside: Contract) -> None:
    copy = actions.ensure_demo_copy(date(2026, 4, 1))
    assert copy is not None
    assert copy.demonstration
    assert [row.key for row in queries.obligations_of(copy)] == [
        row.key for row in queries.obligations_of(seaside)
    ]
