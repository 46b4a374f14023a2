"""The edge API: heartbeats, tokens, status; health without a login."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import AuditEntry, User
from jingwei.checks.models import Check, CheckState
from jingwei.web import tokens


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def backup(world: World) -> Check:
    check = Check.objects.create(
        key="APP-10:heartbeat", target=world.pacs, item="backup.run", label="备份心跳",
        probe="heartbeat", heartbeat_token="t0ken-t0ken",
    )  # fmt: skip
    CheckState.objects.create(check_ref=check)
    return check


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_call_with_the_token_is_heard(backup: Check, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)("/api/heartbeat/t0ken-t0ken")
    assert response.status_code == 200
    assert response.json()["check"] == backup.key
    assert CheckState.objects.get(pk=backup.pk).last_call is not None


def test_the_address_to_call_is_shown_to_those_who_connect_things(
    backup: Check, sign_in: SignIn
) -> None:
    where = reverse("check", args=(backup.pk,))
    assert "/api/heartbeat/t0ken-t0ken" in sign_in("first_line").get(where).content.decode()
    assert "t0ken-t0ken" not in sign_in("client_admin").get(where).content.decode()


def test_a_wrong_token_is_refused_without_a_hint(backup: Check) -> None:
    response = Client().post("/api/heartbeat/guess")
    assert response.status_code == 404
    assert response.json()["detail"] == "心跳令牌无效"


def test_status_needs_a_token_or_a_session(world: World, make_user: Any, sign_in: SignIn) -> None:
    assert Client().get("/api/status").status_code == 401
    user = make_user("client_admin")
    got = Client().get("/api/status", headers=bearer(tokens.make(user))).json()
    assert got["findings"] == {"abnormal": 2, "attention": 0}
    assert got["checks"]["abnormal"] == 2
    assert got["demo"] is True
    assert sign_in("visitor").get("/api/status").status_code == 200


def test_a_token_dies_with_the_password_the_account_and_a_changed_letter(
    world: World, make_user: Any
) -> None:
    user = make_user("first_line")
    token = tokens.make(user)
    assert tokens.reader(token) == user
    assert tokens.reader(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert tokens.reader("") is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert tokens.reader(token) is None
    user.set_password("Another-Word-1")
    user.is_active = True
    user.save()
    assert tokens.reader(token) is None


def test_a_token_reads_only_what_its_person_may(world: World, make_user: Any) -> None:
    visitor = tokens.make(make_user("visitor"))
    response = Client().get("/api/findings", headers=bearer(visitor))
    assert response.status_code == 403
    assert response.json()["detail"] == "该账号的角色不能查看今日检查"


def test_findings_are_paged(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    got = client.get("/api/findings", {"limit": 1}).json()
    assert len(got) == 1
    assert set(got[0]) >= {"target", "item", "reading", "threshold", "opened_at"}
    assert client.get("/api/findings", {"limit": 0}).status_code == 422
    assert len(client.get("/api/findings", {"all": "true"}).json()) == 2


def test_a_token_is_made_on_the_page_and_audited(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    page = client.post(reverse("api-token"), follow=True).content.decode()
    token = page.split('class="secret mono">')[1].split("<")[0]
    assert Client().get("/api/status", headers=bearer(token)).status_code == 200
    assert AuditEntry.objects.filter(action="api.add").exists()
    assert token not in str(list(AuditEntry.objects.values()))


def test_the_api_explains_itself_from_our_own_files(sign_in: SignIn) -> None:
    client = sign_in()
    page = client.get(reverse("api-docs")).content.decode()
    for path in ("/api/heartbeat/{token}", "/api/status", "/api/findings"):
        assert path in page
    assert "//cdn" not in page
    schema = client.get(reverse("api:openapi-json")).json()
    assert schema["info"]["title"] == "静卫接口"


def test_health_says_that_the_database_answers_and_when_checks_ran(world: World) -> None:
    got = Client().get(reverse("health")).json()
    assert (got["ok"], got["worker"]) == (True, True)
    CheckState.objects.update(last_at=timezone.now() - timedelta(hours=2))
    assert Client().get(reverse("health")).json()["worker"] is False


def test_health_of_an_empty_house_is_no_lie(db: None) -> None:
    got = Client().get(reverse("health")).json()
    assert got == {"ok": True, "database": True, "worker": False, "last_check_seconds": None}


def test_health_without_a_database_is_503(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def broken() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr("jingwei.web.pages.about.last_seen", broken)
    response = Client().get(reverse("health"))
    assert response.status_code == 503
    assert response.json()["database"] is False


def test_the_status_page_says_when_checking_has_stopped(world: World, sign_in: SignIn) -> None:
    client = sign_in()
    assert "● 运行中" in client.get(reverse("about")).content.decode()
    CheckState.objects.update(last_at=timezone.now() - timedelta(hours=2))
    assert "检查程序没有运行" in client.get(reverse("about")).content.decode()
