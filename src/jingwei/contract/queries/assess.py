"""Every obligation of a contract, judged from the facts as of a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from jingwei.contract.models import Ambiguity, Contract, Decision, Obligation
from jingwei.contract.queries.facts import gather
from jingwei.contract.queries.versions import obligations_of, origin
from jingwei.sla.assess import Assessment, Question, Reading, assess
from jingwei.sla.measures import MEASURES, Facts


@dataclass(frozen=True, slots=True)
class Assessed:
    """One obligation and where it stands."""

    obligation: Obligation
    assessment: Assessment


def assess_all(contract: Contract, now: datetime, facts: Facts | None = None) -> list[Assessed]:
    """All obligations in the tender's order. Raises nothing for missing facts: no evidence."""
    known = facts if facts is not None else gather(contract, now)
    questions = open_questions(contract, now)
    values = agreed_values(contract, now)
    return [_assess(row, questions, values, known) for row in obligations_of(contract)]


def _assess(
    row: Obligation,
    questions: Mapping[str, Question],
    values: Mapping[tuple[str, str], int],
    facts: Facts,
) -> Assessed:
    arguments = dict(row.arguments)
    known = {each.name for each in fields(MEASURES[row.measure].arguments)}
    for (name, about), value in values.items():
        # The same paper is asked for by measures that know no such value, too: its sections.
        if about == arguments.get("document") and name in known:
            arguments[name] = value
    asked = [questions[key] for key in row.ambiguities if key in questions]
    return Assessed(row, assess(row.measure, arguments, asked, facts))


def open_questions(contract: Contract, now: datetime) -> dict[str, Question]:
    """Ambiguity → its readings as of a moment: the settled one, or all."""
    decided = {
        each.ambiguity_id: each
        for each in Decision.objects.filter(
            ambiguity__contract=origin(contract), at__lte=now
        ).order_by("id")
    }
    found = {}
    for row in Ambiguity.objects.filter(contract=origin(contract)):
        readings = tuple(Reading(r["id"], r["label"], r["arguments"]) for r in row.readings)
        decision = decided.get(row.pk)
        chosen = tuple(r for r in readings if decision and r.id == decision.reading)
        found[row.key] = Question(row.key, chosen or readings, settled=decision is not None)
    return found


def agreed_values(contract: Contract, now: datetime) -> dict[tuple[str, str], int]:
    """(argument, document) → the value the client gave, the newest by a moment."""
    rows = (
        Decision.objects.filter(
            ambiguity__contract=origin(contract), at__lte=now, value__isnull=False
        )
        .select_related("ambiguity")
        .order_by("id")
    )
    return {(row.ambiguity.value, row.about): row.value for row in rows if row.value is not None}


def bearing(contract: Contract) -> dict[str, list[str]]:
    """Ambiguity → the obligations that name it."""
    found: dict[str, list[str]] = {}
    for row in obligations_of(contract):
        for key in row.ambiguities:
            found.setdefault(key, []).append(row.key)
    return found
