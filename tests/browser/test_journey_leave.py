"""A holiday leave that leaves three on site: seen before it is asked, decided by the client."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.browser


def a_working_day_ahead() -> datetime:
    """A Tuesday to Thursday, three weeks from now: no holiday of this season lies there twice."""
    day = datetime.now(SHANGHAI) + timedelta(days=14)
    while day.weekday() not in (1, 2, 3):
        day += timedelta(days=1)
    return day


def local(day: datetime, clock: str) -> str:
    return f"{day:%Y-%m-%d}T{clock}"


def test_a_leave_that_leaves_three_is_seen_before_and_decided_by_the_client(
    open_page: Any,
) -> None:
    day = a_working_day_ahead()
    page = open_page("wanglei", "/roster/")
    page.get_by_role("link", name="＋ 请假").click()
    page.locator("#id_person").select_option(label="王磊")
    page.locator("#id_start").fill(local(day, "08:30"))
    page.locator("#id_end").fill(local(day, "17:30"))
    page.locator("#id_reason").fill("回乡过节")
    page.locator("#id_whereabouts").fill("南京")
    page.locator("#id_phone").fill("13800000000")
    page.locator("#id_stand_in").select_option(label="驻场2")
    page.get_by_role("button", name="先看在岗人数").click()
    assert "一线驻场 3 人在岗，应 4 人，少 1 人" in page.inner_text("main")
    page.locator("#id_stand_in").select_option(label="二线1")
    page.get_by_role("button", name="先看在岗人数").click()
    assert "各岗位人数都够" in page.inner_text("main")
    page.locator("#id_stand_in").select_option(label="驻场2")
    page.get_by_role("button", name="提交").click()
    assert "待甲方同意" in page.inner_text("main")
    assert page.get_by_role("button", name="同意", exact=True).count() == 0

    client = open_page("gujing", "/my-work/")
    assert "请假：王磊" in client.inner_text("#waiting")
    client.goto(client.url.replace("/my-work/", "/leave/"))
    assert "少 1 人" in client.inner_text("#waiting")
    client.get_by_role("button", name="不同意").click()
    assert "请填写不同意的原因" in client.inner_text("main")
    client.get_by_placeholder("意见（不同意必填）").fill("请二线顶岗")
    client.get_by_role("button", name="不同意").click()
    assert "没有待同意的请假" in client.inner_text("main")

    page.goto(page.url.replace("/leave/", "/leave/new/").split("?")[0])
    page.locator("#id_person").select_option(label="王磊")
    page.locator("#id_start").fill(local(day, "08:30"))
    page.locator("#id_end").fill(local(day, "17:30"))
    page.locator("#id_reason").fill("回乡过节")
    page.locator("#id_whereabouts").fill("南京")
    page.locator("#id_phone").fill("13800000000")
    page.locator("#id_stand_in").select_option(label="二线1")
    page.get_by_role("button", name="提交").click()
    client.reload()
    client.get_by_role("button", name="同意", exact=True).click()
    page.goto(page.url.replace("/leave/", f"/roster/?month={day:%Y-%m}"))
    assert "王磊请假（二线1顶岗）" in page.inner_text(".month")
    assert "✕ 一线驻场" not in page.inner_text(".month")
