"""The Chinese words for what the register stores as codes."""

KINDS: dict[str, str] = {
    "server": "服务器",
    "storage": "存储",
    "fc-switch": "FC 交换机",
    "switch": "交换机",
    "firewall": "防火墙",
    "netgap": "网闸",
    "ids": "入侵检测",
    "waf": "WAF",
    "av-gateway": "防毒墙",
    "db-firewall": "数据库防火墙",
    "load-balancer": "负载均衡",
    "bastion": "堡垒机",
    "log-audit": "日志审计",
    "nac": "网络准入",
    "masking": "数据脱敏",
    "situational-awareness": "态势感知平台",
    "situational-probe": "态势感知采集器",
    "kvm": "KVM",
    "ups": "UPS",
    "crac": "精密空调",
    "other": "其他",
}
"""Kinds of hardware, in the order people look for them."""

TARGET_KINDS: dict[str, str] = {
    **KINDS,
    "application": "应用",
    "database": "数据库",
    "room": "机房",
    "site": "站点",
}

TENDER_STATUS: dict[str, str] = {"过保": "过保", "保内": "保内"}
"""The tender's own two words; they decide the duty (domain.md section 2)."""

PROTOCOLS: dict[str, str] = {
    "icmp": "ICMP（ping）",
    "tcp": "TCP 端口",
    "http": "HTTP",
    "https": "HTTPS",
    "tls": "TLS 证书",
    "snmp": "SNMP",
    "sql": "SQL",
    "dicom": "DICOM",
    "mllp": "HL7 MLLP",
    "dicomweb": "DICOMweb",
    "fhir": "FHIR",
    "soap": "SOAP 服务",
    "redfish": "Redfish",
    "ipmi": "IPMI（管理口）",
    "vsphere": "vSphere（VMware API）",
    "unisphere": "Unity REST（Unisphere）",
    "devicemanager": "OceanStor REST（DeviceManager）",
    "modbus": "Modbus TCP",
    "ssh": "SSH",
    "winrm": "WinRM（Windows 远程管理）",
    "redis": "Redis",
    "mq": "RabbitMQ 管理接口",
    "ldap": "LDAP 目录",
    "ntp": "NTP 时间",
    "dns": "DNS 解析",
    "nut": "UPS（NUT）",
    "prometheus": "Prometheus 指标",
    "cmpp": "短信网关 CMPP（移动）",
    "sgip": "短信网关 SGIP（联通）",
    "smgp": "短信网关 SMGP（电信）",
    "wechat": "微信消息接口",
    "plugin": "监控插件",
    "syslog": "发来的 syslog",
}
"""What an endpoint can speak. Heartbeats have none: they call us."""

NO_PORT = frozenset({"icmp", "syslog"})

COVERAGE: dict[str, str] = {
    "district-all": "全区",
    "jingan-north": "静安北",
    "jingan-south": "静安南",
    "chc:15": "社区卫生服务中心 15 家",
    "chc:16": "社区卫生服务中心 16 家",
    "hospital-l2:8;chc:15": "二级医院 8 家，社区卫生服务中心 15 家",
    "unspecified": "未写明",
}
"""What the tender says an application covers."""


def kind_label(kind: str) -> str:
    """The word for a kind of target; an unknown one stays as it is."""
    return TARGET_KINDS.get(kind, kind)


def coverage_label(coverage: str) -> str:
    """The word for a coverage; an unknown one stays as it is."""
    return COVERAGE.get(coverage, coverage)
