"""An SNMP v2c farm of our own: many agents, one UDP socket each, one event loop."""
