"""Something calls us or sends us its log; its silence is the finding, judged when it is due."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Target
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.findings import name_of
from jingwei.checks.models import Check, CheckState

_SILENT = {"reading": "heartbeat.overdue", "label": "心跳", "crit": "= true"}


class UnknownTokenError(LookupError):
    """No enabled check has this token."""


def new_token() -> str:
    """A token nobody can guess (192 bits)."""
    return secrets.token_urlsafe(24)


def heartbeat(token: str, now: datetime) -> Check:
    """Note a call. Raises UnknownTokenError. A call out of order never moves the clock back."""
    known = Q(by_hand=False, heartbeat_token=token) | Q(
        by_hand=True, heartbeat_token=_digest(token)
    )
    fits = bool(token) and token.isascii() and token.isprintable()
    check = Check.objects.filter(known, enabled=True).first() if fits else None
    if check is None:
        raise UnknownTokenError("心跳令牌无效")
    state = CheckState.objects.filter(check_ref=check)
    state.exclude(last_call__gt=now).update(last_call=now, due=now)
    return check


def log_lines(heard: Mapping[str, datetime]) -> int:
    """Note when log lines came, by sender (address or host name); how many checks that moved.

    A sender is known by the address of a target's syslog endpoint. One that several targets share
    says nothing of any of them. A time out of order never moves the clock back.
    """
    at: dict[str, datetime] = {}
    for name, when in heard.items():
        at[name.lower()] = max(when, at.get(name.lower(), when))
    known = defaultdict(list)
    wanted = Check.objects.filter(endpoint__protocol="syslog", enabled=True).order_by("pk")
    for pk, target, address in wanted.values_list("pk", "target_id", "endpoint__address"):
        if address.lower() in at:
            known[address.lower()].append((target, pk))
    moved = 0
    for address, found in known.items():
        if len({target for target, _ in found}) > 1:
            continue
        states = CheckState.objects.filter(check_ref__in=[pk for _, pk in found])
        moved += states.exclude(last_call__gte=at[address]).update(last_call=at[address])
    return moved


def register(
    target: Target, item: str, label: str, every: int, grace: int, by: User, now: datetime
) -> tuple[Check, str]:
    """A heartbeat check made on a page, and its token: only its SHA-256 is kept.

    `every` and `grace` are seconds between calls and of patience. Raises BadInputError.
    """
    label = label.strip()
    if not label or len(label) > 100 or "\0" in label:
        raise BadInputError("label", "请填写名称，不超过 100 字")
    if not 60 <= every <= 366 * 86400:
        raise BadInputError("every", "周期应为 1 分钟至 366 天")
    if not 0 <= grace <= 31 * 86400:
        raise BadInputError("grace", "宽限应为 0 至 31 天")
    if target.valid_to is not None:
        raise BadInputError("target", f"{target.key}已停用")
    token = new_token()
    with transaction.atomic():
        made = Check.objects.create(
            key=f"{target.key}:heartbeat.{secrets.token_hex(4)}", target=target, item=item,
            label=label, probe="heartbeat", options={"every": every, "grace": grace},
            rules=[dict(_SILENT)], every=min(300, every), strikes=1, by_hand=True,
            source=f"{name_of(by)}登记", heartbeat_token=_digest(token),
        )  # fmt: skip
        CheckState.objects.create(
            check_ref=made, reason="等待第一次心跳", due=now + timedelta(seconds=every + grace)
        )
        accounts.record(
            by, "check.register", kind="check", key=made.key, now=now,
            after={"label": label, "every": every, "grace": grace},
        )  # fmt: skip
    return made, token


def renew(check: Check, by: User, now: datetime) -> str:
    """Another token; the one before is void at once. Raises BadInputError for other checks."""
    if not check.by_hand:
        raise BadInputError("check", "该检查没有自己的心跳令牌")
    token = new_token()
    with transaction.atomic():
        Check.objects.filter(pk=check.pk).update(heartbeat_token=_digest(token))
        accounts.record(by, "check.renew", kind="check", key=check.key, now=now)
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
