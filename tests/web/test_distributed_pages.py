"""文件签收与下载: the contact's page, and the link without a login."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from form_making import opened, page, send
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.assets.models import Institution, Person
from jingwei.checks.actions.files import Upload
from jingwei.desk import actions, queries
from jingwei.desk.models import FileKind, InstitutionContact, Receipt, Ticket, TicketFile
from jingwei.web.once import new_key

FILE = {
    "title": "下发药品目录", "channel": "phone", "file": "药品目录 2026.2", "content": "代码表",
    "ordered_by": "顾", "institutions": ["I-1", "I-2"], "way": "前置机目录",
}  # fmt: skip


@pytest.fixture
def ticket(world: World, sign_in: SignIn, settings: Any, tmp_path: Path) -> Ticket:
    """A list, its file attached, sent to both."""
    settings.MEDIA_ROOT = tmp_path
    Person.objects.create(name="王磊", line="first")
    Institution.objects.create(code="I-2", name="江宁社区", area="S", kind="chc")
    engineer = sign_in("first_line", full_name="王磊")
    made = opened(engineer, "distribution", **FILE)
    upload = Upload("目录.csv", b"a,b\n1,2\n")
    user = User.objects.get(username="u-first_line")
    actions.attach(made, FileKind.DOCUMENT, [upload], "", user, made.created_at)
    send(engineer, "ticket-send", made, institutions=["I-1", "I-2"], way="前置机")
    return made


def receipt(code: str = "I-1") -> Receipt:
    return Receipt.objects.get(institution__code=code)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def link(name: str = "distributed", *more: int, code: str = "I-1") -> str:
    return reverse(name, args=(queries.link_of(receipt(code)), *more))


def test_the_engineer_finds_a_link_for_every_institution_it_was_sent_to(
    ticket: Ticket, sign_in: SignIn
) -> None:
    text = page(sign_in("first_line"), ticket)
    assert link() in text
    assert link(code="I-2") in text
    assert link() not in page(sign_in("client_approver"), ticket)


def test_by_the_link_one_signs_and_then_downloads(ticket: Ticket) -> None:
    client, file = Client(), TicketFile.objects.get()
    answer = client.get(link())
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert file.sha256 in answer.content.decode()
    assert "江宁社区" not in answer.content.decode()
    assert client.get(link("distributed-file", file.pk)).status_code == 422
    unsigned = client.post(link(), {"once": new_key(), "receiver": " "})
    assert (unsigned.status_code, "请填写签收人" in unsigned.content.decode()) == (422, True)
    assert client.post(link(), {"once": new_key(), "receiver": "钱护士"}).status_code == 302
    assert (receipt().receiver, receipt("I-2").received_at) == ("钱护士", None)
    assert body(client.get(link("distributed-file", file.pk))) == b"a,b\n1,2\n"
    assert "钱护士 已于" in client.get(link()).content.decode()


def test_nobody_signs_twice_by_the_link(ticket: Ticket) -> None:
    for name, expected in (("钱", 302), ("李", 422)):
        answer = Client().post(link(), {"once": new_key(), "receiver": name})
        assert answer.status_code == expected
    assert receipt().receiver == "钱"


@pytest.mark.parametrize("name", ["\0", "钱" * 65, "钱" * 10_000, " "])
def test_a_name_no_database_keeps_is_refused_beside_its_field(ticket: Ticket, name: str) -> None:
    answer = Client().post(link(), {"once": new_key(), "receiver": name})
    assert answer.status_code == 422
    assert receipt().received_at is None


def test_a_forged_link_opens_nothing(ticket: Ticket) -> None:
    assert Client().get(reverse("distributed", args=("WzFd:x",))).status_code == 404
    assert Client().get(link("distributed-file", 99_999)).status_code == 404


def test_a_contacts_download_signs_in_his_name(ticket: Ticket, sign_in: SignIn) -> None:
    contact, file = sign_in("institution", full_name="市北 钱"), TicketFile.objects.get()
    user = User.objects.get(username="u-institution")
    InstitutionContact.objects.create(user=user, institution=receipt().institution)
    text = contact.get(reverse("own-receipts")).content.decode()
    where = reverse("own-file", args=(receipt().pk, file.pk))
    assert where in text
    assert contact.get(where).status_code == 405
    assert body(contact.post(where)) == b"a,b\n1,2\n"
    assert (receipt().receiver, receipt().note) == ("市北 钱", "下载即签收")
    assert body(contact.post(where)) == b"a,b\n1,2\n", "again, without a second receipt"
    other = reverse("own-file", args=(receipt("I-2").pk, file.pk))
    assert contact.post(other).status_code == 403
    assert receipt("I-2").received_at is None
