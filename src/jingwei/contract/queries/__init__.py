"""Every read of this room."""

from jingwei.contract.queries.appraisal import (
    appraisal_periods,
    appraisal_standing,
    appraisals,
    form_of,
    template_of,
)
from jingwei.contract.queries.assess import Assessed, assess_all, bearing, open_questions
from jingwei.contract.queries.clocks import (
    Agreed,
    agreed,
    agreed_in,
    clocks_of,
    hours,
    policy,
    ticket_clocks,
)
from jingwei.contract.queries.content import content_of
from jingwei.contract.queries.duties import duties, missed, records, unpublished
from jingwei.contract.queries.facts import gather, labels, term_of
from jingwei.contract.queries.facts.checks import watched_from
from jingwei.contract.queries.sheets import places as sheet_places
from jingwei.contract.queries.sheets import (
    round_of,
    rounds,
    sheet,
    sheets,
    standing,
    unconfirmed,
)
from jingwei.contract.queries.verify import Broken, Verified, verify
from jingwei.contract.queries.versions import contracts, current, obligations_of, origin

__all__ = [
    "Agreed",
    "Assessed",
    "Broken",
    "Verified",
    "agreed",
    "agreed_in",
    "appraisal_periods",
    "appraisal_standing",
    "appraisals",
    "assess_all",
    "bearing",
    "clocks_of",
    "content_of",
    "contracts",
    "current",
    "duties",
    "form_of",
    "gather",
    "hours",
    "labels",
    "missed",
    "obligations_of",
    "open_questions",
    "origin",
    "policy",
    "records",
    "round_of",
    "rounds",
    "sheet",
    "sheet_places",
    "sheets",
    "standing",
    "template_of",
    "term_of",
    "ticket_clocks",
    "unconfirmed",
    "unpublished",
    "verify",
    "watched_from",
]
