"""The faults of what applications open to each other: images, FHIR, SOAP."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault, Where
from jingwei.region.plan import protocols_of


def _serves(protocol: str) -> Where:
    return lambda peer: protocol in protocols_of(peer)


INTERFACES = (
    Fault(
        FaultName.PACS_FULL,
        "PACS 存储空间不足，拒收影像（A700）",
        "app.images-in",
        _serves("dicom"),
        "扩容或迁移近线影像，核对各医院前置机有无积压并补传",
    ),
    Fault(
        FaultName.PACS_NO_IMAGES,
        "PACS 两天内没有任何新检查",
        "app.images",
        _serves("dicom"),
        "查看路由与各医院前置机的发送队列，重启停下的路由，补传影像",
    ),
    Fault(
        FaultName.IMAGES_LOST,
        "检查查得到而影像取不回",
        "app.interfaces",
        _serves("dicomweb"),
        "核对影像卷的挂载与索引，重建索引或从备份取回",
    ),
    Fault(
        FaultName.FHIR_SEARCH_FAILS,
        "FHIR 服务能打开但查询报错",
        "app.interfaces",
        _serves("fhir"),
        "查看服务日志与其数据源，重启服务",
    ),
    Fault(
        FaultName.SERVICE_FAULT,
        "平台服务返回 SOAP Fault",
        "app.interfaces",
        _serves("soap"),
        "按 Fault 文字查消息存储与总线，恢复后补发积压消息",
    ),
)
