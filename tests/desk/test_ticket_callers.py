"""What callers write: an institution's own report, messages by the link, whose contact one is."""

from datetime import timedelta

import pytest
from desk_making import MORNING, application, client, go, incident, institution, later, person

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.queries import verify_chain
from jingwei.accounts.roles import Role
from jingwei.assets.models import Institution
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake
from jingwei.desk.models import (
    EventKind,
    Impact,
    InstitutionContact,
    Kind,
    Ticket,
    Urgency,
)
from jingwei.sla.priority import IMPACTS, URGENCIES
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db


def contact(of: Institution, username: str = "shibei") -> User:
    user = person(username, Role.INSTITUTION, "信息科")
    InstitutionContact.objects.create(user=user, institution=of)
    return user


def own(**more: object) -> Intake:
    given = {
        "kind": Kind.INCIDENT, "title": "登不上", "impact": Impact.INSTITUTION,
        "urgency": Urgency.STOPPED, **more,
    }  # fmt: skip
    return Intake(**given)  # type: ignore[arg-type]


def test_the_words_of_the_matrix_are_the_words_of_the_desk() -> None:
    assert dict(Impact.choices) == IMPACTS
    assert dict(Urgency.choices) == URGENCIES


def test_a_contacts_report_counts_as_reported_now_whatever_he_says() -> None:
    hospital = institution()
    made = actions.report_own(
        own(reported_at=later(-600), detected_at=later(-600)), contact(hospital), MORNING
    )
    events = {e.instant: e.at for e in made.events.filter(kind=EventKind.INSTANT)}
    assert events == {Instant.REPORTED: MORNING}
    assert made.institution == hospital
    assert made.severity == Severity.OUTAGE
    assert made.reporter == "信息科"


def test_he_cannot_report_for_another_institution() -> None:
    user = contact(institution())
    other = institution("H02", "市北医院")
    with pytest.raises(ForbiddenError, match="只能为本机构（静安中心医院）报修"):
        actions.report_own(own(institution=other), user, MORNING)
    assert not Ticket.objects.exists()


def test_he_puts_nothing_under_a_parent_and_names_no_device() -> None:
    parent = incident(person())
    made = actions.report_own(own(parent=parent), contact(institution()), MORNING)
    assert made.parent is None
    assert made.target is None


@pytest.mark.parametrize("role", [Role.FIRST_LINE, Role.CLIENT_ADMIN, Role.VISITOR])
def test_others_do_not_report_so(role: Role) -> None:
    with pytest.raises(ForbiddenError, match="不能为本机构报修"):
        actions.report_own(own(), person("x", role), MORNING)


def test_an_account_that_was_closed_reports_nothing() -> None:
    user = contact(institution())
    user.is_active = False
    with pytest.raises(ForbiddenError):
        actions.report_own(own(), user, MORNING)


@pytest.mark.parametrize("gone", ["impact", "urgency"])
def test_impact_and_urgency_are_asked_for(gone: str) -> None:
    with pytest.raises(BadInputError, match="请选择影响范围和紧急程度"):
        actions.report_own(own(**{gone: None}), contact(institution()), MORNING)


def test_his_list_has_faults_and_requests_but_no_data_changes() -> None:
    hospital = institution()
    user, wang = contact(hospital), person()
    fault = incident(wang, institution=hospital)
    for kind in (Kind.DEV_EFFORT, Kind.PROBLEM):
        actions.open_ticket(Intake(kind=kind, title="x", institution=hospital), wang, MORNING)
    incident(wang, institution=institution("H02", "别家"))
    assert list(queries.own(user)) == [fault]
    assert list(queries.own(wang)) == []


def test_a_message_is_a_line_of_the_log_and_no_new_version() -> None:
    ticket = incident(person())
    seen = ticket.version
    said = actions.leave_message(ticket.token, "  还没好 ", "护士长", later(1))
    ticket.refresh_from_db()
    assert (said.reason, said.by, said.by_name) == ("还没好", None, "护士长（跟踪链接）")
    assert ticket.version == seen
    entry = AuditEntry.objects.get(action="ticket.message")
    assert "护士长" in entry.actor
    assert verify_chain().intact


def test_three_messages_in_five_minutes_then_a_pause_then_more() -> None:
    ticket = incident(person())
    for n in range(3):
        actions.leave_message(ticket.token, f"{n}", "", later(n))
    with pytest.raises(BadInputError, match="留言过于频繁"):
        actions.leave_message(ticket.token, "3", "", later(4))
    actions.leave_message(ticket.token, "3", "", later(5.01))


def test_twenty_messages_a_day_are_enough() -> None:
    ticket = incident(person())
    for n in range(20):
        actions.leave_message(ticket.token, f"{n}", "", MORNING + timedelta(minutes=6 * n))
    evening = MORNING + timedelta(hours=5)
    with pytest.raises(BadInputError, match="上限"):
        actions.leave_message(ticket.token, "x", "", evening)
    actions.leave_message(ticket.token, "x", "", MORNING + timedelta(days=1, minutes=1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "请填写留言内容"), ("x" * 1001, "不超过 1000 字"), ("a\0", "无法保存的字符"),
        ("\ud800", "无法保存的字符"),
    ],
)  # fmt: skip
def test_a_bad_message_is_refused_in_words(text: str, said: str) -> None:
    ticket = incident(person())
    with pytest.raises(BadInputError, match=said):
        actions.leave_message(ticket.token, text, "", later(1))
    assert not ticket.events.filter(kind=EventKind.MESSAGE).exists()


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_an_unknown_link_takes_nothing(token: str) -> None:
    incident(person())
    with pytest.raises(BadInputError, match="链接无效"):
        actions.leave_message(token, "x", "", later(1))


def test_an_ended_ticket_takes_no_message() -> None:
    ticket = incident(person())
    go(ticket, "cancel", client(), reason="误报")
    with pytest.raises(BadInputError, match="已撤销；请重新报修"):
        actions.leave_message(ticket.token, "x", "", later(1))


def test_whose_contact_a_login_is_is_said_by_an_administrator_and_audited() -> None:
    admin, user = person("root", Role.SYSTEM_ADMIN), person("a", Role.INSTITUTION)
    first, second = institution(), institution("H02", "别家")
    actions.set_contact(user, first, admin, MORNING)
    actions.set_contact(user, second, admin, MORNING)
    assert InstitutionContact.objects.get().institution == second
    assert actions.set_contact(user, None, admin, MORNING) is None
    assert not InstitutionContact.objects.exists()
    afters = [e.after for e in AuditEntry.objects.filter(action="user.institution")]
    assert len(afters) == 3
    with pytest.raises(ForbiddenError):
        actions.set_contact(user, first, person(), MORNING)
    with pytest.raises(BadInputError, match="不是机构联系人"):
        actions.set_contact(admin, first, admin, MORNING)


def test_a_core_system_is_one_confirmed_or_proposed() -> None:
    pacs = application()
    assert not actions.core(pacs)
    assert not actions.core(None)
    for value in ("yes", "proposed"):
        pacs.core = value
        assert actions.core(pacs)
