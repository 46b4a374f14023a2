"""The names of all faults: what peers look for and people type."""

from enum import StrEnum


class FaultName(StrEnum):
    """A fault's name. What it means stands in `faults`."""

    DISK_PRE_FAIL = "disk-pre-fail"
    POOL_91 = "pool-91"
    CONTROLLER_DEGRADED = "controller-degraded"
    FC_PORT_ERRORS = "fc-port-errors"
    FC_PORT_DOWN = "fc-port-down"
    SERVER_DISK_PRE_FAIL = "server-disk-pre-fail"
    PSU_LOST = "psu-lost"
    FAN_FAILED = "fan-failed"
    MEMORY_ECC = "memory-ecc"
    CPU_HIGH = "cpu-high"
    FILESYSTEM_FULL = "filesystem-full"
    SERVER_HANG = "server-hang"
    SWITCH_PSU_LOST = "switch-psu-lost"
    SWITCH_FAN_FAILED = "switch-fan-failed"
    SWITCH_CPU_HIGH = "switch-cpu-high"
    UPLINK_DOWN = "uplink-down"
    ACCESS_SWITCH_DOWN = "access-switch-down"
    FIREWALL_DOWN = "firewall-down"
    ADC_CPU_HIGH = "adc-cpu-high"
    UPS_ON_BATTERY = "ups-on-battery"
    UPS_OVERLOAD = "ups-overload"
    UPS_BATTERY_LOW = "ups-battery-low"
    CRAC_OFF = "crac-off"
    CRAC_ALARM = "crac-alarm"
    ROOM_HOT = "room-hot"
    ROOM_HUMID = "room-humid"
    ROOM_LEAK = "room-leak"
    TABLESPACE_96 = "tablespace-96"
    DB_SESSIONS = "db-sessions"
    DB_LOCK_WAIT = "db-lock-wait"
    DB_DOWN = "db-down"
    MLLP_HANG = "mllp-hang"
    PACS_REFUSES_AE = "pacs-refuses-ae"
    CERTIFICATE_5_DAYS = "certificate-5-days"
    APP_500 = "app-500"
    APP_LOGIN_BROKEN = "app-login-broken"


# Faults that make a device drop every SNMP packet.
SILENCING = (FaultName.SERVER_HANG, FaultName.ACCESS_SWITCH_DOWN, FaultName.FIREWALL_DOWN)
