"""Putting right what was taken down wrong: who called, where, about what. Never what was graded."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Model

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Application, Institution, Site, Target
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import demand, plain, take, wanted, whole, write
from jingwei.desk.models import EventKind, Ticket, TicketEvent

_LABELS = {
    "title": "标题", "text": "说明", "institution": "机构", "application": "系统",
    "target": "设备", "site": "站点", "reporter": "报修人", "phone": "联系电话",
}  # fmt: skip
_LONGEST = {"title": 200, "text": 5000, "reporter": 64, "phone": 32}


@dataclass(frozen=True, slots=True)
class Basics:
    """What a ticket says of itself beside its log."""

    title: str
    text: str = ""
    institution: Institution | None = None
    application: Application | None = None
    target: Target | None = None
    site: Site | None = None
    reporter: str = ""
    phone: str = ""


@whole
def amend(
    ticket: Ticket, basics: Basics, reason: str, by: User, now: datetime, *, version: int
) -> TicketEvent:
    """Correct them, with a reason; the log keeps what stood before.

    Raises BadInputError without a title or a reason, when nothing changes, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    wanted("reason", reason, "更正原因")
    wanted("title", basics.title, "标题")
    before, after = {}, {}
    for field in fields(basics):
        name, value = field.name, getattr(basics, field.name)
        if name in _LONGEST:
            value = plain(name, value, _LABELS[name], _LONGEST[name])
        held = getattr(ticket, name)
        if held != value:
            before[name], after[name] = _said(held), _said(value)
            setattr(ticket, name, value)
    if not after:
        raise BadInputError("title", "没有改动任何内容")
    ticket.save(update_fields=tuple(after))
    changed = "；".join(
        f"{_LABELS[name]} {before[name][:40] or '空'} → {after[name][:40] or '空'}"
        for name in after
    )
    return write(
        ticket, EventKind.FORM, by, now, value=f"更正基本信息：{changed}", reason=reason,
        before=before,
    )  # fmt: skip


def _said(value: object) -> str:
    return str(value) if isinstance(value, Model) else str(value or "")
