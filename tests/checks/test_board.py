"""The board: every place counted once, exceptions first, nothing normal that was not seen."""

import itertools
from datetime import date, timedelta
from typing import Any

import check_making as making
import pytest
from check_making import NOON, celsius, later, saw
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from jingwei.assets.models import Target
from jingwei.checks import actions, queries
from jingwei.checks.actions import Answer, routine, write_answers
from jingwei.checks.models import Check, Finding, ItemResult, StateChange
from jingwei.checks.queries import Counts, Progress, Row
from jingwei.checks.queries.board import assemble, count
from jingwei.checks.queries.plan import live_targets, missing_keys, places
from jingwei.terms import Result

DAY = date(2026, 11, 23)


def row(result: Result, item: str = "room.temperature", **extra: Any) -> Row:
    return Row(
        item=item, item_label=item, section="room", standard="", mode="automatic", until="",
        target_id=1, target="ROOM-01", target_kind="room", target_label="机房", result=result,
        **extra,
    )  # fmt: skip


@given(st.lists(st.sampled_from(list(Result))))
def test_the_counts_always_add_up(results: list[Result]) -> None:
    counts = count(row(result) for result in results)
    assert counts.planned == len(results)
    assert counts.checked + counts.unchecked + counts.not_applicable == counts.planned
    assert (counts.worst is Result.ABNORMAL) == (Result.ABNORMAL in results)


def test_a_tile_of_nothing_is_not_normal() -> None:
    assert Counts().worst is Result.NOT_APPLICABLE
    assert count([row(Result.UNCHECKED), row(Result.NORMAL)]).worst is Result.UNCHECKED


@given(st.lists(st.sampled_from(list(Result)), max_size=30))
def test_exceptions_come_first_and_sections_hold_every_row(results: list[Result]) -> None:
    asked = queries.routine("daily")
    items = [item.id for item in asked.items] + ["an.item.content.dropped"]
    rows = [row(result, items[i % len(items)]) for i, result in enumerate(results)]
    board = assemble(asked, DAY, None, rows)
    assert sorted(map(id, board.rows)) == sorted(map(id, rows))
    assert sum(section.counts.planned for section in board.sections) == len(rows)
    bad = [r.result for r in board.exceptions]
    assert bad == sorted(bad, key=[Result.ABNORMAL, Result.ATTENTION].index)
    assert sum(number for _, number in board.unchecked_reasons) == board.counts.unchecked


@pytest.mark.django_db
class TestBoard:
    """Over a small register."""

    @pytest.fixture(autouse=True)
    def _register(self) -> None:
        self.room = making.target()
        self.ups = making.target("HW-002-1", "ups", order=1)

    def test_before_anything_ran_everything_is_unchecked(self) -> None:
        board = queries.board("daily", DAY)
        assert board.progress is Progress.NONE
        assert board.counts.unchecked == board.counts.planned == 8
        assert dict(board.unchecked_reasons) == {"尚未检查": 7, "待人工检查": 1}
        assert [r.item for r in board.waiting] == ["room.walk"]

    def test_a_run_that_is_asked_for_and_one_that_runs_are_told_apart(self) -> None:
        run = actions.request_routine("daily", DAY, "x", NOON)
        assert queries.board("daily", DAY).progress is Progress.ASKED
        routine.begin(run, NOON)
        board = queries.board("daily", DAY)
        assert board.progress is Progress.RUNNING
        assert dict(board.unchecked_reasons)["正在检查"] == 7

    def test_answers_replace_what_is_planned_and_the_rest_stays_unchecked(self) -> None:
        run = routine.ensure_run("daily", DAY, NOON)
        write_answers(
            run,
            [Answer("room.temperature", self.room.pk, Result.ABNORMAL, "29.4 ℃", "18–28 ℃")],
            NOON,
        )
        board = queries.board("daily", DAY)
        assert (board.counts.planned, board.counts.abnormal) == (8, 1)
        first = board.exceptions[0]
        assert (first.target, first.item_label, first.reading) == ("ROOM-01", "机房温度", "29.4 ℃")
        assert first.result_id == ItemResult.objects.get().pk

    def test_a_finished_run_shows_what_it_had_though_the_register_grew(self) -> None:
        run = routine.ensure_run("daily", DAY, NOON)
        write_answers(run, [Answer("ups.load", self.ups.pk, Result.NORMAL)], NOON)
        routine.finish(run, NOON)
        making.target("HW-003-1", "ups", order=2)
        assert queries.board("daily", DAY).counts.planned == 1

    def test_an_item_content_dropped_stays_in_sight(self) -> None:
        run = routine.ensure_run("daily", DAY, NOON)
        write_answers(run, [Answer("room.smell", self.room.pk, Result.NORMAL)], NOON)
        routine.finish(run, NOON)
        board = queries.board("daily", DAY)
        assert board.sections[-1].id == "dropped"
        assert board.rows[0].item == "room.smell"

    def test_the_row_knows_its_check(self) -> None:
        check = making.check(self.room)
        temperature = next(r for r in queries.board("daily", DAY).rows if r.item == check.item)
        assert temperature.check_id == check.pk

    def test_a_target_out_of_service_is_no_longer_planned(self) -> None:
        Target.objects.filter(pk=self.ups.pk).update(valid_to=DAY)
        assert queries.board("daily", DAY).counts.planned == 4
        assert queries.board("daily", DAY - timedelta(days=1)).counts.planned == 8

    def test_a_board_costs_few_queries(self) -> None:
        run = routine.ensure_run("daily", DAY, NOON)
        write_answers(
            run,
            [
                Answer("ups.load", self.ups.pk, Result.NORMAL),
                Answer("room.leak", self.room.pk, Result.NORMAL),
            ],
            NOON,
        )
        with CaptureQueriesContext(connection) as captured:
            queries.board("daily", DAY)
        assert len(captured) <= 5

    def test_single_targets_the_routine_names_but_the_register_lacks_are_told(self) -> None:
        targets = live_targets(DAY)
        missing = missing_keys(queries.routine("daily"), targets)
        assert ("app.dicom", "APP-10") in missing
        assert {place.item.id for place in places(queries.routine("daily"), targets)} == {
            "room.temperature", "room.humidity", "room.leak", "room.walk",
            "ups.output", "ups.load", "ups.battery", "ups.software",
        }  # fmt: skip

    def test_an_unknown_routine_lists_those_there_are(self) -> None:
        with pytest.raises(queries.UnknownRoutineError, match="daily"):
            queries.routine("../daily")


@pytest.mark.django_db
class TestFindingsAndStatus:
    """Lists over a small history."""

    @pytest.fixture(autouse=True)
    def _history(self) -> None:
        self.check = making.check(making.target())
        self.other = making.check(making.target("ROOM-02", order=1), name="second")
        actions.record([saw(self.check, celsius(30), confirmed=True)])
        actions.record([saw(self.other, celsius(27.5), confirmed=True, at=later(1))])
        actions.record([saw(self.check, celsius(24), at=later(2 * 24 * 60))])

    def test_open_findings_now_and_as_of_a_day(self) -> None:
        assert [f.target.key for f in queries.findings()] == ["ROOM-02"]
        assert queries.findings(DAY).count() == 2
        assert queries.findings(DAY - timedelta(days=1)).count() == 0
        assert queries.findings(DAY + timedelta(days=2)).count() == 1
        assert queries.findings(open_only=False).count() == 2

    def test_findings_can_be_searched_and_filtered(self) -> None:
        assert queries.findings(open_only=False, target="ROOM-01").count() == 1
        assert queries.findings(item="room.temperature").count() == 1
        assert queries.findings(result=Result.ABNORMAL).count() == 0
        assert queries.findings(text="room-02 27.5").count() == 1
        assert queries.findings(text="no such").count() == 0

    def test_open_counts_by_level(self) -> None:
        assert queries.open_counts().total == 1
        then = queries.open_counts(DAY)
        assert (then.abnormal, then.attention) == (1, 1)
        assert queries.open_by_check() == {self.other.pk: Finding.objects.latest("id").pk}

    def test_status_now_and_then(self) -> None:
        now = {r.target: r.result for r in queries.check_status()}
        assert now == {"ROOM-01": Result.NORMAL, "ROOM-02": Result.ATTENTION}
        then = {r.target: r for r in queries.check_status(DAY)}
        assert then["ROOM-01"].result is Result.ABNORMAL
        assert "30" in then["ROOM-01"].reading
        before = queries.check_status(DAY - timedelta(days=1))
        assert {(r.result, r.reason) for r in before} == {(Result.UNCHECKED, "尚未检查")}

    def test_status_can_be_narrowed_and_counts_every_state(self) -> None:
        rows = queries.check_status(target="ROOM-02")
        assert [r.key for r in rows] == ["ROOM-02:second"]
        assert queries.check_status(DAY, item="no.such") == []
        counts = queries.status_counts(rows)
        assert counts[Result.ATTENTION] == 1
        assert set(counts) == set(Result)

    def test_a_check_never_run_says_so(self) -> None:
        making.check(making.target("ROOM-03"), name="third")
        third = queries.check_status(target="ROOM-03")[0]
        assert (third.result, third.reason) == (Result.UNCHECKED, "尚未检查")

    def test_overdue_checks_show_that_no_worker_is_alive(self) -> None:
        Check.objects.update(every=60)
        self.check.state.refresh_from_db()
        assert queries.overdue(later(0)) == 0
        assert queries.overdue(later(5 * 24 * 60)) == 2

    def test_the_timeline_has_no_holes(self) -> None:
        spans = queries.timeline(self.check.pk, later(-60), later(3 * 24 * 60))
        assert [span.result for span in spans] == [
            Result.UNCHECKED, Result.ABNORMAL, Result.NORMAL,
        ]  # fmt: skip
        assert spans[0].start == later(-60)
        assert all(a.end == b.start for a, b in itertools.pairwise(spans))
        assert spans[-1].end is None
        later_on = queries.timeline(self.check.pk, later(60), later(120))
        assert [span.result for span in later_on] == [Result.ABNORMAL]

    def test_changes_of_a_target_newest_first(self) -> None:
        after = [change.after for change in queries.changes(target="ROOM-01")]
        assert after == [Result.NORMAL, Result.ABNORMAL]
        assert queries.changes(until=later(1)).count() == 1
        assert StateChange.objects.count() == 3
