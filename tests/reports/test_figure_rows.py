"""Every number of a periodic report adds up from the rows it opens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from desk_making import at, go, incident
from year_making import NOW, full, outage, year

from jingwei.accounts.models import User
from jingwei.desk import actions as desk
from jingwei.desk.actions import Intake
from jingwei.desk.models import Kind
from jingwei.reports import actions, docx, pdf, periodic
from jingwei.reports.charts import Chart
from jingwei.reports.document import Behind, Document, KeyValues, Note, Table
from jingwei.reports.periodic import Account, appendix, rows
from jingwei.reports.periodic.rows import Rows, chosen
from jingwei.reports.revive import from_json, to_json
from jingwei.reports.snapshot import data_of, document_of
from jingwei.terms.incident import Cause, Severity

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    return year()[0]


@pytest.fixture
def busy(wang: User) -> User:
    """Some of everything: faults of two severities, one withdrawn, a request without a form."""
    gu = User.objects.get(username="gu")
    full(wang, gu)
    outage(wang, at("2022-12-20 09:00"), 45, severity=Severity.DEGRADED)
    gone = incident(wang, at("2023-01-05 09:00"), title="误报")
    go(gone, "cancel", gu, at("2023-01-05 09:30"), reason="误报")
    desk.open_ticket(Intake(kind=Kind.PROBLEM, title="问路"), wang, at("2023-01-06 09:00"))
    return wang


def account(subject: str = "2022-Q1", kind: str = "quarterly") -> Account:
    return periodic.gather(kind, subject, NOW)


def linked(document: Document) -> list[tuple[str, Behind]]:
    """Every number with rows behind it."""
    cells = [c for b in document.blocks if isinstance(b, Table) for r in b.rows for c in r.cells]
    cells += [c for b in document.blocks if isinstance(b, KeyValues) for _, c in b.pairs]
    return [(cell.text, cell.rows) for cell in cells if isinstance(cell.rows, Behind)]


@pytest.mark.parametrize(("kind", "subject"), [
    ("monthly", "2022-12"), ("quarterly", "2022-Q1"), ("annual", "2022"),
])  # fmt: skip
def test_every_count_is_the_number_of_its_rows(busy: User, kind: str, subject: str) -> None:
    built = actions.build(kind, subject, busy, NOW)
    held = data_of(built)[1]
    counted = [(t, ref) for t, ref in linked(document_of(built)) if t.isdecimal()]
    tickets = [(t, ref) for t, ref in counted if ref.rows in ("tickets", "clocks")]
    assert len(tickets) > 5
    for text, ref in tickets:
        assert len(chosen(held.rows, ref)) == int(text), (text, ref)


def test_duties_and_days_add_up_to_what_was_printed(busy: User) -> None:
    held = account()
    for each in held.duties:
        mine = chosen(held.rows, rows.behind("duties", label=each.label))
        assert sum(row.number for row in mine) == each.owed
        assert sum(row.done for row in mine) == each.done
    finished = chosen(held.rows, rows.behind("days", finished="True"))
    assert len(finished) == held.daily.finished == 1
    assert sum(row.planned for row in finished) == held.daily.planned
    assert len(chosen(held.rows, rows.behind("days", works="True"))) == held.daily.owed


def test_bookings_add_up_to_the_ledger(busy: User) -> None:
    held = account("2022", "annual")
    assert sum(float(row.days) for row in held.rows.efforts) == float(held.budgets.days_used)


def test_no_number_of_a_mobile_telephone_stands_in_the_rows(busy: User) -> None:
    assert "13812345678" not in str(to_json(account().rows))


def test_the_rows_stand_in_the_appendix_and_tables_say_where(busy: User) -> None:
    document = document_of(actions.build("quarterly", "2022-Q1", busy, NOW))
    tables = {b.caption.partition("　")[2]: b for b in document.blocks if isinstance(b, Table)}
    assert len(tables["工单明细"].rows) == 7
    assert tables["故障按级别"].behind == "数字的明细见附件 1。"
    assert tables["服务级别达成"].behind == "数字的明细见附件 2。"
    assert [h.text for h in document.headings][-7:] == [
        f"附件 {n}　{words}" for n, words in enumerate(rows.APPENDICES.values(), start=1)
    ]


def test_a_set_without_rows_says_so(busy: User) -> None:
    held = account()
    bare = replace(held, rows=replace(held.rows, efforts=()))
    assert Note("本期无。") in appendix.blocks(bare)
    assert Note("本期无。") not in appendix.blocks(held)
    assert appendix.blocks(replace(held, rows=Rows())) == []


def test_the_files_say_where_the_rows_are(busy: User) -> None:
    document = document_of(actions.build("monthly", "2022-11", busy, NOW))
    assert pdf.write(document).startswith(b"%PDF")
    assert docx.write(document).startswith(b"PK")


def test_what_was_frozen_before_there_were_rows_leads_nowhere(busy: User) -> None:
    held = actions.build("quarterly", "2022-Q1", busy, NOW)
    data = {k: v for k, v in held.snapshot["data"].items() if k not in ("rows", "months")}
    old = from_json(Account, data)
    issue = data_of(held)[0]
    document = periodic.quarterly(old, issue, draft=True)
    assert linked(document) == []
    assert not any("附件" in block.text for block in document.headings)
    assert not any(isinstance(block, Chart) for block in document.blocks)


def test_rows_live_through_being_frozen(busy: User) -> None:
    held = account()
    assert from_json(Account, to_json(held)).rows == held.rows
    assert from_json(Account, to_json(held)).months == held.months


def test_a_set_or_a_field_there_is_not_is_refused() -> None:
    with pytest.raises(KeyError):
        chosen(Rows(), Behind("people"))
    made = Rows(presence=(rows.Present(NOW.date(), 4),))
    with pytest.raises(AttributeError):
        chosen(made, Behind("presence", (("password", ("x",)),)))


def test_every_set_has_columns_for_what_it_holds(busy: User) -> None:
    held = account()
    for name in rows.APPENDICES:
        for row in getattr(held.rows, name)[:5]:
            assert all(isinstance(field.read(row), str) for field in appendix.FIELDS[name])


def test_months_run_from_the_contract_year_to_the_end_of_the_period(busy: User) -> None:
    held = account()
    assert [month.label for month in held.months] == ["22-11", "22-12", "23-01"]
    assert [month.finished for month in held.months] == [1, 0, 0]
    assert [month.severities for month in held.months] == [
        (1, 0, 0, 0), (0, 2, 0, 0), (0, 0, 0, 0)
    ]  # fmt: skip
    assert held.months[-1].down_left == held.budgets.down_left
    assert held.months[-1].emergency_left == held.budgets.emergency_left


def test_a_month_before_anybody_watched_is_a_gap_and_never_a_hundred_percent(wang: User) -> None:
    outage(wang, at("2022-12-20 09:00"), 45)
    held = account()
    assert [month.ratio for month in held.months] == [None, None, None]
    document = periodic.quarterly(held, data_of(actions.build(
        "quarterly", "2022-Q1", wang, NOW))[0], draft=True)  # fmt: skip
    assert not any("可用率" in b.title for b in document.blocks if isinstance(b, Chart))


def test_months_to_come_are_not_there(busy: User) -> None:
    held = periodic.gather("annual", "2022", at("2022-12-15 10:00"))
    assert [month.label for month in held.months] == ["22-11", "22-12"]
    assert held.months[-1].owed is not None


def test_the_annual_report_has_its_charts(busy: User) -> None:
    built = actions.build("annual", "2022", busy, NOW)
    document = document_of(built)
    titles = {b.title.partition("　")[2]: b for b in document.blocks if isinstance(b, Chart)}
    assert set(titles) >= {
        "核心设备逐月可用率", "停机余量（合同年，各月末）", "故障按级别（合同年逐月）",
        "日检完成情况（合同年逐月）", "开发工作量累计（合同年，各月末）", "电话响应用时分布",
        "时限达标率（逐月）",
    }  # fmt: skip
    assert titles["核心设备逐月可用率"].limits[0].value == 99.9
    assert "开发工作量" in titles["开发工作量累计（合同年，各月末）"].title
    phone = titles["电话响应用时分布"]
    assert sum(v or 0 for v in phone.series[0].values) == sum(
        row.used is not None
        for row in data_of(built)[1].rows.clocks
        if row.limit == "电话响应" and row.calendar == "5x8"
    )  # fmt: skip


def test_causes_open_their_own_faults(busy: User) -> None:
    held = account()
    ref = rows.behind("tickets", cause=Cause.HARDWARE.label)
    assert {row.cause for row in chosen(held.rows, ref)} == {Cause.HARDWARE.label}
    assert timedelta(0) <= NOW - chosen(held.rows, ref)[0].at
