"""The clocks on a page turn by the server's time, whatever the machine in front of it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_journey_hospital_calls import take_call

pytestmark = pytest.mark.browser


def seconds_left(text: str) -> int:
    """Minutes and seconds of "剩余 29:41"."""
    minutes, seconds = text.rsplit(maxsplit=1)[-1].split(":")
    return int(minutes) * 60 + int(seconds)


@pytest.mark.parametrize("hours", [-30, 3])
def test_a_wrong_clock_in_front_of_the_screen_is_corrected(open_page: Any, hours: int) -> None:
    page = open_page("wanglei", "/intake/")
    take_call(page, "PACS 调不出片子，全院")
    page.keyboard.press("Enter")
    number = page.locator(".number-big").inner_text()
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=hours))
    page.goto("/".join(page.url.split("/")[:3]) + f"/tickets/{number}/")
    clock = page.locator(".clock-table td[data-label='7x24 自然时间'] time[data-due]").first
    before = clock.inner_text()
    assert 25 * 60 < seconds_left(before) <= 30 * 60, before  # thirty minutes to answer the phone
    assert "◆" not in before
    page.clock.run_for(60_000)
    assert 58 <= seconds_left(before) - seconds_left(clock.inner_text()) <= 75
    page.clock.run_for(22 * 60_000)  # three quarters of the half hour
    assert clock.inner_text().startswith("◆ 剩余")
    assert "is-warn" in str(clock.get_attribute("class"))
    page.clock.run_for(9 * 60_000)
    assert clock.inner_text().startswith("▲ 已超")
    assert "is-bad" in str(clock.get_attribute("class"))
