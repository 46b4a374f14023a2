"""The words of a fault: its instants, severities and the causes downtime can have."""

from enum import StrEnum


class Instant(StrEnum):
    """The eight instants of an incident (domain.md section 4, rule 1), in their usual order."""

    OCCURRED = "occurred"
    DETECTED = "detected"
    REPORTED = "reported"
    PHONE_RESPONDED = "phone_responded"
    ARRIVED = "arrived"
    DIAGNOSED = "diagnosed"
    RESTORED = "restored"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _INSTANTS[self]


class Severity(StrEnum):
    """The contract's three fault severities, worst first; independent of emergency levels."""

    OUTAGE = "outage"
    DEGRADED = "degraded"
    NO_IMPACT = "no_impact"

    @property
    def label(self) -> str:
        """The tender's own words (fault table)."""
        return _SEVERITIES[self]


class Cause(StrEnum):
    """Why something was down: one tree, read by two filters (domain.md section 4, rules 9, 10)."""

    HARDWARE = "hardware"
    SYSTEM_SOFTWARE = "system_software"
    BUSINESS_SYSTEM = "business_system"
    BUSINESS_DEPLOYMENT = "business_deployment"
    NETWORK_DEPLOYMENT = "network_deployment"
    POWER = "power"
    THIRD_PARTY = "third_party"
    PLANNED = "planned"
    UNCLASSIFIED = "unclassified"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _CAUSES[self]


_INSTANTS = {
    Instant.OCCURRED: "发生",
    Instant.DETECTED: "发现",
    Instant.REPORTED: "报修",
    Instant.PHONE_RESPONDED: "电话响应",
    Instant.ARRIVED: "到场",
    Instant.DIAGNOSED: "诊断完成",
    Instant.RESTORED: "恢复",
    Instant.CONFIRMED: "用户确认",
}
_SEVERITIES = {
    Severity.OUTAGE: "造成生产运行中断",
    Severity.DEGRADED: "影响生产运行，但生产运行不中断",
    Severity.NO_IMPACT: "不影响生产运行",
}
_CAUSES = {
    Cause.HARDWARE: "设备硬件故障",
    Cause.SYSTEM_SOFTWARE: "系统软件安装配置故障",
    Cause.BUSINESS_SYSTEM: "业务系统故障",
    Cause.BUSINESS_DEPLOYMENT: "业务系统部署",
    Cause.NETWORK_DEPLOYMENT: "网络架构部署",
    Cause.POWER: "市电故障",
    Cause.THIRD_PARTY: "第三方原因",
    Cause.PLANNED: "计划内停机",
    Cause.UNCLASSIFIED: "未分类",
}
