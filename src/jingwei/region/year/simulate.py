"""A contract year out of a seed. The same seed gives the same year, on every machine."""

from random import Random

from jingwei.region.year import days, duties, emergencies, faults, papers, people, requests, times
from jingwei.region.year import rounds as daily
from jingwei.region.year.draft import DAY, MET, UNPROVEN, Draft
from jingwei.region.year.facts import Settled, Year
from jingwei.region.year.truth import READINGS

# What the register as it is shipped comes to: nothing of the year changes it.
_REGISTER = {
    "scope.maintenance-coverage": MET, "scope.out-of-warranty-maintenance": MET,
    "scope.in-warranty-coordination": MET, "power.server-dual-pdu": UNPROVEN,
    # Of 74 servers, 27 stand in institutions and have no power cords in the register: nobody knows.
    # The register has no cables and no software versions.
    "sw.overall-maintenance": UNPROVEN, "cabling.tidy-and-label-both-ends": UNPROVEN,
    "cabling.connection-records": UNPROVEN,
}  # fmt: skip
_AGREED = (("monthly", 5), ("quarterly", 10), ("annual", 20), ("appraisal", 15))


def simulate(seed: int) -> Year:
    """The year of a seed with its truth, judged at the year's end or when its books are closed."""
    rng = Random(f"contract-year-{seed}")
    closed = rng.random() < 0.5
    draft = Draft(seed, rng, days.END + 40 * DAY if closed else days.END)
    draft.ledger.case("judged when the books are closed" if closed else "judged at the year's end")
    _settle(draft)
    faults.open_books(draft)
    times.open_books(draft)
    daily.rounds(draft)
    requests.requests(draft)
    emergencies.emergencies(draft)
    emergencies.drills(draft)
    faults.faults(draft)
    faults.resident(draft)
    if draft.kept(0.4):
        faults.second_hand(draft)
    times.outages(draft)
    duties.duties(draft)
    papers.papers(draft)
    people.people(draft)
    draft.ledger.fix("parts.eol-remark", MET if draft.notices else UNPROVEN)
    for name, standing in _REGISTER.items():
        draft.ledger.fix(name, standing)
    return draft.year()


def _settle(draft: Draft) -> None:
    """What the client decides of the open questions at the year's beginning; the rest stays."""
    at = days.at(days.FIRST, 9)
    for question, readings in READINGS.items():
        if draft.kept():
            draft.ledger.case(f"{question} settled")
            draft.settled.append(Settled(question, at, draft.rng.choice(readings)))
        else:
            draft.ledger.case(f"{question} left open")
    for paper, value in _AGREED:
        if draft.kept(0.7):
            draft.ledger.case(f"{paper} agreed")
            draft.settled.append(Settled("A13", at, about=paper, value=value))
        else:
            draft.ledger.case(f"{paper} not agreed")
