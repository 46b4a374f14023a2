"""Who cannot solve it calls who can: first line, second line, the maker (tender L626, L705)."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import demand, take, wanted, whole, write
from jingwei.desk.models import EventKind, SupportLevel, Ticket, TicketEvent

CLAUSES = {
    SupportLevel.SECOND: "故障响应及处理服务：无法诊断定位或解决时提高响应级别（L626）",
    SupportLevel.MAKER: "其它维保要求：难以解决时召唤原厂技术人员至现场（L705）",
}
_ORDER = list(SupportLevel)


@whole
def escalate(
    ticket: Ticket, level: SupportLevel, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Raise the support level; the first line may call the maker at once where L705 asks for it.

    Who has it stays responsible: assigning is its own act. Raises BadInputError without a reason
    or when the level is not a higher one, ForbiddenError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    before = SupportLevel(ticket.level)
    if _ORDER.index(level) <= _ORDER.index(before):
        raise BadInputError("level", f"已在{before.label}支持，只能升级到更高一级")
    wanted("reason", reason, "升级原因")
    ticket.level = level
    ticket.save(update_fields=("level",))
    return write(
        ticket, EventKind.ESCALATE, by, now,
        value=f"{before.label} → {level.label}；{CLAUSES[level]}", reason=reason,
        before={"level": before.value},
    )  # fmt: skip
