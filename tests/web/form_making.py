"""What tests of the form pages share: sending a form as a browser does, reading the answer."""

from typing import Any

from django.test import Client
from django.urls import reverse

from jingwei.desk.models import Ticket
from jingwei.web.once import new_key


def text_of(response: Any) -> str:
    return str(response.content.decode())


def send(client: Client, name: str, ticket: Ticket | None = None, **data: Any) -> Any:
    """POST with a key of its own, and the ticket's version as it stands."""
    args: tuple[str, ...] = ()
    if ticket is not None:
        ticket.refresh_from_db()
        args = (ticket.number,)
        data.setdefault("version", ticket.version)
    return client.post(reverse(name, args=args), {"once": new_key(), **data})


def made(response: Any) -> Ticket:
    """The ticket a form led to."""
    assert response.status_code == 302, text_of(response)
    return Ticket.objects.get(number=response["Location"].strip("/").split("/")[-1])


def page(client: Client, ticket: Ticket) -> str:
    return text_of(client.get(reverse("ticket", args=(ticket.number,))))


def opened(engineer: Client, form_id: str, **data: Any) -> Ticket:
    response = engineer.post(reverse("ticket-new-form", args=(form_id,)), data)
    return made(response)
