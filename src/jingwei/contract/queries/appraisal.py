"""Appraisals as they stand: their form, their deadline, their score, what a draft is made from."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from jingwei.calendars import queries as calendars
from jingwei.contract import appraising
from jingwei.contract.appraising import Group, Judged, Template
from jingwei.contract.models import Appraisal, AppraisalStep, Contract
from jingwei.contract.queries.assess import Assessed, assess_all
from jingwei.contract.queries.facts import term_of
from jingwei.contract.queries.versions import origin
from jingwei.sla.measures.periods import Every, Period, day_of, midnight, periods

_K = AppraisalStep.Kind
UNPUBLISHED_DAYS = 7  # of the calendar, where the working days are not published


@dataclass(frozen=True, slots=True)
class AppraisalStanding:
    """Where one appraisal stands; `appeal_by` is when the provider's time to appeal is over.

    Score and grade are the client's: a draft has none.
    """

    appraisal: Appraisal
    issued: AppraisalStep | None
    appealed: AppraisalStep | None
    decided: AppraisalStep | None
    appeal_by: datetime | None

    @property
    def label(self) -> str:
        """One word."""
        if self.decided:
            return "已裁定"
        if self.appealed:
            return "申诉待裁定"
        return "已发布" if self.issued else "草案"

    @property
    def final(self) -> AppraisalStep | None:
        """The step whose lines and score count."""
        return self.decided or self.issued

    @property
    def grade(self) -> str:
        """The word for the score the client gave; empty for a draft."""
        held = self.final
        if held is None or held.score is None:
            return ""
        return appraising.grade(form_of(self.appraisal), held.score)


def template_of(contract: Contract) -> Template | None:
    """The sheet's form in the contract's content; None where it has none. Raises ContentError."""
    return _read(Path(settings.JINGWEI_CONTENT) / "contracts" / origin(contract).code)


@lru_cache(maxsize=8)
def _read(folder: Path) -> Template | None:
    return appraising.read(folder)


def to_json(template: Template) -> dict[str, Any]:
    """A form as it is kept with a draft."""
    return {
        "groups": [
            {**asdict(group), "points": str(group.points), "each": str(group.each)}
            for group in template.groups
        ],
        "grades": [[str(least), label] for least, label in template.grades],
        "appeal_working_days": template.appeal_working_days,
    }


def form_of(appraisal: Appraisal) -> Template:
    """The form a draft was made with."""
    held = appraisal.form
    return Template(
        tuple(
            Group(g["id"], g["label"], Decimal(g["points"]), Decimal(g["each"]),
                  tuple(g["obligations"]), g["veto"])
            for g in held["groups"]
        ),
        tuple((Decimal(least), label) for least, label in held["grades"]),
        held["appeal_working_days"],
    )  # fmt: skip


def appraisal_periods(contract: Contract, now: datetime) -> list[Period]:
    """The contract's quarters that are over: what can be appraised."""
    return [p for p in periods(Every.QUARTER, term_of(contract)) if p.due <= now]


def appraisals(contract: Contract) -> QuerySet[Appraisal]:
    """Every draft and sheet of a contract, the newest period first."""
    return Appraisal.objects.filter(contract=contract).prefetch_related("steps")


def appraisal_standing(appraisal: Appraisal) -> AppraisalStanding:
    """Where it stands."""
    steps = {step.kind: step for step in appraisal.steps.all()}
    issued = steps.get(_K.ISSUED)
    until = appeal_by(form_of(appraisal), issued.at) if issued else None
    return AppraisalStanding(
        appraisal, issued, steps.get(_K.APPEALED), steps.get(_K.DECIDED), until
    )


def appeal_by(template: Template, issued_at: datetime) -> datetime:
    """The first moment at which an appeal is too late: whole working days after the issue."""
    day: date = day_of(issued_at)
    last = calendars.add_working_days(day, template.appeal_working_days)
    if last is None:
        last = day + timedelta(days=UNPUBLISHED_DAYS)
    return midnight(last + timedelta(days=1))


def judged(contract: Contract, as_of: datetime) -> list[Judged]:
    """Every obligation as it stood at a moment, as a proposal needs it."""
    return [_judged(each) for each in assess_all(contract, as_of)]


def _judged(each: Assessed) -> Judged:
    verdict = each.assessment.verdict
    return Judged(
        each.obligation.key, each.obligation.clause, verdict.standing,
        tuple(
            (line.standing, line.text, str(line.ref) if line.ref else "",
             line.due or (line.ref.at if line.ref else None))
            for line in verdict.lines
        ),
    )  # fmt: skip
