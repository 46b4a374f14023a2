"""Measures over documents: delivered on time, with its sections, one for each event, on file."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jingwei.sla.measures.facts import DocumentFact, Facts, Family
from jingwei.sla.measures.periods import Every, Period, periods
from jingwei.sla.measures.verdict import Line, Verdict, summed
from jingwei.terms.obligation import Standing


@dataclass(frozen=True)
class DeliveredArguments:
    """A document for every period. `due_days` after its end; -1: the client has set no date (A13).

    `paper`: on time is the later of electronic and paper. `sections` it must have.
    """

    document: str
    every: str
    due_days: int = -1
    paper: bool = False
    confirmed: bool = True
    sections: tuple[str, ...] = ()
    quarters: str = "contract"


def document_delivered(arguments: DeliveredArguments, facts: Facts) -> Verdict:
    """Delivered for every period that is over, in the forms and with the sections demanded."""
    agreed = arguments.due_days >= 0
    limit = f"期末后 {arguments.due_days} 日内" if agreed else "截止日期未约定"
    if Family.DOCUMENTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    held = [d for d in facts.documents if d.kind == arguments.document and not d.returned]
    every = periods(Every(arguments.every), facts.term, quarters=arguments.quarters)
    over = [period for period in every if period.due <= facts.now]
    if not over:
        return Verdict(Standing.NOT_DUE, "首期未结束", limit, due=every[0].due if every else None)
    lines = [_period(period, held, arguments, facts) for period in over]
    verdict = summed(lines, limit=limit)
    later = [p.due for p in every if p.due > facts.now]
    return Verdict(verdict.standing, verdict.value, limit, verdict.lines,
                   verdict.due or min(later, default=None))  # fmt: skip


def _period(
    period: Period, held: list[DocumentFact], arguments: DeliveredArguments, facts: Facts
) -> Line:
    found = [d for d in held if (d.period_start, d.period_end) == (period.first, period.last)]
    agreed = arguments.due_days >= 0
    due = period.due + timedelta(days=arguments.due_days) if agreed else None
    delivered = min((at for d in found if (at := _delivered(d, arguments)) is not None),
                    default=None)  # fmt: skip
    ref = found[-1].ref if found else None
    if delivered is None:
        if due is None:
            return Line(Standing.NOT_AGREED, f"{period.label} 未提交，截止日期未约定", ref)
        late = facts.now >= due
        return Line(Standing.BREACHED if late else Standing.DUE, f"{period.label} 未提交", ref, due)
    absent = [s for s in arguments.sections if not any(s in d.sections for d in found)]
    if absent:
        return Line(Standing.BREACHED, f"{period.label} 缺 {'、'.join(absent)}", ref)
    if due is None:
        return Line(Standing.NOT_AGREED, f"{period.label} 已提交，截止日期未约定", ref)
    if delivered >= due:
        return Line(Standing.BREACHED, f"{period.label} 迟交（{delivered:%Y-%m-%d}）", ref, due)
    return Line(Standing.MET, f"{period.label} {delivered:%Y-%m-%d} 送达", ref)


def _delivered(document: DocumentFact, arguments: DeliveredArguments) -> datetime | None:
    wanted = [document.electronic_at]
    if arguments.paper:
        wanted.append(document.paper_at)
    if arguments.confirmed and document.confirmed_at is None:
        return None
    given = [at for at in wanted if at is not None]
    return max(given) if len(given) == len(wanted) else None


@dataclass(frozen=True)
class SectionArguments:
    """One section that every document of a kind must have."""

    document: str
    section: str


def document_section(arguments: SectionArguments, facts: Facts) -> Verdict:
    """Each document that was submitted has the section, not empty."""
    if Family.DOCUMENTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    held = [d for d in facts.documents
            if d.kind == arguments.document and d.electronic_at and not d.returned]  # fmt: skip
    lines = [
        Line(
            Standing.MET if arguments.section in d.sections else Standing.BREACHED,
            f"{d.ref.key} {'有' if arguments.section in d.sections else '缺'}该节", d.ref,
        )
        for d in held
    ]  # fmt: skip
    return summed(lines, nothing=Standing.NO_EVIDENCE, nothing_text="尚无已提交的报告")


@dataclass(frozen=True)
class PerEventArguments:
    """A document about each event of a kind: fault, emergency, drill, or any duty by its name."""

    document: str
    event: str
    due_days: int = -1
    paper: bool = False


def document_each(arguments: PerEventArguments, facts: Facts) -> Verdict:
    """Every event that is over has its document, confirmed by the client."""
    if Family.DOCUMENTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    held = {d.about: d for d in facts.documents if d.kind == arguments.document and not d.returned}
    lines = [_event(key, at, held.get(key), arguments, facts) for key, at in _events(
        arguments.event, facts)]  # fmt: skip
    return summed(lines)


def _event(
    key: str, over: datetime | None, held: DocumentFact | None, arguments: PerEventArguments,
    facts: Facts,
) -> Line:  # fmt: skip
    if over is None:
        return Line(Standing.NOT_DUE, f"{key} 未结束")
    due = over + timedelta(days=arguments.due_days) if arguments.due_days >= 0 else None
    given = None
    if held is not None and held.confirmed_at is not None:
        given = held.paper_at if arguments.paper else held.electronic_at
    if held is None or given is None:
        if due is not None and facts.now > due:
            return Line(Standing.BREACHED, f"{key} 报告未交付", held.ref if held else None, due)
        return Line(Standing.DUE, f"{key} 报告待交付", held.ref if held else None, due)
    if due is not None and given > due:  # limits are inclusive: the last moment is in time
        return Line(Standing.BREACHED, f"{key} 报告迟交", held.ref, due)
    return Line(Standing.MET, f"{key} 报告已交付", held.ref)


def _events(event: str, facts: Facts) -> list[tuple[str, datetime | None]]:
    if event == "fault":
        return [(t.ref.key, t.ended_at) for t in facts.tickets
                if t.kind == "incident" and not t.cancelled]  # fmt: skip
    if event == "emergency":
        return [(e.ref.key, e.downtime.end) for e in facts.emergencies]
    if event == "drill":
        return [(d.ref.key, d.ended_at) for d in facts.drills]
    return [(d.ref.key, d.at) for d in facts.done if d.duty == event]


@dataclass(frozen=True)
class FiledArguments:
    """A document on file, of one or more kinds, `at_least` of each; confirmed by the client."""

    documents: tuple[str, ...]
    at_least: int = 1
    confirmed: bool = True


def document_filed(arguments: FiledArguments, facts: Facts) -> Verdict:
    """What only people can prove: papers with their scan, seen by the client."""
    if Family.DOCUMENTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    lines = []
    for kind in arguments.documents:
        held = [d for d in facts.documents if d.kind == kind and not d.returned]
        good = [d for d in held if not arguments.confirmed or d.confirmed_at is not None]
        name = facts.labels.get(kind, kind)
        if len(good) >= arguments.at_least:
            lines += [Line(Standing.MET, f"{name}已归档", d.ref) for d in good]
        else:
            ref = held[0].ref if held else None
            text = f"{name}待客户确认" if held else f"{name}未归档"
            lines.append(Line(Standing.NO_EVIDENCE, text, ref))
    return summed(lines, nothing=Standing.NO_EVIDENCE)
