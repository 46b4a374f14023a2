"""Pages of the reports: who sees what, what each button does, and where every number leads."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.checks.actions import Answer, write_answers
from jingwei.reports import actions, queries
from jingwei.reports.errors import ReportError
from jingwei.reports.fonts import FontsMissingError
from jingwei.reports.models import Report
from jingwei.terms import Result

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data_folder(settings: Any, tmp_path: Path) -> None:
    settings.JINGWEI_DATA = tmp_path


@pytest.fixture
def engineer(sign_in: SignIn) -> Client:
    return sign_in("first_line")


@pytest.fixture
def approver(sign_in: SignIn) -> Client:
    return sign_in("client_approver")


@pytest.fixture
def draft(world: World, engineer: Client) -> Report:
    engineer.post(reverse("report-build"), {"date": world.today.isoformat()})
    return Report.objects.get()


@pytest.fixture
def submitted(draft: Report, engineer: Client) -> Report:
    engineer.post(reverse("report-submit", args=[draft.pk]))
    draft.refresh_from_db()
    return draft


def html(client: Client, name: str, *args: object, **asked: str) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200, response.content.decode()[:800]
    return str(response.content.decode())


def told(client: Client, url: str, data: dict[str, str] | None = None) -> str:
    """The message a form's answer shows."""
    response = client.post(url, data or {}, follow=True)
    assert response.status_code == 200
    return "\n".join(str(message) for message in response.context["messages"])


def cool(world: World) -> None:
    """The room cools down, and the check says so."""
    answer = Answer("room.temperature", world.room.pk, Result.NORMAL, "24 ℃")
    write_answers(world.run, [answer], timezone.now())


def test_an_empty_list_says_what_to_do(engineer: Client) -> None:
    page = html(engineer, "reports")
    assert "还没有报告" in page
    assert "生成日检报告" in page


def test_building_leads_to_the_report(world: World, engineer: Client) -> None:
    response = engineer.post(reverse("report-build"), {"date": world.today.isoformat()})
    made = Report.objects.get()
    assert response.headers["Location"] == reverse("report", args=[made.pk])
    assert made.created_by == "u-first_line"
    assert made.number in html(engineer, "reports")


@pytest.mark.parametrize(
    ("given", "said"), [("", "请选择日期"), ("31/12", "无法识别"), ("2099-01-01", "还没有到")]
)
def test_a_bad_date_is_told_and_builds_nothing(
    world: World, engineer: Client, given: str, said: str
) -> None:
    assert said in told(engineer, reverse("report-build"), {"date": given})
    assert not Report.objects.exists()


def test_a_form_sent_twice_builds_once(world: World, engineer: Client) -> None:
    data = {"date": world.today.isoformat(), "once": "same-key"}
    engineer.post(reverse("report-build"), data)
    assert "已经提交过" in told(engineer, reverse("report-build"), data)
    assert Report.objects.count() == 1


def test_the_page_shows_the_thirteen_sections(draft: Report, engineer: Client) -> None:
    page = html(engineer, "report", draft.pk)
    titles = re.findall(r'<h2 id="s\d+">([^<]+)</h2>', page)
    assert len(titles) == 13
    assert titles[0] == "一、表头"
    assert titles[-1] == "十三、签名"
    assert "机房温度 29.4 ℃" in page
    assert "未采集（交换数据模块尚未接入）" in page
    assert draft.sha256 in page


def test_the_appendix_opens_when_asked(draft: Report, engineer: Client) -> None:
    assert "逐项明细</h2>" in html(engineer, "report", draft.pk)
    assert "每个检查对象一行" not in html(engineer, "report", draft.pk)
    assert "每个检查对象一行" in html(engineer, "report", draft.pk, appendix="1")


def test_every_number_opens_exactly_its_rows(draft: Report, engineer: Client) -> None:
    page = html(engineer, "report", draft.pk)
    table = page[page.index("日检汇总") : page.index("未检原因")]
    links = re.findall(r'<a href="([^"]+)" title="查看对应明细">(\d+)</a>', table)
    assert len(links) >= 8 * 9
    for url, number in links:
        rows = engineer.get(url.replace("&amp;", "&"))
        assert rows.status_code == 200
        if "result=" in url:  # the others count targets, or all that was planned
            assert rows.context["total"] == int(number)


def test_rows_lead_to_the_finding_and_the_board(
    draft: Report, world: World, engineer: Client
) -> None:
    page = html(engineer, "report-rows", draft.pk, section="room", result="abnormal")
    assert "机房检查 · 异常" in page
    assert "共 1 行" in page
    assert reverse("finding", args=[world.finding.pk]) in page
    assert f"date={world.today.isoformat()}" in page


def test_rows_stay_as_they_were_when_the_day_goes_on(
    draft: Report, world: World, engineer: Client
) -> None:
    cool(world)
    assert "29.4 ℃" in html(engineer, "report-rows", draft.pk, item="room.temperature")


def test_a_number_that_is_zero_opens_an_empty_list(draft: Report, engineer: Client) -> None:
    assert "没有对应的行" in html(engineer, "report-rows", draft.pk, section="log")


def test_a_draft_that_is_outdated_says_so(draft: Report, world: World, engineer: Client) -> None:
    assert "不是最新数据" not in html(engineer, "report-fresh", draft.pk)
    cool(world)
    assert "不是最新数据" in html(engineer, "report-fresh", draft.pk)
    engineer.post(reverse("report-build"), {"date": world.today.isoformat()})
    page = html(engineer, "report", Report.objects.get(version=2).pk)
    assert "ROOM-01 机房温度：异常 → 正常" in page
    assert "这是旧版本" in html(engineer, "report", draft.pk)


@pytest.mark.parametrize(("suffix", "magic"), [("docx", b"PK"), ("pdf", b"%PDF-1.7")])
def test_both_files_are_downloaded(
    draft: Report, engineer: Client, suffix: str, magic: bytes
) -> None:
    response = engineer.get(reverse("report-file", args=[draft.pk, suffix]))
    assert response.content.startswith(magic)
    assert f'filename="{draft.number}-V1.{suffix}"' in response.headers["Content-Disposition"]


def test_another_format_is_not_found(draft: Report, engineer: Client) -> None:
    assert engineer.get(reverse("report-file", args=[draft.pk, "odt"])).status_code == 404
    assert engineer.get(reverse("report", args=[999])).status_code == 404


def test_a_machine_without_fonts_is_told_on_the_page(
    draft: Report, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*args: object, **more: object) -> None:
        raise FontsMissingError("本机没有可用的中文字体")

    monkeypatch.setattr(actions, "contents_of", none)
    response = engineer.get(reverse("report-file", args=[draft.pk, "pdf"]), follow=True)
    assert "本机没有可用的中文字体" in response.content.decode()


def test_submitting_and_signing_by_the_page(
    draft: Report, engineer: Client, approver: Client
) -> None:
    assert "签收</button>" not in html(approver, "report", draft.pk)
    assert "已提交" in told(engineer, reverse("report-submit", args=[draft.pk]))
    assert "签收</button>" not in html(engineer, "report", draft.pk)
    assert "签收</button>" in html(approver, "report", draft.pk)
    assert "已签收" in told(approver, reverse("report-sign", args=[draft.pk]), {"opinion": "同意"})
    page = html(engineer, "report", draft.pk)
    assert "与定稿文件未被改动" in page
    assert "提交</button>" not in page
    assert queries.report(draft.pk).state == "signed"


def test_returning_needs_a_reason(submitted: Report, approver: Client, engineer: Client) -> None:
    url = reverse("report-return", args=[submitted.pk])
    assert "请写明退回的原因" in told(approver, url, {"opinion": " "})
    assert "已退回" in told(approver, url, {"opinion": "缺复核人"})
    assert "缺复核人" in html(engineer, "report", submitted.pk)


def test_a_new_version_asks_why(submitted: Report, engineer: Client) -> None:
    url = reverse("report-new-version", args=[submitted.pk])
    assert "请写明出新版本的原因" in told(engineer, url)
    engineer.post(url, {"reason": "补录签到"})
    second = Report.objects.get(version=2)
    assert second.reason == "补录签到"
    assert "补录签到" in html(engineer, "report", second.pk)


def test_building_after_submission_shows_the_frozen_report(
    submitted: Report, world: World, engineer: Client
) -> None:
    cool(world)
    said = told(engineer, reverse("report-build"), {"date": world.today.isoformat()})
    assert "不再改动" in said
    assert Report.objects.count() == 1


def test_a_changed_file_is_shown_as_changed(submitted: Report, engineer: Client) -> None:
    (queries.folder() / f"{submitted.number}-V1.pdf").write_bytes(b"%PDF")
    assert "文件被改动" in html(engineer, "report", submitted.pk)


POSTS = ("report-submit", "report-sign", "report-return", "report-new-version")
MAY = {
    "first_line": {"report-submit", "report-new-version"},
    "manager": {"report-submit", "report-new-version"},
    "second_line": {"report-new-version"},
    "client_approver": {"report-sign", "report-return"},
    "client_admin": {"report-sign", "report-return"},
    "security_admin": set(),
    "audit_admin": set(),
    "visitor": set(),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_may_do_its_own_part(role: str, draft: Report, sign_in: SignIn) -> None:
    client = sign_in(role)
    for name in POSTS:
        code = client.post(reverse(name, args=[draft.pk])).status_code
        assert (code != 403) is (name in MAY[role]), f"{role} {name} {code}"
    build = client.post(reverse("report-build"), {"date": ""}).status_code
    assert (build != 403) is (role in {"first_line", "manager", "second_line"})


@pytest.mark.parametrize(
    ("role", "code"), [("visitor", 403), ("audit_admin", 403), ("manager", 200)]
)
def test_not_everybody_reads_reports(role: str, code: int, draft: Report, sign_in: SignIn) -> None:
    client = sign_in(role)
    for name in ("report", "report-rows", "report-fresh"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == code
    assert client.get(reverse("reports")).status_code == code
    assert client.get(reverse("report-file", args=[draft.pk, "pdf"])).status_code == code


def test_a_stranger_is_sent_to_the_login(draft: Report) -> None:
    response = Client().get(reverse("report", args=[draft.pk]))
    assert response.status_code == 302
    assert reverse("login") in response.headers["Location"]


def test_reading_changes_nothing_and_writing_needs_a_post(draft: Report, engineer: Client) -> None:
    for name in POSTS:
        assert engineer.get(reverse(name, args=[draft.pk])).status_code == 405
    assert engineer.get(reverse("report-build")).status_code == 405


def test_the_list_filters(draft: Report, world: World, engineer: Client) -> None:
    today, before = world.today.isoformat(), (world.today - timedelta(days=1)).isoformat()
    assert draft.number in html(engineer, "reports", date=today)
    assert "该日尚未生成日检报告" in html(engineer, "reports", date=before)
    assert draft.number not in html(engineer, "reports", state="signed")
    assert draft.number in html(engineer, "reports", q="JAWS-RJ")
    assert draft.number not in html(engineer, "reports", to=before)
    assert "无法识别" in html(engineer, "reports", **{"from": "yesterday"})


def test_the_list_as_of_an_earlier_day_does_not_know_later_ones(
    draft: Report, world: World, engineer: Client
) -> None:
    before = (world.today - timedelta(days=1)).isoformat()
    assert draft.number not in html(engineer, "reports", as_of=before)


def test_old_versions_are_listed_when_asked(submitted: Report, engineer: Client) -> None:
    user = User.objects.get(username="u-first_line")
    actions.new_version(submitted, "更正", user, submitted.created_at)
    assert html(engineer, "reports").count(f">{submitted.number}<") == 1
    assert html(engineer, "reports", all="1").count(f">{submitted.number}<") == 2


def test_an_error_of_the_room_is_a_message_and_not_a_crash(
    draft: Report, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise ReportError("写不了文件夹：设备上没有空间")

    monkeypatch.setattr(actions, "submit", full)
    assert "没有空间" in told(engineer, reverse("report-submit", args=[draft.pk]))


def test_markup_in_a_reading_is_shown_as_text(world: World, engineer: Client) -> None:
    write_answers(
        world.run, [Answer("room.temperature", world.room.pk, Result.ABNORMAL, "<b>29</b>")],
        world.run.finished_at,
    )  # fmt: skip
    engineer.post(reverse("report-build"), {"date": world.today.isoformat()})
    page = html(engineer, "report", Report.objects.get().pk)
    assert "&lt;b&gt;29&lt;/b&gt;" in page
    assert "<b>29</b>" not in page


def test_the_page_has_no_inline_script_or_style(draft: Report, engineer: Client) -> None:
    page = html(engineer, "report", draft.pk)
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert " onclick=" not in page
