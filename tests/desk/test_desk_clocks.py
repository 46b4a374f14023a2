"""Clocks on read: both calendars, pauses, severities, remote fixes, resident staff; and lists."""

from datetime import datetime, timedelta

import pytest
from desk_making import (
    MORNING,
    application,
    at,
    client,
    finding,
    go,
    incident,
    institution,
    later,
    note,
    person,
    publish,
    request,
    resolved,
    site,
    target,
)
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingwei.accounts.models import User
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError
from jingwei.desk.facts import facts_of
from jingwei.desk.models import Kind, Ticket
from jingwei.desk.queries import TicketClocks
from jingwei.sla.clock import Clock, ClockState
from jingwei.sla.limits import Policy
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db


def the(clocks: TicketClocks, name: str, calendar: str = "7x24") -> Clock:
    """One clock by its name."""
    return next(c for c in clocks.all if c.limit.name == name and c.calendar == calendar)


GOLDEN = [
    ("2023-01-20 17:20", "phone", "2023-01-28 08:50"),  # Spring Festival
    ("2023-04-22 10:00", "phone", "2023-04-23 09:00"),  # a make-up Sunday
    ("2022-12-31 10:00", "phone", "2023-01-03 09:00"),
    ("2022-11-04 16:30", "on_site", "2022-11-07 09:30"),
    ("2023-09-28 17:00", "on_site", "2023-10-07 10:00"),
    ("2022-11-07 11:45", "phone", "2022-11-07 13:15"),  # lunch
]


@pytest.mark.parametrize(("reported", "name", "due"), GOLDEN)
def test_golden_cases_hold_from_the_log_to_the_deadline(reported: str, name: str, due: str) -> None:
    publish()
    start = at(reported)
    clocks = queries.clocks(incident(person(), start), start)
    assert the(clocks, name, "5x8").due == at(due)
    wall = timedelta(minutes=30) if name == "phone" else timedelta(hours=2)
    assert the(clocks, name).due == start + wall


def test_the_limit_itself_still_passes() -> None:
    publish()
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, later(30), wang)
    assert the(queries.clocks(ticket, later(60)), "phone").state is ClockState.MET
    reason = {"reason": "通话记录", "now": later(40)}
    note(ticket, Instant.PHONE_RESPONDED, later(30) + timedelta(seconds=1), wang, **reason)
    assert the(queries.clocks(ticket, later(60)), "phone").state is ClockState.BREACHED


@pytest.mark.parametrize(
    ("severity", "hours"),
    [(Severity.OUTAGE, 4), (Severity.DEGRADED, 12), (Severity.NO_IMPACT, 24)],
)
def test_repair_runs_from_the_arrival_by_severity(severity: Severity, hours: int) -> None:
    wang = person()
    ticket = incident(wang, severity=severity)
    assert the(queries.clocks(ticket, later(5)), "repair").state is ClockState.NOT_STARTED
    note(ticket, Instant.ARRIVED, later(60), wang)
    repair = the(queries.clocks(ticket, later(61)), "repair")
    assert repair.due == later(60) + timedelta(hours=hours)


def test_the_worst_severity_reached_is_judged() -> None:
    wang, gu = person(), client()
    ticket = incident(wang, severity=Severity.DEGRADED)
    actions.regrade(ticket, Severity.OUTAGE, "停诊", gu, later(1), version=1)
    actions.regrade(ticket, Severity.NO_IMPACT, "好了", gu, later(2), version=2)
    assert ticket.severity == Severity.NO_IMPACT
    assert queries.clocks(ticket, later(3)).severity is Severity.OUTAGE


def test_a_regrading_nobody_agreed_to_moves_no_clock() -> None:
    wang = person()
    ticket = incident(wang, severity=Severity.DEGRADED)
    actions.regrade(ticket, Severity.OUTAGE, "停诊", wang, later(1), version=1)
    assert queries.clocks(ticket, later(3)).severity is Severity.DEGRADED


def test_a_year_that_is_not_published_is_said_so_and_the_wall_clock_runs() -> None:
    ticket = incident(person())
    clocks = queries.clocks(ticket, later(5))
    assert the(clocks, "phone", "5x8").state is ClockState.UNPUBLISHED
    assert "未公布" in the(clocks, "phone", "5x8").note
    assert the(clocks, "phone").state is ClockState.RUNNING
    assert queries.team_work(later(5))[0].calendar_note == "未公布"


def test_a_pause_counts_only_once_the_client_agreed() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    asked = actions.pause(ticket, later(10), "等待用户开门", wang, later(10), version=1)
    assert the(queries.clocks(ticket, later(20)), "phone").state is ClockState.RUNNING
    actions.answer(ticket, asked, True, gu, later(20), version=2)
    assert the(queries.clocks(ticket, later(90)), "phone").state is ClockState.PAUSED
    actions.resume(ticket, later(100), wang, later(100), version=3)
    assert the(queries.clocks(ticket, later(101)), "phone").due == later(120)


def test_a_refused_pause_never_was() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    asked = actions.pause(ticket, later(10), "等待厂商", wang, later(10), version=1)
    actions.answer(ticket, asked, False, gu, later(20), version=2, reason="合同无暂停")
    assert the(queries.clocks(ticket, later(40)), "phone").state is ClockState.OVERDUE
    with pytest.raises(BadInputError, match="没有甲方已同意的暂停"):
        actions.resume(ticket, later(45), wang, later(45), version=3)


def test_pauses_do_not_overlap_or_pile_up() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    actions.pause(ticket, later(10), "等待用户", gu, later(10), version=1)
    with pytest.raises(BadInputError, match="已有暂停"):
        actions.pause(ticket, later(11), "等待厂商", wang, later(11), version=2)
    with pytest.raises(BadInputError, match="早于暂停开始"):
        actions.resume(ticket, later(9), wang, later(12), version=2)
    actions.resume(ticket, later(20), wang, later(20), version=2)
    with pytest.raises(BadInputError, match="重叠"):
        actions.pause(ticket, later(15), "等待厂商", wang, later(25), version=3)
    with pytest.raises(BadInputError, match="暂停原因"):
        actions.pause(ticket, later(25), "", wang, later(25), version=3)


def test_a_pause_waiting_for_its_answer_blocks_the_next() -> None:
    wang = person()
    ticket = incident(wang)
    actions.pause(ticket, later(10), "等待用户", wang, later(10), version=1)
    with pytest.raises(BadInputError, match="待甲方答复"):
        actions.pause(ticket, later(11), "等待用户", wang, later(11), version=2)


def test_only_a_fault_can_be_paused() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="只有故障单"):
        actions.pause(request(wang), MORNING, "等待", wang, later(1), version=1)


def test_solved_from_afar_repair_and_arrival_do_not_apply() -> None:
    wang = person()
    ticket = incident(wang)
    actions.set_remote(ticket, True, "远程重启", wang, later(20), version=1)
    assert the(queries.clocks(ticket, later(130)), "on_site").state is ClockState.OVERDUE
    note(ticket, Instant.RESTORED, later(30), wang, now=later(131))
    clocks = queries.clocks(ticket, later(200))
    for name in ("on_site", "repair"):
        assert the(clocks, name).state is ClockState.NOT_APPLICABLE
        assert the(clocks, name).note == "不适用（远程解决）"
    assert the(clocks, "phone").state is ClockState.OVERDUE


def test_restored_on_site_without_an_arrival_is_a_defect_and_no_pass() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.RESTORED, later(30), wang)
    assert the(queries.clocks(ticket, later(40)), "repair").state is ClockState.DEFECT


def test_who_was_there_before_the_call_arrived_when_he_took_it_up() -> None:
    wang = person()
    ticket = incident(wang, site=site())
    note(ticket, Instant.ARRIVED, later(-60), wang, now=later(1), resident=True)
    before = queries.clocks(ticket, later(2))
    assert the(before, "on_site").state is ClockState.RUNNING
    go(ticket, "accept", wang, later(3))
    go(ticket, "start", wang, later(8))
    assert the(queries.clocks(ticket, later(9)), "on_site").stopped == later(8)
    note(ticket, Instant.PHONE_RESPONDED, later(4), wang, now=later(9))
    clocks = queries.clocks(ticket, later(10))
    assert the(clocks, "on_site").stopped == later(4)
    assert the(clocks, "repair").started == later(4)
    assert facts_of(ticket).instants[Instant.ARRIVED] == later(-60)


def test_a_correction_changes_the_clock_that_is_read_next() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.ARRIVED, later(121), wang)
    assert the(queries.clocks(ticket, later(130)), "on_site").state is ClockState.BREACHED
    note(ticket, Instant.ARRIVED, later(119), wang, now=later(130), reason="门禁记录")
    assert the(queries.clocks(ticket, later(131)), "on_site").state is ClockState.MET


def test_a_contract_version_may_give_other_limits() -> None:
    ticket = incident(person())
    strict = Policy(phone=timedelta(minutes=10))
    assert the(queries.clocks(ticket, later(1), policy=strict), "phone").due == later(10)


def test_requests_and_cancelled_faults_have_no_clocks() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    go(ticket, "cancel", gu, reason="误报")
    assert queries.clocks(ticket, later(500)).all == ()
    assert queries.clocks(request(wang), later(500)).due is None


def test_the_same_instants_in_another_zone_give_the_same_clocks() -> None:
    publish()
    wang = person()
    here = incident(wang)
    there = incident(wang, MORNING.astimezone(None), MORNING)
    assert queries.clocks(here, later(5)) == queries.clocks(there, later(5))


def test_many_tickets_cost_as_many_queries_as_one() -> None:
    wang = person()
    rows = [incident(wang) for _ in range(12)]
    fresh = list(Ticket.objects.filter(pk__in=[row.pk for row in rows]))
    with CaptureQueriesContext(connection) as seen:
        queries.clocks_of(fresh, later(5))
    assert len(seen) == 2  # the lines, the calendar


def numbers(work: list[queries.Work]) -> list[str]:
    """The tickets' titles, in order."""
    return [each.ticket.title for each in work]


def board(wang: User) -> None:
    """Four tickets: overdue, due in an hour, due later, and one without clocks."""
    request(wang)
    soon = incident(wang, later(60), title="快到")
    incident(wang, later(0), title="已超时")
    note(soon, Instant.PHONE_RESPONDED, later(61), wang)
    done = incident(wang, later(70), title="还早")
    note(done, Instant.PHONE_RESPONDED, later(75), wang)
    note(done, Instant.ARRIVED, later(80), wang)
    actions.assign(done, wang, wang, later(80), version=done.version)


def test_the_team_sees_the_least_time_left_first() -> None:
    wang = person()
    board(wang)
    work = queries.team_work(later(130))
    assert numbers(work) == ["已超时", "快到", "还早", "下发药品目录"]
    assert work[0].left == timedelta(minutes=-100)
    assert work[1].left == timedelta(minutes=50)
    assert work[3].left is None


def test_overdue_and_due_within_the_hour_are_told_apart() -> None:
    wang = person()
    board(wang)
    assert numbers(queries.overdue(later(130))) == ["已超时"]
    assert numbers(queries.due_within(later(130))) == ["快到"]
    assert numbers(queries.due_within(later(119))) == ["已超时"]
    assert numbers(queries.due_within(later(120))) == ["已超时", "快到"]


def test_my_work_is_what_is_given_to_me() -> None:
    wang, li = person(), person("li")
    board(wang)
    assert numbers(queries.my_work(wang, later(130))) == ["还早"]
    assert queries.my_work(li, later(130)) == []


def test_what_has_ended_is_nobodys_work() -> None:
    wang, gu = person(), client()
    ticket = resolved(wang)
    go(ticket, "confirm", gu, later(120))
    go(ticket, "close", wang, later(121))
    assert queries.team_work(later(130)) == []
    assert queries.clocks(ticket, later(130)).wall[0].state is ClockState.MET


@pytest.mark.parametrize(
    "text",
    ["GD-2022-00001", "打不开", "qypacs", "静安中心", "jazxyy", "赵护士", "换了网线", "HW-7"],
)
def test_a_ticket_is_found_by_any_word_of_it(text: str) -> None:
    wang = person()
    ticket = incident(
        wang, institution=institution(), application=application(), reporter="赵护士",
        target=target("HW-7"),
    )  # fmt: skip
    incident(wang, title="打印机缺纸", reporter="钱医生")
    actions.log_work(ticket, "换了网线", wang, later(5))
    found = list(queries.search(text, MORNING.date()))
    assert ticket in found
    assert len(found) == 1


def test_every_word_must_occur() -> None:
    wang = person()
    ticket = incident(wang, reporter="赵护士")
    assert list(queries.search("PACS 赵护士", MORNING.date())) == [ticket]
    assert list(queries.search("PACS 钱医生", MORNING.date())) == []


def test_a_search_is_narrowed_by_kind_state_and_what_is_open() -> None:
    wang, gu = person(), client()
    first, second = incident(wang), request(wang)
    go(first, "cancel", gu, reason="误报")
    today = MORNING.date()
    assert list(queries.search("", today, kind=Kind.SERVICE_REQUEST)) == [second]
    assert list(queries.search("", today, state="cancelled")) == [first]
    assert list(queries.search("", today, open_only=True)) == [second]


def test_similar_open_tickets_are_shown_the_closest_first() -> None:
    wang = person()
    pacs, hospital, server = application(), institution(), target()
    incident(wang, title="无关")
    by_place = incident(wang, institution=hospital)
    by_system = incident(wang, application=pacs)
    by_thing = incident(wang, target=server)
    child = incident(wang, application=pacs, parent=by_system)
    found = queries.similar(institution=hospital, application=pacs, target=server)
    assert found == [by_thing, by_system, by_place]
    assert child not in found
    assert queries.similar(application=pacs, but=by_system) == []


def test_the_tracking_link_finds_its_ticket_and_an_empty_one_none() -> None:
    ticket = incident(person())
    assert queries.by_token(ticket.token) == ticket
    assert queries.by_token("") is None
    assert queries.by_token("guess") is None


def test_a_finding_ticket_is_on_the_clock_from_its_detection() -> None:
    ticket = actions.open_from_finding(finding(), Severity.DEGRADED, person(), later(20))
    assert the(queries.clocks(ticket, later(21)), "phone").due == later(30)


def test_the_client_alone_cannot_open_or_note_but_may_pause() -> None:
    gu = client()
    with pytest.raises(ForbiddenError):
        incident(gu)
    ticket = incident(person())
    actions.pause(ticket, later(1), "我方停电", gu, later(2), version=1)
    assert the(queries.clocks(ticket, later(200)), "phone").state is ClockState.PAUSED


def test_now_is_an_argument_so_yesterday_can_be_read_again() -> None:
    ticket = incident(person())
    states = [the(queries.clocks(ticket, later(m)), "phone").state for m in (10, 40, 10)]
    assert states == [ClockState.RUNNING, ClockState.OVERDUE, ClockState.RUNNING]
    assert isinstance(queries.clocks(ticket, later(10)).due, datetime)
