"""Writing rows of the hardware list. The number of a row's units always equals its quantity."""

from collections.abc import Mapping

from jingwei.assets.actions import targets
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import AssetRow, Site, Unit
from jingwei.assets.pinyin import initials
from jingwei.assets.tables.cells import Value, month_of

_SHOWN_BY_UNITS = {"name", "role", "kind", "row_no", "quantity"}
_LONGEST_KEY = 32
_NEW_UNIT = "序列号未知，须现场补"


def write(code: str, changes: dict[str, Value], existing: bool) -> None:
    """Creates or changes one row, and adds the units a raised quantity stands for.

    Raises RefusedError; lowering the quantity is refused because nothing is deleted here.
    """
    row = AssetRow.objects.get(code=code) if existing else AssetRow(code=code, quantity=0)
    values = dict(changes)
    if "site" in values:
        row.site = _site(str(values.pop("site")))
    if "row_no" in values and AssetRow.objects.filter(row_no=str(values["row_no"])).exists():
        raise RefusedError("清单行", f"清单行 {values['row_no']} 已被别的资产占用")
    if "purchase_raw" in values:
        row.purchase_month = month_of(str(values["purchase_raw"]))
    quantity = int(str(values.get("quantity", row.quantity)))
    if quantity < row.quantity:
        raise RefusedError(
            "数量",
            f"不能由 {row.quantity} 减为 {quantity}：设备不删除，请到对应设备填写“停用日期”",
        )
    for name, value in values.items():
        setattr(row, name, value)
    row.pinyin = initials(f"{row.name}{row.role}")
    row.save()
    _add_units(row)
    if existing and _SHOWN_BY_UNITS.intersection(changes):
        _refresh(row)


def named(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """The same with the site by its name, as the register shows it, where a file has its code."""
    site = Site.objects.filter(code=str(values.get("site", ""))).first()
    return values if site is None else {**values, "site": site.name}


def _site(text: str) -> Site:
    for site in Site.objects.all():
        if text in {site.code, site.name}:
            return site
    known = "、".join(f"{site.name}（{site.code}）" for site in Site.objects.all())
    raise RefusedError("站点", f"应为 {known} 之一，现为“{text}”")


def _add_units(row: AssetRow) -> None:
    have = row.units.count()
    if row.quantity > have and len(f"{row.code}-{row.quantity}") > _LONGEST_KEY:
        raise RefusedError(
            "资产号", f"加上“-{row.quantity}”作设备号会超过 {_LONGEST_KEY} 位，请改短"
        )
    for number in range(have + 1, row.quantity + 1):
        unit = Unit(code=f"{row.code}-{number}", row=row, number=number, notes=_NEW_UNIT)
        unit.pinyin = targets.unit_pinyin(unit, row)
        unit.save()
        targets.follow(targets.of_unit(unit, row))


def _refresh(row: AssetRow) -> None:
    for unit in row.units.select_related("institution"):
        unit.pinyin = targets.unit_pinyin(unit, row)
        unit.save(update_fields=["pinyin"])
        targets.follow(targets.of_unit(unit, row))
