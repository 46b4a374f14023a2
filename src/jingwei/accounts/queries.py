"""Every read of this room: people, and the audit chain with its proof."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from jingwei.accounts import chain, guard
from jingwei.accounts.models import AuditEntry, User


def users(*, active_only: bool = False) -> QuerySet[User]:
    """The accounts, by name; ended ones too unless `active_only`."""
    rows = User.objects.order_by("username")
    return rows.filter(is_active=True) if active_only else rows


def user(username: str) -> User | None:
    """The account of that name."""
    return User.objects.filter(username=User.normalize_username(username)).first()


def entries(
    kind: str = "",
    key: str = "",
    *,
    actor: str = "",
    action: str = "",
    text: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Audit entries, newest first. `action` also finds what it begins ("user" finds user.role);
    `text` looks in actor, object, action and reason; `until` is exclusive.
    """
    rows = AuditEntry.objects.order_by("-sequence")
    exact = {"kind": kind, "object_key": key, "actor": actor, "at__gte": since, "at__lt": until}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if action:
        rows = rows.filter(Q(action=action) | Q(action__startswith=f"{action}."))
    if text:
        wanted = Q()
        for field in ("actor", "object_key", "action", "reason"):
            wanted |= Q(**{f"{field}__icontains": text})
        rows = rows.filter(wanted)
    return rows


def guarded() -> bool:
    """Whether the triggers stand that refuse to change or delete what is only added to."""
    return guard.stands()


def unguarded() -> tuple[str, ...]:
    """The append-only tables of any room that lack such a trigger."""
    return guard.missing()


def newest_link() -> tuple[int, str] | None:
    """The number and hash of the chain's newest link: what to note outside; None before any."""
    return AuditEntry.objects.order_by("-sequence").values_list("sequence", "hash").first()


@dataclass(frozen=True)
class ChainCheck:
    """What following the chain came to.

    `broken_at` is the sequence number of the first link that does not hold, None when all do;
    `reason` says in Chinese what is wrong with it; `head` is the last good link's hash.
    """

    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def intact(self) -> bool:
        """Whether every link holds."""
        return self.broken_at is None


def verify_chain(*, witness: tuple[int, str] | None = None) -> ChainCheck:
    """Follow the whole chain and name the first broken link.

    The chain alone can't show that its newest links were cut off: give a `witness`, a sequence
    number and hash noted outside (log file, printed report), and it must still be there.
    """
    expected, previous, seen = 1, chain.GENESIS, None
    rows = AuditEntry.objects.order_by("sequence").values(*chain.FIELDS, "hash")
    for row in rows.iterator(chunk_size=2000):
        reason = _fault(row, expected, previous)
        if reason:
            return ChainCheck(expected - 1, previous, expected, reason)
        if witness is not None and row["sequence"] == witness[0]:
            seen = row["hash"]
            if seen != witness[1]:
                return ChainCheck(expected - 1, previous, expected, "与链外留存的哈希不一致")
        previous, expected = row["hash"], expected + 1
    if witness is not None and seen is None:
        return ChainCheck(expected - 1, previous, expected, f"缺少链外留存的第 {witness[0]} 条")
    return ChainCheck(expected - 1, previous)


def _fault(row: dict[str, object], expected: int, previous: str) -> str:
    """Why this row can't be the next link, or an empty text."""
    if row["sequence"] != expected:
        return f"缺少第 {expected} 条，其后为第 {row['sequence']} 条"
    if row["previous_hash"] != previous:
        return "前一条的哈希不符"
    if row["hash"] != chain.digest(row):
        return "内容与哈希不符"
    return ""
