"""The tables of this room that are only ever added to: the database refuses anything else.

A new append-only table is named here and gets its triggers by a migration of its own, as in 0003.
"""

from jingwei.accounts.guard import Guarded

GUARDED = (
    Guarded("desk_ticketevent", what="工单日志"),
    Guarded("desk_workentry", what="处理记录"),
    Guarded("desk_endofservice", what="停产停服登记"),
    Guarded("desk_sparepart", what="备件记录"),
    Guarded("desk_effort", (("corrects_id",),), what="工作量登记"),
    Guarded("desk_ticketfile", what="工单文件"),
    Guarded("desk_tickettarget", (("ticket_id", "target_id"),), what="工单关联"),
    Guarded("desk_article", (("number", "version"),), what="知识条目"),
    Guarded("desk_attendance", (("corrects_id",),), what="考勤记录"),
    Guarded("desk_delivery", what="发送记录"),
)
