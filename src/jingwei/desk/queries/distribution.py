"""Who a file was sent to, and who has not said that he has it."""

from django.db.models import F, QuerySet

from jingwei.accounts.models import User
from jingwei.desk.completion import missing_receipts
from jingwei.desk.models import InstitutionContact, Receipt, Ticket

__all__ = ["missing_receipts", "own_receipts", "receipts"]


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
