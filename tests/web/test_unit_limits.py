"""A unit whose vendor publishes nothing says on its page how far it is checked."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jingwei.accounts.models import User
from jingwei.assets import actions
from jingwei.assets.models import Target
from jingwei.checks.queries import device_models, limits_of

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
HEADING = "检查到哪里为止"
Page = Callable[[str], str]


@pytest.fixture
def page(db: None, content_folder: Path, settings: Any) -> Page:
    """The page of a unit, as a first-line engineer sees it."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)
    user = User.objects.create_user("u-first", password="x" * 12, role="first_line")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def of(code: str) -> str:
        response = client.get(reverse("unit", args=(code,)))
        assert response.status_code == 200
        return str(response.content.decode())

    return of


@pytest.mark.parametrize("code", ["HW-033-1", "HW-026-1", "HW-043-2", "HW-027-1", "HW-025-1"])
def test_the_page_says_what_cannot_be_asked_and_what_is(page: Page, code: str) -> None:
    text = page(code)
    assert HEADING in text
    said = text.split(HEADING, 1)[1].split("</p>", 1)[0]
    assert all(word in said for word in ("MIB", "HTTPS", "TCP", "syslog"))


@pytest.mark.parametrize("code", ["HW-029-1", "HW-044-1", "HW-016-1", "HW-020-1"])
def test_a_unit_that_can_be_asked_says_nothing_of_it(page: Page, code: str) -> None:
    assert HEADING not in page(code)


def test_broken_content_says_nothing_here_and_breaks_no_page(
    page: Page, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "devices").mkdir()
    (tmp_path / "routines").mkdir()
    (tmp_path / "devices" / "broken.toml").write_text("[device]\n", encoding="utf-8")
    target = Target.objects.select_related("unit__row", "database").get(key="HW-033-1")
    settings.JINGWEI_CONTENT = tmp_path
    assert limits_of(target) == ""


def test_models_are_read_again_when_a_file_changed(db: None, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "devices").mkdir()
    (tmp_path / "routines").mkdir()
    settings.JINGWEI_CONTENT = tmp_path
    assert device_models() == []
    text = '[device]\nid = "a"\nlabel = "甲"\nsource = "s"\nmatch = { kinds = ["kvm"] }\n'
    (tmp_path / "devices" / "a.toml").write_text(text, encoding="utf-8")
    assert [model.id for model in device_models()] == ["a"]
    assert device_models() is device_models()
