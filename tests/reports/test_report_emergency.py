"""The report of an emergency: what it says of a whole event, of an open one, and of a drill."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Site
from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.contract.models import Contract
from jingwei.emergency import actions as emergencies
from jingwei.emergency.actions import Declaration
from jingwei.emergency.models import Emergency, Level, Plan, PlanStep
from jingwei.reports import actions, kinds
from jingwei.reports.document import Document, KeyValues, Table
from jingwei.reports.emergency.words import duration
from jingwei.reports.errors import ReportError
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
    actions.submit(made, wang, timezone.now())
    assert made.state == ReportState.SUBMITTED
    assert actions.contents_of(made)["pdf"].startswith(b"%PDF")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 分"), (59, "59 秒"), (300, "5 分"), (3600, "1 小时"), (5425, "1 小时 30 分 25 秒"),
     (-60, "-1 分"), (None, "—")],
)  # fmt: skip
def test_durations_are_written_in_hours_and_minutes(seconds: int | None, words: str) -> None:
    assert duration(seconds) == words
