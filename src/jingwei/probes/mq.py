"""Message queues: RabbitMQ as its management API tells (nodes, alarms, queues, oldest message)."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import quote

from jingwei.probes.errors import ProbeError
from jingwei.probes.frame import probe
from jingwei.probes.http import HttpOptions, fetched
from jingwei.probes.http1 import decoded
from jingwei.probes.options import OptionError, option, port
from jingwei.terms import Reading, Reason, Target

_COUNTS = {
    "messages": "depth",
    "messages_ready": "ready",
    "messages_unacknowledged": "unacked",
    "consumers": "consumers",
}
_MOST_BYTES = 16_777_216
_COLUMNS = (
    "name,messages,messages_ready,messages_unacknowledged,consumers,state,head_message_timestamp"
)


@dataclass(frozen=True, kw_only=True)
class MqOptions:
    """Options of `mq`."""

    port: int = port(15672)
    scheme: Literal["http", "https"] = option("http", label="协议")
    verify: bool = option(True, label="校验证书")
    ca_file: str = option("", label="内部 CA 证书文件")
    vhost: str = option("/", label="虚拟主机")
    queues: tuple[str, ...] = option(("*",), label="队列", help="名字，可用 * 与 ?")
    skip: tuple[str, ...] = option(("amq.gen-*",), label="不看的队列")
    most: int = option(500, label="队列数上限", minimum=1, maximum=2000)

    def __post_init__(self) -> None:
        """Refuse an empty virtual host."""
        if not self.vhost or any(ord(char) < 32 for char in self.vhost):
            raise OptionError("vhost", "不能为空，不能含控制字符")


_READINGS = {
    "mq.time": ("ms", "三次查询合计用时"),
    "mq.version": ("", "RabbitMQ 版本"),
    "mq.node.running": ("", "每个节点是否运行"),
    "mq.node.memory_alarm": ("", "节点内存告警：发布者被阻塞"),
    "mq.node.disk_alarm": ("", "节点磁盘告警：发布者被阻塞"),
    "mq.node.memory": ("B", "节点内存"),
    "mq.node.disk": ("B", "节点磁盘剩余"),
    "mq.node.partitions": ("count", "节点认为与之断开的节点数：网络分区"),
    "mq.queues": ("count", "选中的队列数"),
    "mq.messages": ("count", "选中队列的消息总数"),
    "mq.depth": ("count", "每个队列的消息数"),
    "mq.ready": ("count", "每个队列等待投递的消息数"),
    "mq.unacked": ("count", "每个队列已投递未确认的消息数"),
    "mq.consumers": ("count", "每个队列的消费者数"),
    "mq.state": ("", "每个队列的状态：running、flow、idle、down 等"),
    "mq.oldest": ("s", "每个队列队首消息的年龄；空队列为 0；消息不带时间戳则没有"),
}


@probe(
    "mq",
    label="RabbitMQ 队列",
    options=MqOptions,
    readings=_READINGS,
    secrets=("user", "password"),
    silence="地址不通，或管理接口不应答",
)
async def mq(target: Target, options: MqOptions) -> list[Reading]:
    """经管理接口读取节点与队列，只读，不取出也不移动任何消息。

    账号需 monitoring 标签与该虚拟主机的权限。队首消息的年龄取自消息时间戳（插件
    rabbitmq_message_timestamp 可为每条消息盖上），统计最多滞后 5 秒。
    """
    page = HttpOptions(
        port=options.port, scheme=options.scheme, verify=options.verify, ca_file=options.ca_file,
        max_body=_MOST_BYTES,
    )  # fmt: skip
    vhost = quote(options.vhost, safe="")
    started = time.perf_counter()
    overview = await _told(target, page, "/api/overview")
    nodes = await _told(target, page, "/api/nodes")
    queues = await _told(target, page, f"/api/queues/{vhost}?columns={_COLUMNS}")
    took = time.perf_counter() - started
    readings = [Reading("mq.time", took * 1000, "ms")]
    if isinstance(overview, dict) and isinstance(overview.get("rabbitmq_version"), str):
        readings.append(Reading("mq.version", overview["rabbitmq_version"]))
    return [*readings, *nodes_read(nodes), *queues_read(queues, options, time.time())]


async def _told(target: Target, page: HttpOptions, path: str) -> Any:
    """One document of the API. Raises ProbeError in the user's words."""
    _, response = await fetched(target, replace(page, path=path))
    if response.status in (401, 403):
        raise ProbeError("登录被拒绝：用户或口令不对，或没有 monitoring 权限", Reason.REFUSED)
    if response.status == 404:
        raise ProbeError("没有该虚拟主机，或对方不是 RabbitMQ 管理接口")
    if response.status != 200:
        raise ProbeError(f"管理接口返回状态码 {response.status}")
    if response.truncated:
        raise ProbeError(f"管理接口的应答超过 {_MOST_BYTES} 字节，未读完，不取部分结果")
    try:
        return json.loads(decoded(response, _MOST_BYTES))
    except (ValueError, RecursionError):
        raise ProbeError("管理接口的应答不是 JSON") from None


def nodes_read(document: Any) -> list[Reading]:
    """The readings of /api/nodes. Pure. Raises ProbeError when it lists none."""
    readings: list[Reading] = []
    for row in _rows(document, "节点"):
        name = str(row.get("name", ""))
        running = row.get("running") is True
        readings.append(Reading("mq.node.running", running, "", name))
        if not running:  # what it said last is no news
            continue
        for key, reading in (("mem_alarm", "memory_alarm"), ("disk_free_alarm", "disk_alarm")):
            if isinstance(row.get(key), bool):
                readings.append(Reading(f"mq.node.{reading}", row[key], "", name))
        readings += _count(row, "mem_used", "mq.node.memory", "B", name)
        readings += _count(row, "disk_free", "mq.node.disk", "B", name)
        if isinstance(row.get("partitions"), list):
            count = len(row["partitions"])
            readings.append(Reading("mq.node.partitions", count, "count", name))
    if not readings:
        raise ProbeError("管理接口没有列出节点")
    return readings


def queues_read(document: Any, options: MqOptions, now: float) -> list[Reading]:
    """The readings of /api/queues/VHOST. Pure; `now` is seconds since 1970.

    Raises ProbeError for more queues than allowed.
    """
    rows = [row for row in _rows(document, "队列") if _wanted(str(row.get("name", "")), options)]
    if len(rows) > options.most:
        raise ProbeError(f"选中 {len(rows)} 个队列，超过上限 {options.most}，请缩小 queues")
    readings = [Reading("mq.queues", len(rows), "count")]
    total = 0
    for row in rows:
        name = str(row["name"])
        depth = row.get("messages")
        total += depth if isinstance(depth, int) else 0
        for key, reading in _COUNTS.items():
            readings += _count(row, key, f"mq.{reading}", "count", name)
        if isinstance(row.get("state"), str):
            readings.append(Reading("mq.state", row["state"], "", name))
        stamp = row.get("head_message_timestamp")
        if depth == 0:
            readings.append(Reading("mq.oldest", 0, "s", name))
        elif isinstance(stamp, int | float) and not isinstance(stamp, bool):
            readings.append(Reading("mq.oldest", max(round(now - stamp, 1), 0), "s", name))
    return [*readings, Reading("mq.messages", total, "count")]


def _wanted(name: str, options: MqOptions) -> bool:
    return any(fnmatchcase(name, glob) for glob in options.queues) and not any(
        fnmatchcase(name, glob) for glob in options.skip
    )


def _rows(document: Any, what: str) -> list[Mapping[str, Any]]:
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ProbeError(f"管理接口给出的{what}不是列表，对方可能不是 RabbitMQ")
    return document


def _count(row: Mapping[str, Any], key: str, name: str, unit: str, instance: str) -> list[Reading]:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return []
    return [Reading(name, value, unit, instance)]
