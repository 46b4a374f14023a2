"""What tests of the interface are made of: people with tokens, a hospital, tickets, calls."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from jingwei.accounts.models import User
from jingwei.assets.models import Institution
from jingwei.desk import actions
from jingwei.desk.actions import Intake
from jingwei.desk.models import InstitutionContact, Kind, Ticket
from jingwei.terms.incident import Severity
from jingwei.web import tokens

PROBLEM = "application/problem+json"


class Caller:
    """A program that speaks for one person."""

    def __init__(self, user: User, *, write: bool = True) -> None:
        self.user = user
        self.headers = {"Authorization": f"Bearer {tokens.make(user, write=write)}"}

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        """One read; `if_none_match` and such are headers."""
        return Client().get(f"/api{path}", query, headers=self.headers | _named(headers))

    def post(self, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Any:
        """One write under a key of its own; None sends none."""
        sent = self.headers | _named(headers)
        if key is not None:
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        data = body if isinstance(body, str | bytes) else json.dumps(body if body else {})
        return Client().post(f"/api{path}", data, content_type="application/json", headers=sent)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def person(username: str = "wang", role: str = "first_line") -> User:
    """Somebody with a role."""
    return User.objects.create_user(
        username, password="Right-Horse-9", full_name=f"姓{username}", role=role
    )


def hospital(code: str = "H01", name: str = "静安中心医院") -> Institution:
    """A hospital."""
    return Institution.objects.create(code=code, name=name, area="S", kind="hospital-l2")


def contact(of: Institution, username: str = "lin") -> User:
    """Somebody of a hospital who may report for it."""
    made = person(username, "institution")
    InstitutionContact.objects.create(user=made, institution=of)
    return made


def outage(by: User, *, ago: int = 10, **more: Any) -> Ticket:
    """A fault that was reported so many minutes ago."""
    now = timezone.now()
    said = {"kind": Kind.INCIDENT, "title": "PACS 无法调阅影像", "severity": Severity.OUTAGE,
            "reported_at": now - timedelta(minutes=ago)}  # fmt: skip
    return actions.open_ticket(Intake(**(said | more)), by, now)


def taken_down(**more: Any) -> dict[str, Any]:
    """The body of a call that opens a ticket."""
    reported = (timezone.now() - timedelta(minutes=5)).isoformat()
    said = {"kind": "incident", "title": "挂号窗口打不开", "severity": "outage",
            "channel": "phone", "reported_at": reported}  # fmt: skip
    return said | more


def refused(response: HttpResponse, status: int) -> dict[str, Any]:
    """The problem document of a refusal."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == PROBLEM
    told: dict[str, Any] = json.loads(response.content)
    assert told["status"] == status
    assert told["title"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told["detail"]), "told in Chinese"
    return told


def moment(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)
