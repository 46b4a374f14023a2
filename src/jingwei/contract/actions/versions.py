"""Contract versions from content, and the demonstration copy."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from jingwei.contract import clauses, content
from jingwei.contract.models import Ambiguity, Contract, Obligation
from jingwei.contract.period import shifted
from jingwei.contract.queries import versions as queries
from jingwei.rules.document import ContentError

M = TypeVar("M", Obligation, Ambiguity)


@transaction.atomic
def load(folder: Path, today: date) -> Contract | None:
    """Take in the contract of a content folder; returns the contract in force today, if any.

    Idempotent. A stored version never changes: other words under the same version number are
    refused. One that was stored before the content had a policy takes it on once: until then it
    stood on the same values, the tender's. Raises ContentError with file and line.
    """
    terms = content.read(folder)
    fields = asdict(terms)
    key = {"code": fields.pop("code"), "version": fields.pop("version")}
    row, created = Contract.objects.get_or_create(**key, defaults=fields)
    if not created:
        if not row.policy and fields["policy"]:
            row.policy = fields["policy"]
            row.save(update_fields=("policy",))
        different = [name for name, value in fields.items() if getattr(row, name) != value]
        if different:
            raise ContentError(
                f"{folder.name}/{content.FILE}",
                1,
                f"合同 {row.code} 第 {row.version} 版已入库且 {'、'.join(different)} 不同："
                "已入库的版本不可修改，请把 version 加一",
            )
    _store(row, folder)
    return queries.current(today)


def _store(contract: Contract, folder: Path) -> None:
    """The obligations of a version, stored once. Raises ContentError for changed words."""
    found = clauses.read(folder)
    if found is None:
        return
    _rows(contract, Obligation, found.obligations, folder)
    _rows(contract, Ambiguity, found.ambiguities, folder)


def _rows(
    contract: Contract,
    model: type[M],
    wanted: Sequence[Mapping[str, Any]],
    folder: Path,
) -> None:
    held = {row.key: row for row in model._default_manager.filter(contract=contract)}
    if not held:
        model._default_manager.bulk_create(model(contract=contract, **row) for row in wanted)
        return
    changed = {row["key"] for row in wanted} ^ set(held) | {
        row["key"]
        for row in wanted
        if row["key"] in held
        and any(getattr(held[row["key"]], name) != value for name, value in row.items())
    }
    if changed:
        raise ContentError(
            f"{folder.name}/{content.FILE}",
            1,
            f"合同 {contract.code} 第 {contract.version} 版的 {'、'.join(sorted(changed)[:5])} "
            "与已入库的不同：已入库的版本不可修改，请把 version 加一",
        )


@transaction.atomic
def ensure_demo_copy(today: date) -> Contract | None:
    """The contract a demonstration runs under today: a marked copy moved by whole years.

    When the signed contract itself is in force today, it is that one and no copy is made. Each
    service year gets its own copy; earlier ones stay, reports refer to them. None when there is no
    contract, or when no whole number of years brings its period to today.
    """
    found = queries.current(today)
    if found is not None:
        return found
    original = Contract.objects.filter(copy_of=None).order_by("-period_start", "-version").first()
    moved = shifted(original.period_start, original.period_end, today) if original else None
    if original is None or moved is None:
        return None
    start, end, years = moved
    code = f"{original.code}-demo"
    newest = Contract.objects.filter(code=code).order_by("-version").first()
    return Contract.objects.create(
        code=code,
        version=newest.version + 1 if newest else 1,
        title=original.title,
        client=original.client,
        provider=original.provider,
        period_start=start,
        period_end=end,
        copy_of=original,
        source=f"演示副本：原服务期 {original.period_start}～{original.period_end} "
        f"整体平移 {years} 年；{original.source}",
    )
