"""Who a file was sent to, and who has not said that he has it."""

from django.core import signing
from django.db.models import F, QuerySet

from jingwei.accounts.models import User
from jingwei.desk.completion import missing_receipts
from jingwei.desk.models import FileKind, InstitutionContact, Receipt, Ticket, TicketFile

__all__ = ["by_link", "distributed", "link_of", "missing_receipts", "own_receipts", "receipts"]
_LINK = signing.Signer(salt="jingwei.desk.receipt")


def receipts(ticket: Ticket) -> QuerySet[Receipt]:
    """Every institution of a distribution, those without a receipt first."""
    rows = Receipt.objects.filter(ticket=ticket).select_related("institution")
    return rows.order_by(F("received_at").asc(nulls_first=True), "institution__code")


def own_receipts(user: User) -> QuerySet[Receipt]:
    """What was sent to the institution of a contact's login, the newest first; else none."""
    contact = InstitutionContact.objects.filter(user=user).first()
    if contact is None:
        return Receipt.objects.none()
    rows = Receipt.objects.filter(institution=contact.institution_id).exclude(sent_at=None)
    return rows.select_related("ticket__form", "institution").order_by("-sent_at", "-id")


def distributed(ticket: Ticket) -> QuerySet[TicketFile]:
    """The files an institution takes with it: documents; photos and scans stay with the desk."""
    return ticket.files.filter(kind=FileKind.DOCUMENT)


def link_of(receipt: Receipt) -> str:
    """The part of an address that opens what was sent to this institution, without a login."""
    return _LINK.sign_object([receipt.pk])


def by_link(text: str) -> Receipt | None:
    """Whose link this is; None when forged, not sent, or the ticket ended without a receipt."""
    try:
        (number,) = _LINK.unsign_object(text)
    except (signing.BadSignature, ValueError):
        return None
    rows = Receipt.objects.select_related("ticket__form", "institution").exclude(sent_at=None)
    found = rows.filter(pk=number).first()
    over = found is not None and found.ticket.ended and found.received_at is None
    return None if over else found
