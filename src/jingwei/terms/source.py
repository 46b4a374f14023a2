"""Who tells us what we did not ask for, and how it is called."""

SOURCES: dict[str, str] = {
    "alertmanager": "Alertmanager 告警",
    "grafana": "Grafana 告警",
    "zabbix": "Zabbix 告警",
    "syslog": "系统日志事件",
    "trap": "SNMP Trap 事件",
}
"""Code -> word, as findings that come from outside are shown."""
