"""The faults of what carries messages: SMS gateways and WeChat."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault, Where
from jingwei.region.plan import protocols_of


def _serves(protocol: str) -> Where:
    return lambda peer: protocol in protocols_of(peer)


MESSAGES = (
    Fault(
        FaultName.SMS_REFUSED,
        "移动短信网关拒绝口令",
        "app.sms",
        _serves("cmpp"),
        "与移动核对 SP 账号、口令与登记的 IP，校准本机时钟",
    ),
    Fault(
        FaultName.SMS_FULL,
        "联通短信网关连接数已满",
        "app.sms",
        _serves("sgip"),
        "查找未释放的连接，重启短信平台的收发进程，或向联通申请连接数",
    ),
    Fault(
        FaultName.SMS_SILENT,
        "电信短信网关可登录但不应答链路检测",
        "app.sms",
        _serves("smgp"),
        "重建链路，报电信处理；期间短信改走其他通道",
    ),
    Fault(
        FaultName.WECHAT_REFUSED,
        "微信拒绝公众号密钥",
        "app.wechat",
        _serves("wechat"),
        "在公众平台核对 AppSecret，更新应用与凭据",
    ),
    Fault(
        FaultName.WECHAT_QUOTA,
        "微信接口当日次数用尽",
        "app.wechat",
        _serves("wechat"),
        "查找重复调用的程序，次日恢复；必要时在公众平台清零（每月限次）",
    ),
)
