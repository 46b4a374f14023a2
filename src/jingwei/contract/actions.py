"""Every write of this room: contract versions from content, and the demonstration copy."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

from django.db import transaction

from jingwei.contract import content, queries
from jingwei.contract.models import Contract
from jingwei.contract.period import shifted
from jingwei.rules.document import ContentError


@transaction.atomic
def load(folder: Path, today: date) -> Contract | None:
    """Take in the contract of a content folder; returns the contract in force today, if any.

    Idempotent. A stored version never changes: other words under the same version number are
    refused. Raises ContentError with file and line.
    """
    terms = content.read(folder)
    fields = asdict(terms)
    key = {"code": fields.pop("code"), "version": fields.pop("version")}
    row, created = Contract.objects.get_or_create(**key, defaults=fields)
    if not created:
        different = [name for name, value in fields.items() if getattr(row, name) != value]
        if different:
            raise ContentError(
                f"{folder.name}/{content.FILE}",
                1,
                f"合同 {row.code} 第 {row.version} 版已入库且 {'、'.join(different)} 不同："
                "已入库的版本不可修改，请把 version 加一",
            )
    return queries.current(today)


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
