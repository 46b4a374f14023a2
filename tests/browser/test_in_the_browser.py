"""What only a browser shows: one tap, a photo, live refresh, the wall, a form left half-filled."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PHOTO = b"\xff\xd8\xff\xe0" + b"JFIF" * 40


def test_an_engineer_confirms_an_exception_and_writes_the_follow_up(open_page: Any) -> None:
    page = open_page("wanglei")
    assert page.title().startswith("(2) 今日")
    hot = page.locator("#exception-room\\.temperature-ROOM-01")
    assert "29.4 ℃" in hot.inner_text()
    hot.get_by_role("button", name="确认").click()
    hot.locator(".done-mark").wait_for()
    assert "Wanglei" in hot.locator(".done-mark").inner_text()
    assert page.url.endswith("/"), "confirmed without leaving the page"
    hot.get_by_role("link", name="填写跟进").click()
    page.locator("textarea[name=note]").fill("到场检查，空调滤网堵塞，已清洗")
    page.get_by_role("button", name="提交记录").click()
    page.locator(".timeline").get_by_text("空调滤网堵塞").wait_for()
    assert "处理中" in page.locator(".clocks").inner_text()


def test_a_manual_item_is_answered_with_a_photo_on_a_phone(open_page: Any, tmp_path: Path) -> None:
    photo = tmp_path / "ids.jpg"
    photo.write_bytes(PHOTO)
    page = open_page("wanglei", width=390, height=844)
    page.get_by_role("link", name="填写结果").click()
    form = page.locator("form.answer")
    form.locator("label.choice-abnormal").click()
    form.get_by_role("button", name="保存").click()
    form.get_by_text("须填写说明和后续检查").wait_for()
    assert form.locator("input[value=abnormal]").is_checked(), "what was filled in stays"
    form.locator("textarea[name=note]").fill("特征库停在 10 月，已联系厂商")
    form.locator("input[type=file]").set_input_files(photo)
    form.get_by_role("button", name="保存").click()
    page.locator("#exception-security\\.signature-HW-029-1").wait_for()
    assert page.locator("#board-waiting .wait-row").count() == 0
    page.goto(page.url + "board/answer/security.signature/HW-029-1/")
    assert page.get_by_role("link", name="ids.jpg").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    open_page.errors[:] = [one for one in open_page.errors if "422" not in one]


def test_the_board_refreshes_itself_but_never_under_somebodys_hands(
    open_page: Any, server: Any
) -> None:
    page = open_page("wanglei")
    page.evaluate("document.getElementById('board-live').dataset.live = '1'")
    page.locator("#section-storage summary").click()
    tick = page.locator("#section-storage input[name=pick]").first
    tick.check()
    server.act("hotter")
    page.wait_for_timeout(2500)
    fresh = page.locator("#exception-app\\.dicom-APP-10")
    assert fresh.count() == 0, "a ticked row holds the page still"
    assert tick.is_checked()
    tick.uncheck()
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.getElementById('board-live').dataset.live = '1'")
    fresh.wait_for()
    page.wait_for_function("document.title.startsWith('(3) ')")
    assert page.locator("#section-storage").get_attribute("open") is not None
    assert page.locator("#section-storage input[name=pick]").count() == 2


def test_a_section_is_confirmed_in_one_go_after_saying_how_many(open_page: Any) -> None:
    page = open_page("wanglei")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator("#section-storage summary").click()
    page.get_by_role("button", name="确认本节 2 项正常").click()
    page.locator("#section-storage").get_by_text("✓ Wanglei").first.wait_for()
    assert "全部 2 项正常" in asked[0]


def test_leaving_a_half_filled_form_asks_first(open_page: Any) -> None:
    page = open_page("wanglei", "/maintenance/new/")
    page.locator("textarea[name=reason]").fill("换硬盘")
    kinds: list[str] = []
    page.on("dialog", lambda dialog: (kinds.append(dialog.type), dialog.accept()))
    page.locator("nav.side").get_by_role("link", name="今日").click()
    page.wait_for_url(lambda url: url.endswith("/"))
    assert kinds == ["beforeunload"]


def test_the_wall_follows_by_itself_and_says_when_it_no_longer_does(
    open_page: Any, server: Any
) -> None:
    page = open_page("wall", "/wall/", width=1920, height=1080)
    first = page.locator(".apps .tile").first
    assert "正常" in first.inner_text()
    server.act("hotter")
    page.locator(".apps .t-abnormal").wait_for(timeout=20_000)
    assert page.title().startswith("(3) ")
    assert page.locator("#age.old").count() == 0
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080, "one screen, no scroll"
    page.route("**/wall/**", lambda route: route.abort())
    page.clock.install()
    page.clock.fast_forward(45_000)
    page.locator("#age.old").wait_for(timeout=60_000)
    assert "数据已停止更新" in page.locator("#age").inner_text()


def test_a_check_draws_its_curve_with_its_thresholds(open_page: Any) -> None:
    page = open_page("wanglei", "/checks/?target=ROOM-01")
    page.get_by_role("link", name="温度").first.click()
    chart = page.locator("[data-chart] svg")
    chart.wait_for()
    assert "异常 28 ℃" in (chart.text_content() or "")
    page.get_by_role("link", name="一年").click()
    page.locator("[data-chart] svg, .chart-none").first.wait_for()


def test_the_wall_can_be_read_on_a_phone(open_page: Any) -> None:
    page = open_page("wall", "/wall/", width=390, height=844)
    for panel in page.locator(".panel").all():
        assert panel.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_no_page_is_wider_than_its_screen_nor_logs_an_error(
    open_page: Any, server: Any, width: int, height: int
) -> None:
    page = open_page("zhaomin", width=width, height=height)
    for where in (
        "/", "/?state=unchecked", "/findings/", "/findings/1/", "/checks/", "/checks/1/",
        "/maintenance/", "/maintenance/new/", "/endpoints/", "/endpoints/new/",
        "/endpoints/new/?protocol=snmp", "/endpoints/1/", "/users/", "/users/1/", "/users/new/",
        "/about/", "/api/docs", "/password/", "/board/header/",
    ):  # fmt: skip
        page.goto(server.url + where)
        assert page.locator("h1").count() == 1, where
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where


def test_without_javascript_the_board_still_works(open_page: Any) -> None:
    page = open_page("wanglei", java_script_enabled=False)
    page.locator("#exception-storage\\.disk-HW-016-1").get_by_role("button", name="确认").click()
    marked = page.locator("#exception-storage\\.disk-HW-016-1 .done-mark")
    assert "Wanglei" in marked.inner_text()
