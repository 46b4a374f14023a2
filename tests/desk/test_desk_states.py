"""Taking tickets along the table: who may, what is asked for, what is refused and audited."""

import pytest
from desk_making import (
    MORNING,
    client,
    data_change,
    finding,
    go,
    incident,
    later,
    note,
    person,
    request,
    resolved,
)

from jingwei.accounts.queries import entries
from jingwei.accounts.roles import May, Role, may
from jingwei.desk import actions
from jingwei.desk.actions import BadInputError, ForbiddenError, StaleError
from jingwei.desk.facts import facts_of
from jingwei.desk.models import Kind, State
from jingwei.desk.transitions import TABLE
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
PLAIN_STEPS = sorted({way.step for way in TABLE if Kind.INCIDENT in way.kinds})


def test_a_fault_from_call_to_close() -> None:
    wang, gu = person(), client()
    ticket = resolved(wang)
    assert ticket.solution == "重启了服务"
    go(ticket, "confirm", gu, later(120))
    assert facts_of(ticket).instants[Instant.CONFIRMED] == later(120)
    go(ticket, "close", wang, later(130))
    assert ticket.ended
    states = list(ticket.events.exclude(state="").values_list("state", flat=True))
    assert states == ["accepted", "working", "resolved", "confirmed", "closed"]


@pytest.mark.parametrize("step", [step for step in PLAIN_STEPS if step not in {"accept", "cancel"}])
def test_a_forbidden_step_is_refused_and_the_refusal_audited(step: str) -> None:
    ticket = incident(person())
    by = client("gu") if step in {"confirm", "reject"} else person("li")
    with pytest.raises(ForbiddenError, match="不能执行"):
        go(ticket, step, by, reason="就要", facts={"solution": "好了"})
    assert (ticket.state, ticket.version) == (State.NEW, 1)
    entry = entries("ticket", ticket.number).first()
    assert entry is not None
    assert (entry.action, entry.succeeded) == (f"ticket.{step}", False)


@pytest.mark.parametrize("role", [role for role in Role if not may(role, May.HANDLE_TICKETS)])
def test_who_does_not_handle_tickets_accepts_none(role: str) -> None:
    ticket = incident(person())
    with pytest.raises(ForbiddenError, match="不能处理工单"):
        go(ticket, "accept", person("other", role))
    assert ticket.state == State.NEW


@pytest.mark.parametrize("role", [role for role in Role if not may(role, May.APPROVE_TICKETS)])
def test_nobody_confirms_but_the_client(role: str) -> None:
    ticket = resolved(person())
    with pytest.raises(ForbiddenError, match="代表甲方"):
        go(ticket, "confirm", person("other", role), later(120))
    assert Instant.CONFIRMED not in facts_of(ticket).instants


def test_a_step_nobody_knows_is_refused() -> None:
    with pytest.raises(ForbiddenError):
        go(incident(person()), "teleport", person("li"))


def test_solving_needs_the_restoration_and_how() -> None:
    wang = person()
    ticket = incident(wang)
    go(ticket, "accept", wang)
    go(ticket, "start", wang)
    with pytest.raises(BadInputError, match="处理结果"):
        go(ticket, "resolve", wang, later(60))
    with pytest.raises(BadInputError, match="恢复时间"):
        go(ticket, "resolve", wang, later(60), facts={"solution": "好了"})
    note(ticket, Instant.RESTORED, later(50), wang)
    with pytest.raises(BadInputError, match="到场时间，或标明远程解决"):
        go(ticket, "resolve", wang, later(60), facts={"solution": "好了"})
    actions.set_remote(ticket, True, "远程重启", wang, later(60), version=ticket.version)
    go(ticket, "resolve", wang, later(61), facts={"solution": "好了"})
    assert ticket.state == State.RESOLVED


def test_a_request_is_solved_without_instants() -> None:
    wang = person()
    ticket = request(wang)
    for name in ("accept", "start"):
        go(ticket, name, wang)
    go(ticket, "resolve", wang, facts={"solution": "已下发"})
    assert ticket.state == State.RESOLVED


def test_the_client_sends_it_back_with_a_reason() -> None:
    wang, gu = person(), client()
    ticket = resolved(wang)
    with pytest.raises(BadInputError, match="原因"):
        go(ticket, "reject", gu, later(120))
    go(ticket, "reject", gu, later(120), reason="还是慢")
    assert ticket.state == State.WORKING


def test_closing_needs_the_finding_healed_or_a_reason() -> None:
    wang, gu = person(), client()
    red = finding()
    ticket = resolved(wang)
    actions.link_finding(ticket, red, wang, later(106), version=ticket.version)
    go(ticket, "confirm", gu, later(120))
    with pytest.raises(BadInputError, match="1 个关联发现未恢复"):
        go(ticket, "close", wang, later(130))
    assert ticket.state == State.CONFIRMED
    go(ticket, "close", wang, later(131), reason="备件在途，另立工单")
    assert ticket.ended


def test_closing_a_healed_finding_needs_no_reason() -> None:
    wang, gu = person(), client()
    red = finding()
    ticket = resolved(wang)
    actions.link_finding(ticket, red, wang, later(106), version=ticket.version)
    red.closed_at = later(110)
    red.save()
    go(ticket, "confirm", gu, later(120))
    go(ticket, "close", wang, later(130))
    assert ticket.state == State.CLOSED


def test_a_change_starts_only_after_the_client_approved_and_signed_the_health_check() -> None:
    wang, gu = person(), client()
    ticket = request(wang, kind=Kind.CHANGE)
    go(ticket, "accept", wang)
    with pytest.raises(ForbiddenError):
        go(ticket, "start", wang)
    go(ticket, "approve", gu)
    with pytest.raises(ForbiddenError):
        go(ticket, "start", wang)
    with pytest.raises(BadInputError, match="健康检查报告编号"):
        go(ticket, "sign_precheck", gu)
    with pytest.raises(ForbiddenError):
        go(ticket, "sign_precheck", wang, facts={"precheck_ref": "XJ-1"})
    go(ticket, "sign_precheck", gu, facts={"precheck_ref": "XJ-2022-11"})
    go(ticket, "start", wang)
    assert ticket.state == State.WORKING
    assert ticket.events.filter(value__contains="XJ-2022-11").count() == 1


def test_the_provider_cannot_cancel_a_fault_to_stop_its_clock() -> None:
    ticket = incident(person())
    with pytest.raises(ForbiddenError):
        go(ticket, "cancel", person("li", Role.MANAGER), reason="没事了")
    go(ticket, "cancel", client(), reason="用户误报")
    assert ticket.state == State.CANCELLED


def test_a_data_change_does_not_take_the_plain_way() -> None:
    wang = person()
    ticket = data_change(wang)
    with pytest.raises(ForbiddenError, match="报告单流程"):
        go(ticket, "cancel", wang, reason="不改了")


def test_a_step_with_an_old_version_is_stale() -> None:
    wang, li = person(), person("li")
    ticket = incident(wang)
    actions.advance(ticket, "accept", wang, MORNING, version=1)
    with pytest.raises(StaleError):
        actions.advance(ticket, "start", li, MORNING, version=1)
    assert ticket.state == State.ACCEPTED


def test_a_ticket_is_given_to_who_handles_tickets_and_back_to_the_team() -> None:
    wang, li = person(), person("li", full_name="李工")
    ticket = incident(wang)
    actions.assign(ticket, li, wang, MORNING, version=1)
    assert ticket.assignee == li
    with pytest.raises(ForbiddenError):
        actions.assign(ticket, client(), wang, MORNING, version=2)
    actions.assign(ticket, None, li, MORNING, version=2)
    assert ticket.assignee is None
    assert list(ticket.events.filter(kind="assign").values_list("value", flat=True)) == [
        "李工",
        "团队",
    ]


def test_regrading_waits_for_the_client() -> None:
    wang, gu = person(), client()
    ticket = incident(wang, severity=Severity.OUTAGE)
    asked = actions.regrade(ticket, Severity.DEGRADED, "仅影响打印", wang, later(5), version=1)
    assert ticket.severity == Severity.OUTAGE
    assert facts_of(ticket).waiting == [asked]
    actions.answer(ticket, asked, True, gu, later(6), version=2)
    assert ticket.severity == Severity.DEGRADED
    assert facts_of(ticket).severities == [Severity.OUTAGE, Severity.DEGRADED]


def test_a_refused_regrading_changes_nothing() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    asked = actions.regrade(ticket, Severity.NO_IMPACT, "小事", wang, later(5), version=1)
    with pytest.raises(BadInputError, match="不同意的原因"):
        actions.answer(ticket, asked, False, gu, later(6), version=2)
    actions.answer(ticket, asked, False, gu, later(6), version=2, reason="全院停诊")
    assert ticket.severity == Severity.OUTAGE
    assert facts_of(ticket).severities == [Severity.OUTAGE]
    with pytest.raises(BadInputError, match="已答复"):
        actions.answer(ticket, asked, True, gu, later(7), version=3)


def test_the_provider_does_not_answer_its_own_question() -> None:
    wang = person()
    ticket = incident(wang)
    asked = actions.regrade(ticket, Severity.NO_IMPACT, "小事", wang, later(5), version=1)
    with pytest.raises(ForbiddenError):
        actions.answer(ticket, asked, True, person("boss", Role.MANAGER), later(6), version=2)


def test_what_the_client_asks_for_he_has_agreed_to() -> None:
    ticket = incident(person(), severity=Severity.DEGRADED)
    actions.regrade(ticket, Severity.OUTAGE, "已停诊", client(), later(5), version=1)
    assert ticket.severity == Severity.OUTAGE


@pytest.mark.parametrize(
    ("severity", "reason", "field"),
    [(Severity.OUTAGE, "还是", "severity"), (Severity.DEGRADED, " ", "reason")],
)
def test_regrading_needs_another_severity_and_a_reason(
    severity: Severity, reason: str, field: str
) -> None:
    wang = person()
    with pytest.raises(BadInputError) as refused:
        actions.regrade(incident(wang), severity, reason, wang, later(5), version=1)
    assert refused.value.field == field


def test_a_visitor_asks_for_nothing() -> None:
    ticket = incident(person())
    visitor = person("guest", Role.VISITOR)
    with pytest.raises(ForbiddenError):
        actions.regrade(ticket, Severity.DEGRADED, "小事", visitor, later(5), version=1)
    with pytest.raises(ForbiddenError):
        actions.pause(ticket, later(1), "等待", visitor, later(5), version=1)
