"""The life of a report: who does what, in which order, what stands when, and what it proves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from desk_making import at
from django.db import DatabaseError, transaction
from report_making import ready
from year_making import NOW, year

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import May, Role, may
from jingwei.checks.actions.files import Upload
from jingwei.contract import queries as contracts
from jingwei.contract.models import Document, DocumentStep
from jingwei.desk.models.append_only import AppendOnlyError
from jingwei.reports import actions, guard, queries
from jingwei.reports.document import BY_HAND
from jingwei.reports.errors import FrozenError, ReportError
from jingwei.reports.life import DONE, FOLLOWS, OPEN, OUT, ReportState
from jingwei.reports.models import Report, ReportFile, ReportStatement, ReportStep
from jingwei.reports.snapshot import document_of, drafted
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PDF = Upload("签收单.pdf", b"%PDF-1.7 receipt")


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def people() -> tuple[User, User]:
    """Who writes and who signs; the contract stands."""
    return year()


@pytest.fixture
def wang(people: tuple[User, User]) -> User:
    return people[0]


@pytest.fixture
def gu(people: tuple[User, User]) -> User:
    return people[1]


@pytest.fixture
def quarter(wang: User) -> Report:
    """The first contract quarter's report, a draft."""
    return actions.build("quarterly", "2022-Q1", wang, NOW)


def submitted(report: Report, by: User) -> Report:
    return actions.submit(ready(report, NOW), by, NOW)


def fill(report: Report, by: User, text: str = "本期无") -> None:
    for each in queries.asked(report):
        actions.state_place(report, each.place.key, text, by, NOW)


def test_the_whole_life_in_its_order(quarter: Report, wang: User, gu: User) -> None:
    submitted(quarter, wang)
    actions.deliver(quarter, NOW + HOUR, "顾老师", wang, NOW + HOUR, scan=PDF)
    actions.sign(quarter, gu, NOW + 2 * HOUR)
    actions.archive(quarter, wang, NOW + 3 * HOUR, scan=PDF)
    quarter.refresh_from_db()
    assert quarter.state == ReportState.ARCHIVED
    assert [step.state for step in quarter.steps.all()] == [
        "reviewed", "submitted", "delivered", "signed", "archived",
    ]  # fmt: skip
    assert queries.on_time_at(quarter) == NOW + HOUR
    assert queries.verify(quarter).ok


def test_every_state_is_open_out_or_done_or_the_end() -> None:
    assert set(FOLLOWS) | {"returned", "archived"} == {state.value for state in ReportState}
    assert OPEN | OUT | DONE | {ReportState.RETURNED} == set(ReportState)


def test_no_role_both_submits_and_signs() -> None:
    provider = {May.BUILD_REPORTS, May.REVIEW_REPORTS, May.SUBMIT_REPORTS}
    for role in Role:
        held = {each for each in provider if may(role, each)}
        assert not (held and may(role, May.SIGN_REPORTS)), role
    assert may(Role.MANAGER, May.REVIEW_REPORTS)
    assert not may(Role.CLIENT_ADMIN, May.REVIEW_REPORTS)


def test_red_places_are_decided_before_review_and_submission(quarter: Report, wang: User) -> None:
    reader = User.objects.create(username="reader", role="second_line")
    assert queries.asked(quarter)
    with pytest.raises(ReportError, match="处红色内容未写明"):
        actions.review(quarter, reader, NOW)
    fill(quarter, wang)
    actions.review(quarter, reader, NOW)
    actions.submit(quarter, wang, NOW)
    assert quarter.state == ReportState.SUBMITTED


def test_what_a_person_wrote_stands_in_the_place_of_the_mark(quarter: Report, wang: User) -> None:
    first = queries.asked(quarter)[0]
    actions.state_place(quarter, first.place.key, "建议扩容存储", wang, NOW)
    held = queries.report(quarter.pk)
    texts = [getattr(block, "text", "") for block in document_of(held).blocks]
    assert any("建议扩容存储" in text for text in texts)
    assert len([t for t in texts if BY_HAND in t]) == len(queries.asked(held)) - 1
    assert any(BY_HAND in getattr(b, "text", "") for b in drafted(held).blocks)


def test_the_later_text_counts_and_the_earlier_stays(quarter: Report, wang: User) -> None:
    key = queries.asked(quarter)[0].place.key
    for text in ("先写的", "后写的"):
        actions.state_place(quarter, key, text, wang, NOW)
    assert queries.asked(queries.report(quarter.pk))[0].text == "后写的"
    assert ReportStatement.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("  ", "请写明"), ("x" * 2001, "不超过 2000 字"), ("a\x00b", "无法打印"),
     ("\ud800", "无法打印"), (f"见{BY_HAND}", "本期无")],
)  # fmt: skip
def test_a_text_that_says_nothing_or_too_much_is_refused(
    quarter: Report, wang: User, text: str, said: str
) -> None:
    with pytest.raises(ReportError, match=said):
        actions.state_place(quarter, queries.asked(quarter)[0].place.key, text, wang, NOW)
    assert not ReportStatement.objects.exists()


def test_a_place_there_is_not_is_refused(quarter: Report, wang: User) -> None:
    with pytest.raises(ReportError, match="没有这一处"):
        actions.state_place(quarter, "0" * 32, "无", wang, NOW)


def test_nothing_is_written_into_a_version_that_was_read(quarter: Report, wang: User) -> None:
    key = queries.asked(quarter)[0].place.key
    ready(quarter, NOW)
    with pytest.raises(FrozenError, match="内审通过"):
        actions.state_place(quarter, key, "再改", wang, NOW)


def test_the_next_version_proposes_what_was_written_before(quarter: Report, wang: User) -> None:
    fill(quarter, wang, "按计划实施")
    second = actions.new_version(quarter, "更正", wang, NOW)
    asked = queries.asked(second)
    assert asked
    assert all((each.text, each.proposed) == ("", "按计划实施") for each in asked)


def test_nobody_reviews_what_he_made_or_wrote_into(quarter: Report, wang: User) -> None:
    boss = User.objects.create(username="boss", role=Role.MANAGER)
    fill(quarter, boss)
    with pytest.raises(ReportError, match="编制人以外"):
        actions.review(quarter, boss, NOW)
    made = actions.build("monthly", "2022-11", boss, NOW)
    with pytest.raises(ReportError, match="编制人以外"):
        actions.review(made, boss, NOW)


def test_a_reviewer_may_want_it_changed_and_says_what(quarter: Report, wang: User) -> None:
    reader = User.objects.create(username="reader", role="second_line")
    with pytest.raises(ReportError, match="修改意见"):
        actions.object_(quarter, "  ", reader, NOW)
    actions.object_(quarter, "建议写得太空", reader, NOW)
    assert quarter.state == ReportState.DRAFT
    assert quarter.steps.get().opinion == "建议写得太空"
    assert queries.verify(quarter).ok


def test_a_report_nobody_read_is_not_submitted(quarter: Report, wang: User) -> None:
    fill(quarter, wang)
    with pytest.raises(ReportError, match="须先经内审"):
        actions.submit(quarter, wang, NOW)


def test_both_forms_are_owed_before_the_client_signs(quarter: Report, wang: User, gu: User) -> None:
    submitted(quarter, wang)
    with pytest.raises(ReportError, match="电子、书面两种形式"):
        actions.sign(quarter, gu, NOW)
    assert queries.on_time_at(quarter) is None


def test_a_monthly_report_needs_no_paper(wang: User, gu: User) -> None:
    made = submitted(actions.build("monthly", "2022-11", wang, NOW), wang)
    assert queries.on_time_at(made) == NOW
    actions.sign(made, gu, NOW)
    actions.archive(made, wang, NOW)
    assert made.state == ReportState.ARCHIVED


def test_on_time_is_the_later_of_both_forms_and_late_entries_say_so(
    quarter: Report, wang: User
) -> None:
    submitted(quarter, wang)
    actions.deliver(quarter, NOW + HOUR, "顾老师", wang, NOW + 30 * HOUR)
    step = quarter.steps.get(state="delivered")
    assert (step.at, step.entered_at, step.late) == (NOW + HOUR, NOW + 30 * HOUR, True)
    assert queries.on_time_at(quarter) == NOW + HOUR


@pytest.mark.parametrize(
    ("shift", "receiver", "said"),
    [(timedelta(hours=2), "顾", "晚于当前时间"), (-timedelta(days=2), "顾", "早于提交日期"),
     (HOUR, " ", "签收人"), (HOUR, "顾" * 65, "不超过 64 字")],
)  # fmt: skip
def test_a_delivery_that_cannot_be_is_refused(
    quarter: Report, wang: User, shift: timedelta, receiver: str, said: str
) -> None:
    submitted(quarter, wang)
    with pytest.raises(ReportError, match=said):
        actions.deliver(quarter, NOW + shift, receiver, wang, NOW + HOUR)
    quarter.refresh_from_db()
    assert quarter.state == ReportState.SUBMITTED


def test_a_scan_that_is_no_scan_is_refused(quarter: Report, wang: User) -> None:
    submitted(quarter, wang)
    with pytest.raises(ReportError, match="不支持的文件类型"):
        actions.deliver(
            quarter, NOW + HOUR, "顾", wang, NOW + HOUR, scan=Upload("a.exe", b"MZ\x00\x01")
        )
    quarter.refresh_from_db()
    assert quarter.state == ReportState.SUBMITTED


def test_what_was_on_paper_is_archived_with_the_signed_page(
    quarter: Report, wang: User, gu: User
) -> None:
    submitted(quarter, wang)
    actions.deliver(quarter, NOW, "顾", wang, NOW)
    actions.sign(quarter, gu, NOW)
    with pytest.raises(ReportError, match="扫描件"):
        actions.archive(quarter, wang, NOW)
    actions.archive(quarter, wang, NOW, scan=PDF)
    with pytest.raises(FrozenError):
        actions.return_(quarter, "晚了", gu, NOW)


def test_a_returned_version_stays_and_the_next_is_a_new_one(
    quarter: Report, wang: User, gu: User
) -> None:
    submitted(quarter, wang)
    actions.deliver(quarter, NOW, "顾", wang, NOW)
    actions.return_(quarter, "缺整改期限", gu, NOW)
    second = actions.new_version(quarter, "按退回意见修改", wang, NOW)
    assert (second.version, second.state) == (2, "draft")
    assert Report.objects.get(pk=quarter.pk).state == "returned"
    papers = Document.objects.filter(kind="quarterly")
    assert [step.kind for step in papers.get().steps.all()] == ["electronic", "paper", "returned"]


@pytest.mark.parametrize("role", [Role.CLIENT_APPROVER, Role.CLIENT_ADMIN, Role.SECURITY_ADMIN])
def test_the_provider_steps_are_not_the_clients(
    quarter: Report, make_user: Callable[..., User], role: Role
) -> None:
    who = make_user(role)
    for act in (
        lambda: actions.review(quarter, who, NOW),
        lambda: actions.object_(quarter, "x", who, NOW),
        lambda: actions.submit(quarter, who, NOW),
        lambda: actions.deliver(quarter, NOW, "x", who, NOW),
        lambda: actions.archive(quarter, who, NOW),
        lambda: actions.state_place(quarter, "x", "x", who, NOW),
    ):
        with pytest.raises(ReportError, match="您的角色"):
            act()
    assert not ReportStep.objects.exists()


def test_steps_files_and_texts_are_only_added_to(quarter: Report, wang: User) -> None:
    submitted(quarter, wang)
    for model in (ReportStep, ReportFile, ReportStatement):
        with pytest.raises(AppendOnlyError):
            model.objects.all().delete()  # type: ignore[attr-defined]
        with pytest.raises(DatabaseError, match="只可追加"), transaction.atomic():
            model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError, match="不可删除"), transaction.atomic():
        Report.objects.filter(pk=quarter.pk)._raw_delete("default")  # type: ignore[attr-defined]
    assert guard.missing() == ()


def test_the_database_knows_which_state_may_follow(quarter: Report) -> None:
    states = [state.value for state in ReportState]
    for after in states:
        allowed = after == "draft" or after in FOLLOWS["draft"]
        if allowed:
            continue
        with pytest.raises(DatabaseError, match="不可撤回"), transaction.atomic():
            Report.objects.filter(pk=quarter.pk).update(state=after)


def test_a_submitted_report_is_the_paper_the_contract_asks_for(
    quarter: Report, wang: User, gu: User
) -> None:
    submitted(quarter, wang)
    paper = Document.objects.get(kind="quarterly")
    assert (paper.period_start, paper.period_end) == (quarter.period_start, quarter.period_end)
    assert paper.report == f"{quarter.number} V1"
    assert {"advice", "config-changes", "faults-and-requests", "hardware"} <= set(paper.sections)
    assert "security-check" not in paper.sections  # the report says itself that none was made
    assert [step.kind for step in paper.steps.all()] == [DocumentStep.Kind.ELECTRONIC]
    actions.deliver(quarter, NOW + HOUR, "顾", wang, NOW + HOUR)
    actions.sign(quarter, gu, NOW + 2 * HOUR)
    fact = next(d for d in contracts.gather(paper.contract, NOW + 3 * HOUR).documents)
    assert (fact.electronic_at, fact.paper_at) == (NOW, NOW + HOUR)
    assert fact.confirmed_at == NOW + 2 * HOUR


def test_the_obligation_sees_the_report(wang: User, gu: User) -> None:
    held = contracts.current(NOW.date())
    assert held is not None

    def lines() -> dict[str, Standing]:
        found = contracts.assess_all(held, NOW + HOUR)
        return {
            line.text: line.standing
            for each in found
            if each.obligation.arguments.get("document") == "monthly"
            for line in each.assessment.verdict.lines
            if line.text.startswith("2022-11-01")
        }

    assert list(lines().values()) == [Standing.NOT_AGREED]
    made = submitted(actions.build("monthly", "2022-11", wang, NOW), wang)
    actions.sign(made, gu, NOW)
    assert [text for text in lines() if "已提交" in text]


def test_each_step_is_a_link_of_the_chain(quarter: Report, wang: User, gu: User) -> None:
    submitted(quarter, wang)
    actions.return_(quarter, "重写", gu, NOW)
    said = AuditEntry.objects.filter(kind="report").order_by("sequence")
    names = [link.action for link in said if link.action != "report.state"]
    assert names == ["report.build", "report.review", "report.submit", "report.return"]
    assert said.filter(action="report.state").count() == quarter.statements.count() > 0


def test_a_secret_in_an_opinion_is_no_false_alarm(quarter: Report, wang: User, gu: User) -> None:
    submitted(quarter, wang)
    actions.return_(quarter, "口令 password=abc123 不应写在正文", gu, at("2023-02-10 11:00"))
    assert queries.verify(quarter).problems == ()
