"""Monthly, quarterly and annual: what they count, what they leave open, and their order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from desk_making import at
from report_making import ready
from test_report_fault import words
from year_making import NOW, full, outage, year

from jingwei.accounts.models import User
from jingwei.contract import queries as contract
from jingwei.contract.models import Contract
from jingwei.desk.models import Ticket
from jingwei.reports import actions, docx, kinds, pdf, periodic, queries
from jingwei.reports.document import BY_HAND, Document, Table
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.periodic import Account
from jingwei.reports.revive import from_json, to_json
from jingwei.reports.snapshot import document_of, subject_of
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    return year()[0]


@pytest.fixture
def gu(wang: User) -> User:
    return User.objects.get(username="gu")


@pytest.fixture
def tickets(wang: User, gu: User) -> dict[str, Ticket]:
    return full(wang, gu)


@pytest.fixture
def quarter(tickets: dict[str, Ticket]) -> Account:
    return periodic.gather("quarterly", "2022-Q1", NOW)


def _drawn(kind: str, subject: str, by: User) -> Document:
    return document_of(actions.build(kind, subject, by, NOW))


def _first(document: Document) -> list[str]:
    """The numbered sections; the rows behind their numbers come after them as 附件."""
    first = [h.text for h in document.headings if h.level == 1]
    return [text.partition("、")[2] for text in first if not text.startswith("附件")]


def _table(document: Document, caption: str) -> list[list[str]]:
    for block in document.blocks:
        if isinstance(block, Table) and block.caption.endswith(caption):
            return [[cell.text for cell in row.cells] for row in block.rows]
    raise AssertionError(f"no table {caption}")


def test_the_quarterly_report_opens_with_the_tenders_four_sections_in_its_order(
    wang: User,
) -> None:
    first = _first(_drawn("quarterly", "2022-Q1", wang))
    assert first[:4] == [
        "日常维护情况", "配置变更情况", "本季度的故障处理和服务请求汇总",
        "本季度的系统安全检查报告",
    ]  # fmt: skip
    assert first[4] == "优化调整建议"


def test_the_annual_report_opens_with_the_tenders_three_sections(wang: User) -> None:
    first = _first(_drawn("annual", "2022", wang))
    assert first[:3] == ["日常维护情况汇总", "设备返修、备件更换汇总", "系统优化建议"]
    assert "义务完成矩阵" in first


def test_the_monthly_report_has_its_fourteen_points(wang: User) -> None:
    assert len(_first(_drawn("monthly", "2022-11", wang))) == 14 + 1  # and the signatures


def test_the_title_shows_the_dates_not_only_the_quarter(wang: User) -> None:
    made = _drawn("quarterly", "2022-Q1", wang)
    said = dict(made.cover.facts)
    assert said["报告期"] == "2022-11-01 至 2023-01-31（2022 合同年度第 1 季度）"
    assert made.cover.notice == ""


def test_an_empty_period_says_that_nothing_happened_and_what_nobody_collected(wang: User) -> None:
    said = words(_drawn("quarterly", "2022-Q1", wang))
    for wanted in (
        "变更清单：本期无。", "故障清单：本期无。", "设备返修与备件更换：本期无。",
        "未采集（没有机房温湿度的日汇总）", "未采集（本期没有日检结果）",
        "未采集（本期没有考勤记录）", "未采集（平台的这一部分尚未接入）", "没有系统安全检查记录",
    ):  # fmt: skip
        assert wanted in said, wanted


def test_what_only_a_person_can_write_is_left_open(wang: User) -> None:
    for kind, subject in (("quarterly", "2022-Q1"), ("monthly", "2022-11"), ("annual", "2022")):
        said = words(_drawn(kind, subject, wang))
        assert f"风险与建议：{BY_HAND}" in said, kind
        assert f"配置基线差异：{BY_HAND}" in said, kind


def test_faults_and_requests_are_counted_apart(quarter: Account) -> None:
    by_kind = {each.label: each for each in quarter.tickets}
    assert (by_kind["故障"].opened, by_kind["故障"].done, by_kind["故障"].open) == (2, 1, 1)
    assert by_kind["服务请求"].opened == 1
    assert by_kind["培训"].opened == 0
    assert sum(each.opened for each in quarter.requests) == 1
    assert len(quarter.requests) >= 9
    assert len(quarter.faults) == 2


def test_a_late_limit_is_listed_on_both_calendars_and_never_met(
    quarter: Account, tickets: dict[str, Ticket]
) -> None:
    late = {(each.number, each.limit, each.calendar) for each in quarter.late}
    assert (tickets["late"].number, "电话响应", "5x8") in late
    assert (tickets["late"].number, "电话响应", "7x24") in late
    phone = [each for each in quarter.kept if each.limit == "电话响应"]
    assert sum(each.met for each in phone) == 2  # the good one, on two calendars
    assert sum(each.late for each in phone) == 2
    for each in quarter.kept:
        total = each.met + each.late + each.running + each.remote + each.unclear
        assert total == 1, each


def test_downtime_is_the_availability_pages_own(quarter: Account) -> None:
    assert quarter.budgets.down_period == 90 * 60
    assert quarter.budgets.down_used == 90 * 60
    assert quarter.budgets.down_met
    assert quarter.budgets.down_left == quarter.budgets.down_limit - 90 * 60
    part = quarter.parts[0]
    assert (part.serial_out, part.serial_in, part.down) == ("OLD-7", "NEW-7", 90 * 60)


def test_downtime_over_the_limit_is_the_verdict(wang: User, tickets: dict[str, Ticket]) -> None:
    pacs = tickets["good"].application
    outage(wang, at("2022-12-12 08:00"), 9 * 60, application=pacs)
    held = periodic.gather("quarterly", "2022-Q1", NOW)
    assert not held.budgets.down_met
    result, sentence = periodic.conclusion(held)
    assert result is Result.ABNORMAL
    assert "停机超限" in sentence
    assert "超限" in words(kinds.of("quarterly").draw(held, _issue(), True))


def _issue() -> "periodic.documents.Issue":
    return periodic.documents.Issue("N", 1, NOW, "王磊")


def test_the_day_that_was_checked_counts_and_the_others_are_named(quarter: Account) -> None:
    assert quarter.daily.finished == 1
    assert (quarter.daily.planned, quarter.daily.checked) == (3, 2)
    assert quarter.daily.owed == quarter.working_days == 62
    assert len(quarter.daily.without) == 61
    assert "2022-11-07" not in quarter.daily.without
    room = quarter.checked[0]
    assert (room.normal, room.abnormal, room.unchecked) == (1, 1, 1)
    assert (quarter.found.opened, quarter.found.closed, quarter.found.left) == (1, 1, 0)


def test_one_of_four_came_on_the_only_day_with_entries(quarter: Account) -> None:
    assert quarter.people.known == 1
    assert quarter.people.short == ("2022-11-07（1 人）",)


def test_work_booked_after_the_period_is_not_in_it(quarter: Account) -> None:
    assert (quarter.budgets.days_period, quarter.budgets.days_used) == ("2.50", "2.50")
    second = periodic.gather("quarterly", "2022-Q2", NOW)
    assert (second.budgets.days_period, second.budgets.days_used) == ("1.00", "3.50")
    assert second.faults == ()


def test_quarters_add_up_to_months(tickets: dict[str, Ticket], quarter: Account) -> None:
    months = [periodic.gather("monthly", each, NOW) for each in ("2022-11", "2022-12", "2023-01")]
    assert sum(len(each.faults) for each in months) == len(quarter.faults)
    assert sum(len(each.changes) for each in months) == len(quarter.changes) == 1
    assert sum(each.budgets.down_period for each in months) == quarter.budgets.down_period
    assert sum(each.working_days or 0 for each in months) == quarter.working_days
    assert sum(len(each.daily.without) for each in months) == len(quarter.daily.without)


def test_a_change_nobody_checked_or_approved_shows_it(
    wang: User, tickets: dict[str, Ticket]
) -> None:
    row = _table(_drawn("quarterly", "2022-Q1", wang), "变更清单")[0]
    assert row[0] == tickets["change"].number
    assert row[4:6] == ["无", "无"]


def test_missed_duties_stay_visible_and_the_next_are_told(quarter: Account) -> None:
    duties = {each.label: each for each in quarter.duties}
    inspected = duties["应用系统月度巡视"]
    assert inspected.done == 0
    assert len(inspected.missed) == 3
    assert quarter.ahead
    assert all(each.last > quarter.span.last for each in quarter.ahead)
    assert all(each.last <= at("2023-04-30 00:00").date() for each in quarter.ahead)


def test_the_matrix_has_every_obligation_as_the_assessment_judges_it(
    wang: User, tickets: dict[str, Ticket]
) -> None:
    held = periodic.gather("annual", "2022", NOW)
    assessed = contract.assess_all(Contract.objects.get(code="jingan-2022"), NOW)
    assert len(held.promises) == len(assessed) == 189
    for promise, one in zip(held.promises, assessed, strict=True):
        verdict = one.assessment.verdict
        assert (promise.key, promise.standing) == (one.obligation.key, verdict.standing.value)
        assert promise.text == one.obligation.text
        assert promise.limit == verdict.limit
        shown = len(promise.refs) + promise.more
        assert shown == len({str(ref) for ref in verdict.refs})
    drawn = _drawn("annual", "2022", wang)
    rows = [row for row in _table(drawn, "义务完成矩阵") if len(row) == 6]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 190)]
    counted = {row[0]: int(row[1]) for row in _table(drawn, "义务状态汇总")}
    assert sum(counted.values()) == 189
    assert any(Standing.NO_EVIDENCE.label in label and n for label, n in counted.items())


def test_nothing_without_evidence_is_called_met(wang: User) -> None:
    held = periodic.gather("annual", "2022", NOW)
    met = [each for each in held.promises if each.standing == Standing.MET]
    assert all(each.refs for each in met), [each.key for each in met if not each.refs]


def test_only_the_annual_report_carries_the_matrix(quarter: Account) -> None:
    assert quarter.promises == ()


def test_no_telephone_is_printed(wang: User, tickets: dict[str, Ticket]) -> None:
    for kind, subject in (("quarterly", "2022-Q1"), ("monthly", "2022-12"), ("annual", "2022")):
        said = words(_drawn(kind, subject, wang))
        assert "13812345678" not in said, kind
        assert "（手机号略）" in said, kind


def test_a_period_that_lasts_says_so_on_its_cover(wang: User) -> None:
    made = document_of(actions.build("monthly", "2023-02", wang, NOW))
    assert "报告期未结束，数据截至 2023-02-10 10:00" in made.cover.notice


def test_time_alone_changes_no_report_of_a_period_that_is_over(
    wang: User, tickets: dict[str, Ticket]
) -> None:
    first = actions.build("monthly", "2022-11", wang, NOW)
    assert actions.build("monthly", "2022-11", wang, NOW + timedelta(days=3)) == first
    assert not queries.outdated(first, NOW + timedelta(days=3))
    assert subject_of(first) == "2022-11"
    assert (str(first.period_start), str(first.period_end)) == ("2022-11-01", "2022-11-30")


def test_a_submitted_report_is_followed_only_with_a_reason(
    wang: User, gu: User, tickets: dict[str, Ticket]
) -> None:
    made = actions.build("monthly", "2022-11", wang, NOW)
    actions.submit(ready(made, NOW), wang, NOW)
    before = made.sha256
    outage(wang, at("2022-11-21 09:00"), 30, application=tickets["good"].application)
    with pytest.raises(FrozenError, match="请出新版本"):
        actions.build("monthly", "2022-11", wang, NOW)
    again = actions.new_version(made, "漏计一件故障", wang, NOW)
    made.refresh_from_db()
    assert (again.version, made.sha256) == (2, before)
    assert queries.verify(made).ok


def test_the_account_survives_its_snapshot(tickets: dict[str, Ticket]) -> None:
    held = periodic.gather("annual", "2022", NOW)
    assert from_json(Account, to_json(held)) == held


def test_the_verdict_names_what_is_wrong_first(quarter: Account) -> None:
    result, sentence = periodic.conclusion(quarter)
    assert result is Result.ABNORMAL
    assert "1 件故障有超时" in sentence
    assert "61 个工作日未完成日检" in sentence
    calm = replace(
        quarter, late=(), duties=(), left=(), daily=replace(quarter.daily, without=()),
    )  # fmt: skip
    assert periodic.conclusion(calm)[0] is Result.NORMAL
    blind = replace(calm, daily=replace(calm.daily, finished=0))
    assert periodic.conclusion(blind)[0] is Result.UNCHECKED
    assert periodic.conclusion(replace(calm, left=quarter.faults))[0] is Result.ATTENTION


@pytest.mark.parametrize(
    ("kind", "subject"), [("monthly", "2022-11"), ("quarterly", "2022-Q1"), ("annual", "2022")]
)
def test_the_files_can_be_written(
    wang: User, tickets: dict[str, Ticket], kind: str, subject: str
) -> None:
    drawn = _drawn(kind, subject, wang)
    pages = pdf.heading_pages(drawn)
    assert len(pages) == len(drawn.headings)
    assert list(pages) == sorted(pages)
    assert pdf.write(drawn).startswith(b"%PDF")
    assert len(docx.write(drawn, pages)) > 10_000


def test_without_a_contract_there_is_no_periodic_report(db: None, wang: User) -> None:
    with pytest.raises(ReportError, match="没有合同覆盖"):
        actions.build("annual", "2019", wang, NOW)
