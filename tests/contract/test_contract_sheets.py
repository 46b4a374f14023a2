"""Sheets filled in front of the thing: sent once, late kept late, two told, faults found."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_making import at, person
from django.db import DatabaseError, connection, transaction
from sheet_making import NOW, answers, filled, make_sheets, make_units

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Target
from jingwei.checks.actions import found_on_site
from jingwei.checks.actions.errors import BadInputError as CheckError
from jingwei.checks.actions.files import Upload
from jingwei.checks.models import Finding, FindingNote
from jingwei.contract import actions, queries
from jingwei.contract.actions import BadInputError, ForbiddenError, TakenError
from jingwei.contract.models import Contract, DutyRecord, DutySheet
from jingwei.contract.sheets import Answer
from jingwei.desk import actions as desk
from jingwei.desk.models import Kind
from jingwei.terms import Result
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xfe\x00\x06name\xff\xda\x00\x02picture\xff\xd9"


@pytest.fixture
def seaside(tmp_path: Path, settings: Any) -> Contract:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    made = make_sheets(tmp_path)
    make_units()
    return made


@pytest.fixture
def engineer() -> User:
    return person("wang")


@pytest.fixture
def client_side() -> User:
    return person("gu", Role.CLIENT_APPROVER)


def standing(contract: Contract, now: Any = NOW) -> Standing:
    rows = {row.obligation.key: row for row in queries.assess_all(contract, now)}
    return rows["seaside.round"].assessment.verdict.standing


def test_a_finished_sheet_settles_its_part_of_the_duty_with_evidence(
    seaside: Contract, engineer: User
) -> None:
    record = actions.finish_sheet(seaside, filled(photos=(Upload("a.jpg", JPEG),)), engineer, NOW)
    assert (record.duty, record.object, record.result) == ("round", "SEA-902-1", "normal")
    assert record.fields == {"place": "正常 1 项", "result": "运行平稳"}
    assert [row["result"] for row in record.sheet.answers] == ["normal"]
    photo = record.files.get()
    assert photo.size == len(JPEG) - 8  # the comment was cut out, the picture was not
    held = queries.round_of(seaside, "round", NOW)
    assert held is not None
    assert (held.done, held.number) == (1, 3)
    places = queries.sheet_places(seaside, queries.sheets(seaside)[0][0], NOW, held)
    assert [(p.object, p.done == record) for p in places] == [
        ("SEA-901-1", False), ("SEA-902-1", True), ("SEA-903-1", False)
    ]  # fmt: skip
    assert places[0].where == "A 列 3 柜"


def test_a_duty_is_met_once_every_unit_is_done_and_the_client_agreed(
    seaside: Contract, engineer: User, client_side: User
) -> None:
    for number in (901, 902, 903):
        given = answers("lamp", "disk") if number == 901 else answers()
        sheet = filled(f"k{number}", object=f"SEA-{number}-1", answers=given)
        actions.finish_sheet(seaside, sheet, engineer, NOW)
    waiting = queries.unconfirmed(seaside, "round", queries.round_of(seaside, "round", NOW))
    assert len(waiting) == 3
    with pytest.raises(ForbiddenError):
        actions.confirm_round(waiting, engineer, NOW)
    assert actions.confirm_round(waiting, client_side, NOW) == 3
    assert actions.confirm_round(waiting, client_side, NOW) == 0
    month = [row for row in queries.rounds(seaside, "round", NOW) if row.done]
    assert [(row.done, row.standing) for row in month] == [(3, Standing.MET)]


def test_sent_twice_it_is_one_record(seaside: Contract, engineer: User) -> None:
    first = actions.finish_sheet(seaside, filled(), engineer, NOW)
    again = actions.finish_sheet(seaside, filled(), engineer, NOW + timedelta(hours=3))
    assert first == again
    assert (DutyRecord.objects.count(), DutySheet.objects.count()) == (1, 1)


def test_sent_hours_later_it_is_late_and_both_times_are_kept(
    seaside: Contract, engineer: User
) -> None:
    sheet = filled(now=NOW - timedelta(hours=6), sent=NOW)
    record = actions.finish_sheet(seaside, sheet, engineer, NOW)
    assert record.late
    assert (record.at, record.entered_at) == (sheet.finished, NOW)
    assert record.sheet.tablet_at == sheet.finished
    assert record.sheet.skew == 0


@pytest.mark.parametrize("minutes", [-300, 45])
def test_a_tablet_whose_clock_is_off_is_put_right_and_its_own_time_is_kept(
    seaside: Contract, engineer: User, minutes: int
) -> None:
    off = NOW + timedelta(minutes=minutes)
    sheet = filled(now=off)
    record = actions.finish_sheet(seaside, sheet, engineer, NOW)
    assert record.at == NOW - timedelta(minutes=5)
    assert not record.late
    assert (record.sheet.tablet_at, record.sheet.skew) == (sheet.finished, -minutes * 60)


def test_two_tablets_with_the_same_unit_are_told_and_a_person_decides(
    seaside: Contract, engineer: User
) -> None:
    first = actions.finish_sheet(seaside, filled("one"), engineer, NOW)
    other = person("zhao")
    with pytest.raises(TakenError, match="SEA-902-1 本期已由wang登记") as caught:
        actions.finish_sheet(seaside, filled("two"), other, NOW)
    assert caught.value.record == first
    assert DutyRecord.objects.count() == 1
    with pytest.raises(BadInputError, match="更正原因"):
        actions.finish_sheet(seaside, filled("two", corrects=first.pk), other, NOW)
    second = actions.finish_sheet(
        seaside, filled("two", corrects=first.pk, reason="复查后结论不同"), other, NOW
    )
    assert (second.corrects, second.by) == (first, other)
    with pytest.raises(TakenError, match="zhao"):
        actions.finish_sheet(seaside, filled("three", corrects=first.pk, reason="x"), other, NOW)


def test_the_next_round_is_another_sheet(seaside: Contract, engineer: User) -> None:
    actions.finish_sheet(seaside, filled("april"), engineer, NOW)
    later = NOW + timedelta(days=30)
    record = actions.finish_sheet(seaside, filled("may", now=later), engineer, later)
    assert record.corrects is None
    late = filled("march", now=at("2025-04-01 10:00"), sent=later)
    assert actions.finish_sheet(seaside, late, engineer, later).late


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"routine": "swim"}, "routine"),
        ({"answers": {}}, "walk.lamp"),
        ({"answers": answers(lamp=Answer(Result.ABNORMAL))}, "walk.lamp"),
        ({"answers": answers(lamp=Answer(Result.UNCHECKED))}, "walk.lamp"),
        ({"answers": answers("lamp", "disk")}, "walk.disk"),
        ({"answers": answers(lamp=Answer(Result.NORMAL, "x" * 301))}, "walk.lamp"),
        ({"answers": answers(lamp=Answer(Result.NORMAL, "\ud800"))}, "walk.lamp"),
        ({"answers": answers(lamp=Answer(Result.NORMAL, "a\x00"))}, "walk.lamp"),
        ({"fields": {}}, "result"),
        ({"fields": {"result": "\udfff"}}, "result"),
        ({"object": "SEA-999-1"}, "object"),
        ({"object": ""}, "object"),
        ({"photos": (Upload("a.exe", b"MZ\x00\x01"),)}, "files"),
        ({"photos": (Upload("a.jpg", JPEG),) * 11}, "photos"),
        ({"began": NOW, "finished": NOW - timedelta(minutes=1)}, "at"),
        ({"sent": NOW - timedelta(minutes=9)}, "at"),
        ({"began": NOW.replace(tzinfo=None)}, "at"),
        ({"began": at("0001-01-02"), "finished": at("0001-01-02"), "sent": at("9999-12-30")},
         "at"),
        ({"finished": at("2020-01-02"), "began": at("2020-01-02")}, "at"),
        ({"key": ""}, "key"),
        ({"corrects": 999, "reason": "x"}, "corrects"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_is_refused_and_nothing_is_written(
    seaside: Contract, engineer: User, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        actions.finish_sheet(seaside, replace(filled(), **change), engineer, NOW)
    assert caught.value.field == field
    assert not DutyRecord.objects.exists()
    assert not Finding.objects.exists()


def test_who_cannot_work_cannot_send_a_sheet(seaside: Contract, client_side: User) -> None:
    with pytest.raises(ForbiddenError):
        actions.finish_sheet(seaside, filled(), client_side, NOW)


def test_what_is_not_right_becomes_a_finding_and_the_second_time_a_note(
    seaside: Contract, engineer: User
) -> None:
    bad = Answer(Result.ATTENTION, "橙灯", "电源 2 告警")
    actions.finish_sheet(seaside, filled(answers=answers(lamp=bad)), engineer, NOW)
    found = Finding.objects.get()
    assert (found.target.key, found.item, found.result) == ("SEA-902-1", "walk.lamp", "attention")
    assert found.opened_at == NOW
    assert found.detail == "2025-04-20 09:55 现场：电源 2 告警"
    later = NOW + timedelta(days=30)
    worse = answers(lamp=Answer(Result.ABNORMAL, "红灯", "电源 2 坏"))
    record = actions.finish_sheet(seaside, filled("may", now=later, answers=worse), engineer, later)
    found.refresh_from_db()
    assert (Finding.objects.count(), found.result, record.result) == (1, "abnormal", "abnormal")
    assert FindingNote.objects.get().text.endswith("电源 2 坏")


def test_only_what_is_wrong_is_a_finding(seaside: Contract, engineer: User) -> None:
    target = Target.objects.get(key="SEA-902-1")
    for result, text in ((Result.NORMAL, "好"), (Result.ABNORMAL, " ")):
        with pytest.raises(CheckError):
            found_on_site(target, "walk.lamp", result, text, engineer, NOW, NOW)
    assert not Finding.objects.exists()


def test_unchecked_is_never_normal(seaside: Contract, engineer: User) -> None:
    away = Answer(Result.UNCHECKED, "", "机柜上锁，钥匙不在")
    record = actions.finish_sheet(seaside, filled(answers=answers(lamp=away)), engineer, NOW)
    assert record.result == "attention"
    assert record.fields["place"] == "未检 1 项；指示灯：未检；机柜上锁，钥匙不在"
    assert not Finding.objects.exists()


def test_verify_finds_a_sheet_that_was_changed_behind_our_back(
    seaside: Contract, engineer: User
) -> None:
    record = actions.finish_sheet(seaside, filled(), engineer, NOW)
    assert queries.verify().broken == ()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE contract_dutysheet SET routine = 'x'")
    with pytest.raises(TypeError, match="只可追加"):
        record.sheet.save()


def test_a_change_has_its_own_sheet_until_work_begins(
    seaside: Contract, engineer: User, tmp_path: Path
) -> None:
    text = (tmp_path / "routines" / "walk.toml").read_text(encoding="utf-8")
    whole = text.replace('each = "unit"', 'each = ""').replace('"month"', '"change"')
    (tmp_path / "routines" / "walk.toml").write_text(
        whole.replace('kinds = ["storage"]', 'kinds = ["*"]'), encoding="utf-8"
    )
    change = desk.open_ticket(
        desk.Intake(kind=Kind.CHANGE, title="升级存储微码"), engineer, at("2025-04-18 09:00")
    )
    routine = queries.sheets(seaside)[0][0]
    (place,) = queries.sheet_places(seaside, routine, NOW, None)
    assert (place.about, place.name, place.done) == (change.number, "升级存储微码", None)
    sheet = filled(object="", about=change.number, answers=answers("lamp", "disk"))
    record = actions.finish_sheet(seaside, sheet, engineer, NOW)
    assert record.about == change.number
    with pytest.raises(TakenError, match=change.number):
        actions.finish_sheet(seaside, replace(sheet, key="k2"), engineer, NOW)
    other = replace(sheet, key="k3", about="CH-000")
    with pytest.raises(BadInputError, match="不在本期应检之列"):
        actions.finish_sheet(seaside, other, engineer, NOW)


def test_a_contract_without_that_duty_is_offered_no_sheet(
    seaside: Contract, tmp_path: Path
) -> None:
    path = tmp_path / "routines" / "walk.toml"
    path.write_text(path.read_text().replace('"round"', '"swim"'), encoding="utf-8")
    assert queries.sheets(seaside) == []
    assert queries.sheet(seaside, "walk") is None
    assert queries.rounds(seaside, "swim", NOW) == []


def test_a_round_is_the_one_of_its_day(seaside: Contract) -> None:
    held = queries.round_of(seaside, "round", NOW, date(2025, 5, 20))
    assert held is not None
    assert (held.opens, held.last) == (date(2025, 5, 15), date(2025, 6, 14))
    assert queries.round_of(seaside, "round", NOW, date(2025, 9, 15)) is None
