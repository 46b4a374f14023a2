"""The faults of VMware hosts: their machines, their datastores, their own state."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault
from jingwei.region.plan import protocols_of
from jingwei.terms import Peer


def _hypervisor(peer: Peer) -> bool:
    return "vsphere" in protocols_of(peer)


VIRTUAL = (
    Fault(
        FaultName.DATASTORE_FULL,
        "VMware 数据存储使用 97 %",
        "server.virtual",
        _hypervisor,
        "清理过期快照与旧镜像，迁移虚机或扩容数据存储",
    ),
    Fault(
        FaultName.VM_DOWN,
        "应随主机启动的虚机已关机",
        "server.virtual",
        _hypervisor,
        "在 vSphere Client 查看虚机事件，确认原因后开机，核对所载应用",
    ),
    Fault(
        FaultName.HOST_ALARM,
        "VMware 主机总体状态为红",
        "server.virtual",
        _hypervisor,
        "在 vSphere Client 查看主机的告警与配置问题，逐条处置",
    ),
)
