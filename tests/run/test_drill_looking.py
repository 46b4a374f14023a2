"""What a drill sees, without a region: strikes, several checks of one item, the witness."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from run_making import RULE, asks, job

from jingwei.emergency.queries.drills import DATA_KEPT
from jingwei.rules.state import Policy
from jingwei.run import loop
from jingwei.run.drills import looking, witness
from jingwei.run.drills.looking import Eye, all_good, look
from jingwei.run.drills.witness import Witness
from jingwei.terms import Endpoint, Result, Target

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SQL = Endpoint("DB-02", "sql", "127.0.0.1", 1, {"database": "jw_db_02"}, {"password": "x"})


def when() -> datetime:
    return NOW


def eye(values: Iterator[float], strikes: int = 3, number: int = 1, target: str = "T-1") -> Eye:
    """A check whose target answers with these values, one a look; above 10 is bad."""

    async def answer(_: Target) -> float:
        return next(values)

    made = job(number, asks(answer), rules=(RULE,), target=Target(target, "127.0.0.1"))
    return Eye(made, Policy(strikes=strikes), f"对象 {number}")


def results(eyes: list[Eye]) -> list[Result]:
    """What one look gives."""
    return [row.result for row in loop.run(look(eyes, when)).readings]


def test_detection_takes_as_many_bad_looks_as_the_check_has_strikes() -> None:
    one = eye(iter([1, 99, 99, 99]))
    changed = [bool(loop.run(look([one], when)).changes) for _ in range(4)]
    assert changed == [True, False, False, True]  # 未检 → 正常, then the third bad one
    assert one.standing.result is Result.ABNORMAL


def test_a_single_bad_answer_is_no_detection() -> None:
    one = eye(iter([1, 99, 1, 99, 1]))
    for _ in range(5):
        loop.run(look([one], when))
    assert one.standing.result is Result.NORMAL


def test_the_first_good_answer_after_a_fault_is_the_recovery() -> None:
    one = eye(iter([1, 99, 1]), strikes=1)
    for _ in range(2):
        loop.run(look([one], when))
    assert not all_good([one])
    loop.run(look([one], when))
    assert all_good([one])


def test_an_item_is_as_bad_as_the_worst_of_its_checks() -> None:
    pair = [eye(iter([1]), number=1), eye(iter([99]), number=2)]
    assert results(pair) == [Result.ABNORMAL]


def test_two_targets_are_two_places() -> None:
    pair = [eye(iter([1]), number=1), eye(iter([99]), number=2, target="T-2")]
    assert results(pair) == [Result.NORMAL, Result.ABNORMAL]


def test_what_nobody_has_looked_at_is_not_good() -> None:
    assert not all_good([eye(iter([]))])


def test_a_probe_that_breaks_is_unchecked_and_never_good() -> None:
    async def broken(_: Target) -> float:
        raise RuntimeError("boom")

    one = Eye(job(1, asks(broken)), Policy(strikes=1), "对象")
    assert results([one]) == [Result.UNCHECKED]
    assert not all_good([one])


def test_every_reading_has_the_instant_of_the_script() -> None:
    (row,) = loop.run(look([eye(iter([1]))], when)).readings
    assert (row.at, row.target, row.item) == (NOW, "T-1", "test")


# -- the witness


class Rows:
    """A database that keeps rows, or loses some, or is down."""

    def __init__(self) -> None:
        self.kept: list[datetime] = []
        self.down = False

    def connect(self, **_: Any) -> "Rows":
        if self.down:
            raise psycopg.OperationalError("down")
        return self

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, statement: str, given: tuple[str, datetime]) -> "Rows":
        if statement.startswith("INSERT"):
            self.kept.append(given[1])
        self._asked = given[1]
        return self

    def fetchone(self) -> tuple[datetime | None]:
        return (max((at for at in self.kept if at <= self._asked), default=None),)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    made = Rows()
    monkeypatch.setattr(witness.psycopg, "connect", made.connect)
    return made


def seconds(number: int) -> datetime:
    return NOW + timedelta(seconds=number)


def test_the_last_row_before_the_fault_is_what_was_kept(rows: Rows) -> None:
    held = Witness("DB-02", [SQL])
    assert held.write(seconds(0))
    assert held.write(seconds(5))
    rows.down = True
    assert not held.write(seconds(10))
    rows.down = False
    assert held.write(seconds(60))
    kept = held.kept(seconds(7), seconds(61))
    assert (kept.at, kept.item, kept.result) == (seconds(5), DATA_KEPT, Result.NORMAL)


def test_a_row_that_was_acknowledged_and_is_gone_is_a_loss(rows: Rows) -> None:
    held = Witness("DB-02", [SQL])
    held.write(seconds(0))
    held.write(seconds(5))
    rows.kept.remove(seconds(5))
    kept = held.kept(seconds(7), seconds(60))
    assert (kept.at, kept.result) == (seconds(0), Result.ABNORMAL)


def test_a_database_that_stays_down_leaves_it_unknown(rows: Rows) -> None:
    held = Witness("DB-02", [SQL])
    held.write(seconds(0))
    rows.down = True
    kept = held.kept(seconds(7), seconds(60))
    assert kept.result is Result.UNCHECKED
    assert "读不到" in kept.reading


def test_without_a_row_before_the_fault_nothing_is_claimed(rows: Rows) -> None:
    held = Witness("DB-02", [SQL])
    assert held.kept(seconds(7), seconds(60)).result is Result.UNCHECKED


def test_a_region_without_that_database_is_told() -> None:
    with pytest.raises(LookupError, match="DB-09"):
        Witness("DB-09", [SQL])


def test_a_pause_between_two_samples_is_short() -> None:
    assert looking.SAMPLE_GAP <= 1
