"""Sealing evidence: rows that are final are hashed, and the chain keeps the hash of the hashes."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.contract import evidence
from jingwei.contract.evidence import Evidence
from jingwei.contract.models import Seal

MOST = 2000  # rows of one seal
SYSTEM = "系统"


def seal(now: datetime, by: str = SYSTEM) -> int:
    """Seal every final row of evidence that no seal covers yet; how many.

    Safe to run at any time and twice. A row of which the room can still change a fixed column is
    sealed later, when it is final.
    """
    return sum(_seal(kind, now, by) for kind in evidence.KINDS)


@transaction.atomic
def _seal(kind: Evidence, now: datetime, by: str) -> int:
    accounts.one_writer()  # of two workers the second finds nothing left
    covered = set(_covered(kind))
    final = kind.model._default_manager.filter(kind.final(now)).order_by("pk")
    left = [pk for pk in final.values_list("pk", flat=True).iterator() if pk not in covered]
    for start in range(0, len(left), MOST):
        _write(kind, left[start : start + MOST], now, by)
    return len(left)


def _covered(kind: Evidence) -> Iterator[int]:
    held = Seal.objects.filter(kind=kind.name).values_list("digests", flat=True)
    for digests in held.iterator(chunk_size=50):
        for line in digests.splitlines():
            yield int(line.partition(":")[0])


def _write(kind: Evidence, keys: list[int], now: datetime, by: str) -> None:
    columns = kind.columns
    rows = dict[int, str]()
    for start in range(0, len(keys), 500):
        chunk = kind.model._default_manager.filter(pk__in=keys[start : start + 500])
        for pk, *values in chunk.values_list("pk", *columns):
            rows[pk] = evidence.digest(values)
    digests = "\n".join(f"{pk}:{rows[pk]}" for pk in sorted(rows))
    made = Seal(
        kind=kind.name, columns=list(columns), rows=len(rows), digests=digests,
        sha256=evidence.sealed(kind.name, columns, digests), at=now,
    )  # fmt: skip
    made.save()
    accounts.record(
        by, "contract.seal", kind="seal", key=str(made.pk),
        after={"kind": kind.name, "rows": made.rows, "sha256": made.sha256}, now=now,
    )  # fmt: skip
