"""Writing credentials: sealed before they touch the database, never in the audit chain."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jingwei.accounts.actions import record
from jingwei.accounts.models import User
from jingwei.assets import credentials
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import Credential

_LONGEST = 4096


@transaction.atomic
def save_credential(
    name: str,
    secrets: Mapping[str, str],
    *,
    actor: User | str,
    now: datetime,
    reason: str = "",
    origin: str = "",
) -> Credential:
    """Creates a credential or replaces its secrets ({"user": ..., "password": ...}).

    `origin` is the address of who asks. The audit chain learns the names of the fields and that
    they changed, nothing else. Raises RefusedError.
    """
    name = name.strip()
    if not name or len(name) > 100:
        raise RefusedError("凭据名称", "应为 1 到 100 个字")
    kept = {field.strip(): value for field, value in secrets.items() if field.strip() and value}
    if not kept:
        raise RefusedError("凭据内容", "至少填写一项，如 user、password、community")
    if any(len(value) > _LONGEST for value in kept.values()):
        raise RefusedError("凭据内容", f"每项最多 {_LONGEST} 个字符")
    found = Credential.objects.filter(name=name).first()
    before = sorted(found.fields) if found else None
    credential = found or Credential(name=name)
    credential.ciphertext = credentials.seal(kept, name)
    credential.fields = sorted(kept)
    credential.demo = False
    credential.save()
    record(
        actor,
        "credential.change" if found else "credential.create",
        kind="credential",
        key=name,
        before=None if before is None else {"字段": before},
        after={"字段": sorted(kept), "内容": "已更换" if found else "已登记"},
        reason=reason,
        address=origin,
        now=now,
    )
    return credential


@transaction.atomic
def remove_credential(
    name: str, *, actor: User | str, now: datetime, reason: str = "", origin: str = ""
) -> None:
    """Destroys a credential's secrets. Raises RefusedError while an endpoint still names it."""
    found = Credential.objects.filter(name=name).first()
    if found is None:
        raise RefusedError("凭据名称", f"没有名为“{name}”的凭据")
    users = [f"{one.target.key} {one.protocol}" for one in found.endpoints.select_related("target")]
    if users:
        raise RefusedError("凭据名称", f"仍被端点使用：{'、'.join(users[:5])}")
    found.delete()
    record(
        actor,
        "credential.remove",
        kind="credential",
        key=name,
        reason=reason,
        address=origin,
        now=now,
    )
