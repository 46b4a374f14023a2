"""Files an institution takes: the first taking is its receipt, every one is in the chain."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_making import MORNING, institution, later, person
from django.test import override_settings

from jingwei.accounts.models import AuditEntry, User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Institution
from jingwei.checks.actions.files import Upload
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake
from jingwei.desk.models import FileKind, InstitutionContact, Kind, Receipt, TicketFile

pytestmark = pytest.mark.django_db
CODES = ("H01", "H02")


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield


@pytest.fixture
def wang() -> User:
    for code in CODES:
        institution(code, f"医院 {code}")
    return person()


@pytest.fixture
def file(wang: User) -> TicketFile:
    """A list of drugs, sent to both."""
    values: dict[str, object] = {
        "file": "药品目录", "content": "代码表", "ordered_by": "顾", "way": "前置机目录",
        "institutions": list(CODES),
    }  # fmt: skip
    ticket = actions.open_request(
        "distribution", values, Intake(kind=Kind.DISTRIBUTION, title="下发"), wang, MORNING
    )
    (made,) = actions.attach(
        ticket, FileKind.DOCUMENT, [Upload("目录.csv", b"a,b\n")], "", wang, later(1)
    )
    rows = list(Institution.objects.filter(code__in=CODES))
    actions.send(ticket, rows, "前置机", later(2), wang, later(2), version=ticket.version)
    return made


def receipt(code: str = "H01") -> Receipt:
    return Receipt.objects.get(institution__code=code)


def contact(code: str) -> User:
    user = person(f"sun-{code}", Role.INSTITUTION, "孙")
    InstitutionContact.objects.create(user=user, institution=Institution.objects.get(code=code))
    return user


def taken() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="ticket.download"))


def test_a_contacts_first_download_is_his_receipt(file: TicketFile) -> None:
    sun = contact("H01")
    actions.take_file(receipt(), file, sun, later(10))
    actions.take_file(receipt(), file, sun, later(20))
    held = receipt()
    assert (held.receiver, held.received_at, held.note) == ("孙", later(10), "下载即签收")
    assert [one.after["sha256"] for one in taken()] == [file.sha256] * 2


def test_a_contact_takes_nothing_of_another_institution(file: TicketFile) -> None:
    with pytest.raises(ForbiddenError, match="下发给本机构"):
        actions.take_file(receipt("H02"), file, contact("H01"), later(10))
    with pytest.raises(ForbiddenError):
        actions.take_file(receipt(), file, person("gu", Role.CLIENT_APPROVER), later(10))
    assert receipt("H02").received_at is None
    assert not taken()


def test_by_the_link_one_signs_first_and_downloads_then(file: TicketFile) -> None:
    with pytest.raises(BadInputError, match="请先签收"):
        actions.take_file(receipt(), file, None, later(10))
    actions.receive(receipt(), "钱", None, later(11))
    actions.take_file(receipt(), file, None, later(12))
    assert receipt().note == "下载链接签收"
    assert taken()[0].actor == "钱（下载链接签收）"


def test_photos_and_files_of_other_tickets_are_not_handed_out(file: TicketFile, wang: User) -> None:
    actions.receive(receipt(), "钱", None, later(11))
    (scan,) = actions.attach(
        file.ticket, FileKind.SCAN, [Upload("签字.pdf", b"%PDF-1.4\n")], "", wang, later(12)
    )
    with pytest.raises(BadInputError, match="没有下发"):
        actions.take_file(receipt(), scan, None, later(13))
    assert list(queries.distributed(file.ticket)) == [file]


def test_a_link_opens_one_institutions_receipt_and_no_forged_one_opens(file: TicketFile) -> None:
    link = queries.link_of(receipt())
    assert queries.by_link(link) == receipt()
    for wrong in ("", "x", link[:-1], link + "A", link.replace(":", "", 1), "\0", "９:9"):
        assert queries.by_link(wrong) is None, wrong


def test_a_link_of_what_ended_unsigned_is_dead(file: TicketFile) -> None:
    ticket: Any = file.ticket
    link, other = queries.link_of(receipt()), queries.link_of(receipt("H02"))
    actions.receive(receipt("H02"), "钱", None, later(11))
    type(ticket).objects.filter(pk=ticket.pk).update(state="closed")
    assert queries.by_link(link) is None
    assert queries.by_link(other) == receipt("H02"), "what was signed for can be taken again"
