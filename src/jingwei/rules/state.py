"""Soft and hard states: when a verdict becomes a state change people are told about.

Bad verdicts must come `strikes` times in a row, and the state is then the mildest of them; to get
worse or milder while bad takes as many alike. A good one counts after `recoveries` if the state
was bad, else at once. A check whose verdicts change too often is flapping: then nothing is
declared healed until it calms down, so that one trembling port is one finding and not forty.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from jingwei.terms import Result

WINDOW = 20  # changes looked at, so 21 results: as Nagios does


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a check is. Flapping begins above `flap_high` and ends below `flap_low`,
    both weighted shares of changes over the last 20 (Nagios' own defaults)."""

    strikes: int = 3
    recoveries: int = 1
    flap_low: float = 0.20
    flap_high: float = 0.30

    def __post_init__(self) -> None:
        """Refuse a policy under which nothing could ever change."""
        if not (1 <= self.strikes <= WINDOW and 1 <= self.recoveries <= WINDOW):
            raise ValueError(f"strikes and recoveries count from 1 to {WINDOW}")
        if not 0 <= self.flap_low <= self.flap_high:
            raise ValueError("flap_low must not be above flap_high")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a check: its hard result since when, and the soft one on its way.

    `recent` holds the codes of the last 21 verdicts, oldest first.
    """

    result: Result = Result.UNCHECKED
    since: datetime | None = None
    soft_result: Result = Result.UNCHECKED
    soft_count: int = 0
    flapping: bool = False
    recent: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The hard state changed."""

    at: datetime
    before: Result
    after: Result

    @property
    def opens(self) -> bool:
        """True when a finding must now be open."""
        return is_bad(self.after)

    @property
    def heals(self) -> bool:
        """True when a finding may be closed. 未检 heals nothing: not looking is no cure."""
        return is_good(self.after)


def is_bad(result: Result) -> bool:
    """关注 or 异常."""
    return result in (Result.ATTENTION, Result.ABNORMAL)


def is_good(result: Result) -> bool:
    """正常 or 不适用."""
    return result in (Result.NORMAL, Result.NOT_APPLICABLE)


def step(
    state: Standing, result: Result, now: datetime, policy: Policy = Policy()
) -> tuple[Standing, Change | None]:
    """Take in one verdict. Returns the new standing, and the change if the hard state changed."""
    count = state.soft_count + 1 if _kin(state.soft_result, result) else 1
    recent = (state.recent + str(result.code))[-(WINDOW + 1) :]
    share = changing(recent)
    flapping = share > policy.flap_high or (state.flapping and share >= policy.flap_low)
    after = Standing(state.result, state.since or now, result, min(count, 9999), flapping, recent)
    hard = _hard(state.result, recent, policy)
    if hard is state.result or (flapping and is_bad(state.result) and not is_bad(hard)):
        return after, None
    return replace(after, result=hard, since=now), Change(now, state.result, hard)


def _hard(before: Result, recent: str, policy: Policy) -> Result:
    """The hard result after these verdicts."""
    latest = Result.from_code(int(recent[-1]))
    patience = policy.recoveries if is_bad(before) else 1
    needed = patience if is_good(latest) else policy.strikes
    streak = [Result.from_code(int(code)) for code in recent[-needed:]]
    if len(streak) < needed or not all(_kin(latest, one) for one in streak):
        return before
    if not is_bad(latest):
        return latest
    if is_bad(before):
        return latest if all(one is latest for one in streak) else before
    return Result.ATTENTION if Result.ATTENTION in streak else Result.ABNORMAL


def changing(recent: str) -> float:
    """The share of changes in the recent verdicts, 0 to 1; later ones weigh more (0.75 to 1.25).

    The share is always of 20: a check seen twice is not flapping because it changed once.
    """
    if not recent.strip(recent[:1]):  # all alike, as nearly always
        return 0.0
    pairs = list(pairwise(recent))[-WINDOW:]
    start = WINDOW - len(pairs)
    weights = (0.75 + 0.5 * (start + i) / (WINDOW - 1) for i in range(len(pairs)))
    changed = (w for w, (a, b) in zip(weights, pairs, strict=True) if a != b)
    return sum(changed) / WINDOW


def _kin(before: Result, after: Result) -> bool:
    """Verdicts that count on together: good with good, bad with bad, 未检 with 未检."""
    return is_good(before) == is_good(after) and is_bad(before) == is_bad(after)
