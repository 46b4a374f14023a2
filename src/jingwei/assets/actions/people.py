"""Writing institutions and people."""

from datetime import date

from jingwei.assets.actions import targets
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import Institution, Person
from jingwei.assets.tables.cells import Value


def write_institution(code: str, changes: dict[str, Value], existing: bool) -> None:
    """Creates or changes one institution; its units are found under its new name."""
    found = Institution.objects.get(code=code) if existing else Institution(code=code)
    for name, value in changes.items():
        setattr(found, name, value)
    _in_order("启用日期", found.valid_from, "停用日期", found.valid_to)
    found.save()
    if existing and "name" in changes:
        for unit in found.units.select_related("row"):
            unit.institution = found
            unit.pinyin = targets.unit_pinyin(unit, unit.row)
            unit.save(update_fields=["pinyin"])


def write_person(name: str, changes: dict[str, Value], existing: bool) -> None:
    """Creates or changes one person."""
    person = Person.objects.filter(name=name).order_by("pk").first() if existing else None
    person = person or Person(name=name)
    for field, value in changes.items():
        setattr(person, field, value)
    _in_order("到岗日期", person.valid_from, "离岗日期", person.valid_to)
    person.save()


def _in_order(first: str, start: date | None, last: str, end: date | None) -> None:
    if start and end and end < start:
        raise RefusedError(last, f"不能早于{first} {start}，现为 {end}")
