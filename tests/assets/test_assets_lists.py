"""Finding units, applications and institutions; editing them; what may be the same twice."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingwei.accounts.models import AuditEntry
from jingwei.assets import actions, queries
from jingwei.assets.actions import RefusedError
from jingwei.assets.models import Application, Target, Unit
from jingwei.assets.pinyin import initials
from jingwei.assets.queries import ApplicationFilter, UnitFilter

NOW = datetime(2022, 11, 1, 1, 0, tzinfo=UTC)
AS_OF = date(2022, 11, 1)


def codes(as_of: date = AS_OF, **wanted: object) -> list[str]:
    return [unit.code for unit in queries.units(UnitFilter(**wanted), as_of)]  # type: ignore[arg-type]


def found(**wanted: object) -> list[str]:
    return [one.code for one in queries.applications(ApplicationFilter(**wanted), AS_OF)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("静安", "ja"),
        ("外网防火墙", "wwfhq"),
        ("H3C S5130S", "h3cs5130s"),
        ("", ""),
        ("（南片）", "np"),
    ],
)
def test_initials_are_what_people_type(text: str, letters: str) -> None:
    assert initials(text).split(" ")[0] == letters


def test_a_polyphone_is_found_under_both_readings() -> None:
    assert {"cq", "zq"} <= set(initials("重庆").split())


def test_initials_of_a_long_text_fit_their_column() -> None:
    assert len(initials("长重行乐" * 100)) <= 200


@pytest.mark.usefixtures("register")
def test_the_list_follows_the_tender() -> None:
    listed = codes()
    assert len(listed) == 172
    assert listed[:4] == ["HW-001-1", "HW-001-2", "HW-002-1", "HW-003-1"]
    assert codes(sort="-code")[0] == "HW-054-20"


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"site": "SITE-1"}, 119),
        ({"site": "SITE-2"}, 6),
        ({"kind": "server"}, 74),
        ({"kind": "firewall", "zone": "外网"}, 4),
        ({"vendor": "新华三"}, 16),
        ({"tender": "保内"}, 87),
        ({"warranty": "in"}, 23),
        ({"warranty": "out"}, 149),
        ({"warranty": "disagree"}, 64),
        ({"warranty": "soon"}, 2),
        ({"institution": "INST-H01"}, 3),
        ({"text": "HW-016"}, 1),
        ({"text": "深信服 态势"}, 17),
        ({"text": "oceanstor"}, 4),
        ({"text": "OCEANSTOR 5500"}, 1),
        ({"text": "没有这种设备"}, 0),
        ({"text": "100%_"}, 0),
        ({"codes": ["HW-001-1", "HW-002-1", "nonsense"]}, 2),
        ({"codes": []}, 0),
    ],
)
def test_filters_narrow_the_list(wanted: dict[str, object], count: int) -> None:
    assert len(codes(**wanted)) == count


@pytest.mark.usefixtures("register")
def test_pinyin_initials_find_names_uses_and_institutions() -> None:
    assert set(codes(text="gwsjk")) == {"HW-005-1", "HW-005-2"}  # 公卫数据库服务器
    assert "HW-025-1" in codes(text="WWFHQ")
    assert len(codes(text="slejyy01")) == 3  # 示例二级医院01


@pytest.mark.usefixtures("register")
def test_an_address_finds_its_unit() -> None:
    actions.save_endpoint("HW-016-1", "snmp", address="192.0.2.9", port=161, actor="t", now=NOW)
    assert codes(text="192.0.2.9") == ["HW-016-1"]


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    "sort",
    ["code", "name", "kind", "vendor", "site", "location", "tender", "serial", "warranty", "zzz"],
)
def test_every_sort_keeps_every_unit_both_ways(sort: str) -> None:
    assert sorted(codes(sort=sort)) == sorted(codes(sort=f"-{sort}")) == sorted(codes())


@pytest.mark.usefixtures("register")
def test_sorting_by_warranty_begins_with_what_lapsed_first() -> None:
    assert codes(sort="warranty")[0] == "HW-022-1"  # 2010.12 + 1 year
    latest = codes(sort="-warranty")[0]
    assert Unit.objects.get(code=latest).row.purchase_raw == "2020.11"


@pytest.mark.usefixtures("register")
def test_a_retired_unit_leaves_the_list_on_its_date() -> None:
    actions.edit_unit(
        "HW-005-1", {"valid_to": date(2022, 12, 1)}, actor="t", now=NOW, reason="报废"
    )
    assert "HW-005-1" in codes(date(2022, 11, 30))
    assert "HW-005-1" not in codes(date(2022, 12, 1))
    assert "HW-005-1" in codes(date(2022, 12, 1), retired=True)


@pytest.mark.usefixtures("register")
def test_a_page_of_units_costs_few_queries() -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for unit in queries.units(UnitFilter(warranty="out", text="h3c"), AS_OF)[:20]:
            assert unit.row.site.name
            assert unit.target.key
            assert str(unit.rack)
            assert [cord.pdu for cord in unit.cords.all()]
    assert len(asked) <= 3


@pytest.mark.usefixtures("register")
def test_the_filters_offer_what_occurs() -> None:
    offered = queries.choices()
    assert ("server", "服务器") in offered["kind"]
    assert ("other", "其他") not in offered["kind"]
    assert [word for _, word in offered["site"]] == ["永和路数据中心", "容灾备份", "区属医疗机构"]
    assert ("内外网边界", "内外网边界") in offered["zone"]
    assert len(offered["institution"]) == 24


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 25),
        ({"text": "pacs"}, 2),
        ({"text": "qypt"}, 4),
        ({"coverage": "jingan-south"}, 2),
        ({"core": "yes"}, 7),
        ({"institution": "INST-C16"}, 0),
        ({"codes": ["APP-01"]}, 1),
    ],
)
def test_applications_are_found(wanted: dict[str, object], count: int) -> None:
    if wanted.get("institution"):  # a southern community: whole district, south, 16 centres
        south = Application.objects.filter(coverage__in=("district-all", "jingan-south", "chc:16"))
        count = south.count()
    assert len(found(**wanted)) == count


@pytest.mark.usefixtures("register")
def test_applications_know_how_many_institutions_they_cover() -> None:
    listed = {one.code: one.covered for one in queries.applications(ApplicationFilter(), AS_OF)}  # type: ignore[attr-defined]
    assert (listed["APP-01"], listed["APP-04"], listed["APP-05"]) == (24, 23, 0)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("sort", ["code", "-code", "name", "-system", "coverage", "core", "zzz"])
def test_every_sort_of_applications_keeps_all(sort: str) -> None:
    assert len(found(sort=sort)) == 25


@pytest.mark.usefixtures("register")
def test_institutions_are_found_by_name_and_initials() -> None:
    assert len(queries.institutions(AS_OF)) == 24
    assert [one.code for one in queries.institutions(AS_OF, text="slejyy03")] == ["INST-H03"]
    assert len(queries.institutions(AS_OF, area="N", kind="chc")) == 8
    hospital = queries.institutions(AS_OF, text="INST-H01")[0]
    assert (hospital.unit_count, hospital.application_count) == (3, 18)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("register")
def test_rooms_show_their_racks_from_the_top_down() -> None:
    room = queries.rooms(AS_OF).get(code="ROOM-01")
    racks = {rack.name: [unit.rack_u for unit in rack.units.all()] for rack in room.racks.all()}
    assert "A01" in racks
    for places in racks.values():
        known = [place for place in places if place is not None]
        assert known == sorted(known, reverse=True)


@pytest.mark.usefixtures("register")
def test_databases_stand_on_their_hosts() -> None:
    assert [(one.code, one.host.code) for one in queries.databases(AS_OF) if one.host][:2] == [
        ("DB-01", "HW-005-1"),
        ("DB-02", "HW-006-1"),
    ]


@pytest.mark.usefixtures("register")
def test_only_rows_that_may_be_one_are_suspected() -> None:
    suspected = [one.keys for one in queries.suspected_duplicates()]
    assert suspected == [("HW-017", "HW-023")]  # 5/6 and 27/28 state different uses


@pytest.mark.usefixtures("register")
def test_the_same_serial_address_or_place_is_suspected_and_never_merged() -> None:
    for code in ("HW-005-1", "HW-005-2"):
        actions.edit_unit(code, {"serial": "SAME", "rack_u": 40}, actor="t", now=NOW, reason="盘点")
    for key in ("HW-016-1", "HW-037-1"):
        actions.save_endpoint(key, "snmp", address="192.0.2.9", port=161, actor="t", now=NOW)
    actions.save_endpoint("HW-016-1", "redfish", address="192.0.2.9", port=161, actor="t", now=NOW)
    suspected = {one.kind: one for one in queries.suspected_duplicates()}
    assert suspected["serial"].keys == ("HW-005-1", "HW-005-2")
    assert "SAME" in suspected["serial"].why
    assert "HW-037-1 snmp" in suspected["address"].keys
    assert suspected["place"].keys == ("HW-005-1", "HW-005-2")
    assert all(one.advice for one in suspected.values())
    assert Unit.objects.filter(serial="SAME").count() == 2


@pytest.mark.usefixtures("register")
def test_two_protocols_of_one_device_on_one_port_are_no_suspicion() -> None:
    for protocol in ("http", "tcp"):
        actions.save_endpoint(
            "HW-016-1", protocol, address="192.0.2.9", port=80, actor="t", now=NOW
        )
    assert [one for one in queries.suspected_duplicates() if one.kind == "address"] == []


@pytest.mark.usefixtures("register")
def test_an_edit_is_audited_with_before_after_and_reason() -> None:
    change = actions.edit_unit(
        "HW-016-1",
        {"serial": "2102350", "institution": "INST-H01"},
        actor="zhang",
        now=NOW,
        reason=" 现场核对 ",
        origin="10.0.0.8",
    )
    assert change is not None
    entry = AuditEntry.objects.get(kind="units", object_key="HW-016-1")
    assert (entry.actor, entry.reason, entry.address) == ("zhang", "现场核对", "10.0.0.8")
    assert entry.before == {"序列号": "", "机构代码": ""}
    assert entry.after == {"序列号": "2102350", "机构代码": "INST-H01"}


@pytest.mark.usefixtures("register")
def test_an_edit_that_changes_nothing_is_not_audited() -> None:
    before = AuditEntry.objects.count()
    assert actions.edit_unit("HW-016-1", {"serial": ""}, actor="t", now=NOW, reason="x") is None
    assert AuditEntry.objects.count() == before


@pytest.mark.usefixtures("register")
def test_an_edit_without_reason_or_of_nothing_known_is_refused() -> None:
    with pytest.raises(RefusedError, match="修改原因"):
        actions.edit_unit("HW-016-1", {"serial": "1"}, actor="t", now=NOW, reason=" ")
    with pytest.raises(RefusedError, match="登记里没有 HW-999-1"):
        actions.edit_unit("HW-999-1", {"serial": "1"}, actor="t", now=NOW, reason="x")


@pytest.mark.usefixtures("register")
def test_rows_and_applications_are_edited_the_same_way() -> None:
    actions.edit_row("HW-016", {"quantity": 2}, actor="t", now=NOW, reason="到货")
    assert Target.objects.filter(key="HW-016-2").exists()
    actions.edit_application(
        "APP-01", {"name": "区域平台", "valid_to": date(2023, 1, 1)}, actor="t", now=NOW, reason="x"
    )
    target = Target.objects.get(key="APP-01")
    assert (target.label, target.valid_to) == ("区域平台", date(2023, 1, 1))


@pytest.mark.usefixtures("register")
def test_one_unit_and_one_row_are_looked_up_or_missing() -> None:
    unit = queries.unit("HW-005-1")
    assert unit is not None
    assert unit.row.code == "HW-005"
    assert queries.unit("nope") is None
    assert queries.row_of("HW-005") is not None
    assert queries.row_of("nope") is None


def test_an_upload_is_kept_until_it_is_dropped(tmp_path: Path, settings: object) -> None:
    settings.JINGWEI_DATA = tmp_path  # type: ignore[attr-defined]
    digest = actions.keep_upload(b"data", NOW)
    assert actions.kept_upload(digest) == b"data"
    (tmp_path / "uploads" / digest).write_bytes(b"changed")
    assert actions.kept_upload(digest) is None
    actions.drop_upload(digest)
    assert actions.kept_upload(digest) is None
    assert actions.kept_upload("../../etc/passwd") is None
    actions.drop_upload("../../etc/passwd")


def test_an_old_upload_goes_with_the_next(tmp_path: Path, settings: object) -> None:
    import os  # noqa: PLC0415

    settings.JINGWEI_DATA = tmp_path  # type: ignore[attr-defined]
    old = actions.keep_upload(b"old", NOW)
    os.utime(tmp_path / "uploads" / old, (0, 0))
    actions.keep_upload(b"new", NOW)
    assert actions.kept_upload(old) is None
