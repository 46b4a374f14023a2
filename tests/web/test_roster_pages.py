"""排班与请假, 知识库, 交接班 as people use them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from ticket_making import Desk, make_desk, signed_in

from jingwei.accounts.models import User
from jingwei.accounts.roles import Role
from jingwei.assets.models import Person
from jingwei.calendars.models import CalendarDay
from jingwei.desk.models import (
    Article,
    Asked,
    Attendance,
    GuardPeriod,
    Handover,
    Leave,
    Shift,
    StaffChange,
)
from jingwei.terms import SHANGHAI

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    today = timezone.now().astimezone(SHANGHAI).date()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=today + timedelta(days=n), working=True, source="国务院放假通知")
        for n in range(-40, 80)
    )
    for number in range(1, 5):
        user = made.wang if number == 1 else None
        Person.objects.create(name=f"驻场{number}", line=Person.Line.FIRST, user=user, phone="139")
    for number in range(1, 5):
        Person.objects.create(name=f"二线{number}", line=Person.Line.SECOND)
    User.objects.create_user(
        "zhao", password="Right-Horse-9", role=Role.MANAGER, full_name="赵经理"
    )
    return made


def manager() -> Client:
    return signed_in(User.objects.get(username="zhao"))


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return str(response.content.decode())


def moment(days: float, hour: int = 8) -> str:
    day = timezone.now().astimezone(SHANGHAI) + timedelta(days=days)
    return f"{day:%Y-%m-%d}T{hour:02d}:30"


def wish(**given: Any) -> dict[str, Any]:
    person = Person.objects.get(name="驻场1").pk
    stand_in = Person.objects.get(name="驻场2").pk
    return {
        "person": person, "start": moment(3), "end": moment(4, 17), "reason": "看病",
        "whereabouts": "市内", "phone": "139", "stand_in": stand_in, **given,
    }  # fmt: skip


def test_the_month_shows_who_is_there_and_nothing_is_short(desk: Desk) -> None:
    page = text(signed_in(desk.wang).get(reverse("roster")))
    assert "应到 4 人，已签到 <b>0</b> 人" in page
    assert "人数足" in page


@pytest.mark.parametrize("month", ["2026-13", "x", "0001-01", "9999-12", "%00", "2031-02"])
def test_any_month_has_a_page(desk: Desk, month: str) -> None:
    page = text(signed_in(desk.gu).get(reverse("roster"), {"month": month}))
    assert "排班与请假" in page
    if month == "2031-02":
        assert "未公布" in page


def test_one_tap_signs_in_once_and_out_again(desk: Desk) -> None:
    client = signed_in(desk.wang)
    text(client.post(reverse("roster-come"), follow=True))
    again = text(client.post(reverse("roster-come"), follow=True))
    assert "已签到" in again
    assert Attendance.objects.count() == 1
    text(client.post(reverse("roster-go"), follow=True))
    held = Attendance.objects.get(corrected_by=None)
    assert held.left_at is not None
    assert "已签到 <b>1</b> 人" in text(client.get(reverse("roster")))


def test_who_is_nobody_in_the_register_cannot_sign_in(desk: Desk) -> None:
    page = text(signed_in(desk.li).post(reverse("roster-come"), follow=True))
    assert "没有对应的人员档案" in page


def test_attendance_afterwards_is_stamped_and_has_its_reason(desk: Desk) -> None:
    client = signed_in(desk.wang)
    data = {"person": Person.objects.get(name="驻场1").pk, "came": moment(-2), "reason": "忘了"}
    text(client.post(reverse("roster-attendance"), data, follow=True))
    assert Attendance.objects.get().late
    page = text(client.post(reverse("roster-attendance"), data | {"reason": ""}), 422)
    assert "reason" in page
    ahead = text(client.post(reverse("roster-attendance"), data | {"came": moment(2)}), 422)
    assert "晚于当前时间" in ahead
    other = Person.objects.get(name="驻场2").pk
    text(client.post(reverse("roster-attendance"), data | {"person": other}), 422)


def test_before_asking_one_sees_what_the_leave_leaves(desk: Desk) -> None:
    page = text(signed_in(desk.wang).post(reverse("leave-new"), wish(preview="1")))
    assert "一线驻场 3 人在岗，应 4 人，少 1 人" in page
    assert not Leave.objects.exists()
    better = wish(preview="1", stand_in=Person.objects.get(name="二线1").pk)
    assert "人数足" in text(signed_in(desk.wang).post(reverse("leave-new"), better))


def test_of_a_year_that_is_not_published_nobody_says_that_enough_are_there(desk: Desk) -> None:
    CalendarDay.objects.filter(date__gte=timezone.now() + timedelta(days=10)).delete()
    month = text(signed_in(desk.wang).get(reverse("roster")))
    assert "其后是否少人无法判断" in month
    assert "人数足" not in month
    better = Person.objects.get(name="二线1").pk
    far = wish(preview="1", start=moment(20), end=moment(21, 17), stand_in=better)
    asked = text(signed_in(desk.wang).post(reverse("leave-new"), far))
    assert "其后是否少人无法判断" in asked
    assert "人数足" not in asked


def test_a_span_that_is_refused_gets_its_reason_and_no_promise(desk: Desk) -> None:
    for end in (moment(1, 17), "9999-12-31T08:30"):
        wrong = wish(preview="1", end=end)
        page = text(signed_in(desk.wang).post(reverse("leave-new"), wrong), 422)
        assert "人数足" not in page
    assert not Leave.objects.exists()


def test_leave_is_asked_shown_with_its_gap_and_decided_by_the_client(desk: Desk) -> None:
    engineer, approver = signed_in(desk.wang), signed_in(desk.gu)
    text(engineer.post(reverse("leave-new"), wish(), follow=True))
    held = Leave.objects.get()
    assert held.state == Asked.WAITING
    page = text(approver.get(reverse("leave")))
    assert "少 1 人" in page
    assert 'value="yes"' in page
    assert 'name="granted"' not in text(engineer.get(reverse("leave")))
    assert engineer.post(reverse("leave-answer", args=[held.pk]), {"granted": "yes"}
                         ).status_code == 403  # fmt: skip
    refused = approver.post(reverse("leave-answer", args=[held.pk]), {"granted": "no"}, follow=True)
    assert "不同意的原因" in text(refused)
    text(approver.post(reverse("leave-answer", args=[held.pk]), {"granted": "yes"}, follow=True))
    held.refresh_from_db()
    assert held.state == Asked.GRANTED
    assert "一线驻场 3/4" in text(engineer.get(reverse("roster"), {"month": moment(3)[:7]}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"start": moment(-1)}, "请假须在开始之前提出"),
        ({"end": moment(1)}, "结束须晚于开始"),
        ({"stand_in": ""}, "请选择顶岗人"),
        ({"reason": ""}, "这个字段是必填项"),
        ({"reason": "a\x00b"}, "空字符"),
        ({"start": "0001-01-01T00:00"}, ""),
        ({"end": "9999-12-31T23:59"}, ""),
        ({"person": "999999"}, ""),
    ],
)
def test_a_bad_wish_comes_back_with_what_was_typed(
    desk: Desk, given: dict[str, Any], said: str
) -> None:
    page = text(signed_in(desk.wang).post(reverse("leave-new"), wish(**given)), 422)
    assert said in page
    assert "市内" in page
    assert not Leave.objects.exists()


def test_a_leave_is_taken_back(desk: Desk) -> None:
    client = signed_in(desk.wang)
    client.post(reverse("leave-new"), wish())
    held = Leave.objects.get()
    client.post(reverse("leave-withdraw", args=[held.pk]), {"reason": "好了"})
    held.refresh_from_db()
    assert held.state == Asked.WITHDRAWN


def test_a_replacement_waits_for_the_client(desk: Desk) -> None:
    data = {
        "leaving": Person.objects.get(name="驻场3").pk, "joining_name": "新工",
        "qualification": "PMP", "on": moment(20)[:10], "reason": "调动",
    }  # fmt: skip
    assert signed_in(desk.wang).post(reverse("staff-change-new"), data).status_code == 422
    text(manager().post(reverse("staff-change-new"), data, follow=True))
    held = StaffChange.objects.get()
    approver = signed_in(desk.gu)
    assert "待甲方同意" in text(approver.get(reverse("leave")))
    approver.post(reverse("staff-change-answer", args=[held.pk]), {"granted": "yes"})
    held.refresh_from_db()
    assert held.state == Asked.GRANTED


def test_a_7x24_period_is_opened_filled_and_short_until_it_is_full(desk: Desk) -> None:
    boss = manager()
    data = {"name": "防疫保障", "start": moment(5), "end": moment(6), "needed": 2}
    text(boss.post(reverse("roster-period"), data, follow=True))
    period = GuardPeriod.objects.get()
    assert "7×24 值守 0 人在岗" in text(boss.get(reverse("roster")))
    for name in ("驻场1", "驻场2"):
        turn = {
            "person": Person.objects.get(name=name).pk, "start": moment(5), "end": moment(6),
        }  # fmt: skip
        text(boss.post(reverse("roster-shift", args=[period.pk]), turn, follow=True))
    assert "7×24 值守" not in text(boss.get(reverse("roster"))).split("今后 60 天")[1][:600]
    twice = text(boss.post(reverse("roster-shift", args=[period.pk]), turn), 422)
    assert "已有班次" in twice
    shift = Shift.objects.first()
    assert shift is not None
    boss.post(reverse("roster-shift-cancel", args=[shift.pk]))
    assert "7×24 值守 1 人在岗" in text(boss.get(reverse("roster")))


def article(**given: Any) -> dict[str, Any]:
    return {"title": "影像调不出", "symptom": "白屏", "solution": "重启存储网关", **given}


def test_an_article_is_written_from_a_ticket_and_kept_in_versions(desk: Desk) -> None:
    client = signed_in(desk.wang)
    where = f"{reverse('article-new')}?ticket={desk.ticket.number}"
    assert desk.ticket.title in text(client.get(where))
    page = text(client.post(where, article(), follow=True))
    assert "K0001" in page
    assert desk.ticket.number in page
    edit = reverse("article-edit", args=[1])
    text(client.post(edit, article(solution="换控制器", version="1"), follow=True))
    assert Article.objects.count() == 2
    stale = text(client.post(edit, article(solution="别的", version="1")), 422)
    assert "已被他人修改为第 2 版" in stale
    old = text(client.get(reverse("article", args=[1]), {"version": "1"}))
    assert "重启存储网关" in old


@pytest.mark.parametrize(("words", "found"), [("影像", True), ("yx", True), ("心电", False)])
def test_an_article_is_found_by_words_and_initials(desk: Desk, words: str, found: bool) -> None:
    client = signed_in(desk.wang)
    client.post(reverse("article-new"), article())
    page = text(client.get(reverse("knowledge"), {"q": words}))
    assert ('href="/knowledge/1/"' in page) is found


@pytest.mark.parametrize("path", ["/knowledge/9/", "/knowledge/9/edit/", "/knowledge/1/?version=x"])
def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    assert signed_in(desk.wang).get(path).status_code == 404


def test_a_shift_is_handed_over_with_its_tickets_and_taken_by_who_was_named(desk: Desk) -> None:
    from jingwei.desk import actions  # noqa: PLC0415

    actions.assign(desk.ticket, desk.wang, desk.wang, timezone.now(), version=desk.ticket.version)
    giver, taker = signed_in(desk.wang), signed_in(desk.li)
    text(giver.post(reverse("handovers"), {"taker": desk.li.pk, "text": "盯住 PACS"}, follow=True))
    held = Handover.objects.get()
    assert [line["number"] for line in held.lines] == [desk.ticket.number]
    assert giver.post(reverse("handover-take", args=[held.pk]), follow=True).status_code == 200
    held.refresh_from_db()
    assert held.taken_at is None
    page = text(taker.get(reverse("handovers")))
    assert "盯住 PACS" in page
    taker.post(reverse("handover-take", args=[held.pk]), {"note": "收到"})
    held.refresh_from_db()
    assert isinstance(held.taken_at, datetime)


def test_nobody_hands_over_to_himself_or_to_the_client(desk: Desk) -> None:
    client = signed_in(desk.wang)
    for taker in (desk.wang, desk.gu):
        text(client.post(reverse("handovers"), {"taker": taker.pk, "text": "x"}), 422)
    assert not Handover.objects.exists()


def test_a_handover_waits_on_the_takers_work_page(desk: Desk) -> None:
    signed_in(desk.wang).post(reverse("handovers"), {"taker": desk.li.pk, "text": "盯住 PACS"})
    page = text(signed_in(desk.li).get(reverse("my-work")))
    assert "待您接班" in page
    Handover.objects.update(taken_at=timezone.now())
    assert "待您接班" not in text(signed_in(desk.li).get(reverse("my-work")))


def test_a_ticket_shows_what_was_learned_about_its_like(desk: Desk) -> None:
    client = signed_in(desk.wang)
    client.post(reverse("article-new"), article(title="PACS 调不出片子怎么办"))
    client.post(reverse("article-new"), article(title="打印机卡纸"))
    page = text(client.get(reverse("ticket", args=[desk.ticket.number])))
    assert "PACS 调不出片子怎么办" in page
    assert "打印机卡纸" not in page
    assert "写入知识库" not in page
    desk.ticket.state = "resolved"
    desk.ticket.save()
    assert "写入知识库" in text(client.get(reverse("ticket", args=[desk.ticket.number])))
