"""Pages of the templates: who replaces them, what is refused, how reports then look."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from template_making import template, words_of
from web_making import SignIn, World

from jingwei.accounts.models import AuditEntry
from jingwei.reports import office, queries
from jingwei.reports.models import Report, ReportFile, ReportTemplate

pytestmark = pytest.mark.django_db
GOOD = template("甲方日检单 {{ 报告编号 }}", row=("{{ 行.专业 }}", "{{ 行.异常项 }}"))


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JINGWEI_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(office, "installed", lambda: "")


@pytest.fixture
def client_side(sign_in: SignIn) -> Client:
    return sign_in("client_approver")


@pytest.fixture
def draft(world: World, sign_in: SignIn) -> Report:
    sign_in("first_line").post(reverse("report-build"), {"date": world.today.isoformat()})
    return Report.objects.get()


def upload(client: Client, data: bytes, reason: str = "", name: str = "甲方模板.docx") -> Any:
    sent = {"file": SimpleUploadedFile(name, data), "reason": reason}
    return client.post(reverse("report-template", args=["daily"]), sent)


def text(response: Any) -> str:
    return str(response.content.decode())


def docx_of(client: Client, report: Report) -> bytes:
    answer = client.get(reverse("report-file", args=[report.pk, "docx"]))
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_before_the_first_report_the_page_says_what_to_do(
    world: World, client_side: Client
) -> None:
    page = text(client_side.get(reverse("report-template", args=["annual"])))
    assert "还没有生成过年度维护服务报告；请先生成一份" in page
    assert "核对并启用" not in page
    sample = client_side.get(reverse("report-template-sample", args=["annual"]))
    assert sample.status_code == 302
    refused = upload(client_side, GOOD)
    assert refused.status_code == 422
    assert "还没有生成过日检报告" in text(refused)


def test_the_client_replaces_a_template_and_the_draft_is_written_in_it(
    draft: Report, client_side: Client
) -> None:
    answer = upload(client_side, GOOD, "按区里统一样式")
    assert answer.status_code == 302
    held = queries.in_force("daily")
    assert held is not None
    assert (held.version, held.name, held.reason) == (1, "甲方模板.docx", "按区里统一样式")
    assert held.fields == ["报告编号", "日检汇总"]
    assert AuditEntry.objects.filter(action="report.template", object_key="daily V1").exists()
    said = words_of(docx_of(client_side, draft))
    assert said.strip().startswith(f"甲方日检单 {draft.number}")
    assert "甲方模板.docx" in text(client_side.get(reverse("report-templates")))
    back = client_side.get(reverse("report-template-version", args=[held.pk]))
    assert b"".join(back.streaming_content) == GOOD


def test_a_submitted_report_keeps_the_template_it_was_written_in(
    draft: Report, client_side: Client, sign_in: SignIn
) -> None:
    upload(client_side, GOOD)
    engineer = sign_in("first_line")
    engineer.post(reverse("report-submit", args=[draft.pk]))
    kept = ReportFile.objects.get(report=draft, format="docx")
    assert kept.template == queries.in_force("daily")
    assert ReportFile.objects.get(report=draft, format="pdf").template is None
    upload(client_side, template("另一版 {{ 报告编号 }}"))
    assert words_of(docx_of(client_side, draft)).strip().startswith("甲方日检单")
    assert queries.verify_all()[1] == []


def test_without_an_office_the_pdf_says_that_it_is_our_layout(
    draft: Report, client_side: Client
) -> None:
    from jingwei.reports.actions.producing import OWN_LAYOUT, produced  # noqa: PLC0415
    from jingwei.reports.snapshot import document_of  # noqa: PLC0415

    upload(client_side, GOOD)
    made, used = produced("daily", document_of(draft), ("pdf", "xlsx"))
    assert list(made) == ["pdf", "xlsx"]
    assert used == queries.in_force("daily")
    import io  # noqa: PLC0415

    from pypdf import PdfReader  # noqa: PLC0415

    first = PdfReader(io.BytesIO(made["pdf"])).pages[0].extract_text()
    assert OWN_LAYOUT[:12] in first.replace("\n", "")


def test_a_wrong_field_is_told_beside_the_file_and_nothing_is_stored(
    draft: Report, client_side: Client
) -> None:
    answer = upload(client_side, template("{{ 报告编码 }}"))
    assert answer.status_code == 422
    assert "没有字段“报告编码”；是不是“报告编号”" in text(answer)
    assert not ReportTemplate.objects.exists()
    missing = client_side.post(reverse("report-template", args=["daily"]), {"reason": "x"})
    assert missing.status_code == 422


def test_withdrawing_needs_a_reason_and_brings_our_layout_back(
    draft: Report, client_side: Client
) -> None:
    where = reverse("report-template-withdraw", args=["daily"])
    assert "没有在用的模板" in text(client_side.post(where, {"reason": "x"}, follow=True))
    upload(client_side, GOOD)
    assert "请写明停用原因" in text(client_side.post(where, {"reason": " "}, follow=True))
    assert "按平台版式编制" in text(client_side.post(where, {"reason": "改版"}, follow=True))
    assert queries.in_force("daily") is None
    assert [row.version for row in queries.templates("daily")] == [2, 1]
    assert "甲方日检单" not in words_of(docx_of(client_side, draft))
    gone = client_side.get(
        reverse("report-template-version", args=[queries.templates("daily")[0].pk])
    )
    assert gone.status_code == 404


@pytest.mark.parametrize("role", ["first_line", "second_line", "visitor"])
def test_who_may_not_replace_a_template_is_told_so(
    draft: Report, sign_in: SignIn, role: str
) -> None:
    person = sign_in(role)
    page = person.get(reverse("report-template", args=["daily"]))
    assert "核对并启用" not in text(page)
    answer = upload(person, GOOD)
    assert answer.status_code in (403, 422)
    withdraw = person.post(reverse("report-template-withdraw", args=["daily"]), {"reason": "x"})
    assert withdraw.status_code == 403
    assert not ReportTemplate.objects.exists()


def test_a_template_changed_on_the_disk_is_not_used_and_found_by_verify(
    draft: Report, client_side: Client, settings: Any
) -> None:
    upload(client_side, GOOD)
    held = queries.in_force("daily")
    assert held is not None
    (Path(settings.MEDIA_ROOT) / held.path).write_bytes(template("{{ 报告编号 }} 假"))
    (said,) = queries.verify_all()[1]
    assert "SHA-256 不符" in said
    page = client_side.get(reverse("report-file", args=[draft.pk, "docx"]), follow=True)
    assert "文件被改动，不予使用" in text(page)


def test_an_unknown_kind_has_no_page(world: World, client_side: Client) -> None:
    assert client_side.get(reverse("report-template", args=["weekly"])).status_code == 404
