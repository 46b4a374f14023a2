"""The words of a fault are the tender's: instants in their order, severities, causes."""

from enum import StrEnum

import pytest

from jingwei.terms.incident import Cause, Instant, Severity

INSTANTS = [
    ("occurred", "发生"),
    ("detected", "发现"),
    ("reported", "报修"),
    ("phone_responded", "电话响应"),
    ("arrived", "到场"),
    ("diagnosed", "诊断完成"),
    ("restored", "恢复"),
    ("confirmed", "用户确认"),
]
SEVERITIES = [
    ("outage", "造成生产运行中断"),
    ("degraded", "影响生产运行，但生产运行不中断"),
    ("no_impact", "不影响生产运行"),
]
CAUSES = [
    ("hardware", "设备硬件故障"),
    ("system_software", "系统软件安装配置故障"),
    ("business_system", "业务系统故障"),
    ("business_deployment", "业务系统部署"),
    ("network_deployment", "网络架构部署"),
    ("power", "市电故障"),
    ("third_party", "第三方原因"),
    ("planned", "计划内停机"),
    ("unclassified", "未分类"),
]


@pytest.mark.parametrize(
    ("kind", "words"), [(Instant, INSTANTS), (Severity, SEVERITIES), (Cause, CAUSES)]
)
def test_the_words_of_a_fault_are_these_in_this_order(
    kind: type[StrEnum], words: list[tuple[str, str]]
) -> None:
    assert [(one.value, one.label) for one in kind] == words  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [Instant, Severity, Cause])
def test_no_word_of_a_fault_stands_for_two_things(kind: type[StrEnum]) -> None:
    labels = [one.label for one in kind]  # type: ignore[attr-defined]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (Instant.OCCURRED, Instant.DETECTED),
        (Instant.REPORTED, Instant.PHONE_RESPONDED),
        (Instant.REPORTED, Instant.ARRIVED),
        (Instant.ARRIVED, Instant.RESTORED),
        (Instant.RESTORED, Instant.CONFIRMED),
    ],
)
def test_the_clocks_run_from_an_earlier_instant_to_a_later(
    earlier: Instant, later: Instant
) -> None:
    order = list(Instant)
    assert order.index(earlier) < order.index(later)


def test_the_worst_severity_stands_first() -> None:
    assert next(iter(Severity)) is Severity.OUTAGE
    assert list(Severity)[-1] is Severity.NO_IMPACT
