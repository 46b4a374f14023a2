"""Spare parts and what makers announced: second-hand only on record, disks stay, serials known."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from desk_making import MORNING, client, go, incident, later, person
from desk_making import target as bare_target

from jingwei.accounts.models import User
from jingwei.accounts.queries import verify_chain
from jingwei.assets.models import AssetRow, Site, Target, Unit
from jingwei.desk import actions, queries
from jingwei.desk.actions import BadInputError, ForbiddenError, Part, StaleError
from jingwei.desk.models import (
    AppendOnlyError,
    EndOfService,
    Kind,
    Origin,
    SparePart,
    State,
    Ticket,
)

pytestmark = pytest.mark.django_db
TODAY = MORNING.date()


@pytest.fixture
def wang() -> User:
    """An engineer."""
    return person()


@pytest.fixture
def array() -> Target:
    """A storage array of the register."""
    return unit(16)


def unit(number: int, vendor: str = "Huawei", cn: str = "华为", model: str = "5500V3") -> Target:
    """A device with its row."""
    site, _ = Site.objects.get_or_create(code="SITE-1", defaults={"name": "永和路"})
    row = AssetRow.objects.create(
        code=f"HW-{number:03}", row_no=number, site=site, category="存储", name_raw="x",
        name="存储", purchase_raw="2017.05", purchase_month=date(2017, 5, 1), warranty_years=3,
        quantity=1, tender_status="过保", kind="storage", vendor=vendor, vendor_cn=cn, model=model,
    )  # fmt: skip
    one = Unit.objects.create(code=f"HW-{number:03}-1", row=row, number=1)
    return Target.objects.create(key=one.code, kind="storage", label="存储", unit=one, order=number)


def part(of: Target, **more: Any) -> Part:
    """A power supply."""
    whole = Part(
        target=of, name="电源", maker="华为", model="PAC1500", serial_out="OLD-1",
        serial_in="NEW-1", origin=Origin.GENUINE, fitted_at=MORNING,
    )  # fmt: skip
    return replace(whole, **more)


def fit(ticket: Ticket, what: Part, by: User) -> SparePart:
    """Fitted, written down five minutes later."""
    return actions.fit_part(ticket, what, by, later(5), version=ticket.version)


def announce(by: User, **more: Any) -> EndOfService:
    """What the maker said."""
    said: dict[str, Any] = {
        "maker": "华为", "model": "PAC1500", "production_ends": date(2019, 1, 1),
        "support_ends": date(2022, 11, 7), "source": "公告 2018-3", **more,
    }  # fmt: skip
    return actions.record_end_of_service(**said, by=by, now=MORNING)


def test_a_genuine_part_needs_no_announcement(wang: User, array: Target) -> None:
    ticket = incident(wang)
    fitted = fit(ticket, part(array), wang)
    assert (fitted.serial_in, fitted.end_of_service, fitted.target) == ("NEW-1", None, array)
    assert ticket.target_links.get().target == array, "the device is linked"
    assert verify_chain().intact


def test_second_hand_is_refused_while_the_maker_still_makes_it(wang: User, array: Target) -> None:
    with pytest.raises(BadInputError, match="没有登记 华为 PAC1500") as error:
        fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)
    assert error.value.field == "origin"
    assert not SparePart.objects.exists()


@pytest.mark.parametrize(
    "ends",
    [
        {"production_ends": None}, {"support_ends": None},
        {"production_ends": date(2022, 11, 8)}, {"support_ends": date(2022, 11, 8)},
    ],
)  # fmt: skip
def test_both_production_and_support_must_have_ended_by_the_day(
    wang: User, array: Target, ends: dict[str, Any]
) -> None:
    announce(wang, **ends)
    with pytest.raises(BadInputError, match="L704"):
        fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)


def test_on_the_very_day_both_have_ended_second_hand_is_allowed(wang: User, array: Target) -> None:
    row = announce(wang, maker="华为 ".strip(), model="pac1500")
    fitted = fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)
    assert fitted.end_of_service == row, "the ground for it is kept with the part"


def test_the_end_of_the_device_allows_it_too(wang: User, array: Target) -> None:
    row = announce(wang, maker="huawei", model="5500v3")
    fitted = fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)
    assert fitted.end_of_service == row


def test_the_end_of_another_device_does_not(wang: User, array: Target) -> None:
    announce(wang, maker="IBM", model="5500V3")
    with pytest.raises(BadInputError, match="L704"):
        fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)


def test_the_newest_announcement_counts(wang: User, array: Target) -> None:
    announce(wang)
    announce(wang, support_ends=date(2030, 1, 1), source="公告 2020-1：延长支持")
    with pytest.raises(BadInputError, match="L704"):
        fit(incident(wang), part(array, origin=Origin.SECOND_HAND), wang)


@pytest.mark.parametrize("kept", ["", "已返厂", "退回原厂商", "寄回华为", "工程师带走", "Returned"])
def test_a_disk_never_leaves(wang: User, array: Target, kept: str) -> None:
    with pytest.raises(BadInputError, match="不得离场") as error:
        fit(incident(wang), part(array, disk=True, disk_kept=kept), wang)
    assert error.value.field == "disk_kept"


@pytest.mark.parametrize("kept", ["甲方保险柜 3 号", "已消磁，销毁证明 XH-7"])
def test_a_disk_is_kept_or_destroyed_with_proof(wang: User, array: Target, kept: str) -> None:
    assert fit(incident(wang), part(array, disk=True, disk_kept=kept), wang).disk_kept == kept


@pytest.mark.parametrize("field", ["name", "maker", "model", "serial_out", "serial_in"])
@pytest.mark.parametrize("given", ["", "x" * 101, "a\0"])
def test_every_word_of_a_part_is_asked_for(
    wang: User, array: Target, field: str, given: str
) -> None:
    with pytest.raises(BadInputError) as error:
        fit(incident(wang), part(array, **{field: given}), wang)
    assert error.value.field == field


def test_one_serial_number_is_in_one_place(wang: User, array: Target) -> None:
    ticket = incident(wang)
    with pytest.raises(BadInputError, match="相同"):
        fit(ticket, part(array, serial_in="old-1"), wang)
    fit(ticket, part(array), wang)
    again = part(array, serial_out="OLD-2")
    with pytest.raises(BadInputError, match="尚未换下"):
        fit(ticket, again, wang)
    fit(ticket, part(array, serial_out="NEW-1", serial_in="NEW-2"), wang)
    fit(ticket, part(array, serial_out="OLD-2", serial_in="new-1"), wang)
    assert SparePart.objects.count() == 3, "what was taken out may be fitted elsewhere"


def test_a_part_goes_into_a_device_in_the_past_by_the_desk(wang: User, array: Target) -> None:
    ticket = incident(wang)
    with pytest.raises(BadInputError, match="不是设备"):
        fit(ticket, part(bare_target("ROOM-01")), wang)
    with pytest.raises(BadInputError, match="晚于当前时间"):
        fit(ticket, part(array, fitted_at=later(60)), wang)
    with pytest.raises(ForbiddenError):
        fit(ticket, part(array), client())
    with pytest.raises(StaleError):
        actions.fit_part(ticket, part(array), wang, later(5), version=99)


def test_a_part_is_never_changed_afterwards(wang: User, array: Target) -> None:
    fitted = fit(incident(wang), part(array), wang)
    fitted.serial_in = "OTHER"
    with pytest.raises(AppendOnlyError):
        fitted.save()
    assert list(queries.parts(TODAY, TODAY)) == [fitted]
    assert not queries.parts(date(2022, 11, 8), date(2023, 1, 1)).exists()


def test_an_announcement_names_its_source_and_at_least_one_end(wang: User) -> None:
    for wrong, field in (
        ({"source": " "}, "source"), ({"maker": ""}, "maker"), ({"model": "x" * 101}, "model"),
        ({"production_ends": None, "support_ends": None}, "support_ends"),
        ({"support_ends": date(1, 1, 1)}, "support_ends"),
        ({"production_ends": date(9999, 1, 1)}, "production_ends"),
    ):  # fmt: skip
        with pytest.raises(BadInputError) as error:
            announce(wang, **wrong)
        assert error.value.field == field
    with pytest.raises(ForbiddenError):
        announce(client())
    assert not EndOfService.objects.exists()


def test_the_list_has_one_row_a_model_and_says_what_is_near(wang: User, array: Target) -> None:
    announce(wang, model="5500V3")
    announce(wang, model="5500v3", support_ends=date(2023, 1, 7))
    announce(wang, model="旧型号", support_ends=date(2020, 1, 7))
    found = queries.announcements(TODAY)
    assert [(one.row.model, one.units, one.near, one.ended) for one in found] == [
        ("旧型号", 0, False, True), ("5500v3", 1, True, False),
    ]  # fmt: skip


def test_the_notice_lists_the_devices_in_use_and_the_client_confirms(
    wang: User, array: Target
) -> None:
    gone = unit(17)
    Unit.objects.filter(target=gone).update(valid_to=date(2022, 1, 1))
    unit(18, model="另一型号")
    ticket = actions.open_eos_notice(
        announce(wang, model="5500V3"), "无备件", "更换", wang, MORNING
    )
    assert ticket.kind == Kind.EOS_NOTICE
    assert [link.target for link in ticket.target_links.all()] == [array]
    assert ticket.form.values["units"] == "HW-016-1 存储"
    assert ticket.form.values["expires"] == "2022-11-07"
    for step in ("accept", "start"):
        go(ticket, step, wang)
    go(ticket, "resolve", wang, facts={"solution": "已送达"})
    with pytest.raises(ForbiddenError):
        go(ticket, "confirm", wang)
    go(ticket, "confirm", client())
    assert ticket.state == State.CONFIRMED


def test_a_notice_of_a_model_we_do_not_have_says_so(wang: User) -> None:
    ticket = actions.open_eos_notice(announce(wang), "无", "无", wang, MORNING)
    assert ticket.form.values["units"] == "登记里没有该厂商该型号的设备"


def test_a_spare_part_ticket_without_a_part_takes_a_reason(wang: User, array: Target) -> None:
    values: dict[str, object] = {
        "target": array.key, "fault": "电源告警", "part": "电源", "voucher": "CG-1", "stopped": "0",
        "fitted": "告警消除",
    }  # fmt: skip
    intake = actions.Intake(kind=Kind.SPARE_PART, title="换电源")
    ticket = actions.open_request("spare_part", values, intake, wang, MORNING)
    for step in ("accept", "start"):
        go(ticket, step, wang)
    with pytest.raises(BadInputError, match="没有登记更换的部件"):
        go(ticket, "resolve", wang, facts={"solution": "好了"})
    fit(ticket, part(array), wang)
    go(ticket, "resolve", wang, later(9), facts={"solution": "好了"})
    assert ticket.state == State.RESOLVED
