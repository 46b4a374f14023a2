"""Tickets that open by themselves: by rule, once, grouped, capped, and nothing lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_making import MORNING, later, target
from django.conf import settings
from notice_making import channel

from jingwei.assets.models import Target
from jingwei.checks.models import Finding, Maintenance
from jingwei.desk.actions.automatic import STORM, open_due
from jingwei.desk.models import EventKind, Ticket
from jingwei.desk.policies import Automatic, load_automatic
from jingwei.rules.document import ContentError
from jingwei.terms import Result
from jingwei.terms.incident import Severity

pytestmark = pytest.mark.django_db
FILE = Path(settings.JINGWEI_CONTENT) / "desk" / "automatic.toml"


def policy() -> Automatic:
    """The rules as shipped."""
    return load_automatic(FILE)


def red(of: Target, item: str = "server.online", result: Result = Result.ABNORMAL) -> Finding:
    """A finding of a check."""
    return Finding.objects.create(
        target=of, item=item, origin=Finding.Origin.CHECK, result=result, opened_at=MORNING,
        reading="无应答",
    )  # fmt: skip


def test_a_finding_with_a_rule_gets_a_ticket_that_nobody_opened() -> None:
    finding = red(target())
    (opened,) = open_due(policy(), later(1))
    ticket = opened.ticket
    assert (ticket.created_by, ticket.severity) == (None, Severity.DEGRADED)
    assert ticket.finding_links.get().finding == finding
    grading = ticket.events.get(kind=EventKind.SEVERITY)
    assert "服务器离线" in grading.reason
    assert ticket.events.get(instant="reported").at == MORNING


def test_its_channels_are_told() -> None:
    own = channel()
    red(target())
    (opened,) = open_due(policy(), later(1))
    assert own.notices.get().title.startswith(opened.ticket.number)


def test_never_twice_for_the_same_finding_also_after_its_ticket_ended() -> None:
    red(target())
    open_due(policy(), later(1))
    Ticket.objects.update(state="cancelled")
    assert open_due(policy(), later(2)) == []


def test_what_has_no_rule_or_is_only_attention_opens_nothing() -> None:
    of = target()
    red(of, "server.load")
    red(of, result=Result.ATTENTION)
    assert open_due(policy(), later(1)) == []


def test_findings_of_one_target_share_its_open_ticket() -> None:
    of = target()
    red(of)
    red(of, "server.disk")
    first, second = open_due(policy(), later(1))
    assert (first.new, second.new) == (True, False)
    assert first.ticket == second.ticket


@pytest.mark.parametrize("everything", [True, False])
def test_announced_work_opens_nothing(everything: bool) -> None:
    of = target()
    red(of)
    Maintenance.objects.create(
        target=None if everything else of, start=MORNING, end=later(60), reason="升级", by="王"
    )
    assert open_due(policy(), later(1)) == []
    assert len(open_due(policy(), later(61))) == 1


def test_a_storm_ends_in_one_summary_ticket_and_loses_no_finding() -> None:
    for number in range(15):
        red(target(f"HW-{number:03d}-1"))
    opened = open_due(policy(), later(1))
    assert len(opened) == 15
    assert sum(one.new for one in opened) == 11
    storm = Ticket.objects.get(reporter=STORM)
    assert storm.finding_links.count() == 5
    red(target("HW-099-1"))
    (after,) = open_due(policy(), later(1) + timedelta(hours=2))
    assert after.ticket != storm


def test_a_mistake_in_the_rules_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "automatic.toml"
    file.write_text(FILE.read_text(encoding="utf-8").replace('"outage"', '"outrage"', 1), "utf-8")
    with pytest.raises(ContentError, match=r"automatic\.toml:\d+: severity 没有"):
        load_automatic(file)
