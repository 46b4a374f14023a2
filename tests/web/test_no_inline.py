"""The strict policy holds: no inline script or style anywhere, nothing from another host."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from web_making import SignIn, World

import jingwei.web

WEB = Path(jingwei.web.__file__).parent
TEMPLATES = sorted(WEB.rglob("templates/**/*.html"))
OURS = sorted(WEB.glob("static/web/*"))


def named(path: Path) -> str:
    return str(path.relative_to(WEB))


@pytest.mark.parametrize("template", TEMPLATES, ids=named)
def test_no_template_has_inline_script_or_style(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "script without src"
    assert "<style" not in text
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "event handler attribute"
    assert "hx-on" not in text
    assert "javascript:" not in text


@pytest.mark.parametrize("file", [*TEMPLATES, *OURS], ids=named)
def test_nothing_is_fetched_from_another_host(file: Path) -> None:
    hosts = re.findall(r"https?://[^\s\"'<>)]+", file.read_text(encoding="utf-8"))
    known = ("http://www.w3.org/",)
    assert [host for host in hosts if not host.startswith(known) and host != "http://"] == []


@pytest.mark.parametrize("script", sorted(WEB.glob("static/web/*.js")), ids=named)
def test_our_scripts_never_evaluate_text(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert "eval(" not in text
    assert "new Function" not in text


@pytest.mark.parametrize("name", ["board", "findings", "wall", "about", "login"])
def test_every_page_carries_the_policy(world: World, sign_in: SignIn, name: str) -> None:
    response = (Client() if name == "login" else sign_in()).get(reverse(name))
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_vendored_code_comes_with_its_licences_and_no_source_maps() -> None:
    vendor = WEB / "static" / "vendor"
    for package in ("htmx", "bootstrap", "echarts"):
        folder = vendor / package
        assert (folder / "LICENSE").stat().st_size > 100, package
        for file in folder.glob("*.min.*"):
            assert "sourceMappingURL" not in file.read_text(encoding="utf-8"), file
    assert "echarts" in (vendor / "VERSIONS").read_text(encoding="utf-8")


def test_every_phrase_of_the_frame_has_its_english() -> None:
    with (WEB / "locale/en/LC_MESSAGES/django.mo").open("rb") as file:
        english = GNUTranslations(file)
    phrases = {
        phrase
        for template in TEMPLATES
        for phrase in re.findall(
            r"{% translate [\"'](.+?)[\"'] %}", template.read_text(encoding="utf-8")
        )
    }
    assert len(phrases) > 30
    assert [phrase for phrase in sorted(phrases) if english.gettext(phrase) == phrase] == []
