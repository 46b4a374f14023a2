"""Assessing an obligation: its measure over the facts, under every reading that is still open.

An ambiguity of the contract (the tender contradicts itself, or is silent) has readings. Settled by
the client, one of them counts. Open, all are judged: where they agree the matter is moot; where
they do not the obligation is not agreed, and each reading is shown with what it comes to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

from jingwei.sla.measures import MEASURES, Facts, Verdict, parse
from jingwei.terms.obligation import Standing


@dataclass(frozen=True)
class Reading:
    """One way to read an ambiguity: the arguments it gives to the measures that know them."""

    id: str
    label: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """An ambiguity as it stands: its readings, or only the settled one."""

    id: str
    readings: tuple[Reading, ...]
    settled: bool = False


@dataclass(frozen=True)
class Under:
    """What an obligation comes to under one choice of readings."""

    readings: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Assessment:
    """Where an obligation stands. `under` holds every reading that was judged, if any was open."""

    verdict: Verdict
    under: tuple[Under, ...] = ()
    open_questions: tuple[str, ...] = ()


def assess(
    measure: str, arguments: Mapping[str, Any], questions: Sequence[Question], facts: Facts
) -> Assessment:
    """One obligation over the facts.

    Raises KeyError for an unknown measure and ArgumentError for arguments it does not take; content
    is checked for both when it is loaded.
    """
    judge = MEASURES[measure]
    known = {each.name for each in fields(judge.arguments)}
    bearing = [q for q in questions if any(known & set(r.arguments) for r in q.readings)]
    cases = []
    for choice in product(*(q.readings for q in bearing)):
        given = dict(arguments)
        for reading in choice:
            given |= {name: value for name, value in reading.arguments.items() if name in known}
        verdict = judge.judge(parse(judge, given), facts)
        cases.append(Under(tuple(reading.label for reading in choice), verdict))
    still_open = tuple(q.id for q in bearing if not q.settled and len(q.readings) > 1)
    if len(cases) == 1:
        return Assessment(cases[0].verdict, (), still_open)
    standings = {case.verdict.standing for case in cases}
    if len(standings) == 1:
        return Assessment(cases[0].verdict, tuple(cases), still_open)
    said = "；".join(
        f"{'、'.join(case.readings)}：{case.verdict.standing.label} {case.verdict.value}".rstrip()
        for case in cases
    )
    lines = tuple(line for case in cases for line in case.verdict.lines)
    verdict = Verdict(Standing.NOT_AGREED, said, cases[0].verdict.limit, lines)
    return Assessment(verdict, tuple(cases), still_open)
