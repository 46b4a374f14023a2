"""合同履约, 周期工作, 合同文件, 歧义与裁定: pages over a small contract that contains today."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract"))
from contract_making import FILES, write_contract

from jingwei.contract import actions
from jingwei.contract.models import (
    Ambiguity,
    Contract,
    Decision,
    Document,
    DutyRecord,
)
from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.now().astimezone(SHANGHAI).date()


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Desk:
    settings.JINGWEI_CONTENT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    start, end = today() - timedelta(days=45), today() + timedelta(days=130)
    text = FILES["contract.toml"].replace("2025-03-15", str(start)).replace("2025-09-14", str(end))
    actions.load(write_contract(tmp_path / "contracts", contract=text), today())
    return make_desk()


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-1500:]
    return str(response.content.decode())


def fetched(response: Any) -> bytes:
    """A file as it comes over the line."""
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def client(desk: Desk) -> Client:
    return signed_in(desk.gu)


def test_every_obligation_has_its_light_under_its_clause(desk: Desk) -> None:
    page = text(client(desk).get(reverse("compliance")))
    for words in ("每日检查一次", "每月现场巡视一次", "签订保密协议", "第一条", "无证据", "未约定"):
        assert words in page
    assert "4 条" in page


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ({"state": "not_agreed"}, "每月提交月报", "签订保密协议"),
        ({"kind": "document"}, "签订保密协议", "每日检查一次"),
        ({"proof": "manual"}, "签订保密协议", "每月提交月报"),
        ({"report": "monthly"}, "每月提交月报", "签订保密协议"),
        ({"q": "巡视"}, "每月现场巡视一次", "每月提交月报"),
        ({"q": "nda"}, "签订保密协议", "每月提交月报"),
    ],
)
def test_the_list_is_filtered(desk: Desk, query: dict[str, str], there: str, gone: str) -> None:
    page = text(client(desk).get(reverse("compliance"), query))
    assert there in page
    assert gone not in page


def test_nonsense_in_the_filter_breaks_nothing(desk: Desk) -> None:
    assert "4 条" in text(client(desk).get(reverse("compliance"), {"state": "x", "kind": "y"}))
    assert "没有符合条件" in text(client(desk).get(reverse("compliance"), {"q": "不存在"}))


def test_an_obligation_opens_to_its_words_its_measure_and_what_is_missing(desk: Desk) -> None:
    page = text(client(desk).get(reverse("obligation", args=["seaside.nda"])))
    assert "文件归档" in page
    assert "保密协议未归档" in page
    daily = text(client(desk).get(reverse("obligation", args=["seaside.daily"])))
    assert "各种读法" in daily
    assert "B01" in daily
    assert client(desk).get(reverse("obligation", args=["none.such"])).status_code == 404


def test_before_the_term_there_is_no_contract(desk: Desk) -> None:
    past = (today() - timedelta(days=400)).isoformat()
    for name in ("compliance", "compliance-manager", "duties"):
        page = text(client(desk).get(reverse(name), {"as_of": past}))
        assert "没有在服务期内的合同" in page


def test_one_page_shows_the_manager_what_is_broken_and_what_he_must_decide(desk: Desk) -> None:
    page = text(client(desk).get(reverse("compliance-manager")))
    assert "待甲方约定" in page
    assert "每月提交月报" in page
    assert "最近错过" in page


def test_only_the_client_settles(desk: Desk) -> None:
    row = Ambiguity.objects.get(key="B01")
    where = reverse("settle", args=[row.pk])
    data = {"reading": "working", "reason": "会议纪要"}
    assert signed_in(desk.wang).post(where, data).status_code == 403
    assert "裁定</summary>" not in text(signed_in(desk.wang).get(reverse("decisions")))
    page = text(client(desk).post(where, {"reading": "working", "reason": ""}, follow=True))
    assert "请填写依据" in page
    page = text(client(desk).post(where, data, follow=True))
    assert "B01 已裁定" in page
    assert "工作日" in page
    assert Decision.objects.get().reading == "working"


@pytest.mark.parametrize("value", ["", "-1", "9999", "五"])
def test_a_number_of_days_that_is_none_is_refused(desk: Desk, value: str) -> None:
    row = Ambiguity.objects.get(key="B02")
    data = {"about": "monthly", "value": value, "reason": "协议"}
    page = text(client(desk).post(reverse("settle", args=[row.pk]), data, follow=True))
    assert "0 至 366" in page
    assert not Decision.objects.exists()


def test_a_duty_is_written_down_with_its_photo_and_confirmed_by_the_client(desk: Desk) -> None:
    engineer = signed_in(desk.wang)
    where = reverse("duty-new", args=["round"])
    page = text(engineer.get(where))
    assert "地点" in page
    photo = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0" + b"x" * 20)
    data = {
        "key": "k1", "at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "result": "normal",
        "field_place": "心电中心", "field_result": "正常", "photos": photo,
    }  # fmt: skip
    page = text(engineer.post(where, data, follow=True))
    assert "心电中心" in page
    assert "a.jpg" in page
    held = DutyRecord.objects.get()
    again = engineer.post(where, data | {"photos": ""}, follow=True)
    assert DutyRecord.objects.count() == 1, text(again)
    confirm = reverse("duty-confirm", args=[held.pk])
    assert engineer.post(confirm, {"granted": "yes"}).status_code == 403
    assert "已确认" in text(client(desk).post(confirm, {"granted": "yes"}, follow=True))
    photo = client(desk).get(reverse("duty-file", args=[held.files.get().pk]))
    assert fetched(photo).startswith(b"\xff\xd8")
    assert "已确认" in text(client(desk).get(reverse("duties")))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"result": ""}, "result"),
        ({"at": "2999-01-01T08:00"}, "晚于当前时间"),
        ({"photos": SimpleUploadedFile("a.exe", b"MZ\x00\x01")}, "不支持的文件类型"),
        ({"field_place": "地" * 2001}, "2000"),
    ],
)
def test_a_bad_record_comes_back_with_what_was_typed(
    desk: Desk, given: dict[str, Any], said: str
) -> None:
    data = {
        "key": "k2", "at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "result": "normal",
        "field_place": "心电中心", "field_result": "半导体机柜", **given,
    }  # fmt: skip
    page = text(signed_in(desk.wang).post(reverse("duty-new", args=["round"]), data), 422)
    assert said in page
    assert "半导体机柜" in page
    assert not DutyRecord.objects.exists()


def test_an_unknown_duty_has_no_form(desk: Desk) -> None:
    assert signed_in(desk.wang).get(reverse("duty-new", args=["swim"])).status_code == 404
    assert client(desk).get(reverse("duty-new", args=["round"])).status_code == 403


@pytest.mark.parametrize(
    "query",
    [{}, {"show": "all"}, {"show": "missed"}, {"first": "0001-01-01"}, {"first": "9999-12-31"},
     {"first": "x"}],
)  # fmt: skip
def test_the_calendar_of_duties_opens_for_any_days(desk: Desk, query: dict[str, str]) -> None:
    page = text(client(desk).get(reverse("duties"), query))
    assert "周期工作" in page
    if query.get("show") == "all":
        assert "每日检查" in page


def test_a_paper_is_filed_submitted_confirmed_and_lights_its_obligation(desk: Desk) -> None:
    engineer = signed_in(desk.wang)
    scan = SimpleUploadedFile("nda.pdf", b"%PDF-1.7 x")
    page = text(
        engineer.post(
            reverse("papers"), {"kind": "nda", "title": "保密协议 2026", "file": scan}, follow=True
        )
    )
    assert "保密协议 2026已归档" in page
    held = Document.objects.get()
    step = reverse("paper-step", args=[held.pk])
    refused = text(engineer.post(step, {"step": "confirmed"}, follow=True))
    assert "不能代表甲方确认" in refused
    text(engineer.post(step, {"step": "electronic"}, follow=True))
    text(client(desk).post(step, {"step": "confirmed"}, follow=True))
    assert fetched(client(desk).get(reverse("paper-file", args=[held.pk]))) == b"%PDF-1.7 x"
    page = text(client(desk).get(reverse("obligation", args=["seaside.nda"])))
    assert "已履行" in page


def test_a_paper_without_its_title_or_of_no_kind_is_refused(desk: Desk) -> None:
    engineer = signed_in(desk.wang)
    text(engineer.post(reverse("papers"), {"kind": "nda", "title": " "}), 422)
    text(engineer.post(reverse("papers"), {"kind": "novel", "title": "x"}), 422)
    assert not Document.objects.exists()
    assert "未知的步骤" in text(
        engineer.post(reverse("paper-step", args=[_paper(engineer)]), {"step": "x"}, follow=True)
    )


def _paper(engineer: Client) -> int:
    engineer.post(reverse("papers"), {"kind": "nda", "title": "协议"})
    return int(Document.objects.get().pk)


def test_an_engineer_sees_the_lights_and_a_visitor_does_not(desk: Desk) -> None:
    assert "每日检查一次" in text(signed_in(desk.wang).get(reverse("compliance")))
    assert signed_in(desk.hospital).get(reverse("compliance")).status_code == 403
    assert Contract.objects.count() == 1
