"""Every read of this room."""

from jingwei.contract.queries.assess import Assessed, assess_all, open_questions
from jingwei.contract.queries.content import content_of
from jingwei.contract.queries.duties import duties, labels, missed
from jingwei.contract.queries.facts import gather, term_of
from jingwei.contract.queries.facts.checks import watched_from
from jingwei.contract.queries.versions import contracts, current, obligations_of, origin

__all__ = [
    "Assessed",
    "assess_all",
    "content_of",
    "contracts",
    "current",
    "duties",
    "gather",
    "labels",
    "missed",
    "obligations_of",
    "open_questions",
    "origin",
    "term_of",
    "watched_from",
]
