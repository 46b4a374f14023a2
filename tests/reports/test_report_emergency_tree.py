"""The emergency report as a tree: every section says something, whatever is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jingwei.reports import files, front
from jingwei.reports.daily.sheet import Issue, Project, Revision
from jingwei.reports.document import (
    Document,
    Heading,
    KeyValues,
    Note,
    Paragraph,
    SignatureBlock,
    Table,
)
from jingwei.reports.emergency import conclusion, document
from jingwei.reports.emergency.facts import (
    Called,
    Handling,
    Level,
    Line,
    Moment,
    Outage,
    Step,
    Timer,
    YearBudget,
)
from jingwei.reports.emergency.words import duration
from jingwei.reports.revive import from_json, to_json
from jingwei.terms import SHANGHAI, Result

EVE = datetime(2023, 1, 20, 17, 20, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
PROJECT = Project("静安区区域卫生信息平台日常运维", "静安区卫生信息中心", "中标服务方")
ISSUE = Issue("JAWS-YJ-2023-001", 1, EVE, "王工", (Revision("V1", EVE, "王工", "初稿"),))


def timer(label: str = "应急响应", state: str = "达标", *, judged: bool = True) -> Timer:
    """One limit."""
    return Timer(label, "7x24", judged, 300, EVE, EVE + 5 * MINUTE, EVE + 4 * MINUTE, 240, state)


def handling(**more: object) -> Handling:
    """A whole event, ended in time."""
    held = Handling(
        project=PROJECT, number="YJ-2023-001", title="PACS 不可用", text="调阅超时",
        site="永和路数据中心", system="区域PACS（北片）", target="", stage="已终止", ended=True,
        disaster=False,
        level=Level(
            "一级应急响应事件", "点名核心系统", "节前", "业务中断", "王工", EVE, "顾主任 同意"
        ),
        declared_at=EVE, declared_by="王工", as_of=EVE + 100 * MINUTE,
        outage=Outage(EVE, EVE + 90 * MINUTE, 5400, "设备硬件故障", "控制器故障", "", ""),
        ticket="GD-2023-00001", solution="更换控制器",
        moments=(Moment("发现", EVE, "王工", late=True), Moment("诊断完成")),
        timers=(timer(),), calls=(Called("项目负责人", "陈经理", 2, EVE + MINUTE, "王工"),),
        lines=(Line(EVE, "启动应急", "一级", "王工"),),
        steps=(Step(1, "先期处置", "查看存储", "一线", done=True, at=EVE, by="王工"),),
        plan="PACS不可用 v1",
        budget=YearBudget(date(2022, 11, 1), date(2023, 10, 31), 5400, 7200, 0, 81000, 86400),
    )  # fmt: skip
    return replace(held, **more)  # type: ignore[arg-type]


def drawn(held: Handling, *, draft: bool = False) -> Document:
    """Its document."""
    return document(held, ISSUE, draft=draft)


def words(made: Document) -> str:
    """Everything it says, a line each."""

    def lines() -> Iterator[str]:
        for block in made.blocks:
            if isinstance(block, Table):
                yield block.caption
                yield from (cell.text for row in block.rows for cell in row.cells)
            elif isinstance(block, KeyValues):
                yield from (cell.text for _, cell in block.pairs)
            elif isinstance(block, Heading | Paragraph | Note):
                yield block.text

    return "\n".join(lines())


def test_the_nine_sections_stand_in_order() -> None:
    titles = [each.text for each in drawn(handling()).headings if each.level == 1]
    assert [title.split("、")[0] for title in titles] == list("一二三四五六七八九")


def test_it_ends_with_the_signatures_of_both_sides() -> None:
    last = drawn(handling()).blocks[-1]
    assert isinstance(last, SignatureBlock)
    assert [party.title for party in last.parties] == ["服务方（盖章）", "用户方（盖章）"]


def test_tables_are_numbered_and_the_revisions_are_not() -> None:
    captions = [block.caption for block in drawn(handling()).blocks if isinstance(block, Table)]
    assert captions[0] == "修订记录"
    assert [caption.split("　")[0] for caption in captions[1:]] == [
        "表 1", "表 2", "表 3", "表 4", "表 5",
    ]  # fmt: skip


def test_what_is_missing_is_said_and_never_blank() -> None:
    bare = handling(
        text="", system="", ticket="", solution="", plan="", moments=(Moment("发生"),), timers=(),
        calls=(), lines=(), steps=(), budget=None,
        outage=Outage(EVE, None, 5400, "未分类", "", "", ""), ended=False, stage="处置中",
    )  # fmt: skip
    said = words(drawn(bare))
    for wanted in (
        "未记录", "通知名单未登记", "未启用预案", "尚未恢复", "没有生效的合同", "待服务方填写",
        "未恢复，计至", "本次无", "未召唤原厂",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert "尚未确认终止" in said
    for block in drawn(bare).blocks:
        if isinstance(block, Paragraph):
            assert block.text.strip()


def test_an_open_event_is_a_first_report_and_a_draft_is_marked() -> None:
    made = drawn(handling(ended=False, stage="处置中"), draft=True)
    assert made.cover.notice.startswith("初报：事件处置中")
    assert made.meta.mark == "草稿"
    assert drawn(handling()).cover.notice == ""
    assert drawn(handling()).meta.mark == ""


def test_a_demonstration_is_marked_on_the_cover() -> None:
    made = drawn(handling(project=replace(PROJECT, demonstration=True)))
    assert made.cover.notice == front.DEMONSTRATION


def test_what_the_client_excluded_is_not_counted_and_says_by_whom() -> None:
    outage = Outage(EVE, EVE + 90 * MINUTE, 5400, "业务系统故障", "软件缺陷", "顾主任", "L684")
    said = words(drawn(handling(outage=outage)))
    assert "顾主任 批准：L684" in said
    assert "0 分" in said
    assert "1 小时 30 分" in said


def test_union_and_sum_stand_beside_each_other() -> None:
    said = words(drawn(handling()))
    assert "1 小时 30 分" in said
    assert "2 小时" in said
    assert "22 小时 30 分" in said


def test_a_change_of_level_is_told_with_the_answer() -> None:
    change = Line(EVE, "降级为二级应急响应事件", "影响收窄（同意）", "王工")
    assert "影响收窄（同意）" in words(drawn(handling(levels=(change,))))


def test_a_late_record_and_a_correction_are_told() -> None:
    line = Line(EVE, "到场", "（更正）核对门禁", "王工", late=True)
    said = words(drawn(handling(lines=(line,))))
    assert "（补录）" in said
    assert "（更正）核对门禁" in said


def test_the_maker_who_was_called_is_named() -> None:
    maker = Called("原厂工程师", "华为工程师", 1, EVE)
    assert "已召唤原厂：华为工程师" in words(drawn(handling(calls=(maker,))))
    listed = Called("原厂工程师", "华为工程师", 0)
    assert "未召唤原厂" in words(drawn(handling(calls=(listed,))))
    nobody = Called("一线驻场", "李一线", 2)
    assert "未接通" in words(drawn(handling(calls=(nobody,))))
    untold = Called("一线驻场", "李一线", 0)
    assert "未通知" in words(drawn(handling(calls=(untold,))))


def test_a_disaster_says_its_limits() -> None:
    assert "2 小时诊断" in words(drawn(handling(disaster=True)))


@pytest.mark.parametrize(
    ("timers", "ended", "result", "said"),
    [
        ((timer(),), True, Result.NORMAL, "时限均达标"),
        ((timer(state="超时"),), True, Result.ABNORMAL, "超时：应急响应"),
        ((timer(state="超时", judged=False),), True, Result.NORMAL, "时限均达标"),
        ((timer(),), False, Result.ATTENTION, "尚未终止"),
        ((timer(state="数据缺陷"),), True, Result.ATTENTION, "应急响应：数据缺陷"),
        ((timer(state="不适用"),), True, Result.NORMAL, "时限均达标"),
        ((timer(state="未起算"),), True, Result.ATTENTION, "未起算"),
    ],
)  # fmt: skip
def test_the_verdict_is_met_only_when_every_judged_limit_is(
    timers: tuple[Timer, ...], ended: bool, result: Result, said: str
) -> None:
    found, sentence = conclusion(handling(timers=timers, ended=ended))
    assert found is result
    assert said in sentence


def test_the_period_is_from_its_first_day_to_its_last() -> None:
    over = Outage(EVE, EVE + timedelta(hours=10), 36000, "未分类", "", "", "")
    assert handling(outage=over).period == (date(2023, 1, 20), date(2023, 1, 21))
    still = Outage(EVE, None, 0, "未分类", "", "", "")
    assert handling(outage=still).period == (date(2023, 1, 20), date(2023, 1, 20))


def test_a_snapshot_is_read_back_as_it_was_written() -> None:
    held = handling()
    assert from_json(Handling, to_json(held)) == held


def test_the_same_facts_give_the_same_document() -> None:
    assert drawn(handling()) == drawn(handling())


def test_both_writers_take_it_whatever_somebody_typed() -> None:
    strange = "很长" * 400 + "\x0b\x00<b>&\ud800 𠮷"
    line = Line(EVE, "处置记录", strange, "王工")
    made = files.produce(drawn(handling(lines=(line,) * 30, text=strange)), ("docx", "pdf"))
    assert made["pdf"].startswith(b"%PDF")
    assert made["docx"].startswith(b"PK")


@given(some.integers(-(10**7), 10**7))
def test_a_duration_names_what_it_has_and_loses_no_second(seconds: int) -> None:
    sizes = {"小时": 3600, "分": 60, "秒": 1}
    text = duration(seconds)
    parts = text.removeprefix("-").split()
    total = sum(int(n) * sizes[unit] for n, unit in zip(parts[::2], parts[1::2], strict=True))
    assert total == abs(seconds)
    assert text.startswith("-") == (seconds < 0)
