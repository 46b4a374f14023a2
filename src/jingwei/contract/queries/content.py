"""The parts of a contract's content that stay files: labels of papers, forms of duties."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from jingwei.contract.clauses import Clauses, read
from jingwei.contract.models import Contract
from jingwei.contract.queries.versions import origin


def content_of(contract: Contract) -> Clauses | None:
    """The clauses of a contract's folder; None where it has none. Raises ContentError."""
    return _read(Path(settings.JINGWEI_CONTENT) / "contracts" / origin(contract).code)


@lru_cache(maxsize=8)
def _read(folder: Path) -> Clauses | None:
    return read(folder)
