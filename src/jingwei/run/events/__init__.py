"""Syslog and SNMP traps in: received, sorted by content, put together, written as findings."""

from jingwei.run.events.receive import Receivers

__all__ = ["Receivers"]
