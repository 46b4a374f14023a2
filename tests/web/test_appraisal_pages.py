"""Pages of the appraisal: what each side sees, who may do what, and what a bad form says."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from web_making import SignIn, World

from jingwei.accounts.models import User
from jingwei.contract import actions, appraising
from jingwei.contract.appraising import Judged
from jingwei.contract.models import Appraisal, AppraisalStep, Contract
from jingwei.contract.queries import appraisal as room
from jingwei.reports import actions as reports
from jingwei.reports import kinds
from jingwei.reports.document import Table
from jingwei.reports.errors import ReportError
from jingwei.reports.snapshot import data_of, document_of
from jingwei.sla.measures.periods import add_months
from jingwei.terms import SHANGHAI
from jingwei.terms.obligation import Standing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.JINGWEI_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def first(world: World, settings: Any) -> date:
    """The first quarter of the contract is over since ten days: its first day."""
    Contract.objects.all().delete()
    start = add_months(world.today - timedelta(days=10), -3)
    actions.load(Path(settings.JINGWEI_CONTENT) / "contracts" / "jingan-2022", world.today)
    Contract.objects.update(period_start=start, period_end=add_months(start, 12))
    return start


@pytest.fixture
def draft(first: date, monkeypatch: pytest.MonkeyPatch, manager: Client) -> Appraisal:
    when = datetime(first.year, first.month, first.day, 9, tzinfo=SHANGHAI) + timedelta(days=3)
    late = (Standing.BREACHED, "到场超时 <b>", "ticket:T1", when)
    rows = [Judged("fault.outage.on-site", "故障响应", Standing.BREACHED, (late,))]
    monkeypatch.setattr(room, "judged", lambda contract, as_of: rows)
    manager.post(reverse("appraisal-propose"), {"first": first.isoformat()})
    return Appraisal.objects.get()


@pytest.fixture
def manager(sign_in: SignIn) -> Client:
    return sign_in("manager")


@pytest.fixture
def approver(sign_in: SignIn) -> Client:
    return sign_in("client_approver")


def text(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return str(response.content.decode())


def send(client: Client, name: str, held: Appraisal, **data: str) -> tuple[int, str]:
    response = client.post(reverse(name, args=[held.pk]), data, follow=True)
    return response.status_code, response.content.decode()


def issued(approver: Client, held: Appraisal) -> Appraisal:
    send(approver, "appraisal-issue", held, **{"line-1": "2.00"})
    return held


def test_the_list_offers_the_quarters_that_are_over(first: date, manager: Client) -> None:
    page = text(manager, "appraisals")
    assert "未起草" in page
    assert first.isoformat() in page
    assert page.count('name="first"') == 1


def test_without_a_contract_the_page_says_so(world: World, manager: Client) -> None:
    Contract.objects.all().delete()
    assert "合同" in text(manager, "appraisals")


def test_a_draft_has_proposals_and_no_score(draft: Appraisal, manager: Client) -> None:
    page = text(manager, "appraisal", draft.pk)
    assert "得分由甲方发布" in page
    assert "到场超时 &lt;b&gt;" in page
    assert "ticket:T1" in page
    assert "发布考核" not in page
    assert "甲方评定：" not in page


def test_the_client_issues_with_a_reason_for_each_change(
    draft: Appraisal, approver: Client
) -> None:
    assert "发布考核" in text(approver, "appraisal", draft.pk)
    code, page = send(approver, "appraisal-issue", draft, **{"line-1": "1", "text": "写好的说明"})
    assert code == 422
    assert "第 1 行改动的理由" in page
    assert "写好的说明" in page
    assert not AppraisalStep.objects.exists()
    code, page = send(
        approver, "appraisal-issue", draft, **{"line-1": "1", "why-1": "路况", "text": "好"}
    )
    assert code == 200
    assert "99.00 分（优秀）" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"line-1": "x"}, "输入"), ({"line-1": "26", "why-1": "x"}, "0 至 25"), ({}, "必填"),
        ({"line-1": "2", "own_points": "1"}, "请选择考核项"),
        ({"line-1": "2", "own_group": "people"}, "扣分应为"),
        ({"line-1": "2", "own_group": "people", "own_points": "1"}, "扣分理由"),
        ({"line-1": "2", "own_group": "people", "own_points": "1", "own_reason": "迟到"}, "证据"),
        ({"line-1": "2", "own_group": "<x>"}, "不是可用的选项"),
    ],
)  # fmt: skip
def test_a_bad_sheet_is_told_beside_its_field(
    draft: Appraisal, approver: Client, data: dict[str, str], said: str
) -> None:
    code, page = send(approver, "appraisal-issue", draft, **data)
    assert code == 422
    assert said in page or "这个字段是必填项" in page or "有效" in page
    assert not AppraisalStep.objects.exists()


def test_appeal_and_decision(draft: Appraisal, manager: Client, approver: Client) -> None:
    issued(approver, draft)
    code, page = send(manager, "appraisal-appeal", draft, text=" ")
    assert (code, "请填写申诉理由" in page) == (422, True)
    code, page = send(manager, "appraisal-appeal", draft, text="当日道路管制")
    assert (code, "申诉待裁定" in page) == (200, True)
    code, page = send(approver, "appraisal-decide", draft, **{"line-1": "2"})
    assert (code, "请填写裁定意见" in page) == (422, True)
    code, page = send(
        approver, "appraisal-decide", draft, **{"line-1": "0", "why-1": "属实", "text": "采纳"}
    )
    assert (code, "100.00 分" in page) == (200, True)


@pytest.mark.parametrize("role", ["manager", "first_line", "client_approver", "visitor"])
def test_each_side_does_its_own(draft: Appraisal, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    may = {
        "appraisal-issue": role == "client_approver", "appraisal-decide": role == "client_approver",
        "appraisal-appeal": role in {"manager", "first_line"},
    }  # fmt: skip
    for name, allowed in may.items():
        code = client.post(reverse(name, args=[draft.pk])).status_code
        assert (code != 403) is allowed, (role, name, code)
    seen = client.get(reverse("appraisal", args=[draft.pk])).status_code
    assert seen == (403 if role == "visitor" else 200)


@pytest.mark.parametrize("given", ["", "x", "0001-01-01", "9999-12-31", "2026-13-01"])
def test_a_quarter_there_is_not_is_told(first: date, manager: Client, given: str) -> None:
    response = manager.post(reverse("appraisal-propose"), {"first": given}, follow=True)
    assert response.status_code == 200
    assert [str(message) for message in response.context["messages"]]
    assert not Appraisal.objects.exists()


def test_an_old_draft_leads_to_the_newest(draft: Appraisal, manager: Client) -> None:
    manager.post(reverse("appraisal-propose"), {"first": draft.period_start.isoformat()})
    assert "查看最新一版 V2" in text(manager, "appraisal", draft.pk)


def test_the_sheet_is_printed_with_what_stood_then(
    draft: Appraisal, manager: Client, approver: Client
) -> None:
    manager.post(
        reverse("report-build-period"),
        {"kind": "appraisal", "period": draft.period_start.isoformat()},
    )
    user = User.objects.get(username="u-manager")
    subject = draft.period_start.isoformat()
    made = reports.build("appraisal", subject, user, timezone.now())
    assert made.version == 1  # the page made it already
    assert made.number == f"JAWS-KH-{subject.replace('-', '')}-01"
    _, facts = data_of(made)
    assert (facts.score, facts.state) == ("", "草案")
    assert all(part.lost is None for part in facts.parts)
    assert "建议" in kinds.of("appraisal").conclude(facts)[1]
    issued(approver, draft)
    again = reports.build("appraisal", subject, user, timezone.now())
    _, facts = data_of(again)
    assert (again.version, facts.score, facts.grade) == (2, "98", "优秀")
    tables = [block for block in document_of(again).blocks if isinstance(block, Table)]
    assert any("ticket:T1" in cell.text for t in tables for row in t.rows for cell in row.cells)
    contents = reports.contents_of(again)
    assert contents["pdf"].startswith(b"%PDF")
    assert contents["docx"].startswith(b"PK")


def test_a_quarter_without_a_draft_has_no_sheet(first: date) -> None:
    for subject, said in ((first.isoformat(), "还没有考核草案"), ("2026-Q1", "季度首日")):
        with pytest.raises(ReportError, match=said):
            kinds.of("appraisal").facts(subject, timezone.now())


def test_the_form_kept_with_a_draft_is_the_contents(draft: Appraisal) -> None:
    assert room.form_of(draft) == room.template_of(draft.contract)
    assert isinstance(room.form_of(draft), appraising.Template)
