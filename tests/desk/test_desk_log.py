"""The log: instants and their corrections, late entries, nothing is ever changed in it."""

import pytest
from desk_making import MORNING, client, go, incident, later, note, person, request, resolved, site
from django.db import transaction

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import Role
from jingwei.desk import actions
from jingwei.desk.actions import BadInputError, ForbiddenError, StaleError
from jingwei.desk.facts import facts_of
from jingwei.desk.models import AppendOnlyError, EventKind, State, Ticket, TicketEvent, WorkEntry
from jingwei.terms.incident import Instant

pytestmark = pytest.mark.django_db


def test_an_instant_is_written_with_who_and_when() -> None:
    wang = person(full_name="王工")
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, later(10), wang, now=later(12))
    event = ticket.events.get(instant="phone_responded")
    assert (event.at, event.entered_at, event.by_name) == (later(10), later(12), "王工")
    assert not event.late


@pytest.mark.parametrize(("minutes", "late"), [(30, False), (31, True), (3 * 1440, True)])
def test_what_is_entered_late_is_stamped_so(minutes: int, late: bool) -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, MORNING, wang, now=later(minutes))
    assert ticket.events.get(instant="phone_responded").late is late


def test_a_correction_is_a_new_event_with_a_reason_and_the_old_one_stays() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.ARRIVED, later(90), wang)
    with pytest.raises(BadInputError, match="更正到场时间的原因"):
        note(ticket, Instant.ARRIVED, later(80), wang, now=later(95))
    note(ticket, Instant.ARRIVED, later(80), wang, now=later(95), reason="门禁记录为 10:20")
    old, new = ticket.events.filter(instant="arrived")
    assert (old.at, new.at) == (later(90), later(80))
    assert new.refers_to == old
    assert facts_of(ticket).instants[Instant.ARRIVED] == later(80)


def test_a_correction_is_audited_with_what_it_was_before() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.ARRIVED, later(90), wang)
    note(ticket, Instant.ARRIVED, later(80), wang, now=later(95), reason="门禁记录")
    entry = AuditEntry.objects.filter(action="ticket.instant").first()
    assert entry is not None
    assert entry.before["at"].startswith("2022-11-07T")
    assert entry.reason == "门禁记录"


def test_arrival_before_the_report_is_refused_elsewhere() -> None:
    wang = person()
    ticket = incident(wang, site=site("SITE-3", "区属医疗机构"))
    with pytest.raises(BadInputError, match="到场早于报修"):
        note(ticket, Instant.ARRIVED, later(-10), wang, now=later(1))
    with pytest.raises(BadInputError, match="只适用于永和路"):
        note(ticket, Instant.ARRIVED, later(-10), wang, now=later(1), resident=True)
    assert not ticket.events.filter(instant="arrived").exists()
    assert ticket.version == 1


def test_arrival_before_the_report_is_refused_where_no_site_is_known() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="未登记站点"):
        note(incident(wang), Instant.ARRIVED, later(-10), wang, now=later(1), resident=True)


def test_resident_staff_at_yonghe_road_was_there_before_the_call() -> None:
    wang = person()
    ticket = incident(wang, site=site())
    with pytest.raises(BadInputError, match="请标明驻场在岗"):
        note(ticket, Instant.ARRIVED, later(-10), wang, now=later(1))
    note(ticket, Instant.ARRIVED, later(-10), wang, now=later(1), resident=True)
    assert facts_of(ticket).resident


def test_only_an_arrival_can_be_resident() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="只用于到场"):
        note(incident(wang, site=site()), Instant.RESTORED, later(5), wang, resident=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Instant.OCCURRED, Instant.RESTORED),
        (Instant.OCCURRED, Instant.DETECTED),
    ],
)
def test_nothing_comes_before_what_must_precede_it(first: Instant, second: Instant) -> None:
    wang = person()
    ticket = incident(wang, occurred_at=later(-5))
    assert facts_of(ticket).instants[first] == later(-5)
    with pytest.raises(BadInputError, match=f"{second.label}时间不能早于{first.label}时间"):
        note(ticket, second, later(-6), wang, now=later(1))


def test_the_phone_is_not_answered_before_it_rings() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="电话响应时间不能早于报修时间"):
        note(incident(wang), Instant.PHONE_RESPONDED, later(-1), wang, now=later(1))


def test_a_report_cannot_be_moved_behind_the_answer() -> None:
    wang = person()
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, later(10), wang)
    with pytest.raises(BadInputError, match="电话响应时间不能早于报修时间"):
        note(ticket, Instant.REPORTED, later(11), wang, now=later(20), reason="看错了")


def test_what_is_still_to_come_is_refused() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="晚于当前时间"):
        note(incident(wang), Instant.ARRIVED, later(10), wang, now=later(9))


def test_an_instant_without_a_time_zone_is_refused() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="缺少时区"):
        note(incident(wang), Instant.ARRIVED, MORNING.replace(tzinfo=None), wang, now=later(9))


def test_the_provider_does_not_confirm_for_the_client() -> None:
    wang, gu = person(), client()
    ticket = resolved(wang)
    with pytest.raises(ForbiddenError):
        note(ticket, Instant.CONFIRMED, later(110), wang)
    note(ticket, Instant.CONFIRMED, later(110), gu)
    assert Instant.CONFIRMED in facts_of(ticket).instants


@pytest.mark.parametrize("role", [Role.CLIENT_APPROVER, Role.VISITOR, Role.SECURITY_ADMIN])
def test_who_does_not_handle_tickets_writes_no_instant(role: str) -> None:
    ticket = incident(person())
    with pytest.raises(ForbiddenError):
        note(ticket, Instant.ARRIVED, later(5), person("other", role))


def test_only_an_incident_has_the_eight_instants() -> None:
    wang = person()
    with pytest.raises(BadInputError, match="只有故障单"):
        note(request(wang), Instant.ARRIVED, later(5), wang)


def test_solved_from_afar_needs_a_word_and_no_arrival() -> None:
    wang = person()
    ticket = incident(wang)
    with pytest.raises(BadInputError, match="说明"):
        actions.set_remote(ticket, True, " ", wang, later(5), version=ticket.version)
    actions.set_remote(ticket, True, "远程重启", wang, later(5), version=ticket.version)
    assert facts_of(ticket).remote
    actions.set_remote(ticket, False, "还是要去", wang, later(6), version=ticket.version)
    assert not facts_of(ticket).remote
    note(ticket, Instant.ARRIVED, later(60), wang)
    with pytest.raises(BadInputError, match="已记录到场"):
        actions.set_remote(ticket, True, "远程", wang, later(61), version=ticket.version)


def test_two_engineers_on_one_ticket_the_second_is_told() -> None:
    wang, li = person(), person("li")
    ticket = incident(wang)
    seen = ticket.version
    actions.note_instant(ticket, Instant.PHONE_RESPONDED, later(5), wang, later(5), version=seen)
    with pytest.raises(StaleError, match="已被他人修改"):
        actions.note_instant(ticket, Instant.PHONE_RESPONDED, later(6), li, later(6), version=seen)
    assert ticket.events.filter(instant="phone_responded").count() == 1
    assert ticket.version == seen + 1


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_version_nobody_could_have_seen_is_stale(version: int) -> None:
    wang = person()
    ticket = incident(wang)
    with pytest.raises(StaleError):
        actions.assign(ticket, wang, wang, MORNING, version=version)
    assert ticket.assignee is None


def test_a_line_of_the_log_cannot_be_changed() -> None:
    event = incident(person()).events.first()
    assert event is not None
    event.reason = "改一改"
    with pytest.raises(AppendOnlyError, match="只可追加"):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.save(update_fields=("reason",))
    assert TicketEvent.objects.get(pk=event.pk).reason == ""


def test_a_line_of_the_log_cannot_be_deleted() -> None:
    ticket = incident(person())
    event = ticket.events.first()
    assert event is not None
    with pytest.raises(AppendOnlyError):
        event.delete()
    with pytest.raises(AppendOnlyError):
        ticket.events.all().delete()
    with pytest.raises(AppendOnlyError):
        TicketEvent.objects.update(reason="全改")
    assert ticket.events.count() == 3


def test_work_is_written_down_with_its_minutes() -> None:
    wang = person()
    ticket = incident(wang)
    entry = actions.log_work(ticket, " 更换硬盘 ", wang, later(60), at=later(10), minutes=45)
    assert (entry.text, entry.minutes, entry.late) == ("更换硬盘", 45, True)
    with pytest.raises(AppendOnlyError):
        entry.delete()


def test_two_may_write_down_work_at_once() -> None:
    wang, li = person(), person("li")
    ticket = incident(wang)
    actions.log_work(ticket, "查日志", wang, later(1))
    actions.log_work(ticket, "查网络", li, later(1))
    assert WorkEntry.objects.filter(ticket=ticket).count() == 2
    assert ticket.version == 1


@pytest.mark.parametrize(
    ("text", "minutes", "field"),
    [("", 5, "text"), ("做事", 0, "minutes"), ("做事", 1441, "minutes")],
)
def test_work_that_says_nothing_or_took_impossibly_long_is_refused(
    text: str, minutes: int, field: str
) -> None:
    wang = person()
    with pytest.raises(BadInputError) as refused:
        actions.log_work(incident(wang), text, wang, later(5), minutes=minutes)
    assert refused.value.field == field


def test_no_work_on_a_ticket_that_has_ended() -> None:
    wang, gu = person(), client()
    ticket = incident(wang)
    read_before = Ticket.objects.get(pk=ticket.pk)
    go(ticket, "cancel", gu, reason="重复报修")
    with pytest.raises(BadInputError, match="已撤销"):
        actions.log_work(read_before, "查日志", wang, later(1))
    with pytest.raises(BadInputError, match="已撤销"):
        actions.log_work(ticket, "查日志", wang, later(1))
    with pytest.raises(BadInputError, match="已撤销"):
        note(ticket, Instant.ARRIVED, later(5), wang)


def test_an_action_that_fails_leaves_the_ticket_as_it_was() -> None:
    wang = person()
    ticket = incident(wang)
    with transaction.atomic(), pytest.raises(BadInputError):
        note(ticket, Instant.ARRIVED, later(-5), wang, now=later(1))
    assert (ticket.version, ticket.state) == (1, State.NEW)
    assert set(ticket.events.values_list("kind", flat=True)) == {
        EventKind.OPENED,
        EventKind.SEVERITY,
        EventKind.INSTANT,
    }
