"""The appraisal sheet by rule: what of a period's breaches is proposed, and what it adds up to.

Pure. The platform proposes deductions, each with its evidence; it never gives points. What has no
evidence is said to have none: it is neither earned nor lost (domain.md section 12).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jingwei.rules.document import Document, load
from jingwei.terms.obligation import Standing

FULL = Decimal(100)
_KEYS = {"id", "label", "points", "each", "obligations", "veto"}


@dataclass(frozen=True, slots=True)
class Group:
    """One part of the sheet. `obligations` are the first words of obligation keys it is about."""

    id: str
    label: str
    points: Decimal
    each: Decimal
    obligations: tuple[str, ...]
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A sheet's form: its groups add up to 100, `grades` are (at least, label), best first."""

    groups: tuple[Group, ...]
    grades: tuple[tuple[Decimal, str], ...]
    appeal_working_days: int

    def group(self, name: str) -> Group | None:
        """The group of that id."""
        return next((each for each in self.groups if each.id == name), None)


@dataclass(frozen=True, slots=True)
class Judged:
    """One obligation as it stood at the period's end, as much as a proposal needs of it."""

    key: str
    clause: str
    standing: Standing
    lines: tuple[tuple[Standing, str, str, datetime | None], ...]  # standing, text, evidence, when


def read(folder: Path) -> Template | None:
    """The form of a contract folder; None where it has none. Raises ContentError with the line."""
    path = folder / "appraisal.toml"
    if not path.exists():
        return None
    document = load(path.read_text(encoding="utf-8"), path.as_posix())
    data = document.data
    groups = tuple(_group(document, i, table) for i, table in enumerate(data.get("group", ())))
    total = sum((group.points for group in groups), Decimal(0))
    if total != FULL:
        raise document.error((), f"各组分值合计应为 100，现为 {total}")
    if len({group.id for group in groups}) != len(groups):
        raise document.error(("group",), "组的 id 重复")
    grades = tuple((Decimal(str(g["at_least"])), str(g["label"])) for g in data.get("grades", ()))
    if not grades or grades[-1][0] != 0 or list(grades) != sorted(grades, reverse=True):
        raise document.error(("grades",), "等级应从高到低排列，最后一级从 0 分起")
    days = data.get("appeal_working_days")
    if type(days) is not int or not 1 <= days <= 60:
        raise document.error(("appeal_working_days",), f"应为 1 至 60 的整数，收到 {days!r}")
    return Template(groups, grades, days)


def _group(document: Document, index: int, table: Mapping[str, Any]) -> Group:
    at = ("group", index)
    if unknown := set(table) - _KEYS:
        raise document.error((*at, min(unknown)), f"不认识的键 {min(unknown)}")
    for key in ("id", "label", "points", "each", "obligations"):
        if key not in table:
            raise document.error(at, f"缺少 {key}")
    points, each = (Decimal(str(table[key])) for key in ("points", "each"))
    if points <= 0 or each <= 0:
        raise document.error((*at, "points"), "points 与 each 应大于 0")
    return Group(
        table["id"], table["label"], points, each, tuple(table["obligations"]),
        bool(table.get("veto", False)),
    )  # fmt: skip


def proposed(
    template: Template, judged: Iterable[Judged], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The lines of a draft: one a breach of the period, with its reason and evidence.

    A breach that has no moment of its own (a total over the year) is proposed without points: what
    of it belongs to the period is the client's to say.
    """
    lines: list[dict[str, Any]] = []
    for row in judged:
        group = next((g for g in template.groups if row.key.split(".")[0] in g.obligations), None)
        if group is None or row.standing is not Standing.BREACHED:
            continue
        for standing, text, evidence, at in row.lines:
            if standing is not Standing.BREACHED:
                continue
            if at is not None and not start <= at < end:
                continue
            veto = "（一票否决项）" if group.veto else ""
            dated = at is not None
            lines.append({
                "no": len(lines) + 1, "group": group.id, "obligation": row.key,
                "clause": row.clause, "points": str(group.each if dated else Decimal(0)),
                "reason": f"{text}{veto}" if dated else f"{text}{veto}；累计项，请甲方核定",
                "evidence": [evidence] if evidence else [f"obligation:{row.key}"],
            })  # fmt: skip
    return lines


def coverage(template: Template, judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Of each group: how many of its obligations had evidence, and how many there are."""
    known = (Standing.MET, Standing.BREACHED)
    found = []
    for group in template.groups:
        rows = [row for row in judged if row.key.split(".")[0] in group.obligations]
        found.append({
            "group": group.id, "label": group.label, "points": str(group.points),
            "obligations": len(rows), "proven": sum(row.standing in known for row in rows),
        })  # fmt: skip
    return found


def deducted(template: Template, lines: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Group → points taken off by these lines, at most the group's own."""
    found = {group.id: Decimal(0) for group in template.groups}
    for line in lines:
        found[line["group"]] += Decimal(line["points"])
    return {group.id: min(found[group.id], group.points) for group in template.groups}


def total(template: Template, lines: Iterable[Mapping[str, Any]]) -> Decimal:
    """What an issued sheet comes to, of 100."""
    return FULL - sum(deducted(template, lines).values(), Decimal(0))


def grade(template: Template, score: Decimal) -> str:
    """The word for a score."""
    return next(label for least, label in template.grades if score >= least)
