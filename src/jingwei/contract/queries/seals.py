"""Whether sealed rows are still what they were when they were sealed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError

from jingwei.accounts import queries as accounts
from jingwei.contract import evidence
from jingwei.contract.evidence import BY_NAME, Evidence
from jingwei.contract.models import Seal

_CHUNK = 500


def verify_seals() -> tuple[int, list[tuple[str, str, str]]]:
    """How many rows were looked at, and (kind, id, why) of each that is not as it was sealed."""
    said: dict[str, dict[str, Any]] = {
        link.object_key: link.after or {} for link in accounts.entries("seal").iterator(2000)
    }
    rows, broken = 0, list[tuple[str, str, str]]()
    for held in Seal.objects.order_by("id").iterator(chunk_size=20):
        told = said.pop(str(held.pk), None)
        if why := _seal(held, told):
            broken.append(("seal", str(held.pk), why))
            continue
        rows += held.rows
        broken += _rows(held)
    broken += [("seal", key, f"封存记录已不存在（{told.get('kind')}，{told.get('rows')} 行）")
               for key, told in said.items()]  # fmt: skip
    return rows, broken


def _seal(held: Seal, told: dict[str, Any] | None) -> str:
    if told is None:
        return "审计链中没有这次封存"
    digest = evidence.sealed(held.kind, held.columns, held.digests)
    if digest != told.get("sha256"):
        return f"封存内容被改动：应为 {told.get('sha256')}，现为 {digest}"
    return ""


def _rows(held: Seal) -> Iterator[tuple[str, str, str]]:
    kind = BY_NAME.get(held.kind)
    if kind is None:
        yield "seal", str(held.pk), f"未知的证据种类 {held.kind}"
        return
    expected = dict(_pairs(held.digests))
    keys = list(expected)
    when = f"{held.at:%Y-%m-%d %H:%M} UTC 封存"
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        try:
            found = _digests(kind, held.columns, chunk)
        except (FieldError, FieldDoesNotExist):
            yield "seal", str(held.pk), f"封存的列 {'、'.join(held.columns)} 已不全，无法校验"
            return
        for pk in chunk:
            now = found.get(pk)
            if now is None:
                yield kind.name, str(pk), f"{kind.label}在{when}后被删除"
            elif now != expected[pk]:
                why = f"{kind.label}与{when}的内容不同：应为 {expected[pk]}，现为 {now}"
                yield kind.name, str(pk), why


def _pairs(digests: str) -> Iterator[tuple[int, str]]:
    for line in digests.splitlines():
        pk, _, digest = line.partition(":")
        yield int(pk), digest


def _digests(kind: Evidence, columns: Sequence[str], keys: list[int]) -> dict[int, str]:
    rows = kind.model._default_manager.filter(pk__in=keys).values_list("pk", *columns)
    return {pk: evidence.digest(values) for pk, *values in rows}
