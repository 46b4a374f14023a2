"""What callers write themselves: an institution's own report, a message by the tracking link."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from jingwei.accounts import actions as accounts
from jingwei.accounts.models import User
from jingwei.accounts.roles import May, Role
from jingwei.assets.models import Application, Institution
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.intake import Intake, make
from jingwei.desk.actions.writing import demand, name_of, plain, wanted, write
from jingwei.desk.models import (
    Channel,
    EventKind,
    InstitutionContact,
    Kind,
    Ticket,
    TicketEvent,
)
from jingwei.sla.priority import suggest

LONGEST_MESSAGE = 1000
# One caller on one phone writes no faster than this; a script with a leaked link is stopped.
BURST, BURST_TIME = 3, timedelta(minutes=5)
DAILY = 20
# Contacts of one institution report no faster than this, however excited.
REPORTS, REPORTS_TIME = 10, timedelta(hours=1)


def report_own(intake: Intake, by: User, now: datetime) -> Ticket:
    """A contact reports a fault of his own institution; it counts as reported now.

    Severity is what impact and urgency suggest: the desk asks for another where he was wrong.
    Raises ForbiddenError for another institution or a login that belongs to none, BadInputError
    without impact and urgency.
    """
    demand(by, May.REPORT_OWN)
    contact = InstitutionContact.objects.select_related("institution").filter(user=by).first()
    if contact is None:
        raise ForbiddenError("by", f"{name_of(by)}的账号尚未登记所属机构，请联系系统管理员")
    if intake.institution is not None and intake.institution != contact.institution:
        raise ForbiddenError("institution", f"只能为本机构（{contact.institution.name}）报修")
    if intake.impact is None or intake.urgency is None:
        raise BadInputError("urgency", "请选择影响范围和紧急程度")
    found = suggest(intake.impact, intake.urgency, core=core(intake.application))
    own = replace(
        intake, kind=Kind.INCIDENT, channel=Channel.OTHER, institution=contact.institution,
        reporter=intake.reporter or name_of(by), severity=found.severity,
        severity_reason=f"按机构填报：{found.reason}", reported_at=now, detected_at=None,
        parent=None, target=None, site=None,
    )  # fmt: skip
    with transaction.atomic():
        InstitutionContact.objects.select_for_update().get(pk=contact.pk)
        recent = Ticket.objects.filter(created_by=by, created_at__gt=now - REPORTS_TIME).count()
        if recent >= REPORTS:
            raise BadInputError("title", f"一小时内已报修 {recent} 次；更多情况请致电服务台")
        return make(own, by, now)


def core(application: Application | None) -> bool:
    """Whether it is a core system, confirmed or proposed: asking about an emergency is cheap."""
    return application is not None and application.core != Application.Core.NO


def leave_message(token: str, text: str, name: str, now: datetime) -> TicketEvent:
    """The caller adds something by his link, without a login.

    No version is asked: a message changes nothing of the ticket. Raises BadInputError for an
    unknown link, an ended ticket, an empty or long text, and for more than a few in a row.
    """
    text = plain("text", wanted("text", text, "留言内容"), "留言", LONGEST_MESSAGE)
    name = plain("name", name, "称呼", 64)
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().filter(token=token).first() if token else None
        if ticket is None:
            raise BadInputError("token", "链接无效，请核对")
        if ticket.ended:
            raise BadInputError("text", f"{ticket.number}{ticket.get_state_display()}；请重新报修")
        said = ticket.events.filter(kind=EventKind.MESSAGE)
        if said.filter(entered_at__gt=now - BURST_TIME).count() >= BURST:
            raise BadInputError("text", "留言过于频繁，请几分钟后再试；紧急情况请致电服务台")
        if said.filter(entered_at__gt=now - timedelta(days=1)).count() >= DAILY:
            raise BadInputError("text", "今天的留言已达上限，请致电服务台")
        who = f"{name or ticket.reporter or '报修人'}（跟踪链接）"
        return write(ticket, EventKind.MESSAGE, None, now, reason=text, name=who)


def set_contact(
    user: User, institution: Institution | None, by: User, now: datetime
) -> InstitutionContact | None:
    """Say which institution a contact's login belongs to; None: to no one any more.

    Raises BadInputError for a login that is no institution contact, ForbiddenError.
    """
    demand(by, May.MANAGE_USERS)
    if user.role != Role.INSTITUTION:
        raise BadInputError(
            "user", f"{name_of(user)}的角色是{user.get_role_display()}，不是机构联系人"
        )
    with transaction.atomic():
        held = InstitutionContact.objects.select_for_update().filter(user=user).first()
        before = held.institution.code if held else None
        if institution is None:
            if held is not None:
                held.delete()
            made = None
        else:
            made, _ = InstitutionContact.objects.update_or_create(
                user=user, defaults={"institution": institution}
            )
        _audited(user, before, institution.code if institution else None, by, now)
    return made


def _audited(user: User, before: str | None, after: str | None, by: User, now: datetime) -> None:
    accounts.record(
        by, "user.institution", kind="user", key=user.username, before={"institution": before},
        after={"institution": after}, now=now,
    )  # fmt: skip
