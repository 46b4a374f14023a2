"""查找: one box over tickets, articles, emergencies and the register."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

from jingwei.assets.models import Target
from jingwei.desk.models import Article

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    Target.objects.create(key="HW-099-1", kind="server", label="PACS 存储")
    Article.objects.create(
        number=1, version=1, title="PACS 调阅慢", symptom="慢", solution="重启网关",
        at=timezone.now(), by=made.wang, by_name="王磊",
    )  # fmt: skip
    return made


def found(client: Client, q: str) -> str:
    answer = client.get(reverse("search"), {"q": q})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_one_word_finds_ticket_article_and_device(desk: Desk) -> None:
    page = found(signed_in(desk.wang), "pacs")
    for where in (
        reverse("ticket", args=(desk.ticket.number,)), reverse("article", args=(1,)), "HW-099-1",
    ):  # fmt: skip
        assert where in page


def test_every_word_has_to_occur(desk: Desk) -> None:
    page = found(signed_in(desk.wang), "PACS 存储")
    assert "HW-099-1" in page
    assert desk.ticket.number not in page


@pytest.mark.parametrize("q", ["没有这个词", "%", "长" * 10_000, "<script>"])
def test_what_is_nowhere_is_said_and_nothing_breaks(desk: Desk, q: str) -> None:
    page = found(signed_in(desk.wang), q)
    assert "没有找到" in page
    assert "<script>" not in page.replace("<script src", "")


def test_without_a_word_it_says_what_it_looks_in(desk: Desk) -> None:
    assert "查工单、处理记录" in found(signed_in(desk.wang), " ")


def test_an_institution_does_not_search_the_desk(desk: Desk) -> None:
    assert signed_in(desk.hospital).get(reverse("search")).status_code == 403
