"""A hospital calls: taken down by keyboard, worked on, confirmed by the client, closed."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PHOTO = b"\xff\xd8\xff\xe0" + b"JFIF" * 40


def take_call(page: Any, title: str) -> None:
    """Keyboard only, as far as the phone number; the similar ones are shown by then."""
    page.goto("/".join(page.url.split("/")[:3]) + "/intake/")
    press, write = page.keyboard.press, page.keyboard.type
    write("sb")  # the first field has the focus
    page.get_by_role("option", name="市北医院").wait_for()
    press("Enter")
    assert page.locator("#id_institution").input_value() == "I-1 市北医院"
    press("Tab")
    write("PACS")
    page.get_by_role("option", name="区域PACS").wait_for()
    press("Tab")  # takes what is marked and goes on
    write(title)
    press("Tab")
    press("Tab")  # 单个机构 stands already
    press("ArrowDown")
    assert page.locator("#id_urgency").input_value() == "stopped"
    while page.evaluate("document.activeElement.id") != "id_reporter":
        press("Tab")  # each part of a date is a stop of its own
    write("陈医生")
    press("Tab")
    write("021-5555")
    page.locator("#similar .suggested").wait_for()


def act(page: Any, label: str) -> None:
    """The one-tap button of an instant."""
    page.get_by_role("button", name=f"{label}：现在").click()
    page.locator("#instants li", has_text=label).get_by_role("button", name="现在").wait_for(
        state="detached"
    )


def test_a_hospital_calls_and_is_served_until_the_client_confirms(
    open_page: Any, tmp_path: Path
) -> None:
    page = open_page("wanglei", "/intake/")
    began = time.monotonic()
    take_call(page, "PACS 调不出片子，全院")
    assert "造成生产运行中断" in page.locator("#similar .suggested").inner_text()
    page.keyboard.press("Enter")
    number = page.locator(".number-big").inner_text()
    assert time.monotonic() - began < 60, "a call is taken down within a minute"
    link = page.locator("#tracking-link").input_value()
    assert re.fullmatch(r"GD-\d{4}-\d{5}", number)

    # The next call about the same fault is shown the first one while typing: one tap.
    take_call(page, "片子调不出来")
    again = page.get_by_role("button", name=f"同一故障，归入 {number}")
    again.wait_for()
    again.click()
    page.get_by_text("已归入").wait_for()

    page.goto(f"{link.split('/t/')[0]}/tickets/{number}/")
    assert "剩" in page.locator(".next-clock time").inner_text()
    page.get_by_role("button", name="受理").click()
    page.get_by_role("button", name="开始处理").click()
    for label in ("电话响应", "到场", "诊断完成"):
        act(page, label)
    page.locator("#work textarea").fill("影像服务线程耗尽，重启服务")
    page.locator("#work_minutes").fill("20")
    page.get_by_role("button", name="保存记录").click()
    page.locator("#work .timeline").get_by_text("影像服务线程耗尽").wait_for()
    photo = tmp_path / "panel.jpg"
    photo.write_bytes(PHOTO)
    page.locator("#attach_photos").set_input_files(photo)
    page.get_by_role("button", name="上传").click()
    page.locator("#files .files li").wait_for()
    act(page, "恢复")
    page.locator("summary", has_text="解决").first.click()
    page.locator("#resolve_solution").fill("重启影像服务，全院调阅正常")
    page.locator(".steps form").get_by_role("button", name="解决").click()
    page.get_by_text("重启影像服务，全院调阅正常").first.wait_for()
    for row in page.locator(".clock-table tbody tr").all():
        working, wall = row.locator("td").nth(1).inner_text(), row.locator("td").nth(2).inner_text()
        assert "✓ 用时" in wall
        assert "✓ 用时" in working or "未公布" in working, "never guessed"
    assert page.get_by_role("button", name="用户确认").count() == 0
    check_due(page)

    caller = open_page("wall", f"/t/{link.split('/t/')[1]}", width=390, height=844)
    shown = caller.locator("main").inner_text()
    assert "已解决，等待用户确认" in shown
    assert "Wanglei" not in shown
    assert caller.evaluate("document.documentElement.scrollWidth") <= 390

    client = open_page("gujing", f"/tickets/{number}/")
    client.on("dialog", lambda asked: asked.accept())
    client.get_by_role("button", name="用户确认").first.click()
    client.locator("h1", has_text="用户已确认").wait_for()
    page.reload()
    page.get_by_role("button", name="关闭").click()
    page.locator("h1", has_text="已关闭").wait_for()
    open_page.errors[:] = [one for one in open_page.errors if "favicon" not in one]


def check_due(page: Any) -> None:
    """The phone clock of 7x24 is due half an hour after the report, to the second."""
    row = page.locator(".clock-table tbody tr", has_text="电话响应")
    due = re.search(r"截止 (\d\d-\d\d \d\d:\d\d)", row.locator("td").nth(2).inner_text())
    said = page.locator("#instants li", has_text="报修").locator(".when").inner_text()
    reported = datetime.fromisoformat(said[:19])
    assert due is not None
    assert due.group(1) == (reported + timedelta(minutes=30)).strftime("%m-%d %H:%M")


def test_the_second_of_two_engineers_keeps_what_he_typed(open_page: Any) -> None:
    first = open_page("wanglei", "/intake/")
    take_call(first, "登录很慢")
    first.keyboard.press("Enter")
    first.get_by_role("link", name="打开工单").click()
    second = open_page("liqiang", "/" + first.url.split("/", 3)[3])
    first.get_by_role("button", name="我来处理").click()
    first.get_by_text("已指派给您").wait_for()
    second.locator("summary", has_text="升级支持").click()
    second.locator("#escalate_reason").fill("存储双控都报错，需要二线")
    second.get_by_role("button", name="升级", exact=True).click()
    second.locator("h1", has_text="已被他人修改").wait_for()
    assert second.locator("textarea").input_value() == "存储双控都报错，需要二线"
    assert "Wanglei" in second.locator("main").inner_text()
    second.get_by_role("button", name="看过了，仍按此提交").click()
    second.locator(".timeline").get_by_text("存储双控都报错").first.wait_for()
    open_page.errors[:] = [one for one in open_page.errors if "409" not in one]
