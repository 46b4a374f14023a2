"""Who came and went, and who is there in 7x24 periods: the evidence behind "four on site"."""

from datetime import datetime, timedelta

from django.db import models, transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Person
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.writing import LATE, name_of, past, plain, wanted
from jingwei.desk.models import Attendance, GuardPeriod, Shift
from jingwei.terms import SHANGHAI

OWN, BY_HAND = "本人签到", "补登"


@transaction.atomic
def come(by: User, now: datetime) -> Attendance:
    """I am here, once a day. Raises BadInputError for a login without a person."""
    person = _own(by)
    day = now.astimezone(SHANGHAI).date()
    if _standing(person, now) is not None:
        raise BadInputError("came_at", f"{person.name} {day} 已签到")
    return _add(Attendance(person=person, date=day, came_at=now, source=OWN), by, now)


@transaction.atomic
def leave_for_today(by: User, now: datetime) -> Attendance:
    """I go. A new row that refers to the morning's, or to last night's turn.

    Raises BadInputError before any coming.
    """
    person = _own(by)
    held = _standing(person, now) or _overnight(person, now)
    if held is None:
        raise BadInputError("left_at", "今天还没有签到")
    return _add(
        Attendance(
            person=person, date=held.date, came_at=held.came_at, left_at=now, source=OWN,
            corrects=held, reason="离岗",
        ),
        by, now,
    )  # fmt: skip


@transaction.atomic
def enter(
    person: Person, came: datetime, left: datetime | None, reason: str, by: User, now: datetime
) -> Attendance:
    """Write attendance down afterwards, or correct it; always with a reason, stamped when late.

    For oneself, or for others by who keeps the roster. Raises BadInputError, ForbiddenError.
    """
    own = person.user_id == by.pk and may(by.role, May.HANDLE_TICKETS)
    if not own:
        _roster(by)
    _locked(person)
    past(came, now)
    if left is not None and (past(left, now) <= came or left - came > timedelta(days=1)):
        raise BadInputError("left_at", "离岗须晚于到岗，且不超过一天")
    reason = plain("reason", wanted("reason", reason, "补登或更正的原因"), "原因", 200)
    return _add(
        Attendance(
            person=person, date=came.astimezone(SHANGHAI).date(), came_at=came, left_at=left,
            source=BY_HAND, corrects=_standing(person, came), reason=reason,
            late=now - came > LATE,
        ),
        by, now,
    )  # fmt: skip


@transaction.atomic
def open_period(
    name: str, start: datetime, end: datetime, by: User, now: datetime, *, needed: int = 2
) -> GuardPeriod:
    """A public-health emergency or safeguard: people there day and night (tender L514).

    The client says so, or who keeps the roster writes it down. Raises BadInputError.
    """
    if not _client(by):
        _roster(by)
    _fits(start, end, needed)
    made = GuardPeriod.objects.create(
        name=plain("name", wanted("name", name, "名称"), "名称", 100), start=start, end=end,
        needed=needed, declared_at=now, declared_by=name_of(by),
    )  # fmt: skip
    _audit("guard.open", f"guard-{made.pk}", by, now, {"name": made.name, "needed": needed})
    return made


@transaction.atomic
def correct_period(
    period: GuardPeriod, name: str, start: datetime, end: datetime, reason: str, by: User,
    now: datetime, *, needed: int,
) -> GuardPeriod:  # fmt: skip
    """Other times, another number, with the reason; what stood before stays in the chain.

    Once it has begun only the client does it: who is judged by it does not lessen it. Raises
    BadInputError where a turn would lie outside, ForbiddenError.
    """
    held = _changeable(period, by, now, "更正")
    _fits(start, end, needed)
    reason = wanted("reason", reason, "更正原因")
    outside = held.shifts.filter(cancelled_at=None).filter(
        models.Q(start__lt=start) | models.Q(end__gt=end)
    )
    if (turn := outside.select_related("person").first()) is not None:
        low = turn.start.astimezone(SHANGHAI)
        raise BadInputError(
            "start", f"{turn.person.name} {low:%m-%d %H:%M} 的班次不在新的时间之内，请先取消该班次"
        )
    before = _shape(held)
    held.name = plain("name", wanted("name", name, "名称"), "名称", 100)
    held.start, held.end, held.needed = start, end, needed
    held.save(update_fields=("name", "start", "end", "needed"))
    _audit("guard.correct", f"guard-{held.pk}", by, now, _shape(held), reason, before)
    return held


@transaction.atomic
def cancel_period(period: GuardPeriod, reason: str, by: User, now: datetime) -> None:
    """It is over early, or was a mistake.

    Once it has begun only the client says so: who is judged by it does not end it. Raises
    BadInputError, ForbiddenError.
    """
    held = _changeable(period, by, now, "取消")
    reason = wanted("reason", reason, "取消原因")
    period.cancelled_at = held.cancelled_at = now
    held.save(update_fields=("cancelled_at",))
    _audit("guard.cancel", f"guard-{period.pk}", by, now, {}, reason)


@transaction.atomic
def add_shift(
    period: GuardPeriod, person: Person, start: datetime, end: datetime, by: User,
    now: datetime, *, on_call: bool = False,
) -> Shift:  # fmt: skip
    """One person's turn. Raises BadInputError outside the period or where he has a turn already."""
    _roster(by)
    if end <= start or end - start > timedelta(hours=24):
        raise BadInputError("end", "一个班次须在 24 小时以内，结束晚于开始")
    _locked(person)
    if GuardPeriod.objects.exclude(cancelled_at=None).filter(pk=period.pk).exists():
        raise BadInputError("start", f"{period.name}已取消")
    if start < period.start or end > period.end:
        raise BadInputError("start", f"班次须在{period.name}之内")
    taken = Shift.objects.filter(
        person=person, cancelled_at=None, start__lt=end, end__gt=start
    ).first()
    if taken is not None:
        low = taken.start.astimezone(SHANGHAI)
        raise BadInputError("start", f"{person.name}自 {low:%m-%d %H:%M} 已有班次")
    made = Shift.objects.create(
        period=period,
        person=person,
        start=start,
        end=end,
        on_call=on_call,
        entered_by=name_of(by),
    )
    _audit("shift.add", f"shift-{made.pk}", by, now, {
        "person": person.name, "start": start.isoformat(), "end": end.isoformat(),
    })  # fmt: skip
    return made


@transaction.atomic
def cancel_shift(shift: Shift, by: User, now: datetime) -> None:
    """Take a turn off the roster before it begins. Raises BadInputError."""
    _roster(by)
    held = Shift.objects.select_for_update().get(pk=shift.pk)
    if held.cancelled_at is not None or held.start <= now:
        raise BadInputError("shift", "班次已开始或已取消")
    shift.cancelled_at = held.cancelled_at = now
    held.save(update_fields=("cancelled_at",))
    _audit("shift.cancel", f"shift-{shift.pk}", by, now, {})


def _changeable(period: GuardPeriod, by: User, now: datetime, what: str) -> GuardPeriod:
    held = GuardPeriod.objects.select_for_update().get(pk=period.pk)
    if not _client(by):
        _roster(by)
        if held.start <= now:
            raise ForbiddenError("by", f"{held.name}已经开始，只有甲方可以{what}")
    if held.cancelled_at is not None:
        raise BadInputError("period", "该值守期已取消")
    return held


def _fits(start: datetime, end: datetime, needed: int) -> None:
    if end <= start or (end - start).days > 366:
        raise BadInputError("end", "结束须晚于开始，且不超过一年")
    if not 1 <= needed <= 20:
        raise BadInputError("needed", f"在岗人数须为 1 至 20，收到 {needed}")


def _shape(held: GuardPeriod) -> dict[str, object]:
    return {
        "name": held.name, "start": held.start.isoformat(), "end": held.end.isoformat(),
        "needed": held.needed,
    }  # fmt: skip


def _own(by: User) -> Person:
    person = Person.objects.filter(user=by).first()
    if person is None or not may(by.role, May.HANDLE_TICKETS):
        raise BadInputError("person", "您的账号没有对应的人员档案，不能签到")
    return _locked(person)


def _locked(person: Person) -> Person:
    """A second writer about the same person waits for the first, then sees what he wrote."""
    Person.objects.select_for_update().get(pk=person.pk)
    return person


def _standing(person: Person, at: datetime) -> Attendance | None:
    day = at.astimezone(SHANGHAI).date()
    rows = Attendance.objects.filter(person=person, date=day, corrected_by=None)
    return rows.order_by("-id").first()


def _overnight(person: Person, now: datetime) -> Attendance | None:
    """Who came yesterday for a turn over midnight and has not gone yet."""
    held = _standing(person, now - timedelta(days=1))
    came = held.came_at if held is not None and held.left_at is None else None
    return held if came is not None and now - came <= timedelta(days=1) else None


def _add(row: Attendance, by: User, now: datetime) -> Attendance:
    row.entered_at, row.by, row.by_name = now, by, name_of(by)
    row.save()
    _audit("attendance", f"attendance-{row.pk}", by, now, {
        "person": row.person.name, "came": row.came_at and row.came_at.isoformat(),
        "left": row.left_at and row.left_at.isoformat(), "late": row.late,
    }, row.reason)  # fmt: skip
    return row


def _client(by: User) -> bool:
    return by.is_active and may(by.role, May.APPROVE_TICKETS)


def _roster(by: User) -> None:
    if not (by.is_active and may(by.role, May.MANAGE_ROSTER)):
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能管理排班")


def _audit(
    action: str, key: str, by: User, now: datetime, after: object, reason: str = "",
    before: object = None,
) -> None:  # fmt: skip
    accounts.record(
        by, action, kind="roster", key=key, before=before, after=after, reason=reason, now=now
    )
