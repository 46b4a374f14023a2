"""Events from outside as findings: alerts of other systems, syslog, SNMP traps.

Nothing here asks: others tell. Which of their messages are the same is said by a fingerprint, and
ten thousand of one fingerprint are one finding with a count. A message told again, or late, changes
nothing (webhooks are repeated until they are answered); what the sender calls resolved is healed.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.assets.models import Endpoint, Target
from jingwei.checks.actions.errors import BadInputError
from jingwei.checks.actions.observing import clean
from jingwei.checks.models import Finding
from jingwei.terms import Result

FUTURE = timedelta(minutes=5)  # a sender's clock may be this far ahead of ours
_OTHERS = ("site", "room")


@dataclass(frozen=True, slots=True)
class Event:
    """One message. `about` are names the sender has for the thing, the best first.

    `same` is what makes two messages of a source the same. `counted`: each message is a happening
    of its own (a log line) and not the repetition of a state (an alert that stands). `times` says
    how many the sender has put together, the last one at `at`.
    """

    source: str
    same: str
    about: tuple[str, ...]
    result: Result
    title: str
    detail: str
    at: datetime
    resolved: bool = False
    counted: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    opened: int = 0
    repeated: int = 0
    healed: int = 0
    ignored: int = 0


def fingerprint(event: Event) -> str:
    """64 hex digits: the same for the same thing told by the same source."""
    text = f"{event.source}\0{event.same}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def take(events: Iterable[Event], now: datetime, *, by: User | None = None) -> Taken:
    """Open, count and heal findings, all or nothing; safe to be told twice.

    `by`: whose token brought them; what opens or heals then stands in the audit chain. Raises
    BadInputError when the register has no site that an unknown thing could belong to.
    """
    opened = repeated = healed = ignored = 0
    with transaction.atomic():
        known = _Register()
        # In one order for all callers, so that two never wait for each other; the messages of one
        # fingerprint stay in their own.
        marked = sorted(((fingerprint(event), event) for event in events), key=lambda pair: pair[0])
        for mark, event in marked:
            at = min(event.at, now + FUTURE)
            held = (
                Finding.objects.select_for_update()
                .filter(fingerprint=mark, closed_at__isnull=True)
                .first()
            )
            if event.resolved:
                done = held is not None and _heal(held, at)
                healed, ignored = healed + done, ignored + (not done)
            elif held is not None:
                done = _again(held, event, at)
                repeated, ignored = repeated + done, ignored + (not done)
            elif not event.counted and _is_over(mark, at):
                ignored += 1
            elif _open(_new(event, mark, at, known.find(event.about))):
                opened += 1
            else:
                repeated += 1
        if by is not None and opened + healed:
            told = {"opened": opened, "healed": healed, "repeated": repeated, "ignored": ignored}
            accounts.record(by, "event.take", kind="finding", key="", after=told, now=now)
    return Taken(opened, repeated, healed, ignored)


def _open(values: dict[str, Any]) -> bool:
    """Open one; False when another call has just opened the same."""
    try:
        with transaction.atomic():
            Finding.objects.create(**values)
    except IntegrityError:
        return False
    return True


def _heal(held: Finding, at: datetime) -> bool:
    """Close it; a word that is older than the finding is not about it."""
    if at < held.opened_at:
        return False
    held.closed_at = at
    held.save(update_fields=("closed_at",))
    return True


def _again(held: Finding, event: Event, at: datetime) -> bool:
    """Count it, unless it is the state that is known already. Its level only ever gets worse."""
    worse = event.result is Result.ABNORMAL and held.result != Result.ABNORMAL
    later = held.last_at is None or at > held.last_at
    if not (event.counted or later or worse):
        return False
    held.times += event.times
    held.last_at = at if held.last_at is None else max(at, held.last_at)
    held.reading, held.detail = clean(event.title)[:300], clean(event.detail)[:5000]
    held.result = event.result.value if worse else held.result
    held.save(update_fields=("times", "last_at", "reading", "detail", "result"))
    return True


def _is_over(mark: str, at: datetime) -> bool:
    """Whether a state that began then was healed already: this is a late repetition."""
    return Finding.objects.filter(fingerprint=mark, opened_at__gte=at).exists()


def _new(event: Event, mark: str, at: datetime, target: Target) -> dict[str, Any]:
    return {
        "target": target, "item": clean(f"event.{event.source}")[:64],
        "origin": Finding.Origin.EVENT,
        "result": event.result.value, "opened_at": at, "last_at": at, "times": event.times,
        "reading": clean(event.title)[:300], "detail": clean(event.detail)[:5000],
        "fingerprint": mark,
    }  # fmt: skip


class _Register:
    """Finds the thing an event is about; asked only when something opens."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Target] = {}

    def find(self, names: tuple[str, ...]) -> Target:
        """By key, else by an endpoint's address, else the site: somebody must look."""
        if names not in self._found:
            self._found[names] = self._search([_bare(clean(name)) for name in names])
        return self._found[names]

    def _search(self, names: Sequence[str]) -> Target:
        for name in names:
            by_key = Target.objects.filter(key__iexact=name, valid_to__isnull=True).first()
            if by_key is not None:
                return by_key
            held = Endpoint.objects.filter(
                address__iexact=name, target__valid_to__isnull=True
            ).select_related("target")
            at = list({found.target_id: found.target for found in held}.values())
            if len(at) == 1:  # several things behind one address: it says nothing
                return at[0]
        for kind in _OTHERS:
            place = Target.objects.filter(kind=kind, valid_to__isnull=True).first()
            if place is not None:
                return place
        raise BadInputError("target", "台账中没有站点，无法登记来历不明的事件")


def _bare(name: str) -> str:
    """10.1.2.3:9100, [fd00::1]:9100 and https://host:443/x without what is not the host."""
    text = name.strip().rsplit("://", 1)[-1].split("/", 1)[0]
    if text.startswith("["):
        return text[1:].split("]", 1)[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.rsplit(":", 1)[0] if text.count(":") == 1 else text
