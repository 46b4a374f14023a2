"""PACS is down at 17:20 on the last working day before Spring Festival: a journey of both sides.

The server's own clock runs today, so the evening of 2023-01-20 is written down late and stamped so.
"""

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser
EVENING = "2023-01-20T"


def _declare(page: Any) -> None:
    """One form: the system, its level as suggested, when it was."""
    page.select_option("#id_application", label="区域PACS（北片）")
    page.locator("#suggestion").get_by_text("建议一级").wait_for()
    assert page.locator("#id_level_0").is_checked()
    page.fill("#id_title", "区域PACS 北片全部机构无法调阅")
    page.get_by_text("时间、预案、关联故障单").click()
    for field in ("detected_at", "reported_at", "at"):
        page.fill(f"#id_{field}", f"{EVENING}17:20")
    page.select_option("#id_plan", label="PACS不可用 v1")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="启动应急").click()
    page.get_by_text("已启动，请立即响应").wait_for()


def _note(page: Any, instant: str, clock: str) -> None:
    """An instant of that evening, in the form for what is not now."""
    if not page.locator(".note-form").is_visible():
        page.get_by_text("填写或更正时间").click()
    page.select_option(".note-form select[name=instant]", instant)
    page.fill(".note-form input[name=at]", f"{EVENING}{clock}")
    page.locator(".note-form").get_by_role("button", name="保存").click()
    page.get_by_text("时间已记录。").wait_for()


def test_pacs_is_down_before_spring_festival(open_page: Any) -> None:
    engineer = open_page("wanglei", "/emergencies/declare/", width=390, height=844)
    _declare(engineer)
    address = engineer.url.split("#")[0]
    clocks = engineer.locator("#now")
    assert "2023-01-20 17:25" in clocks.inner_text(), "five minutes, day and night"
    assert "2023-01-20 18:20" in clocks.inner_text(), "one hour, day and night"
    engineer.get_by_text("同一事件的故障时限").click()
    faults = engineer.locator(".clock-table")
    assert "2023-01-28 08:50" in faults.inner_text(), "30 minutes of 5x8, over the festival"
    assert "2023-01-20 17:50" in faults.inner_text(), "30 minutes of 7x24"
    assert engineer.evaluate("document.documentElement.scrollWidth") <= 390

    engineer.get_by_text("增加联系人").click()
    engineer.fill("#callee_person", "赵工")
    engineer.fill("#callee_phone", "13800000009")
    engineer.locator("#calls").get_by_role("button", name="增加").click()
    assert engineer.locator("#calls a[href='tel:13800000009']").is_visible()
    maker = engineer.locator("#calls li", has_text="赵工")
    maker.get_by_role("button", name="已接通").click()
    maker.locator(".is-ok").wait_for()
    _note(engineer, "phone_responded", "17:24")
    _note(engineer, "arrived", "17:50")
    engineer.locator("#plan .plan-steps li").first.get_by_role("button", name="已执行").click()
    engineer.locator("#plan .plan-steps li.done").first.wait_for()

    client = open_page("gujing", "/findings/")
    band = client.locator(".band-emergency")
    assert "一级应急响应事件" in band.inner_text()
    band.get_by_role("link").click()
    client.get_by_role("button", name="同意", exact=True).click()
    client.get_by_text("甲方已同意级别").wait_for()

    engineer.goto(address)
    live = engineer.locator("input[aria-label='实况链接']").input_value()
    stranger = client.context.browser.new_context().new_page()
    stranger.goto(live)
    assert "处置中" in stranger.locator("#live-stage").inner_text()
    assert "13800000009" not in stranger.content()
    stranger.context.close()

    _note(engineer, "restored", "18:40")
    engineer.get_by_text("终止应急").click()
    engineer.get_by_role("button", name="申请终止，由甲方确认").click()
    engineer.get_by_text("已申请终止。").wait_for()
    client.goto(address)
    client.fill(".waiting-one input[name=at]", f"{EVENING}19:00")
    client.get_by_role("button", name="确认终止").click()
    client.locator("h1").get_by_text("已终止").wait_for()
    assert "1 小时 20 分" in client.locator("#budget").inner_text()
    assert client.locator(".band-emergency").count() == 0

    engineer.goto(address)
    engineer.get_by_role("button", name="起草处置报告").click()
    engineer.wait_for_url(re.compile(r"/reports/\d+/"))
    paper = engineer.locator("article.doc").inner_text()
    for wanted in ("应急事件处置报告", "补录", "2023-01-28 08:50", "1 小时 20 分", "PACS不可用"):
        assert wanted in paper, wanted
