"""今日: what it shows, what one tap does, what it refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from web_making import SignIn, World

from jingwei.accounts.models import AuditEntry
from jingwei.checks.models import Attachment, Finding, ItemResult, RoutineRun
from jingwei.web.once import new_key


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in("first_line", full_name="王磊")


def show(client: Client, name: str = "board", *args: str, **asked: str) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200
    return str(response.content.decode())


def send(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.post(reverse(name, args=args), data)


def current(world: World, item: str) -> ItemResult:
    return ItemResult.objects.get(run=world.run, item=item, current=True)


def photo(text: bytes = b"JFIF") -> SimpleUploadedFile:
    """What a phone's camera gives, as far as its kind is recognised by content."""
    return SimpleUploadedFile("机房.jpg", b"\xff\xd8\xff\xe0" + text * 20, "image/jpeg")


def test_exceptions_come_first_with_reading_threshold_and_trend(engineer: Client) -> None:
    text = show(engineer)
    assert "异常与关注 2 项" in text
    assert "机房温度 29.4 ℃" in text
    assert "应为 18–28 ℃" in text
    assert "较昨日 +5.1 ℃" in text
    order = [text.index(one) for one in ("exceptions-title", "waiting-title", "sections-title")]
    assert order == sorted(order)


def test_the_counters_say_what_was_checked_and_lead_to_their_rows(engineer: Client) -> None:
    text = show(engineer)
    for number, word in ((8, "应检"), (6, "已检"), (2, "未检")):
        assert f"{number}</b><span>{word}" in text.replace("?</span>", "")
    assert "state=unchecked" in text


def test_the_rows_behind_unchecked_say_why(engineer: Client) -> None:
    text = show(engineer, state="unchecked")
    assert "为什么未检" in text
    assert "交换数据模块尚未接入" in text


@pytest.mark.parametrize(
    ("state", "rows"),
    [("planned", 8), ("checked", 6), ("abnormal", 2), ("attention", 0), ("nonsense", 0)],
)
def test_each_counter_lists_exactly_its_rows(engineer: Client, state: str, rows: int) -> None:
    text = show(engineer, state=state)
    assert f"共 {rows} 项" in text


def test_open_exceptions_stand_in_the_tab_title(engineer: Client) -> None:
    assert "<title>(2) " in show(engineer)


def test_one_tap_confirms_and_the_answer_is_the_moving_part(world: World, engineer: Client) -> None:
    response = engineer.post(
        reverse("board-confirm"),
        {"date": str(world.today), "item": "room.temperature", "target": "ROOM-01"},
        headers={"HX-Request": "true"},
    )
    assert "✓ 王磊" in response.content.decode()
    assert 'hx-swap-oob="outerHTML"' in response.content.decode()
    assert current(world, "room.temperature").by_name == "王磊"
    assert AuditEntry.objects.filter(action="routine.confirm-item").count() == 1


def test_without_javascript_confirming_leads_back_to_the_board(
    world: World, engineer: Client
) -> None:
    response = send(engineer, "board-confirm", item="room.temperature", target="ROOM-01")
    assert response["Location"] == reverse("board")


def test_a_section_is_confirmed_at_once_but_only_what_is_normal(
    world: World, engineer: Client
) -> None:
    assert "确认本节 2 项正常" in show(engineer, "board-section", "storage")
    send(engineer, "board-confirm", section="storage")
    assert current(world, "storage.pool").by is not None
    assert current(world, "storage.controller").by is not None
    assert current(world, "storage.disk").by is None


def test_ticked_rows_are_confirmed_all_or_none(world: World, engineer: Client) -> None:
    send(engineer, "board-confirm", pick=["app.available|APP-10", "app.dicom|APP-10"])
    assert current(world, "app.dicom").by is not None
    response = send(
        engineer, "board-confirm", pick=["storage.pool|HW-016-1", "exchange.arrival|APP-10"]
    )
    assert response.status_code == 422
    assert "不能确认为已检" in response.content.decode()
    assert current(world, "storage.pool").by is None


def test_a_refused_tap_says_why_where_messages_stand(world: World, engineer: Client) -> None:
    response = engineer.post(
        reverse("board-confirm"), {"item": "app.dicom", "target": "NOPE"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert (response.status_code, response["HX-Retarget"]) == (422, "#messages")
    assert "登记中没有“NOPE”" in response.content.decode()


def test_a_manual_item_is_normal_by_one_tap(world: World, engineer: Client) -> None:
    send(engineer, "board-normal", item="security.signature", target="HW-029-1")
    row = current(world, "security.signature")
    assert (row.result, row.by_name, row.source) == ("normal", "王磊", "manual")


def test_an_abnormal_answer_needs_its_note_beside_the_field(world: World, engineer: Client) -> None:
    where = reverse("board-answer", args=("security.signature", "HW-029-1"))
    response = engineer.post(where, {"result": "abnormal"}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert "异常项须填写说明和后续检查" in response.content.decode()
    assert "<html" not in response.content.decode(), "a fragment, not a page"
    assert current(world, "security.signature").result == "unchecked"


def test_an_answer_without_a_result_is_asked_for_one(engineer: Client) -> None:
    where = reverse("board-answer", args=("security.signature", "HW-029-1"))
    assert "请选择结果" in engineer.post(where, {}).content.decode()


def test_an_abnormal_answer_with_a_photo_opens_a_finding(world: World, engineer: Client) -> None:
    response = send(
        engineer, "board-answer", "security.signature", "HW-029-1",
        result="abnormal", reading="特征库 2026-10-01", note="已联系厂商升级", photos=photo(),
    )  # fmt: skip
    assert response.status_code == 302
    found = Finding.objects.get(item="security.signature")
    assert found.detail == "已联系厂商升级"
    file = Attachment.objects.get()
    served = engineer.get(reverse("attachment", args=(file.pk,)))
    assert served["Content-Type"] == "image/jpeg"
    assert served["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "机房.jpg" in show(engineer, "board-answer", "security.signature", "HW-029-1")
    b"".join(served.streaming_content)
    served.close()


def test_a_file_of_a_wrong_kind_is_refused_and_nothing_is_written(
    world: World, engineer: Client
) -> None:
    program = SimpleUploadedFile("setup.exe", b"MZ\x90\x00", "application/x-msdownload")
    response = send(
        engineer, "board-answer", "security.signature", "HW-029-1",
        result="normal", photos=program,
    )  # fmt: skip
    assert response.status_code == 422
    assert "setup.exe：不支持的文件类型" in response.content.decode()
    assert current(world, "security.signature").result == "unchecked"


def test_a_full_disk_is_told_and_nothing_is_written(
    world: World, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jingwei.checks.actions.files.os.fsync", full)
    response = send(
        engineer, "board-answer", "security.signature", "HW-029-1",
        result="normal", photos=photo(b"never stored before"),
    )  # fmt: skip
    assert response.status_code == 422
    assert "磁盘可能已满" in response.content.decode()
    assert current(world, "security.signature").result == "unchecked"


def test_an_attachment_missing_on_disk_is_not_found(world: World, engineer: Client) -> None:
    row = current(world, "security.signature")
    file = Attachment.objects.create(
        item_result=row, name="x.jpg", media_type="image/jpeg", size=1, sha256="0" * 64,
        path="00/missing",
    )  # fmt: skip
    assert engineer.get(reverse("attachment", args=(file.pk,))).status_code == 404


def test_the_same_form_sent_twice_acts_once(world: World, engineer: Client) -> None:
    key = new_key()
    for _ in range(2):
        send(
            engineer, "board-answer", "security.signature", "HW-029-1",
            result="attention", note="偏旧", once=key,
        )  # fmt: skip
    assert world.run.results.filter(item="security.signature", source="manual").count() == 1


def test_a_refused_form_may_be_sent_again_corrected(world: World, engineer: Client) -> None:
    key, where = new_key(), ("board-answer", "security.signature", "HW-029-1")
    assert send(engineer, *where, result="abnormal", once=key).status_code == 422
    assert send(engineer, *where, result="abnormal", note="过期", once=key).status_code == 302
    assert current(world, "security.signature").result == "abnormal"


def test_recheck_asks_a_worker_and_the_board_looks_more_often(
    world: World, engineer: Client
) -> None:
    response = engineer.post(
        reverse("board-run"), {"date": str(world.today)}, headers={"HX-Request": "true"}
    )
    assert response["X-Live"] == "3"
    world.run.refresh_from_db()
    assert world.run.due is not None


def test_tomorrow_cannot_be_checked(world: World, engineer: Client) -> None:
    response = send(engineer, "board-run", date=str(world.today + timedelta(days=1)))
    assert response.status_code == 422
    assert "还没有到，不能检查" in response.content.decode()


def test_finishing_puts_a_name_under_the_day_once(world: World, engineer: Client) -> None:
    assert "还有 1 项待人工检查" in show(engineer), "the confirmation names what stays open"
    assert send(engineer, "board-finish", date=str(world.today)).status_code == 302
    assert "王磊 已于" in show(engineer)
    again = send(engineer, "board-finish", date=str(world.today))
    assert again.status_code == 422
    assert "已由王磊确认" in again.content.decode()


def test_the_head_of_the_sheet_is_filled_in(world: World, engineer: Client) -> None:
    response = send(
        engineer, "board-header", date=str(world.today), weather="小雨", present="王磊、李婷",
        reviewer="陈思远",
    )  # fmt: skip
    assert response.status_code == 302
    assert "小雨" in show(engineer)
    too_long = send(engineer, "board-header", date=str(world.today), weather="雨" * 201)
    assert too_long.status_code == 422


def test_a_finding_can_be_opened_from_any_answer(world: World, engineer: Client) -> None:
    row = current(world, "storage.pool")
    response = send(engineer, "board-open-finding", row.pk, note="增长过快")
    found = Finding.objects.get(item="storage.pool")
    assert response["Location"] == reverse("finding", args=(found.pk,))


def test_the_live_answer_has_only_moving_parts(world: World, engineer: Client) -> None:
    response = engineer.get(reverse("board-live"))
    text = response.content.decode()
    assert "<html" not in text
    assert text.count("hx-swap-oob") == 4 + 9  # head, counters, exceptions, waiting; sections
    assert response["X-Open-Findings"] == "2"
    version = response["X-Version"]
    send(engineer, "board-normal", item="security.signature", target="HW-029-1")
    assert engineer.get(reverse("board-live"))["X-Version"] != version


@pytest.mark.parametrize("name", ["board", "board-live"])
def test_a_date_that_is_none_is_refused_in_words(engineer: Client, name: str) -> None:
    response = engineer.get(reverse(name), {"date": "昨天"})
    assert response.status_code == 400
    assert "应为 YYYY-MM-DD" in response.content.decode()


def test_a_day_without_a_run_says_so(world: World, engineer: Client) -> None:
    text = show(engineer, date=str(world.today - timedelta(days=3)))
    assert "尚未检查" in text
    assert "开始检查" in text


def test_the_board_can_be_asked_as_of_a_date(world: World, engineer: Client) -> None:
    day = str(world.today - timedelta(days=2))
    text = show(engineer, as_of=day)
    assert f"日检 {day}" in text
    assert "回到今天" in text


def test_unknown_sections_items_and_targets_are_not_found(world: World, engineer: Client) -> None:
    for name, args in (
        ("board-section", ("nope",)), ("board-answer", ("nope", "HW-029-1")),
        ("board-answer", ("security.signature", "NOPE")), ("attachment", (999,)),
    ):  # fmt: skip
        assert engineer.get(reverse(name, args=args)).status_code == 404, name


def test_a_running_check_shows_that_it_runs(world: World, engineer: Client) -> None:
    RoutineRun.objects.update(finished_at=None)
    text = show(engineer)
    assert "正在检查" in text
    assert "完成日检" not in text


def test_who_only_looks_gets_no_buttons(world: World, sign_in: SignIn) -> None:
    text = show(sign_in("client_approver"))
    assert ">确认</button>" not in text
    assert "重新检查" not in text


def test_the_board_costs_few_queries(world: World, engineer: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        show(engineer)
    assert len(asked) <= 24, [one["sql"][:90] for one in asked]
    assert settings.DEBUG is False
