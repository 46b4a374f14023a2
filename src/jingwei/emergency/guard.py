"""The tables of this room that are only ever added to: the database refuses anything else.

A new append-only table is named here and gets its triggers by a migration of its own, as in 0002.
"""

from jingwei.accounts.guard import Guarded

GUARDED = (
    Guarded("emergency_emergencyentry", what="应急日志"),
    Guarded("emergency_drillreading", what="演练读数"),
)
