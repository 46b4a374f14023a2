"""An appraisal is proposed by rule, issued by the client, appealed by the provider, decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.contract import appraising
from jingwei.contract.actions.errors import BadInputError
from jingwei.contract.actions.writing import audit, clauses_of, demand, name_of, wanted
from jingwei.contract.appraising import Template
from jingwei.contract.models import (
    Appraisal,
    AppraisalStep,
    Contract,
    Document,
    DocumentStep,
)
from jingwei.contract.queries import appraisal as queries
from jingwei.sla.measures.periods import midnight

_K = AppraisalStep.Kind


@dataclass(frozen=True, slots=True)
class Change:
    """What the client makes of one line: its points, and why where they differ from the proposed.

    `no` 0 is a line of the client's own: it names its group, its reason and its evidence.
    """

    no: int
    points: Decimal
    reason: str = ""
    group: str = ""
    evidence: str = ""


def propose(contract: Contract, first: date, by: User, now: datetime) -> Appraisal:
    """A draft for the contract quarter that begins on a day, from what was proven by its end.

    Raises ForbiddenError, BadInputError: no form, no such period, not over, issued already.
    """
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    template = queries.template_of(contract)
    if template is None:
        raise BadInputError("contract", f"{contract.code} 没有考核表样式（appraisal.toml）")
    over = queries.appraisal_periods(contract, now)
    period = next((each for each in over if each.first == first), None)
    if period is None:
        raise BadInputError("period", f"{first} 不是已结束的合同季度的第一天")
    end = midnight(period.last + timedelta(days=1))
    known = queries.judged(contract, end)
    try:
        with transaction.atomic():
            held = list(queries.appraisals(contract).filter(period_start=first))
            if any(queries.appraisal_standing(each).issued for each in held):
                raise BadInputError("period", f"{first} 起的季度已发布考核，不再起草")
            made = Appraisal(
                contract=contract, period_start=period.first, period_end=period.last,
                version=1 + max((each.version for each in held), default=0),
                form=queries.to_json(template),
                lines=appraising.proposed(template, known, midnight(first), end),
                coverage=appraising.coverage(template, known), at=now, by=by, by_name=name_of(by),
            )  # fmt: skip
            made.save()
            audit(contract, "appraisal.propose", by, now, key=f"appraisal-{made.pk}",
                  after={"period": str(first), "lines": made.lines})  # fmt: skip
    except IntegrityError:
        raise BadInputError("period", "同时有人起草了这一季度，请刷新后再看") from None
    return made


@transaction.atomic
def issue(
    appraisal: Appraisal, changes: Sequence[Change], by: User, now: datetime, *, text: str = ""
) -> AppraisalStep:
    """The client issues the sheet: each line as proposed or as changed, and lines of its own.

    Raises ForbiddenError, BadInputError: issued already, an older draft, points out of range,
    a change without reason, a deduction without evidence.
    """
    demand(by, May.APPROVE_TICKETS)
    newest = _locked(appraisal)
    if newest.pk != appraisal.pk:
        raise BadInputError("appraisal", "已有更新的草案，请在最新一版上发布")
    if queries.appraisal_standing(newest).issued:
        raise BadInputError("appraisal", "该季度考核已发布")
    lines = _changed(queries.form_of(appraisal), appraisal.lines, changes)
    step = _step(appraisal, _K.ISSUED, lines, text, by, now)
    _file(appraisal, by, now)
    return step


@transaction.atomic
def appeal(appraisal: Appraisal, text: str, by: User, now: datetime) -> AppraisalStep:
    """The provider appeals once, within the time. Raises ForbiddenError, BadInputError."""
    demand(by, May.HANDLE_TICKETS)
    _locked(appraisal)
    held = queries.appraisal_standing(appraisal)
    if held.issued is None or held.appeal_by is None:
        raise BadInputError("appraisal", "甲方尚未发布，无从申诉")
    if held.appealed:
        raise BadInputError("appraisal", "已经申诉，等待甲方裁定")
    if now >= held.appeal_by:
        raise BadInputError("appraisal", f"申诉期已过（截至 {held.appeal_by:%Y-%m-%d} 前）")
    said = wanted("text", text, "申诉理由", 2000)
    return _step(appraisal, _K.APPEALED, [], said, by, now, scored=False)


@transaction.atomic
def decide(
    appraisal: Appraisal, changes: Sequence[Change], text: str, by: User, now: datetime
) -> AppraisalStep:
    """The client decides an appeal: the lines as they now stand, and why."""
    demand(by, May.APPROVE_TICKETS)
    _locked(appraisal)
    held = queries.appraisal_standing(appraisal)
    if held.issued is None or held.appealed is None:
        raise BadInputError("appraisal", "没有待裁定的申诉")
    if held.decided:
        raise BadInputError("appraisal", "该申诉已裁定")
    said = wanted("text", text, "裁定意见", 2000)
    lines = _changed(queries.form_of(appraisal), held.issued.lines, changes)
    return _step(appraisal, _K.DECIDED, lines, said, by, now)


def _locked(appraisal: Appraisal) -> Appraisal:
    """The newest draft of the period, no other step of it at the same time."""
    rows = Appraisal.objects.select_for_update().filter(
        contract=appraisal.contract_id, period_start=appraisal.period_start
    )
    return list(rows.order_by("version"))[-1]


def _step(
    appraisal: Appraisal, kind: AppraisalStep.Kind, lines: list[dict[str, Any]], text: str,
    by: User, now: datetime, *, scored: bool = True,
) -> AppraisalStep:  # fmt: skip
    score = appraising.total(queries.form_of(appraisal), lines) if scored else None
    step = AppraisalStep(
        appraisal=appraisal, kind=kind, lines=lines, score=score, text=text.strip()[:2000], at=now,
        by=by, by_name=name_of(by),
    )  # fmt: skip
    step.save()
    audit(appraisal.contract, f"appraisal.{kind}", by, now, key=f"appraisal-{appraisal.pk}",
          after={"score": None if score is None else str(score), "lines": lines},
          reason=step.text)  # fmt: skip
    return step


def _changed(
    template: Template, before: Sequence[Mapping[str, Any]], changes: Sequence[Change]
) -> list[dict[str, Any]]:
    made = {change.no: change for change in changes if change.no}
    known = {line["no"] for line in before}
    if unknown := set(made) - known:
        raise BadInputError("lines", f"没有第 {min(unknown)} 行")
    lines = [_line(template, dict(line), made.get(line["no"])) for line in before]
    for change in changes:
        if change.no == 0:
            lines.append(_own(template, change, len(lines) + 1))
    return lines


def _line(template: Template, line: dict[str, Any], change: Change | None) -> dict[str, Any]:
    if change is None or change.points == Decimal(line["points"]):
        return line
    field = f"line-{line['no']}"
    reason = wanted(field, change.reason, f"第 {line['no']} 行改动的理由")
    return line | {"points": str(_points(template, line["group"], change.points, field)),
                   "changed": reason}  # fmt: skip


def _own(template: Template, change: Change, no: int) -> dict[str, Any]:
    if template.group(change.group) is None:
        raise BadInputError("own_group", "请选择考核项")
    return {
        "no": no, "group": change.group, "obligation": "", "clause": "甲方提出",
        "points": str(_points(template, change.group, change.points, "own_points")),
        "reason": wanted("own_reason", change.reason, "扣分理由"),
        "evidence": [wanted("own_evidence", change.evidence, "证据（单号、文件或记录）")],
    }  # fmt: skip


def _points(template: Template, group: str, points: Decimal, field: str) -> Decimal:
    held = template.group(group)
    most = held.points if held else Decimal(0)
    if not points.is_finite() or not 0 <= points <= most or points != round(points, 2):
        raise BadInputError(field, f"扣分应为 0 至 {most} 之间、最多两位小数")
    return points


def _file(appraisal: Appraisal, by: User, now: datetime) -> None:
    """The issued sheet is the paper the contract asks for: given and confirmed by the client."""
    if "appraisal" not in clauses_of(appraisal.contract).documents:
        return
    paper = Document(
        contract=appraisal.contract, kind="appraisal", title=str(appraisal),
        report=f"appraisal-{appraisal.pk}", period_start=appraisal.period_start,
        period_end=appraisal.period_end, sections=[], at=now, by=by, by_name=name_of(by),
    )  # fmt: skip
    paper.save()
    audit(appraisal.contract, "paper", by, now, key=f"paper-{paper.pk}",
          after={"kind": paper.kind, "title": paper.title, "sha256": ""})  # fmt: skip
    for kind in (DocumentStep.Kind.ELECTRONIC, DocumentStep.Kind.CONFIRMED):
        DocumentStep(document=paper, kind=kind, at=now, entered_at=now, by=by,
                     by_name=name_of(by)).save()  # fmt: skip
        audit(appraisal.contract, f"paper.{kind}", by, now, key=f"paper-{paper.pk}",
              after={"at": now.isoformat(), "late": False})  # fmt: skip
