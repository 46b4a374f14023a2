"""Writing units: what is known of one physical device."""

from jingwei.assets.actions import targets
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import Institution, PowerCord, Rack, Room, Unit
from jingwei.assets.tables.cells import Value

_PLAIN = ("serial", "location", "notes", "rack_u", "valid_to")


def write(code: str, changes: dict[str, Value], existing: bool) -> None:
    """Changes one unit. Raises RefusedError; units are made by raising their row's quantity."""
    if not existing:
        raise RefusedError(
            "设备号", f"登记里没有 {code}；要增加台数，请在硬件清单里提高该资产的“数量”"
        )
    if "row" in changes:
        raise RefusedError("资产号", "设备不能换到别的资产下；请停用这台，再在那边提高数量")
    unit = Unit.objects.select_related("row", "institution", "rack__room").get(code=code)
    for name in _PLAIN:
        if name in changes:
            setattr(unit, name, changes[name])
    if "institution" in changes:
        unit.institution = _institution(str(changes["institution"]))
    if "room" in changes or "rack" in changes:
        room = unit.rack.room.code if unit.rack else ""
        rack = unit.rack.name if unit.rack else ""
        unit.rack = _rack(str(changes.get("room", room)), str(changes.get("rack", rack)))
    _check_place(unit)
    unit.pinyin = targets.unit_pinyin(unit, unit.row)
    unit.save()
    if "cords" in changes:
        _cords(unit, changes["cords"])
    targets.follow(targets.of_unit(unit, unit.row))


def _institution(code: str) -> Institution | None:
    if not code:
        return None
    found = Institution.objects.filter(code=code).first()
    if found is None:
        raise RefusedError("机构代码", f"没有代码为 {code} 的机构；请先导入或核对机构清单")
    return found


def _rack(room_code: str, name: str) -> Rack | None:
    """The rack of that name in that room; a new name makes a new rack, a new room is refused."""
    if not room_code and not name:
        return None
    if not room_code:
        raise RefusedError("机房号", "填写机柜时须同时填写机房号")
    room = Room.objects.filter(code=room_code).first()
    if room is None:
        known = "、".join(Room.objects.values_list("code", flat=True))
        raise RefusedError("机房号", f"应为 {known} 之一，现为“{room_code}”")
    if not name:
        raise RefusedError("机柜", "填写机房号时须同时填写机柜")
    rack, _ = Rack.objects.get_or_create(room=room, name=name)
    return rack


def _check_place(unit: Unit) -> None:
    if unit.rack_u is None:
        return
    if unit.rack is None:
        raise RefusedError("起始 U 位", "填写 U 位时须同时填写机房号和机柜")
    if unit.rack_u > unit.rack.height:
        raise RefusedError(
            "起始 U 位", f"机柜 {unit.rack.name} 只有 {unit.rack.height}U，现为 {unit.rack_u}"
        )


def _cords(unit: Unit, wanted: Value) -> None:
    unit.cords.all().delete()
    cords = []
    for number, text in enumerate(wanted if isinstance(wanted, list) else [], start=1):
        pdu, _, feed = text.partition("@")
        pdu, feed = pdu.strip(), feed.strip()
        if not pdu or len(pdu) > 64 or len(feed) > 32:
            raise RefusedError(
                "电源线（PDU@供电路）", f"应如 A01-PDU-A@HW-003-1，几条用“;”隔开，现为“{text}”"
            )
        cords.append(PowerCord(unit=unit, number=number, pdu=pdu, feed=feed))
    PowerCord.objects.bulk_create(cords)
