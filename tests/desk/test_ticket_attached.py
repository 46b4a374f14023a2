"""Files, links, escalation, the plain texts of the log: what each refuses and leaves behind."""

from pathlib import Path
from typing import Any

import pytest
from desk_making import (
    MORNING,
    client,
    finding,
    go,
    incident,
    later,
    person,
    resolved,
    site,
    target,
)

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import Role
from jingwei.checks.actions import Upload
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, StaleError
from jingwei.desk.actions.intake import Intake, make, make_from_finding
from jingwei.desk.actions.writing import past, plain
from jingwei.desk.models import (
    AppendOnlyError,
    EventKind,
    FileKind,
    Kind,
    State,
    SupportLevel,
    TicketFile,
)
from jingwei.terms import SHANGHAI
from jingwei.terms.incident import Instant, Severity

pytestmark = pytest.mark.django_db
PHOTO = Upload("机房.jpg", b"\xff\xd8\xff\xe0" + b"JFIF" * 9)
NEW_YEAR_1 = MORNING.replace(year=1, tzinfo=SHANGHAI)


def close(ticket: Any, wang: Any) -> None:
    go(ticket, "confirm", client(), later(110))
    go(ticket, "close", wang, later(120))


def test_a_photo_lies_under_its_hash_and_is_audited(settings: Any) -> None:
    wang = person()
    ticket = incident(wang)
    (file,) = actions.attach(ticket, FileKind.PHOTO, [PHOTO], "控制器", wang, later(1))
    place = Path(settings.MEDIA_ROOT) / file.path
    assert place.read_bytes() == PHOTO.data
    assert (file.media_type, file.size, file.by_name) == ("image/jpeg", len(PHOTO.data), "wang")
    assert AuditEntry.objects.get(action="ticket.file").object_key == ticket.number
    with pytest.raises(AppendOnlyError):
        file.delete()


def test_the_client_attaches_too_and_a_visitor_does_not() -> None:
    ticket = incident(person())
    assert actions.attach(ticket, FileKind.SCAN, [PHOTO], "", client(), later(1))
    with pytest.raises(ForbiddenError):
        actions.attach(ticket, FileKind.SCAN, [PHOTO], "", person("v", Role.VISITOR), later(1))


def test_one_bad_file_and_none_is_kept() -> None:
    wang = person()
    ticket = incident(wang)
    for bad, said in (
        (Upload("a.svg", b"<svg onload='x'/>"), "a.svg：不支持的文件类型"),
        (Upload("b.jpg", b""), "b.jpg：文件是空的"),
    ):
        with pytest.raises(BadInputError, match=said) as refused:
            actions.attach(ticket, FileKind.PHOTO, [PHOTO, bad], "", wang, later(1))
        assert refused.value.field == "files"
    with pytest.raises(BadInputError, match="一次最多 10 个文件"):
        actions.attach(ticket, FileKind.PHOTO, [PHOTO] * 11, "", wang, later(1))
    with pytest.raises(BadInputError, match="请选择文件"):
        actions.attach(ticket, FileKind.PHOTO, [], "", wang, later(1))
    assert not TicketFile.objects.exists()


def test_a_signed_scan_may_come_after_the_end_a_photo_may_not() -> None:
    wang = person()
    ticket = resolved(wang)
    close(ticket, wang)
    with pytest.raises(BadInputError, match="只能补交签字扫描件"):
        actions.attach(ticket, FileKind.PHOTO, [PHOTO], "", wang, later(130))
    assert actions.attach(ticket, FileKind.SCAN, [PHOTO], "签字", wang, later(130))


def test_another_device_is_linked_once_and_never_the_tickets_own() -> None:
    wang, own, other = person(), target("HW-001-1"), target("HW-002-1")
    ticket = incident(wang, target=own)
    actions.link_target(ticket, other, wang, later(1))
    for known in (own, other):
        with pytest.raises(BadInputError, match="已关联本工单"):
            actions.link_target(ticket, known, wang, later(2))
    assert "对象 HW-002-1" in queries.log(ticket)[0].text
    with pytest.raises(ForbiddenError):
        actions.link_target(ticket, own, client(), later(2))


def test_support_goes_up_step_by_step_or_straight_to_the_maker_and_never_down() -> None:
    wang = person()
    ticket = incident(wang)
    up = actions.escalate(
        ticket, SupportLevel.SECOND, "无法定位", wang, later(5), version=ticket.version
    )
    assert (up.kind, up.reason) == (EventKind.ESCALATE, "无法定位")
    assert "L626" in up.value
    up = actions.escalate(
        ticket, SupportLevel.MAKER, "双控故障", wang, later(9), version=ticket.version
    )
    assert "L705" in up.value
    for level in SupportLevel:
        with pytest.raises(BadInputError, match="已在原厂支持"):
            actions.escalate(ticket, level, "x", wang, later(9), version=ticket.version)
    other = incident(wang)
    actions.escalate(other, SupportLevel.MAKER, "重大", wang, later(1), version=other.version)
    assert other.level == SupportLevel.MAKER


def test_escalating_needs_a_reason_a_handler_and_the_version_seen() -> None:
    wang = person()
    ticket = incident(wang)
    with pytest.raises(BadInputError, match="请填写升级原因"):
        actions.escalate(ticket, SupportLevel.SECOND, " ", wang, later(1), version=1)
    with pytest.raises(ForbiddenError):
        actions.escalate(ticket, SupportLevel.SECOND, "x", client(), later(1), version=1)
    with pytest.raises(StaleError):
        actions.escalate(ticket, SupportLevel.SECOND, "x", wang, later(1), version=9)
    assert (ticket.level, ticket.version) == (SupportLevel.FIRST, 1)


def test_what_was_grouped_by_mistake_comes_out_with_a_reason() -> None:
    wang = person()
    parent, child = incident(wang), incident(wang)
    actions.group(child, parent, wang, later(1), version=child.version)
    with pytest.raises(BadInputError, match="请填写移出的原因"):
        actions.ungroup(child, "", wang, later(2), version=child.version)
    actions.ungroup(child, "另一故障", wang, later(2), version=child.version)
    assert child.parent is None
    assert queries.log(child)[0].text == f"移出 {parent.number}"
    with pytest.raises(BadInputError, match="没有归入其他故障单"):
        actions.ungroup(child, "x", wang, later(2), version=child.version)


def test_a_rule_opens_a_ticket_without_a_person_and_the_log_says_so() -> None:
    made = make_from_finding(finding(), Severity.OUTAGE, None, later(1), reason="核心系统硬状态")
    assert made.created_by is None
    assert {event.by_name for event in made.events.all()} == {"系统规则"}
    assert AuditEntry.objects.filter(action="ticket.opened").get().actor == "系统规则"
    with pytest.raises(BadInputError, match=f"该发现已有工单 {made.number}"):
        make_from_finding(made.finding_links.get().finding, Severity.OUTAGE, None, later(2))


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("title", "x" * 201, "标题不超过 200 字"), ("title", "a\0b", "标题含有无法保存的字符"),
        ("text", "\udcff", "说明含有无法保存的字符"), ("text", "x" * 5001, "不超过 5000 字"),
        ("reporter", "x" * 65, "不超过 64 字"), ("phone", "1" * 33, "不超过 32 字"),
    ],
)  # fmt: skip
def test_what_no_database_keeps_is_refused_by_its_name(field: str, text: str, said: str) -> None:
    given = {"title": "好", field: text}
    with pytest.raises(BadInputError, match=said) as refused:
        make(Intake(kind=Kind.SERVICE_REQUEST, **given), person(), MORNING)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_year_one_is_a_slip_and_not_the_past() -> None:
    with pytest.raises(BadInputError, match="过早"):
        past(NEW_YEAR_1, MORNING)
    assert plain("x", " 好 ", "内容") == "好"


def test_reasons_too_are_plain_text() -> None:
    wang = person()
    ticket = incident(wang)
    with pytest.raises(BadInputError, match="原因"):
        go(ticket, "accept", wang, reason="a\0b")
    assert ticket.state == State.NEW


def test_the_log_tells_everything_newest_first() -> None:
    wang = person()
    ticket = resolved(wang)
    actions.log_work(ticket, "换了光模块", wang, later(106), minutes=20)
    actions.attach(ticket, FileKind.PHOTO, [PHOTO], "", wang, later(107))
    lines = queries.log(ticket)
    assert [line.what for line in lines[:3]] == ["照片", "处理（20 分钟）", "流转"]
    assert lines[-1].what == "建单"
    assert {line.what for line in lines} >= {"电话响应", "到场", "恢复", "定级"}
    assert [line.entered_at for line in lines] == sorted(
        (line.entered_at for line in lines), reverse=True
    )


def test_the_eight_instants_keep_their_order_and_their_corrections() -> None:
    wang = person()
    ticket = incident(wang)
    for minutes, reason in ((10, ""), (8, "按通话记录"), (9, "再更正")):
        actions.note_instant(
            ticket, Instant.PHONE_RESPONDED, later(minutes), wang, later(20),
            version=ticket.version, reason=reason,
        )  # fmt: skip
    rows = queries.instants(ticket)
    assert [row.instant for row in rows] == list(Instant)
    phone = rows[3]
    assert phone.event is not None
    assert phone.event.at == later(9)
    assert [old.at for old in phone.before] == [later(8), later(10)]
    assert rows[0].event is None


def test_a_caller_is_told_plainly_what_comes_next() -> None:
    wang = person()
    ticket = incident(wang)
    seen = queries.tracking(ticket, later(1))
    assert (seen.number, seen.state) == (ticket.number, "已登记，等待工程师受理")
    assert seen.promise is not None
    assert seen.promise.what == "电话响应"
    wall = [clock for clock in seen.promise.clocks if clock.calendar == "7x24"]
    assert wall[0].due == later(30)
    done = resolved(wang)
    after = queries.tracking(done, later(106))
    assert after.promise is None
    assert [label for label, _ in after.instants] == ["报修", "电话响应", "到场", "恢复"]


def test_basics_are_put_right_and_the_log_keeps_what_stood_before() -> None:
    wang, other = person(), site("SITE-3", "区属医疗机构")
    ticket = incident(wang)
    basics = actions.Basics(title=" PACS 打不开 ", site=other, phone="8899")
    line = actions.amend(ticket, basics, "听错了", wang, later(5), version=ticket.version)
    assert line.value == "更正基本信息：站点 空 → 区属医疗机构；联系电话 空 → 8899"
    entry = AuditEntry.objects.get(action="ticket.form")
    assert entry.before == {"site": "", "phone": ""}
    assert (ticket.site, ticket.phone, ticket.version) == (other, "8899", 2)
    with pytest.raises(BadInputError, match="没有改动任何内容"):
        actions.amend(ticket, basics, "x", wang, later(6), version=ticket.version)
    with pytest.raises(ForbiddenError):
        actions.amend(ticket, basics, "x", client(), later(6), version=ticket.version)
    with pytest.raises(StaleError):
        actions.amend(ticket, basics, "x", wang, later(6), version=1)
    with pytest.raises(BadInputError, match="请填写更正原因"):
        actions.amend(ticket, basics, " ", wang, later(6), version=ticket.version)
    assert ticket.version == 2
