"""Writing endpoints: one by one for real targets, in bulk for the miniature region."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jingwei import terms
from jingwei.accounts.actions import one_writer, record
from jingwei.accounts.mask import masked
from jingwei.accounts.models import User
from jingwei.assets import credentials, options, words
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.actions.seen import refuse_moved
from jingwei.assets.models import Credential, Endpoint, Target
from jingwei.assets.queries.exports import records
from jingwei.assets.tables.cells import Value

_HOST = re.compile(r"[A-Za-z0-9._:%\-\[\]]+")


def write(key: str, changes: dict[str, Value], existing: bool) -> None:
    """Creates or changes one real endpoint; one of the region becomes real by being changed."""
    target_key, protocol = key.rsplit(" ", 1)
    target = Target.objects.filter(key=target_key).first()
    if target is None:
        raise RefusedError("对象", f"登记里没有 {target_key}；应为设备号、应用号、数据库号或机房号")
    found = Endpoint.objects.filter(target=target, protocol=protocol).first()
    endpoint = found or Endpoint(target=target, protocol=protocol, port=0)
    for name in ("address", "port", "settings", "collector"):
        if name in changes:
            setattr(endpoint, name, changes[name])
    if "credential" in changes:
        endpoint.credential = _credential(str(changes["credential"]))
    elif endpoint.demo:
        endpoint.credential = None  # a secret of the region is none of the real device
    _check(endpoint)
    endpoint.demo = False
    endpoint.save()


def _check(endpoint: Endpoint) -> None:
    if not _HOST.fullmatch(endpoint.address):
        raise RefusedError(
            "地址", f"应为 IP 或主机名，不含 http:// 和路径，现为“{endpoint.address}”"
        )
    if endpoint.address.count(":") == 1:  # 10.0.0.1:161; an IPv6 address has two or more
        raise RefusedError(
            "地址", f"端口写在“端口”一栏，这里只写 IP 或主机名，现为“{endpoint.address}”"
        )
    least = 0 if endpoint.protocol in words.NO_PORT else 1
    if not least <= endpoint.port <= 65535:
        raise RefusedError("端口", "应为 1 到 65535 的整数")
    if masked(endpoint.settings) != endpoint.settings:
        raise RefusedError("探针选项", "不能放口令、团体字等秘密；请登记为凭据，再填凭据名称")
    wrong = options.wrong(endpoint.protocol, endpoint.settings)
    if wrong:
        raise RefusedError("探针选项", wrong)


def _credential(name: str) -> Credential | None:
    if not name:
        return None
    found = Credential.objects.filter(name=name).first()
    if found is None:
        raise RefusedError("凭据名称", f"没有名为“{name}”的凭据，请先登记凭据")
    return found


@transaction.atomic
def save_endpoint(
    key: str,
    protocol: str,
    *,
    address: str,
    port: int,
    settings: Mapping[str, str | int | float | bool] | None = None,
    credential: str = "",
    collector: str = "",
    actor: User | str,
    now: datetime,
    reason: str = "",
    origin: str = "",
    seen: Mapping[str, str] | None = None,
) -> Endpoint:
    """Creates or changes the real endpoint of a target and protocol; `origin` is who asks' address.

    `seen` are the marks of what the form showed: MovedOnError when somebody else changed it.
    Raises RefusedError with the field and what was expected.
    """
    from jingwei.assets.actions.save import save  # noqa: PLC0415 - save knows all writers
    from jingwei.assets.tables.kinds import ENDPOINTS  # noqa: PLC0415

    if protocol not in words.PROTOCOLS:
        raise RefusedError("协议", f"应为 {'、'.join(words.PROTOCOLS)} 之一，现为“{protocol}”")
    values: dict[str, Value] = {
        "target": key,
        "protocol": protocol,
        "address": address.strip(),
        "port": port,
        "settings": dict(settings or {}),
        "credential": credential,
        "collector": collector,
    }
    one_writer()
    known = records(ENDPOINTS)
    refuse_moved(ENDPOINTS, seen or {}, known.get(ENDPOINTS.key_of(values), {}))
    save(ENDPOINTS, values, current=known, actor=actor, now=now, reason=reason, origin=origin)
    return Endpoint.objects.select_related("target").get(target__key=key, protocol=protocol)


@transaction.atomic
def remove_endpoint(
    key: str,
    protocol: str,
    *,
    actor: User | str,
    now: datetime,
    reason: str = "",
    origin: str = "",
) -> None:
    """Takes an endpoint away; its checks stay and say that they have none. Raises RefusedError."""
    found = Endpoint.objects.filter(target__key=key, protocol=protocol).first()
    if found is None:
        raise RefusedError("端点", f"{key} 没有 {protocol} 端点")
    before = {"地址": found.address, "端口": found.port, "探针选项": found.settings}
    found.delete()
    record(
        actor,
        "endpoint.remove",
        kind="endpoints",
        key=f"{key} {protocol}",
        before=before,
        reason=reason,
        address=origin,
        now=now,
    )


@transaction.atomic
def set_endpoints(
    endpoints: Iterable[terms.Endpoint],
    *,
    demo: bool,
    actor: User | str,
    now: datetime | None = None,
) -> dict[str, int]:
    """Sets many endpoints at once and says how many were created, updated, unchanged or kept.

    Idempotent: what is as wanted isn't written. A real endpoint is `kept`, never overwritten by
    one of the region. Raises RefusedError for a key the register doesn't know.
    """
    wanted = list(endpoints)
    targets = {target.key: target for target in Target.objects.all()}
    unknown = sorted({one.key for one in wanted} - set(targets))
    if unknown:
        raise RefusedError("对象", f"登记里没有 {'、'.join(unknown[:5])}（共 {len(unknown)} 个）")
    present = {
        (one.target.key, one.protocol): one
        for one in Endpoint.objects.select_related("target", "credential")
    }
    sealed = _sealed(wanted, present, demo)
    tally = {"created": 0, "updated": 0, "unchanged": 0, "kept": 0}
    fresh: list[Endpoint] = []
    changed: list[Endpoint] = []
    for one in wanted:
        found = present.get((one.key, one.protocol))
        if found is not None and demo and not found.demo:
            tally["kept"] += 1
            continue
        endpoint = found or Endpoint(target=targets[one.key], protocol=one.protocol)
        before = _facts(endpoint) if found else None
        endpoint.address, endpoint.port = one.address, one.port
        endpoint.settings, endpoint.demo = dict(one.settings), demo
        if one.secrets or demo:
            endpoint.credential = sealed.get((one.key, one.protocol))
        if found is None:
            fresh.append(endpoint)
            tally["created"] += 1
        elif _facts(endpoint) != before:
            changed.append(endpoint)
            tally["updated"] += 1
        else:
            tally["unchanged"] += 1
    Endpoint.objects.bulk_create(fresh)
    fields = ["address", "port", "settings", "demo", "credential"]
    Endpoint.objects.bulk_update(changed, fields, batch_size=100)
    if fresh or changed:
        record(
            actor,
            "endpoint.set",
            kind="endpoints",
            key="演示区域" if demo else "批量",
            after=dict(tally),
            now=now or timezone.now(),
        )
    return tally


def _facts(endpoint: Endpoint) -> tuple[object, ...]:
    return (
        endpoint.address,
        endpoint.port,
        endpoint.settings,
        endpoint.demo,
        endpoint.credential_id,
    )


def _sealed(
    wanted: list[terms.Endpoint], present: Mapping[tuple[str, str], Endpoint], demo: bool
) -> dict[tuple[str, str], Credential]:
    """The credential of every endpoint that has secrets, sealed anew only where they changed."""
    prefix = "演示 " if demo else ""
    known = {one.name: one for one in Credential.objects.filter(name__startswith=prefix)}
    found: dict[tuple[str, str], Credential] = {}
    fresh: list[Credential] = []
    changed: list[Credential] = []
    for one in wanted:
        existing = present.get((one.key, one.protocol))
        if not one.secrets or (demo and existing is not None and not existing.demo):
            continue
        name = f"{prefix}{one.key} {one.protocol}"
        credential = known.get(name)
        if credential is None:
            credential = Credential(name=name, demo=demo)
            fresh.append(credential)
        elif _opened(credential) == dict(one.secrets):
            found[one.key, one.protocol] = credential
            continue
        else:
            changed.append(credential)
        credential.ciphertext = credentials.seal(one.secrets, name)
        credential.fields = sorted(one.secrets)
        found[one.key, one.protocol] = credential
    Credential.objects.bulk_create(fresh)
    Credential.objects.bulk_update(changed, ["ciphertext", "fields"], batch_size=100)
    return found


def _opened(credential: Credential) -> dict[str, str] | None:
    try:
        return credentials.unseal(bytes(credential.ciphertext), credential.name)
    except credentials.SealBrokenError:
        return None


@transaction.atomic
def remove_demo_endpoints(*, actor: User | str = "系统", now: datetime | None = None) -> int:
    """Takes the miniature region out of the register and says how many endpoints went."""
    count, _ = Endpoint.objects.filter(demo=True).delete()
    Credential.objects.filter(demo=True, endpoints__isnull=True).delete()
    if count:
        record(
            actor,
            "endpoint.remove",
            kind="endpoints",
            key="演示区域",
            after={"removed": count},
            now=now or timezone.now(),
        )
    return count
