"""The template tags, the pager, the error pages."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from web_making import SignIn, World

from jingwei.desk.models import State
from jingwei.terms import Result
from jingwei.web import links
from jingwei.web.context import MENU
from jingwei.web.pages.check_changes import StopForm
from jingwei.web.pages.checks import CheckFilter
from jingwei.web.pages.distributed import SignForm
from jingwei.web.pages.maintenance import MaintenanceForm
from jingwei.web.pages.tracking import MessageForm
from jingwei.web.paging import paginate, shown
from jingwei.web.templatetags import jingwei as tags
from jingwei.web.templatetags.jingwei import word

T0 = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 on the 2nd in Shanghai


@pytest.mark.parametrize("result", list(Result))
def test_a_state_is_colour_sign_and_word(result: Result) -> None:
    html = tags.state(result.value)
    assert result.sign in html
    assert result.label in html
    assert f"state-{result.value.replace('_', '-')}" in html


@pytest.mark.parametrize("nonsense", ["", None, "great", 3])
def test_what_is_no_state_is_unchecked_never_normal(nonsense: object) -> None:
    assert "未检" in tags.state(nonsense)


def test_a_badge_escapes_its_words() -> None:
    assert "<b>" not in tags.badge("!", "<b>", "info")


@pytest.mark.parametrize(
    ("style", "text"),
    [("full", "2026-03-02 00:30:00"), ("time", "00:30"), ("date", "2026-03-02")],
)
def test_instants_are_shown_in_shanghai(style: str, text: str) -> None:
    assert tags.beijing(T0, style) == text


def test_no_instant_is_a_dash_and_a_date_stays_one() -> None:
    assert tags.beijing(None) == "—"
    assert tags.beijing(date(2026, 3, 2)) == "2026-03-02"
    assert tags.beijing(datetime(2019, 5, 6, tzinfo=UTC)).startswith("2019-05-06")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 秒"), (59, "59 秒"), (60, "1 分"), (3599, "59 分"), (3600, "1 小时"),
        (3660, "1 小时 1 分"), (86400, "1 天"), (90000, "1 天 1 小时"), (-5, "0 秒"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds: int, text: str) -> None:
    assert tags.lasted(T0, T0 + timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30, "30 秒"), (300, "5 分钟"), (7200, "2 小时"), (86400, "1 天"), (90, "90 秒")],
)
def test_periods_in_words(seconds: int, text: str) -> None:
    assert tags.every(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (12.0, "12"), (12.345, "12.35"), (0.00125, "0.0013"), (100, "100")],
)
def test_numbers_without_a_tail(value: float | None, text: str) -> None:
    assert tags.number(value) == text


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_share_is_whole_only_when_complete(part: int, whole: int) -> None:
    part = min(part, whole)
    assert (tags.percent(part, whole) == 100) == (part == whole)


def test_no_share_of_nothing() -> None:
    assert tags.percent(0, 0) == 0


@given(st.integers(1, 300), st.data())
def test_the_pager_shows_first_last_and_neighbours(last: int, data: st.DataObject) -> None:
    here = data.draw(st.integers(1, last))
    numbers = shown(here, last)
    real = [number for number in numbers if number]
    assert real == sorted(set(real))
    assert {1, last, here} <= set(real)
    assert len(numbers) <= 9
    for one, after in itertools.pairwise(numbers):
        assert not (one == 0 and after == 0)
        assert one == 0 or after in (0, one + 1)


@pytest.mark.parametrize(("asked", "number"), [("2", 2), ("x", 1), ("99", 3), ("-1", 3), ("", 1)])
def test_nonsense_pages_still_give_a_page(asked: str, number: int) -> None:
    request = RequestFactory().get("/", {"page": asked})
    assert paginate(request, list(range(50))).number == number
    assert Paginator(range(50), 20).num_pages == 3


def test_links_keep_the_other_filters() -> None:
    request = RequestFactory().get("/", {"q": "甲 乙", "page": "3"})
    html = Template("{% load jingwei %}{% query page=4 q=None %}").render(
        Context({"request": request})
    )
    assert QueryDict(html.removeprefix("?")).dict() == {"page": "4"}


def test_links_to_other_pages_stay_in_the_as_of_date() -> None:
    html = Template("{% load jingwei %}{% keep '/x/' a='1' %}").render(
        Context({"as_of": date(2026, 3, 2)})
    )
    assert html == "/x/?a=1&amp;as_of=2026-03-02"


@pytest.mark.parametrize(
    ("kind", "key", "start"),
    [
        ("server", "HW-001-1", "/assets/units/"),
        ("application", "APP-10", "/assets/applications/"),
        ("room", "ROOM-01", "/checks/?target=ROOM-01"),
        ("database", "DB-01", "/checks/?target=DB-01"),
    ],
)
def test_every_kind_of_target_has_a_page(kind: str, key: str, start: str) -> None:
    assert links.target_url(kind, key).startswith(start)


def test_items_have_words_and_unknown_ones_their_id() -> None:
    assert links.item_label("room.temperature") == "机房温度"
    assert links.item_label("gone.item") == "gone.item"


def test_a_changed_asset_has_a_changed_address() -> None:
    html = Template("{% load jingwei %}{% asset 'web/frame.css' %}").render(Context())
    assert html.startswith("/static/web/frame.css?v=")
    assert not html.endswith("=0")
    missing = Template("{% load jingwei %}{% asset 'web/none.css' %}").render(Context())
    assert missing.endswith("?v=0")


def test_a_wrong_address_says_so_in_the_frame(world: World, sign_in: SignIn) -> None:
    response = sign_in().get("/no/such/page/")
    assert response.status_code == 404
    assert "没有这一页" in response.content.decode()
    assert reverse("board") in response.content.decode()


def test_a_stranger_gets_the_bare_error_page(db: None) -> None:
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert 'id="menu"' not in response.content.decode()


def test_an_error_of_ours_is_told_without_its_details(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("jingwei.web.pages.board.queries.board", broken)
    client = sign_in()
    client.raise_request_exception = False
    response = client.get(reverse("board"))
    assert response.status_code == 500
    assert "系统出错" in response.content.decode()
    assert "secret detail" not in response.content.decode()


# -- English


def test_menu_states_and_the_desks_labels_have_their_english() -> None:
    words = {label for row in MENU for label in (row[0], row[2])}
    words |= {str(one.label) for one in Result} | {str(one.label) for one in State}
    for form in (MessageForm, CheckFilter, MaintenanceForm, StopForm, SignForm):
        words |= {str(field.label) for field in form.base_fields.values() if field.label}
    with translation.override("en"):
        assert [one for one in sorted(words) if translation.gettext(one) == one] == []


def test_who_reads_english_gets_menu_states_buttons_and_labels(
    world: World, sign_in: SignIn
) -> None:
    client = sign_in("second_line")
    client.post(reverse("language"), {"language": "en", "next": "/"})
    page = client.get(reverse("checks")).content.decode()
    for one in ("Service desk", "Roster and leave", "Keyword", "Threshold", "Search"):
        assert one in page, one
    page = client.get(reverse("check-stop", args=(world.check.pk,))).content.decode()
    assert "Why switched off" in page
    client.post(reverse("language"), {"language": "zh-hans", "next": "/"})
    assert "停用原因" in client.get(reverse("check-stop", args=(world.check.pk,))).content.decode()


def test_a_word_without_english_stays_and_nothing_stays_nothing() -> None:
    with translation.override("en"):
        assert word("某医院自有字段") == "某医院自有字段"
        assert word("") == ""
        assert word("对象") == "Object"
