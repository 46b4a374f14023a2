"""A data change over the interface goes the same guarded way: two people, backup, equal rows."""

from datetime import timedelta
from typing import Any

import pytest
from api_making import Caller, hospital, person, refused
from django.test import Client
from django.utils import timezone

from jingwei.accounts.models import AuditEntry
from jingwei.desk import actions
from jingwei.desk.actions import Form, Intake
from jingwei.desk.models import Kind, Purpose, Ticket

pytestmark = pytest.mark.django_db


class Change:
    """A data change and the programs of the three people it takes."""

    def __init__(self) -> None:
        self.wang, self.li = Caller(person()), Caller(person("li", "second_line"))
        self.client = Caller(person("gu", "client_approver"))
        form = Form(
            purpose=Purpose.MODIFY, cause="数据录入错误", sealed_by="王主任",
            script="UPDATE t SET a = 1", count_query="SELECT count(*) FROM t",
            rollback_script="UPDATE t SET a = 0", expected_rows=3,
        )  # fmt: skip
        intake = Intake(kind=Kind.DATA_CHANGE, title="更正姓名", institution=hospital())
        self.ticket = actions.open_data_change(intake, form, self.wang.user, timezone.now())

    def step(self, by: Caller, step: str, reason: str = "", **facts: Any) -> Any:
        """One step in the version that stands."""
        self.ticket.refresh_from_db()
        return by.post(
            f"/tickets/{self.ticket.number}/transitions",
            {"step": step, "reason": reason, "facts": facts},
            if_match=f'"{self.ticket.version}"',
        )

    def until_executing(self) -> None:
        """Applied, reviewed, approved for an hour, backed up, begun."""
        now = timezone.now()
        window = {
            "window_start": (now - timedelta(minutes=1)).isoformat(),
            "window_end": (now + timedelta(hours=1)).isoformat(),
        }
        for by, step, facts in (
            (self.wang, "apply", {}), (self.client, "review", {}),
            (self.client, "approve", window), (self.wang, "back_up", {"backup_ref": "BK-1"}),
            (self.wang, "execute", {"session_ref": "S-1"}),
        ):  # fmt: skip
            answer = self.step(by, step, **facts)
            assert answer.status_code == 200, answer.content.decode()


def test_a_data_change_is_taken_to_its_check_by_two_people() -> None:
    change = Change()
    change.until_executing()
    done = change.step(change.wang, "finish", actual_rows=3, images_ref="IM-1").json()
    assert done["data_change"]["actual_rows"] == 3
    assert done["data_change"]["backup_ref"] == "BK-1"
    assert "UPDATE t" not in str(done), "scripts do not leave by the interface"
    own = refused(change.step(change.wang, "check"), 422)
    assert own["detail"] == "复核人不能是执行人"
    assert change.step(change.li, "check").json()["state"] == "checked"


def test_other_rows_than_expected_are_refused_and_audited_then_rolled_back() -> None:
    change = Change()
    change.until_executing()
    told = refused(change.step(change.wang, "finish", actual_rows=4, images_ref="IM-1"), 422)
    assert (told["field"], "须回滚" in told["detail"]) == ("actual_rows", True)
    assert AuditEntry.objects.filter(action="ticket.finish", succeeded=False).count() == 1
    back = change.step(change.wang, "roll_back", "行数不符", actual_rows=4).json()
    assert (back["state"], back["data_change"]["actual_rows"]) == ("rolled_back", 4)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"actual_rows": -1}, "facts.actual_rows"),
        ({"actual_rows": 10**30}, "facts.actual_rows"),
        ({"actual_rows": "x"}, "facts.actual_rows"),
        ({"window_start": "0001-01-01T00:00:00Z"}, "facts.window_start"),
        ({"window_start": "2026-11-23T09:00:00"}, "facts.window_start"),
        ({"backup_ref": "a\0"}, "facts.backup_ref"),
        ({"nonsense": 1}, "facts.nonsense"),
    ],
)
def test_a_fact_of_the_wrong_kind_is_named(facts: dict[str, Any], field: str) -> None:
    change = Change()
    assert refused(change.step(change.wang, "apply", **facts), 422)["field"] == field
    change.ticket.refresh_from_db()
    assert change.ticket.state == "draft"


def test_the_provider_approves_nothing_of_his_own() -> None:
    change = Change()
    assert change.step(change.wang, "apply").status_code == 200
    for step in ("review", "approve"):
        refused(change.step(change.wang, step), 403)
    assert AuditEntry.objects.filter(succeeded=False, object_key=change.ticket.number).count() == 2


def test_a_browser_with_its_csrf_token_writes_as_a_program_does() -> None:
    user = person()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    browser.get("/api/docs")
    csrf = browser.cookies["csrftoken"].value
    answer = browser.post(
        "/api/tickets",
        '{"kind": "complaint", "title": "响应慢"}',
        content_type="application/json",
        headers={"Idempotency-Key": "k", "X-CSRFToken": csrf},
    )
    assert answer.status_code == 201, answer.content.decode()
    assert Ticket.objects.get().created_by == user
