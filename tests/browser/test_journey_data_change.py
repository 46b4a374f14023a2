"""A data change whose row count differs: refused, rolled back, on record; nothing changed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.browser


def field(page: Any, name: str, value: str) -> None:
    """Fill in the one that can be seen."""
    page.locator(f"[name={name}]:visible").fill(value)


def open_step(page: Any, label: str) -> None:
    """Unfold a step that asks for something."""
    page.locator("#form details.step > summary", has_text=label).first.click()


def send_step(page: Any, label: str) -> None:
    """Send the unfolded step."""
    page.locator("#form details.step[open]").get_by_role("button", name=label, exact=True).click()


def tap(page: Any, label: str, state: str) -> None:
    """A step that asks for nothing."""
    page.locator("#form").get_by_role("button", name=label, exact=True).click()
    page.locator("h1").get_by_text(state).wait_for()


def report(page: Any) -> str:
    """Fill in 数据修改报告单; its number."""
    page.get_by_role("link", name="＋ 报告单").click()
    page.locator("[data-extract]").wait_for(state="hidden")
    field(page, "title", "更正科室代码")
    page.select_option("#id_application", "APP-10")
    for name, value in (
        ("reporter", "孙医生"), ("sealed_by", "陈主任"), ("cause", "录入错误"),
        ("text", "登记时选错科室"), ("unit", "市北医院"), ("tables", "doc，id = 7"),
        ("script", "UPDATE doc SET dept = 2 WHERE id = 7"),
        ("rollback_script", "UPDATE doc SET dept = 1 WHERE id = 7"),
        ("count_query", "SELECT count(*) FROM doc WHERE id = 7"), ("expected_rows", "1"),
    ):  # fmt: skip
        field(page, name, value)
    page.select_option("#id_personal", "不含")
    page.select_option("#id_correction", "不涉及收费和病历")
    page.get_by_role("button", name="存为草稿").click()
    page.locator("h1").get_by_text("草稿").wait_for()
    return str(page.url.rstrip("/").split("/")[-1].split("#")[0])


def test_other_rows_than_expected_are_rolled_back_and_nothing_changed(open_page: Any) -> None:
    engineer = open_page("wanglei", "/data-changes/")
    number = report(engineer)
    tap(engineer, "提交申请", "已申请")
    client = open_page("gujing", f"/tickets/{number}/", width=390, height=844)
    tap(client, "信息中心审核", "信息中心已审核")
    now = datetime.now(SHANGHAI)
    open_step(client, "批准")
    field(client, "window_start", f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}")
    field(client, "window_end", f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    send_step(client, "批准")
    client.locator("h1").get_by_text("已批准").wait_for()
    assert client.evaluate("document.documentElement.scrollWidth") <= 390
    engineer.reload()
    open_step(engineer, "完成备份")
    field(engineer, "backup_ref", "BK-2026-7")
    send_step(engineer, "完成备份")
    engineer.locator("h1").get_by_text("备份完成").wait_for()
    open_step(engineer, "开始执行")
    field(engineer, "session_ref", "BH-77")
    send_step(engineer, "开始执行")
    engineer.locator("#form").get_by_text("预期 1 行。").wait_for()
    open_step(engineer, "执行完成")
    field(engineer, "actual_rows", "40")
    field(engineer, "images_ref", "IMG-1")
    send_step(engineer, "执行完成")
    engineer.get_by_text("实际 40 行，预期 1 行：不一致，须回滚").wait_for()
    assert engineer.locator("h1").get_by_text("执行中").is_visible(), "it is not done"
    assert engineer.locator("[name=images_ref]:visible").input_value() == "IMG-1"
    engineer.goto(engineer.url.split("/data-step")[0])
    open_step(engineer, "回滚")
    field(engineer, "actual_rows", "40")
    field(engineer, "reason", "行数不符，已回滚")
    send_step(engineer, "回滚")
    engineer.locator("h1").get_by_text("已回滚").wait_for()
    assert "1 / 40" in engineer.locator("#form dl.facts").inner_text()
    tap(engineer, "归档", "已归档")
    engineer.get_by_role("link", name="打印报告单").click()
    paper = engineer.locator(".paper")
    assert "复核人（不同于执行人）" in paper.inner_text()
    engineer.emulate_media(media="print")
    assert engineer.locator("header.top").is_hidden()
    assert paper.is_visible()
    auditor = open_page("zhaomin", "/data-changes/months/")
    line = auditor.locator("table.list tbody tr", has_text="录入错误").inner_text().split()
    assert line[-6:] == ["1", "0", "0", "1", "0", "0"], "one report, none changed, one rolled back"
    open_page.errors[:] = [one for one in open_page.errors if "422" not in one]
