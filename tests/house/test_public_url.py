"""JINGWEI_PUBLIC_URL: what links in notices begin with; a wrong one stops the start."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_start import jingwei

from jingwei.run.address import SettingError, public_url
from jingwei.run.notices.parcel import whole_link


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("https://ops.example.org", "https://ops.example.org"),
        (" https://ops.example.org/ ", "https://ops.example.org"),
        ("http://10.0.0.5:8000/jw/", "http://10.0.0.5:8000/jw"),
        ("http://[fd00::1]:8000", "http://[fd00::1]:8000"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(given_: str, kept: str) -> None:
    assert public_url(given_) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "ops.example.org", "ftp://ops.example.org", "https://", "https:///tickets", "//ops",
        "https://ops example.org", "https://root@ops.example.org", "https://ops.example.org/?a=1",
        "https://ops.example.org/#top", "https://ops.example.org:0", "https://ops:port",
        "https://[fd00::1", "javascript:alert(1)", "https://ops\\example.org", "https://o\x00ps",
        "https://o\nps",
    ],
)  # fmt: skip
def test_what_nobody_can_open_is_refused_by_the_variables_name(wrong: str) -> None:
    with pytest.raises(SettingError, match="JINGWEI_PUBLIC_URL"):
        public_url(wrong)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_refusal_that_can_be_printed(text: str) -> None:
    try:
        kept = public_url(text)
    except SettingError as error:
        str(error).encode()
    else:
        assert not kept or kept.startswith(("http://", "https://"))
        assert not kept.endswith("/")


def test_a_link_of_ours_is_whole_and_others_stay(settings: Any) -> None:
    settings.JINGWEI_PUBLIC_URL = "https://ops.example.org"
    assert whole_link("/tickets/GD-1/") == "https://ops.example.org/tickets/GD-1/"
    assert whole_link("https://elsewhere.example/") == "https://elsewhere.example/"
    settings.JINGWEI_PUBLIC_URL = ""
    assert whole_link("/tickets/GD-1/") == ""


def test_a_wrong_address_stops_every_command_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGWEI_PUBLIC_URL", "ops.example.org")
    ended = jingwei(tmp_path, "doctor")
    assert ended.returncode == 2
    assert "JINGWEI_PUBLIC_URL" in ended.stderr
    assert "https://ops.example.org" in ended.stderr
    assert "Traceback" not in ended.stderr
