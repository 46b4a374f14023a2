"""A year while it is made: what has happened so far, its truth, and the dice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from jingwei.region.year import days
from jingwei.region.year.facts import (
    Change,
    DataChange,
    Done,
    Drill,
    Emergency,
    Fault,
    Finding,
    Guard,
    Leave,
    Notice,
    Paper,
    Present,
    Reading,
    Replacement,
    Request,
    Run,
    Settled,
    Year,
)
from jingwei.region.year.truth import Ledger
from jingwei.terms.obligation import Standing

T = TypeVar("T")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MET, BROKEN, UNPROVEN = Standing.MET, Standing.BREACHED, Standing.NO_EVIDENCE


@dataclass
class Draft:
    """One seed's year in the making. `down` are outages of core things: from, until, counted."""

    seed: int
    rng: Random
    close: datetime
    ledger: Ledger = field(default_factory=Ledger)
    settled: list[Settled] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    data_changes: list[DataChange] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    emergencies: list[Emergency] = field(default_factory=list)
    drills: list[Drill] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    present: list[Present] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    down: list[tuple[datetime, datetime]] = field(default_factory=list)

    def kept(self, odds: float = 0.5) -> bool:
        """Whether all goes as it should in something, this year."""
        return self.rng.random() < odds

    def some(self, things: Sequence[T], most: int) -> list[T]:
        """One to `most` of them."""
        return self.rng.sample(list(things), self.rng.randint(1, most))

    def working_day(self, first: date = days.FIRST, last: date = date(2023, 10, 20)) -> date:
        """Some working day, long enough before the end for what follows from it."""
        return self.rng.choice(days.within((first, last)))

    def reading_of(self, question: str) -> str:
        """Which reading of a question the client chose; empty while he has not."""
        return next((s.reading for s in self.settled if s.question == question), "")

    def agreed_days(self, paper: str) -> int | None:
        """How many days after its period a paper is due, where the client has said so."""
        return next((s.value for s in self.settled if s.about == paper), None)

    def duty(
        self, duty: str, at: datetime, *, object: str = "", about: str = "",  # noqa: A002
        fields: tuple[str, ...] = ("result",), confirmed: tuple[datetime, bool] | None = None,
    ) -> None:  # fmt: skip
        """Something that is owed was done."""
        self.done.append(Done(duty, at, object, about, fields, confirmed))

    def year(self) -> Year:
        """The year as it is handed over."""
        readings = {s.question: s.reading for s in self.settled if s.reading}
        lists = {
            name: tuple(getattr(self, name))
            for name in Year.__dataclass_fields__
            if isinstance(getattr(self, name, None), list)
        }
        return Year(
            self.seed, self.close, truth=self.ledger.close(readings),
            cases=frozenset(self.ledger.cases), **lists,
        )  # fmt: skip
