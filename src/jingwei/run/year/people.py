"""Duties, papers, people and decisions played by the actions of the contract and of the desk."""

from datetime import datetime, time, timedelta

from jingwei.contract import actions as contract
from jingwei.contract.models import Ambiguity, DocumentStep
from jingwei.desk.actions import attendance
from jingwei.desk.actions import leave as away
from jingwei.region.year import facts
from jingwei.run.year.clockwork import Story
from jingwei.run.year.stage import Stage
from jingwei.terms import SHANGHAI

_STEP = DocumentStep.Kind


def settled(stage: Stage, fact: facts.Settled) -> Story:
    """The client settles an open question."""
    yield fact.at
    origin = stage.contract.copy_of
    contract.settle(
        Ambiguity.objects.get(contract=origin, key=fact.question), stage.client, fact.at,
        reason="演示：甲方书面确认", reading=fact.reading, about=fact.about, value=fact.value,
    )  # fmt: skip


def duty(stage: Stage, fact: facts.Done) -> Story:
    """A duty is recorded when it is done, and the client answers or does not."""
    yield fact.at
    done = contract.Done(
        fact.duty, fact.at, f"year-{next(stage.keys)}", "normal", fact.object,
        stage.numbers.get(fact.about, fact.about), dict.fromkeys(fact.fields, "演示"),
    )  # fmt: skip
    record = contract.record_duty(stage.contract, done, stage.engineer, fact.at)
    if fact.confirmed is not None:
        at, granted = fact.confirmed
        yield at
        note = "" if granted else "演示：不认可"
        contract.confirm_duty(record, granted, stage.client, at, note=note)


def paper(stage: Stage, fact: facts.Paper) -> Story:
    """A paper goes on file and takes its steps."""
    yield fact.filed
    first, last = fact.period or (None, None)
    row = contract.file_paper(
        stage.contract,
        contract.Paper(
            fact.kind, f"【演示】{fact.kind}", stage.numbers.get(fact.about, fact.about),
            period_start=first, period_end=last, sections=fact.sections,
        ),
        stage.manager, fact.filed,
    )  # fmt: skip
    moments = [
        (fact.electronic, _STEP.ELECTRONIC), (fact.paper, _STEP.PAPER),
        (fact.confirmed, _STEP.CONFIRMED), (fact.returned, _STEP.RETURNED),
    ]  # fmt: skip
    for at, step in sorted((at, step) for at, step in moments if at is not None):
        yield at
        client = step in (_STEP.CONFIRMED, _STEP.RETURNED)
        note = "演示：退回" if step == _STEP.RETURNED else ""
        by = stage.client if client else stage.manager
        contract.note_step(row, step, by, at, note=note)


def present(stage: Stage, fact: facts.Present) -> Story:
    """Who came on a day, entered in the evening with the times."""
    came, left = (datetime.combine(fact.day, time(*at), SHANGHAI) for at in ((8, 30), (17, 30)))
    yield left
    for name in fact.people:
        attendance.enter(stage.people[name], came, left, "演示", stage.manager, left)


def leave(stage: Stage, fact: facts.Leave) -> Story:
    """Leave asked for, answered, taken back."""
    yield fact.asked
    wish = away.Wish(
        stage.people[fact.person], fact.start, fact.end, "演示事由", "本市", "13800000000",
        stage.people[fact.stand_in], entered_late=fact.late,
    )  # fmt: skip
    row = away.ask_leave(wish, stage.manager, fact.asked)
    if fact.answer is not None:
        at, granted = fact.answer
        yield at
        opinion = "" if granted else "演示：不同意"
        away.answer_leave(row, granted, stage.client, at, opinion=opinion)
    if fact.withdrawn is not None:
        yield fact.withdrawn
        away.withdraw_leave(row, "演示：不请了", stage.manager, fact.withdrawn)


def replacement(stage: Stage, fact: facts.Replacement) -> Story:
    """A replacement asked for by the provider or by the client, and answered."""
    yield fact.asked
    wish = away.Replacement(
        stage.people[fact.leaving], fact.joining, "13800000000", "演示资质", fact.on, "演示"
    )
    by = stage.client if fact.by_client else stage.manager
    row = away.ask_change(wish, by, fact.asked)
    if fact.answer is not None:
        at, granted = fact.answer
        yield at
        opinion = "" if granted else "演示：不同意"
        away.answer_change(row, granted, stage.client, at, opinion=opinion)


def guard(stage: Stage, fact: facts.Guard) -> Story:
    """A period of 7x24 presence with its turns, put down the day before it begins."""
    at = fact.start - timedelta(days=1)
    yield at
    row = attendance.open_period(fact.name, fact.start, fact.end, stage.client, at)
    for name, start, end in fact.turns:
        attendance.add_shift(row, stage.people[name], start, end, stage.manager, at)
