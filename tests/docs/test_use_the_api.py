"""What docs/how-to/use-the-api.md shows does what it says: its two programs are run."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jingwei.accounts.models import User
from jingwei.desk import webhook
from jingwei.desk.models import Ticket, Topic
from jingwei.run.notices.parcel import Parcel
from jingwei.run.notices.webhook import IDENTITY, content
from jingwei.terms import SHANGHAI
from jingwei.web import tokens
from jingwei.web.api import api

PAGE = (Path(__file__).resolve().parents[2] / "docs/how-to/use-the-api.md").read_text("utf-8")
CALLING, RECEIVING = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SECRET = "whsec-of-a-test"


def run(program: str, name: str) -> SimpleNamespace:
    """The program's own names, after it has run."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(program, "use-the-api.md", "exec"), names)
    return SimpleNamespace(**names)


def parcel(**more: Any) -> Parcel:
    """A message as a channel is handed it."""
    said = {
        "identity": "n-1", "topic": "overdue", "topic_label": "已超时", "title": "GD-2026-00001",
        "body": "到场超时", "link": "/tickets/GD-2026-00001/", "data": {"number": "GD-2026-00001"},
        "at": datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI),
    }  # fmt: skip
    return Parcel(**(said | more))


@pytest.mark.django_db(transaction=True)
def test_the_program_opens_a_ticket_and_takes_it_up(
    live_server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    user = User.objects.create_user("wang", password="Right-Horse-9", role="first_line")
    monkeypatch.setenv("JINGWEI_URL", f"{live_server.url}/api")
    monkeypatch.setenv("JINGWEI_TOKEN", tokens.make(user, write=True))
    run(CALLING, "__main__")
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.created_by) == ("accepted", user)
    assert capsys.readouterr().out == f"{ticket.number} 已受理\n"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The page's receiver on a free port."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    program = run(RECEIVING, "receiver")
    server = program.serve(0)
    server.RequestHandlerClass.log_message = lambda *_: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    program.port = server.server_port
    yield program
    server.shutdown()
    thread.join(10)
    server.server_close()


def send(port: int, body: bytes, signature: str) -> int:
    """One delivery; the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {webhook.HEADER: signature, IDENTITY: "n-1"}
    connection.request("POST", "/", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_receiver_takes_what_we_sign_once(receiver: SimpleNamespace) -> None:
    body = json.dumps(content(parcel()), ensure_ascii=False, sort_keys=True).encode()
    signature = webhook.sign(body, SECRET, timezone.now())
    assert [send(receiver.port, body, signature) for _ in range(2)] == [204, 204]
    assert receiver.taken == {"n-1": content(parcel())}


def test_the_receiver_takes_either_signature_while_a_secret_changes(
    receiver: SimpleNamespace,
) -> None:
    signature = webhook.sign(b"{}", ["the-new-one", SECRET], timezone.now())
    assert receiver.genuine(signature, b"{}", timezone.now().timestamp())


@pytest.mark.parametrize(
    "wrong", ["body", "secret", "old", "ahead", "none", "no time", "two times"]
)
def test_the_receiver_refuses_what_is_not_ours_or_not_of_now(
    receiver: SimpleNamespace, wrong: str
) -> None:
    now = timezone.now()
    at = now + {"old": -1, "ahead": 1}.get(wrong, 0) * (webhook.WINDOW + timedelta(seconds=5))
    header = webhook.sign(b"{}", "another" if wrong == "secret" else SECRET, at)
    if wrong in {"none", "no time"}:
        header = "" if wrong == "none" else header.partition(",")[2]
    if wrong == "two times":
        header = f"t=1,{header}"
    body = b'{"id": "forged"}' if wrong == "body" else b"{}"
    assert send(receiver.port, body, header) == 401
    assert receiver.taken == {}
    assert not webhook.verify(header, body, SECRET, now), "our own check agrees"


def test_the_page_names_every_field_and_every_topic_of_a_message() -> None:
    shown = PAGE.split("## Be told")[1]
    for name in content(parcel()):
        assert f"`{name}`" in shown, name
    for topic in Topic:
        assert f"`{topic.value}`" in shown, topic
    assert webhook.HEADER in shown
    assert IDENTITY in shown


@pytest.mark.django_db
def test_the_page_names_every_operation_of_tickets_and_findings() -> None:
    paths = api.get_openapi_schema()["paths"]
    for path, methods in paths.items():
        if "heartbeat" in path:
            continue
        plain = path.replace("{finding_id}", "{id}")
        known = plain.replace("{number}", "GD-2026-00001").replace("{id}", "7")
        for method in methods:
            text = f"{method.upper()} {plain}", f"{method.upper()} {known}"
            assert any(f"`{each}" in PAGE for each in text), text


@pytest.mark.django_db
def test_the_page_asks_no_question_the_interface_does_not_take() -> None:
    user = User.objects.create_user("wang", password="Right-Horse-9", role="first_line")
    headers = {"Authorization": f"Bearer {tokens.make(user)}"}
    for question in re.findall(r"`GET (/api/[^`]+)`", PAGE):
        answer = Client().get(question, headers=headers)
        assert answer.status_code in {200, 404} or "clock/due" in question, question
        if answer.status_code == 422:
            assert "未公布" in answer.json()["detail"]
