"""The faults of Windows hosts: their machines, services and volumes."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault
from jingwei.region.plan import protocols_of
from jingwei.terms import Peer


def _windows(peer: Peer) -> bool:
    return "winrm" in protocols_of(peer)


WINDOWS = (
    Fault(
        FaultName.HYPERV_VM_DOWN,
        "设为自动启动的 Hyper-V 虚机没有运行",
        "server.windows",
        _windows,
        "在 Hyper-V 管理器查看虚机与存储的事件，确认原因后启动，核对所载应用",
    ),
    Fault(
        FaultName.WINDOWS_SERVICE_STOPPED,
        "Hyper-V 管理服务（vmms）已停止",
        "server.windows",
        _windows,
        "查看系统日志中服务停止的原因，启动服务，核对依赖它的应用",
    ),
    Fault(
        FaultName.WINDOWS_VOLUME_FULL,
        "Windows 数据盘 D: 使用 97 %",
        "server.windows",
        _windows,
        "清理快照与旧镜像，或扩容；不删除去向不明的文件",
    ),
)
