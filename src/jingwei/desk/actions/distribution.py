"""Files sent to institutions, and who said that he has them (tender L570)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from jingwei.accounts.models import User
from jingwei.accounts.roles import May
from jingwei.assets.models import Institution
from jingwei.desk.actions.errors import BadInputError, ForbiddenError
from jingwei.desk.actions.writing import audit, demand, name_of, past, plain, take, wanted, whole
from jingwei.desk.models import (
    FileKind,
    InstitutionContact,
    Kind,
    Receipt,
    Ticket,
    TicketFile,
)
from jingwei.terms import SHANGHAI

BY_LINK = "下载链接签收"


def plan(ticket: Ticket, codes: Sequence[str]) -> None:
    """The institutions a file goes to; call inside a transaction, with codes of the register.

    Raises BadInputError when one is left out that the file was sent to already.
    """
    held = {row.institution.code: row for row in _rows(ticket)}
    for code, row in held.items():
        if code in codes:
            continue
        if row.sent_at is not None:
            raise BadInputError(
                "institutions", f"{row.institution.name}已下发，不能从下发机构中去掉"
            )
        row.delete()
    for institution in Institution.objects.filter(code__in=set(codes) - set(held)):
        Receipt.objects.create(ticket=ticket, institution=institution)


@whole
def send(
    ticket: Ticket, institutions: Sequence[Institution], way: str, at: datetime, by: User,
    now: datetime, *, version: int,
) -> int:  # fmt: skip
    """The file went out to these; how many it went to. Sent once, it stays sent.

    Raises BadInputError for an institution that is not on the list or was sent to before,
    ForbiddenError, StaleError.
    """
    demand(by, May.HANDLE_TICKETS)
    take(ticket, version)
    if ticket.kind != Kind.DISTRIBUTION:
        raise BadInputError("kind", f"{ticket.number}不是文件下发单")
    if not institutions:
        raise BadInputError("institutions", "请选择已下发的机构")
    at = past(at, now)
    way = plain("way", wanted("way", way, "下发方式"), "下发方式", 64)
    held = {row.institution_id: row for row in _rows(ticket)}
    for institution in institutions:
        row = held.get(institution.pk)
        if row is None:
            raise BadInputError("institutions", f"{institution.name}不在下发机构之内")
        if row.sent_at is not None:
            raise BadInputError("institutions", f"{institution.name}已下发过")
        row.sent_at, row.way = at, way
        row.save(update_fields=("sent_at", "way"))
    codes = [institution.code for institution in institutions]
    audit(ticket, "sent", by, now, after={"to": codes, "way": way, "at": at.isoformat()})
    return len(codes)


def receive(
    receipt: Receipt, receiver: str, by: User | None, now: datetime, *,
    at: datetime | None = None, note: str = "",
) -> Receipt:  # fmt: skip
    """An institution has the file: noted by the desk with a name and in what way, or signed by
    the institution's own contact, in his own name and now; by None: by its link, now.

    Raises ForbiddenError for another institution's contact, BadInputError for a file that was not
    sent, a receipt given before, an instant before the sending.
    """
    contact = InstitutionContact.objects.filter(user=by).first() if by is not None else None
    if by is None:
        at, note = now, BY_LINK
    elif contact is not None:
        demand(by, May.REPORT_OWN)
        if contact.institution_id != receipt.institution_id:
            raise ForbiddenError("institution", "只能为本机构签收")
        receiver, at, note = name_of(by), now, note or "机构账号签收"
    else:
        demand(by, May.HANDLE_TICKETS)
        note = wanted("note", note, "回执方式（电话、回函等）")
    receiver = plain("receiver", wanted("receiver", receiver, "签收人"), "签收人", 64)
    note = plain("note", note, "备注", 200)
    with transaction.atomic():
        held = Receipt.objects.select_for_update(of=("self",)).select_related(
            "ticket", "institution"
        ).get(pk=receipt.pk)  # fmt: skip
        _sent(held, at := past(at or now, now))
        held.received_at, held.receiver, held.note = at, receiver, note
        held.save(update_fields=("received_at", "receiver", "note"))
        after = {
            "institution": held.institution.code, "receiver": receiver, "note": note,
            "at": at.isoformat(),
        }  # fmt: skip
        audit(held.ticket, "receipt", by, now, after=after, name=f"{receiver}（{BY_LINK}）")
    return held


def take_file(receipt: Receipt, file: TicketFile, by: User | None, now: datetime) -> TicketFile:
    """The institution takes the file with it: a contact's first taking is his receipt.

    By the link (by None) somebody has given his name first. Every taking is in the chain. Raises
    BadInputError before a receipt or for a file that was not sent, ForbiddenError.
    """
    if file.ticket_id != receipt.ticket_id or file.kind != FileKind.DOCUMENT:
        raise BadInputError("file", "这份文件没有下发给本机构")
    with transaction.atomic():
        held = Receipt.objects.select_for_update(of=("self",)).select_related(
            "ticket", "institution"
        ).get(pk=receipt.pk)  # fmt: skip
        if by is not None:
            _own(held, by)
        if held.received_at is None and by is not None:
            held = receive(held, "", by, now, note="下载即签收")
        if held.received_at is None:
            raise BadInputError("receiver", "请先签收再下载")
        audit(
            held.ticket, "download", by, now, name=f"{held.receiver}（{BY_LINK}）",
            after={"institution": held.institution.code, "sha256": file.sha256},
        )  # fmt: skip
    return file


def _own(held: Receipt, by: User) -> None:
    demand(by, May.REPORT_OWN)
    if not InstitutionContact.objects.filter(user=by, institution=held.institution_id).exists():
        raise ForbiddenError("institution", "只能下载下发给本机构的文件")


def _sent(held: Receipt, at: datetime) -> None:
    if held.ticket.ended:
        raise BadInputError(
            "state", f"{held.ticket.number}{held.ticket.get_state_display()}，不能再改"
        )
    if held.received_at is not None:
        raise BadInputError("receiver", f"{held.institution.name}已有回执（{held.receiver}）")
    if held.sent_at is None:
        raise BadInputError("receiver", f"{held.institution.name}尚未下发，不能签收")
    if at < held.sent_at:
        sent = held.sent_at.astimezone(SHANGHAI)
        raise BadInputError("at", f"回执时间早于下发时间（{sent:%Y-%m-%d %H:%M}）")


def _rows(ticket: Ticket) -> list[Receipt]:
    return list(
        Receipt.objects.select_for_update(of=("self",))
        .filter(ticket=ticket)
        .select_related("institution")
    )
