"""What is secret is hidden by name and by shape; what only looks so stays readable."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.accounts.mask import HIDDEN, masked, masked_text


@pytest.mark.parametrize(
    "name",
    [
        "password", "Password", "old_password", "db_passwd", "pwd", "secret", "client_secret",
        "token", "heartbeat_token", "csrfmiddlewaretoken", "community", "snmp_community",
        "auth_key", "priv_key", "api_key", "apikey", "session_key", "ssh-key", "master_key",
        "Cookie", "Authorization", "密码", "登录口令", "加密密钥",
    ],
)  # fmt: skip
def test_a_secret_is_hidden_by_its_name(name: str) -> None:
    assert masked({name: "hunter2"}) == {name: HIDDEN}


@pytest.mark.parametrize(
    "name", ["object_key", "series_key", "keyboard", "monkey", "port", "user", "auth_protocol"]
)
def test_an_ordinary_name_hides_nothing(name: str) -> None:
    assert masked({name: "abc"}) == {name: "abc"}


@pytest.mark.parametrize("key", ["HW-016-1", "APP-10", "DB-01", "ROOM-01", 17])
def test_the_registers_key_is_a_name_and_no_secret(key: Any) -> None:
    assert masked({"key": key}) == {"key": key}


def test_any_other_bare_key_is_hidden() -> None:
    assert masked({"key": "s3cr3t-string"}) == {"key": HIDDEN}


@pytest.mark.parametrize("value", [True, False, None])
def test_yes_no_and_nothing_are_never_secret(value: bool | None) -> None:
    assert masked({"must_change_password": value}) == {"must_change_password": value}


def test_containers_are_walked_to_the_bottom() -> None:
    value = {"list": [{"deep": ({"token": "t"},)}], "secrets": {"user": "u", "any": ["x"]}}
    assert masked(value) == {"list": [{"deep": [{"token": HIDDEN}]}], "secrets": HIDDEN}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgresql://ops:pa55@127.0.0.1:5432/db", "postgresql://ops:***@127.0.0.1:5432/db"),
        ("login failed, password=abc;retry", "login failed, password=***;retry"),
        ('{"password": "abc", "port": 1}', '{"password": "***", "port": 1}'),
        ("口令：天王盖地虎 已改", "口令：*** 已改"),
        ("sent Bearer abcdefgh12345678 to peer", "sent Bearer *** to peer"),
        ("http://127.0.0.1/a:b@c", "http://127.0.0.1/a:b@c"),
        ("房间 24.5 °C 正常", "房间 24.5 °C 正常"),
    ],
)
def test_secrets_in_running_text_are_hidden(text: str, clean: str) -> None:
    assert masked_text(text) == clean


def test_an_authorization_header_is_hidden() -> None:
    assert "b3BzOnBhc3M" not in masked_text("Authorization: Basic b3BzOnBhc3M=")


@given(st.text(st.characters(categories=["L", "N"]), min_size=8))
def test_no_password_survives_a_pair_a_url_or_a_dictionary(secret: str) -> None:
    assert secret not in masked_text(f"x password={secret} y").replace("password", "")
    assert masked({"password": secret})["password"] == HIDDEN


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked_text(text)
    assert masked_text(once) == once
