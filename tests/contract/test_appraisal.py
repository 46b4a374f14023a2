"""The appraisal: proposed with evidence, issued by the client only, appealed in time, decided."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person
from hypothesis import given
from hypothesis import strategies as st

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.calendars import published
from jingwei.calendars.models import CalendarDay
from jingwei.contract import actions, appraising, queries
from jingwei.contract.actions import BadInputError, Change, ForbiddenError
from jingwei.contract.appraising import Group, Judged, Template
from jingwei.contract.models import Appraisal, AppraisalStep, Contract, Document
from jingwei.contract.queries.appraisal import appeal_by
from jingwei.rules.document import ContentError
from jingwei.terms.obligation import Standing

FIRST = date(2022, 11, 1)
NOW = at("2023-02-10 10:00")
HOUR = timedelta(hours=1)
FORM = Template(
    (
        Group("a", "甲", Decimal(60), Decimal(5), ("fault",)),
        Group("b", "乙", Decimal(40), Decimal("0.5"), ("daily",), veto=True),
    ),
    ((Decimal(90), "优秀"), (Decimal(60), "合格"), (Decimal(0), "不合格")),
    5,
)
B, M, N = Standing.BREACHED, Standing.MET, Standing.NO_EVIDENCE


def row(key: str, standing: Standing, *lines: tuple[Any, ...]) -> Judged:
    return Judged(key, "条款", standing, tuple(lines))


def line(standing: Standing, when: str | None, evidence: str = "ticket:T1") -> tuple[Any, ...]:
    return standing, "超时", evidence, None if when is None else at(when)


def drafted(*rows: Judged) -> list[dict[str, Any]]:
    return appraising.proposed(FORM, rows, at("2022-11-01 00:00"), at("2023-02-01 00:00"))


def test_each_breach_of_the_period_is_a_line_with_reason_and_evidence() -> None:
    lines = drafted(
        row("fault.on-site", B, line(B, "2022-12-01 10:00"), line(M, "2022-12-02 10:00"))
    )
    assert [(each["no"], each["group"], each["points"], each["evidence"]) for each in lines] == [
        (1, "a", "5", ["ticket:T1"])
    ]
    assert lines[0]["reason"] == "超时"


def test_what_is_not_breached_is_neither_earned_nor_lost() -> None:
    assert drafted(
        row("fault.x", N, line(N, None)), row("fault.y", M, line(M, "2022-12-01 10:00")),
        row("fault.z", Standing.NOT_AGREED, line(B, "2022-12-01 10:00")),
    ) == []  # fmt: skip


def test_a_breach_of_another_period_is_left_out() -> None:
    assert (
        drafted(row("fault.x", B, line(B, "2023-02-01 00:00"), line(B, "2022-10-31 23:59"))) == []
    )


def test_a_total_without_its_moment_is_the_clients_to_say() -> None:
    (only,) = drafted(row("fault.x", B, line(B, None, "")))
    assert only["points"] == "0"
    assert "请甲方核定" in only["reason"]
    assert only["evidence"] == ["obligation:fault.x"]


def test_a_veto_is_told_and_never_drawn_by_the_platform() -> None:
    (only,) = drafted(row("daily.x", B, line(B, "2022-12-01 10:00")))
    assert "一票否决" in only["reason"]
    assert only["points"] == "0.5"


def test_coverage_counts_what_had_evidence() -> None:
    found = appraising.coverage(FORM, [row("fault.x", M), row("fault.y", N), row("other.z", B)])
    assert [(each["group"], each["obligations"], each["proven"]) for each in found] == [
        ("a", 2, 1), ("b", 0, 0),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60))))
def test_a_group_loses_at_most_its_own_points(taken: list[tuple[str, int]]) -> None:
    lines = [{"group": group, "points": str(points)} for group, points in taken]
    lost = appraising.deducted(FORM, lines)
    for group in FORM.groups:
        said = sum(points for name, points in taken if name == group.id)
        assert lost[group.id] == min(Decimal(said), group.points)
    assert appraising.total(FORM, lines) == 100 - sum(lost.values())
    assert 0 <= appraising.total(FORM, lines) <= 100


@pytest.mark.parametrize(
    ("score", "word"), [("100", "优秀"), ("90", "优秀"), ("89.99", "合格"), ("59", "不合格")]
)
def test_a_grade_begins_at_its_score(score: str, word: str) -> None:
    assert appraising.grade(FORM, Decimal(score)) == word


GOOD = """
appeal_working_days = 5
grades = [{ at_least = 60, label = "合格" }, { at_least = 0, label = "不合格" }]
[[group]]
id = "a"
label = "甲"
points = 100
each = 1
obligations = []
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("points = 100", "points = 90"), "合计应为 100，现为 90"),
        (("each = 1", "each = 0"), "应大于 0"),
        (("each = 1", "eech = 1"), "不认识的键 eech"),
        (("each = 1\n", ""), "缺少 each"),
        (("= 60,", "= 0,"), None),
        (("at_least = 0,", "at_least = 10,"), "从 0 分起"),
        (("appeal_working_days = 5", "appeal_working_days = 0"), "1 至 60"),
    ],
)
def test_a_form_that_does_not_add_up_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], said: str | None
) -> None:
    (tmp_path / "appraisal.toml").write_text(GOOD.replace(*change), encoding="utf-8")
    if said is None:
        assert appraising.read(tmp_path) is not None
        return
    with pytest.raises(ContentError, match=said):
        appraising.read(tmp_path)


def test_a_contract_without_a_form_has_none(tmp_path: Path) -> None:
    assert appraising.read(tmp_path) is None


@pytest.fixture
def contract(db: None, settings: Any) -> Contract:
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day.date, working=day.working, name=day.name, source="国务院放假通知")
        for day in published.days()
        if day.date.year in (2022, 2023)
    )
    actions.load(Path(settings.JINGWEI_CONTENT) / "contracts" / "jingan-2022", FIRST)
    return Contract.objects.get(code="jingan-2022")


@pytest.fixture
def wang(db: None) -> User:
    return person("wang", Role.MANAGER)


@pytest.fixture
def gu(db: None) -> User:
    return person("gu", Role.CLIENT_APPROVER)


@pytest.fixture
def draft(contract: Contract, wang: User, monkeypatch: pytest.MonkeyPatch) -> Appraisal:
    """A draft with one late fault and one leak."""
    from jingwei.contract.queries import appraisal as room  # noqa: PLC0415

    rows = [
        row("fault.outage.on-site", B, line(B, "2022-12-01 10:00", "ticket:T2022-1")),
        row("security.no-confidential-leak", B, line(B, "2022-12-09 10:00", "document:7")),
    ]
    monkeypatch.setattr(room, "judged", lambda contract, as_of: rows)
    return actions.propose(contract, FIRST, wang, NOW)


def test_the_real_form_and_the_real_obligations_fit(contract: Contract, wang: User) -> None:
    made = actions.propose(contract, FIRST, wang, NOW)
    form = queries.form_of(made)
    assert sum(group.points for group in form.groups) == 100
    assert (made.period_end, made.version) == (date(2023, 1, 31), 1)
    assert all(each["evidence"] and each["reason"] for each in made.lines)
    known = {o.key.split(".")[0] for o in queries.obligations_of(contract)}
    named = {name for group in form.groups for name in group.obligations}
    assert named <= known
    standing = queries.appraisal_standing(made)
    assert (standing.label, standing.final, standing.grade) == ("草案", None, "")


def test_a_quarter_that_is_not_over_is_not_appraised(contract: Contract, wang: User) -> None:
    for day, when in ((FIRST, at("2023-01-31 23:59")), (date(2022, 11, 2), NOW)):
        with pytest.raises(BadInputError, match="不是已结束的合同季度"):
            actions.propose(contract, day, wang, when)


def test_only_the_client_issues_and_decides(draft: Appraisal, wang: User, gu: User) -> None:
    with pytest.raises(ForbiddenError):
        actions.issue(draft, [], wang, NOW)
    actions.issue(draft, [], gu, NOW)
    actions.appeal(draft, "当日道路管制", wang, NOW + HOUR)
    with pytest.raises(ForbiddenError):
        actions.decide(draft, [], "x", wang, NOW)
    with pytest.raises(ForbiddenError):
        actions.appeal(draft, "x", gu, NOW)


def test_an_issued_sheet_has_the_clients_score(draft: Appraisal, gu: User) -> None:
    step = actions.issue(draft, [], gu, NOW)
    assert step.score == Decimal(88)  # 2 for the fault, 10 for the leak
    held = queries.appraisal_standing(draft)
    assert (held.label, held.grade) == ("已发布", "良好")
    paper = Document.objects.get(kind="appraisal")
    assert [s.kind for s in paper.steps.all()] == ["electronic", "confirmed"]
    assert queries.verify().broken == ()


def test_a_changed_line_says_why_and_the_proposal_stays(draft: Appraisal, gu: User) -> None:
    with pytest.raises(BadInputError, match="改动的理由") as caught:
        actions.issue(draft, [Change(1, Decimal(0))], gu, NOW)
    assert caught.value.field == "line-1"
    step = actions.issue(draft, [Change(1, Decimal(0), "已电话说明")], gu, NOW)
    assert step.score == Decimal(90)
    assert (step.lines[0]["points"], step.lines[0]["changed"]) == ("0", "已电话说明")
    assert Appraisal.objects.get().lines[0]["points"] == "2"


def test_a_line_of_the_clients_own_names_its_evidence(draft: Appraisal, gu: User) -> None:
    own = Change(0, Decimal("1.5"), "培训缺勤", "people", "培训签到 2022-12")
    with pytest.raises(BadInputError, match="证据"):
        actions.issue(draft, [Change(0, Decimal(1), "缺勤", "people")], gu, NOW)
    step = actions.issue(draft, [own], gu, NOW)
    assert step.score == Decimal("86.5")
    assert step.lines[-1]["evidence"] == ["培训签到 2022-12"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Change(1, Decimal(26), "x"), "line-1"), (Change(1, Decimal(-1), "x"), "line-1"),
        (Change(1, Decimal("NaN"), "x"), "line-1"), (Change(1, Decimal("0.005"), "x"), "line-1"),
        (Change(9, Decimal(1), "x"), "lines"),
        (Change(0, Decimal(1), "x", "none", "y"), "own_group"),
        (Change(0, Decimal(6), "x", "satisfaction", "y"), "own_points"),
        (Change(0, Decimal(1), "a\x00", "people", "y"), "own_reason"),
    ],
)  # fmt: skip
def test_points_that_cannot_be_are_refused(
    draft: Appraisal, gu: User, change: Change, field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        actions.issue(draft, [change], gu, NOW)
    assert caught.value.field == field
    assert not AppraisalStep.objects.exists()


def test_it_is_issued_once_and_on_the_newest_draft(
    draft: Appraisal, contract: Contract, wang: User, gu: User
) -> None:
    second = actions.propose(contract, FIRST, wang, NOW)
    assert second.version == 2
    with pytest.raises(BadInputError, match="最新一版"):
        actions.issue(draft, [], gu, NOW)
    actions.issue(second, [], gu, NOW)
    with pytest.raises(BadInputError, match="已发布"):
        actions.issue(second, [], gu, NOW)
    with pytest.raises(BadInputError, match="不再起草"):
        actions.propose(contract, FIRST, wang, NOW)


def test_an_appeal_has_five_working_days(draft: Appraisal, wang: User, gu: User) -> None:
    actions.issue(draft, [], gu, NOW)  # a Friday
    until = queries.appraisal_standing(draft).appeal_by
    assert until == at("2023-02-18 00:00")
    with pytest.raises(BadInputError, match="申诉期已过"):
        actions.appeal(draft, "晚了", wang, until)
    with pytest.raises(BadInputError, match="申诉理由"):
        actions.appeal(draft, " ", wang, NOW)
    actions.appeal(draft, "当日道路管制", wang, until - HOUR)
    assert queries.appraisal_standing(draft).label == "申诉待裁定"


def test_without_a_published_calendar_the_time_is_a_week(db: None) -> None:
    assert appeal_by(FORM, at("2030-01-01 10:00")) == at("2030-01-09 00:00")


def test_the_decision_counts_and_the_first_sheet_stays(
    draft: Appraisal, wang: User, gu: User
) -> None:
    issued = actions.issue(draft, [], gu, NOW)
    with pytest.raises(BadInputError, match="没有待裁定"):
        actions.decide(draft, [], "x", gu, NOW)
    actions.appeal(draft, "当日道路管制", wang, NOW)
    with pytest.raises(BadInputError, match="裁定意见"):
        actions.decide(draft, [], "", gu, NOW)
    actions.decide(draft, [Change(1, Decimal(0), "情况属实")], "采纳", gu, NOW)
    held = queries.appraisal_standing(draft)
    assert held.final is not None
    assert (held.label, held.final.score, held.grade) == ("已裁定", Decimal(90), "优秀")
    assert AppraisalStep.objects.get(pk=issued.pk).score == Decimal(88)
    with pytest.raises(BadInputError, match="已裁定"):
        actions.decide(draft, [], "再来", gu, NOW)


def test_every_step_is_a_link_of_the_chain(draft: Appraisal, wang: User, gu: User) -> None:
    actions.issue(draft, [], gu, NOW)
    actions.appeal(draft, "x", wang, NOW)
    actions.decide(draft, [], "维持", gu, NOW)
    said = AuditEntry.objects.filter(object_key=f"appraisal-{draft.pk}").order_by("sequence")
    assert [link.action for link in said] == [
        "contract.appraisal.propose", "contract.appraisal.issued",
        "contract.appraisal.appealed", "contract.appraisal.decided",
    ]  # fmt: skip
