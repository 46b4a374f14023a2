"""The daily report: thirteen sections in order, every exception named, the unknown never zero."""

from dataclasses import replace
from datetime import date

import district_day
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.reports import daily
from jingwei.reports.daily import front
from jingwei.reports.daily.appendix import families, fitted
from jingwei.reports.daily.checks import TITLES, check_table, sections, uncovered
from jingwei.reports.daily.incidents import incidents
from jingwei.reports.daily.sheet import Answer, Head, Item, Section, Sheet, count, verdict
from jingwei.reports.daily.words import clip, key_list, length, measured, natural, remark, share
from jingwei.reports.document import (
    Block,
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    RowsRef,
    SignatureBlock,
    Table,
)
from jingwei.terms import Result

SECTIONS = [
    "一、表头", "二、汇总", "三、业务系统交互数据检查", "四、应用可用性", "五、数据库", "六、备份",
    "七、阵列与磁盘", "八、服务器", "九、网络与安全", "十、日志检查", "十一、机房",
    "十二、异常与处置", "十三、签名",
]  # fmt: skip


def first_level(document: Document) -> list[str]:
    return [heading.text for heading in document.headings if heading.level == 1]


def under(blocks: tuple[Block, ...], title: str) -> list[Block]:
    """The blocks of one section."""
    found: list[Block] = []
    inside = False
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text == title
        elif inside:
            found.append(block)
    return found


def text_of(blocks: list[Block]) -> str:
    """Everything some blocks say, one line a cell."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            lines += [block.caption] + [column.title for column in block.columns]
            lines += [cell.text for row in block.rows for cell in row.cells]
        elif isinstance(block, KeyValues):
            lines += [f"{label}={cell.text}" for label, cell in block.pairs]
        elif isinstance(block, SignatureBlock):
            lines += [line for party in block.parties for line in (party.title, *party.lines)]
        elif isinstance(block, Heading | Paragraph | Note):
            lines.append(block.text)
    return "\n".join(lines)


def day(sheet: Sheet, **more: object) -> Sheet:
    return replace(sheet, head=replace(sheet.head, **more))  # type: ignore[arg-type]


def test_the_thirteen_sections_stand_in_order(bad_document: Document) -> None:
    assert first_level(bad_document) == [*SECTIONS, "附件　逐项明细"]


def test_a_day_on_which_nothing_ran_has_the_same_sections(good_sheet: Sheet) -> None:
    empty = Sheet(good_sheet.project, Head(district_day.DAY), ())
    document = daily.document(empty, district_day.issue(), draft=True)
    assert first_level(document) == SECTIONS
    for title in SECTIONS[2:11]:
        assert "未采集" in text_of(under(document.blocks, title))
    assert "本期无" in text_of(under(document.blocks, "十二、异常与处置"))


def test_the_routine_plans_nothing_that_the_report_has_no_section_for(good_sheet: Sheet) -> None:
    assert {section.id for section in good_sheet.sections} == set(TITLES)
    assert all(TITLES[section.id][0] == section.number for section in good_sheet.sections)


def test_every_row_reads_as_the_rules_ask(bad_sheet: Sheet) -> None:
    for section in bad_sheet.sections:
        titles = [column.title for column in check_table(section).columns]
        assert titles == ["检查项", "标准", "结果", "实测值", "说明", "转单号"]


def test_captions_are_numbered_through(bad_document: Document) -> None:
    captions = [
        block.caption for block in bad_document.blocks if isinstance(block, Table) and block.caption
    ]
    assert captions[0] == "修订记录"
    numbers = [caption.split("　")[0] for caption in captions[1:]]
    assert numbers == [f"表 {number}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("三、业务系统交互数据检查", "未采集（交换数据模块尚未接入）"),
        ("六、备份", "未采集（备份模块尚未接入）"),
        ("十、日志检查", "未采集（日志模块尚未接入）"),
    ],
)
def test_a_room_that_is_not_there_yet_is_uncollected_with_its_reason(
    bad_document: Document, title: str, reason: str
) -> None:
    said = text_of(under(bad_document.blocks, title))
    assert reason in said
    assert "正常" not in said.replace("异常", "")


def test_the_exchange_table_groups_systems_by_what_they_cover(bad_document: Document) -> None:
    table = under(bad_document.blocks, "三、业务系统交互数据检查")[0]
    assert isinstance(table, Table)
    assert [row.cells[0].text for row in table.rows] == [
        "全区", "静安北", "二级医院8家，社区服务中心15家"
    ]  # fmt: skip
    assert table.rows[0].cells[1].text == "11 个：APP-01～11"
    for word in ("应传/实传", "门诊", "处方", "最大业务时间", "失败", "重传", "偏差"):
        assert word in text_of([table])


def test_every_application_has_a_row_of_its_own(bad_document: Document) -> None:
    table = under(bad_document.blocks, "四、应用可用性")[1]
    assert isinstance(table, Table)
    assert len(table.rows) == 25
    assert [row.cells[0].text for row in table.rows] == [str(n) for n in range(1, 26)]
    tenth = [cell.text for cell in table.rows[9].cells]
    assert tenth[2].split("\n") == [
        "HTTP", "TLS", "DICOM C-ECHO", "影像查询", "影像入库", "接口服务（FHIR、SOAP、DICOMweb）",
    ]  # fmt: skip
    assert tenth[3] == "38 ms"
    assert "● DICOM C-ECHO" in tenth[4]
    assert tenth[6].startswith("记录 ")


def test_a_response_time_nobody_measured_is_not_zero(good_sheet: Sheet) -> None:
    blank = replace(
        good_sheet.sections[1],
        items=tuple(
            replace(item, answers=tuple(replace(a, took_ms=None) for a in item.answers))
            for item in good_sheet.sections[1].items
        ),
    )
    table = sections(replace(good_sheet, sections=(blank,)))
    assert "未采集" in text_of([block for block in table if isinstance(block, Table)])


def test_an_application_nobody_asked_gives_its_reason_once(good_sheet: Sheet) -> None:
    section = good_sheet.sections[1]
    items = tuple(
        replace(item, answers=tuple(
            Answer(a.target, a.label, a.kind, Result.UNCHECKED, reason="尚未检查")
            for a in item.answers
        ))
        for item in section.items
    )  # fmt: skip
    made = sections(replace(good_sheet, sections=(replace(section, items=items),)))
    table = next(b for b in made if isinstance(b, Table) and b.caption.startswith("应用逐一"))
    assert table.rows[3].cells[4].text == (
        "? 健康页可用、登录页可用、证书有效期：未采集（尚未检查）"
    )
    assert table.rows[3].cells[5].text == "? 未检"


def test_every_database_has_a_row_of_its_own(bad_document: Document) -> None:
    table = under(bad_document.blocks, "五、数据库")[1]
    assert isinstance(table, Table)
    assert len(table.rows) == 4
    assert table.rows[0].cells[3].text == "● 正常 61.35 %"


def test_what_section_2_asks_for_and_nothing_proves_is_named(good_sheet: Sheet) -> None:
    database = next(section for section in good_sheet.sections if section.id == "database")
    assert uncovered(database) == ["监听", "告警日志错误", "失效对象"]
    fewer = tuple(item for item in database.items if item.id != "db.jobs")
    assert "作业" in uncovered(replace(database, items=fewer))


def test_many_normals_are_one_row_of_counts(good_sheet: Sheet) -> None:
    server = next(section for section in good_sheet.sections if section.id == "server")
    table = check_table(server)
    online = table.rows[0]
    assert online.cells[2].text == "● 正常"
    assert online.cells[3].text == "应检 74，已检 74，正常 74"
    assert online.cells[3].rows == RowsRef("server", "server.online")
    assert len(table.rows) == 10  # nine items, and the power supplies nobody can read


def test_every_exception_has_a_row_of_its_own(bad_sheet: Sheet) -> None:
    storage = next(section for section in bad_sheet.sections if section.id == "storage")
    rows = [row for row in check_table(storage).rows if row.cells[0].text.startswith("HW-004-3")]
    assert [cell.text for cell in rows[0].cells][2:] == [
        "✕ 异常", "CTE0.3 预失效（24 / 25 健康）", "趋势：昨日正常", "发现 31"
    ]  # fmt: skip
    assert rows[0].cells[1].text == "阈值 全部健康"


def test_unchecked_targets_are_named_with_their_reason(good_sheet: Sheet) -> None:
    server = next(section for section in good_sheet.sections if section.id == "server")
    power = next(item for item in server.items if item.id == "server.power")
    silent = [answer for answer in power.answers if answer.result is Result.UNCHECKED]
    row = next(row for row in check_table(server).rows if "个对象" in row.cells[0].text)
    assert row.cells[0].text.startswith(f"{len(silent)} 个对象：")
    assert row.cells[2].text == "未采集（IPMI 探针尚未接入；该型号无 Redfish）"
    for answer in silent:
        assert answer.target.rpartition("-")[2] in row.cells[0].text


def test_no_answer_of_the_day_is_lost_from_the_paper(bad_sheet: Sheet) -> None:
    planned = sum(count(section.answers).planned for section in bad_sheet.sections)
    table = front.summary(bad_sheet)[2]
    assert isinstance(table, Table)
    assert table.rows[-1].cells[2].text == str(planned) == str(len(bad_sheet.answers))


def test_the_sums_of_every_section_agree(bad_sheet: Sheet) -> None:
    table = front.summary(bad_sheet)[2]
    assert isinstance(table, Table)
    for row in table.rows:
        _, targets, planned, checked, *rest = [cell.text for cell in row.cells][:9]
        normal, attention, abnormal, unchecked, not_applicable = map(int, rest)
        assert int(checked) == normal + attention + abnormal
        assert int(planned) == int(checked) + unchecked + not_applicable
        assert int(targets) <= int(planned)
    for index in range(2, 9):
        column = [int(row.cells[index].text) for row in table.rows]
        assert sum(column[:-1]) == column[-1]


def test_every_number_of_the_summary_opens_its_rows(bad_sheet: Sheet) -> None:
    table = front.summary(bad_sheet)[2]
    assert isinstance(table, Table)
    storage = next(row for row in table.rows if row.cells[0].text == "阵列与磁盘检查")
    assert storage.cells[6].rows == RowsRef("storage", result="abnormal")
    assert storage.cells[3].rows == RowsRef("storage", result="checked")
    assert all(cell.rows is not None for row in table.rows for cell in row.cells[1:9])


def test_reasons_for_what_was_not_checked_are_counted(bad_sheet: Sheet) -> None:
    table = front.summary(bad_sheet)[3]
    assert isinstance(table, Table)
    unchecked = count(bad_sheet.answers).unchecked
    assert sum(int(row.cells[1].text) for row in table.rows) == unchecked


def test_a_day_that_was_not_run_is_unfinished_and_never_normal(good_sheet: Sheet) -> None:
    blank = tuple(
        replace(section, items=tuple(
            replace(item, answers=tuple(
                replace(a, result=Result.UNCHECKED, id=None, reading="", reason="尚未检查")
                for a in item.answers
            ))
            for item in section.items
        ))
        for section in good_sheet.sections
    )  # fmt: skip
    sheet = replace(good_sheet, head=Head(district_day.DAY), sections=blank)
    state, sentence = front.conclusion(sheet)
    assert state is Result.UNCHECKED
    assert sentence.startswith("未完成：本日日检尚未执行")
    document = daily.document(sheet, district_day.issue(), draft=True)
    assert "● 正常" not in text_of(list(document.blocks)).replace("● 正常　◆ 关注", "")


def test_a_running_check_is_unfinished(good_sheet: Sheet) -> None:
    state, sentence = front.conclusion(day(good_sheet, finished_at=None))
    assert state is Result.UNCHECKED
    assert "正在进行" in sentence


def test_the_verdict_of_a_good_day_does_not_call_the_unchecked_normal(good_sheet: Sheet) -> None:
    state, sentence = front.conclusion(good_sheet)
    assert state is Result.UNCHECKED
    assert "不作正常判定" in sentence


def test_only_a_day_fully_checked_is_normal(good_sheet: Sheet) -> None:
    server = next(section for section in good_sheet.sections if section.id == "server")
    whole = replace(good_sheet, sections=(replace(server, items=server.items[:1]),))
    assert front.conclusion(whole) == (Result.NORMAL, "应检 74 项全部检查，全部正常。")


def test_exceptions_make_the_verdict(bad_sheet: Sheet) -> None:
    state, sentence = front.conclusion(bad_sheet)
    assert state is Result.ABNORMAL
    assert sentence.startswith("发现异常 3 项，关注 1 项，详见第十二节")


def test_the_exceptions_page_lists_answers_and_findings_of_the_day(bad_sheet: Sheet) -> None:
    table = incidents(bad_sheet)[1]
    assert isinstance(table, Table)
    said = [[cell.text for cell in row.cells] for row in table.rows]
    assert [row[3] for row in said] == ["✕ 异常"] * 3 + ["◆ 关注", "✕ 异常"]
    assert [row[7] for row in said] == ["—", "发现 31", "发现 32", "发现 33", "发现 30"]
    disk = next(row for row in said if row[7] == "发现 31")
    assert disk[6].endswith("王磊：已核对 SMART，申请备件")
    assert disk[8] == "处置中\n王磊 已确认"
    assert said[0][8] == "未建发现"
    assert said[-1][8].startswith("已恢复\n2026-11-20")
    assert "（阈值 not 18..28）" in said[2][5]


def test_a_day_without_exceptions_says_so(good_sheet: Sheet) -> None:
    assert text_of(incidents(good_sheet)) == "十二、异常与处置\n本期无。"


def test_the_head_says_what_nobody_filled_in(good_sheet: Sheet) -> None:
    bare = replace(good_sheet, head=Head(district_day.DAY))
    said = text_of(front.header(bare))
    assert "天　　气=未采集（未填写）" in said
    assert "检 查 人=未采集（未填写）" in said
    assert "值班签到=未采集（未填写）（应 ≥4 人）" in said
    assert "开始时间=未采集（日检尚未开始）" in said
    assert "是否工作日=未公布" in said


def test_the_head_says_who_was_there(good_sheet: Sheet) -> None:
    said = text_of(front.header(good_sheet))
    assert "值班签到=4 人：王磊、陈思远、李婷、赵敏（应 ≥4 人）" in said
    assert "日　　期=2026-11-20　星期五" in said


def test_three_on_duty_are_too_few(good_sheet: Sheet) -> None:
    assert "3 人，不足 4 人" in text_of(front.header(day(good_sheet, present=("甲", "乙", "丙"))))


def test_a_holiday_names_itself(good_sheet: Sheet) -> None:
    off = day(good_sheet, working_day=False, day_name="国庆节", date=date(2026, 10, 1))
    assert "是否工作日=休息日（国庆节）" in text_of(front.header(off))


def test_a_check_on_a_day_off_is_signed_on_the_next_working_day(good_sheet: Sheet) -> None:
    note = "由下一工作日补签"
    assert note in text_of(front.signatures(day(good_sheet, working_day=False)))
    assert note in text_of(front.signatures(day(good_sheet, automatic_only=True)))
    assert note not in text_of(front.signatures(good_sheet))


def test_both_sides_have_room_to_sign(good_sheet: Sheet) -> None:
    said = text_of(front.signatures(good_sheet))
    for word in ("服务方（盖章）", "用户方（盖章）", "□ 同意", "□ 有保留", "检 查 人：王磊"):
        assert word in said


def test_the_cover_has_what_the_layout_rules_ask(bad_document: Document) -> None:
    facts = dict(bad_document.cover.facts)
    assert facts["报告期"] == "2026-11-20 至 2026-11-20（星期五）"
    assert facts["报告编号"] == "JAWS-RJ-20261120-01（V1）"
    assert facts["密　　级"] == "内部"
    assert facts["用户方"] == "上海市静安区卫生信息中心"
    assert {"服务方", "编　　制", "审　　核", "批　　准", "编制日期"} <= set(facts)


def test_a_demonstration_says_so_on_the_cover(good_sheet: Sheet) -> None:
    real = replace(good_sheet, project=replace(good_sheet.project, demonstration=False))
    assert "演示区域" in daily.document(good_sheet, district_day.issue(), draft=False).cover.notice
    assert daily.document(real, district_day.issue(), draft=False).cover.notice == ""


def test_a_note_a_photo_and_a_late_entry_are_told() -> None:
    answer = Answer("A", "甲", "kvm", Result.NORMAL, note="已切换", source="manual", by="李婷",
                    files=2, late=True)  # fmt: skip
    assert remark(answer) == "已切换；人工：李婷；附件 2 个；补录"


def test_a_reason_is_said_once() -> None:
    same = Answer("A", "甲", "switch", Result.ABNORMAL, reading="无应答", reason="无应答")
    assert remark(same) == "—"
    silent = Answer("A", "甲", "switch", Result.UNCHECKED, reason="采集器故障")
    assert (measured(silent), remark(silent)) == ("未采集（采集器故障）", "—")


def test_an_answer_without_reading_is_never_blank() -> None:
    assert measured(Answer("A", "甲", "x", Result.UNCHECKED)) == "未采集（无数据）"
    assert measured(Answer("A", "甲", "x", Result.NORMAL)) == "—"


def test_answers_to_items_the_content_dropped_stay_in_sight(good_sheet: Sheet) -> None:
    kept = Section("dropped", 99, "已取消的检查项", (
        Item("old.item", "旧检查项", answers=(Answer("A", "甲", "x", Result.ABNORMAL),)),
    ))  # fmt: skip
    sheet = replace(good_sheet, sections=(*good_sheet.sections, kept))
    document = daily.document(sheet, district_day.issue(), draft=False)
    assert "已取消的检查项" in text_of(list(document.blocks))
    assert "旧检查项" in text_of(list(document.blocks))


def test_the_appendix_has_every_target_of_every_present_room(bad_sheet: Sheet) -> None:
    listed = {target for family in families(bad_sheet) for target in family.targets}
    asked = {
        answer.target
        for section in bad_sheet.sections
        if section.id != "database"
        for item in section.items
        if not item.until
        for answer in item.answers
    }
    assert listed == asked


def test_items_of_the_same_targets_share_a_grid(bad_sheet: Sheet) -> None:
    servers = next(f for f in families(bad_sheet) if f.items[-1].id == "server.load")
    assert [item.id for item in servers.items] == [
        "server.disk", "server.online", "server.power", "server.thermal", "server.memory",
        "server.load",
    ]  # fmt: skip
    keys = list(servers.targets)
    assert keys == sorted(keys, key=natural)


def test_an_exception_is_said_in_the_appendix_too(bad_document: Document) -> None:
    said = text_of(under(bad_document.blocks, "附件　逐项明细"))
    assert "✕ 异常 29.4 ℃" in said
    assert "● 22.4 ℃" in said


def test_the_same_sheet_gives_the_same_tree(bad_sheet: Sheet) -> None:
    again = district_day.bad_day(district_day.ROUTINE)
    issue = district_day.issue()
    assert daily.document(again, issue, draft=False) == daily.document(
        bad_sheet, issue, draft=False
    )


@given(st.lists(st.sampled_from(Result), max_size=30))
def test_counts_always_add_up(results: list[Result]) -> None:
    answers = [Answer(str(n), "", "", result) for n, result in enumerate(results)]
    counts = count(answers)
    assert counts.planned == counts.checked + counts.unchecked + counts.not_applicable
    assert share(counts).startswith(f"应检 {len(results)}，已检 {counts.checked}")
    if Result.UNCHECKED in results:
        assert verdict(answers) is not Result.NORMAL
        assert counts.worst is not Result.NORMAL


@given(st.lists(st.tuples(st.sampled_from(["HW-001", "HW-002"]), st.integers(1, 40)), max_size=40))
def test_neighbouring_keys_are_drawn_together_and_none_is_lost(
    pairs: list[tuple[str, int]],
) -> None:
    keys = sorted({f"{stem}-{number}" for stem, number in pairs}, key=natural)
    opened: list[str] = []
    for part in key_list(keys).split("、") if keys else []:
        first, _, last = part.partition("～")
        stem, _, number = first.rpartition("-")
        opened += [f"{stem}-{n}" for n in range(int(number), int(last or number) + 1)]
    assert opened == keys


@given(st.text(max_size=40), st.integers(1, 20))
def test_clipped_text_fits(text: str, width: int) -> None:
    held = clip(text, width)
    assert held == text or held.endswith("…")
    assert length(held.removesuffix("…")) <= width


@given(st.lists(st.floats(0.5, 60), min_size=1, max_size=9), st.floats(40, 80))
def test_columns_share_the_room_and_nobody_gets_more_than_needed(
    needs: list[float], room: float
) -> None:
    widths = fitted(needs, room)
    assert sum(widths) <= room + 1e-6
    for need, width in zip(needs, widths, strict=True):
        assert width <= max(need, 4.0) + 1e-6
    if sum(max(need, 4.0) for need in needs) <= room:
        assert widths == [max(need, 4.0) for need in needs]
