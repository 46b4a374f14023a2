"""Measures over things: readings in range, registers complete, parts, drills, backups."""

from dataclasses import dataclass
from datetime import timedelta

from jingwei.sla.measures.facts import Facts, Family
from jingwei.sla.measures.periods import Every, day_of, periods
from jingwei.sla.measures.verdict import Line, Verdict, summed
from jingwei.terms.obligation import Standing


@dataclass(frozen=True)
class WithinArguments:
    """An item's readings between two values, both included."""

    item: str
    low: float
    high: float
    unit: str = ""


def reading_within(arguments: WithinArguments, facts: Facts) -> Verdict:
    """Every day's lowest and highest reading in range, where the precondition held (A17)."""
    limit = f"{arguments.low:g}～{arguments.high:g} {arguments.unit}".strip()
    rows = [r for r in facts.readings if r.item == arguments.item]
    if Family.READINGS not in facts.known or not rows:
        return Verdict(Standing.NO_EVIDENCE, "尚无读数", limit)
    lines = []
    for row in rows:
        text = f"{row.date} {row.target} {row.low:g}～{row.high:g}"
        if row.precondition is False:
            lines.append(Line(Standing.NOT_APPLICABLE, f"{text}（前提不成立）", row.ref))
        elif row.precondition is None:
            lines.append(Line(Standing.NO_EVIDENCE, f"{text}（前提未知）", row.ref))
        else:
            good = arguments.low <= row.low and row.high <= arguments.high
            lines.append(Line(Standing.MET if good else Standing.BREACHED, text, row.ref))
    return summed(lines, limit=limit, nothing=Standing.NO_EVIDENCE)


@dataclass(frozen=True)
class CoverageArguments:
    """How much of the register has to be as it should, in percent."""

    what: str
    percent: float = 100.0


def coverage(arguments: CoverageArguments, facts: Facts) -> Verdict:
    """The register as it stands: every server on two PDUs, every cable labelled, and so on."""
    limit = f"≥ {arguments.percent:g} %"
    rows = [r for r in facts.coverage if r.what == arguments.what]
    if Family.COVERAGE not in facts.known or not rows:
        return Verdict(Standing.NO_EVIDENCE, "尚无登记", limit)
    total, covered = sum(r.total for r in rows), sum(r.covered for r in rows)
    if total == 0:
        return Verdict(Standing.NO_EVIDENCE, "台账中没有对象", limit)
    if covered == 0:
        return Verdict(Standing.NO_EVIDENCE, f"0/{total}", limit)
    unknown = sum(r.unknown for r in rows)
    if covered / total * 100 >= arguments.percent:
        standing = Standing.MET
    elif (covered + unknown) / total * 100 < arguments.percent:
        standing = Standing.BREACHED  # whatever the rest turns out to be
    else:
        standing = Standing.NO_EVIDENCE
    lines = [Line(standing, f"{r.ref.key} {r.covered}/{r.total}", r.ref) for r in rows]
    lines += [Line(Standing.BREACHED, f"{name} 不符") for r in rows for name in r.missing]
    lines += [Line(Standing.NO_EVIDENCE, f"{name} 未登记") for r in rows for name in r.blank]
    value = f"{covered}/{total}" + (f"，{unknown} 未登记" if unknown else "")
    return Verdict(standing, value, limit, tuple(lines))


@dataclass(frozen=True)
class PartArguments:
    """`rule`: origin (genuine, or second-hand where allowed) or disk (stays with the client)."""

    rule: str


def parts(arguments: PartArguments, facts: Facts) -> Verdict:
    """Every part that was fitted kept the rule."""
    if Family.PARTS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源")
    lines = []
    for part in facts.parts:
        if arguments.rule == "second-hand" and not part.second_hand:
            continue
        if arguments.rule == "disk" and not part.disk:
            continue
        good = part.disk_kept if arguments.rule == "disk" else part.allowed
        lines.append(Line(Standing.MET if good else Standing.BREACHED, part.ref.key, part.ref))
    return summed(lines)


@dataclass(frozen=True)
class DrillArguments:
    """At least so many drills in the term."""

    at_least: int = 2


def drill_count(arguments: DrillArguments, facts: Facts) -> Verdict:
    """Drills held, counted at the term's end; before it they are due, never missed."""
    limit = f"≥ {arguments.at_least} 次"
    if Family.DRILLS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", limit)
    held = [d for d in facts.drills if facts.term.start <= d.ended_at < facts.term.end]
    lines = tuple(Line(Standing.MET, d.ref.key, d.ref) for d in held)
    value = f"{len(held)} 次"
    if len(held) >= arguments.at_least:
        return Verdict(Standing.MET, value, limit, lines)
    if facts.now < facts.term.end:
        return Verdict(Standing.DUE, value, limit, lines, due=facts.term.end)
    return Verdict(Standing.BREACHED if held else Standing.NO_EVIDENCE, value, limit, lines)


@dataclass(frozen=True)
class BackupArguments:
    """Every object of a kind, every day, in full."""

    objects: str
    full: bool = True


def backup_fresh(arguments: BackupArguments, facts: Facts) -> Verdict:
    """A good backup of every object for every day that is over."""
    if Family.BACKUPS not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", "每日")
    today = day_of(facts.now)
    good = {(b.object, b.date): b for b in facts.backups if b.ok and (b.full or not arguments.full)}
    lines = []
    for period in periods(Every.DAY, facts.term):
        if period.first >= today:
            break
        for name in facts.objects.get(arguments.objects, ()):
            held = good.get((name, period.first))
            standing = Standing.MET if held else Standing.BREACHED
            lines.append(Line(standing, f"{period.label} {name}", held.ref if held else None))
    return summed(lines, limit="每日", nothing=Standing.NO_EVIDENCE)


@dataclass(frozen=True)
class RestoreArguments:
    """A restore test at least so often."""

    every: str = "quarter"


def restore_tested(arguments: RestoreArguments, facts: Facts) -> Verdict:
    """A backup that was never restored is a hope."""
    if Family.RESTORES not in facts.known:
        return Verdict(Standing.NO_EVIDENCE, "尚无数据来源", "每季")
    lines = []
    for period in periods(Every(arguments.every), facts.term):
        if period.opens > facts.now:
            break
        held = [r for r in facts.restores if period.holds(r.at) and r.ok]
        open_still = facts.now < period.due
        missing = Standing.DUE if open_still else Standing.BREACHED
        ref = held[0].ref if held else None
        lines.append(Line(Standing.MET if held else missing, period.label, ref,
                          period.due - timedelta(microseconds=1)))  # fmt: skip
    return summed(lines, limit="每季", nothing=Standing.NOT_DUE)
