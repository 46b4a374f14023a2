"""The faults of services: queues, caches, the directory, clocks, names, UPS software."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault, Where
from jingwei.region.plan import protocols_of


def _serves(protocol: str) -> Where:
    return lambda peer: protocol in protocols_of(peer)


SERVICES = (
    Fault(
        FaultName.DNS_SLOW,
        "域名解析超过 1 秒",
        "network.names",
        _serves("dns"),
        "检查转发器与递归上游，清理缓存",
    ),
    Fault(
        FaultName.QUEUE_GROWING,
        "消息队列积压，消费者已断开",
        "app.queue",
        _serves("mq"),
        "重启接口引擎的消费者，核对积压消息是否全部处理",
    ),
    Fault(
        FaultName.QUEUE_DISK_ALARM,
        "消息队列磁盘告警，停止接收",
        "app.queue",
        _serves("mq"),
        "清理或扩容消息服务器磁盘，确认发布者恢复",
    ),
    Fault(
        FaultName.REDIS_REPLICA_BROKEN,
        "缓存从库停止同步",
        "app.cache",
        _serves("redis"),
        "查看从库日志与网络，重新建立同步",
    ),
    Fault(
        FaultName.HEAP_FULL,
        "应用堆内存回收后仍占 95 %",
        "app.runtime",
        _serves("prometheus"),
        "导出堆快照后重启应用，交开发分析内存泄漏",
    ),
    Fault(
        FaultName.DIRECTORY_REFUSES,
        "统一认证目录拒绝登录",
        "app.directory",
        _serves("ldap"),
        "检查目录服务与账号状态，恢复后抽查应用登录",
    ),
    Fault(
        FaultName.UPS_DATA_STALE,
        "UPS 管理软件与 UPS 失去联系",
        "ups.software",
        _serves("nut"),
        "检查串口或 USB 连线，重启 NUT 驱动",
    ),
    Fault(
        FaultName.TIME_OFFSET,
        "时间服务器快 3.2 秒",
        "network.time",
        _serves("ntp"),
        "检查上级时间源，校正后核对各服务器时间",
    ),
    Fault(
        FaultName.DNS_WRONG_ANSWER,
        "域名解析到错误地址",
        "network.names",
        _serves("dns"),
        "核对解析记录，清理缓存，排查是否被篡改",
    ),
    Fault(
        FaultName.CLOCK_OFFSET,
        "服务器时钟快 3.2 秒",
        "server.clock",
        _serves("ssh"),
        "检查时间同步服务，逐步校正",
    ),
    Fault(
        FaultName.FILES_REWRITTEN,
        "共享目录的文件被批量改写",
        "server.files",
        _serves("ssh"),
        "立即断网隔离主机而不关机，保全证据，按预案上报；查清范围后从离线备份恢复",
    ),
)
