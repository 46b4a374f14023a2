"""The signature of a webhook: what it proves, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingwei.desk import webhook

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY = '{"title": "PACS 打不开"}'.encode()
SECRET = "a-secret-of-some-length"


def test_a_body_signed_with_the_secret_is_known_again() -> None:
    assert webhook.verify(webhook.sign(BODY, SECRET, NOW), BODY, SECRET, NOW)


def test_the_header_is_what_the_documentation_says() -> None:
    # printf '1.{}' | openssl dgst -sha256 -hmac k
    assert webhook.sign(b"{}", "k", datetime.fromtimestamp(1, UTC)) == (
        "t=1,v1=3dd49b2593d0f9a349e9e71c4bde3e2b862c2be4003fe9b4ba81332029310158"
    )


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_within_the_window_it_counts(minutes: int) -> None:
    header = webhook.sign(BODY, SECRET, NOW)
    assert webhook.verify(header, BODY, SECRET, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("seconds", [-301, 301, 86400])
def test_a_recorded_request_is_worth_nothing_after_the_window(seconds: int) -> None:
    header = webhook.sign(BODY, SECRET, NOW)
    assert not webhook.verify(header, BODY, SECRET, NOW + timedelta(seconds=seconds))


def test_the_time_is_signed_too() -> None:
    header = webhook.sign(BODY, SECRET, NOW - timedelta(hours=1))
    moved = f"t={int(NOW.timestamp())},{header.partition(',')[2]}"
    assert not webhook.verify(moved, BODY, SECRET, NOW)


def test_with_two_secrets_either_is_known() -> None:
    header = webhook.sign(BODY, ["the-old-secret-of-16", SECRET], NOW)
    assert header.count("v1=") == 2
    assert webhook.verify(header, BODY, SECRET, NOW)
    assert webhook.verify(header, BODY, "the-old-secret-of-16", NOW)


@pytest.mark.parametrize("secrets", ["", [], [SECRET, ""]])
def test_nothing_is_signed_without_a_secret(secrets: str | list[str]) -> None:
    with pytest.raises(ValueError, match="密钥"):
        webhook.sign(BODY, secrets, NOW)


def test_no_secret_verifies_nothing() -> None:
    assert not webhook.verify(webhook.sign(BODY, SECRET, NOW), BODY, "", NOW)


@pytest.mark.parametrize(
    "header",
    ["", "t=", "v1=", "t=x,v1=y", "t=1,t=2,v1=a", "t=٣,v1=a", "t=-1,v1=\ud800", "=" * 2000],
)  # fmt: skip
def test_what_is_no_signature_is_refused(header: str) -> None:
    assert not webhook.verify(header, BODY, SECRET, NOW)


@given(body=st.binary(max_size=60), other=st.binary(max_size=60), secret=st.text("abc", min_size=1))
def test_another_body_or_secret_does_not_fit(body: bytes, other: bytes, secret: str) -> None:
    header = webhook.sign(body, secret, NOW)
    assert webhook.verify(header, body, secret, NOW)
    assert webhook.verify(header, other, secret, NOW) == (other == body)
    assert not webhook.verify(header, body, secret + "d", NOW)


@given(header=st.text(max_size=80))
def test_no_header_whatsoever_is_an_error(header: str) -> None:
    assert not webhook.verify(header, BODY, SECRET, NOW)
