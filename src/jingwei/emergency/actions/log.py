"""What is written while it burns: instants, calls, steps of the plan, messages."""

from datetime import datetime

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.desk.actions import instants as desk
from jingwei.desk.actions.errors import BadInputError
from jingwei.desk.actions.writing import past
from jingwei.emergency.actions.writing import (
    demand,
    fits,
    live,
    settle,
    take,
    whole,
    within,
    write,
)
from jingwei.emergency.facts import facts_of
from jingwei.emergency.models import Callee, Emergency, EmergencyEntry, EntryKind, Plan, PlanStep
from jingwei.terms.incident import Instant

SHORT = 24


@whole
def note(
    emergency: Emergency,
    instant: Instant,
    at: datetime,
    by: User,
    now: datetime,
    *,
    version: int,
    reason: str = "",
    resident: bool = False,
) -> EmergencyEntry | None:
    """Write down when something happened; a second time needs a reason and is a correction.

    An event with a fault ticket has one source of instants, the ticket: it is written there by the
    desk's own rules and None comes back. A drill keeps its own. Raises ForbiddenError when the
    provider confirms for the client, BadInputError for what contradicts what is known.
    """
    demand(by, May.APPROVE_TICKETS if instant is Instant.CONFIRMED else May.HANDLE_TICKETS)
    take(emergency, version)
    fits("reason", reason, 2000, "更正的原因")
    if emergency.ticket is not None:
        ticket = emergency.ticket
        ticket.refresh_from_db()
        desk.note_instant(
            ticket, instant, at, by, now, version=ticket.version, reason=reason, resident=resident
        )
        settle(emergency)
        return None
    made = _own(emergency, instant, past(at, now), by, now, reason)
    settle(emergency)
    return made


@whole
def measured(
    emergency: Emergency,
    text: str,
    at: datetime,
    now: datetime,
    *,
    instant: Instant | None = None,
) -> EmergencyEntry:
    """What the system itself saw during a drill; with `instant` it sets that instant.

    Raises BadInputError for a real event: there people and checks write their own records.
    """
    live(emergency)
    if emergency.drill_id is None:
        raise BadInputError("drill", "系统测得的时间点只用于演练")
    made = write(
        emergency, EntryKind.MEASURED, None, now, at=at, instant=instant,
        value=within("text", text, 500, "内容"),
    )  # fmt: skip
    settle(emergency)
    return made


@whole
def call(
    emergency: Emergency, callee: Callee, reached: bool, by: User, now: datetime, *,
    at: datetime | None = None, reason: str = "",
) -> EmergencyEntry:  # fmt: skip
    """Somebody was called, and reached or not. Two may call at once: no version is asked."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    _again(emergency)
    if callee.emergency_id != emergency.pk:
        raise BadInputError("callee", "联系人不在本事件的通知名单中")
    return write(
        emergency, EntryKind.CALL, by, now, at=at, granted=reached, callee=callee,
        value=f"{callee.role} {callee.name}：{'已接通' if reached else '未接通'}",
        reason=fits("reason", reason, 2000, "说明"),
    )  # fmt: skip


@whole
def add_callee(
    emergency: Emergency, name: str, role: str, phone: str, by: User, now: datetime
) -> Callee:
    """One more to call, e.g. the maker's engineer (tender L705)."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    _again(emergency)
    last = emergency.callees.order_by("-position").values_list("position", flat=True).first()
    made = Callee.objects.create(
        emergency=emergency, position=(last or 0) + 1,
        name=within("name", name, 64, "姓名"), role=within("role", role, 64, "职责"),
        phone=fits("phone", phone.strip(), 32, "电话"),
    )  # fmt: skip
    write(emergency, EntryKind.MESSAGE, by, now, value=f"通知名单增加：{made.role} {made.name}")
    return made


@whole
def step(
    emergency: Emergency, planned: PlanStep, done: bool, by: User, now: datetime, *,
    at: datetime | None = None, reason: str = "",
) -> EmergencyEntry:  # fmt: skip
    """A step of the plan was done, or left out with a reason. Ticked again needs a reason too."""
    demand(by, May.HANDLE_TICKETS)
    _again(emergency)
    if planned.plan_id != emergency.plan_id:
        raise BadInputError("step", "步骤不属于本事件启用的预案")
    before = facts_of(emergency).steps.get(planned.pk)
    if before is not None and before.granted == done:
        raise BadInputError("step", "该步骤已记录")
    if not done or before is not None:
        within("reason", reason, 2000, "未执行的原因" if not done else "更改的原因")
    return write(
        emergency, EntryKind.STEP, by, now, at=at, granted=done, step=planned,
        value=f"第 {planned.position} 步{'已执行' if done else '未执行'}：{_short(planned.text)}",
        reason=reason, refers_to=before,
    )  # fmt: skip


@whole
def use_plan(
    emergency: Emergency, plan: Plan, by: User, now: datetime, *, version: int
) -> EmergencyEntry:
    """Put a plan to use. Raises BadInputError once steps of another were ticked."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    take(emergency, version)
    if emergency.plan_id == plan.pk:
        raise BadInputError("plan", f"已启用“{plan.title}”")
    if facts_of(emergency).steps:
        raise BadInputError("plan", "已按原预案执行，不能改用另一份；其他措施请记为处置记录")
    Emergency.objects.filter(pk=emergency.pk).update(plan=plan)
    return write(
        emergency, EntryKind.MESSAGE, by, now, value=f"启用预案：{plan}",
        before={"plan": str(emergency.plan) if emergency.plan else None},
    )  # fmt: skip


@whole
def message(
    emergency: Emergency, text: str, by: User, now: datetime, *, at: datetime | None = None
) -> EmergencyEntry:
    """What was seen or done, in words; also after the end."""
    demand(by, May.HANDLE_TICKETS, May.APPROVE_TICKETS)
    emergency.refresh_from_db()
    return write(
        emergency, EntryKind.MESSAGE, by, now, at=at, value=within("text", text, 500, "处置记录")
    )


def _short(text: str) -> str:
    """The beginning of a step: the plan has the rest."""
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _again(emergency: Emergency) -> None:
    """As it stands now: he may have read it before somebody ended it."""
    emergency.refresh_from_db()
    live(emergency)


def _own(
    emergency: Emergency, instant: Instant, at: datetime, by: User, now: datetime, reason: str
) -> EmergencyEntry:
    facts = facts_of(emergency)
    standing = facts.own.get(instant)
    if standing is not None:
        within("reason", reason, 2000, f"更正{instant.label}时间的原因")
    desk.in_order({**facts.instants, instant: at}, resident=True, changed=instant)
    return write(
        emergency, EntryKind.INSTANT, by, now, at=at, instant=instant, reason=reason,
        refers_to=standing, before={"at": standing.at.isoformat()} if standing else None,
    )  # fmt: skip
