"""现场巡检: the list of rounds, what the tablet reads and sends, the client's one confirmation."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract"))
from contract_making import FILES
from sheet_making import ROUTINE, make_sheets, make_units

from jingwei.checks.models import Finding
from jingwei.contract.models import DutyRecord
from jingwei.desk import actions as desk_actions
from jingwei.desk.models import Kind

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x02picture\xff\xd9"


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Desk:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    today = timezone.localdate()
    start, end = today - timedelta(days=45), today + timedelta(days=130)
    text = FILES["contract.toml"].replace("2025-03-15", str(start)).replace("2025-09-14", str(end))
    make_sheets(tmp_path, today, contract=text)
    made = make_desk()
    make_units()
    return made


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-1500:]
    return str(response.content.decode())


def told(key: str = "k1", minutes: int = 5, **more: Any) -> dict[str, Any]:
    """A sheet as the tablet sends it, finished some minutes ago."""
    now = timezone.now()
    return {
        "key": key, "object": "SEA-902-1", "about": "",
        "began": (now - timedelta(minutes=minutes + 4)).isoformat(),
        "finished": (now - timedelta(minutes=minutes)).isoformat(), "sent": now.isoformat(),
        "answers": {"walk.lamp": {"result": "normal", "reading": "", "note": ""}},
        "fields": {"result": "运行平稳"}, "corrects": None, "reason": "",
    } | more  # fmt: skip


def sent(client: Client, given: Any, *photos: SimpleUploadedFile) -> Any:
    body = given if isinstance(given, str) else json.dumps(given)
    return client.post(
        reverse("inspection-send", args=("walk",)), {"sheet": body, "photos": list(photos)}
    )


def test_the_list_says_how_far_each_round_is(desk: Desk) -> None:
    client = signed_in(desk.wang)
    page = text(client.get(reverse("inspections")))
    assert "现场巡视" in page
    assert "已完成 <b>0</b> / 3" in page
    assert reverse("inspection-tablet", args=("walk",)) in page
    sent(client, told())
    page = text(client.get(reverse("inspections")))
    assert "已完成 <b>1</b> / 3" in page
    assert "待甲方确认</span> 1 份" in page
    assert "确认本期全部" not in page


def test_the_tablet_reads_everything_it_needs_at_once(desk: Desk) -> None:
    client = signed_in(desk.wang)
    page = text(client.get(reverse("inspection-tablet", args=("walk",))))
    assert f'data-send="{reverse("inspection-send", args=("walk",))}"' in page
    response = client.get(reverse("inspection-sheet", args=("walk",)))
    assert "no-store" in response["Cache-Control"]
    sheet = response.json()
    assert [place["object"] for place in sheet["places"]] == ["SEA-901-1", "SEA-902-1", "SEA-903-1"]
    assert sheet["places"][0]["items"] == ["walk.lamp", "walk.disk"]
    assert sheet["places"][0]["done"] is None
    assert sheet["fields"] == [{"id": "result", "label": "结果"}]
    assert sheet["csrf"]
    assert "未检" in [result["label"] for result in sheet["results"]]


def test_a_sheet_that_is_sent_is_a_record_with_its_photo(desk: Desk) -> None:
    client = signed_in(desk.wang)
    photo = SimpleUploadedFile("机柜.jpg", JPEG)
    answer = sent(client, told(), photo)
    assert answer.status_code == 200, answer.json()
    record = DutyRecord.objects.get()
    assert answer.json()["record"]["url"] == reverse("duty-record", args=(record.pk,))
    page = text(client.get(reverse("duty-record", args=(record.pk,))))
    assert "指示灯" in page
    assert "机柜.jpg" in page
    assert "补录" not in page
    sheet = client.get(reverse("inspection-sheet", args=("walk",))).json()
    assert sheet["places"][1]["done"]["id"] == record.pk


def test_sent_again_it_is_the_same_record_and_late_keeps_both_times(desk: Desk) -> None:
    client = signed_in(desk.wang)
    given = told(minutes=200)
    first = sent(client, given).json()
    again = sent(client, given).json()
    assert first == again
    assert first["record"]["late"]
    record = DutyRecord.objects.get()
    page = text(client.get(reverse("duty-record", args=(record.pk,))))
    assert "补录" in page
    assert "录入" in page


def test_a_second_tablet_is_told_who_was_first_and_may_correct(desk: Desk) -> None:
    sent(signed_in(desk.wang), told("one"))
    first = DutyRecord.objects.get()
    client = signed_in(desk.li)
    answer = sent(client, told("two"))
    assert answer.status_code == 409
    assert "本期已由" in answer.json()["message"]
    assert answer.json()["record"]["id"] == first.pk
    answer = sent(client, told("two", corrects=first.pk, reason="复查"))
    assert answer.status_code == 200
    assert DutyRecord.objects.get(key="two").corrects == first


def test_nobody_takes_over_anothers_key(desk: Desk) -> None:
    sent(signed_in(desk.wang), told("one"))
    answer = sent(signed_in(desk.li), told("one"))
    assert (answer.status_code, answer.json()["field"]) == (422, "key")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("", "sheet"), ("[]", "sheet"), ("{", "sheet"), ("[" * 100_000, "sheet"),
        ("x" * 400_001, "sheet"), ({"key": 7}, "key"), ({"key": "k" * 65}, "key"),
        ({"key": "a\x00"}, "key"), ({"began": "gestern"}, "at"), ({"sent": "2025-04-20"}, "at"),
        ({"began": "0001-01-01T00:00:00+08:00"}, "at"), ({"answers": []}, "sheet"),
        ({"answers": {"walk.lamp": "normal"}}, "sheet"),
        ({"answers": {"walk.lamp": {"result": "fine"}}}, "walk.lamp"),
        ({"answers": {"walk.lamp": {"result": "abnormal"}}}, "walk.lamp"),
        ({"fields": {"result": 1}}, "result"), ({"fields": {"result": "长" * 2001}}, "result"),
        ({"fields": {"result": "\ud800"}}, "result"), ({"object": "HW-1"}, "object"),
        ({"object": "\ud800"}, "object"), ({"corrects": 12, "reason": "x"}, "corrects"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_refused_by_its_field_and_nothing_is_stored(
    desk: Desk, given: Any, field: str
) -> None:
    body = given if isinstance(given, str) else told(**given)
    answer = sent(signed_in(desk.wang), body)
    assert answer.status_code == 422
    assert answer.json()["state"] == "refused"
    assert answer.json()["field"] == field
    assert answer.json()["message"]
    assert not DutyRecord.objects.exists()


def test_a_file_that_is_no_photo_is_refused(desk: Desk) -> None:
    answer = sent(signed_in(desk.wang), told(), SimpleUploadedFile("a.jpg", b"MZ\x00\x01"))
    assert answer.status_code == 422
    assert "a.jpg" in answer.json()["message"]
    assert not DutyRecord.objects.exists()


def test_what_is_wrong_on_site_is_a_finding(desk: Desk) -> None:
    bad = {"walk.lamp": {"result": "abnormal", "reading": "红灯", "note": "电源 2 坏"}}
    sent(signed_in(desk.wang), told(answers=bad))
    assert Finding.objects.get().item == "walk.lamp"


def test_only_the_client_confirms_and_only_what_he_was_shown(desk: Desk) -> None:
    engineer, client = signed_in(desk.wang), signed_in(desk.gu)
    sent(engineer, told("one"))
    where = reverse("inspection-confirm", args=("walk",))
    assert engineer.post(where, {"number": "1"}).status_code == 403
    assert "确认本期全部 1 份" in text(client.get(reverse("inspections")))
    sent(engineer, told("two", object="SEA-903-1"))
    page = text(client.post(where, {"number": "1"}, follow=True))
    assert "待确认的记录已变为 2 份" in page
    page = text(client.post(where, {"number": "2"}, follow=True))
    assert "已确认 2 份记录" in page
    assert all(record.confirmations.get().by == desk.gu for record in DutyRecord.objects.all())


def test_the_client_may_look_but_not_fill(desk: Desk) -> None:
    client = signed_in(desk.gu)
    page = text(client.get(reverse("inspections")))
    assert reverse("inspection-tablet", args=("walk",)) not in page
    for name in ("inspection-tablet", "inspection-sheet"):
        assert client.get(reverse(name, args=("walk",))).status_code == 403
    assert sent(client, told()).status_code == 403


def test_an_unknown_sheet_is_not_found(desk: Desk) -> None:
    client = signed_in(desk.wang)
    for name in ("inspection-tablet", "inspection-sheet"):
        assert client.get(reverse(name, args=("swim",))).status_code == 404


def test_changes_that_wait_for_their_check_are_named(desk: Desk, tmp_path: Path) -> None:
    whole = ROUTINE.replace('each = "unit"', 'each = ""').replace('"month"', '"change"')
    (tmp_path / "routines" / "walk.toml").write_text(whole, encoding="utf-8")
    change = desk_actions.open_ticket(
        desk_actions.Intake(kind=Kind.CHANGE, title="升级微码"), desk.wang, timezone.now()
    )
    assert change.number in text(signed_in(desk.wang).get(reverse("inspections")))


def test_the_worker_may_be_served_from_here_only(desk: Desk) -> None:
    response = signed_in(desk.wang).get(reverse("inspection-worker"))
    assert response["Content-Type"] == "text/javascript"
    assert "self.addEventListener" in text(response)
    assert response["Cache-Control"] == "no-cache"
