"""Every read of this room."""

from jingwei.contract.queries.assess import Assessed, assess_all, bearing, open_questions
from jingwei.contract.queries.content import content_of
from jingwei.contract.queries.duties import duties, missed, records, unpublished
from jingwei.contract.queries.facts import gather, labels, term_of
from jingwei.contract.queries.facts.checks import watched_from
from jingwei.contract.queries.versions import contracts, current, obligations_of, origin

__all__ = [
    "Assessed",
    "assess_all",
    "bearing",
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
    "records",
    "term_of",
    "unpublished",
    "watched_from",
]
