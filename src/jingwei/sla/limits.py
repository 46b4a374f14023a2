"""The chained limits of this kind of contract, by severity, emergency and disaster.

Defaults are the tender's (fault table, L513-516, L680-690); a contract version may give its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from jingwei.sla.clock import Limit
from jingwei.terms.incident import Instant, Severity

_ORDER = list(Severity)


@dataclass(frozen=True)
class Policy:
    """How long each step may take. Repair runs from arrival, by severity."""

    phone: timedelta = timedelta(minutes=30)
    on_site: timedelta = timedelta(hours=2)
    repair: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {
            Severity.OUTAGE: timedelta(hours=4),
            Severity.DEGRADED: timedelta(hours=12),
            Severity.NO_IMPACT: timedelta(hours=24),
        }
    )
    emergency_respond: timedelta = timedelta(minutes=5)
    emergency_arrive: timedelta = timedelta(hours=1)
    disaster_diagnose: timedelta = timedelta(hours=2)
    disaster_repair: timedelta = timedelta(hours=4)


def fault_limits(policy: Policy, severity: Severity) -> tuple[Limit, ...]:
    """Phone and arrival run from the report, repair from the arrival."""
    clause = "故障响应及处理服务"
    return (
        Limit("phone", (Instant.REPORTED,), Instant.PHONE_RESPONDED, policy.phone, clause),
        Limit(
            "on_site",
            (Instant.REPORTED,),
            Instant.ARRIVED,
            policy.on_site,
            clause,
            waived_by=Instant.RESTORED,
        ),
        Limit(
            "repair",
            (Instant.ARRIVED,),
            Instant.RESTORED,
            policy.repair[severity],
            clause,
            applies_without_arrival=False,
        ),
    )


def emergency_limits(policy: Policy) -> tuple[Limit, ...]:
    """Both run from the earlier of alarm and report (domain.md section 4, rule 2)."""
    starts = (Instant.DETECTED, Instant.REPORTED)
    clause = "应急响应服务"
    return (
        Limit(
            "emergency_respond", starts, Instant.PHONE_RESPONDED, policy.emergency_respond, clause
        ),
        Limit("emergency_arrive", starts, Instant.ARRIVED, policy.emergency_arrive, clause),
    )


def disaster_limits(policy: Policy) -> tuple[Limit, ...]:
    """Both run from the moment the system cannot run (tender: 2 h diagnosis, 4 h repair)."""
    clause = "总体要求：应用系统灾难性恢复"
    starts = (Instant.OCCURRED,)
    return (
        Limit("disaster_diagnose", starts, Instant.DIAGNOSED, policy.disaster_diagnose, clause),
        Limit("disaster_repair", starts, Instant.RESTORED, policy.disaster_repair, clause),
    )


def judged_severity(history: Sequence[Severity]) -> Severity:
    """The severity that is judged: the worst one reached (domain.md section 4, rule 6).

    Raises ValueError for an incident without a severity.
    """
    return min(history, key=_ORDER.index)
