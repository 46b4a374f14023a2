"""SNMP v2c and v3: single objects, columns and tables (RFC 3416, RFC 3414)."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gufo.snmp import SnmpAuthError, SnmpError, SnmpVersion, User
from gufo.snmp import user as keys
from gufo.snmp.aio.client import SnmpSession

from jingwei.probes import net, values
from jingwei.probes.attempt import time_left
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

_OID = re.compile(r"\.?[0-2](\.\d{1,10}){1,126}")
_AT_ONCE = 20  # objects per GET: small agents answer tooBig beyond that


@dataclass(frozen=True, kw_only=True)
class Column:
    """One object type: its OID, and what its values become."""

    reading: str = values.reading_name()
    oid: str = option(label="OID", help="数字写法，如 1.3.6.1.2.1.33.1.2.4.0")
    unit: str = values.unit()
    scale: float = values.scale()
    states: Mapping[str, str] = values.states()

    def __post_init__(self) -> None:
        """Refuse an OID that could not be sent."""
        _checked("oid", self.oid)


@dataclass(frozen=True, kw_only=True)
class Single(Column):
    """One object instance, asked by GET."""

    instance: str = option("", label="实例")


@dataclass(frozen=True, kw_only=True)
class Walk(Column):
    """One column, walked: a reading per row, the instance is its index."""

    only: str = option("", label="只取实例（正则）")

    def __post_init__(self) -> None:
        """Also refuse a pattern that does not compile."""
        super().__post_init__()
        _pattern(self.only)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of one table: the instance is the row's label, or its index."""

    columns: tuple[Column, ...] = option(label="列")
    label_oid: str = option("", label="行名列 OID", help="空为以索引为实例")
    only: str = option("", label="只取实例（正则）")

    def __post_init__(self) -> None:
        """Refuse bad OIDs and patterns, and a table of nothing."""
        if not self.columns:
            raise OptionError("columns", "至少一列")
        if self.label_oid:
            _checked("label_oid", self.label_oid)
        _pattern(self.only)


def _checked(field: str, oid: str) -> None:
    if not _OID.fullmatch(oid) or any(int(part) > 0xFFFFFFFF for part in _bare(oid).split(".")):
        raise OptionError(field, f"应为数字 OID，如 1.3.6.1.2.1.1.5.0，得到 {oid!r}")


def _pattern(only: str) -> None:
    try:
        re.compile(only)
    except re.error as error:
        raise OptionError("only", f"不是有效的正则表达式：{error}") from None


def _bare(oid: str) -> str:
    return oid.lstrip(".")


@dataclass(frozen=True, kw_only=True)
class SnmpOptions:
    """Options of `snmp`. At least one of `get`, `walk`, `table` must be given."""

    version: Literal["2c", "3"] = option("2c", label="版本")
    port: int = port(161)
    get: tuple[Single, ...] = option((), label="单个对象")
    walk: tuple[Walk, ...] = option((), label="遍历列")
    table: tuple[Table, ...] = option((), label="表")
    max_rows: int = option(2000, label="每列行数上限", minimum=1, maximum=20000)

    def __post_init__(self) -> None:
        """Refuse a question that asks nothing."""
        if not (self.get or self.walk or self.table):
            raise OptionError("get", "get、walk、table 至少给一个")


@probe(
    "snmp",
    label="SNMP",
    options=SnmpOptions,
    secrets=("community", "user", "auth_key", "auth_protocol", "priv_key", "priv_protocol"),
    silence="地址不通、SNMP 未开启，或团体字、密钥不对",
)
async def snmp(target: Target, options: SnmpOptions) -> list[Reading]:
    """读取对象。设备没有的对象不给读数；一个都没有则为协议错误。

    v2c 用 community；v3 用 user，可加 auth_key（auth_protocol：MD5、SHA、SHA224、SHA256、
    SHA384、SHA512，默认 SHA）和 priv_key（priv_protocol：DES、AES、AES192、AES256，默认 AES）。
    """
    place = await net.find(target.address, options.port)
    session = _session(place.ip, options, target.secrets)
    try:
        await session.refresh()
        readings = await _singles(session, options.get)
        for walk in options.walk:
            rows = await _walked(session, walk.oid, options.max_rows)
            readings += column_readings(walk, rows, {}, walk.only)
        for table in options.table:
            readings += await _table(session, table, options.max_rows)
    except SnmpAuthError:
        raise ProbeError("SNMP v3 认证失败：用户、密钥或算法不对", Reason.REFUSED) from None
    except SnmpError as error:
        raise ProbeError(f"SNMP 应答有误：{error}") from None
    return values.at_least_one(readings, "设备没有任何所问的 SNMP 对象")


async def _singles(session: SnmpSession, wanted: tuple[Single, ...]) -> list[Reading]:
    readings = []
    for start in range(0, len(wanted), _AT_ONCE):
        group = wanted[start : start + _AT_ONCE]
        found = await session.get_many(dict.fromkeys(_bare(single.oid) for single in group))
        made = (values.made(one, found.get(_bare(one.oid)), one.instance) for one in group)
        readings += [reading for reading in made if reading is not None]
    return readings


async def _walked(session: SnmpSession, oid: str, limit: int) -> dict[str, Any]:
    """Index -> value below a column. Raises ProbeError when the agent runs in a circle."""
    prefix = f"{_bare(oid)}."
    rows: dict[str, Any] = {}
    async for full, value in session.getbulk(_bare(oid)):
        index = full.removeprefix(prefix)
        if index in rows or index == full:
            raise ProbeError("设备的 SNMP 遍历不递增，已停止")
        rows[index] = value
        if len(rows) > limit:
            raise ProbeError(f"该列超过 {limit} 行，已停止（可调 max_rows）")
    return rows


async def _table(session: SnmpSession, table: Table, limit: int) -> list[Reading]:
    labels = await _walked(session, table.label_oid, limit) if table.label_oid else {}
    names = row_names(labels)
    readings = []
    for column in table.columns:
        rows = await _walked(session, column.oid, limit)
        readings += column_readings(column, rows, names, table.only)
    return readings


def row_names(labels: Mapping[str, Any]) -> dict[str, str]:
    """Index -> the row's name. Two rows of one name are told apart by their index. Pure."""
    texts = {index: _label(value) for index, value in labels.items()}
    seen: dict[str, int] = {}
    for text in texts.values():
        seen[text] = seen.get(text, 0) + 1
    return {
        index: text if seen[text] == 1 else f"{text}.{index}"
        for index, text in texts.items()
        if text
    }


def column_readings(
    column: Column, rows: Mapping[str, Any], names: Mapping[str, str], only: str
) -> list[Reading]:
    """Readings of one walked column. Pure."""
    readings: Iterable[Reading | None] = (
        values.made(column, value, names.get(index, index)) for index, value in rows.items()
    )
    wanted = re.compile(only)
    return [
        reading
        for reading in readings
        if reading is not None and wanted.search(reading.instance) is not None
    ]


def _label(value: Any) -> str:
    return values.text_of(value).strip() if isinstance(value, bytes) else str(value)


_AUTH: dict[str, type[keys.BaseAuthKey]] = {
    "MD5": keys.Md5Key,
    "SHA": keys.Sha1Key,
    "SHA1": keys.Sha1Key,
    "SHA224": keys.Sha224Key,
    "SHA256": keys.Sha256Key,
    "SHA384": keys.Sha384Key,
    "SHA512": keys.Sha512Key,
}
_PRIV: dict[str, type[keys.BasePrivKey]] = {
    "DES": keys.DesKey,
    "AES": keys.Aes128Key,
    "AES128": keys.Aes128Key,
    "AES192": keys.Aes192Key,
    "AES256": keys.Aes256Key,
}


def _session(ip: str, options: SnmpOptions, secrets: Mapping[str, str]) -> SnmpSession:
    # The frame's clock ends the question; the library's is only a second line behind it.
    timeout = time_left() + 1
    if options.version == "3":
        user = _user(secrets)
        return SnmpSession(ip, options.port, user=user, version=SnmpVersion.v3, timeout=timeout)
    community = secrets.get("community")
    if not community:
        raise ProbeError("没有为该目标配置 SNMP 团体字", Reason.COLLECTOR)
    return SnmpSession(
        ip, options.port, community=community, version=SnmpVersion.v2c, timeout=timeout
    )


def _user(secrets: Mapping[str, str]) -> User:
    name = secrets.get("user") or secrets.get("username")
    if not name:
        raise ProbeError("没有为该目标配置 SNMP v3 用户", Reason.COLLECTOR)
    auth_key, priv_key = secrets.get("auth_key"), secrets.get("priv_key")
    if priv_key and not auth_key:
        raise ProbeError("SNMP v3 加密需要同时配置认证密钥", Reason.COLLECTOR)
    if not auth_key:
        return User(name)
    protocol = _known(_AUTH, secrets.get("auth_protocol") or "SHA", "认证")
    auth = _AUTH[protocol]
    made = auth(_master(protocol, auth_key), keys.KeyType.Master)
    if not priv_key:
        return User(name, auth_key=made)
    priv = _PRIV[_known(_PRIV, secrets.get("priv_protocol") or "AES", "加密")]
    if priv.KEY_LENGTH > auth.KEY_LENGTH:  # only a password can be stretched to a longer key
        return User(name, auth_key=auth(auth_key.encode()), priv_key=priv(priv_key.encode()))
    master = _master(protocol, priv_key)
    return User(name, auth_key=made, priv_key=priv(master, keys.KeyType.Master))


def _known(algorithms: Mapping[str, Any], word: str, label: str) -> str:
    plain = word.upper().replace("-", "")
    if plain not in algorithms:
        raise ProbeError(f"SNMP v3 {label}算法应为 {'、'.join(algorithms)}", Reason.COLLECTOR)
    return plain


@functools.lru_cache(maxsize=256)
def _master(protocol: str, password: str) -> bytes:
    """RFC 3414 A.2 hashes a megabyte per password: once is enough."""
    return _AUTH[protocol].get_master_key(password.encode())
