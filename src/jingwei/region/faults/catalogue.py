"""The faults of the region, in the order of the daily check sheet."""

from jingwei.region.fault_names import FaultName
from jingwei.region.faults.fault import Fault, Where
from jingwei.region.faults.interfaces import INTERFACES
from jingwei.region.faults.messages import MESSAGES
from jingwei.region.faults.services import SERVICES
from jingwei.region.faults.virtual import VIRTUAL
from jingwei.region.faults.windows import WINDOWS
from jingwei.region.plan import REDFISH_FAMILIES, Family, family_of, protocols_of
from jingwei.terms import Peer


def _speaks(protocol: str, kind: str) -> Where:
    return lambda peer: peer.kind == kind and protocol in protocols_of(peer)


def _is(*families: Family) -> Where:
    """Devices of these families; all of them are asked by SNMP or Redfish."""
    return lambda peer: family_of(peer) in families and bool(protocols_of(peer))


def _hosts(peer: Peer) -> bool:
    return peer.kind == "server" and "snmp" in protocols_of(peer)


def _with_files(peer: Peer) -> bool:
    """A hypervisor has datastores, and faults of its own."""
    return _hosts(peer) and "vsphere" not in protocols_of(peer)


_WITH_SENSORS = _is(*REDFISH_FAMILIES, Family.PROLIANT, Family.IMM, Family.THINKSERVER)
# Without iLO 4: its drives are in HP's SmartStorage only, which no check reads yet.
_WITH_DRIVES = _is(Family.ILO5, Family.XCC, Family.PROLIANT, Family.IMM, Family.THINKSERVER)
_SWITCHES = _is(Family.H3C_SWITCH, Family.HUAWEI_SWITCH)


def _plain_application(peer: Peer) -> bool:
    """Speaks HTTP and nothing else: a bad line shows once."""
    return peer.kind == "application" and set(protocols_of(peer)) <= {"http", "https"}


_APPLICATIONS = (
    Fault(
        FaultName.APP_500,
        "应用健康页返回 500",
        "app.available",
        _speaks("http", "application"),
        "查看应用日志与消息队列，重启应用服务",
    ),
    Fault(
        FaultName.APP_LOGIN_BROKEN,
        "应用登录页打不开",
        "app.login",
        _speaks("http", "application"),
        "检查统一认证与登录页依赖的会话服务",
    ),
    Fault(
        FaultName.LINE_SLOW,
        "到应用的线路延迟超过 4 秒",
        "app.available",
        _plain_application,
        "检查链路带宽与丢包，联系运营商",
    ),
    Fault(
        FaultName.LINE_LOSSY,
        "到应用的线路丢包 90 %",
        "app.available",
        _plain_application,
        "检查光模块与端口误码，更换跳线",
    ),
    Fault(
        FaultName.LINE_RESET,
        "到应用的连接被中途重置",
        "app.available",
        _plain_application,
        "检查防火墙会话策略与负载均衡健康检查",
    ),
    Fault(
        FaultName.LINE_HANG,
        "应用接受连接但不应答",
        "app.available",
        _plain_application,
        "查看应用线程池是否耗尽，必要时重启",
    ),
    Fault(
        FaultName.LINE_HALF_OPEN,
        "应答只到一半连接就没有下文",
        "app.available",
        _plain_application,
        "检查路径 MTU 与防火墙会话超时",
    ),
    Fault(
        FaultName.CERTIFICATE_5_DAYS,
        "应用证书 5 天后到期",
        "app.certificate",
        _speaks("https", "application"),
        "申请并更换证书，重新加载站点",
    ),
    Fault(
        FaultName.PACS_REFUSES_AE,
        "PACS 拒绝本方 AE 标题",
        "app.dicom",
        _speaks("dicom", "application"),
        "在 PACS 的 AE 清单中恢复登记",
    ),
    Fault(
        FaultName.MLLP_HANG,
        "HL7 接口收到消息不应答",
        "app.hl7",
        _speaks("mllp", "application"),
        "重启接口引擎的收发通道，补传积压消息",
    ),
)
_DATABASES = (
    Fault(
        FaultName.DB_DOWN,
        "数据库拒绝连接",
        "db.connection",
        _speaks("sql", "database"),
        "查看实例日志，重启实例或切换到备库，核对最后一笔数据",
    ),
    Fault(
        FaultName.DB_SESSIONS,
        "数据库会话数接近上限",
        "db.sessions",
        _speaks("sql", "database"),
        "定位未释放连接的应用并重启其连接池",
    ),
    Fault(
        FaultName.TABLESPACE_96,
        "表空间使用率 96 %",
        "db.tablespace",
        _speaks("sql", "database"),
        "扩展表空间或清理历史数据",
    ),
    Fault(
        FaultName.DB_LOCK_WAIT,
        "事务被阻塞 7 分钟",
        "db.locks",
        _speaks("sql", "database"),
        "与业务确认后结束持锁会话",
    ),
)
_STORAGE = (
    Fault(
        FaultName.STORAGE_DOWN,
        "存储阵列无应答",
        "storage.controller",
        _is(Family.OCEANSTOR, Family.UNITY),
        "检查供电与控制器，联系厂商二线",
    ),
    Fault(
        FaultName.FABRIC_DOWN,
        "FC 交换机无应答",
        "fc.port",
        _is(Family.BROCADE),
        "检查供电，必要时更换；核对多路径已切换",
    ),
    Fault(
        FaultName.CONTROLLER_DEGRADED,
        "存储控制器降级",
        "storage.controller",
        _is(Family.OCEANSTOR, Family.UNITY),
        "联系厂商更换控制器部件",
    ),
    Fault(
        FaultName.POOL_91,
        "存储池容量超过 91 %",
        "storage.pool",
        _is(Family.OCEANSTOR, Family.UNITY),
        "扩容存储池或迁移数据",
    ),
    Fault(
        FaultName.DISK_PRE_FAIL,
        "阵列磁盘预失效",
        "storage.disk",
        _is(Family.OCEANSTOR, Family.UNITY),
        "更换预失效磁盘并观察重构",
    ),
    Fault(
        FaultName.ARRAY_PSU_LOST,
        "阵列一路电源故障",
        "storage.parts",
        _is(Family.OCEANSTOR),
        "检查电源线与 PDU，更换电源模块",
    ),
    Fault(
        FaultName.FC_PORT_DOWN,
        "FC 端口离线",
        "fc.port",
        _is(Family.BROCADE),
        "检查光纤与对端 HBA",
    ),
    Fault(
        FaultName.FC_PORT_ERRORS,
        "FC 端口误码持续增长",
        "fc.port",
        _is(Family.BROCADE),
        "清洁或更换光模块与光纤，之后清零端口计数（statsClear）",
    ),
    Fault(
        FaultName.SERVER_DISK_PRE_FAIL,
        "服务器磁盘预失效",
        "server.disk",
        _WITH_DRIVES,
        "更换预失效磁盘并观察重构",
    ),
)
_SERVERS = (
    Fault(
        FaultName.SERVER_HANG,
        "服务器系统无应答",
        "server.online",
        _hosts,
        "从带外管理口查看控制台，必要时重启",
    ),
    Fault(
        FaultName.PSU_LOST,
        "服务器一路电源丢失",
        "server.power",
        _WITH_SENSORS,
        "检查电源线与 PDU，更换电源模块",
    ),
    Fault(
        FaultName.FAN_FAILED,
        "服务器风扇故障",
        "server.thermal",
        _WITH_SENSORS,
        "更换风扇模块",
    ),
    Fault(
        FaultName.MEMORY_ECC,
        "服务器内存 ECC 告警",
        "server.memory",
        _WITH_SENSORS,
        "更换告警内存条",
    ),
    Fault(
        FaultName.CPU_HIGH,
        "服务器 CPU 持续 96 % 以上",
        "server.load",
        _hosts,
        "定位占用 CPU 的进程并处置",
    ),
    Fault(
        FaultName.FILESYSTEM_FULL,
        "服务器文件系统 /data 使用 97 %",
        "server.load",
        _with_files,
        "清理日志与临时文件，或扩容",
    ),
)
_NETWORK = (
    Fault(
        FaultName.ACCESS_SWITCH_DOWN,
        "交换机无应答",
        "network.online",
        _speaks("snmp", "switch"),
        "检查供电与上联，必要时更换",
    ),
    Fault(
        FaultName.SWITCH_CPU_HIGH,
        "交换机 CPU 超过 93 %",
        "network.load",
        _SWITCHES,
        "排查环路与广播风暴",
    ),
    Fault(
        FaultName.SWITCH_PSU_LOST,
        "交换机一路电源丢失",
        "network.hardware",
        _SWITCHES,
        "检查电源线与 PDU，更换电源模块",
    ),
    Fault(
        FaultName.SWITCH_FAN_FAILED,
        "交换机风扇故障",
        "network.hardware",
        _SWITCHES,
        "更换风扇框",
    ),
    Fault(
        FaultName.UPLINK_DOWN,
        "交换机上联端口断开",
        "network.port",
        _speaks("snmp", "switch"),
        "检查光纤、光模块与对端端口",
    ),
    Fault(
        FaultName.FIREWALL_DOWN,
        "防火墙无应答",
        "security.online",
        _speaks("snmp", "firewall"),
        "确认主备切换，检查供电与管理口",
    ),
    Fault(
        FaultName.FIREWALL_CPU_HIGH,
        "华为防火墙或入侵检测 CPU 超过 93 %",
        "security.load",
        _is(Family.HUAWEI_SECURITY),
        "检查会话数与异常流量，核对新上的策略与特征库",
    ),
    Fault(
        FaultName.ADC_CPU_HIGH,
        "负载均衡 CPU 超过 93 %",
        "security.load",
        _is(Family.DPTECH),
        "检查会话数与异常流量",
    ),
)
_ROOMS = (
    Fault(
        FaultName.ROOM_HOT,
        "机房温度 29.4 ℃",
        "room.temperature",
        _speaks("modbus", "room"),
        "检查空调设定与冷热通道，必要时临时降温",
    ),
    Fault(
        FaultName.ROOM_HUMID,
        "机房湿度 82 %",
        "room.humidity",
        _speaks("modbus", "room"),
        "检查空调除湿与门窗密封",
    ),
    Fault(
        FaultName.ROOM_LEAK,
        "机房漏水",
        "room.leak",
        _speaks("modbus", "room"),
        "关闭水源，清理积水，检查空调排水",
    ),
    Fault(
        FaultName.CRAC_OFF,
        "精密空调停机",
        "crac.cooling",
        _is(Family.LIEBERT),
        "检查供电与控制器，重新开机",
    ),
    Fault(
        FaultName.CRAC_ALARM,
        "精密空调报警",
        "crac.alarm",
        _is(Family.LIEBERT),
        "在面板查看报警内容并处置",
    ),
    Fault(
        FaultName.UPS_ON_BATTERY,
        "UPS 转电池供电",
        "ups.output",
        _is(Family.UPS),
        "检查市电输入与前级开关，估算后备时间",
    ),
    Fault(
        FaultName.UPS_NO_OUTPUT,
        "UPS 无输出",
        "ups.output",
        _is(Family.UPS),
        "切换到旁路供电，检查逆变器与输出开关",
    ),
    Fault(
        FaultName.UPS_OVERLOAD,
        "UPS 负载率 88 %",
        "ups.load",
        _is(Family.UPS),
        "迁移部分负载或扩容",
    ),
    Fault(
        FaultName.UPS_BATTERY_LOW,
        "UPS 电池电量低",
        "ups.battery",
        _is(Family.UPS),
        "检查充电回路，做放电测试，更换失效电池",
    ),
)

FAULTS: tuple[Fault, ...] = (
    *_APPLICATIONS,
    *_DATABASES,
    *_STORAGE,
    *_SERVERS,
    *_NETWORK,
    *_ROOMS,
    *SERVICES,
    *MESSAGES,
    *INTERFACES,
    *WINDOWS,
    *VIRTUAL,
)
