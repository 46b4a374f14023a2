"""Redis: does it answer, what role has it, is its replication whole, how full is it (RESP 2)?"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jingwei.probes import wire
from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http1 import tls_context
from jingwei.probes.options import OptionError, option, port
from jingwei.probes.values import reading_name
from jingwei.terms import Reading, Reason, Target

_LONGEST = 4_194_304  # of one answer: INFO of the busiest server is some 100 kB
_LENGTHS = {
    "list": "LLEN", "set": "SCARD", "zset": "ZCARD", "hash": "HLEN", "stream": "XLEN",
    "string": "STRLEN",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class KeyLength:
    """One key whose length is a reading: a queue kept in Redis."""

    key: str = option(label="键", help="列表、集合、有序集、散列或流")
    reading: str = reading_name()
    instance: str = option("", label="实例")
    unit: str = option("count", label="单位", choices=("count",))

    def __post_init__(self) -> None:
        """Refuse an empty key."""
        if not self.key:
            raise OptionError("key", "不能为空")


@dataclass(frozen=True, kw_only=True)
class RedisOptions:
    """Options of `redis`."""

    port: int = port(6379)
    tls: bool = option(False, label="加密")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    database: int = option(0, label="库号", minimum=0, maximum=1023, help="只用于读取键长")
    lengths: tuple[KeyLength, ...] = option((), label="读取键长")


_READINGS = {
    "redis.ping": ("ms", "连接、登录并 PING 往返用时"),
    "redis.version": ("", "版本"),
    "redis.role": ("", "角色：master 主、slave 从"),
    "redis.uptime": ("s", "运行时长"),
    "redis.memory": ("B", "已用内存"),
    "redis.memory.limit": ("B", "内存上限 maxmemory；未设上限则没有"),
    "redis.clients": ("count", "客户端连接数"),
    "redis.clients.limit": ("count", "连接数上限"),
    "redis.rejected": ("count", "因上限被拒的连接，累计"),
    "redis.evicted": ("count", "因内存不足被逐出的键，累计"),
    "redis.link": ("", "从库与主库的链路 up/down；只有从库才有"),
    "redis.lag": ("s", "从库距上次收到主库数据；只有从库才有"),
    "redis.replicas": ("count", "主库看到的从库数"),
    "redis.replica.state": ("", "每个从库的状态 online 等"),
    "redis.replica.lag": ("s", "每个从库的延迟"),
    "redis.save": ("", "上次 RDB 落盘 ok/err"),
    "redis.aof": ("", "上次 AOF 写入 ok/err；未启用则没有"),
    "redis.keys": ("count", "每个库的键数"),
}


@probe(
    "redis",
    label="Redis",
    options=RedisOptions,
    readings=_READINGS,
    secrets=("user", "password"),
    silence="地址不通，或 Redis 被长命令阻塞",
)
async def redis(target: Target, options: RedisOptions) -> list[Reading]:
    """登录（给出口令时），PING，读取 INFO；只读，不执行其他命令。

    账号只需 PING、INFO、TYPE 与各种取长度的命令（ACL：`+ping +info +type +@read`）。
    """
    tls = tls_context(options.verify, options.ca_file) if options.tls else None
    started = time.perf_counter()
    async with wire.conversation(target.address, options.port, tls) as (reader, writer):
        password = target.secrets.get("password")
        if password:
            user = target.secrets.get("user") or target.secrets.get("username")
            await asked(reader, writer, "AUTH", *([user] if user else []), password)
        if await asked(reader, writer, "PING") != "PONG":
            raise ProbeError("对方不是 Redis：PING 的应答不是 PONG")
        took = time.perf_counter() - started
        info = await asked(reader, writer, "INFO")
        lengths = await _lengths(reader, writer, options)
    if not isinstance(info, str):
        raise ProbeError("INFO 的应答不是文本")
    return [Reading("redis.ping", took * 1000, "ms"), *read_info(info), *lengths]


async def _lengths(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, options: RedisOptions
) -> list[Reading]:
    """How long the asked keys are; a key there is not is empty."""
    if options.lengths and options.database:
        await asked(reader, writer, "SELECT", str(options.database))
    found = []
    for item in options.lengths:
        kind = await asked(reader, writer, "TYPE", item.key)
        if kind != "none" and kind not in _LENGTHS:
            raise ProbeError(f"键 {item.key} 的类型是 {kind}，没有长度")
        length = 0 if kind == "none" else await asked(reader, writer, _LENGTHS[kind], item.key)
        found.append(Reading(item.reading, length, item.unit, item.instance))
    return found


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *words: str) -> Any:
    """The answer to one command. Raises ProbeError for a no, EOFError when it hangs up."""
    parts = [word.encode() for word in words]
    frame = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    writer.write(b"*%d\r\n%s" % (len(parts), frame))
    await writer.drain()
    head = await wire.line(reader)
    kind, rest = head[:1], head[1:]
    if kind == "-":
        raise refusal(rest)
    if kind == "+":
        return rest
    if kind not in (":", "$") or not rest.lstrip("-").isdigit():
        raise ProbeError("应答不是 Redis 协议")
    number = int(rest)
    if kind == ":":
        return number
    if number < 0:
        return None
    if number > _LONGEST:
        raise ProbeError(f"应答超过 {_LONGEST} 字节")
    return (await reader.readexactly(number + 2))[:-2].decode("utf-8", "replace")


# The first word of an error (redis.io, "Redis serialization protocol", simple errors).
_REFUSED = {
    "NOAUTH": "登录被拒绝：需要口令",
    "WRONGPASS": "登录被拒绝：用户或口令不对",
    "NOPERM": "账号没有执行该命令的权限",
    "LOADING": "Redis 正在把数据载入内存，不接受请求",
    "DENIED": "Redis 处于保护模式，只接受本机连接",
    "BUSY": "Redis 正在执行脚本，不接受请求",
}


def refusal(text: str) -> ProbeError:
    """A Redis error in words. Pure."""
    word = text.split(" ", 1)[0]
    if word in _REFUSED:
        return ProbeError(_REFUSED[word], Reason.REFUSED)
    lowered = text.lower()
    if "invalid password" in lowered or "without any password configured" in lowered:
        return ProbeError("登录被拒绝：口令不对，或该 Redis 没有设口令", Reason.REFUSED)
    if "max number of clients" in lowered:
        return ProbeError("连接数已满", Reason.REFUSED)
    return ProbeError(f"Redis 报错：{text[:120]}")


_NUMBERS = {
    "uptime_in_seconds": ("redis.uptime", "s"),
    "used_memory": ("redis.memory", "B"),
    "connected_clients": ("redis.clients", "count"),
    "maxclients": ("redis.clients.limit", "count"),
    "rejected_connections": ("redis.rejected", "count"),
    "evicted_keys": ("redis.evicted", "count"),
    "connected_slaves": ("redis.replicas", "count"),
}
_WORDS = {
    "redis_version": "redis.version",
    "role": "redis.role",
    "master_link_status": "redis.link",
    "rdb_last_bgsave_status": "redis.save",
}


def read_info(text: str) -> list[Reading]:
    """The readings in an answer to INFO. Pure. Raises ProbeError when it names no role."""
    facts = dict(row.split(":", 1) for row in text.splitlines() if ":" in row)
    if "role" not in facts:
        raise ProbeError("INFO 的应答没有角色，对方可能不是 Redis")
    readings = [Reading(name, facts[key]) for key, name in _WORDS.items() if key in facts]
    for key, (name, unit) in _NUMBERS.items():
        readings += _number(facts, key, name, unit)
    if facts.get("maxmemory", "0") != "0":
        readings += _number(facts, "maxmemory", "redis.memory.limit", "B")
    if facts["role"] == "slave":
        readings += _number(facts, "master_last_io_seconds_ago", "redis.lag", "s")
    if facts.get("aof_enabled") == "1" and "aof_last_write_status" in facts:
        readings.append(Reading("redis.aof", facts["aof_last_write_status"]))
    return readings + _members(facts)


def _members(facts: Mapping[str, str]) -> list[Reading]:
    """Replicas ("slave0:ip=…,port=…,state=online,lag=0") and databases ("db0:keys=1,…")."""
    readings: list[Reading] = []
    for key, value in facts.items():
        pairs = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
        if key.startswith("slave") and key[5:].isdigit() and "state" in pairs:
            name = f"{pairs.get('ip', '')}:{pairs.get('port', '')}"
            readings.append(Reading("redis.replica.state", pairs["state"], "", name))
            readings += _number(pairs, "lag", "redis.replica.lag", "s", name)
        if key.startswith("db") and key[2:].isdigit():
            readings += _number(pairs, "keys", "redis.keys", "count", key)
    return readings


def _number(
    facts: Mapping[str, str], key: str, name: str, unit: str, instance: str = ""
) -> list[Reading]:
    """The reading of a number; none when it is absent, no number, or -1 (there never was one)."""
    raw = facts.get(key, "").strip()
    return [Reading(name, int(raw), unit, instance)] if raw.isdecimal() and raw.isascii() else []
