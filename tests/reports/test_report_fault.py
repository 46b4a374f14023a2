"""The fault report: a whole fault, an open one, and what a report must not say."""

import io
import zipfile

import pytest
from desk_making import (
    MORNING,
    application,
    client,
    finding,
    go,
    incident,
    institution,
    later,
    note,
    person,
    publish,
    request,
    resolved,
    target,
)

from jingwei.accounts.models import User
from jingwei.desk import actions as desk
from jingwei.desk.models import SparePart, SupportLevel, Ticket
from jingwei.reports import actions, docx, fault, kinds, pdf
from jingwei.reports.document import BY_HAND, Document, KeyValues, Table
from jingwei.reports.errors import ReportError
from jingwei.reports.fault import Fault
from jingwei.reports.preview import preview
from jingwei.reports.revive import from_json, to_json
from jingwei.reports.snapshot import document_of, subject_of
from jingwei.terms import Result
from jingwei.terms.incident import Cause, Instant, Severity

pytestmark = pytest.mark.django_db


def words(document: Document) -> str:
    """Everything a document says."""
    found = [cell.text for block in document.blocks if isinstance(block, Table)
             for row in block.rows for cell in row.cells]  # fmt: skip
    found += [cell.text for block in document.blocks if isinstance(block, KeyValues)
              for _, cell in block.pairs]  # fmt: skip
    found += [getattr(block, "text", "") for block in document.blocks]
    return "\n".join(found)


@pytest.fixture
def wang() -> User:
    publish()
    return person(full_name="王磊")


@pytest.fixture
def gu() -> User:
    return client()


@pytest.fixture
def ticket(wang: User) -> Ticket:
    """PACS down at nine, solved on site within its limits."""
    return resolved(wang)


def _drawn(number: str, by: User) -> str:
    return words(document_of(actions.build("fault", number, by, later(300))))


def test_a_fault_is_told_with_its_times_limits_and_solution(ticket: Ticket, wang: User) -> None:
    made = actions.build("fault", ticket.number, wang, later(300))
    assert (made.number, made.kind) == (f"JAWS-GZ-{ticket.number}-01", "fault")
    assert subject_of(made) == ticket.number
    assert str(made.period_start) == str(made.period_end) == "2022-11-07"
    said = words(document_of(made))
    for wanted in (
        ticket.number, "PACS 打不开", "造成生产运行中断", "2022-11-07 09:10", "2022-11-07 10:40",
        "电话响应", "到达现场", "排除故障（到场后）", "重启了服务", "5x8", "7x24", "未记录",
    ):  # fmt: skip
        assert wanted in said, wanted


def test_every_block_of_the_tender_is_there_even_if_nothing_happened(
    ticket: Ticket, wang: User
) -> None:
    drawn = document_of(actions.build("fault", ticket.number, wang, later(300)))
    first = [heading.text.partition("、")[2] for heading in drawn.headings if heading.level == 1]
    assert first == [
        "基本情况", "时间", "服务级别", "现象与影响", "处理过程", "原因", "处理措施", "验证",
        "预防", "签收",
    ]  # fmt: skip
    assert "本次无" in words(drawn)


def test_what_no_record_says_is_left_to_a_person_and_red(ticket: Ticket, wang: User) -> None:
    drawn = document_of(actions.build("fault", ticket.number, wang, later(300)))
    for wanted in (
        "直接原因：",
        "根本原因与责任方：",
        "验证方法与结果：",
        "整改项、负责人与期限：",
    ):
        assert f"{wanted}{BY_HAND}" in words(drawn)
    with zipfile.ZipFile(io.BytesIO(docx.write(drawn))) as file:
        body = file.read("word/document.xml").decode()
    before, _, after = body.partition(BY_HAND)
    assert "C2201A" in before[-200:]
    assert after
    shown = preview(drawn, lambda _: "")
    assert any(block.open and BY_HAND in block.text for block in shown)
    assert not any(block.open for block in shown if BY_HAND not in block.text)


def test_a_late_arrival_is_the_verdict_and_asks_for_its_reason(wang: User) -> None:
    ticket = incident(wang)
    go(ticket, "accept", wang, later(2))
    go(ticket, "start", wang, later(3))
    note(ticket, Instant.PHONE_RESPONDED, later(10), wang)
    note(ticket, Instant.ARRIVED, later(125), wang)
    held = fault.gather(ticket.number)
    result, sentence = fault.conclusion(held)
    assert result is Result.ABNORMAL
    assert "到达现场" in sentence
    assert f"超时原因：{BY_HAND}" in _drawn(ticket.number, wang)


def test_an_open_fault_says_so_on_its_cover(wang: User) -> None:
    ticket = incident(wang)
    made = document_of(actions.build("fault", ticket.number, wang, later(5)))
    assert "截至 2022-11-07 09:00" in made.cover.notice
    assert fault.conclusion(fault.gather(ticket.number))[0] is Result.ATTENTION


def test_a_confirmed_fault_within_its_limits_is_normal(
    ticket: Ticket, wang: User, gu: User
) -> None:
    go(ticket, "confirm", gu, later(110))
    result, sentence = fault.conclusion(fault.gather(ticket.number))
    assert (result, "用户已确认" in sentence) == (Result.NORMAL, True)


def test_no_telephone_and_no_identity_number_is_printed(wang: User) -> None:
    ticket = incident(
        wang, text="患者 310106198001011234 调阅失败，回电 13812345678", phone="13912345678",
        reporter="李护士 13700000000",
    )  # fmt: skip
    said = _drawn(ticket.number, wang)
    assert "李护士" in said
    for number in ("310106198001011234", "13812345678", "13912345678", "13700000000"):
        assert number not in said
    assert "（手机号略）" in said
    assert "（证件号略）" in said


def test_a_core_system_is_counted_and_its_downtime_told(wang: User, gu: User) -> None:
    pacs = application()
    pacs.core = pacs.Core.YES
    pacs.save()
    ticket = incident(
        wang, application=pacs, institution=institution(),
        occurred_at=later(-10), detected_at=later(-5),
    )  # fmt: skip
    note(ticket, Instant.RESTORED, later(80), wang)
    ticket.refresh_from_db()
    desk.classify(ticket, Cause.HARDWARE, "控制器故障", wang, later(90), version=ticket.version)
    held = fault.gather(ticket.number)
    assert held.down is not None
    assert (held.down.seconds, held.down.core, held.down.assumed) == (90 * 60, True, False)
    said = _drawn(ticket.number, wang)
    for wanted in ("1 小时 30 分", "设备硬件故障", "控制器故障", "静安中心医院", "区域PACS"):
        assert wanted in said, wanted
    asked = desk.exclude(ticket, "业务系统原因", wang, later(95), version=ticket.version)
    desk.answer(ticket, asked, True, gu, later(96), version=ticket.version)
    assert "甲方同意剔除" in _drawn(ticket.number, wang)
    now = fault.gather(ticket.number).down
    assert now is not None
    assert (now.core, now.counted) == (True, False)


def test_a_core_outage_counts_from_its_first_record_unless_its_cause_does_not(wang: User) -> None:
    pacs = application()
    pacs.core = pacs.Core.YES
    pacs.save()
    ticket = incident(wang, application=pacs)
    fresh = fault.gather(ticket.number).down
    assert fresh is not None
    assert (fresh.core, fresh.counted, fresh.seconds) == (True, True, 0)
    desk.classify(ticket, Cause.POWER, "市电停电", wang, later(5), version=ticket.version)
    other = fault.gather(ticket.number).down
    assert other is not None
    assert (other.core, other.counted) == (True, False)


def test_a_degradation_is_no_downtime(wang: User) -> None:
    ticket = incident(wang, severity=Severity.DEGRADED)
    assert fault.gather(ticket.number).down is None
    assert "不计停机" in _drawn(ticket.number, wang)


def test_gradings_escalations_parts_and_findings_are_told(wang: User, gu: User) -> None:
    thing = target()
    ticket = desk.open_from_finding(finding(thing), Severity.DEGRADED, wang, MORNING)
    desk.regrade(ticket, Severity.OUTAGE, "全院停诊", gu, later(5), version=ticket.version)
    desk.escalate(
        ticket, SupportLevel.MAKER, "控制器日志看不懂", wang, later(6), version=ticket.version
    )
    SparePart.objects.create(
        ticket=ticket, target=thing, name="硬盘", maker="华为", model="900G", serial_out="OLD-1",
        serial_in="NEW-1", origin="genuine", disk=True, disk_kept="信息中心保险柜",
        fitted_at=later(60), entered_at=later(61), by=wang, by_name="王磊",
    )  # fmt: skip
    held = fault.gather(ticket.number)
    assert held.gradings[0].label == Severity.DEGRADED.label
    said = _drawn(ticket.number, wang)
    for wanted in (
        "一线 → 原厂", "控制器日志看不懂", "OLD-1", "NEW-1", "原厂正品", "信息中心保险柜",
        "全院停诊", "磁盘 3 预故障", "检查发现",
    ):  # fmt: skip
        assert wanted in said, wanted


def test_a_correction_and_a_late_entry_are_marked(wang: User) -> None:
    ticket = incident(wang)
    note(ticket, Instant.PHONE_RESPONDED, later(5), wang, now=later(60))
    moments = {moment.label: moment for moment in fault.gather(ticket.number).moments}
    assert moments["电话响应"].late
    assert "补录" in _drawn(ticket.number, wang)


def test_only_standing_faults_have_a_report(wang: User, gu: User) -> None:
    with pytest.raises(ReportError, match="没有单号"):
        fault.gather("WX-1999-0001")
    with pytest.raises(ReportError, match="没有单号"):
        fault.gather("\0")
    with pytest.raises(ReportError, match="不是故障"):
        fault.gather(request(wang).number)
    gone = incident(wang)
    go(gone, "cancel", gu, later(5), reason="误报")
    with pytest.raises(ReportError, match="已撤销"):
        fault.gather(gone.number)


def test_the_same_records_give_the_same_report_and_new_ones_a_new_version(
    ticket: Ticket, wang: User
) -> None:
    assert fault.gather(ticket.number) == fault.gather(ticket.number)
    first = actions.build("fault", ticket.number, wang, later(300))
    assert actions.build("fault", ticket.number, wang, later(400)) == first
    desk.log_work(ticket, "复查日志", wang, later(401), minutes=10)
    assert actions.build("fault", ticket.number, wang, later(402)).version == 2


def test_the_facts_survive_the_snapshot(ticket: Ticket) -> None:
    held = fault.gather(ticket.number)
    assert from_json(Fault, to_json(held)) == held


def test_the_files_can_be_written(ticket: Ticket, wang: User) -> None:
    drawn = document_of(actions.build("fault", ticket.number, wang, later(300)))
    made = pdf.write(drawn)
    assert made.startswith(b"%PDF")
    assert len(docx.write(drawn, pdf.heading_pages(drawn))) > 10_000
    assert kinds.of("fault").label == "故障处理报告"
