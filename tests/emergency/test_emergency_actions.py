"""Declaring, noting, agreeing, calling, ending: what is written, refused and audited."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from emergency_making import (
    EVE,
    client,
    declared,
    drill,
    note,
    pacs,
    people,
    person,
    plan,
    site,
)

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import Role
from jingwei.assets.models import AssetRow, Target, Unit, Vendor
from jingwei.desk import actions as desk
from jingwei.desk.facts import facts_of as of_ticket
from jingwei.desk.models import Kind, Medium, Notice, NoticeChannel, Ticket, Topic
from jingwei.desk.models.append_only import AppendOnlyError
from jingwei.emergency import actions, queries
from jingwei.emergency.models import Emergency, EmergencyEntry, EntryKind, Level, Stage
from jingwei.terms.incident import Cause, Instant, Severity

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_an_event_without_a_ticket_opens_a_fault_at_the_same_time() -> None:
    event = declared(person(), occurred_at=EVE - HOUR)
    assert event.number == "YJ-2023-001"
    assert event.ticket is not None
    assert (event.ticket.kind, event.ticket.severity) == (Kind.INCIDENT, Severity.OUTAGE)
    assert of_ticket(event.ticket).instants[Instant.OCCURRED] == EVE - HOUR
    assert len(event.token) >= 32


def test_numbers_follow_each_other_within_the_year() -> None:
    wang = person()
    numbers = [declared(wang, title=f"事件 {n}").number for n in range(3)]
    assert numbers == ["YJ-2023-001", "YJ-2023-002", "YJ-2023-003"]


def test_an_event_of_a_ticket_is_linked_and_its_instants_are_the_tickets() -> None:
    wang = person()
    site()
    ticket = desk.open_ticket(
        desk.Intake(
            kind=Kind.INCIDENT, title="PACS 打不开", severity=Severity.OUTAGE, reported_at=EVE
        ),
        wang, EVE,
    )  # fmt: skip
    later = EVE + timedelta(minutes=4)
    event = declared(wang, later, ticket=ticket, detected_at=None, reported_at=EVE)
    assert event.ticket == ticket
    assert Ticket.objects.count() == 1
    ticket.refresh_from_db()
    desk.note_instant(ticket, Instant.PHONE_RESPONDED, later, wang, later, version=ticket.version)
    facts = queries.facts_of(Emergency.objects.get())
    assert facts.instants[Instant.PHONE_RESPONDED] == later
    assert facts.instants[Instant.REPORTED] == EVE


def test_another_time_than_the_tickets_is_refused() -> None:
    wang = person()
    site()
    ticket = desk.open_ticket(
        desk.Intake(kind=Kind.INCIDENT, title="慢", severity=Severity.OUTAGE, reported_at=EVE),
        wang, EVE,
    )  # fmt: skip
    with pytest.raises(actions.BadInputError, match="以工单为准") as caught:
        declared(wang, EVE + HOUR, ticket=ticket, detected_at=None)
    assert caught.value.field == "reported_at"
    assert Emergency.objects.count() == 0


def test_what_is_noted_on_the_event_is_written_on_the_ticket_and_nowhere_else() -> None:
    wang = person()
    event = declared(wang)
    note(event, Instant.PHONE_RESPONDED, EVE + timedelta(minutes=3), wang)
    assert event.ticket is not None
    assert event.ticket.events.filter(instant=Instant.PHONE_RESPONDED).count() == 1
    assert not event.entries.filter(kind=EntryKind.INSTANT).exists()


def test_instants_that_contradict_each_other_are_refused() -> None:
    wang = person()
    event = declared(wang)
    with pytest.raises(actions.BadInputError, match="不能早于"):
        note(event, Instant.PHONE_RESPONDED, EVE - HOUR, wang, now=EVE)
    with pytest.raises(actions.BadInputError, match="晚于当前"):
        note(event, Instant.RESTORED, EVE + HOUR, wang, now=EVE)


def test_a_drill_keeps_its_own_instants_and_corrections_want_a_reason() -> None:
    chen = person("chen", Role.MANAGER)
    event = declared(chen, drill=drill(chen))
    note(event, Instant.RESTORED, EVE + HOUR, chen)
    assert event.stage == Stage.RESTORED
    with pytest.raises(actions.BadInputError, match="原因"):
        note(event, Instant.RESTORED, EVE + 2 * HOUR, chen)
    note(event, Instant.RESTORED, EVE + 2 * HOUR, chen, reason="二次抖动")
    facts = queries.facts_of(event)
    assert facts.instants[Instant.RESTORED] == EVE + 2 * HOUR
    with pytest.raises(actions.BadInputError, match="不能早于"):
        note(event, Instant.OCCURRED, EVE + 3 * HOUR, chen)


def test_what_the_system_measures_is_for_drills_only() -> None:
    chen = person("chen", Role.MANAGER)
    event = declared(chen, drill=drill(chen), detected_at=None)
    actions.measured(event, "检查发现断路", EVE, EVE, instant=Instant.DETECTED)
    assert queries.facts_of(event).instants[Instant.DETECTED] == EVE
    real = declared(chen)
    with pytest.raises(actions.BadInputError, match="演练"):
        actions.measured(real, "检查发现断路", EVE, EVE, instant=Instant.DETECTED)


@pytest.mark.parametrize("field", ["title", "importance", "hours", "damage"])
@pytest.mark.parametrize("value", ["", "   ", "长" * 201, "a\x00b", "\ud800"])
def test_a_declaration_that_lacks_something_is_told_which(field: str, value: str) -> None:
    with pytest.raises(actions.BadInputError) as caught:
        declared(person(), EVE, **{field: value})
    assert caught.value.field == field
    assert Ticket.objects.count() == 0


def test_a_disaster_must_say_since_when() -> None:
    with pytest.raises(actions.BadInputError, match="发生时间"):
        declared(person(), disaster=True)


def test_another_place_is_no_emergency() -> None:
    with pytest.raises(actions.BadInputError, match="永和路"):
        declared(person(), site=site("SITE-3", "区属医疗机构"))


def test_one_fault_one_event() -> None:
    wang, system = person(), pacs()
    first = declared(wang, application=system)
    with pytest.raises(actions.BadInputError, match=first.number):
        declared(wang, application=system)
    actions.withdraw(first, "误报", client(), EVE, version=first.version)
    assert declared(wang, application=system).number == "YJ-2023-002"


@pytest.mark.parametrize("role", [Role.VISITOR, Role.INSTITUTION, Role.AUDIT_ADMIN])
def test_who_has_no_part_in_it_can_not_declare(role: str) -> None:
    with pytest.raises(actions.ForbiddenError):
        declared(person("x", role))


def test_a_client_who_declares_has_agreed() -> None:
    assert queries.facts_of(declared(client())).agreed is True


def test_the_provider_never_answers_and_a_refusal_needs_a_reason() -> None:
    wang, gu = person(), client()
    event = declared(wang)
    asked = event.entries.get(kind=EntryKind.DECLARED)
    with pytest.raises(actions.ForbiddenError):
        actions.answer(event, asked, True, wang, EVE, version=event.version)
    with pytest.raises(actions.BadInputError, match="原因"):
        actions.answer(event, asked, False, gu, EVE, version=event.version)
    actions.answer(event, asked, True, gu, EVE, version=event.version)
    with pytest.raises(actions.BadInputError, match="已答复"):
        actions.answer(event, asked, True, gu, EVE, version=event.version)
    assert queries.facts_of(event).agreed is True


def test_what_the_provider_may_not_do_is_in_the_chain_as_refused() -> None:
    wang = person()
    event = declared(wang)
    with pytest.raises(actions.ForbiddenError):
        actions.withdraw(event, "误报", wang, EVE, version=event.version)
    refused = AuditEntry.objects.get(action="emergency.refused")
    assert (refused.object_key, refused.succeeded, refused.actor) == (event.number, False, "wang")
    assert "代表甲方" in refused.reason
    assert event.stage == Stage.OPEN


def test_another_level_is_in_force_when_the_client_agrees() -> None:
    wang, gu = person(), client()
    event = declared(wang)
    asked = actions.regrade(event, Level.TWO, "影响收窄", wang, EVE, version=event.version)
    assert event.level == Level.ONE
    with pytest.raises(actions.BadInputError, match="已有级别变更"):
        actions.regrade(event, Level.TWO, "再次", wang, EVE, version=event.version)
    actions.answer(event, asked, True, gu, EVE, version=event.version)
    assert event.level == Level.TWO
    assert asked.value == "降级为二级应急响应事件"
    actions.regrade(event, Level.ONE, "波及全区", gu, EVE, version=event.version)
    assert event.level == Level.ONE
    with pytest.raises(actions.BadInputError, match="已是"):
        actions.regrade(event, Level.ONE, "同级", gu, EVE, version=event.version)


def test_of_two_people_who_write_at_once_the_second_is_told() -> None:
    wang = person()
    event = declared(wang)
    seen = event.version
    actions.note(event, Instant.PHONE_RESPONDED, EVE, wang, EVE, version=seen)
    with pytest.raises(actions.StaleError):
        actions.regrade(event, Level.TWO, "影响收窄", wang, EVE, version=seen)


def test_calls_steps_and_messages_ask_no_version_and_keep_their_order() -> None:
    people()
    wang = person()
    event = declared(wang, plan=plan())
    roles = [(c.name, c.above.name if c.above else "") for c in event.callees.all()]
    assert roles == [
        ("陈经理", ""), ("李一线", "陈经理"), ("周二线", "陈经理"), ("顾主任", ""),
    ]  # fmt: skip
    manager = event.callees.get(name="陈经理")
    actions.call(event, manager, False, wang, EVE)
    actions.call(event, manager, True, wang, EVE + timedelta(minutes=2))
    assert event.plan is not None
    first = event.plan.steps.get(position=1)
    actions.step(event, first, True, wang, EVE + timedelta(minutes=3))
    with pytest.raises(actions.BadInputError, match="已记录"):
        actions.step(event, first, True, wang, EVE)
    with pytest.raises(actions.BadInputError, match="原因"):
        actions.step(event, first, False, wang, EVE)
    facts = queries.facts_of(event)
    knot = queries.call_tree(event, facts)[0]
    assert knot.reached_at == EVE + timedelta(minutes=2)
    assert len(knot.calls) == 2
    assert queries.plan_steps(event, facts)[0].entry is not None


def test_the_maker_of_the_device_is_on_the_list_with_its_hotline() -> None:
    row = AssetRow.objects.create(
        code="HW-016", row_no=16, site=site(), category="硬件", name_raw="OceanStor 5500V3",
        name="OceanStor 5500V3", purchase_raw="2017.05", purchase_month=EVE.date(),
        warranty_years=3, quantity=1, tender_status="过保", kind="storage", vendor_cn="华为",
    )  # fmt: skip
    unit = Unit.objects.create(code="HW-016-1", row=row, number=1)
    array = Target.objects.create(key=unit.code, kind="storage", label="存储", unit=unit)
    Vendor.objects.create(name="华为", hotline="400-822-9999")
    last = declared(person(), target=array).callees.get()
    assert (last.name, last.phone) == ("华为", "400-822-9999")
    assert "L705" in last.role


def test_steps_of_another_plan_and_callees_of_another_event_are_refused() -> None:
    wang = person()
    people()
    event, other = declared(wang, plan=plan()), declared(wang, title="另一件")
    with pytest.raises(actions.BadInputError, match="不属于"):
        actions.step(event, plan("other").steps.get(position=1), True, wang, EVE)
    with pytest.raises(actions.BadInputError, match="名单"):
        actions.call(event, other.callees.first(), True, wang, EVE)  # type: ignore[arg-type]


def test_a_plan_is_put_to_use_once() -> None:
    wang = person()
    event, chosen = declared(wang), plan()
    actions.use_plan(event, chosen, wang, EVE, version=event.version)
    assert event.plan == chosen
    actions.step(event, chosen.steps.get(position=1), True, wang, EVE)
    with pytest.raises(actions.BadInputError, match="不能改用"):
        actions.use_plan(event, plan("other"), wang, EVE, version=event.version)


def test_the_end_is_asked_by_the_provider_and_confirmed_by_the_client_only() -> None:
    wang, gu = person(), client()
    event = declared(wang)
    with pytest.raises(actions.BadInputError, match="恢复时间"):
        actions.ask_end(event, wang, EVE, version=event.version)
    note(event, Instant.RESTORED, EVE + HOUR, wang)
    asked = actions.ask_end(event, wang, EVE + HOUR, version=event.version)
    assert event.stage == Stage.RESTORED
    with pytest.raises(actions.BadInputError, match="待甲方确认"):
        actions.ask_end(event, wang, EVE + HOUR, version=event.version)
    with pytest.raises(actions.ForbiddenError):
        actions.answer(event, asked, True, wang, EVE + HOUR, version=event.version)
    actions.answer(event, asked, True, gu, EVE + 2 * HOUR, version=event.version)
    assert event.stage == Stage.ENDED
    assert queries.facts_of(event).instants[Instant.CONFIRMED] == EVE + 2 * HOUR
    with pytest.raises(actions.BadInputError, match="不能再改"):
        actions.regrade(event, Level.TWO, "晚了", wang, EVE + 3 * HOUR, version=event.version)


def test_a_correction_after_the_end_changes_no_figure_the_client_confirmed() -> None:
    wang, gu = person(), client()
    event = declared(wang)
    note(event, Instant.RESTORED, EVE + 2 * HOUR, wang)
    actions.ask_end(event, gu, EVE + 2 * HOUR, version=event.version)
    ticket, later = event.ticket, EVE + 5 * HOUR
    assert ticket is not None
    ticket.refresh_from_db()
    desk.note_instant(
        ticket, Instant.RESTORED, EVE + HOUR, wang, later, version=ticket.version, reason="改早"
    )
    event.refresh_from_db()
    assert queries.facts_of(event).instants[Instant.RESTORED] == EVE + 2 * HOUR


def test_what_is_recorded_is_never_changed_and_every_write_is_in_the_chain() -> None:
    wang = person()
    before = AuditEntry.objects.count()
    event = declared(wang)
    entry = event.entries.get()
    with pytest.raises(AppendOnlyError):
        entry.delete()
    with pytest.raises(AppendOnlyError):
        EmergencyEntry.objects.all().update(value="x")
    actions.message(event, "查看存储", wang, EVE)
    actions.classify(event, Cause.HARDWARE, "控制器故障", wang, EVE, version=event.version)
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"emergency.declared", "emergency.message", "ticket.cause"} <= done
    assert AuditEntry.objects.count() > before + 3


def test_what_is_written_down_three_days_later_is_stamped_late() -> None:
    wang, late = person(), EVE + timedelta(days=3)
    event = declared(wang, at=EVE, now=late)
    assert event.entries.get(kind=EntryKind.DECLARED).late
    note(event, Instant.RESTORED, EVE + HOUR, wang, now=late)
    lines = queries.timeline(event)
    assert [line.what for line in lines if line.late][-1] == "恢复"
    assert all(line.source for line in lines if line.what == "恢复")


def test_a_message_that_is_too_long_or_empty_is_refused() -> None:
    wang = person()
    event = declared(wang)
    for text in ("", "x" * 10_000, "a\x00"):
        with pytest.raises(actions.BadInputError):
            actions.message(event, text, wang, EVE)


def test_a_cause_is_the_tickets_and_what_the_client_said_only_he_changes() -> None:
    wang, gu = person(), client()
    event = declared(wang)
    assert event.ticket is not None
    actions.classify(event, Cause.POWER, "市电闪断", gu, EVE, version=event.version)
    event.ticket.refresh_from_db()
    assert (event.ticket.cause, event.cause) == (Cause.POWER, Cause.POWER)
    with pytest.raises(actions.BadInputError, match="甲方已认定"):
        actions.classify(event, Cause.HARDWARE, "改判", wang, EVE, version=event.version)
    assert queries.cause_of(event) is Cause.POWER


def test_a_declaration_is_told_on_every_channel_that_carries_emergencies() -> None:
    for name, topics in (("值班群", []), ("考勤群", [Topic.LEAVE]), ("演练群", [Topic.DRILL])):
        NoticeChannel.objects.create(
            name=name, medium=Medium.WEBHOOK, address=b"x", shown="…", topics=topics
        )
    event = declared(person())
    said = Notice.objects.get(channel__name="值班群")
    assert event.number in said.body
    assert said.title.startswith("【一级应急响应事件】启动应急")
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_declare_at_once_get_two_numbers_and_one_system_one_event() -> None:
    wang = person()
    site()
    system = pacs()
    made: list[str] = []
    refused: list[str] = []
    start = Barrier(4)

    def go(number: int) -> None:
        more = {"application": system} if number < 2 else {"title": f"事件 {number}"}
        start.wait()
        try:
            made.append(declared(wang, EVE, **more).number)
        except actions.BadInputError as error:
            refused.append(error.message)
        finally:
            connection.close()

    threads = [Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == ["YJ-2023-001", "YJ-2023-002", "YJ-2023-003"]
    assert len(refused) == 1
    assert "尚未终止" in refused[0]
