"""The interface under /api/: heartbeats in; status, findings, tickets and clocks out and in.

One file a noun. Its OpenAPI document makes /api/docs.
"""

from jingwei.web.api import clocks, edge, events, findings, forms, ticket_writes
from jingwei.web.api.frame import api

__all__ = ["api", "clocks", "edge", "events", "findings", "forms", "ticket_writes"]
