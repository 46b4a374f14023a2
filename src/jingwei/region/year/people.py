"""Who was there, who asked to be away, who was replaced: four on site, three behind them."""

from datetime import date, timedelta

from jingwei.region.year import days
from jingwei.region.year.draft import BROKEN, DAY, HOUR, MET, UNPROVEN, Draft
from jingwei.region.year.facts import Guard, Leave, Present, Replacement
from jingwei.region.year.places import FIRST_LINE, SECOND_LINE

_ON_SITE = ("staff.onsite-minimum", "staff.worktime-5x8")
_LEAVE, _DETAILS = "staff.leave-request", "staff.leave-details"
_STABLE = ("staff.no-change-without-consent", "staff.stability")


def people(draft: Draft) -> None:
    """Attendance of every working day, leave, replacements, periods of 7x24 presence."""
    _attendance(draft)
    _leaves(draft)
    _replacements(draft)
    _guards(draft)


def _attendance(draft: Draft) -> None:
    for name in (*_ON_SITE, "staff.second-line-minimum"):
        draft.ledger.asked(name)
    short = {} if draft.kept() else {draft.working_day(): 3}
    unknown = set() if draft.kept(0.7) else {draft.working_day()}
    second = {draft.working_day() for _ in range(draft.rng.randint(0, 4))}
    second_short = draft.kept(0.3)
    for day in days.working_days():
        present = () if day in unknown else FIRST_LINE[: short.get(day, 4)]
        there = (SECOND_LINE[:2] if second_short else SECOND_LINE) if day in second else ()
        standing = UNPROVEN if day in unknown else BROKEN if day in short else MET
        for name in _ON_SITE:
            draft.ledger.note(name, standing)
        if there:
            draft.ledger.note("staff.second-line-minimum", BROKEN if second_short else MET)
        if present or there:
            draft.present.append(Present(day, (*present, *there)))
    draft.ledger.case(
        "three on site" if short else "four on site every day",
        "a day without attendance" if unknown else "every day's attendance",
    )


def _leaves(draft: Draft) -> None:
    draft.ledger.asked(_LEAVE)
    draft.ledger.asked(_DETAILS)
    ways = ["granted", "granted to the minute", "refused", "withdrawn"]
    if not draft.kept():
        ways += ["granted late", "told afterwards", "afterwards and refused", "unanswered"]
    for number, way in enumerate(draft.some(ways, len(ways))):
        draft.ledger.case(f"leave {way}")
        start = days.at(days.working_days()[10 + number * 28 + draft.rng.randint(0, 20)], 8, 30)
        asked = start - 2 * DAY
        late = way in ("told afterwards", "afterwards and refused")
        answer = {
            "granted": (start - DAY, True), "granted to the minute": (start, True),
            "refused": (start - DAY, False), "granted late": (start + HOUR, True),
            "told afterwards": (start + 4 * HOUR, True),
            "afterwards and refused": (start + 4 * HOUR, False),
        }.get(way)  # fmt: skip
        draft.leaves.append(
            Leave(FIRST_LINE[4], SECOND_LINE[number % 2], start + HOUR if late else asked, start,
                  start + 9 * HOUR, answer, start - HOUR if way == "withdrawn" else None, late)
        )  # fmt: skip
        if way in ("refused", "withdrawn"):
            continue
        draft.ledger.note(_LEAVE, MET if way.startswith("granted") and way != "granted late"
                          else BROKEN)  # fmt: skip
        draft.ledger.note(_DETAILS, BROKEN if late else MET)


def _replacements(draft: Draft) -> None:
    client = "staff.replace-on-client-request"
    for name in (*_STABLE, client):
        draft.ledger.asked(name)
    if draft.kept():
        way = draft.rng.choice(("granted", "granted late", "refused"))
        draft.ledger.case(f"replacement {way}")
        on = date(2023, 8, 8)
        midnight = days.at(on, 0)
        answer = {"granted": (midnight, True), "granted late": (midnight + HOUR, True),
                  "refused": (midnight - DAY, False)}[way]  # fmt: skip
        draft.replacements.append(
            Replacement(SECOND_LINE[2], "接替人甲", midnight - 5 * DAY, on, answer)
        )
        if way != "refused":
            for name in _STABLE:
                draft.ledger.note(name, MET if way == "granted" else BROKEN)
    if draft.kept():
        same_day = draft.kept()
        draft.ledger.case("client wants it today" if same_day else "client wants it soon")
        asked = days.at(date(2023, 10, 18), 10)
        on = asked.date() if same_day else date(2023, 10, 25)
        draft.replacements.append(Replacement(FIRST_LINE[4], "接替人乙", asked, on, by_client=True))
        draft.ledger.note(client, MET)


def _guards(draft: Draft) -> None:
    """Two at any moment; a turn that ends an hour early is an hour with one."""
    name = "emergency.public-health-7x24"
    draft.ledger.asked(name)
    if draft.kept(0.4):
        return
    gap = not draft.kept()
    draft.ledger.case("guard with a gap" if gap else "guard kept")
    start = days.at(date(2022, 12, 19), 0)
    turns = []
    for number in range(6):
        low = start + number * timedelta(hours=12)
        early = gap and number == 3
        pair = (FIRST_LINE[:2], FIRST_LINE[2:4])[number % 2]
        turns.append((pair[0], low, low + 12 * HOUR))
        turns.append((pair[1], low, low + (11 if early else 12) * HOUR))
    draft.guards.append(Guard("公共卫生应急值守", start, start + 3 * DAY, tuple(turns)))
    for day in range(3):
        draft.ledger.note(name, BROKEN if gap and day == 1 else MET)
