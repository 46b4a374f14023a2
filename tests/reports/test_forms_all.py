"""What every form of the desk has in common: frozen, in every format, refused in Chinese."""

import pytest
from desk_making import incident
from report_making import ready
from round_making import said
from slip_making import (
    AFTER,
    DEMAND,
    EOS,
    PERFORMANCE,
    TRAINING,
    Cast,
    attached,
    away,
    came,
    changed,
    close,
    data_changed,
    demanded,
    duty,
    fill,
    fitted,
    opened,
    requested,
    spare,
)

from jingwei.contract import queries as contracts
from jingwei.contract.models import Contract
from jingwei.desk.models import Kind
from jingwei.reports import actions, files, kinds
from jingwei.reports.document import Contents, SignatureBlock
from jingwei.reports.errors import ReportError
from jingwei.reports.kinds import LEDGERS, SLIPS
from jingwei.reports.models import Report, ReportState
from jingwei.reports.periodic.rows import Rows
from jingwei.reports.snapshot import data_of, document_of, subject_of
from jingwei.terms import Result

pytestmark = pytest.mark.django_db
PERIODS = {
    "spare-parts": "2022-Q1", "dev-ledger": "2022-Q1", "training": "2022", "staffing": "2022-11",
    "performance": "2022-12",
}  # fmt: skip
OF_TICKETS = ("data-change-form", "work-order", "change-record", "eos-notice")
NAMES = (*OF_TICKETS, *PERIODS)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def subjects(cast: Cast) -> dict[str, str]:
    """Some of everything was done; what each kind is asked for."""
    fitted(cast, spare(cast))
    demanded(cast, ("2022-12-07", "2.5"), agreed="6")
    attached(opened(cast, Kind.TRAINING, "training", TRAINING), cast.wang)
    opened(cast, Kind.SERVICE_REQUEST, "performance", PERFORMANCE)
    away(came("王磊", 7, 8), cast.gu)
    duty(cast, "performance-review", "2022-12-20 10:00", {"cpu": "正常", "advice": "扩内存"})
    return {
        "data-change-form": data_changed(cast).number, "work-order": requested(cast).number,
        "change-record": changed(cast).number,
        "eos-notice": opened(cast, Kind.EOS_NOTICE, "eos_notice", EOS).number, **PERIODS,
    }  # fmt: skip


def test_all_nine_are_there_with_classes_of_their_own() -> None:
    assert {kind.name for kind in (*SLIPS, *LEDGERS)} == set(NAMES)
    numbers = {kinds.of(name).number("2022-Q1") for name in NAMES}
    assert len(numbers) == len(NAMES)
    assert kinds.of("dev-ledger").number("2022-Q1") == "JAWS-KF-2022Q1-01"
    assert kinds.of("spare-parts").number(" GD-2022-00001 ") == "JAWS-BJ-GD-2022-00001-01"
    assert kinds.of("data-change-form").number("GD-2022-00001") == "JAWS-SJ-GD-2022-00001-01"


def test_ledgers_are_offered_by_period_and_slips_on_their_tickets() -> None:
    assert set(PERIODS) <= {kind.name for kind in kinds.ASKED}
    assert all(kinds.of(name).asked and kinds.of(name).span for name in PERIODS)
    assert not set(OF_TICKETS) & {kind.name for kind in kinds.ASKED}
    assert [kind.name for kind in kinds.of_ticket(Kind.DATA_CHANGE)] == ["data-change-form"]
    assert [kind.name for kind in kinds.of_ticket(Kind.CHANGE)] == ["change-record", "precheck"]
    assert [kind.name for kind in kinds.of_ticket(Kind.INCIDENT)] == ["fault"]
    assert kinds.of_ticket(Kind.COMPLAINT) == ()


def test_each_is_frozen_and_comes_back_as_it_was(cast: Cast) -> None:
    for name, subject in subjects(cast).items():
        made = actions.build(name, subject, cast.wang, AFTER)
        held = data_of(made)[1]
        assert held == kinds.of(name).facts(subject, AFTER), name
        assert subject_of(made) == subject
        assert actions.build(name, subject, cast.wang, AFTER).pk == made.pk, name
        result, sentence = kinds.of(name).conclude(held)
        assert isinstance(result, Result)
        assert sentence


def test_each_is_a_word_file_a_pdf_and_a_workbook(cast: Cast) -> None:
    for name, subject in subjects(cast).items():
        drawn = document_of(actions.build(name, subject, cast.wang, AFTER))
        written = files.produce(drawn)
        assert written["docx"][:2] == written["xlsx"][:2] == b"PK", name
        assert written["pdf"][:5] == b"%PDF-", name


def test_each_is_signed_by_both_sides_and_begins_without_contents(cast: Cast) -> None:
    for name, subject in subjects(cast).items():
        drawn = document_of(actions.build(name, subject, cast.wang, AFTER))
        signed = [block for block in drawn.blocks if isinstance(block, SignatureBlock)]
        sides = {party.title for block in signed for party in block.parties}
        assert {"服务方（盖章）", "用户方（盖章）"} <= sides, name
        assert not any(isinstance(block, Contents) for block in drawn.blocks)
        assert any("确认意见" in line for block in signed for party in block.parties
                   for line in party.lines), name  # fmt: skip


def test_no_mobile_number_stands_in_any_of_them(cast: Cast) -> None:
    for name, subject in subjects(cast).items():
        text = said(document_of(actions.build(name, subject, cast.wang, AFTER)))
        assert "13812345678" not in text, name


@pytest.mark.parametrize("name", PERIODS)
def test_an_empty_period_is_told_and_is_never_in_order(name: str, cast: Cast) -> None:
    made = actions.build(name, PERIODS[name], cast.wang, AFTER)
    result, _ = kinds.of(name).conclude(data_of(made)[1])
    assert result is not Result.NORMAL
    text = said(document_of(made))
    assert "本期无" in text or "未采集" in text


@pytest.mark.parametrize("name", PERIODS)
@pytest.mark.parametrize(
    "subject", ["", "x", "2022-Q5", "2022-13", "2022-H1", "1999-Q1", "2022-Q1\0", "\ud800",
                "9" * 10_000, "2022-Q1/HW-001-1", "二〇二二", "2098-Q1", "GD-", "GD-2022-99999",
                "GD-2022-00001\0"],
)  # fmt: skip
def test_a_wrong_period_is_refused_with_how_it_is_written(
    name: str, subject: str, cast: Cast
) -> None:
    with pytest.raises(ReportError, match=r"应写成|应为|没有合同"):
        actions.build(name, subject, cast.wang, AFTER)
    assert not Report.objects.exists()
    assert "\0" not in kinds.of(name).number(subject)
    assert len(kinds.of(name).number(subject)) < 80


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_to_come_is_refused(name: str, cast: Cast) -> None:
    ahead = {"training": "2023-Q3", "staffing": "2023-09", "performance": "2023-09"}
    with pytest.raises(ReportError, match=r"还没有开始|没有合同覆盖"):
        actions.build(name, ahead.get(name, "2022-Q4"), cast.wang, AFTER)


@pytest.mark.parametrize("name", OF_TICKETS)
@pytest.mark.parametrize(
    "subject", ["", "2022-Q1", "GD-2022-99999", "GD\0", "\ud800", "9" * 10_000]
)
def test_a_ticket_there_is_not_is_refused(name: str, subject: str, cast: Cast) -> None:
    with pytest.raises(ReportError, match=r"没有单号为.*应为.*单的单号"):
        actions.build(name, subject, cast.wang, AFTER)
    assert not Report.objects.exists()


@pytest.mark.parametrize("name", [*OF_TICKETS, "training"])
def test_a_ticket_of_another_kind_is_named_with_what_was_expected(name: str, cast: Cast) -> None:
    fault = incident(cast.wang)
    with pytest.raises(ReportError, match=f"{fault.number} 是故障，应为.*单的单号"):
        actions.build(name, fault.number, cast.wang, AFTER)


def test_a_ticket_before_any_contract_is_refused_by_its_day(cast: Cast) -> None:
    ticket = spare(cast)
    Contract.objects.update(period_start="2022-12-07")
    with pytest.raises(ReportError, match="没有合同覆盖 2022-12-06"):
        actions.build("spare-parts", ticket.number, cast.wang, AFTER)


def test_a_form_goes_the_whole_way_to_the_clients_signature(cast: Cast) -> None:
    made = ready(actions.build("change-record", changed(cast).number, cast.wang, AFTER), AFTER)
    made = actions.submit(made, cast.wang, AFTER)
    assert made.state == ReportState.SUBMITTED
    made = actions.sign(made, cast.gu, AFTER)
    made = actions.archive(made, cast.wang, AFTER)
    assert made.state == ReportState.ARCHIVED


def test_a_performance_report_is_read_by_somebody_else_first(cast: Cast) -> None:
    made = actions.build("performance", "2022-12", cast.wang, AFTER)
    with pytest.raises(ReportError, match="内审"):
        actions.submit(made, cast.wang, AFTER)


def test_forms_are_no_papers_the_contract_names(cast: Cast) -> None:
    """Obligations behind them are proven by tickets and duties, never by having printed a form."""
    held = Contract.objects.get(code="jingan-2022")
    content = contracts.content_of(held)
    assert content is not None
    assert not {*NAMES} & {*content.documents}
    made = ready(actions.build("work-order", requested(cast).number, cast.wang, AFTER), AFTER)
    actions.submit(made, cast.wang, AFTER)
    assert not held.documents.exists()


def test_a_ticket_that_goes_on_makes_a_new_version(cast: Cast) -> None:
    ticket = opened(cast, Kind.EOS_NOTICE, "eos_notice", EOS)
    first = actions.build("eos-notice", ticket.number, cast.wang, AFTER)
    fill(ticket, {"decision": "升级"}, cast.gu, "2022-12-08 09:00")
    close(ticket, cast, "2022-12-09 09:00")
    second = actions.build("eos-notice", ticket.number, cast.wang, AFTER)
    assert (first.version, second.version) == (1, 2)
    assert kinds.of("eos-notice").conclude(data_of(second)[1])[0] is Result.NORMAL


def test_the_rows_behind_a_ledger_are_frozen_with_it(cast: Cast) -> None:
    demanded(cast, ("2022-12-07", "2.5"), ("2022-12-08", "1.5"))
    held = data_of(actions.build("dev-ledger", "2022-Q1", cast.wang, AFTER))[1]
    assert isinstance(held.rows, Rows)
    assert [row.days for row in held.rows.efforts] == ["2.50", "1.50"]
    assert [row.kind for row in held.rows.tickets] == ["开发工作量"]
    assert DEMAND["demand_no"] == held.demands[0].demand
