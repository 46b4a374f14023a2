"""The register's pages: lists, one thing, editing, files in and out, who may."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from jingwei.accounts.models import AuditEntry, User
from jingwei.assets import actions
from jingwei.assets.models import Endpoint, Target, Unit
from jingwei.assets.tables import writing
from jingwei.checks.models import Check, CheckState, Finding, StateChange
from jingwei.terms import Result

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
Asked = Callable[..., str]


@pytest.fixture(autouse=True)
def _static_folder(settings: Any) -> None:
    """`up` makes the folder of collected files; WhiteNoise warns where there is none."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def register(db: None, content_folder: Path) -> None:
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)


@pytest.fixture
def sign_in(db: None) -> Callable[[str], Client]:
    """A browser of somebody with that role."""

    def of(role: str) -> Client:
        user = User.objects.create_user(f"u-{role}", password="x" * 12, role=role)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.fixture
def engineer(sign_in: Callable[[str], Client], register: None) -> Client:
    return sign_in("first_line")


def page(client: Client, name: str, *args: str, code: int = 200, **asked: str) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == code, response.content.decode()[:500]
    return str(response.content.decode())


def listed(text: str) -> list[str]:
    """The keys of the rows of a list."""
    return re.findall(r'name="pick" value="([^"]+)"', text)


def checked(key: str, result: Result, label: str = "硬盘") -> Check:
    check = Check.objects.create(
        key=f"{key}:{label}", target=Target.objects.get(key=key), item="storage.disk",
        label=label, probe="snmp",
    )  # fmt: skip
    CheckState.objects.create(check_ref=check, result=result, reading="CTE0.3 预失效", since=NOW)
    return check


# ---- the list of units


def test_the_list_shows_twenty_of_172_in_the_tenders_order(engineer: Client) -> None:
    text = page(engineer, "units")
    assert "共 172 台，第 1 / 9 页" in text
    assert listed(text)[0] == "HW-001-1"
    assert len(listed(text)) == 20
    assert listed(page(engineer, "units", page="9"))[-1] == "HW-054-20"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"site": "SITE-2"}, 6),
        ({"kind": "ups"}, 4),
        ({"vendor": "华为"}, 10),
        ({"tender": "保内"}, 87),
        ({"warranty": "disagree"}, 64),
        ({"zone": "灾备"}, 6),
        ({"institution": "INST-H01"}, 3),
        ({"q": "wwfhq"}, 4),
        ({"state": "unchecked"}, 172),
        ({"state": "nonsense"}, 172),
    ],
)
def test_every_filter_is_in_the_url(engineer: Client, asked: dict[str, str], count: int) -> None:
    assert f"共 {count} 台" in page(engineer, "units", as_of="2022-11-01", **asked)


def test_a_filter_that_finds_nothing_shows_the_way_out(engineer: Client) -> None:
    text = page(engineer, "units", q="没有这种")
    assert "没有符合条件的设备" in text
    assert "查看全部" in text


def test_the_list_is_sorted_by_its_heads(engineer: Client) -> None:
    text = page(engineer, "units", sort="-code")
    assert listed(text)[0] == "HW-054-20"
    assert 'aria-sort="descending"' in text
    assert "sort=warranty" in text


def test_warranty_follows_the_as_of_date_and_says_where_it_disagrees(engineer: Client) -> None:
    then = page(engineer, "units", q="HW-034", as_of="2022-10-31")
    assert "◆</span>" not in then
    later = page(engineer, "units", q="HW-034", as_of="2022-11-01")
    assert "◆</span> 过保" in later
    assert "须与甲方确认" in later


def test_the_state_is_the_worst_of_the_checks_with_sign_and_word(engineer: Client) -> None:
    checked("HW-016-1", Result.NORMAL, "电源")
    checked("HW-016-1", Result.ABNORMAL)
    text = page(engineer, "units", q="HW-016")
    assert "state-abnormal" in text
    assert "✕" in text
    assert listed(page(engineer, "units", state="abnormal")) == ["HW-016-1"]
    assert "共 171 台" in page(engineer, "units", state="unchecked")


def test_a_unit_without_checks_is_never_normal(engineer: Client) -> None:
    text = page(engineer, "units", q="HW-020-1")
    assert "state-unchecked" in text
    assert "state-normal" not in text


def test_the_list_as_of_a_past_day_shows_the_state_of_that_day(engineer: Client) -> None:
    check = checked("HW-016-1", Result.NORMAL)
    for day, before, after in ((1, "unchecked", "abnormal"), (5, "abnormal", "normal")):
        StateChange.objects.create(
            check_ref=check, at=datetime(2022, 11, day, tzinfo=UTC), before=before, after=after
        )
    assert "state-abnormal" in page(engineer, "units", q="HW-016", as_of="2022-11-03")
    assert "state-normal" in page(engineer, "units", q="HW-016", as_of="2022-11-06")
    assert "state-unchecked" in page(engineer, "units", q="HW-016", as_of="2022-10-31")


def test_a_retired_unit_is_listed_only_when_asked(engineer: Client) -> None:
    actions.edit_unit("HW-020-1", {"valid_to": NOW.date()}, actor="t", now=NOW, reason="报废")
    assert listed(page(engineer, "units", q="HW-020-1")) == []
    assert listed(page(engineer, "units", q="HW-020-1", retired="1")) == ["HW-020-1"]
    assert "已停用" in page(engineer, "unit", "HW-020-1")


@pytest.mark.parametrize(
    ("name", "most"),
    [("units", 16), ("applications", 14), ("institutions", 10), ("rooms", 14), ("databases", 10)],
)
def test_lists_cost_few_queries_however_long(engineer: Client, name: str, most: int) -> None:
    page(engineer, name)
    with CaptureQueriesContext(connection) as asked:
        page(engineer, name)
    assert len(asked) <= most, [query["sql"][:120] for query in asked]


# ---- one unit


def test_a_units_page_shows_the_tenders_word_beside_the_derived_one(engineer: Client) -> None:
    text = page(engineer, "unit", "HW-034-1", as_of="2022-11-01")
    assert "招标文件状态" in text
    assert "推算保修（截至 2022-11-01）" in text
    assert "已过 1 天" in text
    assert "须与甲方确认" in text
    assert "未写日" in text


def test_a_units_page_shows_the_tenders_wording_verbatim(engineer: Client) -> None:
    assert r"外网服务器\n联想Lenovo-RD640" in page(engineer, "unit", "HW-009-1")


def test_a_units_page_shows_checks_findings_and_history(engineer: Client) -> None:
    check = checked("HW-016-1", Result.ABNORMAL)
    StateChange.objects.create(
        check_ref=check, at=NOW, before="normal", after="abnormal", reading="CTE0.3 预失效"
    )
    Finding.objects.create(
        check_ref=check, target=check.target, item="storage.disk", origin="check",
        result="abnormal", opened_at=NOW, reading="CTE0.3 预失效", threshold="正常",
    )  # fmt: skip
    text = page(engineer, "unit", "HW-016-1")
    assert "未恢复" in text
    assert "正常 → <b>异常</b>" in text
    assert text.count("CTE0.3 预失效") >= 3


def test_a_unit_without_checks_says_so(engineer: Client) -> None:
    assert "没有数据一律记为未检" in page(engineer, "unit", "HW-020-1")


def test_a_units_page_links_what_it_needs_and_what_needs_it(engineer: Client) -> None:
    text = page(engineer, "unit", "HW-005-1")
    assert "HW-003-1" in text
    assert "DB-01" in text
    assert "示例" in text


def test_a_server_on_one_pdu_is_marked(engineer: Client) -> None:
    assert "不足两个不同的 PDU" not in page(engineer, "unit", "HW-005-1")
    actions.edit_unit("HW-005-1", {"cords": ["A@1"]}, actor="t", now=NOW, reason="盘点")
    assert "不足两个不同的 PDU" in page(engineer, "unit", "HW-005-1")


def test_the_change_log_says_who_when_before_and_after(engineer: Client) -> None:
    actions.edit_unit("HW-016-1", {"serial": "SN-7"}, actor="wang", now=NOW, reason="现场核对")
    text = page(engineer, "unit", "HW-016-1")
    assert "wang" in text
    assert "2022-11-01 09:00:00" in text  # Beijing time
    assert "原因：现场核对" in text
    assert "序列号：<del>空</del> → <ins>SN-7</ins>" in text
    earlier = page(engineer, "unit", "HW-016-1", as_of="2022-10-31")
    assert "现场核对" not in earlier


def test_an_unknown_unit_is_404(engineer: Client) -> None:
    page(engineer, "unit", "HW-999-1", code=404)
    page(engineer, "application", "APP-99", code=404)
    page(engineer, "row-edit", "HW-999", code=404)


def test_text_from_the_register_is_escaped(engineer: Client) -> None:
    actions.edit_unit(
        "HW-016-1", {"location": "<script>alert(1)</script>"}, actor="t", now=NOW, reason="x"
    )
    assert "<script>alert(1)" not in page(engineer, "unit", "HW-016-1")
    assert "<script>alert(1)" not in page(engineer, "units", q="HW-016")


# ---- editing


def filled(text: str) -> dict[str, str]:
    """What a browser would send of a form as it was given."""
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and "checkbox" not in tag:
            values[name[1]] = value[1] if value else ""
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', text):
        values[name] = inner.strip("\n")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        values[name] = chosen[1] if chosen else ""
    return {n: v for n, v in values.items() if n not in {"language", "next", "csrfmiddlewaretoken"}}


def test_an_edit_changes_one_field_and_is_logged(engineer: Client) -> None:
    form = filled(page(engineer, "unit-edit", "HW-005-1"))
    form |= {"unit-serial": "SN-1", "unit-reason": "现场盘点"}
    response = engineer.post(reverse("unit-edit", args=["HW-005-1"]), form)
    assert response.status_code == 302
    assert Unit.objects.get(code="HW-005-1").serial == "SN-1"
    entry = AuditEntry.objects.get(kind="units", object_key="HW-005-1")
    assert entry.after == {"序列号": "SN-1"}
    assert (entry.actor, entry.reason, entry.address) == ("u-first_line", "现场盘点", "127.0.0.1")


def test_a_form_sent_twice_acts_once(engineer: Client) -> None:
    form = filled(page(engineer, "unit-edit", "HW-005-1"))
    form |= {"unit-serial": "SN-1", "unit-reason": "x"}
    for _ in range(2):
        assert engineer.post(reverse("unit-edit", args=["HW-005-1"]), form).status_code == 302
    assert AuditEntry.objects.filter(kind="units").count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit-reason": ""}, "请写明原因"),
        ({"unit-rack_u": "99"}, "只有 42U"),
        ({"unit-rack_u": "高"}, "应为 1 到 100 的整数"),
        ({"unit-valid_to": "昨天"}, "应为日期"),
        ({"unit-rack": ""}, "须同时填写机柜"),
        ({"unit-cords": "@市电"}, "应如 A01-PDU-A"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_is_saved(
    engineer: Client, change: dict[str, str], message: str
) -> None:
    form = filled(page(engineer, "unit-edit", "HW-005-1"))
    form |= {"unit-serial": "SN-1", "unit-reason": "x"} | change
    response = engineer.post(reverse("unit-edit", args=["HW-005-1"]), form)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert 'value="SN-1"' in response.content.decode()  # nothing typed is lost
    assert Unit.objects.get(code="HW-005-1").serial == ""


def test_a_row_gains_units_by_its_quantity(engineer: Client) -> None:
    form = filled(page(engineer, "row-edit", "HW-016"))
    response = engineer.post(
        reverse("row-edit", args=["HW-016"]), form | {"row-quantity": "2", "row-reason": "到货"}
    )
    assert response.status_code == 302
    assert Unit.objects.filter(row__code="HW-016").count() == 2
    form = filled(page(engineer, "row-edit", "HW-016"))
    refused = engineer.post(
        reverse("row-edit", args=["HW-016"]), form | {"row-quantity": "1", "row-reason": "x"}
    )
    assert "设备不删除" in refused.content.decode()


def test_an_application_is_edited(engineer: Client) -> None:
    form = filled(page(engineer, "application-edit", "APP-05"))
    form |= {"application-institutions": "INST-H01\nINST-H02", "application-reason": "甲方来函"}
    response = engineer.post(reverse("application-edit", args=["APP-05"]), form)
    assert response.status_code == 302
    text = page(engineer, "application", "APP-05")
    assert "2 家" in text
    assert "甲方来函" in text
    assert AuditEntry.objects.get(kind="applications").after == {
        "覆盖机构代码": "INST-H01;INST-H02"
    }


# ---- applications and places


def test_the_25_applications_stand_on_one_page(engineer: Client) -> None:
    text = page(engineer, "applications")
    assert len(listed(text)) == 25
    assert "未约定" in text  # the tender leaves coverage blank
    assert listed(page(engineer, "applications", q="pacs")) == ["APP-10", "APP-11"]
    checked("APP-10", Result.ATTENTION)
    assert listed(page(engineer, "applications", state="attention")) == ["APP-10"]
    assert "没有符合条件的应用" in page(engineer, "applications", q="没有这个")


def test_an_applications_page_shows_what_must_be_proved_and_whom_it_covers(
    engineer: Client,
) -> None:
    text = page(engineer, "application", "APP-04")
    assert "23家)均有高危筛查记录上传" in text
    assert "二级医院8家，社区服务中心15家" in text
    assert "列出 23 家机构" in text
    assert "示例二级医院01" in text


def test_places_are_listed(engineer: Client) -> None:
    assert "示例社区卫生服务中心16" in page(engineer, "institutions")
    assert "INST-H03" in page(engineer, "institutions", q="slejyy03")
    assert "没有符合条件的机构" in page(engineer, "institutions", q="zzz")
    text = page(engineer, "rooms")
    assert "永和路机房" in text
    assert "HW-005-1" in text
    assert "公卫库" in page(engineer, "databases")


def test_suspected_duplicates_are_shown_and_not_merged(engineer: Client) -> None:
    text = page(engineer, "duplicates")
    assert "HW-017" in text
    assert "HW-023" in text
    assert "不合并" in text


# ---- files


def sent(client: Client, data: bytes, name: str = "a.xlsx", **more: str) -> tuple[int, str]:
    file = io.BytesIO(data)
    file.name = name
    response = client.post(reverse("assets-import"), {"file": file, **more})
    return response.status_code, response.content.decode()


def token(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found
    return found[1]


SERIAL = ["设备号", "资产号", "序列号"]


def test_a_file_is_previewed_then_confirmed(engineer: Client) -> None:
    data = writing.to_xlsx("x", SERIAL, [["HW-005-1", "HW-005", "SN-1"]])
    code, text = sent(engineer, data, reason="盘点")
    assert code == 200
    assert "确认导入 1 条" in text
    assert "<ins>SN-1</ins>" in text
    assert Unit.objects.get(code="HW-005-1").serial == ""
    answer = engineer.post(reverse("assets-import-confirm"), {"token": token(text)})
    assert answer.status_code == 302
    assert Unit.objects.get(code="HW-005-1").serial == "SN-1"
    assert AuditEntry.objects.get(kind="units").reason == "盘点"
    again = engineer.post(reverse("assets-import-confirm"), {"token": token(text)})
    assert "预览已失效" in again.content.decode()


def test_bad_rows_are_listed_and_can_not_be_confirmed(engineer: Client) -> None:
    data = writing.to_csv([*SERIAL, "停用日期"], [["HW-005-1", "HW-005", "", "下周"]])
    code, text = sent(engineer, data, "a.csv")
    assert code == 422
    assert "应为日期，如 2022-11-01，现为“下周”" in text
    assert "没有写入" in text
    assert 'name="token"' not in text


def test_a_file_without_changes_says_so(engineer: Client) -> None:
    code, text = sent(engineer, writing.to_csv(SERIAL, [["HW-005-1", "HW-005", ""]]), "a.csv")
    assert code == 200
    assert "没有变化" in text
    assert 'name="token"' not in text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04broken", "已损坏"),
        (b"%PDF\x00", "只认 .xlsx 和 .csv"),
        (b"a,b\n1,2", "认不出表头"),
    ],
)
def test_an_unreadable_file_is_one_plain_sentence(
    engineer: Client, data: bytes, message: str
) -> None:
    code, text = sent(engineer, data)
    assert code == 422
    assert message in text


def test_no_file_is_told(engineer: Client) -> None:
    response = engineer.post(reverse("assets-import"), {})
    assert response.status_code == 422
    assert "请选择一个" in response.content.decode()


def test_a_preview_is_of_the_one_who_made_it(
    engineer: Client, sign_in: Callable[[str], Client]
) -> None:
    data = writing.to_xlsx("x", SERIAL, [["HW-005-1", "HW-005", "SN-1"]])
    _, text = sent(engineer, data)
    other = sign_in("manager")
    for wrong in (token(text), "forged"):
        answer = other.post(reverse("assets-import-confirm"), {"token": wrong})
        assert answer.status_code == 422
    assert Unit.objects.get(code="HW-005-1").serial == ""


def test_what_became_wrong_since_the_preview_is_not_written(engineer: Client) -> None:
    data = writing.to_xlsx("x", ["资产号", "数量"], [["HW-016", "2"]])
    _, text = sent(engineer, data)
    actions.edit_row("HW-016", {"quantity": 3}, actor="t", now=NOW, reason="到货")
    answer = engineer.post(reverse("assets-import-confirm"), {"token": token(text)})
    assert answer.status_code == 422
    assert "不能由 3 减为 2" in answer.content.decode()


def test_endpoints_need_the_right_to_edit_them(
    sign_in: Callable[[str], Client], register: None
) -> None:
    data = writing.to_xlsx(
        "x", ["对象", "协议", "地址", "端口"], [["HW-016-1", "snmp", "192.0.2.1", "161"]]
    )
    code, text = sent(sign_in("client_admin"), data)
    assert code == 422
    assert "不能修改接入端点" in text
    code, text = sent(sign_in("first_line"), data)
    assert code == 200
    assert not Endpoint.objects.exists()


def downloaded(response: Any) -> list[list[str | None]]:
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    return [[None if c is None else str(c) for c in row] for row in sheet.values]


def test_ticked_units_are_exported_and_can_be_imported_again(engineer: Client) -> None:
    response = engineer.get(
        reverse("assets-export"), {"table": "units", "pick": ["HW-005-1", "HW-016-1"]}
    )
    assert response.headers["Content-Type"].endswith("sheet")
    assert "filename" in response.headers["Content-Disposition"]
    rows = downloaded(response)
    assert [row[0] for row in rows] == ["设备号", "HW-005-1", "HW-016-1"]
    _, text = sent(engineer, response.content)
    assert "没有变化" in text


def test_what_the_filter_leaves_is_exported_in_its_order(engineer: Client) -> None:
    response = engineer.get(
        reverse("assets-export"), {"table": "units", "kind": "ups", "sort": "-code"}
    )
    assert [row[0] for row in downloaded(response)[1:]] == [
        "HW-004-1", "HW-003-2", "HW-003-1", "HW-002-1",
    ]  # fmt: skip
    found = engineer.get(reverse("assets-export"), {"table": "applications", "q": "pacs"})
    assert len(downloaded(found)) == 3


def test_a_csv_is_exported_with_bom(engineer: Client) -> None:
    response = engineer.get(reverse("assets-export"), {"table": "institutions", "format": "csv"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert len(response.content.decode("utf-8-sig").splitlines()) == 25


def test_nothing_to_export_says_so(engineer: Client) -> None:
    response = engineer.get(reverse("assets-export"), {"table": "units", "q": "zzz"}, follow=True)
    assert "没有可导出的记录" in response.content.decode()
    assert engineer.get(reverse("assets-export"), {"table": "cars"}).status_code == 422


# ---- who may


@pytest.mark.parametrize(
    ("role", "sees", "edits"),
    [
        ("first_line", True, True),
        ("client_approver", True, False),
        ("audit_admin", False, False),
        ("visitor", False, False),
    ],
)
def test_roles_decide_who_sees_and_who_edits(
    sign_in: Callable[[str], Client], register: None, role: str, sees: bool, edits: bool
) -> None:
    client = sign_in(role)
    for name in ("units", "applications", "institutions", "rooms", "databases", "assets-export"):
        assert (client.get(reverse(name)).status_code == 200) == sees, name
    for url in (reverse("unit-edit", args=["HW-005-1"]), reverse("assets-import")):
        assert (client.get(url).status_code == 200) == edits, url
    if sees:
        assert ("修改设备" in page(client, "unit", "HW-005-1")) == edits
        assert ("导入台账" in page(client, "units")) == edits


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_login() -> None:
    for name in ("units", "assets-import", "assets-export", "duplicates"):
        response = Client().get(reverse(name))
        assert response.status_code == 302
        assert reverse("login") in response.headers["Location"]
