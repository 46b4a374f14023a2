"""The one time zone people read: all instants are stored aware and shown in Asia/Shanghai."""

from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
