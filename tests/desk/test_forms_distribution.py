"""Files to institutions: who they went to, who said that he has them, who has not."""

from typing import Any

import pytest
from desk_making import MORNING, go, institution, later, person

from jingwei.accounts.models import User
from jingwei.accounts.queries import verify_chain
from jingwei.accounts.roles import Role
from jingwei.assets.models import Institution
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Intake, StaleError
from jingwei.desk.models import InstitutionContact, Kind, Receipt, State, Ticket

pytestmark = pytest.mark.django_db
CODES = ("H01", "H02", "H03")


@pytest.fixture
def wang() -> User:
    """An engineer, and three hospitals."""
    for code in CODES:
        institution(code, f"医院 {code}")
    return person()


def distribution(by: User, codes: tuple[str, ...] = CODES) -> Ticket:
    """A file for these."""
    values: dict[str, object] = {
        "file": "药品目录 2022.11", "content": "代码表", "ordered_by": "信息中心 顾",
        "way": "前置机目录", "institutions": list(codes),
    }  # fmt: skip
    intake = Intake(kind=Kind.DISTRIBUTION, title="下发药品目录")
    return actions.open_request("distribution", values, intake, by, MORNING)


def send(ticket: Ticket, by: User, *codes: str, **more: Any) -> int:
    """Sent now."""
    rows = list(Institution.objects.filter(code__in=codes))
    at = more.pop("at", later(10))
    version = more.pop("version", ticket.version)
    way = more.pop("way", "前置机目录")
    return actions.send(ticket, rows, way, at, by, later(10), version=version)


def receipt(ticket: Ticket, code: str = "H01") -> Receipt:
    """That institution's."""
    return Receipt.objects.get(ticket=ticket, institution__code=code)


def missing(ticket: Ticket) -> list[str]:
    """Who has not said so."""
    return [row.institution.code for row in queries.missing_receipts(ticket)]


def contact(code: str, username: str = "sun") -> User:
    """A contact of that institution."""
    user = person(username, Role.INSTITUTION, "孙")
    of = Institution.objects.get(code=code)
    InstitutionContact.objects.create(user=user, institution=of)
    return user


def test_a_file_goes_to_the_chosen_and_all_are_missing_at_first(wang: User) -> None:
    ticket = distribution(wang)
    assert missing(ticket) == list(CODES)
    assert send(ticket, wang, "H01", "H02") == 2
    assert missing(ticket) == list(CODES), "sent is not received"
    assert receipt(ticket).way == "前置机目录"


def test_the_desk_notes_a_receipt_with_who_and_how(wang: User) -> None:
    ticket = distribution(wang)
    send(ticket, wang, "H01")
    with pytest.raises(BadInputError, match="签收人"):
        actions.receive(receipt(ticket), " ", wang, later(20), note="电话")
    with pytest.raises(BadInputError, match="回执方式"):
        actions.receive(receipt(ticket), "孙", wang, later(20))
    actions.receive(receipt(ticket), "孙", wang, later(20), at=later(15), note="电话")
    held = receipt(ticket)
    assert (held.receiver, held.note, held.received_at) == ("孙", "电话", later(15))
    assert missing(ticket) == ["H02", "H03"]
    assert verify_chain().intact


def test_a_contact_signs_in_his_own_name_and_now(wang: User) -> None:
    ticket = distribution(wang)
    send(ticket, wang, "H01", "H02")
    sun = contact("H01")
    actions.receive(receipt(ticket), "别人", sun, later(30), at=later(11))
    held = receipt(ticket)
    assert (held.receiver, held.received_at) == ("孙", later(30))
    with pytest.raises(ForbiddenError, match="只能为本机构"):
        actions.receive(receipt(ticket, "H02"), "", sun, later(30))


def test_a_contact_sees_what_was_sent_to_his_institution_only(wang: User) -> None:
    ticket = distribution(wang)
    sun = contact("H02")
    assert not queries.own_receipts(sun).exists(), "not sent yet"
    send(ticket, wang, "H01", "H02")
    assert [row.institution.code for row in queries.own_receipts(sun)] == ["H02"]
    assert not queries.own_receipts(wang).exists()


def test_who_is_neither_desk_nor_contact_signs_nothing(wang: User) -> None:
    ticket = distribution(wang)
    send(ticket, wang, "H01")
    with pytest.raises(ForbiddenError):
        actions.receive(receipt(ticket), "顾", person("gu", Role.CLIENT_APPROVER), later(20))
    with pytest.raises(ForbiddenError):
        actions.receive(receipt(ticket), "孙", person("x", Role.INSTITUTION), later(20))


@pytest.mark.parametrize(("at", "said"), [(later(5), "早于下发时间"), (later(99), "晚于当前时间")])
def test_a_receipt_comes_after_the_sending_and_before_now(wang: User, at: Any, said: str) -> None:
    ticket = distribution(wang)
    send(ticket, wang, "H01")
    with pytest.raises(BadInputError, match=said):
        actions.receive(receipt(ticket), "孙", wang, later(20), at=at, note="电话")


def test_nobody_signs_for_what_was_not_sent_nor_twice(wang: User) -> None:
    ticket = distribution(wang)
    with pytest.raises(BadInputError, match="尚未下发"):
        actions.receive(receipt(ticket), "孙", wang, later(20), note="电话")
    send(ticket, wang, "H01")
    actions.receive(receipt(ticket), "孙", wang, later(20), note="电话")
    with pytest.raises(BadInputError, match="已有回执"):
        actions.receive(receipt(ticket), "李", wang, later(21), note="电话")


def test_a_file_is_sent_once_and_only_to_those_on_the_list(wang: User) -> None:
    ticket = distribution(wang, ("H01",))
    with pytest.raises(BadInputError, match="不在下发机构之内"):
        send(ticket, wang, "H02")
    with pytest.raises(BadInputError, match="请选择"):
        send(ticket, wang)
    with pytest.raises(BadInputError, match="下发方式"):
        send(ticket, wang, "H01", way=" ")
    with pytest.raises(StaleError):
        send(ticket, wang, "H01", version=ticket.version - 1)
    send(ticket, wang, "H01")
    with pytest.raises(BadInputError, match="已下发过"):
        send(ticket, wang, "H01")


def test_one_wrong_institution_sends_to_none(wang: User) -> None:
    ticket = distribution(wang, ("H01", "H02"))
    with pytest.raises(BadInputError):
        send(ticket, wang, "H01", "H03")
    assert not Receipt.objects.exclude(sent_at=None).exists()


def test_the_list_grows_and_shrinks_until_a_file_is_sent(wang: User) -> None:
    ticket = distribution(wang, ("H01", "H02"))
    send(ticket, wang, "H01")

    def choose(*codes: str) -> None:
        values = {"institutions": list(codes)}
        actions.fill(ticket, values, wang, later(12), version=ticket.version)

    choose("H01", "H03")
    assert missing(ticket) == ["H01", "H03"]
    with pytest.raises(BadInputError, match="医院 H01已下发，不能从下发机构中去掉"):
        choose("H03")
    assert missing(ticket) == ["H01", "H03"], "nothing half done"


def test_a_missing_receipt_holds_the_ticket_or_takes_a_reason(wang: User) -> None:
    ticket = distribution(wang)
    send(ticket, wang, *CODES)
    go(ticket, "accept", wang, later(11))
    go(ticket, "start", wang, later(11))
    actions.receive(receipt(ticket), "孙", wang, later(12), note="电话")
    with pytest.raises(BadInputError, match="尚有 2 家机构没有回执（医院 H02、医院 H03）") as error:
        go(ticket, "resolve", wang, later(13), facts={"solution": "已下发"})
    assert error.value.field == "reason"
    go(ticket, "resolve", wang, later(13), facts={"solution": "已下发"}, reason="两家停诊")
    assert ticket.state == State.RESOLVED


def test_with_every_receipt_no_reason_is_asked(wang: User) -> None:
    ticket = distribution(wang, ("H01",))
    send(ticket, wang, "H01")
    go(ticket, "accept", wang, later(11))
    go(ticket, "start", wang, later(11))
    actions.receive(receipt(ticket), "孙", wang, later(12), note="回函")
    go(ticket, "resolve", wang, later(13), facts={"solution": "已下发"})
    assert ticket.state == State.RESOLVED


def test_after_the_end_nobody_signs_any_more(wang: User) -> None:
    ticket = distribution(wang)
    send(ticket, wang, "H01")
    go(ticket, "cancel", person("gu", Role.CLIENT_APPROVER), later(20), reason="改为接口下发")
    with pytest.raises(BadInputError, match="已撤销"):
        actions.receive(receipt(ticket), "孙", wang, later(21), note="电话")
