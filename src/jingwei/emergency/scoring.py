"""How a drill is scored: the published rule (docs/decisions/0009-drills.md), pure.

Nine criteria, 100 points. A measure within its target earns all its points, within twice the
target half, later none. What was not measured earns nothing and is 未测得, never passed. A
criterion whose target was not set when the drill was planned is 未设目标: its points are taken out
of the whole, and the result says so. The grade is of the share earned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

ARRIVE = 60  # minutes from the alarm, levels 1 and 2 (tender L684-690)
RESPOND = 5  # minutes from the alarm (tender L684); a drill may ask for less, never for more


class Verdict(StrEnum):
    """What came of one criterion."""

    MET = "met"
    LATE = "late"  # within twice the target
    MISSED = "missed"
    UNMEASURED = "unmeasured"
    NO_TARGET = "no-target"

    @property
    def label(self) -> str:
        """The word people read."""
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.MET: "达到",
    Verdict.LATE: "超出目标",
    Verdict.MISSED: "未达到",
    Verdict.UNMEASURED: "未测得",
    Verdict.NO_TARGET: "未设目标",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One criterion of the published rule: what is measured, from where to where, its points."""

    key: str
    label: str
    points: int
    meaning: str


RULES = (
    Rule("detect", "发现", 15, "注入故障 → 系统确认异常"),
    Rule("respond", "响应", 15, "发现或报告（较早者） → 首次响应，不超过 5 分钟（L684）"),
    Rule("arrive", "到场", 10, "发现或报告（较早者） → 到场，不超过 1 小时（L684）"),
    Rule("diagnose", "诊断", 10, "注入故障 → 明确诊断"),
    Rule("restore", "恢复", 15, "发现或报告（较早者） → 业务恢复"),
    Rule("rto", "RTO", 10, "注入故障 → 系统测得全部恢复正常"),
    Rule("rpo", "RPO", 10, "最后一笔保住的数据 → 注入故障"),
    Rule("expected", "应完成动作", 10, "在剧本规定时间内完成的动作所占比例"),
    Rule("calls", "通知到人", 5, "通知名单中接通的人所占比例"),
)
_GRADES = ((90.0, "优秀"), (75.0, "良好"), (60.0, "合格"))
FAILED = "不合格"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many: expected actions done in time, people reached."""

    got: int
    of: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if not 0 <= self.got <= self.of:
            raise ValueError(f"{self.got} of {self.of}")


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured: minutes by criterion, shares, and why something was not measured.

    `minutes` lacks what was not measured; `why` says why: nobody wrote it down, or too late (补录).
    """

    minutes: Mapping[str, float]
    shares: Mapping[str, Share]
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the result."""

    key: str
    label: str
    meaning: str
    points: int
    earned: float
    verdict: Verdict
    target: str
    measured: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The whole result; `percent` is of the points that count."""

    criteria: tuple[Criterion, ...]
    earned: float
    possible: int
    percent: float
    grade: str

    @property
    def unmeasured(self) -> tuple[Criterion, ...]:
        """What nobody knows: each is a gap of its own."""
        return tuple(one for one in self.criteria if one.verdict is Verdict.UNMEASURED)

    @property
    def breached(self) -> tuple[Criterion, ...]:
        """Targets that were measured and not reached."""
        return tuple(one for one in self.criteria if one.verdict in (Verdict.LATE, Verdict.MISSED))


def score(measures: Measures, targets: Mapping[str, float]) -> Score:
    """The score of one drill against its targets (minutes). Raises ValueError for a target or a
    measure that is not a time.
    """
    criteria = tuple(_criterion(rule, measures, targets) for rule in RULES)
    possible = sum(one.points for one in criteria if one.verdict is not Verdict.NO_TARGET)
    earned = round(sum(one.earned for one in criteria), 1)
    percent = round(earned / possible * 100, 1) if possible else 0.0
    return Score(criteria, earned, possible, percent, grade(percent))


def grade(percent: float) -> str:
    """The word for a share of the points."""
    return next((word for least, word in _GRADES if percent >= least), FAILED)


def _criterion(rule: Rule, measures: Measures, targets: Mapping[str, float]) -> Criterion:
    if rule.key in ("expected", "calls"):
        return _shared(rule, measures)
    limit = _limit(rule.key, targets)
    if limit is None:
        return _made(rule, Verdict.NO_TARGET, 0, "—", "—", "计划时没有设定目标，不计入总分")
    target = f"≤ {minutes_text(limit)}"
    taken = measures.minutes.get(rule.key)
    if taken is None:
        why = measures.why.get(rule.key, "没有记录到所需的时间点")
        return _made(rule, Verdict.UNMEASURED, 0, target, "—", why)
    if taken < 0 or limit <= 0:
        raise ValueError(f"{rule.key}: {taken} of {limit} minutes")
    if taken <= limit:
        return _made(rule, Verdict.MET, rule.points, target, minutes_text(taken))
    if taken <= 2 * limit:
        return _made(rule, Verdict.LATE, rule.points / 2, target, minutes_text(taken))
    return _made(rule, Verdict.MISSED, 0, target, minutes_text(taken))


def _limit(key: str, targets: Mapping[str, float]) -> float | None:
    if key == "arrive":
        return float(ARRIVE)
    given = targets.get(key)
    if key == "respond":
        return min(float(RESPOND if given is None else given), float(RESPOND))
    return None if given is None else float(given)


def _shared(rule: Rule, measures: Measures) -> Criterion:
    share = measures.shares.get(rule.key)
    if share is None or share.of == 0:
        why = measures.why.get(rule.key, "没有可计数的内容")
        return _made(rule, Verdict.UNMEASURED, 0, "全部", "—", why)
    earned = round(rule.points * share.got / share.of, 1)
    whole = share.got == share.of
    verdict = Verdict.MET if whole else Verdict.LATE if share.got * 2 >= share.of else None
    return _made(
        rule, verdict or Verdict.MISSED, earned, f"{share.of} 项" if rule.key == "expected"
        else f"{share.of} 人", f"{share.got} / {share.of}",
    )  # fmt: skip


def _made(
    rule: Rule, verdict: Verdict, earned: float, target: str, measured: str, reason: str = ""
) -> Criterion:
    return Criterion(
        rule.key, rule.label, rule.meaning, rule.points, earned, verdict, target, measured, reason
    )


def minutes_text(minutes: float) -> str:
    """As people read it: 12 秒, 3 分 20 秒, 2 小时 05 分."""
    seconds = round(minutes * 60)
    if seconds < 60:
        return f"{seconds} 秒"
    if seconds < 3600:
        whole, rest = divmod(seconds, 60)
        return f"{whole} 分 {rest:02d} 秒" if rest else f"{whole} 分"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} 小时 {rest:02d} 分" if rest else f"{hours} 小时"
