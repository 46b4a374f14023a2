"""The report of an emergency: what it says of a whole event, of an open one, and of a drill."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from report_making import ready

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Site
from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.contract.models import Contract
from jingwei.desk.actions import cause as desk_cause
from jingwei.emergency import actions as emergencies
from jingwei.emergency.actions import Declaration
from jingwei.emergency.models import Drill, DrillKind, Emergency, Level, Plan, PlanStep
from jingwei.reports import actions, kinds
from jingwei.reports.document import Document, KeyValues, Table
from jingwei.reports.emergency.words import duration
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.models import ReportState
from jingwei.reports.snapshot import document_of, subject_of, thaw
from jingwei.terms import SHANGHAI, Result
from jingwei.terms.incident import Cause, Instant

pytestmark = pytest.mark.django_db
EVE = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)


def _user(name: str, role: str) -> User:
    return User.objects.create_user(name, password="a-long-enough-one", full_name=name, role=role)


def _note(event: Emergency, instant: Instant, minutes: int, by: User) -> None:
    when = EVE + timedelta(minutes=minutes)
    emergencies.note(event, instant, when, by, when, version=event.version)


@pytest.fixture
def wang() -> User:
    return _user("王工", Role.FIRST_LINE)


@pytest.fixture
def event(wang: User) -> Emergency:
    """PACS down on the eve of the festival, restored after 90 minutes, ended by the client."""
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if day.date.year in (2022, 2023)
    )
    Site.objects.create(code="SITE-1", name="永和路数据中心")
    Contract.objects.create(
        code="jingan-2022", version=1, title="静安区区域卫生信息平台日常运维", client="信息中心",
        period_start="2022-11-01", period_end="2023-10-31",
    )  # fmt: skip
    Person.objects.create(name="陈经理", line="manager", phone="13800000001")
    plan = Plan.objects.create(
        key="pacs", version=1, title="PACS 不可用", scope="PACS", signs="调阅失败", level=1,
        digest="0", loaded_at=EVE,
    )  # fmt: skip
    for number in (1, 2):
        PlanStep.objects.create(plan=plan, position=number, phase="first", text="查", who="一线")
    event = emergencies.declare(
        Declaration(
            title="PACS 不可用", level=Level.ONE, importance="点名核心系统", hours="节前",
            damage="业务中断", detected_at=EVE, reported_at=EVE, plan=plan, text="调阅超时",
        ),
        wang, EVE,
    )  # fmt: skip
    _note(event, Instant.PHONE_RESPONDED, 4, wang)
    _note(event, Instant.ARRIVED, 50, wang)
    emergencies.step(event, plan.steps.get(position=1), True, wang, EVE + timedelta(minutes=6))
    emergencies.call(event, event.callees.get(), True, wang, EVE + timedelta(minutes=7))
    _note(event, Instant.RESTORED, 90, wang)
    return event


def _end(event: Emergency, wang: User) -> None:
    gu = _user("顾主任", Role.CLIENT_APPROVER)
    over = EVE + timedelta(minutes=100)
    emergencies.answer(event, event.entries.first(), True, gu, over, version=event.version)  # type: ignore[arg-type]
    asked = emergencies.ask_end(event, wang, over, version=event.version)
    emergencies.answer(event, asked, True, gu, over, version=event.version)
    emergencies.classify(event, Cause.HARDWARE, "阵列双控故障", wang, over, version=event.version)


def _words(document: Document) -> str:
    found = [cell.text for block in document.blocks if isinstance(block, Table)
             for row in block.rows for cell in row.cells]  # fmt: skip
    found += [cell.text for block in document.blocks if isinstance(block, KeyValues)
              for _, cell in block.pairs]  # fmt: skip
    found += [getattr(block, "text", "") for block in document.blocks]
    return "\n".join(found)


def test_a_whole_event_is_told_with_its_level_times_length_and_budget(
    event: Emergency, wang: User
) -> None:
    _end(event, wang)
    made = actions.build("emergency", event.number, wang, timezone.now())
    assert (made.number, made.kind) == (f"JAWS-{event.number}", "emergency")
    assert (str(made.period_start), str(made.period_end)) == ("2023-01-20", "2023-01-20")
    words = _words(document_of(made))
    for wanted in (
        "一级应急响应事件", "顾主任 2023-01-20 19:00 同意", "1 小时 30 分", "22 小时 30 分",
        "设备硬件故障", "陈经理", "2023-01-28 08:50", "阵列双控故障", "已执行",
    ):  # fmt: skip
        assert wanted in words, wanted
    assert "13800000001" not in words


def test_the_verdict_names_what_was_late(event: Emergency, wang: User) -> None:
    kind = kinds.of("emergency")
    result, sentence = kind.conclude(kind.gather(event.number))
    assert result is Result.ATTENTION
    assert "尚未终止" in sentence
    late = EVE + timedelta(minutes=100)
    emergencies.note(
        event, Instant.PHONE_RESPONDED, EVE + timedelta(minutes=6), wang, late,
        version=event.version, reason="核对通话记录",
    )  # fmt: skip
    result, sentence = kind.conclude(kind.gather(event.number))
    assert result is Result.ABNORMAL
    assert "应急响应" in sentence


def test_an_event_within_all_limits_that_the_client_ended_is_met(
    event: Emergency, wang: User
) -> None:
    _end(event, wang)
    kind = kinds.of("emergency")
    assert kind.conclude(kind.gather(event.number))[0] is Result.NORMAL


def test_the_same_records_make_no_second_version(event: Emergency, wang: User) -> None:
    first = actions.build("emergency", event.number, wang, timezone.now())
    again = actions.build("emergency", event.number, wang, timezone.now() + timedelta(hours=1))
    assert again == first
    emergencies.message(event, "复盘会已开", wang, EVE + timedelta(hours=3))
    assert actions.build("emergency", event.number, wang, timezone.now()).version == 2


def test_an_open_event_gives_a_first_report_that_says_so(event: Emergency, wang: User) -> None:
    made = actions.build("emergency", event.number, wang, timezone.now())
    document = document_of(made)
    assert document.cover.notice.startswith("初报")
    assert document.meta.mark == "草稿"
    assert subject_of(made) == event.number


def test_there_is_no_report_of_what_is_not_there_or_was_withdrawn(
    event: Emergency, wang: User
) -> None:
    with pytest.raises(ReportError, match="没有编号"):
        actions.build("emergency", "YJ-2023-999", wang, timezone.now())
    with pytest.raises(ReportError, match="没有“weather”这类报告"):
        actions.build("weather", event.number, wang, timezone.now())
    gu = _user("顾", Role.CLIENT_APPROVER)
    emergencies.withdraw(event, "误报", gu, EVE + timedelta(hours=2), version=event.version)
    with pytest.raises(ReportError, match="已撤销"):
        actions.build("emergency", event.number, wang, timezone.now())


def test_an_emergency_report_is_no_daily_sheet(event: Emergency, wang: User) -> None:
    made = actions.build("emergency", event.number, wang, timezone.now())
    with pytest.raises(ReportError, match="不是日检报告"):
        thaw(made)


def test_both_files_are_made_and_kept_when_it_is_submitted(event: Emergency, wang: User) -> None:
    made = actions.build("emergency", event.number, wang, timezone.now())
    contents = actions.contents_of(made)
    assert contents["pdf"].startswith(b"%PDF")
    assert contents["docx"].startswith(b"PK")
    actions.submit(ready(made, timezone.now()), wang, timezone.now())
    assert made.state == ReportState.SUBMITTED
    assert actions.contents_of(made)["pdf"].startswith(b"%PDF")


def test_what_was_written_down_later_or_corrected_says_so(event: Emergency, wang: User) -> None:
    late = EVE + timedelta(hours=5)
    emergencies.note(
        event, Instant.ARRIVED, EVE + timedelta(minutes=40), wang, late,
        version=event.version, reason="核对门禁记录",
    )  # fmt: skip
    held = kinds.of("emergency").gather(event.number)
    arrived = next(moment for moment in held.moments if moment.label == "到场")
    assert (arrived.late, arrived.note) == (True, "更正：核对门禁记录")
    assert arrived.at == EVE + timedelta(minutes=40)
    told = [line for line in held.lines if line.what == "到场"]
    assert [line.text.startswith("（更正）") for line in told] == [True, False]
    assert held.as_of == late


def test_every_instant_has_its_line_known_or_not(event: Emergency) -> None:
    held = kinds.of("emergency").gather(event.number)
    assert [moment.label for moment in held.moments] == [name.label for name in Instant]
    assert {moment.label for moment in held.moments if moment.at is None} == {
        "发生", "诊断完成", "用户确认",
    }  # fmt: skip


def test_limits_stand_on_both_calendars_and_say_which_one_judges(event: Emergency) -> None:
    held = kinds.of("emergency").gather(event.number)
    judged = {(timer.label[:4], timer.calendar) for timer in held.timers if timer.judged}
    assert ("应急响应", "7x24") in judged
    assert ("故障电话", "5x8") in judged
    assert len(held.timers) == 2 * len(judged)


def test_the_cause_and_its_basis_come_from_the_ticket_wherever_they_were_said(
    event: Emergency, wang: User
) -> None:
    ticket = event.ticket
    assert ticket is not None
    ticket.refresh_from_db()
    desk_cause.classify(ticket, Cause.POWER, "配电柜跳闸", wang, EVE, version=ticket.version)
    held = kinds.of("emergency").gather(event.number)
    assert (held.outage.cause, held.outage.cause_reason) == ("市电故障", "配电柜跳闸")


def test_an_exclusion_names_who_approved_it_and_leaves_the_budget(
    event: Emergency, wang: User
) -> None:
    gu, when = _user("顾", Role.CLIENT_APPROVER), EVE + timedelta(hours=2)
    emergencies.classify(event, Cause.NETWORK_DEPLOYMENT, "割接", wang, when, version=event.version)
    asked = emergencies.ask_exclusion(event, "L684 割接", wang, when, version=event.version)
    emergencies.answer(event, asked, True, gu, when, version=event.version)
    held = kinds.of("emergency").gather(event.number)
    assert (held.outage.excluded_by, held.outage.excluded_reason) == ("顾", "L684 割接")
    assert held.budget is not None
    assert (held.budget.used, held.budget.excluded, held.budget.left) == (0, 5400, 86400)


def test_levels_that_were_asked_for_are_told_with_the_answer(event: Emergency, wang: User) -> None:
    gu, when = _user("顾", Role.CLIENT_APPROVER), EVE + timedelta(hours=1)
    asked = emergencies.regrade(event, Level.TWO, "收窄", wang, when, version=event.version)
    held = kinds.of("emergency").gather(event.number)
    assert [line.text for line in held.levels] == ["收窄（待甲方答复）"]
    assert held.level.label == "一级应急响应事件"
    emergencies.answer(event, asked, False, gu, when, version=event.version, reason="南片未恢复")
    held = kinds.of("emergency").gather(event.number)
    assert [line.text for line in held.levels] == ["收窄（不同意）"]
    assert held.level.label == "一级应急响应事件"


def test_a_day_no_contract_covers_has_no_budget_and_says_so(event: Emergency, wang: User) -> None:
    Contract.objects.update(period_start="2024-11-01", period_end="2025-10-31")
    held = kinds.of("emergency").gather(event.number)
    assert held.budget is None
    made = actions.build("emergency", event.number, wang, timezone.now())
    assert "没有生效的合同" in _words(document_of(made))


def test_a_drill_is_in_no_emergency_report(event: Emergency) -> None:
    chen = _user("陈经理", Role.MANAGER)
    assert event.plan is not None
    drill = Drill.objects.create(
        number="YL-2023-001", title="PACS 演练", kind=DrillKind.TABLETOP, scenario="pacs",
        level=1, plan=event.plan, planned_at=EVE, background="演练", created_at=EVE,
        created_by=chen,
    )  # fmt: skip
    emergencies.declare(
        Declaration(title="PACS 演练", level=Level.ONE, importance="演练", hours="演练",
                    damage="演练", drill=drill, detected_at=EVE),
        chen, EVE,
    )  # fmt: skip
    with pytest.raises(ReportError, match="演练报告"):
        kinds.of("emergency").gather("YL-2023-001")
    held = kinds.of("emergency").gather(event.number)
    assert held.budget is not None
    assert held.budget.used == 5400


def test_a_signed_report_is_followed_by_a_new_version_with_its_reason(
    event: Emergency, wang: User
) -> None:
    gu = _user("顾", Role.CLIENT_APPROVER)
    made = actions.build("emergency", event.number, wang, timezone.now())
    actions.submit(ready(made, timezone.now()), wang, timezone.now())
    with pytest.raises(ReportError, match="电子、书面两种形式"):
        actions.sign(made, gu, timezone.now())
    actions.deliver(made, timezone.now(), "顾", wang, timezone.now())
    actions.sign(made, gu, timezone.now())
    emergencies.message(event, "补充日志", wang, EVE + timedelta(hours=3))
    with pytest.raises(FrozenError, match="不再改动"):
        actions.build("emergency", event.number, wang, timezone.now())
    second = actions.new_version(made, "补充日志", wang, timezone.now())
    assert (second.number, second.version) == (made.number, 2)
    assert subject_of(second) == event.number


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 分"), (59, "59 秒"), (300, "5 分"), (3600, "1 小时"), (5425, "1 小时 30 分 25 秒"),
     (-60, "-1 分"), (None, "—")],
)  # fmt: skip
def test_durations_are_written_in_hours_and_minutes(seconds: int | None, words: str) -> None:
    assert duration(seconds) == words
