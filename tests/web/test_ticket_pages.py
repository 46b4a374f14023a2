"""The ticket's page: every act of it, who may, what a stale version and bad input come to."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, ago, at_of, fault, make_desk, send, signed_in, text_of, typed
from web_making import SignIn

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.queries import verify_chain
from jingwei.desk.models import EventKind, State, SupportLevel, Ticket
from jingwei.terms.incident import Instant, Severity
from jingwei.web.once import new_key

PHOTO = b"\xff\xd8\xff\xe0" + b"JFIF" * 40


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


def page(desk: Desk, who: str = "wang", ticket: Ticket | None = None) -> str:
    client = signed_in(getattr(desk, who))
    return text_of(client.get(reverse("ticket", args=[(ticket or desk.ticket).number])))


def walk(desk: Desk, *steps: str) -> None:
    for step in steps:
        response = send(signed_in(desk.wang), desk.ticket, "advance", step=step)
        assert response.status_code == 302, text_of(response)


def test_the_head_says_the_state_and_what_runs_out_next(desk: Desk) -> None:
    shown = page(desk)
    assert desk.ticket.number in shown
    assert "新建" in shown
    assert "最先到期：<b>电话响应</b>（7x24）" in shown


def test_both_calendars_stand_beside_each_other_with_limit_used_left_and_due(desk: Desk) -> None:
    shown = page(desk)
    for word in ("5x8 工作时间", "7x24 自然时间", "00:30:00", "02:00:00", "04:00:00", "歧义 A03"):
        assert word in shown, word
    due = (at_of(desk.ticket, Instant.REPORTED) + timedelta(minutes=30)).astimezone(
        timezone.get_current_timezone()
    )
    assert f'data-due="{due.isoformat()}"' in shown
    assert "未公布" in shown  # no calendar of this year is in the table: nothing is guessed


def test_a_ticket_goes_from_call_to_close_and_only_the_client_confirms(desk: Desk) -> None:
    walk(desk, "accept", "start")
    wang, gu = signed_in(desk.wang), signed_in(desk.gu)
    for instant in ("phone_responded", "arrived", "diagnosed", "restored"):
        assert send(wang, desk.ticket, "instant", instant=instant).status_code == 302
    assert send(wang, desk.ticket, "advance", step="resolve", solution="重启").status_code == 302
    assert "用户确认" not in page(desk, "wang").split("可执行的操作")[1].split("</section>")[0]
    refused = send(wang, desk.ticket, "advance", step="confirm")
    assert refused.status_code == 403
    assert send(gu, desk.ticket, "advance", step="confirm").status_code == 302
    assert send(wang, desk.ticket, "advance", step="close").status_code == 302
    assert desk.ticket.state == State.CLOSED
    assert verify_chain().intact


def test_a_forged_transition_is_refused_and_stays_in_the_audit_chain(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    for once in ("", new_key()):
        response = send(wang, desk.ticket, "advance", step="close", reason="x", once=once)
        assert response.status_code == 403
        assert "不能执行" in text_of(response)
    assert desk.ticket.state == State.NEW
    entries = AuditEntry.objects.filter(action="ticket.close", succeeded=False)
    assert entries.count() == 2
    assert entries[0].object_key == desk.ticket.number
    assert verify_chain().intact


def test_after_a_refusal_the_same_form_may_be_sent_again(desk: Desk) -> None:
    key = new_key()
    wang = signed_in(desk.wang)
    assert send(wang, desk.ticket, "advance", step="close", once=key).status_code == 403
    assert send(wang, desk.ticket, "advance", step="accept", once=key).status_code == 302


def test_the_second_of_two_engineers_is_told_and_loses_nothing(desk: Desk) -> None:
    seen = desk.ticket.version
    send(signed_in(desk.li), desk.ticket, "assign", to=desk.li.pk)
    response = send(
        signed_in(desk.wang), desk.ticket, "escalate", version=seen, level="second",
        reason="存储双控都报错，需要二线",
    )  # fmt: skip
    shown = text_of(response)
    assert response.status_code == 409
    assert "已被他人修改" in shown
    assert "存储双控都报错，需要二线" in shown
    assert "李强" in shown, "what changed meanwhile"
    assert f'name="version" value="{desk.ticket.version}"' in shown
    assert desk.ticket.level == SupportLevel.FIRST


def test_what_was_typed_can_be_sent_again_from_the_stale_page(desk: Desk) -> None:
    send(signed_in(desk.li), desk.ticket, "take")
    again = {"level": "second", "reason": "需要二线"}
    assert (
        send(signed_in(desk.wang), desk.ticket, "escalate", version=1, **again).status_code == 409
    )
    assert send(signed_in(desk.wang), desk.ticket, "escalate", **again).status_code == 302
    assert desk.ticket.level == SupportLevel.SECOND


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "٣"])
def test_a_version_that_is_none_is_a_stale_one(desk: Desk, version: str) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "take", version=version)
    assert response.status_code == 409
    assert desk.ticket.assignee is None


def test_a_double_tap_acts_once(desk: Desk) -> None:
    key, seen = new_key(), desk.ticket.version
    for _ in range(2):
        response = send(
            signed_in(desk.wang), desk.ticket, "advance", step="accept", version=seen, once=key
        )
        assert response.status_code == 302
    assert desk.ticket.events.filter(state=State.ACCEPTED).count() == 1


def test_an_arrival_written_down_late_is_stamped_so_on_the_page(desk: Desk) -> None:
    early = fault(desk.wang, desk.south, desk.pacs, reported_at=ago(60 * 80), title="三天前的报修")
    assert send(
        signed_in(desk.wang), early, "instant", instant="arrived", at=typed(ago(60 * 72))
    ).status_code == 302  # fmt: skip
    shown = page(desk, ticket=early)
    assert "补录" in shown
    assert early.events.get(instant="arrived").late


def test_a_correction_needs_a_reason_and_keeps_what_was_written(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    send(wang, desk.ticket, "instant", instant="phone_responded")
    first = at_of(desk.ticket, Instant.PHONE_RESPONDED)
    bare = send(
        wang, desk.ticket, "instant", instant="phone_responded", at=typed(ago(5)), reason=""
    )
    assert bare.status_code == 422
    assert "请填写更正电话响应时间的原因" in text_of(bare)
    moved = send(
        wang, desk.ticket, "instant", instant="phone_responded", at=typed(ago(5)),
        reason="按通话记录",
    )  # fmt: skip
    assert moved.status_code == 302
    shown = page(desk)
    assert "已更正" in shown
    assert timezone.localtime(first).strftime("%H:%M:%S") in shown
    assert at_of(desk.ticket, Instant.PHONE_RESPONDED) < first


def test_arrival_before_report_at_another_site_is_refused_in_words(desk: Desk) -> None:
    elsewhere = fault(desk.wang, desk.south, desk.pacs)
    response = send(
        signed_in(desk.wang), elsewhere, "instant", instant="arrived", at=typed(ago(60)),
        resident="on",
    )  # fmt: skip
    assert response.status_code == 422
    assert "驻场在岗只适用于永和路数据中心" in text_of(response)
    here = send(
        signed_in(desk.wang), desk.ticket, "instant", instant="arrived", at=typed(ago(60)),
        resident="on",
    )  # fmt: skip
    assert here.status_code == 302


def test_a_minute_typed_in_the_minute_of_the_report_is_not_before_it(desk: Desk) -> None:
    reported = at_of(desk.ticket, Instant.REPORTED)
    response = send(
        signed_in(desk.wang), desk.ticket, "instant", instant="phone_responded",
        at=typed(reported),
    )  # fmt: skip
    assert response.status_code == 302
    assert at_of(desk.ticket, Instant.PHONE_RESPONDED) == reported


@pytest.mark.parametrize(
    ("at", "said"),
    [("0001-01-01T00:00", "过早"), ("9999-12-31T23:59", "晚于当前时间"), ("soon", "有效的日期")],
)
def test_impossible_times_are_told_and_nothing_is_written(desk: Desk, at: str, said: str) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "instant", instant="arrived", at=at)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not desk.ticket.events.filter(instant="arrived").exists()


def test_a_regrading_waits_for_the_client_and_he_answers_on_the_page(desk: Desk) -> None:
    send(signed_in(desk.wang), desk.ticket, "regrade", severity="degraded", reason="只有一个科室")
    assert desk.ticket.severity == Severity.OUTAGE
    assert "由甲方在本页答复" in page(desk)
    asked = desk.ticket.events.get(kind=EventKind.SEVERITY, granted=None)
    forged = send(signed_in(desk.wang), desk.ticket, "answer", asked=asked.pk, granted="yes")
    assert forged.status_code == 403
    bare = send(signed_in(desk.gu), desk.ticket, "answer", asked=asked.pk, granted="no")
    assert bare.status_code == 422
    assert "请填写不同意的原因" in text_of(bare)
    yes = send(signed_in(desk.gu), desk.ticket, "answer", asked=asked.pk, granted="yes")
    assert yes.status_code == 302
    assert desk.ticket.severity == Severity.DEGRADED
    assert "曾达到的最重级别" in page(desk), "the worst reached is judged"


def test_a_pause_agreed_to_stands_still_until_resumed(desk: Desk) -> None:
    wang, gu = signed_in(desk.wang), signed_in(desk.gu)
    send(wang, desk.ticket, "pause", reason="等待机房授权")
    asked = desk.ticket.events.get(kind=EventKind.PAUSE)
    send(gu, desk.ticket, "answer", asked=asked.pk, granted="yes")
    shown = page(desk)
    assert "‖ 暂停计时" in shown
    assert "恢复计时" in shown
    assert send(wang, desk.ticket, "resume").status_code == 302
    assert "‖ 暂停计时" not in page(desk)


def test_an_answer_to_another_tickets_question_is_refused(desk: Desk) -> None:
    other = fault(desk.wang, desk.south, desk.his)
    send(signed_in(desk.wang), other, "pause", reason="等待")
    asked = other.events.get(kind=EventKind.PAUSE)
    response = send(signed_in(desk.gu), desk.ticket, "answer", asked=asked.pk, granted="yes")
    assert response.status_code == 422
    assert not other.events.filter(kind=EventKind.ANSWER).exists()


def test_work_is_logged_with_its_minutes_without_a_version(desk: Desk) -> None:
    response = send(
        signed_in(desk.wang), desk.ticket, "work", text="查了 <b>日志</b>", minutes=25, version=""
    )
    assert response.status_code == 302
    shown = page(desk)
    assert "共 25 分钟" in shown
    assert "查了 &lt;b&gt;日志&lt;/b&gt;" in shown


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": ""}, "请填写处理内容"),
        ({"text": "a\0b"}, "空字符"),
        ({"text": "长" * 10_000}, "5000"),
        ({"text": "好", "minutes": "0"}, "1"),
        ({"text": "好", "minutes": "半小时"}, "整数分钟"),
    ],
)
def test_bad_work_is_told_beside_the_field_and_kept(
    desk: Desk, given: dict[str, str], said: str
) -> None:
    response = send(signed_in(desk.wang), desk.ticket, "work", **given)
    assert response.status_code == 422
    assert said in text_of(response)
    assert given["text"][:20].replace("\0", "") in text_of(response).replace("\0", "")
    assert desk.ticket.work.count() == 0


def test_a_photo_from_the_phone_is_shown_and_a_scan_is_a_download(desk: Desk) -> None:
    wang = signed_in(desk.wang)
    response = send(
        wang, desk.ticket, "attach",
        photos=SimpleUploadedFile("../../机房.jpg", PHOTO), caption="控制器面板",
        papers=SimpleUploadedFile("签字.pdf", b"%PDF-1.4 signed"), kind="scan",
    )  # fmt: skip
    assert response.status_code == 302
    photo, scan = desk.ticket.files.all()
    assert (photo.kind, photo.name, scan.kind) == ("photo", "机房.jpg", "scan")
    shown = wang.get(reverse("ticket-file", args=[photo.pk]))
    assert shown["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert b"".join(shown.streaming_content) == PHOTO
    download = wang.get(reverse("ticket-file", args=[scan.pk]))
    assert download["Content-Disposition"].startswith("attachment")
    assert b"".join(download.streaming_content) == b"%PDF-1.4 signed"
    assert signed_in(desk.hospital).get(reverse("ticket-file", args=[photo.pk])).status_code == 403


def test_what_is_no_picture_is_refused_by_name_and_nothing_is_kept(desk: Desk) -> None:
    response = send(
        signed_in(desk.wang), desk.ticket, "attach",
        photos=SimpleUploadedFile("ok.jpg", PHOTO),
        papers=SimpleUploadedFile("bad.html", b"<html><script>alert(1)</script>"),
    )  # fmt: skip
    assert response.status_code == 422
    assert "bad.html：不支持的文件类型" in text_of(response)
    assert desk.ticket.files.count() == 0
    empty = send(signed_in(desk.wang), desk.ticket, "attach")
    assert "请选择文件或拍照" in text_of(empty)


def test_resolving_without_a_restoration_says_what_is_missing(desk: Desk) -> None:
    walk(desk, "accept", "start")
    response = send(signed_in(desk.wang), desk.ticket, "advance", step="resolve", solution="重启了")
    assert response.status_code == 422
    assert "请先记录恢复时间" in text_of(response)
    assert "重启了" in text_of(response), "nothing typed is lost"


def test_who_only_looks_sees_the_page_without_a_single_form_of_work(
    desk: Desk, sign_in: SignIn
) -> None:
    shown = text_of(sign_in("security_admin").get(reverse("ticket", args=[desk.ticket.number])))
    for act in ("work", "assign", "instant", "advance", "escalate"):
        assert reverse(f"ticket-{act}", args=[desk.ticket.number]) not in shown, act


@pytest.mark.parametrize("who", ["visitor", "institution", "audit_admin"])
def test_strangers_to_the_desk_open_no_ticket(desk: Desk, sign_in: SignIn, who: str) -> None:
    client = sign_in(who)
    assert client.get(reverse("tickets")).status_code == 403
    assert client.get(reverse("ticket", args=[desk.ticket.number])).status_code == 403
    assert send(client, desk.ticket, "work", text="x").status_code == 403


def test_an_unknown_number_is_404(desk: Desk) -> None:
    client = signed_in(desk.wang)
    assert client.get(reverse("ticket", args=["GD-1999-00001"])).status_code == 404
    assert client.post(reverse("ticket-take", args=["GD-1999-00001"])).status_code == 404
    assert client.get(reverse("tickets") + "a%00b/").status_code in {400, 404}


def test_the_log_is_newest_first_and_escaped(desk: Desk) -> None:
    send(signed_in(desk.wang), desk.ticket, "escalate", level="second", reason="<script>x</script>")
    log = page(desk).split("全部记录")[-1]
    assert log.index("升级支持") < log.index("建单")
    assert "<script>x" not in log
