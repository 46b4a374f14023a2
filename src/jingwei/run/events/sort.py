"""Log lines and notifications as events, by the rules of content/events.toml. Pure."""

from datetime import datetime

from jingwei.checks.actions.events import Event
from jingwei.checks.content.events import EventRules
from jingwei.probes.syslog import SEVERITIES, Line
from jingwei.probes.trap import Trap
from jingwei.terms import Result

_SHOWN = 20  # variables shown


def of_line(rules: EventRules, line: Line, sender: str, now: datetime) -> Event | None:
    """The event of a log line at our own time: senders' clocks and zones are not to be trusted."""
    rule = rules.of_line(line)
    if rule is None:
        return None
    host = line.host or sender
    # What heals speaks of the thing its label names; otherwise two of a kind are the same.
    same = f"{sender}\0{rule.label}" if rule.heals or _healed(rules, rule.label) else (
        f"{sender}\0{host}\0{line.app}\0{line.kind}"
    )  # fmt: skip
    said = f"{line.app}: {line.text}" if line.app else line.text
    return Event(
        source="syslog", same=same, about=(sender, host), result=rule.result or Result.ATTENTION,
        title=f"{rule.label}：{said}", at=now, resolved=rule.heals, counted=True,
        detail=f"{said}\n主机 {host}，发自 {sender}，级别 {SEVERITIES[line.severity]}",
    )  # fmt: skip


def _healed(rules: EventRules, label: str) -> bool:
    return any(rule.heals and rule.label == label for rule in rules.lines)


def of_trap(rules: EventRules, trap: Trap, sender: str, now: datetime) -> Event | None:
    """The event of a notification; two of a device are the same by label and what they name."""
    rule = rules.of_trap(trap)
    if rule is None:
        return None
    source = trap.agent or sender
    which = rule.which(trap)
    shown = [f"{oid} = {value}" for oid, value in trap.variables[:_SHOWN]]
    return Event(
        source="trap", same=f"{source}\0{rule.label}\0{which}", about=(source, sender),
        result=rule.result or Result.ATTENTION, at=now, resolved=rule.heals, counted=True,
        title=f"{rule.label} {which}".strip(),
        detail="\n".join([f"{trap.oid}，发自 {source}", *shown]),
    )  # fmt: skip
