"""ETag, If-None-Match, If-Match: what was read, what is unchanged, who wrote in between."""

from datetime import timedelta

import pytest
from api_making import Caller, hospital, outage, person, refused
from django.utils import timezone

from jingwei.desk import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> Caller:
    """A first-line engineer's program."""
    return Caller(person())


def test_a_tag_is_strong_and_begins_with_the_version(wang: Caller) -> None:
    ticket = outage(wang.user)
    got = wang.get(f"/tickets/{ticket.number}")
    assert got["ETag"].startswith('"1-')
    assert wang.get(f"/tickets/{ticket.number}")["ETag"] == got["ETag"], "the same to the byte"


def test_what_the_caller_has_already_is_304_without_a_body(wang: Caller) -> None:
    where = f"/tickets/{outage(wang.user).number}"
    tag = wang.get(where)["ETag"]
    for given in (tag, f'"x", {tag}', "*"):
        got = wang.get(where, if_none_match=given)
        assert (got.status_code, got.content, got["ETag"]) == (304, b"", tag)
    assert wang.get(where, if_none_match='"9"').status_code == 200


def test_what_changes_without_a_new_version_is_no_304(wang: Caller) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}"
    tag = wang.get(where)["ETag"]
    actions.log_work(ticket, "重启", wang.user, timezone.now())
    got = wang.get(where, if_none_match=tag)
    assert (got.status_code, got.json()["version"]) == (200, 1)
    assert got["ETag"] != tag


def test_another_reader_with_other_rights_has_another_tag(wang: Caller) -> None:
    where = f"/tickets/{outage(wang.user, institution=hospital()).number}"
    client = Caller(person("gu", "client_admin"))
    assert wang.get(where)["ETag"] != client.get(where)["ETag"]


@pytest.mark.parametrize("given", ["", "1", "*", '"x"', 'W/"x"', '""', '"99999999999999999999"'])
def test_a_write_without_the_version_it_saw_is_428(wang: Caller, given: str) -> None:
    ticket = outage(wang.user)
    where = f"/tickets/{ticket.number}/transitions"
    told = refused(wang.post(where, {"step": "accept"}, if_match=given), 428)
    assert told["field"] == "If-Match"
    ticket.refresh_from_db()
    assert ticket.state == "new"


def test_a_write_on_a_stale_version_is_412_and_says_which_is_current(wang: Caller) -> None:
    ticket = outage(wang.user)
    actions.advance(ticket, "accept", wang.user, timezone.now(), version=1)
    for what, body in (
        ("transitions", {"step": "start"}),
        ("instants", {"instant": "arrived", "at": timezone.now().isoformat()}),
        ("assignment", {"assignee": None}),
        ("worklog", {"text": "看过"}),
        ("remote", {"remote": True, "reason": "远程"}),
    ):
        response = wang.post(f"/tickets/{ticket.number}/{what}", body, if_match='"1"')
        assert refused(response, 412)["field"] == "version", what
        assert response["ETag"] == '"2"'


def test_a_write_takes_the_tag_as_it_was_read_or_the_version_in_quotes(wang: Caller) -> None:
    where = f"/tickets/{outage(wang.user).number}"
    tag = wang.get(where)["ETag"]
    first = wang.post(f"{where}/transitions", {"step": "accept"}, if_match=tag)
    assert first["ETag"].startswith('"2-')
    second = wang.post(f"{where}/transitions", {"step": "start"}, if_match=first["ETag"])
    assert second.status_code == 200
    third = wang.post(f"{where}/assignment", {"assignee": None}, if_match='"3"')
    assert third.status_code == 200


def test_a_clock_that_runs_out_changes_the_tag_but_hinders_no_write(
    wang: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"/tickets/{outage(wang.user).number}"
    before = wang.get(where)["ETag"]
    later = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr("jingwei.web.api.tickets.timezone.now", lambda: later)
    assert wang.get(where)["ETag"] != before
    assert wang.post(f"{where}/transitions", {"step": "accept"}, if_match=before).status_code == 200
