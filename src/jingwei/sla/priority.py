"""What severity and priority a report suggests: impact x urgency, with the reason in words.

The contract judges severity only (fault table, tender L628-648); the priority says who is sent
first. It is a suggestion: a person decides, and one who decides otherwise says why.
"""

from dataclasses import dataclass

from jingwei.terms.incident import Severity

# Stored values of the desk's words, so that this room knows no tables.
IMPACTS = {"district": "全区或多机构", "institution": "单个机构", "person": "个人"}
URGENCIES = {"stopped": "业务中断", "limited": "功能受限", "can_wait": "可等待"}
# The usual ITIL matrix (domain.md section 4): a row per impact, a column per urgency.
_PRIORITIES = {
    "district": ("P1", "P2", "P3"),
    "institution": ("P2", "P3", "P4"),
    "person": ("P3", "P4", "P4"),
}
_SEVERITIES = {
    "stopped": Severity.OUTAGE,
    "limited": Severity.DEGRADED,
    "can_wait": Severity.NO_IMPACT,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the desk is advised. `emergency`: also ask whether this is an emergency event."""

    severity: Severity
    priority: str
    reason: str
    emergency: bool = False


def suggest(impact: str, urgency: str, *, core: bool = False) -> Suggestion:
    """The suggestion for a report about a core system or another (domain.md section 4).

    Severity follows urgency alone, as the tender's table speaks of the business; a core system
    that stopped for more than one person may be an emergency besides (tender: emergency levels).
    Raises ValueError for a word that is none of `IMPACTS` or `URGENCIES`.
    """
    if impact not in IMPACTS:
        raise ValueError(f"影响范围“{impact}”无法识别，应为 {'、'.join(IMPACTS)}")
    if urgency not in URGENCIES:
        raise ValueError(f"紧急程度“{urgency}”无法识别，应为 {'、'.join(URGENCIES)}")
    severity = _SEVERITIES[urgency]
    priority = _PRIORITIES[impact][list(URGENCIES).index(urgency)]
    emergency = core and urgency == "stopped" and impact != "person"
    reason = f"{IMPACTS[impact]} × {URGENCIES[urgency]} → {severity.label}，派单优先级 {priority}"
    if emergency:
        reason += "；核心系统中断，请同时判断是否属于应急事件"
    return Suggestion(severity, priority, reason, emergency)
