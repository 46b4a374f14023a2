"""A drill from plan to report: planned, played on the event's page, measured, scored, reported."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.region]
SERVE = Path(__file__).resolve().parent / "serve.py"
SECONDS = (0, 3, 25, 30, 31, 34, 36)  # of the script's lines, short enough for a test


def plan(page: Any) -> str:
    """From the list to a drill in the plan; its number."""
    page.get_by_role("link", name="计划演练").first.click()
    page.get_by_role("link", name="存储控制器故障应急演练").click()
    for number, second in enumerate(SECONDS):
        page.locator(f"#id_line-{number}-after").fill(str(second))
    page.get_by_role("button", name="列入计划").click()
    page.get_by_role("button", name="开始演练").wait_for()
    return str(page.url.rstrip("/").split("/")[-1])


def wide(page: Any) -> int:
    """How far the page can be moved sideways."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def tap(page: Any, word: str) -> None:
    """One of the event's big buttons."""
    page.get_by_role("button", name=word, exact=True).first.click()
    page.get_by_text("时间已记录").wait_for()


def test_a_drill_from_plan_to_report(open_page: Any, server: Any) -> None:
    boss = open_page("zhaomin", "/drills/")
    boss.on("dialog", lambda asked: asked.accept())
    number = plan(boss)
    boss.get_by_role("button", name="开始演练").click()
    boss.get_by_text("正在准备演练区域").wait_for()
    worker = subprocess.Popen([sys.executable, str(SERVE), str(server.folder), "drill"])
    try:
        # The machine finds it: the page says so by itself.
        boss.locator(".drill-moments .has", has_text="发现").wait_for(timeout=60_000)
        assert boss.get_by_text("正在准备演练区域").count() == 0
        phone = open_page("wanglei", f"/emergencies/{number}/", width=375, height=720)
        assert "演练，不是真实事件" in phone.locator("main").inner_text()
        tap(phone, "已响应")
        tap(phone, "已到场")
        tap(phone, "已诊断")
        phone.goto(f"{server.url}/drills/{number}/")
        assert wide(phone) == 0
        phone.get_by_role("button", name="已完成").first.click()
        phone.get_by_text("已记录：").wait_for()
        phone.goto(f"{server.url}/emergencies/{number}/")
        tap(phone, "业务已恢复")
        boss.get_by_role("heading", name="成绩").wait_for(timeout=90_000)
    finally:
        worker.wait(90)
    result(boss, number)
    client = open_page("gujing", f"/drills/{number}/")
    assert client.get_by_role("heading", name="成绩").is_visible()
    assert client.get_by_role("button", name="转工单").count() == 0
    client.goto(f"{server.url}/emergencies/")
    assert client.locator("main table", has_text=number).count() == 0


def result(page: Any, number: str) -> None:
    """What is measured, one gap made a ticket, the report drafted."""
    rows = {
        row.locator("b").first.inner_text(): row.inner_text()
        for row in page.locator(".card-box", has_text="成绩").locator("tbody tr").all()
    }
    for name in ("发现", "响应", "到场", "诊断", "恢复", "RTO"):
        assert "达到" in rows[name].replace("未达到", ""), rows[name]
    assert "未设目标" in rows["RPO"]
    missed = page.locator("#gaps li", has_text="未完成应完成动作").first
    missed.get_by_role("button", name="转工单").click()
    page.get_by_text("已转为工单").wait_for()
    assert page.locator("#gaps a", has_text="GD-").count() == 1
    page.get_by_role("button", name="起草演练报告").click()
    page.wait_for_url("**/reports/**")
    assert f"JAWS-{number}" in page.locator("main").inner_text()
