"""现场巡检 on a tablet: filled without network, sent once when it is back, two tablets told."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
UNIT, OTHER = "HW-016-1", "HW-029-1"


def photo(folder: Path) -> Path:
    """A picture wider than what is kept, as a phone takes it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    wide, high = 2400, 300
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    rows = b"".join(b"\x00" + bytes((row + n) % 256 for n in range(wide)) for row in range(high))
    place = folder / "panel.png"
    place.write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return place


def opened(open_page: Any, who: str, **more: Any) -> Any:
    page = open_page(who, "/inspections/quarterly/", **more)
    page.locator(".tablet-row").first.wait_for()
    return page


def fill(page: Any, unit: str, *, bad: bool = False) -> None:
    """Open a unit's sheet and answer everything but one box."""
    page.locator(".tablet-row", has_text=unit).click()
    if bad:
        first = page.locator("fieldset").first
        first.get_by_role("radio", name="异常").check()
    page.get_by_role("button", name="其余各项看过，均正常").click()
    page.get_by_label("系统运行情况").fill("运行平稳")


def finish(page: Any) -> None:
    page.get_by_label("建议与隐患").fill("无")
    page.get_by_role("button", name="完成", exact=True).click()


def without_network(page: Any) -> None:
    """Cut it, once the page is whole on the tablet: what is still on its way would be logged."""
    page.locator("#tablet[data-stays]").wait_for()
    page.context.set_offline(True)
    page.get_by_text("没有网络：照常填写").wait_for()


def forgive(open_page: Any) -> None:
    """A browser without network, or told of a conflict, logs what the page says in words."""
    known = ("ERR_INTERNET_DISCONNECTED", "409 (Conflict)", "422 (Unproc")
    open_page.errors[:] = [
        said for said in open_page.errors if not any(each in said for each in known)
    ]


def test_a_sheet_filled_without_network_arrives_once_when_it_is_back(
    server: Any, open_page: Any, tmp_path: Path
) -> None:
    server.act("sign")
    page = opened(open_page, "wanglei", width=768, height=1024)
    without_network(page)
    fill(page, UNIT, bad=True)
    page.locator("#tablet-photos").set_input_files(photo(tmp_path))
    page.get_by_text("panel.jpg").wait_for()
    finish(page)
    assert "请写明情况" in page.inner_text("main")
    page.get_by_label("面板指示灯：情况").fill("电源 2 告警")
    finish(page)
    page.locator(".tablet-row", has_text="待发送").wait_for()
    assert "待发送 1" in page.inner_text(".tablet-bar")

    page.reload()  # still without network: page and sheet are on the tablet
    page.locator(".tablet-row", has_text="待发送").wait_for()
    assert UNIT in page.inner_text(".tablet-row.is-waiting, .tablet-row:has(.is-waiting)")
    page.context.set_offline(False)
    page.locator(".tablet-row", has_text="✓ Wanglei").wait_for()
    assert "已登记 1 / 2" in page.inner_text(".tablet-bar")
    page.reload()
    page.locator(".tablet-row", has_text="✓ Wanglei").wait_for()

    page.locator(".tablet-row", has_text=UNIT).click()
    page.get_by_role("link", name="查看记录").click()
    text = page.inner_text("main")
    assert "电源 2 告警" in text
    assert "panel.jpg" in text
    page.goto(f"{server.url}/duties/")
    assert page.locator("#records tbody tr").count() == 1
    forgive(open_page)


def test_a_second_tablet_is_told_and_nothing_is_lost(server: Any, open_page: Any) -> None:
    server.act("sign")
    first = opened(open_page, "wanglei", width=768, height=1024)
    second = opened(open_page, "liqiang", width=375, height=812)
    without_network(second)
    fill(second, OTHER)
    finish(second)
    fill(first, OTHER)
    finish(first)
    first.locator(".tablet-row", has_text="✓ Wanglei").wait_for()
    second.context.set_offline(False)
    second.locator(".tablet-row", has_text="已被他人登记").click()
    said = second.inner_text("main")
    assert "本期已由Wanglei登记" in said
    assert second.get_by_label("系统运行情况").input_value() == "运行平稳"
    second.get_by_label("更正原因").fill("复查")
    second.get_by_role("button", name="以本机这份更正对方的").click()
    second.locator(".tablet-row", has_text="✓ Liqiang").wait_for()
    forgive(open_page)


def test_an_answer_that_was_lost_on_the_way_is_not_a_second_record(
    server: Any, open_page: Any
) -> None:
    server.act("sign")
    page = opened(open_page, "wanglei", service_workers="block")
    lost: list[Any] = []

    def swallow(route: Any) -> None:
        """The server has it; the tablet never hears of that."""
        if not lost:
            lost.append(route.fetch(post_data=route.request.post_data_buffer))
            route.abort()
        else:
            route.continue_()

    page.route("**/inspections/quarterly/send/", swallow)
    fill(page, UNIT)
    finish(page)
    page.get_by_text("没有网络：照常填写").wait_for()
    page.locator(".tablet-row", has_text="待发送").wait_for()
    assert [answer.status for answer in lost] == [200]
    page.get_by_role("button", name="立即发送").click()
    page.locator(".tablet-row", has_text="✓ Wanglei").wait_for()
    page.goto(f"{server.url}/duties/")
    assert page.locator("#records tbody tr").count() == 1
    open_page.errors[:] = [said for said in open_page.errors if "ERR_FAILED" not in said]
