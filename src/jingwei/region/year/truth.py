"""What each obligation has to come to: noted while things are made to happen, summed by hand.

Nothing of the platform's judging is used: the simulator knows what it did.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jingwei.terms.obligation import Standing

# The open questions that change what comes out, each with its readings.
READINGS: Mapping[str, tuple[str, ...]] = {
    "A03": ("working", "wall"),
    "A05": ("union", "sum"),
    "A14": ("contract", "calendar"),
    "A23": ("21.75", "20"),
    "A33": ("natural", "working"),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """Where an obligation stands; `kept` and `broken` occurrences where they can be counted."""

    standing: Standing
    kept: int | None = None
    broken: int | None = None


@dataclass
class Ledger:
    """The occurrences of every obligation, by reading where an open question bears on it.

    `cases` are the names of the situations that were played, for tests that ask for all of them.
    """

    marks: dict[str, dict[str, list[Standing]]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, Standing] = field(default_factory=dict)
    empty: dict[str, Standing] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)

    def asked(
        self, obligation: str, question: str = "", *, empty: Standing = Standing.NOT_APPLICABLE
    ) -> None:
        """It is judged, even when nothing happens; `question` is the one that bears on it."""
        self.marks.setdefault(obligation, {name: [] for name in READINGS.get(question, ("",))})
        self.empty[obligation] = empty
        if question:
            self.questions[obligation] = question

    def note(self, obligation: str, standing: Standing, reading: str = "") -> None:
        """One occurrence, under one reading or under all."""
        by_reading = self.marks[obligation]
        for name in [reading] if reading else list(by_reading):
            by_reading[name].append(standing)

    def fix(self, obligation: str, standing: Standing) -> None:
        """It comes to this as a whole: an amount, or something that cannot be proven."""
        self.fixed[obligation] = standing

    def case(self, *names: str) -> None:
        """These situations are in this year."""
        self.cases.update(names)

    def close(self, settled: Mapping[str, str]) -> dict[str, Expected]:
        """The truth, given which readings the client has settled."""
        found = {name: Expected(standing) for name, standing in self.fixed.items()}
        for name, by_reading in self.marks.items():
            if name in found:
                continue
            chosen = settled.get(self.questions.get(name, ""), "")
            cases = [by_reading[chosen]] if chosen else list(by_reading.values())
            found[name] = _agree(cases, self.empty[name])
        return found


def _agree(cases: list[list[Standing]], nothing: Standing) -> Expected:
    ends = {_sum(marks, nothing) for marks in cases}
    if len(ends) > 1:
        return Expected(Standing.NOT_AGREED)
    marks = cases[0]
    if any(sorted(each) != sorted(marks) for each in cases):
        return Expected(ends.pop())
    return Expected(ends.pop(), marks.count(Standing.MET), marks.count(Standing.BREACHED))


def _sum(marks: Iterable[Standing], nothing: Standing) -> Standing:
    """One breach breaks it; then what is left open, what nobody proved; kept; still to come."""
    seen = set(marks)
    for each in (
        Standing.BREACHED, Standing.NOT_AGREED, Standing.NO_EVIDENCE, Standing.MET, Standing.DUE,
        Standing.NOT_DUE,
    ):  # fmt: skip
        if each in seen:
            return each
    return nothing
