"""Findings over the interface: listed, one, taken on, followed up, made into a ticket."""

from datetime import timedelta

import pytest
from api_making import Caller, person, refused
from django.utils import timezone
from web_making import World

from jingwei.accounts.models import AuditEntry
from jingwei.checks.models import Finding, FindingNote
from jingwei.desk.models import Ticket


@pytest.fixture
def wang(world: World) -> Caller:
    """A first-line engineer's program, in the small district."""
    del world
    return Caller(person())


def test_findings_are_listed_by_target_item_level_and_word(wang: Caller, world: World) -> None:
    assert len(wang.get("/findings").json()) == 2
    for query in (
        {"target": world.room.key}, {"item": "room.temperature"}, {"q": "29.4"},
    ):  # fmt: skip
        got = wang.get("/findings", query).json()
        assert [each["id"] for each in got] == [world.finding.pk], query
    assert wang.get("/findings", {"level": "attention"}).json() == []
    Finding.objects.update(closed_at=timezone.now())
    assert wang.get("/findings").json() == []
    assert len(wang.get("/findings", {"all": "true"}).json()) == 2


def test_one_finding_is_taken_on_once_by_the_first(wang: Caller, world: World) -> None:
    where = f"/findings/{world.finding.pk}"
    told = wang.post(f"{where}/acknowledge", key=None).json()
    assert told["acknowledged_by"] == "姓wang"
    again = Caller(person("li")).post(f"{where}/acknowledge").json()
    assert again["acknowledged_by"] == "姓wang"
    assert AuditEntry.objects.filter(action="finding.acknowledge").count() == 1


def test_a_follow_up_is_added_and_shown(wang: Caller, world: World) -> None:
    where = f"/findings/{world.finding.pk}"
    answer = wang.post(f"{where}/notes", {"text": "已清洗滤网"})
    assert answer.status_code == 201
    assert [each["text"] for each in wang.get(where).json()["notes"]] == ["已清洗滤网"]


@pytest.mark.parametrize("text", ["", " ", "a\0b", "长" * 2001, "\ud800", None, 7])
def test_a_follow_up_that_cannot_be_kept_is_told(wang: Caller, world: World, text: object) -> None:
    refused(wang.post(f"/findings/{world.finding.pk}/notes", {"text": text}), 422)
    assert not FindingNote.objects.exists()


def test_a_finding_becomes_a_ticket_once(wang: Caller, world: World) -> None:
    Finding.objects.filter(pk=world.finding.pk).update(
        opened_at=timezone.now() - timedelta(minutes=9)
    )
    where = f"/findings/{world.finding.pk}"
    made = wang.post(f"{where}/ticket", {"severity": "degraded", "reason": "机房过热"})
    assert made.status_code == 201, made.content.decode()
    told = made.json()
    assert (told["findings"], told["channel"]) == ([world.finding.pk], "finding")
    assert made["Location"] == f"/api/tickets/{told['number']}"
    assert wang.get(where).json()["tickets"] == [told["number"]]
    again = refused(wang.post(f"{where}/ticket", {"severity": "degraded"}), 422)
    assert told["number"] in again["detail"]
    assert Ticket.objects.count() == 1


def test_who_only_looks_changes_no_finding(world: World) -> None:
    client = Caller(person("gu", "client_admin"))
    where = f"/findings/{world.finding.pk}"
    assert client.get(where).status_code == 200
    refused(client.post(f"{where}/acknowledge"), 403)
    refused(client.post(f"{where}/notes", {"text": "x"}), 403)
    refused(client.post(f"{where}/ticket", {"severity": "outage"}), 403)
    assert Finding.objects.get(pk=world.finding.pk).acknowledged_at is None


def test_a_finding_that_is_none_is_404_or_422(wang: Caller) -> None:
    assert refused(wang.get("/findings/999999"), 404)["field"] == "finding_id"
    for number in ("0", "-1", "x", str(10**30), str(2**63)):
        refused(wang.get(f"/findings/{number}"), 422)
    refused(wang.post("/findings/999999/acknowledge"), 404)


def test_a_finding_says_what_it_follows_from_and_what_follows_from_it(
    wang: Caller, world: World
) -> None:
    other = Finding.objects.exclude(pk=world.finding.pk).get(closed_at__isnull=True)
    Finding.objects.filter(pk=other.pk).update(cause=world.finding)
    assert wang.get(f"/findings/{other.pk}").json()["cause"] == world.finding.pk
    assert wang.get(f"/findings/{world.finding.pk}").json()["symptoms"] == [other.pk]
    assert len(wang.get("/findings").json()) == 2
    roots = wang.get("/findings", {"roots": "true"}).json()
    assert [each["id"] for each in roots] == [world.finding.pk]
