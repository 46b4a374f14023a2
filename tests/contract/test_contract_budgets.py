"""Budgets: what is used month by month, where it leads, and never a number where nobody watched."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract_making import FILES, at, person, write_contract
from hypothesis import given
from hypothesis import strategies as st

from jingwei.accounts.roles import Role
from jingwei.contract import actions, queries
from jingwei.contract.actions import Done, Paper
from jingwei.contract.models import Ambiguity, Contract, DocumentStep
from jingwei.contract.queries.budgets import Budget, budgets
from jingwei.contract.queries.waiting import waiting
from jingwei.sla.availability import Downtime, Term
from jingwei.sla.measures import Facts
from jingwei.sla.measures.facts import EffortFact, EmergencyFact, Family
from jingwei.terms.incident import Cause
from jingwei.terms.obligation import Ref
from jingwei.web.burndown import lines_of

MORE = """
[[obligation]]
id = "seaside.down"
position = 5
clause = "第五条"
lines = [7]
text = "停机不超过 10 小时"
kind = "budget"
phase = "operation"
proof = "auto"
measure = "downtime.total"
arguments = { hours = 10 }
evidence = ["停机记录"]
reports = ["monthly"]

[[obligation]]
id = "seaside.percent"
position = 6
clause = "第五条"
lines = [8]
text = "可用率 99 %"
kind = "threshold"
phase = "operation"
proof = "auto"
measure = "downtime.total"
arguments = { percent = 99.0 }
evidence = ["停机记录"]
reports = ["monthly"]

[[obligation]]
id = "seaside.emergency"
position = 7
clause = "第六条"
lines = [9]
text = "应急不超过 24 小时"
kind = "budget"
phase = "operation"
proof = "auto"
measure = "emergency.total"
arguments = { hours = 24 }
evidence = ["应急记录"]
reports = ["monthly"]

[[obligation]]
id = "seaside.work"
position = 8
clause = "第七条"
lines = [10]
text = "开发 2 人月以内"
kind = "budget"
phase = "operation"
proof = "auto"
measure = "effort.total"
arguments = { months = 2 }
evidence = ["台账"]
reports = ["monthly"]
"""
TERM = Term(at("2025-03-15"), at("2025-09-15"))
HALF = TERM.start + TERM.length / 2


@pytest.fixture
def seaside(tmp_path: Path, settings: Any, db: None) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    text = FILES["obligations/all.toml"] + MORE
    actions.load(write_contract(tmp_path / "contracts", all=text), date(2025, 4, 1))
    return Contract.objects.get(code="seaside")


def down(start: str, hours: float, cause: Cause = Cause.HARDWARE) -> Downtime:
    begun = at(start)
    return Downtime(begun, begun + timedelta(hours=hours), cause, "")


def facts(now: datetime = HALF, **more: Any) -> Facts:
    given: dict[str, Any] = {
        "known": frozenset(Family),
        "working": {},
        "watched_from": TERM.start,
    } | more
    return Facts(term=TERM, now=now, **given)


def of(contract: Contract, known: Facts) -> dict[str, Budget]:
    return {each.obligation.removeprefix("seaside."): each for each in budgets(contract, known)}


def test_only_what_the_contract_promises_in_hours_or_months_is_a_budget(seaside: Contract) -> None:
    assert list(of(seaside, facts())) == ["down", "emergency", "work"]


def test_half_used_at_half_time_just_lasts_and_more_runs_out_on_a_day(seaside: Contract) -> None:
    held = of(seaside, facts(downtimes=((Ref("ticket", "1"), down("2025-04-01 10:00", 5)),)))
    even = held["down"]
    assert (even.used, even.limit, even.left) == (5.0, 10.0, 5.0)
    assert even.projected == pytest.approx(10.0)
    assert not even.broken
    more = of(seaside, facts(downtimes=((Ref("ticket", "1"), down("2025-04-01 10:00", 8)),)))
    assert more["down"].at_risk
    assert more["down"].runs_out == TERM.start + TERM.length / 2 * (10 / 8)
    assert more["emergency"].runs_out is None


def test_overrun_is_broken_and_not_at_risk(seaside: Contract) -> None:
    events = tuple(
        EmergencyFact(Ref("emergency", str(n)), 1, down(f"2025-04-0{n} 10:00", 13)) for n in (1, 2)
    )
    held = of(seaside, facts(emergencies=events))["emergency"]
    assert (held.used, held.broken, held.at_risk) == (26.0, True, False)


def test_what_nobody_watched_is_unknown_and_not_nothing(seaside: Contract) -> None:
    held = of(seaside, facts(watched_from=None))
    assert held["down"].unknown == "尚无监测数据"
    assert held["work"].unknown == ""
    shut = of(seaside, facts(known=frozenset({Family.EFFORTS})))
    assert shut["down"].unknown == "尚无数据来源"
    assert [line.word for line in lines_of(held.values())] == [
        "尚无监测数据",
        "尚无监测数据",
        "有余",
    ]


def test_each_month_end_has_its_point(seaside: Contract) -> None:
    rows = tuple(
        EffortFact(Ref("effort", str(n)), date(2025, 3 + n, 20), Decimal(n)) for n in range(3)
    )
    held = of(seaside, facts(efforts=rows))["work"]
    assert [used for _, used in held.points] == [
        0.0,
        0.0,
        1.0,
        3.0,
    ]  # the term's months end on the 15th, as now does
    assert held.points[-1] == (held.share, held.used)
    assert held.limit == pytest.approx(2 * 21.75)


def test_before_the_term_nothing_leads_anywhere(seaside: Contract) -> None:
    held = of(seaside, facts(now=TERM.start - timedelta(days=3)))["down"]
    assert (held.share, held.projected, held.runs_out) == (0.0, None, None)
    assert lines_of([held])[0].ahead == ""


@given(
    used=st.floats(0, 100), share=st.floats(0.01, 1), limit=st.floats(0.5, 50),
)  # fmt: skip
def test_a_picture_never_leaves_its_frame(used: float, share: float, limit: float) -> None:
    held = Budget(
        "x", "停机", "小时", used, limit, ((0.0, 0.0), (share, used)), share, used / share, None
    )
    line = lines_of([held])[0]
    for points in (line.points, line.ahead):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 240
            assert 0 <= y <= 64
    assert line.kind == ("abnormal" if used > limit else line.kind)


def test_what_waits_is_told_by_side(seaside: Contract) -> None:
    now = at("2025-04-20 10:00")
    wang, gu = person("wang"), person("gu", Role.CLIENT_APPROVER)
    record = actions.record_duty(
        seaside, Done("round", at("2025-04-18 10:00"), "k", "normal"), wang, now
    )
    paper = actions.file_paper(seaside, Paper("monthly", "月报"), wang, now)
    actions.note_step(paper, DocumentStep.Kind.ELECTRONIC, wang, now)

    def told() -> dict[str, int]:
        rows = queries.assess_all(seaside, now)
        found = waiting(seaside, rows, queries.duties(seaside, now))
        return {f"{each.who} {each.kind}": each.number for each in found}

    before = told()
    assert before["client records"] == before["client papers"] == 1
    assert before["provider missed"] > 0
    actions.confirm_duty(record, True, gu, now)
    actions.note_step(paper, DocumentStep.Kind.CONFIRMED, gu, now)
    for key, more in (("B01", {"reading": "natural"}), ("B02", {"about": "monthly", "value": 5})):
        actions.settle(Ambiguity.objects.get(key=key), gu, now, reason="纪要", **more)
    after = told()
    assert "client records" not in after
    assert "client papers" not in after
    assert after.get("client decisions", 0) <= before.get("client decisions", 0)
