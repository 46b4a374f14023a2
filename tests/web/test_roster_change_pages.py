"""更正、取消值守期; 更正、撤回请假; 提前销假: on their pages, with errors beside the field."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.desk.models import Asked, GuardPeriod, Leave
from jingwei.terms import SHANGHAI
from jingwei.web.once import new_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    Person.objects.create(name="驻场1", line=Person.Line.FIRST, user=made.wang, phone="139")
    Person.objects.create(name="二线1", line=Person.Line.SECOND)
    User.objects.create_user(
        "zhao", password="Right-Horse-9", role=Role.MANAGER, full_name="赵经理"
    )
    return made


def manager() -> Client:
    return signed_in(User.objects.get(username="zhao"))


def moment(days: float) -> str:
    return f"{timezone.now().astimezone(SHANGHAI) + timedelta(days=days):%Y-%m-%dT%H:%M}"


def period(start: float = 2) -> GuardPeriod:
    now = timezone.now()
    return GuardPeriod.objects.create(
        name="春节保障", start=now + timedelta(days=start), end=now + timedelta(days=start + 5),
        declared_at=now, declared_by="赵",
    )  # fmt: skip


def leave(start: float, state: str = Asked.GRANTED) -> Leave:
    now, wang = timezone.now(), Person.objects.get(name="驻场1")
    assert wang.user is not None
    return Leave.objects.create(
        person=wang, start=now + timedelta(days=start), end=now + timedelta(days=start + 3),
        reason="看病", whereabouts="市内", phone="139", state=state, asked_by=wang.user,
        stand_in=Person.objects.get(name="二线1"), asked_at=now - timedelta(days=9),
    )  # fmt: skip


def sent(client: Client, page: str, pk: int, /, **data: Any) -> tuple[int, str]:
    answer = client.post(reverse(page, args=(pk,)), {"once": new_key(), **data}, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_period_is_corrected_on_its_page(desk: Desk) -> None:
    held, data = period(), {"name": "春节保障", "start": moment(3), "end": moment(6), "needed": 3}
    page = manager().get(reverse("roster-period-correct", args=(held.pk,))).content.decode()
    assert 'value="春节保障"' in page
    status, text = sent(manager(), "roster-period-correct", held.pk, **data)
    assert (status, "请填写更正原因" in text) == (422, True)
    status, text = sent(manager(), "roster-period-correct", held.pk, reason="改期", **data)
    assert (status, "值守期已更正" in text) == (200, True)
    held.refresh_from_db()
    assert held.needed == 3


def test_a_period_is_cancelled_with_its_reason_and_leaves_the_page(desk: Desk) -> None:
    held = period()
    where = reverse("roster-period-cancel", args=(held.pk,))
    assert where in manager().get(reverse("roster")).content.decode()
    assert sent(manager(), "roster-period-cancel", held.pk, reason="")[0] == 422
    assert "值守期已取消" in sent(manager(), "roster-period-cancel", held.pk, reason="误登")[1]
    assert where not in manager().get(reverse("roster")).content.decode()


def test_a_period_that_runs_is_the_clients_to_end(desk: Desk) -> None:
    held = period(-1)
    page = manager().get(reverse("roster")).content.decode()
    assert "由甲方操作" in page
    status, text = sent(manager(), "roster-period-cancel", held.pk, reason="人手不够")
    assert (status, "只有甲方可以取消" in text) == (422, True)
    assert sent(signed_in(desk.gu), "roster-period-cancel", held.pk, reason="疫情结束")[0] == 200
    held.refresh_from_db()
    assert held.cancelled_at is not None


def test_an_engineer_neither_corrects_nor_cancels_a_period(desk: Desk) -> None:
    held = period()
    for name in ("roster-period-correct", "roster-period-cancel"):
        assert signed_in(desk.wang).get(reverse(name, args=(held.pk,))).status_code == 403


def test_a_granted_leave_is_withdrawn_or_corrected_before_it_begins(desk: Desk) -> None:
    held, client = leave(2), signed_in(desk.wang)
    page = client.get(reverse("leave")).content.decode()
    assert reverse("leave-correct", args=(held.pk,)) in page
    assert reverse("leave-withdraw", args=(held.pk,)) in page
    data = {
        "person": held.person_id, "start": moment(3), "end": moment(4), "reason": "看病",
        "whereabouts": "外地", "phone": "139", "stand_in": held.stand_in_id,
    }  # fmt: skip
    assert "请填写更正原因" in sent(client, "leave-correct", held.pk, **data)[1]
    assert "重新待甲方同意" in sent(client, "leave-correct", held.pk, why="改签", **data)[1]
    states = Leave.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [Asked.WITHDRAWN, Asked.WAITING]


def test_somebody_elses_leave_is_not_corrected(desk: Desk) -> None:
    held = leave(2)
    data = {"why": "替他改", "start": moment(3), "end": moment(4), "person": held.person_id}
    assert sent(signed_in(desk.li), "leave-correct", held.pk, **data)[0] == 422
    assert Leave.objects.get().state == Asked.GRANTED


def test_one_comes_back_early_from_a_leave_that_runs(desk: Desk) -> None:
    held, client = leave(-1), signed_in(desk.wang)
    where = reverse("leave-return", args=(held.pk,))
    assert where in client.get(reverse("leave")).content.decode()
    assert 'name="at"' in client.get(where).content.decode()
    wrong = sent(client, "leave-return", held.pk, at=moment(-2), why="返岗")
    assert (wrong[0], "请假期间" in wrong[1]) == (422, True)
    assert "已销假" in sent(client, "leave-return", held.pk, at=moment(0), why="返岗")[1]
    held.refresh_from_db()
    assert held.end <= timezone.now()
