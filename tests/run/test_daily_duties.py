"""What a worker owes once a day: replacements the client agreed to take place on their day."""

from datetime import date, datetime

import pytest

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person, Target
from jingwei.checks.models import Finding, FindingNote
from jingwei.desk.actions import leave
from jingwei.run import duties
from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_day_of_a_replacement_brings_the_new_person_and_only_once() -> None:
    client = User.objects.create_user("gu", password="x-9-Right", role=Role.CLIENT_APPROVER)
    old = Person.objects.create(name="旧工", line=Person.Line.FIRST)
    wanted = leave.Replacement(old, "新工", "139", "工程师", date(2023, 2, 1), "甲方要求")
    leave.ask_change(wanted, client, at("2023-01-10 09:00"))

    duties.housekeeping(at("2023-01-31 00:10"))
    assert not Person.objects.filter(name="新工").exists()
    duties.housekeeping(at("2023-02-01 00:10"))
    duties.housekeeping(at("2023-02-02 00:10"))
    assert Person.objects.get(name="新工").valid_from == date(2023, 2, 1)
    old.refresh_from_db()
    assert old.valid_to == date(2023, 1, 31)


def test_evidence_is_sealed_once_an_hour(db: None) -> None:
    Target.objects.create(key="HW-1", kind="storage", label="存储")
    finding = Finding.objects.create(
        target=Target.objects.get(), item="disk", origin="check", result="abnormal",
        opened_at=at("2023-02-01 08:00"),
    )  # fmt: skip
    note = {"finding": finding, "at": at("2023-02-01 08:10"), "by_name": "王", "text": "报修"}
    FindingNote.objects.create(**note)
    assert duties.seal_evidence(at("2023-02-01 09:00")) == 1
    FindingNote.objects.create(**note)
    assert duties.seal_evidence(at("2023-02-01 09:59")) == 0
    assert duties.seal_evidence(at("2023-02-01 10:00")) == 1
