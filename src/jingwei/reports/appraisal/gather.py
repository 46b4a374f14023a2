"""From the room of the contract to one frozen value; the same records always give the same one."""

from datetime import date
from decimal import Decimal

from jingwei.contract import appraising
from jingwei.contract import queries as contracts
from jingwei.contract.models import Appraisal
from jingwei.reports import gather as shared
from jingwei.reports.appraisal.facts import Line, Part, Said, Sheet
from jingwei.reports.errors import ReportError


def gather(subject: str) -> Sheet:
    """The newest appraisal of the quarter that begins on a day. Raises ReportError without one."""
    try:
        first = date.fromisoformat(subject.strip())
    except ValueError:
        raise ReportError(f"“{subject[:20]}”应写成季度首日，如 2026-11-01") from None
    held = Appraisal.objects.filter(period_start=first).prefetch_related("steps")
    row = held.order_by("-contract", "-version").first()
    if row is None:
        raise ReportError(f"{first} 起的季度还没有考核草案")
    standing = contracts.appraisal_standing(row)
    form = contracts.form_of(row)
    final = standing.final
    lines = final.lines if final else row.lines
    proposed = appraising.deducted(form, row.lines)
    lost = appraising.deducted(form, lines) if final else {}
    known = {each["group"]: each for each in row.coverage}
    labels = {group.id: group.label for group in form.groups}
    return Sheet(
        project=shared.project(row.period_end), first=row.period_start, last=row.period_end,
        version=row.version, state=standing.label,
        score=_plain(final.score) if final and final.score is not None else "",
        grade=standing.grade,
        parts=tuple(
            Part(
                group.id, group.label, _plain(group.points), _plain(proposed[group.id]),
                _plain(lost[group.id]) if final else None,
                known[group.id]["obligations"], known[group.id]["proven"],
            )
            for group in form.groups
        ),
        lines=tuple(
            Line(each["no"], labels[each["group"]], each["clause"], _plain(Decimal(each["points"])),
                 each["reason"], tuple(each["evidence"]), each.get("changed", ""))
            for each in lines
        ),
        said=tuple(
            Said(step.get_kind_display(), step.at, step.by_name,
                 "" if step.score is None else _plain(step.score), step.text)
            for step in row.steps.all()
        ),
        drafted_by=row.by_name, drafted_at=row.at,
    )  # fmt: skip


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
