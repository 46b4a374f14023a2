"""A call sent twice acts once: the same answer again, another body refused, two at once one act."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from api_making import Caller, outage, person, refused, taken_down
from django.db import connection, transaction
from django.utils import timezone

from jingwei.accounts.models import AuditEntry
from jingwei.desk.models import Ticket, WorkEntry
from jingwei.web.api import idempotency, ticket_writes
from jingwei.web.models import IdempotentCall


@pytest.fixture
def wang(db: None) -> Caller:
    """A first-line engineer's program."""
    return Caller(person())


def test_the_same_key_and_body_give_the_same_answer_and_one_ticket(wang: Caller) -> None:
    body = taken_down()
    first = wang.post("/tickets", body, key="k-1")
    again = wang.post("/tickets", body, key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert (again["Idempotent-Replayed"], first.get("Idempotent-Replayed")) == ("true", None)
    assert Ticket.objects.count() == 1


def test_the_quotes_of_a_structured_field_are_not_part_of_the_key(wang: Caller) -> None:
    body = taken_down()
    wang.post("/tickets", body, key='"8e03978e"')
    assert wang.post("/tickets", body, key="8e03978e")["Idempotent-Replayed"] == "true"


def test_another_body_or_address_under_the_same_key_is_refused(wang: Caller) -> None:
    body = taken_down()
    number = wang.post("/tickets", body, key="k-1").json()["number"]
    told = refused(wang.post("/tickets", body | {"title": "另一件"}, key="k-1"), 422)
    assert told["field"] == "Idempotency-Key"
    refused(wang.post(f"/tickets/{number}/worklog", body, key="k-1"), 422)
    assert Ticket.objects.count() == 1


def test_two_people_may_use_the_same_key(wang: Caller) -> None:
    body = taken_down()
    wang.post("/tickets", body, key="k-1")
    assert Caller(person("li")).post("/tickets", body, key="k-1").status_code == 201
    assert Ticket.objects.count() == 2


def test_what_creates_needs_a_key_and_a_key_must_be_one(wang: Caller) -> None:
    assert refused(wang.post("/tickets", taken_down(), key=None), 400)["field"] == "Idempotency-Key"
    for key in ("键", "a\tb", "x" * 201, '""'):
        refused(wang.post("/tickets", taken_down(), key=key), 400)
    assert not Ticket.objects.exists()


def test_a_step_without_a_key_is_taken_as_it_changes_the_version_anyway(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/transitions"
    assert wang.post(where, {"step": "accept"}, key=None, if_match='"1"').status_code == 200
    refused(wang.post(where, {"step": "accept"}, key=None, if_match='"1"'), 412)


def test_a_step_sent_again_is_answered_though_its_version_is_gone(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/transitions"
    first = wang.post(where, {"step": "accept"}, key="k", if_match='"1"')
    again = wang.post(where, {"step": "accept"}, key="k", if_match='"1"')
    assert (again.status_code, again.json()) == (200, first.json())
    assert AuditEntry.objects.filter(action="ticket.state").count() == 1


def test_a_refusal_gives_the_key_back_and_its_trace_stays(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/transitions"
    refused(wang.post(where, {"step": "close"}, key="k", if_match='"1"'), 403)
    assert AuditEntry.objects.filter(action="ticket.close", succeeded=False).count() == 1
    assert not IdempotentCall.objects.exists()
    assert wang.post(where, {"step": "accept"}, key="k", if_match='"1"').status_code == 200


def test_what_breaks_halfway_leaves_neither_ticket_nor_key(
    wang: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ticket_writes.shown

    def breaks(*_: Any) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(ticket_writes, "shown", breaks)
    body = taken_down()
    with pytest.raises(RuntimeError):
        wang.post("/tickets", body, key="k")
    assert (Ticket.objects.count(), IdempotentCall.objects.count()) == (0, 0)
    monkeypatch.setattr(ticket_writes, "shown", real)
    assert wang.post("/tickets", body, key="k").status_code == 201


def test_a_key_is_kept_two_days(wang: Caller) -> None:
    body = taken_down()
    wang.post("/tickets", body, key="old")
    IdempotentCall.objects.update(at=timezone.now() - timedelta(days=1, hours=23))
    assert wang.post("/tickets", body, key="old")["Idempotent-Replayed"] == "true"
    IdempotentCall.objects.update(at=timezone.now() - timedelta(days=2, minutes=1))
    assert wang.post("/tickets", body, key="old").status_code == 201
    assert (Ticket.objects.count(), IdempotentCall.objects.count()) == (2, 1)


def test_while_the_first_is_at_work_the_second_is_told_to_wait(wang: Caller) -> None:
    body = taken_down()
    wang.post("/tickets", body, key="k")
    IdempotentCall.objects.update(status=None, answer=None)
    response = wang.post("/tickets", body, key="k")
    refused(response, 409)
    assert response["Retry-After"] == "1"
    assert Ticket.objects.count() == 1


def test_a_call_that_was_killed_is_taken_over_after_two_minutes(wang: Caller) -> None:
    body = taken_down()
    wang.post("/tickets", body, key="k")
    IdempotentCall.objects.update(
        status=None, answer=None, at=timezone.now() - idempotency.ABANDONED - timedelta(seconds=1)
    )
    assert wang.post("/tickets", body, key="k").status_code == 201
    assert IdempotentCall.objects.get().status == 201


def test_who_was_taken_over_writes_nothing(wang: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ticket_writes.shown

    def slow(*given: Any) -> Any:
        # Another took the key over while this one stood still.
        IdempotentCall.objects.update(at=timezone.now() + timedelta(seconds=5))
        return real(*given)

    monkeypatch.setattr(ticket_writes, "shown", slow)
    refused(wang.post("/tickets", taken_down(), key="k"), 409)
    assert not Ticket.objects.exists()


def test_nobody_writes_more_than_sixty_times_a_minute(wang: Caller) -> None:
    now = timezone.now()
    IdempotentCall.objects.bulk_create(
        IdempotentCall(caller="wang", key=str(n), request_hash="x", status=201, at=now)
        for n in range(idempotency.OFTEN)
    )
    response = wang.post("/tickets", taken_down())
    refused(response, 429)
    assert response["Retry-After"] == "60"
    assert Caller(person("li")).post("/tickets", taken_down()).status_code == 201


def at_once(acts: list[Callable[[], None]]) -> None:
    """Every one in a thread of its own, all started together."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        gate.wait(10)
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.mark.django_db(transaction=True)
def test_of_calls_at_once_with_one_key_one_acts_and_the_others_say_the_same_or_wait() -> None:
    caller = Caller(person())
    body = json.dumps(taken_down())
    answers: list[Any] = []

    def call() -> None:
        answers.append(caller.post("/tickets", body, key="k"))

    at_once([call] * 4)
    assert Ticket.objects.count() == 1
    assert len(answers) == 4
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert len({answer.content for answer in made}) == 1
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409)
            assert answer["Retry-After"] == "1"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_one_version_at_once_one_is_told() -> None:
    caller = Caller(person())
    ticket = outage(caller.user)
    answers: list[int] = []

    def call() -> None:
        where = f"/tickets/{ticket.number}/transitions"
        answers.append(caller.post(where, {"step": "accept"}, if_match='"1"').status_code)

    at_once([call] * 3)
    assert sorted(answers) == [200, 412, 412]
    ticket.refresh_from_db()
    assert ticket.version == 2


def test_a_worklog_sent_twice_is_there_once(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/worklog"
    for _ in range(2):
        assert wang.post(where, {"text": "重启"}, key="w", if_match='"1"').status_code == 201
    assert WorkEntry.objects.count() == 1
    with transaction.atomic():
        assert IdempotentCall.objects.get().answer["body"]["work"][0]["text"] == "重启"  # type: ignore[index]
