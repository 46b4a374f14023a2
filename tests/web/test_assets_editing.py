"""The register's pages under a careless hand: bad input, odd addresses, other people's changes."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from jingwei.accounts.models import AuditEntry
from jingwei.accounts.roles import ALLOWED, May, Role
from jingwei.assets import actions, queries
from jingwei.assets.models import Application, AssetRow, Unit
from jingwei.assets.queries import ApplicationFilter, UnitFilter
from jingwei.assets.tables import writing

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
AS_OF = date(2022, 11, 1)
Asked = dict[str, Any]


@pytest.fixture
def register(db: None, content_folder: Path) -> None:
    actions.seed(content_folder / "contracts" / "jingan-2022", now=NOW)


@pytest.fixture
def signed_in(register: None, make_user: Callable[..., Any]) -> Callable[[str], Client]:
    def of(role: str) -> Client:
        client = Client()
        backend = "django.contrib.auth.backends.ModelBackend"
        client.force_login(make_user(role), backend=backend)
        return client

    return of


@pytest.fixture
def engineer(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("first_line")


def text_of(client: Client, name: str, *args: str, code: int = 200, **asked: Any) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == code, (name, asked)
    return str(response.content.decode())


def listed(text: str) -> list[str]:
    return re.findall(r'name="pick" value="([^"]+)"', text)


def form_of(client: Client, name: str, key: str) -> dict[str, str]:
    """What a browser sends of an untouched form."""
    form = client.get(reverse(name, args=[key])).context["form"]
    return {form[field].html_name: form[field].value() or "" for field in form.fields} | {
        f"{form.prefix}-reason": "核对"
    }


BAD_FORMS = [
    ("unit-edit", "HW-005-1", "unit", [
        ("serial", "长" * 101, "最多 100 个字，现有 101 个"),
        ("serial", "3.1E+17", "科学计数法"),
        ("rack_u", "0", "应为 1 到 100 的整数，现为 0"),
        ("rack_u", "1,5", "应为 1 到 100 的整数，现为“1,5”"),
        ("location", "a\x07b", "含有不可见的控制字符"),
        ("valid_to", "2022-02-30", "应为日期，如 2022-11-01"),
        ("cords", "A@" + "x" * 33, "应如 A01-PDU-A@HW-003-1"),
        ("institution", "INST-X", "INST-X"),
        ("reason", "长" * 301, "300"),
    ]),
    ("row-edit", "HW-005", "row", [
        ("name", "   ", "不能为空"),
        ("quantity", "", "不能为空"),
        ("quantity", "1", "不能由 2 减为 1"),
        ("quantity", "5001", "应为 1 到 5000 的整数"),
        ("purchase_raw", "  ", "不能为空"),
        ("purchase_raw", "2022.13", "应为年月，如 2018.04"),
        ("warranty_years", "三", "应为 0 到 50 的整数"),
        ("discharges_per_year", "13", "应为 0 到 12 的整数"),
        ("reason", " ", "请写明原因"),
    ]),
    ("application-edit", "APP-05", "application", [
        ("name", "", "不能为空"),
        ("institutions", "INST-H01\nINST-Z", "没有代码为 INST-Z 的机构"),
        ("core_basis", "长" * 201, "最多 200 个字"),
        ("valid_to", "月底", "应为日期"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "prefix", "bad"), BAD_FORMS)
def test_a_bad_field_is_told_and_nothing_of_the_form_is_saved(
    engineer: Client, name: str, key: str, prefix: str, bad: list[tuple[str, str, str]]
) -> None:
    good = form_of(engineer, name, key) | {f"{prefix}-notes": "已核"}
    entries = AuditEntry.objects.count()
    for field, value, message in bad:
        response = engineer.post(reverse(name, args=[key]), good | {f"{prefix}-{field}": value})
        text = response.content.decode()
        assert response.status_code == 422, (field, value)
        assert message in text, (field, value)
        assert "已核" in text  # what was typed elsewhere is still there
        assert f'id="id_{prefix}-{field}_error"' in text
    assert AuditEntry.objects.count() == entries
    for model in (Unit, AssetRow, Application):
        assert not model.objects.filter(notes="已核").exists()


@pytest.mark.parametrize(("name", "key", "prefix", "_"), BAD_FORMS)
def test_a_form_sent_untouched_changes_nothing(
    engineer: Client, name: str, key: str, prefix: str, _: Any
) -> None:
    entries = AuditEntry.objects.count()
    response = engineer.post(reverse(name, args=[key]), form_of(engineer, name, key), follow=True)
    assert "没有改动，未写入" in response.content.decode()
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_and_edits_what_its_line_allows(
    signed_in: Callable[[str], Client], role: Role
) -> None:
    client, may = signed_in(role.value), ALLOWED[role]
    for name, args, right in [
        ("units", [], May.SEE_ASSETS),
        ("unit", ["HW-005-1"], May.SEE_ASSETS),
        ("applications", [], May.SEE_ASSETS),
        ("application", ["APP-05"], May.SEE_ASSETS),
        ("institutions", [], May.SEE_ASSETS),
        ("rooms", [], May.SEE_ASSETS),
        ("databases", [], May.SEE_ASSETS),
        ("duplicates", [], May.SEE_ASSETS),
        ("assets-export", [], May.SEE_ASSETS),
        ("unit-edit", ["HW-005-1"], May.EDIT_ASSETS),
        ("row-edit", ["HW-005"], May.EDIT_ASSETS),
        ("application-edit", ["APP-05"], May.EDIT_ASSETS),
        ("assets-import", [], May.EDIT_ASSETS),
    ]:
        response = client.get(reverse(name, args=args))
        assert response.status_code == (200 if right in may else 403), name
        if right is May.EDIT_ASSETS and right not in may:
            posted = client.post(reverse(name, args=args), {"unit-serial": "X", "row-quantity": 9})
            assert posted.status_code == 403, name
    if May.EDIT_ASSETS not in may:
        assert client.post(reverse("assets-import-confirm"), {"token": "x"}).status_code == 403


COMBINED: list[Asked] = [
    {"kind": "server", "tender": "保内"},
    {"kind": "server", "warranty": "out", "site": "SITE-1"},
    {"vendor": "华为", "warranty": "disagree"},
    {"site": "SITE-3", "institution": "INST-H01", "tender": "过保"},
    {"text": "fhq", "zone": "外网"},
    {"kind": "ups", "site": "SITE-3"},
    {"kind": "nonsense"},
    {"warranty": "soon", "tender": "保内", "sort": "-warranty"},
]


@pytest.mark.parametrize("asked", COMBINED)
def test_filters_together_find_what_each_of_them_finds(engineer: Client, asked: Asked) -> None:
    """And the export of the same address has the same units in the same order."""
    each = [
        {u.code for u in queries.units(UnitFilter(**{name: value}), AS_OF)}
        for name, value in asked.items()
    ]
    wanted = set.intersection(*each)
    url: Asked = {("q" if name == "text" else name): value for name, value in asked.items()}
    url["as_of"] = "2022-11-01"
    text = text_of(engineer, "units", **url)
    assert (f"共 {len(wanted)} 台" in text) == bool(wanted)
    shown: list[str] = []
    for page in range(1, -(-len(wanted) // 20) + 1):
        shown += listed(text_of(engineer, "units", page=str(page), **url))
    assert set(shown) == wanted
    assert len(shown) == len(wanted)
    if wanted:
        got = engineer.get(reverse("assets-export"), {"table": "units", **url})
        sheet = load_workbook(io.BytesIO(got.content)).active
        assert sheet is not None
        assert [row[0] for row in sheet.values][1:] == shown


@pytest.mark.parametrize(
    "name", ["code", "name", "kind", "vendor", "location", "tender", "warranty"]
)
def test_each_head_sorts_both_ways_without_losing_or_repeating(engineer: Client, name: str) -> None:
    for sort in (name, f"-{name}"):
        pages = [text_of(engineer, "units", sort=sort, page=str(n)) for n in range(1, 10)]
        shown = [code for text in pages for code in listed(text)]
        assert len(shown) == len(set(shown)) == 172
        wanted = queries.units(UnitFilter(sort=sort), datetime.now(UTC).date())
        assert shown == [unit.code for unit in wanted]
        assert 'aria-sort="{}"'.format("descending" if sort[0] == "-" else "ascending") in pages[0]


@pytest.mark.parametrize(
    ("page", "number"),
    [("0", 9), ("-3", 9), ("10", 9), ("999999", 9), ("x", 1), ("", 1), ("2.5", 1)],
)
def test_a_page_beyond_the_end_is_the_last_and_nonsense_the_first(
    engineer: Client, page: str, number: int
) -> None:
    assert f"共 172 台，第 {number} / 9 页" in text_of(engineer, "units", page=page)


@pytest.mark.parametrize("as_of", ["yesterday", "2022-13-01", "2022-02-30", "01/11/2022"])
@pytest.mark.parametrize("name", ["units", "applications", "rooms", "assets-export"])
def test_a_day_that_is_none_is_told(engineer: Client, name: str, as_of: str) -> None:
    assert "应为 YYYY-MM-DD" in text_of(engineer, name, code=400, as_of=as_of)


def test_a_future_retirement_leaves_every_page_on_its_day(engineer: Client) -> None:
    values = {"valid_to": date(2022, 12, 1)}
    actions.edit_unit("HW-005-1", values, actor="t", now=NOW, reason="报废")
    values = {"valid_to": date(2022, 12, 1)}
    actions.edit_application("APP-05", values, actor="t", now=NOW, reason="下线")
    for as_of, there in (("2022-11-30", True), ("2022-12-01", False)):
        assert ("HW-005-1" in text_of(engineer, "rooms", as_of=as_of)) == there
        assert ("HW-005-1" in listed(text_of(engineer, "units", as_of=as_of))) == there
        assert ("APP-05" in listed(text_of(engineer, "applications", as_of=as_of))) == there
        assert ("已停用" in text_of(engineer, "unit", "HW-005-1", as_of=as_of)) != there


@pytest.mark.parametrize("sort", ["code", "name", "system", "coverage"])
def test_applications_sort_both_ways(engineer: Client, sort: str) -> None:
    for wanted in (sort, f"-{sort}"):
        shown = listed(text_of(engineer, "applications", sort=wanted))
        found = queries.applications(ApplicationFilter(sort=wanted), AS_OF)
        assert shown == [one.code for one in found]
        assert len(shown) == 25


def test_ticks_of_things_that_are_not_there_are_passed_over(engineer: Client) -> None:
    picks = ["HW-016-1", "HW-999-1", "'; DROP TABLE", "HW-005-1", "HW-016-1"]
    got = engineer.get(reverse("assets-export"), {"table": "units", "format": "csv", "pick": picks})
    lines = got.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["设备号", "HW-016-1", "HW-005-1"]


def test_an_exported_formula_can_not_run_in_a_spreadsheet(engineer: Client) -> None:
    values = {"notes": "=HYPERLINK(1)"}
    actions.edit_unit("HW-016-1", values, actor="t", now=NOW, reason="x")
    asked = {"table": "units", "format": "csv", "pick": "HW-016-1"}
    text = engineer.get(reverse("assets-export"), asked).content.decode("utf-8-sig")
    assert ",'=HYPERLINK(1)," in text
    assert ",=HYPERLINK" not in text


@pytest.mark.parametrize(
    "noise", [b"", b" \n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-1.7\x00"]
)
def test_any_wrong_upload_is_told_on_the_same_page(engineer: Client, noise: bytes) -> None:
    file = io.BytesIO(noise)
    file.name = "a.xlsx"
    response = engineer.post(reverse("assets-import"), {"file": file})
    assert response.status_code == 422
    assert 'name="file"' in response.content.decode()


def test_a_damaged_workbook_is_told_wherever_it_is_damaged(engineer: Client) -> None:
    good = writing.to_xlsx("x", ["设备号", "资产号", "序列号"], [["HW-005-1", "HW-005", "SN-1"]])
    for at in range(0, len(good), 211):
        file = io.BytesIO(good[:at] + b"\x00\xff" * 8 + good[at + 16 :])
        file.name = "a.xlsx"
        response = engineer.post(reverse("assets-import"), {"file": file})
        assert response.status_code in {200, 422}, at
    assert not Unit.objects.filter(serial="SN-1").exists()
