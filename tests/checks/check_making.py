"""What tests of checks are made of: a small register, checks on it, and verdicts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.actions import Seen
from jingwei.checks.models import Check, CheckState
from jingwei.rules.judge import judge_outcome
from jingwei.rules.rule import Rule, parse
from jingwei.terms import SHANGHAI, Outcome, Reading, Reason, Result

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)  # a Monday
HOT = {
    "reading": "room.temperature",
    "label": "机房温度",
    "unit": "°C",
    "warn": "not 18..27",
    "crit": "not 18..28",
}


def target(key: str = "ROOM-01", kind: str = "room", label: str = "", order: int = 0) -> Target:
    """A registered thing."""
    return Target.objects.create(key=key, kind=kind, label=label or f"{kind} {key}", order=order)


def endpoint(of: Target, protocol: str = "modbus", port: int = 502, **extra: Any) -> Endpoint:
    """Where it answers."""
    address = extra.pop("address", "127.0.0.1")
    return Endpoint.objects.create(
        target=of, protocol=protocol, address=address, port=port, **extra
    )


def check(
    of: Target,
    item: str = "room.temperature",
    rules: Sequence[Mapping[str, Any]] = (HOT,),
    *,
    name: str = "",
    probe: str = "tcp",
    due: datetime | None = NOON,
    **extra: Any,
) -> Check:
    """A check with its state."""
    made = Check.objects.create(
        key=f"{of.key}:{name or item}", target=of, item=item, label=item, probe=probe,
        rules=list(rules), **extra,
    )  # fmt: skip
    CheckState.objects.create(check_ref=made, due=due)
    return made


def rules_of(of: Check) -> list[Rule]:
    """The check's rules, parsed."""
    return [parse(table) for table in of.rules]


def saw(
    of: Check,
    *readings: Reading,
    at: datetime = NOON,
    took: float = 0.012,
    confirmed: bool = False,
) -> Seen:
    """The check ran and these readings came."""
    memory = CheckState.objects.get(check_ref=of).memory
    outcome = Outcome(tuple(readings), took)
    judgement = judge_outcome(rules_of(of), outcome, memory, at, Result(of.on_error))
    return Seen(of.pk, at, outcome, judgement, confirmed)


def celsius(value: float, instance: str = "") -> Reading:
    """A temperature."""
    return Reading("room.temperature", value, "°C", instance)


def missed(
    of: Check, reason: Reason = Reason.TIMEOUT, at: datetime = NOON, confirmed: bool = False
) -> Seen:
    """The check ran and nothing came."""
    outcome = Outcome((), 5.0, 2, "5 秒内没有应答", reason)
    judgement = judge_outcome(rules_of(of), outcome, {}, at, Result(of.on_error))
    return Seen(of.pk, at, outcome, judgement, confirmed)


def silence(of: Check, at: datetime = NOON, *, ours: bool = False) -> Seen:
    """No answer came; `ours`: because we could not even ask."""
    return missed(of, Reason.COLLECTOR if ours else Reason.TIMEOUT, at)


def later(minutes: float, start: datetime = NOON) -> datetime:
    """So many minutes after noon."""
    return start + timedelta(minutes=minutes)


def person(username: str = "wang", full_name: str = "王工", role: str = Role.FIRST_LINE) -> User:
    """Somebody who does the daily check."""
    return User.objects.create_user(
        username, password="a-long-enough-one", full_name=full_name, role=role
    )
