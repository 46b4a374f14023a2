"""Mail against a real SMTP server on loopback."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from notice_peers import AT, closed_port, gateway, hangs, parcel

from jingwei.desk.models import Medium
from jingwei.run.notices import mail, sending
from jingwei.run.notices.parcel import Answer

PASSWORD = "mail-password-1"


class Inbox:
    """Takes letters, except for `nobody@`."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.to: list[list[str]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.letters.append(email.message_from_bytes(content, policy=email.policy.default))
        self.to.append(list(envelope.rcpt_tos))
        return "250 taken"


@contextmanager
def server(**more: Any) -> Iterator[tuple[Inbox, dict[str, str]]]:
    """A mail server and an address that leads to it."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=closed_port(), **more)
    controller.start()
    try:
        yield inbox, address(controller.port)
    finally:
        controller.stop()


def address(port: int, **more: str) -> dict[str, str]:
    """The fields of a mail channel."""
    given = {
        "host": "127.0.0.1", "port": str(port), "security": "none", "username": "",
        "password": "", "sender": "jingwei@example.org",
        "recipients": "wang@example.org\nli@example.org",
    }  # fmt: skip
    return {**given, **more}


def self_signed(folder: Path) -> Path:
    """A certificate and its key that no root stands behind."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, AT, AT + timedelta(days=9999))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


def send(to: dict[str, str], **more: Any) -> Answer:
    """One attempt."""
    return asyncio.run(sending.send(Medium.MAIL, to, parcel(**more), AT))


def test_a_letter_arrives_whole() -> None:
    with server() as (inbox, to):
        answer = send(to, link="https://jw.example.org/tickets/GD-2026-00001/")
    assert answer.ok
    (letter,) = inbox.letters
    assert letter["Subject"] == "【已超时】GD-2026-00001 到场超时"
    assert letter["Message-ID"] == "<jw-7-1@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"] == "Mon, 02 Mar 2026 09:30:00 +0800"
    text = letter.get_content()
    assert "PACS 打不开" in text
    assert "https://jw.example.org/tickets/GD-2026-00001/" in text


def test_a_second_copy_carries_the_same_message_id() -> None:
    with server() as (inbox, to):
        send(to)
        send(to)
    assert len({letter["Message-ID"] for letter in inbox.letters}) == 1


def test_one_refused_recipient_is_told_and_the_others_are_not_written_to_again() -> None:
    with server() as (inbox, to):
        mixed = {**to, "recipients": "wang@example.org,nobody@example.org"}
        first = send(mixed)
        assert not first.ok
        assert "1 个收件人被拒：550" in first.detail
        second = send(mixed, reached=frozenset(first.reached))
    assert not second.ok
    assert inbox.to == [["wang@example.org"]]


def test_a_title_cannot_forge_a_header() -> None:
    from jingwei.desk.models import Notice, Topic  # noqa: PLC0415
    from jingwei.run.notices.parcel import parcel as made  # noqa: PLC0415

    row = Notice(pk=1, topic=Topic.TEST, title="甲\r\nBcc: x@example.org", created_at=AT, data={})
    with server() as (inbox, to):
        assert asyncio.run(sending.send(Medium.MAIL, to, made(row), AT)).ok
    assert inbox.letters[0]["Bcc"] is None


def test_a_wrong_password_is_told_without_it() -> None:
    def refuse(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False, message=f"535 bad {PASSWORD}")

    with server(auth_require_tls=False, authenticator=refuse) as (_, to):
        answer = send({**to, "username": "jingwei", "password": PASSWORD})
    assert not answer.ok
    assert "535" in answer.detail
    assert PASSWORD not in answer.detail


def test_a_server_without_starttls_gets_no_letter_when_it_is_wanted() -> None:
    with server() as (inbox, to):
        answer = send({**to, "security": "starttls"})
    assert not answer.ok
    assert "不支持" in answer.detail
    assert not inbox.letters


def test_tls_to_a_plain_port_is_told() -> None:
    with server() as (inbox, to):
        answer = send({**to, "security": "tls"})
    assert not answer.ok
    assert "加密" in answer.detail or "连接中断" in answer.detail
    assert not inbox.letters


def test_a_certificate_nobody_trusts_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = self_signed(tmp_path)
    context.load_cert_chain(certificate)
    with server(tls_context=context) as (inbox, to):
        answer = send({**to, "security": "starttls"})
    assert not answer.ok
    assert "证书" in answer.detail
    assert not inbox.letters


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    with gateway(hangs) as peer:  # it waits for a request line and never greets
        answer = send(address(peer.port))
    assert not answer.ok
    assert "没有应答" in answer.detail


def test_a_port_nobody_listens_on_is_told() -> None:
    answer = send(address(closed_port()))
    assert not answer.ok
    assert "连接不上" in answer.detail
