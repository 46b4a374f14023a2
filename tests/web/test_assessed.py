"""What the contract's pages keep between two looks: never longer than it is true."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract"))
from contract_making import FILES, write_contract

from jingwei.contract import actions
from jingwei.contract.actions import Done
from jingwei.contract.models import Contract
from jingwei.sla.measures.periods import midnight
from jingwei.terms.obligation import Standing
from jingwei.web import assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Desk:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    today = timezone.localdate()
    start, end = today - timedelta(days=95), today + timedelta(days=90)
    text = FILES["contract.toml"].replace("2025-03-15", str(start)).replace("2025-09-14", str(end))
    actions.load(write_contract(tmp_path / "contracts", contract=text), today)
    return make_desk()


@pytest.fixture
def contract(desk: Desk) -> Contract:
    return Contract.objects.get()


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_second_look_judges_nothing_again(contract: Contract) -> None:
    now = timezone.now()
    first = assessed.assessed(contract, now, past=False)
    with CaptureQueriesContext(connection) as seen:
        again = assessed.assessed(contract, now + timedelta(seconds=30), past=False)
    assert again is first
    assert len(seen) < 10


def test_whatever_is_written_is_seen_at_once(contract: Contract, desk: Desk) -> None:
    now = timezone.now()
    first = assessed.assessed(contract, now, past=False)
    owed = assessed.duties(contract, now, past=False)
    actions.record_duty(contract, Done("round", now, "k", "normal"), desk.wang, now)
    assert assessed.assessed(contract, timezone.now(), past=False) is not first
    assert assessed.duties(contract, timezone.now(), past=False) != owed


def test_time_alone_ends_what_is_kept(contract: Contract) -> None:
    now = timezone.now()
    first = assessed.assessed(contract, now, past=False)
    assert assessed.assessed(contract, now + assessed.LONGEST, past=False) is not first
    assert assessed.duties(contract, now, past=False) is assessed.duties(contract, now, past=False)


def test_a_past_day_is_apart_from_now_and_few_are_kept(contract: Contract) -> None:
    now = timezone.now()
    live = assessed.assessed(contract, now, past=False)
    day = midnight(timezone.localdate() - timedelta(days=9))
    old = assessed.assessed(contract, day, past=True)
    assert old is not live
    assert assessed.assessed(contract, day, past=True) is old
    for back in range(10, 20):
        assessed.assessed(contract, day - timedelta(days=back), past=True)
    assert assessed.assessed(contract, day, past=True) is not old


def test_where_it_stood_does_not_change_by_what_is_written_later(
    contract: Contract, desk: Desk
) -> None:
    day = timezone.localdate() - timedelta(days=20)
    assert assessed.on(contract, day)["seaside.round"][0] is Standing.NO_EVIDENCE
    now = timezone.now()
    late = Done("round", now - timedelta(days=30), "k", "normal")
    actions.record_duty(contract, late, desk.wang, now)
    assessed.forget()
    assert assessed.on(contract, day)["seaside.round"][0] is Standing.NO_EVIDENCE


def test_an_obligation_has_its_history_month_by_month(contract: Contract, desk: Desk) -> None:
    client = signed_in(desk.wang)
    page = text(client.get(reverse("obligation", args=("seaside.round",))))
    assert page.count("hx-get") == 3
    day = contract.period_start + timedelta(days=40)
    where = reverse("obligation-on", args=("seaside.round", str(day)))
    assert "无证据" in text(client.get(where))


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "0001-01-01", "9999-12-31", "2025-1-1"])
def test_a_day_that_is_none_is_not_found(desk: Desk, day: str) -> None:
    where = reverse("obligation-on", args=("seaside.round", day))
    assert signed_in(desk.wang).get(where).status_code == 404


def test_neither_today_nor_an_unknown_obligation_has_a_past(desk: Desk) -> None:
    client = signed_in(desk.wang)
    today, before = timezone.localdate(), timezone.localdate() - timedelta(days=5)
    assert client.get(reverse("obligation-on", args=("seaside.round", today))).status_code == 404
    assert client.get(reverse("obligation-on", args=("no.such", before))).status_code == 404


def test_the_page_says_as_of_when_and_who_has_to_act(desk: Desk) -> None:
    page = text(signed_in(desk.gu).get(reverse("compliance")))
    assert "时已记录的事实评定" in page
    assert "等谁决定、等谁办" in page
    assert "歧义未裁定" in page
    phone = text(signed_in(desk.gu).get(reverse("compliance-manager")))
    assert "等谁决定、等谁办" in phone


def test_what_is_due_this_week_stands_on_top_and_what_was_missed_stays(desk: Desk) -> None:
    client: Client = signed_in(desk.wang)
    page = text(client.get(reverse("duties")))
    assert page.index("本周到期") < page.index("登记一项工作")
    assert "服务期内共" in page
    missed = text(client.get(reverse("duties"), {"show": "missed"}))
    start: date = Contract.objects.get().period_start
    assert str(start) in missed
    assert "错过" in missed
