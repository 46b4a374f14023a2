"""Tickets that open by themselves: by rule, once, grouped, capped, and nothing lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_making import MORNING, application, later, person, target
from django.conf import settings
from notice_making import channel

from jingwei.assets.models import Application, Endpoint, Target
from jingwei.checks.models import Check, CheckState, Finding, Maintenance
from jingwei.desk import actions
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


def red(
    of: Target, item: str = "server.online", result: Result = Result.ABNORMAL, **more: Any
) -> Finding:
    """A finding of a check."""
    given: dict[str, Any] = {"opened_at": MORNING, "reading": "无应答", **more}
    return Finding.objects.create(
        target=of, item=item, origin=Finding.Origin.CHECK, result=result, **given
    )


def check(of: Target, *, flapping: bool = False, demo: bool = False) -> Check:
    """A check of the target, with where it asks."""
    where = Endpoint.objects.create(
        target=of, protocol="icmp", address="127.0.0.1", port=1, demo=demo
    )
    made = Check.objects.create(
        key=f"{of.key}:server.online", target=of, item="server.online", label="在线",
        probe="icmp", endpoint=where,
    )  # fmt: skip
    CheckState.objects.create(check_ref=made, flapping=flapping)
    return made


def system(core: str, number: int = 8) -> Target:
    """An application as something that is checked."""
    held = application(f"APP-{number:02d}", f"系统{number}", number)
    held.core = core
    held.save()
    return Target.objects.create(
        key=held.code, kind="application", label=held.name, application=held
    )


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


def test_a_trembling_check_opens_a_ticket_only_once_its_finding_stands() -> None:
    of = target()
    red(of, check_ref=check(of, flapping=True))
    assert open_due(policy(), later(29)) == []
    assert len(open_due(policy(), later(30))) == 1


def test_a_check_that_comes_and_goes_has_one_ticket_as_long_as_somebody_works_on_it() -> None:
    of = target()
    held = check(of)
    tickets = set()
    for number in range(6):
        minute = 10 * number
        found = red(of, check_ref=held, opened_at=later(minute))
        tickets |= {one.ticket.number for one in open_due(policy(), later(minute + 1))}
        Finding.objects.filter(pk=found.pk).update(closed_at=later(minute + 5))
    assert len(tickets) == 1
    assert Ticket.objects.get().finding_links.count() == 6


def test_a_finding_that_healed_before_the_round_opens_nothing() -> None:
    found = red(target())
    Finding.objects.filter(pk=found.pk).update(closed_at=later(1))
    assert open_due(policy(), later(2)) == []


def test_the_demonstrations_mark_stands_in_title_and_text() -> None:
    of = target()
    red(of, check_ref=check(of, demo=True))
    (opened,) = open_due(policy(), later(1))
    assert opened.ticket.title.startswith("【演示区域】服务器")
    assert "不是真实设备" in opened.ticket.text


def test_a_ticket_a_person_opens_keeps_the_mark_too_and_its_reason_is_in_words() -> None:
    of = target()
    found = red(of, check_ref=check(of, demo=True))
    ticket = actions.open_from_finding(found, Severity.DEGRADED, person(), later(1))
    assert ticket.title.startswith("【演示区域】")
    assert ticket.events.get(kind=EventKind.SEVERITY).reason == "检查结果：异常"


def test_a_real_thing_carries_no_mark() -> None:
    of = target()
    red(of, check_ref=check(of))
    (opened,) = open_due(policy(), later(1))
    assert "演示" not in opened.ticket.title + opened.ticket.text


@pytest.mark.parametrize(
    ("core", "number"),
    [(Application.Core.YES, 1), (Application.Core.PROPOSED, 1), (Application.Core.NO, 0)],
)
def test_only_core_systems_open_tickets_by_themselves(core: str, number: int) -> None:
    red(system(core), "app.available")
    opened = open_due(policy(), later(1))
    assert len(opened) == number
    assert all(one.ticket.severity == Severity.OUTAGE for one in opened)


def test_what_stands_behind_one_cause_shares_one_ticket() -> None:
    root = red(target("HW-001-1"))
    for number in (2, 3):
        red(target(f"HW-00{number}-1"), cause=root)
    opened = open_due(policy(), later(1))
    assert len({one.ticket.pk for one in opened}) == 1
    assert Ticket.objects.get().finding_links.count() == 3


def test_a_core_system_that_stops_does_not_run_on_the_clocks_of_a_lesser_fault() -> None:
    root = red(target("HW-001-1"))
    open_due(policy(), later(1))
    red(system(Application.Core.YES), "app.available", cause=root, opened_at=later(2))
    (after,) = open_due(policy(), later(3))
    assert after.new
    assert after.ticket.severity == Severity.OUTAGE


def test_found_together_the_worst_gives_the_ticket_its_severity() -> None:
    root = red(target("HW-001-1"))
    red(system(Application.Core.YES), "app.available", cause=root)
    opened = open_due(policy(), later(1))
    assert Ticket.objects.get().severity == Severity.OUTAGE
    assert [one.new for one in opened] == [True, False]
