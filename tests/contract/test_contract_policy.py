"""The policy of a contract version: read with file and line, stored, and what the clocks run on."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import person

from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.contract import actions, content, queries
from jingwei.contract.models import Contract
from jingwei.contract.policy import STEPS, hours_of, policy_of
from jingwei.desk import actions as desk
from jingwei.desk import queries as desk_queries
from jingwei.desk.models import Kind, Ticket
from jingwei.rules.document import ContentError
from jingwei.sla.calendar import Hours
from jingwei.sla.limits import Policy
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Severity

TODAY = date(2023, 5, 4)
BARE = """\
code = "x-1"
version = 1
title = "某区运维"
client = "某中心"
period_start = 2023-01-01
period_end = 2023-12-31
"""
GOOD = (
    BARE
    + """
[policy]
phone = "10 min"
on_site = "1 h"
emergency_respond = "5 min"
emergency_arrive = "1 h"
disaster_diagnose = "2 h"
disaster_repair = "4 h"
hours = ["09:00-12:00", "14:00-18:00"]

[policy.repair]
outage = "2 h"
degraded = "12 h"
no_impact = "1 d"

[policy.source]
phone = "附件三"
"""
)


def folder(tmp_path: Path, text: str) -> Path:
    """A contract folder with this file."""
    made = tmp_path / "x-1"
    made.mkdir(exist_ok=True)
    (made / "contract.toml").write_text(text, encoding="utf-8")
    return made


def fault(by: Any, when: str) -> Ticket:
    """A fault reported then."""
    at = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)
    return desk.open_ticket(
        desk.Intake(
            kind=Kind.INCIDENT, title="打不开", severity=Severity.OUTAGE, reported_at=at
        ),
        by, at,
    )  # fmt: skip


def test_the_tenders_own_policy_is_the_default_word_for_word() -> None:
    here = Path(__file__).parents[2] / "content" / "contracts" / "jingan-2022"
    found = content.read(here).policy
    assert policy_of(found) == Policy()
    assert hours_of(found) == Hours()
    assert set(found["source"]) == {*STEPS, "repair", "hours"}
    assert found["source"]["emergency_respond"] == "L680"


def test_a_policy_is_read_in_whole_minutes(tmp_path: Path) -> None:
    stored = content.read(folder(tmp_path, GOOD)).policy
    found = policy_of(stored)
    assert (found.phone, found.on_site) == (timedelta(minutes=10), timedelta(hours=1))
    assert found.repair[Severity.NO_IMPACT] == timedelta(days=1)
    assert hours_of(stored).spans == ((time(9), time(12)), (time(14), time(18)))


@pytest.mark.parametrize(
    ("before", "after", "line", "why"),
    [
        ('phone = "10 min"', 'phone = "10 分钟"', 9, "phone：时长 “10 分钟” 看不懂"),
        ('phone = "10 min"', "phone = 10", 9, "phone 应为一分钟至一年的整分钟数"),
        ('phone = "10 min"', 'phone = "0 min"', 9, "整分钟数"),
        ('phone = "10 min"', 'phone = "30 s"', 9, "整分钟数"),
        ('phone = "10 min"', 'phone = "9999 d"', 9, "整分钟数"),
        ('phone = "10 min"\n', "", 8, "缺少 phone"),
        ('phone = "10 min"', 'phones = "10 min"', 9, "未知的键 phones"),
        ('degraded = "12 h"\n', "", 17, "缺少 degraded"),
        ('degraded = "12 h"', 'bad = "12 h"', 19, "未知的键 bad"),
        ('"09:00-12:00"', '"9-12"', 15, "hours 应为先后有序"),
        ('"09:00-12:00"', '"12:00-09:00"', 15, "hours 应为先后有序"),
        ('"09:00-12:00"', '"09:00-15:00"', 15, "hours 应为先后有序"),
        ('"09:00-12:00"', '"09:00-12:00-13:00"', 15, "hours 应为先后有序"),
        ('["09:00-12:00", "14:00-18:00"]', '"09:00-12:00"', 15, "hours 应为先后有序"),
        ('phone = "附件三"', "phone = 3", 23, "phone 的依据应为行号"),
        ('phone = "附件三"', 'who = "L1"', 23, "未知的键 who"),
    ],
)
def test_what_is_wrong_in_a_policy_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, why: str
) -> None:
    assert before in GOOD
    with pytest.raises(ContentError, match=why) as caught:
        content.read(folder(tmp_path, GOOD.replace(before, after, 1)))
    assert (caught.value.file, caught.value.line) == ("x-1/contract.toml", line)


def test_a_policy_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="policy 应为表"):
        content.read(folder(tmp_path, BARE + "policy = 3\n"))


@pytest.mark.django_db
def test_a_version_stored_without_a_policy_takes_it_on_once_and_then_stands(
    tmp_path: Path,
) -> None:
    actions.load(folder(tmp_path, BARE), TODAY)
    assert queries.policy(TODAY) == Policy()
    assert queries.hours(TODAY) == Hours()
    actions.load(folder(tmp_path, GOOD), TODAY)
    assert queries.policy(TODAY).phone == timedelta(minutes=10)
    actions.load(folder(tmp_path, GOOD), TODAY)
    for changed in (GOOD.replace("10 min", "20 min"), BARE):
        with pytest.raises(ContentError, match="policy 不同：已入库的版本不可修改"):
            actions.load(folder(tmp_path, changed), TODAY)
    assert Contract.objects.get().policy["phone"] == 10


@pytest.mark.django_db
def test_a_demonstration_copy_runs_on_its_originals_policy(tmp_path: Path) -> None:
    actions.load(folder(tmp_path, GOOD), TODAY)
    copy = actions.ensure_demo_copy(date(2026, 5, 4))
    assert copy is not None
    assert copy.demonstration
    assert queries.policy(date(2026, 5, 4)).phone == timedelta(minutes=10)
    assert queries.hours(date(2026, 5, 4)).spans[0][0] == time(9)


@pytest.mark.django_db
def test_a_day_without_a_contract_has_the_tenders_values() -> None:
    assert queries.agreed(TODAY) == {"policy": Policy(), "hours": Hours()}


@pytest.mark.django_db
def test_each_ticket_is_judged_under_the_version_of_the_day_it_was_opened(tmp_path: Path) -> None:
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if day.date.year == 2023
    )
    actions.load(folder(tmp_path, GOOD.replace("2023-12-31", "2023-06-30")), TODAY)
    second = GOOD.replace("version = 1", "version = 2").replace("10 min", "20 min")
    actions.load(folder(tmp_path, second.replace("2023-01-01", "2023-07-01")), TODAY)
    wang = person("wang")
    before, after = fault(wang, "2023-06-30 08:45"), fault(wang, "2023-07-03 09:00")
    now = datetime(2023, 7, 3, 9, 5, tzinfo=SHANGHAI)
    found = queries.clocks_of([before, after], now)
    allowed = [found[row.pk].wall[0].limit.allowed for row in (before, after)]
    assert allowed == [timedelta(minutes=10), timedelta(minutes=20)]
    due = found[before.pk].working[0].due
    assert due == datetime(2023, 6, 30, 9, 10, tzinfo=SHANGHAI)  # work begins at nine there
    assert queries.ticket_clocks(before, now) == found[before.pk]
    listed = desk_queries.team_work(now, reckon=queries.clocks_of)
    assert {row.ticket.pk: row.clocks for row in listed} == found
