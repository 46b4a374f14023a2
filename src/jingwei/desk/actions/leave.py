"""Leave and replacement: asked for with everything the tender wants, agreed to by the client."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, may
from jingwei.assets.models import Person
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.notices import post
from jingwei.desk.actions.writing import LATE, name_of, past, plain, wanted
from jingwei.desk.models import Asked, Leave, StaffChange, Topic
from jingwei.terms import SHANGHAI


@dataclass(frozen=True, slots=True)
class Wish:
    """Time away: the tender wants reason, whereabouts and a way to be reached (L606)."""

    person: Person
    start: datetime
    end: datetime
    reason: str
    whereabouts: str
    phone: str
    stand_in: Person | None
    entered_late: bool = False


@transaction.atomic
def ask_leave(wish: Wish, by: User, now: datetime) -> Leave:
    """Ask for leave, for oneself; who keeps the roster asks for others too.

    It has to begin in the future, unless `entered_late` says that it is written down afterwards:
    then it is kept as asked too late, and no consent makes it timely. Raises BadInputError,
    ForbiddenError.
    """
    _for(wish.person, by)
    Person.objects.select_for_update().get(pk=wish.person.pk)  # one wish of a person at a time
    _check(wish, now)
    made = Leave.objects.create(
        person=wish.person, start=wish.start, end=wish.end,
        reason=_text("reason", wish.reason, "事由", 200),
        whereabouts=_text("whereabouts", wish.whereabouts, "去向", 200),
        phone=_text("phone", wish.phone, "联系电话", 32), stand_in=wish.stand_in,
        asked_at=now, asked_by=by,
    )  # fmt: skip
    _audit("leave.ask", made, by, now, {
        "person": wish.person.name, "start": wish.start.isoformat(), "end": wish.end.isoformat(),
        "late": made.asked_at >= made.start,
    })  # fmt: skip
    post(
        Topic.LEAVE, f"leave-{made.pk}", f"请假待同意：{wish.person.name}",
        f"{_span(made)}，事由：{made.reason}，顶岗：{made.stand_in or '无'}", now, link="/leave/",
    )  # fmt: skip
    return made


@transaction.atomic
def answer_leave(
    leave: Leave, granted: bool, by: User, now: datetime, *, opinion: str = ""
) -> Leave:
    """The client agrees or refuses, once; consent after it began is kept as it is: late.

    Raises ForbiddenError, BadInputError.
    """
    _client(by)
    _waiting(Leave.objects.select_for_update().get(pk=leave.pk).state)
    if not granted:
        wanted("opinion", opinion, "不同意的原因")
    leave.state = Asked.GRANTED if granted else Asked.REFUSED
    leave.answered_at, leave.answered_by, leave.answer = now, by, _opinion(opinion)
    said = "已同意" if granted else "未同意"
    post(
        Topic.LEAVE, f"leave-{leave.pk}:answer", f"请假{said}：{leave.person.name}",
        f"{_span(leave)}{f'，意见：{leave.answer}' if leave.answer else ''}", now, link="/leave/",
        user=leave.asked_by,
    )  # fmt: skip
    leave.save(update_fields=("state", "answered_at", "answered_by", "answer"))
    _audit("leave.answer", leave, by, now,
           {"granted": granted, "late": now > leave.start}, opinion)  # fmt: skip
    return leave


@transaction.atomic
def withdraw_leave(leave: Leave, reason: str, by: User, now: datetime) -> Leave:
    """Take a leave back before it begins. Raises BadInputError, ForbiddenError."""
    _for(leave.person, by)
    state = Leave.objects.select_for_update().get(pk=leave.pk).state
    if state not in (Asked.WAITING, Asked.GRANTED):
        raise BadInputError("state", f"该请假{Asked(state).label}")
    if leave.start <= now:
        raise BadInputError("state", "请假已经开始，不能撤回")
    reason = wanted("reason", reason, "撤回原因")
    leave.state = Asked.WITHDRAWN
    leave.save(update_fields=("state",))
    _audit("leave.withdraw", leave, by, now, {}, reason)
    return leave


@transaction.atomic
def correct_leave(leave: Leave, wish: Wish, why: str, by: User, now: datetime) -> Leave:
    """Other times, stand-in or whereabouts: the leave is withdrawn and asked for anew.

    The client agreed to what stood there, so the new one waits for his word again. Raises
    BadInputError (also when it has begun), ForbiddenError.
    """
    if wish.person != leave.person:
        raise BadInputError("person", f"更正不能换人：原请假人{leave.person.name}")
    withdraw_leave(leave, wanted("why", why, "更正原因"), by, now)
    return ask_leave(wish, by, now)


@transaction.atomic
def return_early(leave: Leave, at: datetime, why: str, by: User, now: datetime) -> Leave:
    """Back before the leave ends: it ends at `at`, within the leave and not ahead of now.

    Raises BadInputError, ForbiddenError.
    """
    _for(leave.person, by)
    held = Leave.objects.select_for_update().get(pk=leave.pk)
    if held.state != Asked.GRANTED:
        raise BadInputError("state", f"该请假{Asked(held.state).label}")
    if not held.start < past(at, now) < held.end:
        raise BadInputError("at", f"销假时间须在请假期间（{_span(held)}）之内")
    why = wanted("why", why, "销假说明")
    before = {"end": held.end.isoformat()}
    leave.end = held.end = at
    held.save(update_fields=("end",))
    late = now - at > LATE
    _audit("leave.return", held, by, now, {"end": at.isoformat(), "late": late}, why, before)
    return held


@dataclass(frozen=True, slots=True)
class Replacement:
    """One person for another."""

    leaving: Person
    joining_name: str
    joining_phone: str
    qualification: str
    on: date
    reason: str


@transaction.atomic
def ask_change(wanted_one: Replacement, by: User, now: datetime) -> StaffChange:
    """Ask for a replacement; what the client himself asks for he has agreed to (tender L614).

    Raises BadInputError, ForbiddenError.
    """
    client = by.is_active and may(by.role, May.APPROVE_TICKETS)
    if not client:
        _roster(by)
    if wanted_one.on <= now.astimezone(SHANGHAI).date() and not client:
        raise BadInputError("on", "更换日期须在今天之后：先取得甲方同意")
    if wanted_one.leaving.valid_to is not None:
        raise BadInputError("leaving", f"{wanted_one.leaving.name}已离岗")
    made = StaffChange.objects.create(
        leaving=wanted_one.leaving, on=wanted_one.on,
        joining_name=_text("joining_name", wanted_one.joining_name, "接替人", 64),
        joining_phone=plain("joining_phone", wanted_one.joining_phone, "接替人电话", 32),
        qualification=_text("qualification", wanted_one.qualification, "接替人资质", 200),
        reason=_text("reason", wanted_one.reason, "更换原因", 200), client_asked=client,
        asked_at=now, asked_by=by,
    )  # fmt: skip
    _audit("staff.ask", made, by, now, {
        "leaving": made.leaving.name, "joining": made.joining_name, "on": made.on.isoformat(),
    }, made.reason)  # fmt: skip
    if client:
        _answer_change(made, True, by, now, "甲方要求更换")
    return made


@transaction.atomic
def answer_change(
    change: StaffChange, granted: bool, by: User, now: datetime, *, opinion: str = ""
) -> StaffChange:
    """The client agrees or refuses, once. Raises ForbiddenError, BadInputError."""
    _client(by)
    _waiting(StaffChange.objects.select_for_update().get(pk=change.pk).state)
    if not granted:
        wanted("opinion", opinion, "不同意的原因")
    return _answer_change(change, granted, by, now, opinion)


def carry_out_changes(now: datetime) -> int:
    """Replacements whose day has come and that were agreed to: one leaves, the other is there.

    Idempotent; a worker calls it. Without consent nothing changes.
    """
    today = now.astimezone(SHANGHAI).date()
    due = StaffChange.objects.filter(state=Asked.GRANTED, joining=None, on__lte=today)
    done = 0
    for change in due.select_related("leaving", "answered_by"):
        with transaction.atomic():
            held = StaffChange.objects.select_for_update().get(pk=change.pk)
            if held.joining_id is not None or held.answered_by is None:
                continue
            leaving = Person.objects.select_for_update().get(pk=held.leaving_id)
            leaving.valid_to = date.fromordinal(held.on.toordinal() - 1)
            leaving.save(update_fields=("valid_to",))
            held.joining = Person.objects.create(
                name=held.joining_name,
                phone=held.joining_phone,
                line=leaving.line,
                valid_from=held.on,
            )
            held.save(update_fields=("joining",))
            _audit("staff.change", held, held.answered_by, now, {"on": held.on.isoformat()})
            done += 1
    return done


def _answer_change(
    change: StaffChange, granted: bool, by: User, now: datetime, opinion: str
) -> StaffChange:
    change.state = Asked.GRANTED if granted else Asked.REFUSED
    change.answered_at, change.answered_by, change.answer = now, by, _opinion(opinion)
    change.save(update_fields=("state", "answered_at", "answered_by", "answer"))
    _audit("staff.answer", change, by, now, {"granted": granted}, opinion)
    if granted:
        carry_out_changes(now)  # its day may have come while it waited
    return change


def _check(wish: Wish, now: datetime) -> None:
    if wish.end <= wish.start:
        raise BadInputError("end", "结束须晚于开始")
    if (wish.end - wish.start).days > 180:
        raise BadInputError("end", "一次请假不超过 180 天；更长的请办理人员更换")
    if wish.start <= now and not wish.entered_late:
        raise BadInputError("start", "请假须在开始之前提出；事后补登请勾选“事后补登”")
    if wish.stand_in is None:
        raise BadInputError("stand_in", "请选择顶岗人")
    if wish.stand_in == wish.person:
        raise BadInputError("stand_in", "顶岗人不能是本人")
    standing = Leave.objects.filter(
        state__in=(Asked.WAITING, Asked.GRANTED), start__lt=wish.end, end__gt=wish.start
    )
    if standing.filter(person=wish.person).exists():
        raise BadInputError("start", f"{wish.person.name}在此期间已有请假")
    if standing.filter(person=wish.stand_in, state=Asked.GRANTED).exists():
        raise BadInputError("stand_in", f"{wish.stand_in.name}在此期间本人请假，不能顶岗")


def _for(person: Person, by: User) -> None:
    own = person.user_id == by.pk and may(by.role, May.HANDLE_TICKETS)
    if not (by.is_active and (own or may(by.role, May.MANAGE_ROSTER))):
        raise ForbiddenError("by", f"{name_of(by)}只能为本人请假；为他人请假须管理排班")


def _roster(by: User) -> None:
    if not (by.is_active and may(by.role, May.MANAGE_ROSTER)):
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能管理排班")


def _client(by: User) -> None:
    if not (by.is_active and may(by.role, May.APPROVE_TICKETS)):
        raise ForbiddenError("by", f"{name_of(by)}（{by.get_role_display()}）不能代表甲方同意")


def _waiting(state: str) -> None:
    if state != Asked.WAITING:
        raise BadInputError("state", f"该申请{Asked(state).label}")


def _text(field: str, text: str, what: str, most: int) -> str:
    return plain(field, wanted(field, text, what), what, most)


def _opinion(text: str) -> str:
    return plain("opinion", text, "答复意见", 200)


def _span(leave: Leave) -> str:
    low, high = (at.astimezone(SHANGHAI) for at in (leave.start, leave.end))
    return f"{low:%m-%d %H:%M} 至 {high:%m-%d %H:%M}"


def _audit(
    action: str, row: Leave | StaffChange, by: User, now: datetime, after: object,
    reason: str = "", before: object = None,
) -> None:  # fmt: skip
    accounts.record(
        by, action, kind="roster", key=f"{row._meta.model_name}-{row.pk}", before=before,
        after=after, reason=reason, now=now,
    )  # fmt: skip
