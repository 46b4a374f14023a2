"""数据修改报告单: the whole guarded flow on one paper, and what each guard says."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from desk_making import at, data_change, form, step
from hypothesis import given
from hypothesis import strategies as st
from round_making import said
from slip_making import AFTER, Cast, attached, data_changed

from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import DataChange, Kind, Purpose, State
from jingwei.reports import actions, files
from jingwei.reports.daily.sheet import Issue, Project
from jingwei.reports.document import Document, Heading, Table
from jingwei.reports.errors import ReportError
from jingwei.reports.forms import data_change as forms
from jingwei.reports.forms import parts
from jingwei.reports.forms.data_change import DataForm
from jingwei.reports.forms.facts import Step
from jingwei.reports.snapshot import document_of
from jingwei.terms import Result

ISSUE = Issue("JAWS-SJ-GD-2022-00001-01", 1, at("2022-11-08 10:00"), "王磊")
WHEN = at("2022-11-07 09:40")


def moved(state: State, moment: datetime = WHEN, by: str = "王磊") -> Step:
    """One move to a state."""
    return Step(state, state.label, moment, by)


def flow(*states: State) -> tuple[Step, ...]:
    """The moves in order."""
    return tuple(moved(state) for state in states)


WHOLE = flow(
    State.APPLIED, State.REVIEWED, State.APPROVED, State.BACKED_UP, State.EXECUTING,
    State.EXECUTED, State.CHECKED, State.VERIFIED, State.ARCHIVED,
)  # fmt: skip


def paper(**more: Any) -> DataForm:
    """A data change that went the whole way."""
    given_: dict[str, Any] = {
        "project": Project("静安区区域卫生信息平台日常运维", "信息中心"), "number": "GD-2022-00001",
        "kind": "数据修改", "title": "更正科室代码", "text": "录错", "state": "已归档",
        "ended": True, "cancelled": False, "opened_at": at("2022-11-07 09:00"),
        "as_of": at("2022-11-07 11:00"),
        "steps": WHOLE, "cause": "录入错误", "sealed_by": "陈主任", "script": "UPDATE doc",
        "rollback": "UPDATE doc", "count_query": "SELECT 1", "script_hash": "ab" * 32,
        "expected": 1, "actual": 1, "window_start": at("2022-11-07 09:00"),
        "window_end": at("2022-11-07 12:00"), "backup": "BK-1", "session": "BH-77",
        "images": "IMG-1", "verified_by": "孙医生", "applied_by": "王磊", "reviewed_by": "顾主任",
        "approved_by": "顾主任", "executed_by": "王磊", "checked_by": "李婷",
    }  # fmt: skip
    return DataForm(**{**given_, **more})


def drawn(held: DataForm) -> Document:
    return forms.document(held, ISSUE, draft=True)


def guard(held: DataForm, what: str) -> bool | None:
    """What one guard says."""
    found = [one for one in forms.guards(held) if what in one.what]
    assert len(found) == 1, what
    return found[0].kept


def test_a_whole_flow_is_in_order_and_says_its_rows() -> None:
    result, sentence = forms.conclusion(paper())
    assert result is Result.NORMAL
    assert sentence == "GD-2022-00001 已归档：预期 1 行，实际 1 行"
    assert all(one.kept for one in forms.guards(paper()))


def test_every_mandatory_element_stands_on_the_paper() -> None:
    text = said(drawn(paper()))
    for wanted in (
        "GD-2022-00001", "更正科室代码", "录入错误", "陈主任", "UPDATE doc", "SELECT 1", "BK-1",
        "BH-77", "IMG-1", "孙医生", "李婷", "顾主任", "预期行数", "实际行数", "回滚：本单未回滚",
        "2022-11-07 09:00 至 2022-11-07 12:00", "ab" * 32,
    ):  # fmt: skip
        assert wanted in text, wanted


def test_the_sections_stand_in_the_order_of_the_flow() -> None:
    first = [
        block.text.partition("、")[2] for block in drawn(paper()).blocks
        if isinstance(block, Heading) and block.level == 1
    ]  # fmt: skip
    assert first == ["申请", "脚本", "审批", "执行与复核", "把关核对", "办理过程", "签字盖章"]


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("申请单位负责人签章", {"sealed_by": ""}),
        ("附脚本与行数核对语句", {"count_query": ""}),
        ("附回退脚本", {"rollback": ""}),
        ("执行前已备份", {"backup": ""}),
        ("时间窗内执行", {"window_end": at("2022-11-07 09:30")}),
        ("时间窗内执行", {"window_start": None}),
        ("堡垒机", {"session": ""}),
        ("影响行数", {"actual": 2}),
        ("复核人不是执行人", {"checked_by": "王磊"}),
        ("申请人已验证", {"verified_by": ""}),
    ],
)
def test_what_is_not_kept_is_named_and_the_verdict(what: str, more: dict[str, Any]) -> None:
    held = paper(**more)
    assert guard(held, what) is False
    result, sentence = forms.conclusion(held)
    assert result is Result.ABNORMAL
    assert what in sentence
    assert "不符合" in said(drawn(held))


def test_executed_without_approval_is_told() -> None:
    held = paper(steps=flow(State.APPLIED, State.EXECUTING, State.EXECUTED, State.ARCHIVED))
    assert guard(held, "执行前已批准") is False


def test_a_draft_is_held_to_nothing_it_has_not_come_to() -> None:
    held = paper(
        steps=(), state="草稿", ended=False, backup="", session="", actual=None, checked_by="",
        executed_by="", verified_by="", window_start=None, window_end=None,
    )  # fmt: skip
    kept = {one.what: one.kept for one in forms.guards(held)}
    assert kept["执行前已批准"] is kept["执行前已备份"] is kept["申请人已验证"] is None
    assert forms.conclusion(held) == (Result.ATTENTION, "GD-2022-00001 草稿，未办结")
    text = said(drawn(held))
    assert "未到此步" in text
    assert "未采集（尚未执行完成）" in text
    assert "实际行数 0" not in text


def test_other_rows_than_expected_are_in_order_once_rolled_back() -> None:
    held = paper(actual=7, verified_by="",
                 steps=(*WHOLE[:5], moved(State.ROLLED_BACK), moved(State.ARCHIVED)))  # fmt: skip
    assert guard(held, "影响行数") is True
    result, sentence = forms.conclusion(held)
    assert (result, "实际 7 行，已回滚" in sentence) == (Result.ATTENTION, True)


def test_why_it_was_rolled_back_is_told_with_who_and_when() -> None:
    back = replace(moved(State.ROLLED_BACK), text="回滚：执行中 → 已回滚；行数不符")
    text = said(drawn(paper(steps=(*WHOLE[:5], back), actual=7)))
    assert "回滚：2022-11-07 09:40 王磊：回滚：执行中 → 已回滚；行数不符。" in text


def test_medical_records_in_batches_ask_for_a_second_word() -> None:
    assert guard(paper(medical=True), "二级批准") is False
    assert guard(paper(medical=True, second_by="马主任"), "二级批准") is True
    assert "马主任" in said(drawn(paper(medical=True, second_by="马主任")))
    assert not [one for one in forms.guards(paper()) if "二级批准" in one.what]


def test_an_oral_word_is_owed_on_paper_by_its_day() -> None:
    oral = {"oral_by": "顾主任", "paper_due": date(2022, 11, 8)}
    assert guard(paper(**oral), "口头批准") is None
    assert guard(paper(**oral, as_of=at("2022-11-09 09:00")), "口头批准") is False
    assert guard(paper(**oral, paper="沪卫-7"), "口头批准") is True
    text = said(drawn(paper(**oral)))
    assert "口头：顾主任" in text
    assert "未补办，期限 2022-11-08" in text
    assert "期限 未公布" in said(drawn(paper(oral_by="顾主任")))


def test_an_extraction_is_its_own_paper_with_what_becomes_of_the_data() -> None:
    held = paper(
        purpose=Purpose.EXTRACT.value, rollback="", wanted="科室、日期、数量", masking="去标识",
        medium="加密光盘", expires=date(2023, 1, 31), destroyed="XH-3",
    )  # fmt: skip
    made = drawn(held)
    assert made.meta.title == "取数申请单"
    text = said(made)
    for wanted in ("提取数据", "科室、日期、数量", "去标识", "加密光盘", "2023-01-31", "XH-3"):
        assert wanted in text
    assert not [one for one in forms.guards(held) if "回退" in one.what]
    assert guard(held, "销毁证明") is True
    assert forms.conclusion(held)[0] is Result.NORMAL


def test_an_extraction_past_its_day_without_proof_of_destruction_is_told() -> None:
    given_: dict[str, Any] = {
        "purpose": Purpose.EXTRACT.value, "expires": date(2022, 11, 30), "ended": False,
        "steps": WHOLE[:-1],
    }  # fmt: skip
    assert guard(paper(**given_), "销毁证明") is None
    assert guard(paper(**given_, as_of=at("2022-12-01 09:00")), "销毁证明") is False
    assert "尚无" in said(drawn(paper(**given_)))


def test_a_withdrawn_one_is_neither_good_nor_bad() -> None:
    held = paper(cancelled=True, state="已撤销", backup="", verified_by="")
    assert forms.conclusion(held) == (Result.NOT_APPLICABLE, "GD-2022-00001 已撤销")


@given(expected=st.integers(0, 10**9), actual=st.one_of(st.none(), st.integers(0, 10**9)))
def test_rows_are_kept_only_when_they_are_the_expected_ones(
    expected: int, actual: int | None
) -> None:
    held = paper(expected=expected, actual=actual)
    wanted = None if actual is None else expected == actual
    assert guard(held, "影响行数") is wanted
    assert (forms.conclusion(held)[0] is Result.ABNORMAL) is (wanted is False)


@given(st.text(min_size=1, max_size=2000))
def test_no_row_of_a_script_is_longer_than_a_line(text: str) -> None:
    made = parts.code("执行脚本", text)
    if not isinstance(made, Table):
        assert not text.splitlines()
        return
    assert max(len(row.cells[1].text) for row in made.rows) <= 120
    kept = "".join(row.cells[1].text for row in made.rows if row.cells[1].text != "　")
    assert kept == "".join(line for line in text.splitlines() if line != "　")


def test_a_script_of_many_pages_runs_on_and_is_cut_nowhere() -> None:
    script = "\n".join(f"UPDATE doc SET dept = 2 WHERE id = {n};" for n in range(400))
    written = files.produce(drawn(paper(script=script, count_query="SELECT 1;" * 500)))
    assert written["pdf"][:5] == b"%PDF-"
    assert written["docx"][:2] == b"PK"


@pytest.mark.django_db
def test_the_paper_says_what_the_desk_recorded() -> None:
    cast = Cast()
    ticket = data_changed(cast)
    attached(ticket, cast.wang, "盖章报告单.pdf")
    held = forms.gather(ticket.number)
    assert (held.executed_by, held.checked_by) == ("王磊", "李婷")
    assert (held.backup, held.session, held.actual, held.expected) == ("BK-1", "BH-77", 1, 1)
    assert [one.state for one in held.steps][1:] == [
        "applied", "reviewed", "approved", "backed_up", "executing", "executed", "checked",
        "verified", "archived",
    ]  # fmt: skip
    assert all(one.kept for one in forms.guards(held))
    text = said(document_of(actions.build("data-change-form", ticket.number, cast.wang, AFTER)))
    assert "盖章报告单.pdf" in text
    assert "2022-11-07 09:40 王磊" in text


@pytest.mark.django_db
def test_each_stage_of_the_flow_can_be_printed() -> None:
    cast = Cast()
    seen = set()
    for until in ("apply", "approve", "back_up", "execute", "finish", "check", "verify"):
        held = forms.gather(data_changed(cast, until).number)
        seen.add(held.state)
        assert forms.conclusion(held)[0] is Result.ATTENTION, until
        assert drawn(held).blocks
    assert len(seen) == 7


@pytest.mark.django_db
def test_rolled_back_for_other_rows_is_told_with_its_reason() -> None:
    cast = Cast()
    ticket = data_changed(cast, "execute")
    step(ticket, "roll_back", cast.wang, at("2022-11-07 09:50"), reason="实际 7 行，与预期不符",
         actual_rows=7)  # fmt: skip
    held = forms.gather(ticket.number)
    assert (held.actual, held.state) == (7, "已回滚")
    text = said(drawn(held))
    assert "预期 1 行，实际 7 行，已回滚" in text
    assert "与预期不符" in text


@pytest.mark.django_db
def test_the_declared_fields_stand_with_what_nobody_filled_in() -> None:
    cast = Cast()
    details = {"unit": "静安中心医院", "tables": "doc，id = 7", "personal": "不含",
               "correction": "不涉及收费和病历"}  # fmt: skip
    ticket = desk.open_data_change(
        Intake(kind=Kind.DATA_CHANGE, title="更正 13812345678", reporter="孙医生"), form(),
        cast.wang, at("2022-11-07 09:00"), details,
    )  # fmt: skip
    text = said(drawn(forms.gather(ticket.number)))
    for wanted in ("静安中心医院", "doc，id = 7", "不涉及收费和病历", "取数用途", "（手机号略）"):
        assert wanted in text, wanted


@pytest.mark.django_db
def test_a_ticket_without_the_form_is_refused() -> None:
    cast = Cast()
    ticket = data_change(cast.wang)
    DataChange.objects.all().delete()
    with pytest.raises(ReportError, match="没有填写数据修改报告单"):
        forms.gather(ticket.number)
